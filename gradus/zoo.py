"""Tiny public things that a test may hand to a learner's function: models, losses, generators.

The judge names one and its arguments; it is made where the learner's code runs, the same every
time.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor, nn

from gradus.wire import WireError


class Context:
    """Stands in for autograd's ``ctx``, so that forward and backward can be called directly."""

    saved_tensors: tuple[Any, ...] = ()
    needs_input_grad: tuple[bool, ...] = (True,) * 8

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep ``tensors`` for backward, as ``saved_tensors``."""
        self.saved_tensors = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Accept the call; gradients are always tensors here."""

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Accept the call."""

    def mark_dirty(self, *tensors: Any) -> None:
        """Accept the call."""


class Cramped(nn.Module):
    """A model with memory for few examples: each is held from its forward to its backward pass."""

    def __init__(self, model: nn.Module, room: int) -> None:
        super().__init__()
        self.model = model
        self.room = room
        self.held = 0

    def forward(self, x: Tensor) -> Tensor:
        """Return the model's output, if memory allows.

        Raises:
            MemoryError: If more than ``room`` examples would be held at once.
        """
        if self.held + len(x) > self.room:
            raise MemoryError(
                f"{self.held} examples wait for their backward pass, and {len(x)} more do not fit: "
                f"there is room for {self.room}"
            )
        result: Tensor = self.model(x)
        if result.requires_grad:
            self.held += len(x)
            result.register_hook(lambda _: self._release(len(x)))  # type: ignore[no-untyped-call]
        return result

    def _release(self, count: int) -> None:
        self.held -= count


class Coupling(nn.Module):
    """One reversible block: two residual functions, ``f`` and ``g``, of half of the features."""

    def __init__(self, f: nn.Module, g: nn.Module) -> None:
        super().__init__()
        self.f = f
        self.g = g


class Counted(nn.Module):
    """A part of a stack that has room for the graphs of few parts at once."""

    def __init__(self, part: nn.Module, waiting: list[int], room: int) -> None:
        super().__init__()
        self.part = part
        self.room = room
        self._waiting = waiting  # one number, shared by all parts of the stack

    def forward(self, x: Tensor) -> Tensor:
        """Return what the part returns, if there is room for its graph.

        Raises:
            MemoryError: If more than ``room`` graphs would wait for their backward pass.
        """
        result: Tensor = self.part(x)
        if result.requires_grad:
            if self._waiting[0] == self.room:
                raise MemoryError(
                    f"the graphs of {self.room} calls wait for their backward pass, and one more "
                    "does not fit"
                )
            self._waiting[0] += 1
            result.register_hook(self._release)  # type: ignore[no-untyped-call]
        return result

    def _release(self, _: Tensor) -> None:
        self._waiting[0] -= 1


def couplings(
    depth: int, width: int, seed: int, dtype: str = "float32", room: int = 0
) -> nn.ModuleList:
    """Return ``depth`` reversible blocks, whose ``f`` and ``g`` are linear layers with tanh.

    With ``room``, the graphs of no more than so many calls of an ``f`` or ``g`` fit into memory.
    """
    waiting = [0]

    def part() -> nn.Module:
        layers = nn.Sequential(nn.Linear(width, width, bias=False), nn.Tanh())
        return Counted(layers, waiting, room) if room else layers

    blocks = nn.ModuleList(Coupling(part(), part()) for _ in range(depth))
    _redraw(blocks, seed)
    return blocks.to(getattr(torch, dtype))


def composed(steps: list[str]) -> Callable[[Tensor], Tensor]:
    """Return the function that takes the named steps one after the other."""

    def function(x: Tensor) -> Tensor:
        for step in steps:
            x = STEPS[step](x)
        return x

    return function


STEPS: dict[str, Callable[[Tensor], Tensor]] = {
    "exp": torch.exp,
    "first column": lambda x: x[:, :1],
    "largest": lambda x: x.max(-1).values,
    "negative": torch.neg,
    "product of halves": lambda x: torch.mul(*x.chunk(2, -1)),
    "sin": torch.sin,
    "tanh": torch.tanh,
    "without negatives": lambda x: x.where(x > 0, 0.0),
}


def cramped(inputs: int, outputs: int, seed: int, room: int) -> Cramped:
    """Return a linear layer, as ``model``, that can hold ``room`` examples at once."""
    return Cramped(linear(inputs, outputs, seed), room)


def cross_entropy() -> Callable[[Tensor, Tensor], Tensor]:
    """Return the cross-entropy of logits and class numbers, averaged over the examples."""
    return nn.CrossEntropyLoss()


def generator(seed: int) -> Generator:
    """Return a generator of random numbers on the CPU with ``seed``."""
    return Generator().manual_seed(seed)


def layer_norm(features: int, seed: int) -> nn.LayerNorm:
    """Return layer normalisation whose weights and biases are drawn from ``seed``."""
    layer = nn.LayerNorm(features)
    _redraw(layer, seed)
    return layer


def linear(inputs: int, outputs: int, seed: int) -> nn.Linear:
    """Return a linear layer with weights and biases drawn from ``seed``."""
    layer = nn.Linear(inputs, outputs)
    _redraw(layer, seed)
    return layer


def mirrored(pic: Any) -> Any:
    """Return a view of an array with its columns in reverse order: ``pic[:, ::-1]``."""
    return pic[:, ::-1]


def mlp(widths: list[int], seed: int, norm: bool = False) -> nn.Sequential:
    """Return linear layers of the given widths with ReLU between them, after batch norm if asked.

    A batch norm's gains and biases are drawn, too.
    """
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(widths):
        between = [nn.BatchNorm1d(outputs)] if norm else []
        layers += [nn.Linear(inputs, outputs), *between, nn.ReLU()]
    model = nn.Sequential(*layers[: -1 - norm])
    _redraw(model, seed)
    return model


def mse() -> Callable[[Tensor, Tensor], Tensor]:
    """Return the mean squared error, averaged over all elements."""
    return nn.MSELoss()


def oracle(features: int, classes: int, seed: int) -> Callable[[Tensor], Tensor]:
    """Return a classifier: its scores are higher, the nearer an example is to a class's centre.

    It takes examples ``(examples, features)`` and returns scores ``(examples, classes)``.
    """
    centres = 2 * torch.randn(classes, features, generator=generator(seed))

    def scores(x: Tensor) -> Tensor:
        if x.shape[1:] != (features,):
            raise ValueError(f"expected examples of shape (n, {features}), got {tuple(x.shape)}")
        distances = x.unsqueeze(1) - centres.to(x.dtype)  # (examples, classes, features)
        return -distances.square().sum(-1)

    return scores


def sgd(model: nn.Module, lr: float, momentum: float = 0.0) -> torch.optim.SGD:
    """Return stochastic gradient descent on the parameters of ``model``."""
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)


def spoiler() -> Callable[[Sequence[Tensor], nn.Module], str]:
    """Return a function of outputs and the model they come from: :func:`spoilt`."""
    return spoilt


def spoilt(outputs: Sequence[Tensor], model: nn.Module) -> str:
    """Zero ``outputs`` in place, and say what the backward pass through them makes of that.

    Either autograd refuses, or the gradients in the parameters of ``model`` are what they were, or
    they are wrong in silence.
    """
    ones = [torch.ones_like(output) for output in outputs]
    given = list(model.parameters())
    before = torch.autograd.grad(outputs, given, ones, retain_graph=True, allow_unused=True)
    for output in outputs:
        output.detach().zero_()
    try:
        after = torch.autograd.grad(outputs, given, ones, allow_unused=True)
    except RuntimeError:
        return "no wrong gradient"
    same = all(
        (one is None and other is None)
        or (one is not None and other is not None and torch.equal(one, other))
        for one, other in zip(before, after, strict=True)
    )
    return "no wrong gradient" if same else "wrong gradients, and no error"


def _redraw(model: nn.Module, seed: int) -> None:
    rng = generator(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=rng))


RECIPES: dict[str, Callable[..., Any]] = {
    "composed": composed,
    "context": Context,
    "couplings": couplings,
    "cramped": cramped,
    "cross_entropy": cross_entropy,
    "generator": generator,
    "layer_norm": layer_norm,
    "linear": linear,
    "mirrored": mirrored,
    "mlp": mlp,
    "mse": mse,
    "oracle": oracle,
    "sgd": sgd,
    "spoiler": spoiler,
}


def make(name: str, arguments: dict[str, Any]) -> Any:
    """Return what the recipe called ``name`` makes.

    Raises:
        WireError: If there is no such recipe.
    """
    if name not in RECIPES:
        raise WireError(f"no recipe is called {name!r}")
    return RECIPES[name](**arguments)
