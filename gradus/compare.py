"""Do two answers agree, and if not, how? Type, shape, dtype, device, then values.

Nothing is broadcast: an answer of another shape is wrong, however close its numbers.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Tolerance:
    """How far an answer may be from the reference, and why that far.

    ``by_dtype`` widens it to what torch's own tests allow for the dtype, as between devices.
    """

    rtol: float
    atol: float
    because: str
    by_dtype: bool = False


OF_DTYPE = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
}
"""The rtol and atol of :func:`torch.testing.assert_close`, which is used across devices."""


def by_chance(draws: int, width: float = 1.0, alarms: float = 1e-8) -> Tolerance:
    """Return how far the means of two honest samples may lie apart.

    Args:
        draws: Independent draws in each sample, each within an interval of length ``width``.
        width: The length of that interval.
        alarms: How often two honest samples may lie further apart, at most.

    Source:
        Hoeffding (1963), theorem 2, for the difference of two means; it holds for every
        distribution, so the rate is a bound and not an estimate.
    """
    apart = width * math.sqrt(math.log(2 / alarms) / draws)
    return Tolerance(0.0, apart, f"two honest samples differ by more once in {1 / alarms:,.0f}")


@dataclass(frozen=True)
class Difference:
    """The first way in which two answers differ: its kind, and one sentence.

    ``expected`` and ``came`` quote the two values where they are short enough to read. Where
    there are several numbers, ``first`` is the place of the first wrong one, what was expected
    there, and what came.
    """

    kind: str
    text: str
    expected: str = field(default="", compare=False)
    came: str = field(default="", compare=False)
    first: tuple[str, str, str] | None = field(default=None, compare=False)

    @property
    def alone(self) -> "Difference":
        """The same difference with one expected value at most: the first that differs.

        A wrong type, shape or dtype is told without any.
        """
        if self.kind not in ("values", "cost"):
            return replace(self, expected="", came="")
        if self.first is None:
            return self
        place, expected, came = self.first
        text = f"{self.text}; at {place}, expected {expected}, got {came}"
        return replace(self, text=text, expected=expected, came=came)


def compare(answer: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    """Return the first difference between ``answer`` and ``expected``, None if there is none.

    >>> exact = Tolerance(rtol=0, atol=0, because="nothing is computed")
    >>> compare(torch.zeros(2), torch.zeros(2, 1), exact).text
    'expected shape (2, 1), got (2,)'

    Floating-point values agree when they differ by at most ``atol + rtol * |expected|``;
    whole numbers, strings and truth values must be equal; nan agrees with nan alone.
    """
    if isinstance(expected, Tensor):
        return _compare_tensors(answer, expected, tolerance)
    if isinstance(expected, np.ndarray | np.generic):
        return _compare_arrays(answer, expected, tolerance)
    if isinstance(expected, list | tuple):
        return _compare_sequences(answer, expected, tolerance)
    if isinstance(expected, dict):
        return _compare_dicts(answer, expected, tolerance)
    return _compare_plain(answer, expected, tolerance)


def kind_of(value: Any) -> str:
    """Return what a beginner would call the type of ``value``, with its article.

    >>> kind_of(torch.zeros(3)), kind_of([1]), kind_of(None)
    ('a tensor', 'a list', 'None')
    """
    if value is None:
        return "None"
    if isinstance(value, Tensor):
        return "a tensor"
    if isinstance(value, np.ndarray):
        return "a numpy array"
    if isinstance(value, np.generic):
        return f"a numpy {type(value).__name__}"
    name = {"str": "string", "bool": "truth value (bool)"}.get(
        type(value).__name__, type(value).__name__
    )
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape)) if tensor.dim() else "() (one number)"


def _type_difference(answer: Any, expected: Any) -> Difference:
    text = f"expected {kind_of(expected)}, got {kind_of(answer)}"
    return Difference("type", text, quote(expected), quote(answer))


def _compare_tensors(answer: Any, expected: Tensor, tolerance: Tolerance) -> Difference | None:
    if not isinstance(answer, Tensor):
        return _type_difference(answer, expected)
    if answer.shape != expected.shape:
        text = f"expected shape {_shape(expected)}, got {_shape(answer)}"
        return Difference("shape", text, quote(expected), quote(answer))
    if answer.dtype != expected.dtype:
        text = f"expected dtype {expected.dtype}, got {answer.dtype}"
        return Difference("dtype", text, quote(expected), quote(answer))
    if answer.device.type != expected.device.type:
        text = f"expected a tensor on {expected.device.type}, got one on {answer.device.type}"
        return Difference("device", text)
    if expected.device.type == "meta":
        return None
    return _compare_values(answer.detach(), expected.detach(), tolerance)


def _compare_arrays(answer: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    if not isinstance(answer, np.ndarray | np.generic):
        return _type_difference(answer, expected)
    return _compare_tensors(
        torch.from_numpy(np.array(answer)), torch.from_numpy(np.array(expected)), tolerance
    )


def _compare_values(answer: Tensor, expected: Tensor, tolerance: Tolerance) -> Difference | None:
    if not expected.is_floating_point():
        wrong = answer != expected
    else:
        rtol, atol = OF_DTYPE.get(expected.dtype, (0.0, 0.0)) if tolerance.by_dtype else (0.0, 0.0)
        wrong = ~torch.isclose(
            answer.double(),
            expected.double(),
            rtol=max(tolerance.rtol, rtol),
            atol=max(tolerance.atol, atol),
            equal_nan=True,
        )
    count = int(wrong.sum())
    if count == 0:
        return None
    lost = wrong & answer.isnan()
    total = expected.numel()
    if total == 1:
        text = f"expected {quote(expected)}, got {quote(answer)}"
    elif lost.any():
        text = f"{int(lost.sum())} of {total} values {'is' if lost.sum() == 1 else 'are'} nan"
    else:
        gap = (answer.double() - expected.double()).abs()[wrong].max().item()
        text = f"{count} of {total} values differ, by up to {gap:.4g}"
    return Difference(
        "values",
        text,
        quote(expected, wrong),
        quote(answer, wrong),
        None if total == 1 else _first(answer, expected, lost if lost.any() else wrong),
    )


def _first(answer: Tensor, expected: Tensor, wrong: Tensor) -> tuple[str, str, str]:
    """Return where the first wrong number is, what was expected there, and what came."""
    place = wrong.nonzero()[0].tolist()
    return str(place), quote(expected[tuple(place)]), quote(answer[tuple(place)])


def _compare_sequences(answer: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    if type(answer) is not type(expected):
        return _type_difference(answer, expected)
    if len(answer) != len(expected):
        text = f"expected {len(expected)} items, got {len(answer)}"
        return Difference("shape", text, quote(expected), quote(answer))
    for index, (mine, theirs) in enumerate(zip(answer, expected, strict=True)):
        found = compare(mine, theirs, tolerance)
        if found:
            return replace(found, text=f"item {index}: {found.text}")
    return None


def _compare_dicts(answer: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    if not isinstance(answer, dict):
        return _type_difference(answer, expected)
    if set(answer) != set(expected):
        text = f"expected the keys {sorted(expected)}, got {sorted(answer)}"
        return Difference("shape", text, quote(expected), quote(answer))
    for key, theirs in expected.items():
        found = compare(answer[key], theirs, tolerance)
        if found:
            return replace(found, text=f"{key!r}: {found.text}")
    return None


def _compare_plain(answer: Any, expected: Any, tolerance: Tolerance) -> Difference | None:
    number = isinstance(expected, float) and (
        isinstance(answer, float) or (isinstance(answer, int) and answer.bit_length() < 1024)
    )
    if (not number and type(answer) is not type(expected)) or isinstance(answer, bool) != (
        isinstance(expected, bool)
    ):
        return _type_difference(answer, expected)
    if number:
        same = _compare_values(
            torch.tensor(float(answer), dtype=torch.float64),
            torch.tensor(expected, dtype=torch.float64),
            tolerance,
        )
        agree = same is None
    else:
        agree = answer == expected
    if agree:
        return None
    text = f"expected {quote(expected)}, got {quote(answer)}"
    return Difference("values", text, quote(expected), quote(answer))


def quote(value: Any, wrong: Tensor | None = None) -> str:
    """Return ``value`` as a few readable words: at most six numbers, the wrong ones first.

    >>> quote(torch.tensor([0.25, 0.5]))
    '0.25, 0.5'
    """
    if isinstance(value, Tensor) and value.device.type == "meta":
        return ""  # a shape without numbers
    if isinstance(value, Tensor | np.ndarray):
        own = value if isinstance(value, Tensor) else torch.from_numpy(np.array(value))
        flat = own.detach().flatten()
        chosen = flat if wrong is None or flat.numel() <= 6 else flat[wrong.flatten()]
        numbers = ", ".join(_number(item) for item in chosen[:6].tolist())
        more = ", ..." if chosen.numel() > 6 else ""
        return f"{numbers}{more}" if numbers else "an empty tensor"
    if isinstance(value, float | np.floating):
        return _number(float(value))
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _number(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)
