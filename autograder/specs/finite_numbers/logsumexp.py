"""The logarithm of a sum of exponentials along one axis, for scores of any size."""

from collections.abc import Iterator
from functools import reduce

import torch
from torch import Generator, Tensor, inf

from autograder.spec import Case, Exercise, Tolerance
from autograder.specs.finite_numbers import call_and_differentiate


def reference(x: Tensor, dim: int) -> Tensor:
    """Goodfellow, Bengio and Courville (2016), section 4.1; Blanchard, Higham and Higham (2021)."""
    top = x.amax(dim, keepdim=True).detach()
    shift = torch.where(top > -inf, top, 0.0)  # minus infinity cannot be subtracted from itself
    return (x - shift).exp().sum(dim).log() + shift.squeeze(dim)


def builtin(x: Tensor, dim: int) -> Tensor:
    return torch.logsumexp(x, dim)


def two_at_a_time(x: Tensor, dim: int) -> Tensor:
    return reduce(torch.logaddexp, x.unbind(dim))


def with_cumulation(x: Tensor, dim: int) -> Tensor:
    return x.logcumsumexp(dim).select(dim, -1)


def with_nan_to_num(x: Tensor, dim: int) -> Tensor:
    top = torch.max(x, dim, keepdim=True).values.nan_to_num(neginf=0.0)
    return (torch.log(torch.sum(torch.exp(x - top), dim, keepdim=True)) + top).squeeze(dim)


def row_by_row(x: Tensor, dim: int) -> Tensor:
    moved = x.movedim(dim, -1)
    sums = []
    for row in moved.reshape(-1, moved.shape[-1]):
        top = row.max()
        sums.append(top if top == -inf else top + torch.log(torch.exp(row - top).sum()))
    return torch.stack(sums).reshape(moved.shape[:-1])


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def types_the_formula(x, dim):
    """What is exp(10000) in floating point? And what could you subtract before exp and add again
    after log?
    """
    return x.exp().sum(dim).log()


def shifts_all_by_one_maximum(x, dim):
    """You subtract the largest number of all. What remains of a row whose own numbers are far below
    it?
    """
    top = x.max()
    return (x - top).exp().sum(dim).log() + top


def subtracts_infinity_from_itself(x, dim):
    """Ordinary rows are right. In a row of minus infinities, what do you subtract from what?"""
    top = x.amax(dim, keepdim=True)
    return (x - top).exp().sum(dim).log() + top.squeeze(dim)


def keeps_the_axis(x, dim):
    """The axis that you sum over should be gone from the result. What does `keepdim=True` leave
    behind?
    """
    top = x.amax(dim, keepdim=True)
    return (x - top).exp().sum(dim, keepdim=True).log() + top


def squeezes_every_axis(x, dim):
    """A matrix of one row has one result for that row, in a tensor of shape (1,). Which axes does
    your `squeeze` remove?
    """
    top = x.amax(dim, keepdim=True)
    return ((x - top).exp().sum(dim, keepdim=True).log() + top).squeeze()


def subtracts_along_another_axis(x, dim):
    """The maxima have one axis less than x. With which axis of x does broadcasting line them up?"""
    top = x.amax(dim)
    return (x - top).exp().sum(dim).log() + top


def shifts_by_the_mean(x, dim):
    """Your shift keeps the numbers centred, but exp is afraid of large ones only. How large can the
    largest number still be after your shift?
    """
    middle = x.mean(dim, keepdim=True)
    return (x - middle).exp().sum(dim).log() + middle.squeeze(dim)


def forgets_to_shift_back(x, dim):
    """Your result does not change when the same number is added to every x. Should it?"""
    return (x - x.amax(dim, keepdim=True)).exp().sum(dim).log()


def returns_the_maximum(x, dim):
    """What is the logarithm of e^0 + e^0, and what is the larger of 0 and 0?"""
    return x.amax(dim)


