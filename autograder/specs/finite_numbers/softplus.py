"""Softplus: a positive number for every real one, neither infinite nor zero."""

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
    """Goodfellow, Bengio and Courville (2016), eq. 3.31; max(x, 0) + log(1 + exp(-|x|))."""
    right = x >= 0
    small = torch.where(right, -x, x).exp()  # at most 1
    return torch.where(right, x, 0.0) + torch.log1p(small)


def builtin(x: Tensor) -> Tensor:
    return functional.softplus(x)


def with_logaddexp(x: Tensor) -> Tensor:
    return torch.logaddexp(x, torch.zeros_like(x))


def minus_logsigmoid(x: Tensor) -> Tensor:
    return -functional.logsigmoid(-x)


def with_a_threshold(x: Tensor) -> Tensor:
    return torch.where(x > 20, x, torch.log1p(torch.exp(x.clamp(max=20))))


def with_masks(x: Tensor) -> Tensor:
    out, right = torch.empty_like(x), x > 0
    out[right] = x[right] + torch.log1p(torch.exp(-x[right]))
    out[~right] = torch.log1p(torch.exp(x[~right]))
    return out


def with_maximum(x: Tensor) -> Tensor:  # maximum shares its slope between two equal arguments
    return torch.maximum(x, torch.zeros_like(x)) + torch.log1p(torch.exp(-x.abs()))


def with_half_the_distance(x: Tensor) -> Tensor:
    return (x + x.abs()) / 2 + torch.log1p(torch.exp(-x.abs()))


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def types_the_formula(x):
    """Two things get lost: what is exp(1000) in floating point, and what is left of 1 + exp(-20) in
    float32?
    """
    return torch.log(1 + torch.exp(x))


def overflows_on_the_right(x):
    """Small results are right. What is exp(1000) in floating point, and how large is softplus(1000)
    really?
    """
    return torch.log1p(torch.exp(x))


def overflows_on_the_left(x):
    """Large x are right. What is exp(-x) at x = -1000, and what remains to subtract?"""
    return x + torch.log1p(torch.exp(-x))


def computes_both_branches(x):
    """`where` chooses between two results, but both are computed, and both are differentiated.
    What is the slope of the branch that was not chosen, at 1000?
    """
    return torch.where(x > 20, x, torch.log1p(torch.exp(x)))


def switches_on_one_side(x):
    """Two things are wrong. What is left of 1 + exp(-30) in float32? And of the branch that `where`
    does not choose: what does the chain rule multiply its slope by?
    """
    return torch.where(x > 20, x, torch.log(1 + torch.exp(x)))


def clamps_the_input(x):
    """Above your limit the result stops growing. How large is softplus(1000)?"""
    return torch.log1p(torch.exp(x.clamp(max=20)))


def rounds_one_plus_a_small_number(x):
    """At x = -20 you return 0 where 2e-9 belongs. What is left of 1 + exp(-20) in float32?"""
    return torch.logsumexp(torch.stack((x, torch.zeros_like(x))), 0)


def takes_one_side_at_zero(x):
    """The slope at 0 is one half. Your formula has kinks there: which slope does autograd take for
    each of them?
    """
    return x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))


def is_flat_at_zero(x):
    """The slope at 0 is one half, yours is 0. What does autograd take for the slopes of relu and of
    |x| there?
    """
    return functional.relu(x) + torch.log1p(torch.exp(-x.abs()))


def cuts_the_corner(x):
    """A standard deviation must be positive. What do you return at x = 0, and left of it?"""
    return x.clamp(min=0)


def leaves_autograd(x):
    """Your values are right, but nothing can be learned from them. Where does the result leave
    autograd?
    """
    return reference(x).detach()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield from ordinary_numbers(rng)
    yield Case("x is 1000", {"x": torch.tensor([1000.0], requires_grad=True)}, "tails")
    yield Case("x is -1000", {"x": torch.tensor([-1000.0], requires_grad=True)}, "tails")
    x = torch.cat([torch.tensor([-20.0, -80.0]), -25 - 50 * torch.rand(2, generator=rng)])
    yield Case("results between 0 and 1e-8, held to four digits", {"x": x}, "tails", tolerance=TAIL)
    x = torch.tensor([-100.0, -600.0], dtype=torch.float64)
    yield Case(
        "results between 0 and 1e-43 in float64, held to four digits",
        {"x": x},
        "tails",
        tolerance=TAIL,
    )
    x = torch.tensor([1e4, -1e4], dtype=torch.float64)
    yield Case("x is 10000 and -10000 in float64", {"x": x.requires_grad_()}, "tails")


exercise = Exercise(
    id="softplus",
    reference=reference,
    cases=cases,
    tolerance=SINGLE,
    drive=call_and_differentiate,
    also_right=(
        builtin,
        with_logaddexp,
        minus_logsigmoid,
        with_a_threshold,
        with_masks,
        with_maximum,
        with_half_the_distance,
    ),
    misconceptions=(
        types_the_formula,
        overflows_on_the_right,
        overflows_on_the_left,
        computes_both_branches,
        switches_on_one_side,
        clamps_the_input,
        rounds_one_plus_a_small_number,
        takes_one_side_at_zero,
        is_flat_at_zero,
        cuts_the_corner,
        leaves_autograd,
    ),
    credit={"values": 0.25, "tails": 0.5, "gradients": 0.25},
)
