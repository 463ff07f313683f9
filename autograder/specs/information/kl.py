"""Kullback-Leibler divergence: the extra length paid for using the code of the wrong
distribution.
"""

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor
from torch.nn import functional

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(p: Tensor, q: Tensor, base: float = 2.0) -> Tensor:
    """Kullback and Leibler (1951), eq. 2.4; conventions of Cover and Thomas (2006), section 2.3."""
    ratio = torch.where(p > 0, p, 1.0) / torch.where(p > 0, q, 1.0)  # inf where q = 0 < p
    terms = torch.where(p > 0, p * ratio.log(), 0.0)
    return terms.sum(-1) / torch.log(torch.tensor(base, dtype=p.dtype))


def with_kl_div(p: Tensor, q: Tensor, base: float = 2.0) -> Tensor:
    return (
        functional.kl_div(q.log(), p, reduction="none").nan_to_num(0.0, posinf=torch.inf).sum(-1)
        / torch.tensor(base).log()
    )


def with_xlogy(p: Tensor, q: Tensor, base: float = 2.0) -> Tensor:
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(-1) / torch.tensor(base).log()


def cross_entropy_less_entropy(p: Tensor, q: Tensor, base: float = 2.0) -> Tensor:
    cross = -torch.xlogy(p, q).sum(-1)
    return (cross - torch.special.entr(p).sum(-1)) / torch.tensor(base).log()


def outcome_by_outcome(p: Tensor, q: Tensor, base: float = 2.0) -> Tensor:
    if p.dim() > 1:
        return torch.stack([outcome_by_outcome(*pair, base) for pair in zip(p, q, strict=True)])
    total = 0.0
    for x, y in zip(p.tolist(), q.tolist(), strict=True):
        if x > 0:
            total += x * math.log(x / y, base) if y > 0 else math.inf
    return torch.tensor(total, dtype=p.dtype)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def reverses_the_arguments(p, q, base=2.0):
    """You measured from q to p. Which distribution do the outcomes come from, and which one weighs
    your terms?
    """
    return reference(q, p, base)


def swaps_the_arguments_of_kl_div(p, q, base=2.0):
    """You measured from q to p. In which order does `torch.nn.functional.kl_div` take its two
    arguments, and which of them as a logarithm?
    """
    return functional.kl_div(p.log(), q, reduction="none").sum(-1) / math.log(base)


def gives_kl_div_probabilities(p, q, base=2.0):
    """The divergence of a distribution from itself is 0, and yours is not. What does
    `torch.nn.functional.kl_div` expect its first argument to be?
    """
    return functional.kl_div(q, p, reduction="none").sum(-1) / math.log(base)


def trusts_the_default_of_kl_div(p, q, base=2.0):
    """How many numbers should come back for three pairs? What does `torch.nn.functional.kl_div` do
    with its terms unless it is told otherwise?
    """
    return functional.kl_div(q.log(), p, reduction="none").mean() / math.log(base)


def averages_the_outcomes(p, q, base=2.0):
    """The sum over outcomes is weighted by p already. What does dividing by their number do to
    it?
    """
    return reference(p, q, base) / p.shape[-1]


def hides_infinity(p, q, base=2.0):
    """How long is the code word of an outcome that q calls impossible? Your answer there is
    finite; why?
    """
    return (p * ((p + 1e-12) / (q + 1e-12)).log()).sum(-1) / torch.tensor(base).log()


def takes_absolute_values(p, q, base=2.0):
    """A single term may be negative; only the sum may not. What did you do to each term?"""
    terms = torch.where(p > 0, p * (p / torch.where(p > 0, q, 1.0)).log(), 0.0)
    return terms.abs().sum(-1) / torch.tensor(base).log()


def reverses_a_first_draft(p, q, base=2.0):
    """You measured from q to p. Which distribution do the outcomes come from, and which one weighs
    your terms? Then look at your terms where a probability is 0.
    """
    return (q * (q / p).log()).sum(-1) / math.log(base)


def takes_log_of_zero(p, q, base=2.0):
    """An outcome with p = 0 costs nothing, whatever q says. What is 0 times minus infinity in
    floating point?
    """
    return (p * (p / q).log()).sum(-1) / torch.tensor(base).log()


def divides_zero_by_zero(p, q, base=2.0):
    """Your zeros are well treated, until p and q are 0 together. What is p / q there?"""
    return torch.xlogy(p, p / q).sum(-1) / math.log(base)


def replaces_infinity_too(p, q, base=2.0):
    """Where the divergence is infinite, you return the largest number that fits the dtype. What
    does `nan_to_num` do to values that are not nan?
    """
    return (p * (p / q).log()).nan_to_num(0.0).sum(-1) / math.log(base)


