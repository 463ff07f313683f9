"""Softplus as a function of autograd's: a forward pass, and a backward pass by hand."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor
from torch.autograd import Function
from torch.nn import functional

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Tolerance


class Reference(Function):
    """Dugas et al. (2001), section 3, with the shift of ``logaddexp``; the slope is a sigmoid."""

    @staticmethod
    def forward(ctx, x: Tensor, beta: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.beta = beta
        return torch.logaddexp(beta * x, torch.zeros_like(x)) / beta

    @staticmethod
    def backward(ctx, g: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(ctx.beta * x), None


class FromTheOutput(Function):
    @staticmethod
    def forward(ctx, x, beta):
        y = functional.softplus(x, beta)
        ctx.save_for_backward(y)
        ctx.beta = beta
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return -torch.expm1(-ctx.beta * y) * g, None


class WithSetupContext(Function):
    @staticmethod
    def forward(x, beta):
        return x.clamp(min=0) + torch.log1p(torch.exp(-(beta * x).abs())) / beta

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, beta = inputs
        ctx.save_for_backward(0.5 * (1 + torch.tanh(0.5 * beta * x)))

    @staticmethod
    def backward(ctx, g):
        (slope,) = ctx.saved_tensors
        return slope.mul(g), None


class WithTwoBranches(Function):
    @staticmethod
    def forward(ctx, x, beta):
        ctx.x, ctx.beta = x, beta
        z = beta * x
        return torch.where(z > 20, x, torch.log1p(torch.exp(z.clamp(max=20))) / beta)

    @staticmethod
    def backward(ctx, g):
        z = ctx.beta * ctx.x
        small = torch.exp(-z.abs())
        return g * torch.where(z >= 0, 1.0, small) / (1 + small), None


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


class IgnoresTheUpstream(Reference):
    """You return the slope of softplus alone. What does backward receive, and how does the chain
    rule join the two?
    """

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return torch.sigmoid(ctx.beta * x), None


class AddsTheUpstream(Reference):
    """The chain rule joins the slope and what comes from above. Does it add them?"""

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g + torch.sigmoid(ctx.beta * x), None


class OverflowsBothWays(Function):
    """At x = 100 float32 cannot hold e to the x. How can both passes be written so that only small
    numbers are put into exp?
    """

    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x)
        ctx.beta = beta
        return torch.log(1 + torch.exp(beta * x)) / beta

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        e = torch.exp(ctx.beta * x)
        return g * e / (1 + e), None


class OverflowsForwards(Reference):
    """Softplus of 100 is nearly 100. Which number inside your forward pass is not finite there?"""

    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x)
        ctx.beta = beta
        return torch.log1p(torch.exp(beta * x)) / beta


class OverflowsBackwards(Reference):
    """Your values are right, and so are your slopes until x is large. What is infinity divided by
    infinity?
    """

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        e = torch.exp(ctx.beta * x)
        return g * e / (1 + e), None


class ClampsTheInput(Reference):
    """You cap x to keep exp finite. What is softplus of 100, and what becomes of it under a cap?"""

    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x)
        ctx.beta = beta
        return torch.log1p(torch.exp((beta * x).clamp(max=20))) / beta


class ReturnsOneGradient(Reference):
    """Autograd wants one thing back for each argument of forward after ctx. How many are there,
    and what stands in the place of a plain number?
    """

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(ctx.beta * x)


class DividesTheSlopeByBeta(Reference):
    """For large x softplus is nearly x itself, whatever beta is. Which slope has it there, and
    which one does your backward pass give?
    """

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(ctx.beta * x) / ctx.beta, None


class MultipliesTheSlopeByBeta(Reference):
    """The inner derivative is beta, as you have it. What became of the 1/beta in front of the
    logarithm?
    """

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * ctx.beta * torch.sigmoid(ctx.beta * x), None


class ForgetsBetaInTheSlope(Reference):
    """The larger beta is, the sharper the bend at 0. Which part of your backward pass knows it?"""

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(x), None


class IgnoresBeta(Function):
    """For beta = 1 you are right in both passes. Where do they use beta?"""

    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x)
        return functional.softplus(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(x), None


class ForgetsToDivideByBeta(Reference):
    """At x = 0 softplus is the logarithm of 2, divided by beta. What is yours, for beta = 2?"""

    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x)
        ctx.beta = beta
        return torch.logaddexp(beta * x, torch.zeros_like(x))


class TakesTheOutputForTheInput(Reference):
    """The sigmoid belongs to x. Which tensor did your forward pass save?"""

    @staticmethod
    def forward(ctx, x, beta):
        y = torch.logaddexp(beta * x, torch.zeros_like(x)) / beta
        ctx.save_for_backward(y)
        ctx.beta = beta
        return y


class HasTheSlopeOfRelu(Reference):
    """Softplus has no kink. What is its slope at 0, and what is that of max(x, 0)?"""

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (x > 0), None


class GivesRelu(Reference):
    """Far from 0 you agree with softplus. How large is it at 0?"""

    @staticmethod
    def forward(ctx, x, beta):
        ctx.save_for_backward(x)
        ctx.beta = beta
        return x.clamp(min=0)


class FallsForNegativeX(Reference):
    """Softplus rises everywhere. Which sign has the slope that you give to large x, and which has
    the exponent in your sigmoid?
    """

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(-ctx.beta * x), None


class CutsTheGraph(Reference):
    """Your backward pass never runs. Which call makes autograd forget how a tensor came about?"""

    @staticmethod
    def apply(x, beta):
        return functional.softplus(x.detach(), beta)


def in_a_first_draft(wrong: type[Function]) -> type[Function]:
    """Return ``wrong`` as it stands before its author thinks of large x: its forward overflows."""
    own = {"forward": staticmethod(OverflowsForwards.forward), "__doc__": wrong.__doc__}
    return type(f"{wrong.__name__}InAFirstDraft", (wrong,), own)


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield case("x from -1 to 2, beta = 1", torch.tensor([-1.0, 0.0, 1.0, 2.0]), 1.0)
    yield case("the same x, beta = 2", torch.tensor([-1.0, 0.0, 1.0, 2.0]), 2.0)
    yield case("six random x, beta = 0.5", 3 * torch.randn(6, generator=rng), 0.5)
    yield case("a transposed matrix, beta = 3", torch.randn(3, 2, generator=rng).T, 3)
    yield case("a single number, float64", torch.randn((), generator=rng).double(), 1.5)
    yield case("x = -100 and 100", torch.tensor([-100.0, 100.0]), 1.0, "large x")
    yield case("x = -10,000 and 10,000, beta = 2", torch.tensor([-1e4, 1e4]), 2.0, "large x")
    far = torch.tensor([-1e4, -50.0, 0.0, 50.0, 1e4], dtype=torch.float64)
    yield case("x up to 10,000 in float64, beta = 0.5", far, 0.5, "large x")
    yield case("no numbers at all, beta = 2", torch.empty(1, 0), 2.0)
    x = torch.randn(4, generator=rng) + torch.tensor([-2.0, -1.0, 1.0, 2.0])
    yield case("ordinary x, beta = 100", x, 100.0, "large x")


def case(name: str, x: Tensor, beta: float, aspect: str = "values") -> Case:
    return Case(name, {"x": x, "beta": beta}, aspect=aspect)


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Apply the function, and ask for the gradient against a random upstream."""
    x = inputs["x"].detach().requires_grad_()
    result = ask.subject.method("apply", x, inputs["beta"], about="", names=("x", "beta"))
    result.gradients("x")


exercise = Exercise(
    id="softplus_function",
    reference=Reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-4, atol=1e-6, because="a few float32 operations, and tails that round to 0"
    ),
    drive=drive,
    also_right=(FromTheOutput, WithSetupContext, WithTwoBranches),
    misconceptions=(
        IgnoresTheUpstream,
        AddsTheUpstream,
        OverflowsBothWays,
        OverflowsForwards,
        OverflowsBackwards,
        ClampsTheInput,
        ReturnsOneGradient,
        DividesTheSlopeByBeta,
        MultipliesTheSlopeByBeta,
        ForgetsBetaInTheSlope,
        IgnoresBeta,
        ForgetsToDivideByBeta,
        TakesTheOutputForTheInput,
        HasTheSlopeOfRelu,
        GivesRelu,
        FallsForNegativeX,
        CutsTheGraph,
        in_a_first_draft(IgnoresTheUpstream),
        in_a_first_draft(ReturnsOneGradient),
        in_a_first_draft(DividesTheSlopeByBeta),
        in_a_first_draft(MultipliesTheSlopeByBeta),
        in_a_first_draft(ForgetsBetaInTheSlope),
    ),
    credit={"values": 0.25, "large x": 0.25, "gradients": 0.5},
)
