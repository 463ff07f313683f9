"""A picture of the first difference, where people would rather look than read.

Two shapes as boxes, two curves, or the difference of two matrices as a map: SVG without script,
in the colour of the text around it and two more that the colour-blind can tell apart. A sentence
says the same. Only practice is drawn: of what is graded, a card tells the first difference.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from gradus.attempts import Attempt
from gradus.compare import Tolerance, compare
from gradus.diagnose import seen

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Shape = tuple[int, ...]

EXPECTED, YOURS = "#0072b2", "#d55e00"
"""Blue and vermilion of Okabe and Ito: 3:1 on white as on JupyterLab's dark ground."""

CURVE = 5
"""The fewest numbers that are drawn as a curve."""

MAP = 6
"""The fewest numbers that are drawn as a map, in two rows and two columns or more."""

POINTS = 100
"""The most points of a curve that are drawn: of each stretch, the one furthest off."""

ROWS, COLUMNS = 12, 20
"""The most cells of a map that are drawn: of each block, the one furthest off."""

SHADES = 4
"""How many strengths of colour a map has."""


@dataclass(frozen=True)
class Picture:
    """What is drawn, and what it shows in words; these are empty where the card has them."""

    svg: str
    words: str = ""


def picture(attempt: Attempt) -> Picture | None:
    """Return the picture of the first wrong answer, None where words say it better."""
    found, first = attempt.found.difference, attempt.first_wrong
    if first is None or found is None or found.kind not in ("shape", "values"):
        return None
    step, reply = first
    tolerance = step.question.tolerance
    came, wanted = (seen(step.question, one).get("value") for one in (reply, step.expected))
    mine, theirs = (_as_array(one) for one in differing(came, wanted, tolerance))
    if step.device != "cpu" or mine is None or theirs is None:
        return None
    if mine.shape != theirs.shape:
        return shapes(mine.shape, theirs.shape)
    exact = theirs.dtype.kind != "f"
    mine, theirs = mine.astype(np.float64), theirs.astype(np.float64)
    with np.errstate(all="ignore"):
        margin = 0 * theirs if exact else tolerance.atol + tolerance.rtol * np.abs(theirs)
        return numbers(mine, theirs, margin)


def numbers(mine: Numbers, theirs: Numbers, margin: Numbers) -> Picture | None:
    """Return the picture of numbers that are more than ``margin`` away from the expected ones."""
    agree = (np.abs(mine - theirs) <= margin) | (mine == theirs)
    wrong = ~(agree | (np.isnan(mine) & np.isnan(theirs)))
    if wrong.any() and theirs.ndim == 1 and len(theirs) >= CURVE:
        return curves(mine, theirs, margin, wrong)
    if wrong.any() and theirs.ndim == 2 and min(theirs.shape) > 1 and theirs.size >= MAP:
        return heat(mine, theirs, wrong)
    return None


def differing(mine: Any, theirs: Any, tolerance: Tolerance) -> tuple[Any, Any]:
    """Return the first two parts of a nest that differ, as :func:`gradus.compare.compare` does.

    A list of so many numbers that they make a curve is one part.
    """
    if isinstance(theirs, list | tuple) and isinstance(mine, list | tuple):
        curve = all(type(one) in (int, float) for one in [*mine, *theirs])
        if len(mine) != len(theirs) or (curve and len(theirs) >= CURVE):
            return (mine, theirs) if curve else (None, None)
        pairs = list(zip(mine, theirs, strict=True))
    elif isinstance(theirs, dict) and isinstance(mine, dict):
        pairs = [(mine.get(key), value) for key, value in theirs.items()]
    else:
        return mine, theirs
    first = next((pair for pair in pairs if compare(*pair, tolerance)), None)
    return differing(*first, tolerance) if first else (None, None)


def _as_array(value: Any) -> npt.NDArray[Any] | None:
    """Return real numbers as an array, None for all else."""
    if isinstance(value, Tensor):
        if value.is_complex() or value.device.type != "cpu":
            return None
        floating = value.is_floating_point()  # NumPy has no bfloat16
        return (value.detach().double() if floating else value.detach()).numpy()
    if isinstance(value, list | tuple):
        return np.array(value, dtype=np.float64) if _within(value) else None
    real = isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf"
    return np.asarray(value) if real else None


