"""Whom a person should look at, and why: what the judge cannot decide, or thinks worth a look."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from autograder.gradebook.marks import Mark, Row
from autograder.report.statistics import is_unwritten

NO_SANDBOX = "none"


@dataclass(frozen=True)
class Look:
    """One reason to look at a learner's work; ``exercise`` is empty where it is about all of it."""

    student: str
    exercise: str
    why: str


def looks(rows: Iterable[Row], handed_in: dict[str, datetime]) -> list[Look]:
    """Return the reasons to look, by learner.

    Args:
        rows: The class as the gradebook has it.
        handed_in: When each learner's notebook was last written, for those who handed one in.
    """
    return [
        Look(row.student, exercise, why)
        for row in rows
        for exercise, why in [*_whole(row, handed_in.get(row.student)), *_parts(row)]
    ]


def absent(rows: Iterable[Row], handed_in: dict[str, datetime]) -> list[str]:
    """Return who is in the gradebook and has handed nothing in."""
    return [row.student for row in rows if not row.marks and row.student not in handed_in]


def duration(seconds: float) -> str:
    """Return a time in the words a person would use.

    >>> duration(59), duration(3 * 3600), duration(49 * 3600)
    ('1 minute', '3 hours', '2 days')
    """
    for name, length in (("day", 86400), ("hour", 3600)):
        if seconds >= 2 * length or (name == "hour" and seconds >= length):
            return _counted(int(seconds // length), name)
    return _counted(max(1, int(seconds // 60)), "minute")


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _whole(row: Row, when: datetime | None) -> Iterable[tuple[str, str]]:
    if not row.marks:
        if when is not None:
            yield "", "handed in, and not graded: run `gradus grade`, which says what is wrong"
        return
    if when is not None and row.judged is not None and when > row.judged:
        yield "", "handed in again since it was graded: run `gradus grade`"
    if row.sandbox == NO_SANDBOX:
        yield "", "judged without a sandbox: the code could have touched the grader"
    if row.late:
        yield "", f"late: {row.late:g} points are taken off"
    elif row.overdue:
        yield "", f"late by {duration(row.overdue)}, without a penalty"
    judged = [mark for mark in row.marks if mark.outcome is not None]
    if judged and all(is_unwritten(mark) for mark in judged):
        yield "", "nothing is written yet: every function is as it was handed out"


def _parts(row: Row) -> Iterable[tuple[str, str]]:
    for mark in row.marks:
        for why in _reasons(mark):
            yield mark.exercise, why


def _reasons(mark: Mark) -> Iterable[str]:
    if mark.waits == "could not tell":
        yield f"could not be judged: {mark.finding}"
    elif mark.waits and mark.outcome is not None:
        yield "a person's points are older than the last judging: are they still right?"
    elif mark.waits:
        yield "a written answer that nobody has read yet"
    if mark.note:
        yield mark.note
    if mark.by_judge is not None:
        now = "" if mark.points is None else f", a person {mark.points:g}"
        yield f"changed by hand: the judge gave {mark.by_judge:g}{now}"
