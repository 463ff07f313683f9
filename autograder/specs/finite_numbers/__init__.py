"""Finite numbers: PS3."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.driver import Recorder
from autograder.spec import Case, Tolerance

SINGLE = Tolerance(
    rtol=1e-4, atol=1e-6, because="a handful of float32 operations on numbers near 1"
)
DOUBLE = Tolerance(
    rtol=1e-9, atol=1e-11, because="a handful of float64 operations on numbers near 1"
)
TAIL = Tolerance(
    rtol=1e-4, atol=0.0, because="a tiny result is held to as many digits as a large one"
)


def call_and_differentiate(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Call once; ask for the gradient in the argument that the case marks with one."""
    result = ask.ask(
        {
            "verb": "call",
            "of": 0,
            "args": list(inputs.values()),
            "kwargs": {},
            "names": list(inputs),
        }
    )
    for name, value in inputs.items():
        if isinstance(value, Tensor) and value.requires_grad:
            result.gradients(name, about=f"gradient in {name}, times random numbers from upstream")


def ordinary_numbers(rng: Generator) -> Iterator[Case]:
    """Yield the cases that any function of single numbers is asked first, with gradients."""
    yield Case("x is 0, 1 and -1", {"x": torch.tensor([0.0, 1.0, -1.0])})
    x = 3 * torch.randn(6, generator=rng)
    yield Case("six numbers near 0", {"x": x.requires_grad_()})
    yield Case("a transposed matrix", {"x": torch.randn(2, 3, generator=rng).T})
    x = 3 * torch.randn(4, generator=rng, dtype=torch.float64)
    yield Case("numbers in float64", {"x": x.requires_grad_()}, tolerance=DOUBLE)
    yield Case("x is exactly 0", {"x": torch.zeros(2, requires_grad=True)})
    yield Case("a matrix of one number", {"x": torch.randn(1, 1, generator=rng)})
    yield Case("no numbers at all", {"x": torch.empty(2, 0)})
