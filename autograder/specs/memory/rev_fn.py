"""A chain of reversible blocks that keeps its last activations only, and works its way back.

The contract, as the learner's stub states it::

    class RevFn(torch.autograd.Function):
        '''A chain of reversible blocks: y1, y2 = RevFn.apply(x1, x2, blocks, *params).

        ``x1`` and ``x2`` (batch, width) are the halves of the input. ``blocks`` is a list of
        modules with two parts each, ``block.f`` and ``block.g``, that turn (batch, width) into
        (batch, width). A block maps its halves to

            y1 = x1 + f(x2)        y2 = x2 + g(y1),

        and passes them on to the next. ``params`` are the parameters of ``blocks`` in the order
        of ``blocks.parameters()``: autograd needs to see them, the computation does not.

        Returns the halves (y1, y2) after the last block, each (batch, width).

        ``backward(ctx, dy1, dy2)`` returns one entry for each argument of apply: the gradients
        in x1 and x2, None for ``blocks``, and the gradient in each parameter; it leaves ``.grad``
        as it is. It may be called twice.

        Memory: keep with ``ctx.save_for_backward`` what backward needs of the activations, in
        all at most twice the bytes of y1 and y2, however many blocks there are; x1, x2 and the
        parameters do not count. In backward, the graphs of at most four calls of an f or g may
        wait for their own backward pass at a time.
        '''

Gradients can be asked for inside ``backward`` under ``torch.enable_grad()``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.autograd import Function, grad

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Tolerance

Pair = tuple[Tensor, Tensor]


class Reference(Function):
    """Gomez et al. (2017), equations 6 to 8 and algorithm 1."""

    @staticmethod
    def forward(ctx, x1: Tensor, x2: Tensor, blocks: nn.ModuleList, *params: Tensor) -> Pair:
        for block in blocks:
            x1 = x1 + block.f(x2)
            x2 = x2 + block.g(x1)
        ctx.blocks = blocks
        ctx.save_for_backward(x1, x2)
        return x1, x2

    @staticmethod
    def backward(ctx, dy1: Tensor, dy2: Tensor) -> tuple[Tensor | None, ...]:
        y1, y2 = ctx.saved_tensors
        found: list[Tensor] = []
        for block in reversed(ctx.blocks):
            x2, g_gradients, through_g = undo(block.g, y1, y2, dy2)
            dy1 = dy1 + through_g  # the gradient in z1, which y1 and g share
            x1, f_gradients, through_f = undo(block.f, x2, y1, dy1)
            dy2 = dy2 + through_f
            found = f_gradients + g_gradients + found
            y1, y2 = x1, x2
        return dy1, dy2, None, *found


def undo(part: nn.Module, given: Tensor, added: Tensor, upstream: Tensor) -> Any:
    """Return ``added - part(given)``, and the gradients in the part's parameters and ``given``."""
    with torch.enable_grad():
        given = given.detach().requires_grad_()
        result = part(given)
    *gradients, through = grad(result, [*part.parameters(), given], upstream)
    return added - result.detach(), gradients, through


class OneBlockAtATime(Function):
    """Rebuild the input of a block, run the block again with a graph, differentiate both halves."""

    @staticmethod
    def forward(ctx, x1, x2, blocks, *params):
        ctx.blocks = blocks
        with torch.no_grad():
            for block in blocks:
                x1 = x1 + block.f(x2)
                x2 = x2 + block.g(x1)
        ctx.save_for_backward(torch.stack([x1, x2]))
        return x1, x2

    @staticmethod
    def backward(ctx, *upstream):
        (both,) = ctx.saved_tensors
        y1, y2 = both.unbind()
        gradients = {}
        for block in list(ctx.blocks)[::-1]:
            x2 = y2 - block.g(y1)
            x1 = y1 - block.f(x2)
            with torch.enable_grad():
                a, b = x1.clone().requires_grad_(), x2.clone().requires_grad_()
                z1 = a + block.f(b)
                z2 = b + block.g(z1)
                own = list(block.parameters())
                got = torch.autograd.grad((z1, z2), [a, b, *own], upstream)
            upstream = got[:2]
            gradients.update(zip(own, got[2:], strict=True))
            y1, y2 = x1, x2
        return *upstream, None, *(gradients[one] for one in ctx.blocks.parameters())