def averages_instead(x, dim):
    """Your results are too small, the more so the more numbers there are. Do you add the
    exponentials, or average them?
    """
    return (reference(x, dim).exp() / x.shape[dim]).log()


def sums_the_last_axis(x, dim):
    """`dim` may be any axis. Which one do you sum over when it is 0?"""
    return torch.logsumexp(x, -1)


def sums_everything(x, dim):
    """One result is wanted for each row. How many come back, and what does `dim` say?"""
    return torch.logsumexp(x.flatten(), 0)


def replaces_infinity(x, dim):
    """A row of minus infinities has no term at all, and its sum is 0. What is the logarithm of 0,
    and what do you return?
    """
    return torch.logsumexp(x.clamp(min=-1e9), dim)


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield Case("two zeros", {"x": torch.zeros(2), "dim": 0})
    x = torch.randn(3, 3, generator=rng)
    yield Case("a square matrix, over dim=1", {"x": x.requires_grad_(), "dim": 1})
    x = torch.randn(2, 4, generator=rng)
    yield Case("two rows of four, over dim=0", {"x": x, "dim": 0})
    x = torch.randn(2, 3, 4, generator=rng)
    yield Case("three axes, over dim=-2", {"x": x, "dim": -2})
    yield Case("a single row, over dim=1", {"x": torch.randn(1, 4, generator=rng), "dim": 1})
    yield Case("an axis of size 1", {"x": torch.randn(3, 1, generator=rng), "dim": 1})
    x = torch.randn(4, 2, generator=rng).T
    yield Case("a transposed matrix, over dim=-1", {"x": x.requires_grad_(), "dim": -1})
    x = torch.randn(2, 5, generator=rng, dtype=torch.float64)
    yield Case("in float64", {"x": x.requires_grad_(), "dim": 1}, tolerance=DOUBLE)
    far = torch.tensor([[1e4], [0.0], [-1e4]])
    x = far + torch.randn(3, 4, generator=rng)
    yield Case(
        "rows near 10000, 0 and -10000", {"x": x.requires_grad_(), "dim": 1}, "extremes", FAR
    )
    x = torch.tensor([[1e4, 1e4, -1e4, 0.0], [-500.0, 0.0, 1.0, 500.0]])
    yield Case(
        "a row that holds 10000 and -10000", {"x": x.requires_grad_(), "dim": 1}, "extremes", FAR
    )
    x = torch.randn(2, 3, generator=rng)
    x[0, 1] = x[1, 2] = -inf
    yield Case("one minus infinity in each row", {"x": x.requires_grad_(), "dim": -1}, "extremes")
    x = torch.randn(3, 2, generator=rng)
    x[1] = -inf
    yield Case("a row of nothing but minus infinities", {"x": x, "dim": 1}, "extremes")


FAR = Tolerance(rtol=1e-4, atol=2e-3, because="float32 keeps 10000 to the nearest thousandth")
SINGLE = Tolerance(rtol=1e-4, atol=1e-5, because="float32 sums of a few terms")
DOUBLE = Tolerance(rtol=1e-9, atol=1e-11, because="float64 sums of a few terms")

exercise = Exercise(
    id="logsumexp",
    reference=reference,
    cases=cases,
    tolerance=SINGLE,
    drive=call_and_differentiate,
    also_right=(builtin, two_at_a_time, with_cumulation, with_nan_to_num, row_by_row),
    misconceptions=(
        types_the_formula,
        shifts_all_by_one_maximum,
        subtracts_infinity_from_itself,
        keeps_the_axis,
        squeezes_every_axis,
        subtracts_along_another_axis,
        shifts_by_the_mean,
        forgets_to_shift_back,
        returns_the_maximum,
        averages_instead,
        sums_the_last_axis,
        sums_everything,
        replaces_infinity,
    ),
    credit={"values": 1 / 3, "extremes": 1 / 3, "gradients": 1 / 3},
)
