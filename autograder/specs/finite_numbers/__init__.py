"""Finite numbers: PS3."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from autograder.driver import Recorder


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
