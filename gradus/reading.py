"""What the notebook beside a practice pack says of its exercises, in its cells' metadata.

Where to read again, what each task is worth and takes, and which hints were used.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

FIELDS = ("page", "section", "title", "heading")
UNANSWERED = "YOUR ANSWER HERE"
"""What a written question holds until somebody answers it."""


@dataclass(frozen=True)
class Reading:
    """A section of a page; ``site`` is the book's address, empty while it is not public."""

    page: str
    section: str
    title: str
    heading: str
    site: str = ""

    def __str__(self) -> str:
        return f"“{self.heading}” in {self.title}"

    @property
    def address(self) -> str:
        """The section's address on the web, or nothing while the book is not public.

        >>> Reading("book/kl", "zeros", "Divergence", "Zeros", "https://gradus.org/").address
        'https://gradus.org/book/kl.html#zeros'
        """
        return f"{self.site.rstrip('/')}/{self.page}.html#{self.section}" if self.site else ""


@dataclass(frozen=True)
class Task:
    """A function to write or a question to answer in words: its worth, and how long it takes.

    ``answered`` says of a question in words whether the file that was last saved has an answer.
    """

    name: str
    points: float
    minutes: int
    written: bool = False
    answered: bool = False


def readings(folder: Path) -> dict[str, Reading]:
    """Return where the notebooks in ``folder`` say that each exercise is explained, by exercise."""
    return dict(_told(folder, _reading))


def tasks(folder: Path) -> list[Task]:
    """Return what the notebooks in ``folder`` ask for, in their order, each task once."""
    found: dict[str, Task] = {}
    for task in _told(folder, _task):
        found.setdefault(task.name, task)
    return list(found.values())


def hints_used(folder: Path) -> dict[str, int]:
    """Return how many hints the notebooks in ``folder`` show as used, by exercise, as saved."""
    used: dict[str, int] = {}
    for marks in _told(folder, lambda _, cell: list(_hints(cell))):
        for exercise, number in marks:
            used[exercise] = max(number, used.get(exercise, 0))
    return used


def _hints(cell: Any) -> Iterator[tuple[str, int]]:
    for output in cell.get("outputs", []):
        mark = output.get("metadata", {}).get("gradus", {}).get("hint", {})
        if mark and isinstance(mark["used"], int):
            yield str(mark["exercise"]), mark["used"]


def _told(folder: Path, take: Callable[[str, Any], T | None]) -> Iterator[T]:
    """Yield what ``take`` makes of the book's address and each cell of the notebooks in ``folder``.

    What cannot be read says nothing: a hint is not worth an error.
    """
    for path in sorted(folder.glob("*.ipynb")):
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            site = str(notebook["metadata"].get("gradus", {}).get("site", ""))
            told = [take(site, cell) for cell in notebook["cells"]]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        yield from (one for one in told if one is not None)


def _reading(site: str, cell: Any) -> tuple[str, Reading] | None:
    said = cell["metadata"].get("gradus", {})
    if "section" not in said:
        return None
    place = {key: str(said[key]) for key in FIELDS}
    return str(said["exercise"]), Reading(**place, site=site)


def _task(site: str, cell: Any) -> Task | None:
    mark, said = cell["metadata"].get("nbgrader", {}), cell["metadata"].get("gradus", {})
    if not mark.get("grade") or "minutes" not in said:
        return None
    written = "exercise" not in said
    name = str(mark["grade_id"] if written else said["exercise"])
    answered = written and "".join(cell["source"]).strip() not in ("", UNANSWERED)
    return Task(name, float(mark["points"]), int(said["minutes"]), written, answered)
