"""How far am I? ``progress()`` at the end of an assignment: points, minutes left, what to read.

It also writes ``gradus-progress.json`` beside the notebook, which the book's own page of progress
takes in. Practice is not grading: the points are those that practice speaks for.
"""

import json
import os
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any

from gradus.attempts import LATEST, Attempt
from gradus.cells import SOCKET
from gradus.feedback import COLOURS, TITLES, Card, framed, linked, outcome_of
from gradus.practice import find_pack, no_pack
from gradus.reading import Reading, Task, readings, tasks

FILE = "gradus-progress.json"
"""The name of the file for the book's page of progress."""

FORMAT = 1
"""Its format, as ``book/_static/progress.js`` expects it."""


@dataclass(frozen=True)
class Row:
    """One task: how it stands, the points that practice speaks for, and where to read again."""

    task: Task
    state: str
    secured: float = 0.0
    read: Reading | None = None

    @property
    def minutes_left(self) -> int:
        """The task's minutes, until it is done."""
        done = self.task.answered or self.secured == self.task.points
        return 0 if done else self.task.minutes


@dataclass(frozen=True)
class Progress:
    """What a person is shown at the end of an assignment; ``note`` tells about the file."""

    rows: tuple[Row, ...]
    note: str = ""

    @property
    def summary(self) -> str:
        """Points secured and minutes left, in one sentence."""
        coded = [row for row in self.rows if not row.task.written]
        secured = sum(row.secured for row in coded)
        total = sum(row.task.points for row in coded)
        minutes = sum(row.minutes_left for row in self.rows)
        words = sum(row.task.points for row in self.rows if row.task.written)
        read = f"; {words:g} more are for answers in words, which a person reads" if words else ""
        left = f"about {minutes} minutes of work are left" if minutes else "nothing is left to do"
        return f"{secured:g} of {total:g} points secured{read}; {left}."

    def __repr__(self) -> str:
        lines = [self.summary]
        width = max((len(row.task.name) for row in self.rows), default=0)
        for row in self.rows:
            again = f"; read {row.read}" if row.read else ""
            lines.append(f"  {row.task.name:{width}}  {_worth(row):>9}  {row.state}{again}")
        return "\n".join([*lines, *([f"  {self.note}"] if self.note else [])])

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row" style="{_CELL}"><code>{escape(row.task.name)}</code></th>'
            f'<td style="{_CELL};text-align:right">{_worth(row)}</td>'
            f'<td style="{_CELL}">{escape(row.state)}</td>'
            f'<td style="{_CELL}">{linked(row.read) if row.read else ""}</td></tr>'
            for row in self.rows
        )
        heads = "".join(
            f'<th scope="col" style="{_CELL}">{head}</th>'
            for head in ("task", "points", "state", "read again")
        )
        table = (
            f'<table style="margin:.5em 0;font-size:inherit;color:inherit"><thead><tr>{heads}</tr>'
            f"</thead><tbody>{body}</tbody></table>{escape(self.note)}"
        )
        return framed(COLOURS["right"], self.summary, table)


def progress() -> Progress | Card | None:
    """Return how this assignment stands: points secured, minutes left, what to read again.

    What counts is the latest ``check`` of each exercise; one that was not checked since the
    kernel started counts as it stood in gradus-progress.json. Without a practice pack there is
    nothing to count, and a card says where one was looked for. None while a set is graded.
    """
    if SOCKET in os.environ:
        return None
    pack = find_pack(Path.cwd())
    if pack is None:
        return no_pack("progress")
    folder = pack.parent
    attempts = {name: one for name, one in LATEST.items() if one.folder == folder}
    path = folder / FILE
    try:
        before = _read(path)
    except (OSError, ValueError) as error:
        shown = _rows(folder, attempts, {})
        return Progress(shown, f"{path.name} was left as it is: {error}")
    after = updated(before, attempts, date.today())
    shown = _rows(folder, attempts, after["exercises"])
    note = f"The book's page of progress takes {path.name}, which lies beside this notebook."
    try:
        path.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        note = f"{path.name} could not be written: {error.strerror}"
    return Progress(shown, note)


def updated(before: dict[str, Any], attempts: dict[str, Attempt], today: date) -> dict[str, Any]:
    """Return what the file says after ``attempts``; what was passed before keeps its day."""
    passed = dict(before["exercises"])
    for name, attempt in attempts.items():
        if attempt.found.right:
            passed.setdefault(name, {"passed": True, "when": today.isoformat()})
        else:
            passed.pop(name, None)
    return {**before, "exercises": passed}


def _read(path: Path) -> dict[str, Any]:
    """Return what the file holds, or an empty one if there is none.

    Raises:
        ValueError: If it holds something else, which is not ours to write over.
    """
    if not path.is_file():
        return {"format": FORMAT, "exercises": {}}
    held = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise ValueError(f"expected a file of format {FORMAT}")
    exercises = held.setdefault("exercises", {})
    if not isinstance(exercises, dict):
        raise ValueError("expected exercises to be a table")
    return held


def _rows(folder: Path, attempts: dict[str, Attempt], passed: dict[str, Any]) -> tuple[Row, ...]:
    places = readings(folder)
    return tuple(
        _row(task, attempts.get(task.name), passed.get(task.name), places.get(task.name))
        for task in tasks(folder)
    )


def _row(task: Task, attempt: Attempt | None, passed: Any, place: Reading | None) -> Row:
    if task.written:
        state = "answered" if task.answered else "not yet answered, as last saved"
        return Row(task, state)
    if attempt is None:
        day = passed.get("when", "before") if isinstance(passed, dict) else ""
        return Row(task, f"right on {day}", task.points) if day else Row(task, "not checked yet")
    outcome = outcome_of(attempt.found)
    again = place if outcome == "wrong" else None
    return Row(task, TITLES[outcome], attempt.share * task.points, again)


def _worth(row: Row) -> str:
    if row.task.written:
        return f"{row.task.points:g}"
    return f"{row.secured:.3g} of {row.task.points:g}"


_CELL = "padding:.25em .8em .25em 0;text-align:left;font-weight:normal"
