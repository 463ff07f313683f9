"""The logarithm of the sigmoid, without the sigmoid."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor
from torch.nn import functional

from autograder.spec import Case, Exercise
from autograder.specs.finite_numbers import (
    SINGLE,
    TAIL,
    call_and_differentiate,
    ordinary_numbers,
)


def reference(x: Tensor) -> Tensor:
    """Goodfellow, Bengio and Courville (2016), eq. 3.36; min(x, 0) - log(1 + exp(-|x|))."""
    right = x >= 0
    small = torch.where(right, -x, x).exp()  # at most 1
    return torch.where(right, 0.0, x) - torch.log1p(small)


def builtin(x: Tensor) -> Tensor:
    return functional.logsigmoid(x)


def minus_softplus(x: Tensor) -> Tensor:
    return -functional.softplus(-x)


def with_logaddexp(x: Tensor) -> Tensor:
    return -torch.logaddexp(torch.zeros_like(x), -x)


def with_both_sides_clamped(x: Tensor) -> Tensor:
    right = -torch.log1p(torch.exp(-x.clamp(min=0)))
    left = x.clamp(max=0) - torch.log1p(torch.exp(x.clamp(max=0)))
    return torch.where(x > 0, right, left)


def with_minimum(x: Tensor) -> Tensor:  # minimum shares its slope between two equal arguments
    return torch.minimum(x, torch.zeros_like(x)) - torch.log1p(torch.exp(-x.abs()))


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def takes_log_of_sigmoid(x):
    """What do exp(1000) and sigmoid(-1000) round to? What is left of 1 + exp(-30) in float32?"""
    return torch.log(1 / (1 + torch.exp(-x)))


def overflows_on_the_left(x):
    """Large x are right. What is exp(-x) at x = -1000, and is there a form that never
    exponentiates a large number?
    """
    return -torch.log1p(torch.exp(-x))


def overflows_on_the_right(x):
    """Very negative x are right. What is exp(x) at x = 1000, and is there a form that never
    exponentiates a large number?
    """
    return x - torch.log1p(torch.exp(x))


def computes_both_branches(x):
    """`where` chooses between two results, but both are computed, and both are differentiated.
    What is the slope of the branch that was not chosen, at 1000 and at -1000?
    """
    return torch.where(x > 0, -torch.log1p(torch.exp(-x)), x - torch.log1p(torch.exp(x)))


def mirrors_the_curve(x):
    """Should the function rise or fall? Which of sigmoid(1000) and sigmoid(-1000) is near 1, and so
    has the logarithm 0?
    """
    return -functional.softplus(x)


def adds_a_small_number(x):
    """Below some x your result hardly changes any more. What should it be at -1000, and what does
    the small number inside your logarithm make of it?
    """
    return torch.log(torch.sigmoid(x) + 1e-8)


def cancels_the_right_tail(x):
    """At x = 20 you return 0 where -2e-9 belongs. Which sum or difference of a large and a tiny
    number lost it?
    """
    return x - torch.logaddexp(x, torch.zeros_like(x))


def takes_one_side_at_zero(x):
    """The slope at 0 is one half. Your formula has kinks there: which slope does autograd take for
    each of them?
    """
    return x.clamp(max=0) - torch.log1p(torch.exp(-x.abs()))


def is_flat_at_zero(x):
    """The slope at 0 is one half, yours is 0. What does autograd take for the slopes of relu and of
    |x| there?
    """
    return -functional.relu(-x) - torch.log1p(torch.exp(-x.abs()))


def cuts_the_corner(x):
    """Far from 0 your answer is right. What is the logarithm of sigmoid(0), and what do you
    return?
    """
    return x.clamp(max=0)


def leaves_autograd(x):
    """Your values are right, but nothing can be learned from them. Where does the result leave
    autograd?
    """
    return reference(x).detach()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield from ordinary_numbers(rng)
    yield Case("x is -1000", {"x": torch.tensor([-1000.0], requires_grad=True)}, "tails")
    yield Case("x is 1000", {"x": torch.tensor([1000.0], requires_grad=True)}, "tails")
    x = torch.cat([torch.tensor([20.0, 80.0]), 25 + 50 * torch.rand(2, generator=rng)])
    yield Case(
        "results between -1e-8 and 0, held to four digits", {"x": x}, "tails", tolerance=TAIL
    )
    x = torch.tensor([100.0, 600.0], dtype=torch.float64)
    yield Case(
        "results between -1e-43 and 0 in float64, held to four digits",
        {"x": x},
        "tails",
        tolerance=TAIL,
    )
    x = torch.tensor([1e4, -1e4], dtype=torch.float64)
    yield Case("x is 10000 and -10000 in float64", {"x": x.requires_grad_()}, "tails")


exercise = Exercise(
    id="logsigmoid",
    reference=reference,
    cases=cases,
    tolerance=SINGLE,
    drive=call_and_differentiate,
    also_right=(builtin, minus_softplus, with_logaddexp, with_both_sides_clamped, with_minimum),
    misconceptions=(
        takes_log_of_sigmoid,
        overflows_on_the_left,
        overflows_on_the_right,
        computes_both_branches,
        mirrors_the_curve,
        adds_a_small_number,
        cancels_the_right_tail,
        takes_one_side_at_zero,
        is_flat_at_zero,
        cuts_the_corner,
        leaves_autograd,
    ),
    credit={"values": 0.25, "tails": 0.5, "gradients": 0.25},
)
