"""What of an answer is compared, where several answers are right: public, named, pure.

A view takes the value that came and the arguments of the question, and returns what any two
right answers agree in. The judge and the practice check use the same ones.
"""

from collections.abc import Callable, Sequence
from math import nan
from typing import Any

View = Callable[[Any, Sequence[Any]], Any]


def see(name: str, value: Any, arguments: Sequence[Any]) -> Any:
    """Return what the view called ``name`` shows of ``value``; all of it when there is none."""
    return VIEWS[name](value, arguments) if name else value


def code_lengths(value: Any, arguments: Sequence[Any]) -> Any:
    """Show how many code lengths there are, their mean under the probabilities, their Kraft sum."""
    lengths, p = [float(length) for length in value], [float(chance) for chance in arguments[0]]
    fits = len(lengths) == len(p)
    mean = sum(chance * length for chance, length in zip(p, lengths, strict=True)) if fits else nan
    kraft = sum(2.0**-length for length in lengths)
    return {"number of lengths": len(lengths), "mean length": mean, "Kraft sum": kraft}


def posterior(value: Any, arguments: Sequence[Any]) -> Any:
    """Show a, b, mean and mle by name, each as a plain number, from number or tensor alike."""
    names = ("a", "b", "mean", "mle")
    numbers = [None if one is None else float(one) for one in value]
    return dict(zip(names, numbers, strict=True))


def residual(value: Any, arguments: Sequence[Any]) -> Any:
    """Show whether ``value`` solves ``A x = b`` up to rounding, where A and x are of size 1.

    The norm of ``A x - b`` is told apart at 1e-12 only: its digits differ between processors.
    """
    matrix, right = (argument.detach().double() for argument in arguments[:2])
    fits = value.shape == right.shape
    norm = float((matrix @ value.double() - right).norm()) if fits else nan
    return {
        "shape": str(tuple(value.shape)),
        "dtype": str(value.dtype),
        "norm of A x - b": "below 1e-12" if norm < 1e-12 else "not below 1e-12",
    }


VIEWS: dict[str, View] = {
    "code_lengths": code_lengths,
    "posterior": posterior,
    "residual": residual,
}
