"""What the marks of a class say about its exercises: pure functions of the gradebook's rows.

A learner counts where points were given; what still waits for a person is left out, not zero.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import correlation, fmean, median, quantiles

from autograder.gradebook.marks import UNWRITTEN, Mark, Row
from autograder.verdict import Outcome

SMALLEST = 10
"""Learners below whom no discrimination is shown: it would be chance and nothing else."""
BINS = 10
FATES = ("right", "in part", "wrong", "unwritten", "waiting")
"""What can become of an answer, in the order in which a bar shows them."""


@dataclass(frozen=True)
class Scores:
    """How the scores of those who were graded are spread, as shares of what could be had.

    ``counts`` has one number for each tenth, the last one with full marks in it; ``quartiles``
    are the lower, the median and the upper.
    """

    learners: int
    counts: tuple[int, ...]
    lowest: float
    quartiles: tuple[float, float, float]
    highest: float
    mean: float


@dataclass(frozen=True)
class Item:
    """One exercise in numbers.

    ``share`` is the mean share of its points: how difficult it was. ``discrimination`` is the
    corrected item-total correlation; where it is None, ``why_not`` says why. ``seconds`` is the
    median time of the judge, ``longest`` its longest. ``fates`` counts the learners by what
    became of their answers.
    """

    exercise: str
    max_points: float
    learners: int
    share: float | None
    discrimination: float | None
    why_not: str
    seconds: float | None
    longest: float | None
    fates: dict[str, int]


@dataclass(frozen=True)
class Misconception:
    """A wrong answer that has a name: where it was met, what to ask, who gave it."""

    exercise: str
    name: str
    question: str
    students: tuple[str, ...]


def scores(rows: Iterable[Row]) -> Scores | None:
    """Return how the scores are spread; None if nobody was graded or there is nothing to earn."""
    shares = sorted(row.so_far / row.max_score for row in rows if row.marks and row.max_score)
    if not shares:
        return None
    counts = Counter(min(int(round(share * BINS, 9)), BINS - 1) for share in shares)
    one = shares[0]
    lower, middle, upper = quantiles(shares, method="inclusive") if shares[1:] else (one, one, one)
    return Scores(
        learners=len(shares),
        counts=tuple(counts[number] for number in range(BINS)),
        lowest=one,
        quartiles=(lower, middle, upper),
        highest=shares[-1],
        mean=fmean(shares),
    )


def items(rows: list[Row]) -> list[Item]:
    """Return each exercise and written question in numbers, in the assignment's order."""
    return [_item(name, rows) for name in exercises(rows)]


def exercises(rows: Iterable[Row]) -> list[str]:
    """Return what was to be done, in the assignment's order."""
    return list(dict.fromkeys(mark.exercise for row in rows for mark in row.marks))


def misconceptions(rows: Iterable[Row]) -> list[Misconception]:
    """Return the named mistakes with who made them, the most frequent first."""
    rows = list(rows)
    place = {name: number for number, name in enumerate(exercises(rows))}
    met: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        for mark in row.marks:
            if mark.belief:
                met.setdefault((mark.exercise, mark.belief), []).append((row.student, mark.hint))
    found = [
        Misconception(exercise, name, who[0][1], tuple(student for student, _ in who))
        for (exercise, name), who in met.items()
    ]
    return sorted(found, key=lambda one: (-len(one.students), place[one.exercise], one.name))


def unnamed(rows: Iterable[Row]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return for each exercise who was wrong in a way without a name, and what was found."""
    met: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        for mark in row.marks:
            if mark.outcome is Outcome.WRONG and not mark.belief and not is_unwritten(mark):
                met.setdefault(mark.exercise, []).append((row.student, mark.finding))
    return sorted(met.items(), key=lambda one: -len(one[1]))


def is_unwritten(mark: Mark) -> bool:
    """Return whether the answer is still as it was handed out."""
    return mark.finding.endswith(UNWRITTEN)


def fate(mark: Mark) -> str:
    """Return which of :data:`FATES` an answer met; a person's points count, where there are any."""
    if mark.points is None:
        return "waiting"
    if mark.points >= mark.max_points:
        return "right"
    if mark.points > 0:
        return "in part"
    return "unwritten" if is_unwritten(mark) else "wrong"


def discrimination(pairs: list[tuple[float, float]]) -> tuple[float | None, str]:
    """Return the correlation of a share with the share of all the rest, or None and why not.

    >>> discrimination([(1.0, 0.5)] * 9)
    (None, 'fewer than 10 learners')
    >>> discrimination([(1.0, 0.5), (1.0, 0.9)] * 5)
    (None, 'all have the same points here')
    >>> discrimination([(0.0, 0.2), (1.0, 0.8)] * 5)
    (1.0, '')
    """
    if len(pairs) < SMALLEST:
        return None, f"fewer than {SMALLEST} learners"
    here, rest = zip(*pairs, strict=True)
    if min(here) == max(here):
        return None, "all have the same points here"
    if min(rest) == max(rest):
        return None, "all have the same points elsewhere"
    return round(correlation(here, rest), 9), ""


def _item(name: str, rows: list[Row]) -> Item:
    marks = [mark for row in rows for mark in row.marks if mark.exercise == name]
    given = [mark.points for mark in marks if mark.points is not None]
    worth = max(mark.max_points for mark in marks)
    judged = [mark.seconds for mark in marks if mark.outcome not in (None, Outcome.COULD_NOT_TELL)]
    value, why_not = discrimination([pair for row in rows for pair in _pair(name, row)])
    fates = Counter(fate(mark) for mark in marks)
    return Item(
        exercise=name,
        max_points=worth,
        learners=len(given),
        share=fmean(given) / worth if given and worth else None,
        discrimination=value,
        why_not=why_not,
        seconds=median(judged) if judged else None,
        longest=max(judged, default=None),
        fates={one: fates[one] for one in FATES},
    )


def _pair(name: str, row: Row) -> list[tuple[float, float]]:
    """Return a learner's share here and in all the rest, if both are known: one pair or none."""
    given = [mark for mark in row.marks if mark.points is not None and mark.max_points]
    here = [_share([mark]) for mark in given if mark.exercise == name]
    rest = [mark for mark in given if mark.exercise != name]
    return [(here[0], _share(rest))] if here and rest else []


def _share(marks: list[Mark]) -> float:
    earned = sum(mark.points for mark in marks if mark.points is not None)
    return round(earned / sum(mark.max_points for mark in marks), 12)
