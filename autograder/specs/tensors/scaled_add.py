"""x + alpha y as a function of autograd's, with the broadcasting undone on the way back."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor
from torch.autograd import Function

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Tolerance


class Reference(Function):
    """What is copied forwards is summed backwards: the chain rule over all uses of one number."""

    @staticmethod
    def forward(ctx, x: Tensor, y: Tensor, alpha: float) -> Tensor:
        ctx.shapes = x.shape, y.shape
        ctx.alpha = alpha
        return x + alpha * y

    @staticmethod
    def backward(ctx, g: Tensor) -> tuple[Tensor, Tensor, None]:
        x_shape, y_shape = ctx.shapes
        return summed_to(g, x_shape), ctx.alpha * summed_to(g, y_shape), None


def summed_to(g, shape):
    """Sum away the axes that broadcasting added in front, and those that it stretched."""
    g = g.sum(tuple(range(g.dim() - len(shape)))) if g.dim() > len(shape) else g
    for axis, size in enumerate(shape):
        if size == 1:
            g = g.sum(axis, keepdim=True)
    return g


class WithSumToSize(Function):
    @staticmethod
    def forward(ctx, x, y, alpha):
        ctx.save_for_backward(x, y)
        ctx.alpha = alpha
        return torch.add(x, y, alpha=alpha)

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g.sum_to_size(x.shape), (ctx.alpha * g).sum_to_size(y.shape), None


class OnlyWhatIsNeeded(Function):
    @staticmethod
    def forward(ctx, x, y, alpha):
        out = x + y * alpha
        ctx.axes = [
            [axis for axis in range(-out.dim(), 0) if -axis > t.dim() or t.shape[axis] == 1]
            for t in (x, y)
        ]
        ctx.save_for_backward(x, y, torch.tensor(alpha))
        return out

    @staticmethod
    def backward(ctx, g):
        x, y, alpha = ctx.saved_tensors
        gx = gy = None
        if ctx.needs_input_grad[0]:
            gx = (g.sum(ctx.axes[0]) if ctx.axes[0] else g).reshape(x.shape)
        if ctx.needs_input_grad[1]:
            gy = ((g.sum(ctx.axes[1]) if ctx.axes[1] else g) * alpha).reshape(y.shape)
        return gx, gy, None


class WithTorchsOwnRule(Function):
    @staticmethod
    def forward(ctx, x, y, alpha):
        ctx.save_for_backward(x, y)
        ctx.alpha = alpha
        return x + alpha * y

    @staticmethod
    def backward(ctx, g):
        _, pull = torch.func.vjp(lambda x, y: x + ctx.alpha * y, *ctx.saved_tensors)
        return *pull(g), None


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


class LeavesTheSumToAutograd(Reference):
    """Through apply you are right, because autograd mends a gradient that is too large. Called
    directly, which shape does your backward return for an input that was stretched?
    """

    @staticmethod
    def backward(ctx, g):
        return g, ctx.alpha * g, None


class SwapsTheGradients(Reference):
    """One of the inputs was multiplied by alpha. Whose gradient did you multiply?"""

    @staticmethod
    def backward(ctx, g):
        x_shape, y_shape = ctx.shapes
        return ctx.alpha * summed_to(g, x_shape), summed_to(g, y_shape), None


class ReturnsThemInTheWrongOrder(Reference):
    """Both gradients are right. In which order did forward take its arguments?"""

    @staticmethod
    def backward(ctx, g):
        x_shape, y_shape = ctx.shapes
        return ctx.alpha * summed_to(g, y_shape), summed_to(g, x_shape), None


class ForgetsAlphaBackwards(Reference):
    """If alpha is 0, the result does not depend on y. Which gradient does your y have then?"""

    @staticmethod
    def backward(ctx, g):
        x_shape, y_shape = ctx.shapes
        return summed_to(g, x_shape), summed_to(g, y_shape), None


class ScalesTheSum(Function):
    """The formula multiplies one of the two by alpha. How many do you multiply?"""

    @staticmethod
    def forward(ctx, x, y, alpha):
        ctx.shapes = x.shape, y.shape
        ctx.alpha = alpha
        return alpha * (x + y)

    @staticmethod
    def backward(ctx, g):
        x_shape, y_shape = ctx.shapes
        return ctx.alpha * summed_to(g, x_shape), ctx.alpha * summed_to(g, y_shape), None


class ForgetsAlpha(Function):
    """For alpha = 1 you are right in both passes. Where do they use alpha?"""

    @staticmethod
    def forward(ctx, x, y, alpha):
        ctx.shapes = x.shape, y.shape
        return x + y

    @staticmethod
    def backward(ctx, g):
        x_shape, y_shape = ctx.shapes
        return summed_to(g, x_shape), summed_to(g, y_shape), None


class TakesTheMean(Reference):
    """One number was added in several places. Does a change of it count once for each place, or
    once on average?
    """

    @staticmethod
    def backward(ctx, g):
        def averaged(shape):
            total = summed_to(g, shape)
            return total * (total.numel() / g.numel())

        x_shape, y_shape = ctx.shapes
        return averaged(x_shape), ctx.alpha * averaged(y_shape), None


class DropsAxesOfLengthOne(Reference):
    """A gradient has the shape of its input, axes of length 1 included. What does `sum` do to the
    axis that it runs along?
    """

    @staticmethod
    def backward(ctx, g):
        def flattened(shape):
            padded = (1,) * (g.dim() - len(shape)) + tuple(shape)
            axes = [i for i, size in enumerate(padded) if size == 1 and g.shape[i] != 1]
            return g.sum(axes) if axes else g

        x_shape, y_shape = ctx.shapes
        return flattened(x_shape), ctx.alpha * flattened(y_shape), None


class SumsOverTheBatchOnly(Reference):
    """A bias is copied along the first axis. Along which others can an input be stretched?"""

    @staticmethod
    def backward(ctx, g):
        def summed(shape):
            return g if g.shape == shape else g.sum(0)

        x_shape, y_shape = ctx.shapes
        return summed(x_shape), ctx.alpha * summed(y_shape), None


class SumsNewAxesOnly(Reference):
    """You undo the axes that broadcasting added in front. What else does it do, to an axis of
    length 1?
    """

    @staticmethod
    def backward(ctx, g):
        def summed(shape):
            return g.sum(tuple(range(g.dim() - len(shape)))) if g.dim() > len(shape) else g

        x_shape, y_shape = ctx.shapes
        return summed(x_shape), ctx.alpha * summed(y_shape), None


class SumsYAlone(Reference):
    """The smaller of the two is stretched. Must that always be y?"""

    @staticmethod
    def backward(ctx, g):
        return g, ctx.alpha * summed_to(g, ctx.shapes[1]), None


class SumsEverything(Reference):
    """Each number of the smaller input has a gradient of its own. Over which axes was it copied,
    and over which was it not?
    """

    @staticmethod
    def backward(ctx, g):
        def summed(shape):
            return g if g.shape == shape else g.sum().expand(shape)

        x_shape, y_shape = ctx.shapes
        return summed(x_shape), ctx.alpha * summed(y_shape), None


class IgnoresTheUpstream(Reference):
    """You return the slopes 1 and alpha. What does backward receive, and what has the chain rule
    to do with it?
    """

    @staticmethod
    def backward(ctx, g):
        x_shape, y_shape = ctx.shapes
        ones = torch.ones_like(g)
        return summed_to(ones, x_shape), ctx.alpha * summed_to(ones, y_shape), None


class ReturnsTwoGradients(Reference):
    """Autograd wants one thing back for each argument of forward after ctx. How many are there,
    and what stands in the place of a plain number?
    """

    @staticmethod
    def backward(ctx, g):
        x_shape, y_shape = ctx.shapes
        return summed_to(g, x_shape), ctx.alpha * summed_to(g, y_shape)


class EditsX(Reference):
    """Your sum is right, and written into x. Who else may be using x?"""

    @staticmethod
    def forward(ctx, x, y, alpha):
        ctx.shapes = x.shape, y.shape
        ctx.alpha = alpha
        with torch.no_grad():
            total = x + alpha * y
            if total.shape == x.shape:
                x.data.copy_(total)
        return total


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    x, y = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([10.0, 20.0, 30.0])
    yield through_apply("three numbers each, alpha = 2", x, y, 2.0)
    yield through_apply("three numbers each, alpha = 0", x, y, 0.0)
    shapes = (
        ("a matrix and a row of biases", (4, 3), (3,), -0.5),
        ("a matrix and a column", (4, 3), (4, 1), 3),
        ("a row plus a matrix: x is the smaller one", (1, 3), (4, 3), 2.0),
        ("a column and a row: both are stretched", (3, 1), (1, 4), 1.5),
        ("three axes and one", (2, 4, 3), (3,), 0.7),
        ("three axes and two, one of length 1", (2, 4, 3), (4, 1), -2.0),
        ("a number and a square matrix", (), (3, 3), 0.3),
        ("no rows, and a row of biases", (0, 3), (3,), 0.5),
    )
    for name, x_shape, y_shape, alpha in shapes:
        x, y = torch.randn(x_shape, generator=rng), torch.randn(y_shape, generator=rng)
        yield through_apply(name, x, y, alpha)
    x = torch.randn(3, 2, generator=rng, dtype=torch.float64).T
    y = 1e4 * torch.randn(2, 1, generator=rng, dtype=torch.float64)
    yield through_apply("a transposed matrix and a large column, float64", x, y, 1e-4)
    for name, x_shape, y_shape, alpha in shapes[:4]:
        x, y = torch.randn(x_shape, generator=rng), torch.randn(y_shape, generator=rng)
        upstream = torch.randn((x + y).shape, generator=rng)
        inputs = {"x": x, "y": y, "alpha": alpha, "upstream": upstream}
        yield Case(name, inputs, aspect="called directly")


def through_apply(name: str, x: Tensor, y: Tensor, alpha: float) -> Case:
    return Case(name, {"x": x, "y": y, "alpha": alpha})


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Go through apply and ask for gradients, or call both passes directly with an upstream."""
    x, y, alpha = (inputs[name] for name in ("x", "y", "alpha"))
    if "upstream" in inputs:
        ctx = ask.make("context")
        ask.subject.method("forward", ctx, x, y, alpha, about="forward() called directly")
        ask.subject.method("backward", ctx, inputs["upstream"], about="backward() called directly")
        return
    x, y = x.detach().requires_grad_(), y.detach().requires_grad_()
    result = ask.subject.method("apply", x, y, alpha, about="", names=("x", "y", "alpha"))
    result.gradients("x")
    result.gradients("y")


exercise = Exercise(
    id="scaled_add",
    reference=Reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-5, because="float32 sums of at most eight terms"),
    drive=drive,
    also_right=(WithSumToSize, OnlyWhatIsNeeded, WithTorchsOwnRule),
    misconceptions=(
        LeavesTheSumToAutograd,
        SwapsTheGradients,
        ReturnsThemInTheWrongOrder,
        ForgetsAlphaBackwards,
        ScalesTheSum,
        ForgetsAlpha,
        TakesTheMean,
        DropsAxesOfLengthOne,
        SumsOverTheBatchOnly,
        SumsNewAxesOnly,
        SumsYAlone,
        SumsEverything,
        IgnoresTheUpstream,
        ReturnsTwoGradients,
        EditsX,
    ),
    credit={"values": 0.25, "gradients": 0.5, "called directly": 0.25},
)
