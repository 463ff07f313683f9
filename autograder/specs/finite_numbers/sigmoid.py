"""The logistic sigmoid, with finite gradients and with its left tail."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from autograder.spec import Case, Exercise
from autograder.specs.finite_numbers import (
    SINGLE,
    TAIL,
    call_and_differentiate,
    ordinary_numbers,
)


def reference(x: Tensor) -> Tensor:
    """Goodfellow, Bengio and Courville (2016), eq. 3.30; each sign of x has its own form."""
    right = x >= 0
    small = torch.where(right, -x, x).exp()  # at most 1
    return torch.where(right, 1.0, small) / (1 + small)


def builtin(x: Tensor) -> Tensor:
    return torch.sigmoid(x)


def with_logaddexp(x: Tensor) -> Tensor:
    return torch.exp(x - torch.logaddexp(x, torch.zeros_like(x)))


def with_masks(x: Tensor) -> Tensor:
    out = torch.empty_like(x)
    right = x >= 0
    out[right] = 1 / (1 + torch.exp(-x[right]))
    small = torch.exp(x[~right])
    out[~right] = small / (1 + small)
    return out


def with_both_sides_clamped(x: Tensor) -> Tensor:
    falling, rising = torch.exp(-x.clamp(min=0)), torch.exp(x.clamp(max=0))
    return torch.where(x >= 0, 1 / (1 + falling), rising / (1 + rising))


class ByHand(torch.autograd.Function):
    """The one-line formula, with the derivative written out."""

    @staticmethod
    def forward(ctx, x):
        y = 1 / (1 + torch.exp(-x))
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, upstream):
        (y,) = ctx.saved_tensors
        return upstream * y * (1 - y)


def with_its_own_backward(x: Tensor) -> Tensor:
    return ByHand.apply(x)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def overflows_on_the_way_back(x):
    """Your values are right, your gradients are not. At x = -1000, what is exp(-x), and what does
    the chain rule multiply it by?
    """
    return 1 / (1 + torch.exp(-x))


def overflows_on_the_right(x):
    """What is exp(1000) in floating point, and what is that number divided by itself?"""
    return torch.exp(x) / (1 + torch.exp(x))


def computes_both_branches(x):
    """`where` chooses between two results, but both are computed, and both are differentiated.
    What is the slope of the branch that was not chosen, at 1000 and at -1000?
    """
    return torch.where(x >= 0, 1 / (1 + torch.exp(-x)), torch.exp(x) / (1 + torch.exp(x)))


def clamps_the_input(x):
    """Inputs beyond your limit all get one result. What should sigmoid(-30) be, and what is it in
    your version?
    """
    return 1 / (1 + torch.exp(-x.clamp(-20, 20)))


def loses_the_left_tail(x):
    """At x = -20 you return 0 where 2e-9 belongs. Which subtraction of nearly equal numbers lost
    it?
    """
    return 0.5 * (1 + torch.tanh(0.5 * x))


def is_flat_at_zero(x):
    """The curve is steepest at x = 0, and yours is flat. What does autograd take for the slope of
    |x| there?
    """
    small = torch.exp(-x.abs())
    return torch.where(x >= 0, 1 / (1 + small), small / (1 + small))


def forgets_the_sign(x):
    """Should the function rise or fall? Compare your results at 1 and at -1."""
    return 1 / (1 + torch.exp(x))


def leaves_autograd(x):
    """Your values are right, but nothing can be learned from them. Where does the result leave
    autograd?
    """
    return reference(x).detach()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield from ordinary_numbers(rng)
    yield Case("one number without an axis", {"x": torch.randn((), generator=rng)})
    yield Case(
        "x is 1000 and -1000", {"x": torch.tensor([1000.0, -1000.0], requires_grad=True)}, "tails"
    )
    x = torch.cat([torch.tensor([-20.0, -80.0]), -25 - 50 * torch.rand(2, generator=rng)])
    yield Case("results below 1e-8, held to four digits", {"x": x}, "tails", tolerance=TAIL)
    x = torch.tensor([-100.0, -600.0], dtype=torch.float64)
    yield Case(
        "results below 1e-43 in float64, held to four digits", {"x": x}, "tails", tolerance=TAIL
    )
    x = torch.tensor([1e4, -1e4], dtype=torch.float64)
    yield Case("x is 10000 and -10000 in float64", {"x": x.requires_grad_()}, "tails")


exercise = Exercise(
    id="sigmoid",
    reference=reference,
    cases=cases,
    tolerance=SINGLE,
    drive=call_and_differentiate,
    also_right=(
        builtin,
        with_logaddexp,
        with_masks,
        with_both_sides_clamped,
        with_its_own_backward,
    ),
    misconceptions=(
        overflows_on_the_way_back,
        overflows_on_the_right,
        computes_both_branches,
        clamps_the_input,
        loses_the_left_tail,
        is_flat_at_zero,
        forgets_the_sign,
        leaves_autograd,
    ),
    credit={"values": 0.25, "tails": 0.25, "gradients": 0.5},
)
