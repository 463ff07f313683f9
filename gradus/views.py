"""What of an answer is compared, where several answers are right: public, named, pure.

A view takes the value that came and the arguments of the question, and returns what any two
right answers agree in. The judge and the practice check use the same ones.
"""

from collections.abc import Callable, Sequence
from typing import Any

View = Callable[[Any, Sequence[Any]], Any]


def see(name: str, value: Any, arguments: Sequence[Any]) -> Any:
    """Return what the view called ``name`` shows of ``value``; all of it when there is none."""
    return VIEWS[name](value, arguments) if name else value


def code_lengths(value: Any, arguments: Sequence[Any]) -> Any:
    """Show the mean length under the probabilities and the Kraft sum of a list of code lengths."""
    lengths, p = [int(length) for length in value], arguments[0]
    if len(lengths) != len(p):
        return f"{len(lengths)} lengths for {len(p)} outcomes"
    mean = sum(float(chance) * length for chance, length in zip(p, lengths, strict=True))
    return {"mean length": mean, "Kraft sum": sum(2.0**-length for length in lengths)}


def residual(value: Any, arguments: Sequence[Any]) -> Any:
    """Show how well ``value`` solves ``A x = b``: its shape and the norm of ``A x - b``."""
    matrix, right = (argument.detach().double() for argument in arguments[:2])
    if value.shape != right.shape:
        return f"shape {tuple(value.shape)}, not {tuple(right.shape)}"
    return {"dtype": str(value.dtype), "residual": float((matrix @ value.double() - right).norm())}


VIEWS: dict[str, View] = {"code_lengths": code_lengths, "residual": residual}
