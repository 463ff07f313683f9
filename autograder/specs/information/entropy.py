"""Entropy: the mean surprise of a distribution, in a unit of your choice."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(p: Tensor, base: float = 2.0) -> Tensor:
    """Shannon (1948), section 6; Cover and Thomas (2006), eq. 2.1, with 0 log 0 = 0."""
    surprise = torch.where(p > 0, -torch.log(torch.where(p > 0, p, 1.0)), 0.0)
    return (p * surprise).sum(-1) / torch.log(torch.tensor(base, dtype=p.dtype))


def with_xlogy(p: Tensor, base: float = 2.0) -> Tensor:
    return -torch.xlogy(p, p).sum(-1) / torch.tensor(base).log()


def with_entr(p: Tensor, base: float = 2.0) -> Tensor:
    return torch.special.entr(p).sum(-1) / torch.tensor(base, dtype=p.dtype).log()


def with_nan_to_num(p: Tensor, base: float = 2.0) -> Tensor:
    return (-p * p.log()).nan_to_num(0.0).sum(dim=-1) / torch.tensor(base).log()


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def takes_log_of_zero(p, base=2.0):
    """An outcome that never happens surprises nobody. What is 0 times the logarithm of 0 in
    floating point?
    """
    return -(p * p.log()).sum(-1) / torch.tensor(base).log()


def answers_in_nats(p, base=2.0):
    """A fair coin has one bit of entropy. How much does your function give it, and what is `base`
    for?
    """
    return torch.special.entr(p).sum(-1)


def counts_bytes(p, base=2.0):
    """Your results are 8 times too small. Is the shortest code for one fair coin flip counted in
    bytes?
    """
    return torch.special.entr(p).sum(-1) / torch.tensor(base).log() / 8


def averages_the_outcomes(p, base=2.0):
    """Likely outcomes should weigh more than unlikely ones. Who does the weighing: p, or the
    number of outcomes?
    """
    return torch.special.entr(p).mean(-1) / torch.tensor(base).log()


def sums_the_whole_batch(p, base=2.0):
    """Each row is a distribution of its own. How many numbers should come back for three rows?"""
    return torch.special.entr(p).sum() / torch.tensor(base).log()


def forgets_the_sign(p, base=2.0):
    """Can a code have a negative mean length? What is the sign of log p when p is below 1?"""
    return torch.xlogy(p, p).sum(-1) / torch.tensor(base).log()


def pads_the_logarithm(p, base=2.0):
    """A certain outcome has entropy 0 exactly. What does the small number inside your logarithm
    do to it?
    """
    return -(p * (p + 1e-3).log()).sum(-1) / torch.tensor(base).log()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield Case("a fair coin", {"p": torch.tensor([0.5, 0.5])})
    yield Case("a biased coin", {"p": torch.tensor([0.9, 0.1])})
    yield Case("a certain outcome", {"p": torch.tensor([0.0, 1.0, 0.0])}, aspect="zeros")
    weights = torch.rand(5, generator=rng) + 0.1
    yield Case("five outcomes", {"p": weights / weights.sum()})
    yield Case("five outcomes, in nats", {"p": weights / weights.sum(), "base": 2.718281828459045})
    rows = torch.rand(3, 4, generator=rng) + 0.1
    yield Case("three distributions at once", {"p": rows / rows.sum(-1, keepdim=True)})
    rows = torch.rand(2, 3, 4, generator=rng).clamp_min(0.3) - 0.3
    rows[..., 0] += 0.1
    yield Case(
        "a batch with zeros in it", {"p": rows / rows.sum(-1, keepdim=True)}, aspect="zeros"
    )
    many = torch.rand(1000, generator=rng, dtype=torch.float64)
    yield Case("a thousand outcomes in float64", {"p": many / many.sum()})


exercise = Exercise(
    id="entropy",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-5, because="float32 sums of at most a thousand terms"),
    drive=call_once(),
    also_right=(with_xlogy, with_entr, with_nan_to_num),
    misconceptions=(
        takes_log_of_zero,
        answers_in_nats,
        counts_bytes,
        averages_the_outcomes,
        sums_the_whole_batch,
        forgets_the_sign,
        pads_the_logarithm,
    ),
    credit={"values": 0.5, "zeros": 0.5},
)