def drops_what_q_calls_impossible(p, q, base=2.0):
    """An outcome that q calls impossible does happen, if p says so. Is it free of cost, or has it
    no code word at all?
    """
    both = (p > 0) & (q > 0)
    ratio = torch.where(both, p, 1.0) / torch.where(both, q, 1.0)
    return (p * ratio.log()).sum(-1) / math.log(base)


def answers_in_nats(p, q, base=2.0):
    """Where bits are asked for, you return 0.693 times the right number. What is `base` for?"""
    return reference(p, q, math.e)


def answers_in_bits(p, q, base=2.0):
    """Your bits are right. What should change when the same pair is asked for with another
    `base`?
    """
    return reference(p, q, 2.0)


def forgets_the_entropy(p, q, base=2.0):
    """What is the divergence of a distribution from itself? Yours is the whole length of the code.
    How much of it would be paid with the right code, too?
    """
    return -torch.xlogy(p, q).sum(-1) / torch.tensor(base).log()


def sums_the_whole_batch(p, q, base=2.0):
    """Each row is a pair of distributions of its own. How many numbers should come back for three
    rows?
    """
    return reference(p, q, base).sum()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    fair, biased = torch.tensor([0.5, 0.5]), torch.tensor([0.9, 0.1])
    yield Case("a fair coin coded as a biased one", {"p": fair, "q": biased})
    p, q = draw(rng, 5), draw(rng, 5)
    yield Case("two distributions over five outcomes", {"p": p, "q": q})
    yield Case("the same, in nats", {"p": p, "q": q, "base": math.e})
    yield Case("the same, in decimal digits", {"p": p, "q": q, "base": 10.0})
    yield Case("a distribution and itself", {"p": p, "q": p.clone()})
    yield Case(
        "an outcome that never happens",
        {"p": torch.tensor([0.0, 0.25, 0.75]), "q": torch.tensor([0.2, 0.3, 0.5])},
        aspect="zeros",
    )
    yield Case(
        "both give an outcome probability zero",
        {"p": torch.tensor([0.0, 0.4, 0.6]), "q": torch.tensor([0.0, 0.5, 0.5])},
        aspect="zeros",
    )
    yield Case(
        "q calls impossible what happens",
        {"p": torch.tensor([0.5, 0.5, 0.0]), "q": torch.tensor([1.0, 0.0, 0.0])},
        aspect="zeros",
    )
    yield Case(
        "q calls impossible what happens, in nats",
        {"p": torch.tensor([0.3, 0.7]), "q": torch.tensor([0.0, 1.0]), "base": math.e},
        aspect="zeros",
    )
    p = draw(rng, 4) * torch.tensor([1.0, 0.0, 1.0, 1.0])
    yield Case(
        "the second of four outcomes never happens",
        {"p": p / p.sum(), "q": draw(rng, 4)},
        aspect="zeros",
    )
    yield Case("three pairs at once", {"p": draw(rng, 3, 4), "q": draw(rng, 3, 4)})
    yield Case("a batch of one pair", {"p": draw(rng, 1, 4), "q": draw(rng, 1, 4)})
    yield Case("transposed batches", {"p": columns(rng, 5, 2).T, "q": columns(rng, 5, 2).T})
    yield Case("one outcome", {"p": torch.tensor([1.0]), "q": torch.tensor([1.0])})
    yield Case(
        "q all but rules out what happens",  # no rarer: torch's Categorical clamps below 1.2e-7
        {"p": torch.tensor([0.5, 0.5]), "q": torch.tensor([1.0, 1e-6])},
    )
    yield Case(
        "a hundred outcomes in float64",
        {"p": draw(rng, 100).double(), "q": draw(rng, 100).double()},
    )


def draw(rng: Generator, *shape: int) -> Tensor:
    """Return random distributions along the last axis, no outcome rarer than about 1 in 40."""
    weights = torch.rand(shape, generator=rng) + 0.1
    return weights / weights.sum(-1, keepdim=True)


def columns(rng: Generator, *shape: int) -> Tensor:
    """Return random distributions along the first of two axes."""
    weights = torch.rand(shape, generator=rng) + 0.1
    return weights / weights.sum(0)


exercise = Exercise(
    id="kl",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-4, atol=1e-5, because="float32 sums of at most a hundred terms that partly cancel"
    ),
    drive=call_once(),
    also_right=(with_kl_div, with_xlogy, cross_entropy_less_entropy, outcome_by_outcome),
    misconceptions=(
        reverses_the_arguments,
        reverses_a_first_draft,
        swaps_the_arguments_of_kl_div,
        gives_kl_div_probabilities,
        trusts_the_default_of_kl_div,
        averages_the_outcomes,
        hides_infinity,
        takes_absolute_values,
        takes_log_of_zero,
        divides_zero_by_zero,
        replaces_infinity_too,
        drops_what_q_calls_impossible,
        answers_in_nats,
        answers_in_bits,
        forgets_the_entropy,
        sums_the_whole_batch,
    ),
    credit={"values": 2 / 3, "zeros": 1 / 3},
)