def _within(values: Any) -> bool:
    return all(isinstance(one, float) or abs(one) < 2**1023 for one in values)


def shapes(mine: Shape, theirs: Shape) -> Picture:
    """Draw two shapes as boxes; an axis without its like in the other is marked."""
    gone, over = _unmatched(theirs, mine)
    longest = max(*theirs[-2:], *mine[-2:], 4, 4)
    boxes = _box(10, "expected", theirs, gone, longest) + _box(225, "yours", mine, over, longest)
    marks = [f"axis {axis} of size {theirs[axis]} is expected" for axis in gone]
    marks += [f"axis {axis} of yours has size {mine[axis]}" for axis in over]
    words = f"Two shapes, expected {theirs} and yours {mine}: {', '.join(marks)}."
    tallest = max((1, 1, *shape)[-2] for shape in (theirs, mine))
    return Picture(_svg(440, 76 + round(_side_length(tallest, longest)), words, boxes))


def _unmatched(one: Shape, other: Shape) -> tuple[list[int], list[int]]:
    """Return the axes of each shape that have no like in the other."""
    if len(one) == len(other):
        apart = [axis for axis, size in enumerate(one) if size != other[axis]]
        return apart, apart
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    alike = [(block.a + at, block.b + at) for block in blocks for at in range(block.size)]
    return (
        [axis for axis in range(len(one)) if axis not in [mine for mine, _ in alike]],
        [axis for axis in range(len(other)) if axis not in [theirs for _, theirs in alike]],
    )


def _side_length(count: int, longest: int) -> float:
    return max(14.0, 100 * count / longest)


def _box(left: int, title: str, shape: Shape, marked: list[int], longest: int) -> str:
    """Draw one shape: the last two axes as rows and columns, those before them as words."""

    def size(axis: int) -> str:
        return f"{shape[axis]} ≠" if axis in marked else str(shape[axis])

    rows, columns = (1, 1, *shape)[-2:]
    tall, wide = (_side_length(count, longest) for count in (rows, columns))
    x, y = left + 46, 48
    inside = ""
    if max(rows, columns) <= 12:
        inside += "".join(f"M{x + wide * at / columns:.0f} {y}v{tall:.0f}" for at in range(columns))
        inside += "".join(f"M{x} {y + tall * at / rows:.0f}h{wide:.0f}" for at in range(rows))
    before = " × ".join(size(axis) for axis in range(len(shape) - 2))
    note = f"{before} of these" if before else "" if shape else "one number, no axis"
    parts = [
        _text(left, 16, f"{title} {shape}", "start"),
        _text(left, 36, note, "start"),
        f'<path d="M{x} {y}h{wide:.0f}v{tall:.0f}h-{wide:.0f}z{inside}" fill="none" '
        'stroke="currentColor" stroke-opacity=".6"/>',
    ]
    if shape:
        parts.append(_text(x + wide / 2, y + tall + 18, size(len(shape) - 1)))
    if len(shape) > 1:
        parts.append(_text(x - 10, y + tall / 2 + 4, size(len(shape) - 2), "end"))
    thick = f'fill="none" stroke="{YOURS}" stroke-width="4"'
    if len(shape) - 1 in marked:
        parts.append(f'<path d="M{x} {y + tall:.0f}h{wide:.0f}" {thick}/>')
    if len(shape) - 2 in marked and len(shape) > 1:
        parts.append(f'<path d="M{x} {y}v{tall:.0f}" {thick}/>')
    return "".join(parts)


