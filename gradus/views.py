"""What of an answer is compared, where several answers are right: public, named, pure.

A view takes the value that came and the arguments of the question, and returns what any two
right answers agree in. The judge and the practice check use the same ones.
"""

from collections.abc import Callable, Sequence
from math import nan
from typing import Any

import torch
from torch import Tensor

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


def form(value: Any, arguments: Sequence[Any]) -> Any:
    """Show the shape and the dtype of a tensor, whatever its numbers."""
    return {"shape": str(tuple(value.shape)), "dtype": str(value.dtype)}


def masked_rows(value: Any, arguments: Sequence[Any]) -> Any:
    """Show what chance did to a matrix of ones: how often an entry is 0, and what the others are.

    Also whether any two rows, and any two columns, are alike: of independent draws none are, and
    where some are, the share of zeros has fewer draws behind it than entries and is not shown.
    """
    if value.dim() != 2:
        return form(value, arguments)
    zero = value == 0
    others = value[~zero].unique().tolist()
    alike = [len(part.unique(dim=0)) < len(part) for part in (zero, zero.T)]
    share = torch.tensor(nan) if any(alike) else zero.double().mean()
    return {
        "dtype": str(value.dtype),
        "two rows alike": alike[0],
        "two columns alike": alike[1],
        "share of zeros": share.double(),
        "values other than 0": others[:3],
    }


def accuracy(value: Any, key: Any) -> float:
    """Return the share of rows whose largest entry is where ``key`` says: 0 to 1."""
    if not isinstance(value, Tensor) or value.shape[:-1] != key.shape or not value.dim():
        return nan
    return float((value.argmax(-1) == key).double().mean())


def mean_squared_error(value: Any, key: Any) -> float:
    """Return the mean squared difference from ``key``."""
    if not isinstance(value, Tensor) or value.shape != key.shape:
        return nan
    return float(torch.square(value.double() - key.double()).mean())


MEASURES: dict[str, Callable[[Any, Any], float]] = {
    "accuracy": accuracy,
    "mean_squared_error": mean_squared_error,
}
"""How good an answer is, as a number: of the answer, and of the truth that only the asker has."""

VIEWS: dict[str, View] = {
    "code_lengths": code_lengths,
    "form": form,
    "masked_rows": masked_rows,
    "posterior": posterior,
    "residual": residual,
}
