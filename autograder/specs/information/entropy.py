"""Entropy: the mean surprise of a distribution, in a unit of your choice."""

import math
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


def with_a_clamp(p: Tensor, base: float = 2.0) -> Tensor:
    """A floor below about 1e-6 moves no result by more than the tolerance: it is right."""
    return -(p * p.clamp(min=1e-12).log2()).sum(-1) / math.log2(base)


def outcome_by_outcome(p: Tensor, base: float = 2.0) -> Tensor:
    if p.dim() > 1:
        return torch.stack([outcome_by_outcome(row, base) for row in p])
    return torch.tensor(sum(-x * math.log(x, base) for x in p.tolist() if x > 0), dtype=p.dtype)


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


def answers_in_bits(p, base=2.0):
    """Your bits are right. What should change when the same distribution is asked for with another
    `base`?
    """
    return torch.special.entr(p).sum(-1) / math.log(2)


def in_bits_and_no_zeros(p, base=2.0):
    """Two things are left to do. What is 0 times the logarithm of 0 in floating point, and what is
    `base` for?
    """
    return -(p * p.log2()).sum(-1)


def counts_bytes(p, base=2.0):
    """Your results are 8 times too small. Is the shortest code for one fair coin flip counted in
    bytes?
    """
    return torch.special.entr(p).sum(-1) / torch.tensor(base).log() / 8


def averages_the_outcomes(p, base=2.0):
    """The sum over the outcomes is weighted by p already. What does dividing by their number do to
    it?
    """
    return torch.special.entr(p).mean(-1) / torch.tensor(base).log()


def sums_the_whole_batch(p, base=2.0):
    """Each row is a distribution of its own. How many numbers should come back for three rows?"""
    return torch.special.entr(p).sum() / torch.tensor(base).log()


def sums_down_the_columns(p, base=2.0):
    """Each row is a distribution. Along which axis do the numbers of one row lie?"""
    return torch.special.entr(p).sum(0) / torch.tensor(base).log()


def forgets_the_sign(p, base=2.0):
    """Can a code have a negative mean length? What is the sign of log p when p is below 1?"""
    return torch.xlogy(p, p).sum(-1) / torch.tensor(base).log()


def pads_the_logarithm(p, base=2.0):
    """A certain outcome has entropy 0 exactly. What does the small number inside your logarithm
    do to it?
    """
    return -(p * (p + 1e-5).log()).sum(-1) / torch.tensor(base).log()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield Case("a fair coin", {"p": torch.tensor([0.5, 0.5])})
    yield Case("a biased coin", {"p": torch.tensor([0.9, 0.1])})
    yield Case("a certain outcome", {"p": torch.tensor([0.0, 1.0, 0.0])}, aspect="zeros")
    weights = torch.rand(5, generator=rng) + 0.1
    yield Case("five outcomes", {"p": weights / weights.sum()})
    yield Case("five outcomes, in nats", {"p": weights / weights.sum(), "base": math.e})
    yield Case("five outcomes, in decimal digits", {"p": weights / weights.sum(), "base": 10.0})
    yield Case("one outcome", {"p": torch.tensor([1.0])})
    rows = torch.rand(3, 4, generator=rng) + 0.1
    rows = rows / rows.sum(-1, keepdim=True)
    yield Case("three distributions at once", {"p": rows})
    yield Case("a batch of one distribution", {"p": rows[:1]})
    columns = torch.rand(5, 2, generator=rng) + 0.1
    yield Case("a transposed batch", {"p": (columns / columns.sum(0)).T})
    rows = torch.rand(2, 3, 4, generator=rng).clamp_min(0.3) - 0.3
    rows[..., 0] += 0.1
    yield Case("a batch with zeros in it", {"p": rows / rows.sum(-1, keepdim=True)}, aspect="zeros")
    many = torch.rand(1000, generator=rng, dtype=torch.float64)
    yield Case("a thousand outcomes in float64", {"p": many / many.sum()})


exercise = Exercise(
    id="entropy",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-5, because="float32 sums of at most a thousand terms"),
    drive=call_once(),
    also_right=(with_xlogy, with_entr, with_nan_to_num, with_a_clamp, outcome_by_outcome),
    misconceptions=(
        takes_log_of_zero,
        in_bits_and_no_zeros,
        answers_in_nats,
        answers_in_bits,
        counts_bytes,
        averages_the_outcomes,
        sums_the_whole_batch,
        sums_down_the_columns,
        forgets_the_sign,
        pads_the_logarithm,
    ),
    credit={"values": 0.5, "zeros": 0.5},
)
