"""What each learner has been given for each exercise, as the gradebook and the judge have it.

A mark that nobody could give yet has no points: it is not a zero.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from autograder.course import Course
from autograder.errors import GradusError
from autograder.gradebook.book import open_gradebook, read_records, recorded_students
from autograder.verdict import Outcome, Verdict

GRADED = "-graded"
"""What the name of a judged cell ends with, after the exercise's."""
UNWRITTEN = "not yet written"
"""What the finding on an answer ends with that is still as it was handed out."""


@dataclass(frozen=True)
class Mark:
    """What one exercise was given. ``points`` is None while a person still has to decide.

    ``waits`` says for what: "could not tell" or "to read"; it is empty when there are points.
    ``outcome`` is the judge's, None for what only a person reads; ``belief``, ``note`` and the
    ``seconds`` it took are of its verdict. ``by_judge`` are its points, where a person has given
    others.
    """

    exercise: str
    points: float | None
    max_points: float
    waits: str = ""
    finding: str = ""
    hint: str = ""
    seconds: float = 0.0
    outcome: Outcome | None = None
    belief: str = ""
    note: str = ""
    by_judge: float | None = None


@dataclass(frozen=True)
class Row:
    """One learner of the class with all marks; no marks if nothing was graded.

    ``late`` is the penalty in points, ``overdue`` the seconds after the due date, ``judged`` when
    the judge was last here and ``sandbox`` in which, ``lms`` the learner's number in the learning
    management system.
    """

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms: str = ""
    late: float = 0.0
    marks: tuple[Mark, ...] = ()
    max_score: float = 0.0
    judged: datetime | None = None
    overdue: float = 0.0
    sandbox: str = ""

    @property
    def so_far(self) -> float:
        """The points given, less the late penalty; a learner never owes points."""
        given = sum(mark.points for mark in self.marks if mark.points is not None)
        return round(max(0.0, given - self.late), 2)

    @property
    def score(self) -> float | None:
        """The final score; None while anything is missing."""
        return None if self.status != "graded" else self.so_far

    @property
    def status(self) -> str:
        """Say "graded", what the score still waits for, or "not graded"."""
        if not self.marks:
            return "not graded"
        waits = sorted({mark.waits for mark in self.marks if mark.waits})
        return ", ".join(waits) or "graded"


def read_rows(course: Course, assignment: str) -> list[Row]:
    """Return everybody in the gradebook or the submitted folder, by name of the student.

    Raises:
        GradusError: If nothing of this assignment has been graded.
    """
    graded = set(recorded_students(course, assignment))
    if not graded:
        raise GradusError(f"nothing is graded yet: run `gradus grade {assignment}` first")
    records = {
        record.student: record for record in read_records(course, assignment, sorted(graded), {})
    }
    with open_gradebook(course) as gradebook:
        total = float(gradebook.find_assignment(assignment).max_score)
        people = {one.id: one for one in gradebook.students}
        rows = []
        for student in sorted({*people, *course.students(assignment)}):
            row = _unmarked(student, people.get(student), total)
            if student in graded:
                found = gradebook.find_submission(assignment, student)
                grades = [grade for notebook in found.notebooks for grade in notebook.grades]
                verdicts = {one.exercise: one for one in records[student].verdicts}
                row = replace(
                    row,
                    late=float(found.late_submission_penalty or 0.0),
                    marks=tuple(_mark(grade, verdicts) for grade in grades),
                    judged=_judged_at(course, assignment, student),
                    overdue=float(found.total_seconds_late),
                    sandbox=records[student].sandbox,
                )
            rows.append(row)
    return rows


def _unmarked(student: str, person: Any, total: float) -> Row:
    """Return what nbgrader has been told of a student; it may never have heard of one."""
    if person is None:
        return Row(student, max_score=total)
    return Row(
        student,
        first_name=person.first_name or "",
        last_name=person.last_name or "",
        email=person.email or "",
        lms=person.lms_user_id or "",
        max_score=total,
    )


def _mark(grade: Any, verdicts: dict[str, Verdict]) -> Mark:
    name = grade.name.removesuffix(GRADED)
    verdict = verdicts.get(name)
    waits = ""
    if grade.needs_manual_grade:
        unsure = verdict is not None and verdict.outcome is Outcome.COULD_NOT_TELL
        waits = "could not tell" if unsure else "to read"
    points = None if waits else float(grade.score)
    mark = Mark(name, points, float(grade.max_score), waits)
    if verdict is None:  # nbgrader itself gives nothing for a question that nobody answered
        untouched = grade.manual_score is None and grade.auto_score == 0
        return replace(mark, finding=UNWRITTEN if untouched else "")
    changed = grade.auto_score is not None and grade.score != grade.auto_score
    return replace(
        mark,
        finding=verdict.finding,
        hint=verdict.hint,
        seconds=verdict.seconds,
        outcome=verdict.outcome,
        belief=verdict.belief,
        note=verdict.note,
        by_judge=float(grade.auto_score) if changed else None,
    )


def _judged_at(course: Course, assignment: str, student: str) -> datetime:
    path = course.folder / "autograded" / student / assignment / f"{assignment}.ipynb"
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
