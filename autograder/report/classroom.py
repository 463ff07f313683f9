"""Read a class from its gradebook and folders into one value: what the page and --json tell."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.gradebook.book import recorded_students
from autograder.gradebook.marks import Row, read_rows
from autograder.report import attention, similarity, statistics
from autograder.report.attention import Look
from autograder.report.similarity import Answers, Pair
from autograder.report.statistics import Item, Misconception, Scores
from gradus.reading import Reading, readings


@dataclass(frozen=True)
class Report:
    """What is known of a class.

    ``unnamed`` are mistakes without a name, by exercise, with who and the finding; ``answers`` the
    sources of the learners in ``pairs``; ``readings`` where the book explains an exercise;
    ``uncompared`` how many answers could not be read as Python.
    """

    assignment: str
    rows: tuple[Row, ...]
    scores: Scores | None
    items: tuple[Item, ...]
    misconceptions: tuple[Misconception, ...]
    unnamed: tuple[tuple[str, list[tuple[str, str]]], ...]
    looks: tuple[Look, ...]
    absent: tuple[str, ...]
    pairs: tuple[Pair, ...]
    answers: dict[str, Answers]
    uncompared: int
    readings: dict[str, Reading]

    @property
    def graded(self) -> list[Row]:
        """The learners who have marks."""
        return [row for row in self.rows if row.marks]

    @property
    def final(self) -> int:
        """How many scores wait for nothing any more."""
        return sum(row.score is not None for row in self.rows)

    @property
    def judged(self) -> datetime | None:
        """When the judge was last here."""
        return max((row.judged for row in self.rows if row.judged), default=None)

    def counts(self) -> dict[str, int]:
        """Return how many there are of what a report is about."""
        return {
            "submissions": len(self.graded),
            "misconceptions": len(self.misconceptions),
            "to_look_at": len({look.student for look in self.looks}),
            "similar_pairs": len(self.pairs),
        }

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield what the page tells in the form of ``--json``, a kind in each record."""
        if self.scores:
            yield {"kind": "scores", **asdict(self.scores)}
        for kind, found in (
            ("exercise", self.items),
            ("misconception", self.misconceptions),
            ("look", self.looks),
            ("similar", self.pairs),
        ):
            for one in found:
                yield {"kind": kind, **asdict(one)}
        for student in self.absent:
            yield {"kind": "absent", "student": student}


def read_report(course: Course, assignment: str) -> Report:
    """Return the report on ``assignment``.

    Raises:
        GradusError: If something was handed in, and nothing is graded yet.
    """
    course.source(assignment)
    handed_in = {
        name: when
        for name in course.students(assignment)
        if (when := _when(course, name, assignment))
    }
    graded = recorded_students(course, assignment)
    rows = read_rows(course, assignment) if handed_in or graded else []
    answers = {
        row.student: answers_in(course.folder / "autograded" / row.student / assignment)
        for row in rows
        if row.marks
    }
    suggested = (course.solutions / assignment, course.exercises / assignment)
    return report_on(
        assignment,
        rows,
        handed_in,
        answers,
        suggested=[answers_in(one) for one in suggested],
        read=readings(course.solutions / assignment),
    )


def report_on(
    assignment: str,
    rows: Iterable[Row],
    handed_in: dict[str, datetime],
    answers: dict[str, Answers],
    suggested: Iterable[Answers] = (),
    read: dict[str, Reading] | None = None,
) -> Report:
    """Return the report on a class that was read.

    Args:
        assignment: Its name.
        rows: The gradebook's rows.
        handed_in: When each learner's notebook was last written.
        answers: Each learner's sources, by exercise.
        suggested: The sources of the stubs and of the model answers, by exercise.
        read: Where the book explains each exercise.
    """
    rows = tuple(rows)
    known = list(suggested)
    exercises = {name for one in known for name in one}
    pairs = similarity.similar(
        answers, {name: [one[name] for one in known if name in one] for name in exercises}
    )
    paired = {name for pair in pairs for name in (pair.first, pair.second)}
    return Report(
        assignment,
        rows,
        scores=statistics.scores(rows),
        items=tuple(statistics.items(list(rows))),
        misconceptions=tuple(statistics.misconceptions(rows)),
        unnamed=tuple(statistics.unnamed(rows)),
        looks=tuple(attention.looks(rows, handed_in)),
        absent=tuple(attention.absent(rows, handed_in)),
        pairs=tuple(pairs),
        answers={name: found for name, found in answers.items() if name in paired},
        uncompared=sum(
            not similarity.comparable(source)
            for found in answers.values()
            for source in found.values()
        ),
        readings=read or {},
    )


def answers_in(folder: Path) -> Answers:
    """Return the source of each exercise's answer cells in the notebooks of a folder.

    The answer to an exercise is in the cells for answers before its graded cell.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.ipynb")):
        written: list[str] = []
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            mark = cell["metadata"].get("nbgrader", {})
            if cell["cell_type"] != "code":
                continue
            if mark.get("solution") and not mark.get("grade"):
                written.append("".join(cell["source"]))
            elif exercise := _exercise(cell):
                if written:
                    found[exercise] = "\n\n".join(written)
                written = []
    return found


def _exercise(cell: Any) -> str:
    return str(cell["metadata"].get("gradus", {}).get("exercise", ""))


def _when(course: Course, student: str, assignment: str) -> datetime | None:
    files = (course.folder / "submitted" / student / assignment).glob("*.ipynb")
    times = [path.stat().st_mtime for path in files if path.is_file()]
    return datetime.fromtimestamp(max(times), UTC) if times else None
