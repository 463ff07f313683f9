"""Tiny public things that a test may hand to a learner's function: models, losses, generators.

The judge names one and its arguments; it is made where the learner's code runs, the same every
time.
"""

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


def generator(seed: int) -> Generator:
    """Return a generator of random numbers on the CPU with ``seed``."""
    return Generator().manual_seed(seed)


def linear(inputs: int, outputs: int, seed: int) -> nn.Linear:
    """Return a linear layer with weights and biases drawn from ``seed``."""
    layer = nn.Linear(inputs, outputs)
    _redraw(layer, seed)
    return layer


def mlp(widths: list[int], seed: int) -> nn.Sequential:
    """Return linear layers of the given widths with ReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in zip(widths, widths[1:], strict=False):
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
    "generator": generator,
    "linear": linear,
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