class WithSetupContext(Function):
    @staticmethod
    def forward(x1, x2, blocks, *params):
        for block in blocks:
            x1 = torch.add(x1, block.f(x2))
            x2 = torch.add(x2, block.g(x1))
        return x1, x2

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.blocks = inputs[2]
        ctx.save_for_backward(*output)

    @staticmethod
    def backward(ctx, d1, d2):
        y1, y2 = (one.clone() for one in ctx.saved_tensors)
        gradients = []
        for index in range(len(ctx.blocks) - 1, -1, -1):
            block = ctx.blocks[index]
            with torch.enable_grad():
                z1 = y1.detach().requires_grad_(True)
                gz = block.g(z1)
                into_g = torch.autograd.grad(gz, (z1, *block.g.parameters()), d2)
            y2 -= gz.detach()
            d1 = d1 + into_g[0]
            with torch.enable_grad():
                leaf = y2.detach().clone().requires_grad_(True)
                fx = block.f(leaf)
                into_f = torch.autograd.grad(fx, (leaf, *block.f.parameters()), d1)
            y1 -= fx.detach()
            d2 = d2 + into_f[0]
            gradients = [*into_f[1:], *into_g[1:], *gradients]
        return (d1, d2, None, *gradients)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


class LeavesItToAutograd(Reference):
    """Your values and gradients are right. What does autograd keep of each block, and what could
    be worked out again from its output?
    """

    @staticmethod
    def apply(x1, x2, blocks, *params):
        for block in blocks:
            x1 = x1 + block.f(x2)
            x2 = x2 + block.g(x1)
        return x1, x2


class SavesTheInputsOfAllBlocks(Reference):
    """Twice as many blocks: how many tensors do you save? Which of them does the next block's
    output already contain?
    """

    @staticmethod
    def forward(ctx, x1, x2, blocks, *params):
        saved = []
        for block in blocks:
            saved += [x1, x2]
            x1 = x1 + block.f(x2)
            x2 = x2 + block.g(x1)
        ctx.blocks = blocks
        ctx.save_for_backward(*saved)
        return x1, x2

    @staticmethod
    def backward(ctx, dy1, dy2):
        found = []
        saved = list(ctx.saved_tensors)
        for block in reversed(ctx.blocks):
            x2, x1 = saved.pop(), saved.pop()
            y1 = x1 + block.f(x2)
            _, g_gradients, through_g = undo(block.g, y1, y1, dy2)
            dy1 = dy1 + through_g
            _, f_gradients, through_f = undo(block.f, x2, y1, dy1)
            dy2 = dy2 + through_f
            found = f_gradients + g_gradients + found
        return dy1, dy2, None, *found


class RunsTheWholeChainAgain(Reference):
    """You keep the first input, and backward runs the whole chain again. How many graphs are in
    memory then? From which end can the blocks be undone one by one?
    """

    @staticmethod
    def forward(ctx, x1, x2, blocks, *params):
        ctx.blocks = blocks
        ctx.save_for_backward(x1, x2)
        for block in blocks:
            x1 = x1 + block.f(x2)
            x2 = x2 + block.g(x1)
        return x1, x2

    @staticmethod
    def backward(ctx, dy1, dy2):
        with torch.enable_grad():
            inputs = [one.detach().requires_grad_() for one in ctx.saved_tensors]
            y1, y2 = LeavesItToAutograd.apply(*inputs, ctx.blocks)
        x1_and_x2, given = inputs, list(ctx.blocks.parameters())
        d1, d2, *found = grad((y1, y2), [*x1_and_x2, *given], (dy1, dy2))
        return d1, d2, None, *found


