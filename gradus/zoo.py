"""Tiny public things that a test may hand to a learner's function: models, losses, generators.

The judge names one and its arguments; it is made where the learner's code runs, the same every
time.
"""

import itertools
from collections.abc import Callable
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


def cramped(inputs: int, outputs: int, seed: int, room: int) -> Cramped:
    """Return a linear layer, as ``model``, that can hold ``room`` examples at once."""
    return Cramped(linear(inputs, outputs, seed), room)


def cross_entropy() -> Callable[[Tensor, Tensor], Tensor]:
    """Return the cross-entropy of logits and class numbers, averaged over the examples."""
    return nn.CrossEntropyLoss()


def generator(seed: int) -> Generator:
    """Return a generator of random numbers on the CPU with ``seed``."""
    return Generator().manual_seed(seed)


def linear(inputs: int, outputs: int, seed: int) -> nn.Linear:
    """Return a linear layer with weights and biases drawn from ``seed``."""
    layer = nn.Linear(inputs, outputs)
    _redraw(layer, seed)
    return layer


def mirrored(pic: Any) -> Any:
    """Return a view of an array with its columns in reverse order: ``pic[:, ::-1]``."""
    return pic[:, ::-1]


def mlp(widths: list[int], seed: int) -> nn.Sequential:
    """Return linear layers of the given widths with ReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    _redraw(model, seed)
    return model


def mse() -> Callable[[Tensor, Tensor], Tensor]:
    """Return the mean squared error, averaged over all elements."""
    return nn.MSELoss()


def _redraw(model: nn.Module, seed: int) -> None:
    rng = generator(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=rng))


RECIPES: dict[str, Callable[..., Any]] = {
    "context": Context,
    "cramped": cramped,
    "cross_entropy": cross_entropy,
    "generator": generator,
    "linear": linear,
    "mirrored": mirrored,
    "mlp": mlp,
    "mse": mse,
}


def make(name: str, arguments: dict[str, Any]) -> Any:
    """Return what the recipe called ``name`` makes.

    Raises:
        WireError: If there is no such recipe.
    """
    if name not in RECIPES:
        raise WireError(f"no recipe is called {name!r}")
    return RECIPES[name](**arguments)