def curves(mine: Numbers, theirs: Numbers, margin: Numbers, wrong: Mask) -> Picture:
    """Draw two rows of numbers over their index: the band that is right, and yours."""
    last = len(theirs) - 1
    kept = _furthest(_apart(mine, theirs, wrong))
    finite = np.concatenate([one[np.isfinite(one)] for one in (mine[kept], theirs[kept])])
    unit = float(np.abs(finite).max(initial=0.0)) or 1.0  # so that no difference overflows
    low, high = (float(edge) / unit for edge in (min(finite, default=0), max(finite, default=0)))
    if low == high:
        low, high = low - 0.5, high + 0.5
    x = 60 + 370 * kept / last

    def height(values: Numbers) -> Numbers:
        """Return where values are drawn; what is not finite lies on an edge."""
        level = np.nan_to_num(values / unit, nan=low, posinf=high, neginf=low)
        return 150 - 120 * np.clip((level - low) / (high - low), 0, 1)

    upper, lower = height((theirs + margin)[kept]) - 2, height((theirs - margin)[kept]) + 2
    band = "".join(
        _line(np.r_[x[run], x[run][::-1]], np.r_[upper[run], lower[run][::-1]]) + "z"
        for run in _runs(np.isfinite(theirs[kept]))
    )
    y = height(mine[kept])
    line = "".join(_line(x[run], y[run]) for run in _runs(np.isfinite(mine[kept])))
    off = wrong[kept]
    marks = "".join(
        f"M{at:.0f} {up - 4:.0f}l4 4-4 4-4-4z" for at, up in zip(x[off], y[off], strict=True)
    )
    words = f"{_side(mine, theirs, wrong)} {_where(wrong)}"
    body = (
        '<path d="M60 26v124h370" fill="none" stroke="currentColor" stroke-opacity=".6"/>'
        f'<path d="{band}" fill="{EXPECTED}" fill-opacity=".5" stroke="{EXPECTED}"/>'
        f'<path d="{line}" fill="none" stroke="{YOURS}" stroke-width="2" stroke-dasharray="6 3"/>'
        f'<path d="{marks}" fill="{YOURS}"/>'
        f'<path d="M60 8h26v6h-26z" fill="{EXPECTED}" fill-opacity=".5" stroke="{EXPECTED}"/>'
        f'<path d="M170 11h26" stroke="{YOURS}" stroke-width="2" stroke-dasharray="6 3"/>'
        f'<path d="M270 7l4 4-4 4-4-4z" fill="{YOURS}"/>'
    )
    body += _text(92, 15, "expected", "start") + _text(202, 15, "yours", "start")
    body += _text(280, 15, "differs", "start")
    body += _text(54, 34, f"{high * unit:.3g}", "end") + _text(54, 154, f"{low * unit:.3g}", "end")
    body += _text(60, 168, "0") + _text(245, 168, "index") + _text(430, 168, str(last))
    return Picture(_svg(450, 176, f"Two curves: {words}.", body), words)