class KeepsItsOutputsOnCtx(Reference):
    """Between forward and backward somebody may write into your outputs. Which way of keeping them
    would notice?
    """

    @staticmethod
    def forward(ctx, x1, x2, blocks, *params):
        for block in blocks:
            x1 = x1 + block.f(x2)
            x2 = x2 + block.g(x1)
        ctx.blocks, ctx.y1, ctx.y2 = blocks, x1, x2
        return x1, x2

    @staticmethod
    def backward(ctx, dy1, dy2):
        return walk_back(ctx.blocks, ctx.y1, ctx.y2, dy1, dy2)


def walk_back(blocks, y1, y2, dy1, dy2):
    """Return what the backward pass of the reference returns."""
    found = []
    for block in reversed(blocks):
        x2, g_gradients, through_g = undo(block.g, y1, y2, dy2)
        dy1 = dy1 + through_g
        x1, f_gradients, through_f = undo(block.f, x2, y1, dy1)
        dy2 = dy2 + through_f
        found = f_gradients + g_gradients + found
        y1, y2 = x1, x2
    return dy1, dy2, None, *found


class WorksInTheSavedTensors(Reference):
    """Your first backward pass is right. What does it do to the tensors that were saved, and what
    would a second one find there?
    """

    @staticmethod
    def backward(ctx, dy1, dy2):
        y1, y2 = (one.detach() for one in ctx.saved_tensors)
        found = []
        for block in reversed(ctx.blocks):
            x2, g_gradients, through_g = undo(block.g, y1, y2, dy2)
            y2.copy_(x2)
            dy1 = dy1 + through_g
            x1, f_gradients, through_f = undo(block.f, y2, y1, dy1)
            y1.copy_(x1)
            dy2 = dy2 + through_f
            found = f_gradients + g_gradients + found
        return dy1, dy2, None, *found


class LosesTheGradientsOfTheParameters(Reference):
    """With your gradients, what would an optimizer do to the blocks? Why are `params` among the
    arguments?
    """

    @staticmethod
    def backward(ctx, dy1, dy2):
        d1, d2, _, *found = Reference.backward(ctx, dy1, dy2)
        return d1, d2, None, *(None for _ in found)


class CallsBackwardInBackward(Reference):
    """The parameters have their gradients in `.grad`, though nobody asked for that. How does a
    function of autograd's hand over a gradient?
    """

    @staticmethod
    def backward(ctx, dy1, dy2):
        d1, d2, _, *found = Reference.backward(ctx, dy1, dy2)
        for parameter, gradient in zip(ctx.blocks.parameters(), found, strict=True):
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
        return d1, d2, None, *(None for _ in found)


class GivesParameterGradientsFromTheLastBlockOn(Reference):
    """You meet the last block first. In which order are the gradients of the parameters to be
    returned?
    """

    @staticmethod
    def backward(ctx, dy1, dy2):
        d1, d2, _, *found = Reference.backward(ctx, dy1, dy2)
        pairs = [found[i : i + 2] for i in range(0, len(found), 2)]
        return d1, d2, None, *(one for pair in reversed(pairs) for one in pair)


class ForgetsAnArgument(Reference):
    """How many arguments does `apply` take, and how many entries does your backward return?"""

    @staticmethod
    def backward(ctx, dy1, dy2):
        d1, d2, _, *found = Reference.backward(ctx, dy1, dy2)
        return d1, d2, *found


class PassesTheOldGradientToF(Reference):
    """y1 reaches the output on two paths: as it is, and through g. Which of them had been added
    when you went back through f?
    """

    @staticmethod
    def backward(ctx, dy1, dy2):
        y1, y2 = ctx.saved_tensors
        found = []
        for block in reversed(ctx.blocks):
            x2, g_gradients, through_g = undo(block.g, y1, y2, dy2)
            x1, f_gradients, through_f = undo(block.f, x2, y1, dy1)
            dy1, dy2 = dy1 + through_g, dy2 + through_f
            found = f_gradients + g_gradients + found
            y1, y2 = x1, x2
        return dy1, dy2, None, *found


class ForgetsTheDirectPath(Reference):
    """x2 reaches the output on two paths: as it is, and through f. What becomes of the first in
    your gradient?
    """

    @staticmethod
    def backward(ctx, dy1, dy2):
        y1, y2 = ctx.saved_tensors
        found = []
        for block in reversed(ctx.blocks):
            x2, g_gradients, through_g = undo(block.g, y1, y2, dy2)
            dy1 = dy1 + through_g
            x1, f_gradients, dy2 = undo(block.f, x2, y1, dy1)
            found = f_gradients + g_gradients + found
            y1, y2 = x1, x2
        return dy1, dy2, None, *found


class AddsOnTheWayBack(Reference):
    """Forward adds f and g. What undoes an addition?"""

    @staticmethod
    def backward(ctx, dy1, dy2):
        y1, y2 = ctx.saved_tensors
        found = []
        for block in reversed(ctx.blocks):
            x2, g_gradients, through_g = undo(block.g, y1, y2, dy2)
            x2 = 2 * y2 - x2
            dy1 = dy1 + through_g
            x1, f_gradients, through_f = undo(block.f, x2, y1, dy1)
            x1 = 2 * y1 - x1
            dy2 = dy2 + through_f
            found = f_gradients + g_gradients + found
            y1, y2 = x1, x2
        return dy1, dy2, None, *found


class GoesThroughTheBlocksForwards(Reference):
    """Which block acted last, and which must be undone first?"""

    @staticmethod
    def backward(ctx, dy1, dy2):
        y1, y2 = ctx.saved_tensors
        found = []
        for block in ctx.blocks:
            x2, g_gradients, through_g = undo(block.g, y1, y2, dy2)
            dy1 = dy1 + through_g
            x1, f_gradients, through_f = undo(block.f, x2, y1, dy1)
            dy2 = dy2 + through_f
            found += f_gradients + g_gradients
            y1, y2 = x1, x2
        return dy1, dy2, None, *found


class StaysAtTheLastActivations(Reference):
    """With one block you are right. Which activations did the block before the last one see?"""

    @staticmethod
    def backward(ctx, dy1, dy2):
        y1, y2 = ctx.saved_tensors
        found = []
        for block in reversed(ctx.blocks):
            x2, g_gradients, through_g = undo(block.g, y1, y2, dy2)
            dy1 = dy1 + through_g
            _, f_gradients, through_f = undo(block.f, x2, y1, dy1)
            dy2 = dy2 + through_f
            found = f_gradients + g_gradients + found
        return dy1, dy2, None, *found


class GivesGTheOldHalf(Reference):
    """Could your block be undone? From y1 and y2, which of the two inputs can you work out first,
    and what did g see?
    """

    @staticmethod
    def forward(ctx, x1, x2, blocks, *params):
        for block in blocks:
            x1, x2 = x1 + block.f(x2), x2 + block.g(x1)
        ctx.blocks = blocks
        ctx.save_for_backward(x1, x2)
        return x1, x2


class SwapsTheParts(Reference):
    """Which half does f see, and to which half is its result added?"""

    @staticmethod
    def forward(ctx, x1, x2, blocks, *params):
        for block in blocks:
            x2 = x2 + block.f(x1)
            x1 = x1 + block.g(x2)
        ctx.blocks = blocks
        ctx.save_for_backward(x1, x2)
        return x1, x2