def heat(mine: Numbers, theirs: Numbers, wrong: Mask) -> Picture:
    """Draw where one matrix differs from the other: the stronger the colour, the more."""
    far = _apart(mine, theirs, wrong)
    rows, columns = wrong.shape
    high, wide = -(-rows // ROWS), -(-columns // COLUMNS)  # of a block
    across, down = -(-columns // wide), -(-rows // high)
    cell = min(26, 400 // across)
    finite = far[np.isfinite(far)]
    most = float(finite.max(initial=0.0))
    squares: dict[tuple[str, int], str] = {}
    signs = ""
    for row, column in np.ndindex(down, across):
        block = np.s_[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        if not wrong[block].any():
            continue
        at = np.unravel_index(far[block].argmax(), far[block].shape)
        size, one, other = far[block][at], mine[block][at], theirs[block][at]
        lost = bool(np.isnan(one) or np.isnan(other))
        shade = SHADES if not np.isfinite(size) else max(1, int(np.ceil(SHADES * size / most)))
        colour = "currentColor" if lost else EXPECTED if one < other else YOURS
        x, y = 50 + cell * column, 30 + cell * row
        paint = (colour, 1 if lost else shade)
        squares[paint] = squares.get(paint, "") + f"M{x} {y}h{cell}v{cell}h-{cell}z"
        x, y = x + cell // 2, y + cell // 2
        signs += f"M{x - 3} {y - 3}l6 6m0-6l-6 6" if lost else f"M{x - 3} {y}h6"
        signs += "" if lost or one < other else f"M{x} {y - 3}v6"
    body = "".join(
        f'<path d="{path}" fill="{colour}" fill-opacity="{shade / SHADES:g}"/>'
        for (colour, shade), path in squares.items()
    )
    right, bottom = 50 + cell * across, 30 + cell * down
    lines = "".join(f"M{50 + cell * at} 30V{bottom}" for at in range(across + 1))
    lines += "".join(f"M50 {30 + cell * at}H{right}" for at in range(down + 1))
    body += f'<path d="{lines}" fill="none" stroke="currentColor" stroke-opacity=".35"/>'
    body += f'<path d="{signs}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    body += _text(50 + cell / 2, 22, "0") + _text(right - cell / 2, 22, str(columns - 1))
    body += _text(42, 34 + cell / 2, "0", "end")
    body += _text(42, bottom + 4 - cell / 2, str(rows - 1), "end")
    key = "+ yours is larger, − smaller"
    key += ", × nan" if (np.isnan(mine) | np.isnan(theirs))[wrong].any() else ""
    key += f"; by up to {most:.3g}" if most else ""
    key += f"; a cell: the furthest off of {high} × {wide}" if high * wide > 1 else ""
    body += _text(50, bottom + 20, key, "start")
    words = f"{_side(mine, theirs, wrong)} {_where(wrong)}"
    return Picture(_svg(460, bottom + 28, f"Map of the difference: {words}.", body), words)


def _apart(mine: Numbers, theirs: Numbers, wrong: Mask) -> Numbers:
    """Return how far apart numbers are: 0 where they agree, infinity where one is no number."""
    with np.errstate(all="ignore"):
        far = np.nan_to_num(np.abs(mine - theirs), nan=np.inf, posinf=np.inf)
    return np.where(wrong, far, 0.0)


def _furthest(far: Numbers) -> npt.NDArray[np.intp]:
    """Return the indices to draw: all, or of each of many stretches the one furthest off."""
    stretches = np.array_split(np.arange(len(far)), min(POINTS, len(far)))
    return np.array([stretch[far[stretch].argmax()] for stretch in stretches])


def _runs(kept: Mask) -> list[slice]:
    """Return the stretches of true entries."""
    edges = np.flatnonzero(np.diff(np.r_[False, kept, False].astype(np.int8)))
    return [slice(start, stop) for start, stop in edges.reshape(-1, 2)]


def _side(mine: Numbers, theirs: Numbers, wrong: Mask) -> str:
    """Say in what way the wrong numbers differ from the expected ones, if it is one way."""
    one, other = mine[wrong], theirs[wrong]
    for told, holds in (
        ("is nan", np.isnan(one)),
        ("is larger", one > other),
        ("is smaller", one < other),
        ("has the other sign", one == -other),
    ):
        if holds.all():
            return f"yours {told}"
    return "yours differs"


def _where(wrong: Mask) -> str:
    """Say where the entries are that are true: by the pattern they make, if they make one."""
    places = np.argwhere(wrong)
    first, last = places[0].tolist(), places[-1].tolist()
    if wrong.all():
        return "everywhere"
    if len(places) == 1:
        return f"at index {first[0] if wrong.ndim == 1 else tuple(first)} alone"
    if wrong.ndim == 1 and last[0] - first[0] + 1 == len(places):
        if last[0] == len(wrong) - 1:
            return f"from index {first[0]} on"
        return f"up to index {last[0]}" if not first[0] else f"from index {first[0]} to {last[0]}"
    if wrong.ndim == 2:
        row, column = np.indices(wrong.shape)
        patterns = {
            f"in row {first[0]} alone, counted from 0": row == first[0],
            f"in column {first[1]} alone, counted from 0": column == first[1],
            "on the diagonal alone": row == column,
            "everywhere but on the diagonal": row != column,
            "above the diagonal alone": row < column,
            "below the diagonal alone": row > column,
        }
        for told, pattern in patterns.items():
            if (wrong == pattern).all():
                return told
    start = first[0] if wrong.ndim == 1 else tuple(first)
    return f"in {len(places)} of {wrong.size} entries, first at index {start}"


def _line(x: Numbers, y: Numbers) -> str:
    points = [f"{across:.0f} {up:.1f}" for across, up in zip(x, y, strict=True)]
    return f"M{'L'.join(points)}" if len(points) > 1 else f"M{points[0]}h1"


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(width: int, height: int, words: str, body: str) -> str:
    return (
        f'<svg role="img" aria-label="{escape(words)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" style="max-width:100%;height:auto;display:block;margin-top:.5em" '
        f'font-family="sans-serif" font-size="13" fill="currentColor">{body}</svg>'
    )