class SwapsTheHalvesAfterEachBlock(Reference):
    """With one block your numbers are right, in the wrong places. In which order are the halves to
    be passed on?
    """

    @staticmethod
    def forward(ctx, x1, x2, blocks, *params):
        for block in blocks:
            y1 = x1 + block.f(x2)
            x1, x2 = x2 + block.g(y1), y1
        ctx.blocks = blocks
        ctx.save_for_backward(x1, x2)
        return x1, x2


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield case(rng, "one block, transposed halves", 1, 4, transposed=True)
    yield case(rng, "three blocks in float64, numbers around 1,000", 3, 3, scale=1e3, double=True)
    yield case(rng, "a block, one feature in each half, an input of zeros", 1, 1, scale=0.0)
    yield case(rng, "one block, no examples", 1, 2, batch=0)
    yield case(rng, "two blocks whose outputs are edited", 2, 3, aspect="memory")
    yield case(rng, "six blocks, with room for four graphs", 6, 2, aspect="memory", room=4)


def case(
    rng: Generator,
    name: str,
    depth: int,
    width: int,
    *,
    batch: int = 3,
    scale: float = 1.0,
    aspect: str = "values",
    double: bool = False,
    transposed: bool = False,
    room: int = 0,
) -> Case:
    """Draw the halves and the seed of the blocks."""
    shape = (2, width, batch) if transposed else (2, batch, width)
    halves = scale * torch.randn(shape, generator=rng)
    halves = halves.mT if transposed else halves
    halves = halves.double() if double else halves
    inputs = {
        "halves": [half.detach().requires_grad_() for half in halves],
        "depth": depth,
        "width": width,
        "seed": int(torch.randint(10**6, (), generator=rng)),
        "room": room,
        "edited": aspect == "memory" and not room,  # the hooks that count bytes hide edits
    }
    return Case(name, inputs, aspect=aspect, precise=False)


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Apply the function; ask for all gradients twice; spoil the outputs where memory is short."""
    x1, x2 = inputs["halves"]
    depth, room = inputs["depth"], inputs["room"]
    dtype = str(x1.dtype).removeprefix("torch.")
    blocks = ask.make(
        "couplings",
        depth=depth,
        width=inputs["width"],
        seed=inputs["seed"],
        dtype=dtype,
        room=room,
    )
    layer = "part.0.weight" if room else "0.weight"
    params = [
        blocks.get(f"{number}.{part}.{layer}") for number in range(depth) for part in ("f", "g")
    ]
    result = ask.subject.method(
        "apply",
        x1,
        x2,
        blocks,
        *params,
        about="",
        names=("x1", "x2", "blocks"),
        measure=("saved_bytes",) if room else (),
    )
    if room:
        result.within(
            "saved_bytes",
            at_most=4 * x1.numel() * x1.element_size(),
            because="twice the bytes of y1 and y2, however many blocks there are",
        )
    result.gradients("x1", "x2", about="gradients in x1 and x2 for random upstream gradients")
    result.gradients(
        *(params if depth < 4 else params[::5]),
        about="gradients in the parameters, from a second backward pass",
    )
    blocks.get(f"0.f.{layer}.grad", about="the .grad of a parameter afterwards")
    if inputs["edited"]:
        ask.make("spoiler")(
            result, blocks, about="what backward makes of outputs that are edited before it"
        )


exercise = Exercise(
    id="rev_fn",
    reference=Reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-3, atol=1e-4, because="float32 activations that are rebuilt by subtraction"
    ),
    drive=drive,
    also_right=(OneBlockAtATime, WithSetupContext),
    misconceptions=(
        LeavesItToAutograd,
        SavesTheInputsOfAllBlocks,
        RunsTheWholeChainAgain,
        KeepsItsOutputsOnCtx,
        WorksInTheSavedTensors,
        LosesTheGradientsOfTheParameters,
        CallsBackwardInBackward,
        GivesParameterGradientsFromTheLastBlockOn,
        ForgetsAnArgument,
        PassesTheOldGradientToF,
        ForgetsTheDirectPath,
        AddsOnTheWayBack,
        GoesThroughTheBlocksForwards,
        StaysAtTheLastActivations,
        GivesGTheOldHalf,
        SwapsTheParts,
        SwapsTheHalvesAfterEachBlock,
    ),
    credit={"values": 0.25, "gradients": 0.5, "memory": 0.25},
)
