"""What we ask of nbgrader: release an assignment, autograde, write feedback, read scores.

Each call is nbgrader's own converter with the course's nbgrader_config.py, so that a stock
``nbgrader`` command does the same.
"""

import contextlib
import gc
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from nbgrader.api import Base, Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from sqlalchemy import create_engine, inspect
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.course import Course
from autograder.errors import GradusError
from autograder.verdict import Verdict


@dataclass(frozen=True)
class Record:
    """One submission as the gradebook has it, with the judge's verdicts."""

    student: str
    assignment: str
    score: float
    max_score: float
    sandbox: str
    verdicts: tuple[Verdict, ...]
    to_read: int = 0
    problem: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the record in the form of ``gradus grade --json``."""
        return {
            "student": self.student,
            "assignment": self.assignment,
            "score": self.score,
            "max_score": self.max_score,
            "sandbox": self.sandbox,
            "to_read": self.to_read,
            "problem": self.problem,
            "exercises": [
                {
                    "id": verdict.exercise,
                    "outcome": str(verdict.outcome),
                    "points": verdict.points,
                    "max_points": verdict.max_points,
                    "finding": verdict.finding,
                    "misconception": verdict.belief,
                    "hint": verdict.hint,
                    "note": verdict.note,
                    "devices": list(verdict.devices),
                    "seconds": verdict.seconds,
                }
                for verdict in self.verdicts
            ],
        }


def release(course: Course, assignment: str, into: Path | None = None) -> None:
    """Let nbgrader make the learners' version of a built assignment, and note it in the gradebook.

    ``into`` is another folder than ``exercises/``; then the gradebook is left alone.
    """
    config = _config(course)
    if into is not None:
        config.CourseDirectory.release_directory = str(into)
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
    _ask(config, "generate_assignment", assignment, force=True, create=True)


def autograde(
    course: Course,
    assignment: str,
    student: str,
    *,
    sandboxed: bool = True,
    ready: dict[str, str] | None = None,
) -> str:
    """Grade one submission with nbgrader's autograde; return its complaint, empty if none.

    ``ready`` are its notebooks as they were judged, if they were, as JSON by name.
    """
    config = _config(course)
    config.JudgeAnswers.sandboxed = sandboxed
    if ready:  # made of what was handed in, and as safe: nobody needs that made safe again
        config.JudgeAnswers.ready = ready
        config.Autograde.sanitize_preprocessors = []
    config.SaveVerdicts.read = _read_by_a_person(course, assignment, student)
    try:
        _ask(config, "autograde", assignment, student, force=True, create=True)
    except GradusError as error:
        return str(error)
    return ""


def write_feedback(course: Course, assignment: str, student: str) -> str:
    """Let nbgrader write the feedback page of one graded submission; return its complaint."""
    try:
        _ask(_config(course), "generate_feedback", assignment, student, force=True)
    except GradusError as error:
        return str(error)
    return ""


def require_release(course: Course, assignment: str) -> None:
    """Check that nbgrader knows what ``assignment`` is made of, which grading fills in.

    Raises:
        GradusError: If the gradebook has no such assignment.
    """
    with open_gradebook(course) as gradebook:
        try:
            gradebook.find_assignment(assignment)
        except MissingEntry:
            raise GradusError(
                f"the gradebook of {course.folder} has no {assignment}: run `gradus build "
                f"{assignment}` for this class folder (GRADUS_COURSE) first"
            ) from None


def recorded_students(course: Course, assignment: str) -> list[str]:
    """Return whose submissions the gradebook and the autograded folder both have."""
    with open_gradebook(course) as gradebook:
        found = [one.student.id for one in gradebook.assignment_submissions(assignment)]
    return [student for student in found if _graded_notebook(course, assignment, student).is_file()]


def read_record(course: Course, assignment: str, student: str, problem: str = "") -> Record:
    """Return what the gradebook and the autograded notebook say about one submission."""
    return read_records(course, assignment, [student], {student: problem})[0]


def read_records(
    course: Course, assignment: str, students: list[str], problems: dict[str, str]
) -> list[Record]:
    """Return what the gradebook and the autograded notebooks say about each submission."""
    records = []
    with open_gradebook(course) as gradebook:
        total = float(gradebook.find_assignment(assignment).max_score)
        for student in students:
            score, max_score, to_read = 0.0, total, 0
            with contextlib.suppress(MissingEntry):
                found = gradebook.find_submission(assignment, student)
                score, max_score = float(found.score), float(found.max_score)
                grades = [grade for notebook in found.notebooks for grade in notebook.grades]
                to_read = sum(grade.needs_manual_grade for grade in grades)
            graded = _graded_notebook(course, assignment, student)
            verdicts, sandbox = _read_verdicts(graded) if graded.is_file() else ((), "")
            problem = problems.get(student, "")
            records.append(
                Record(student, assignment, score, max_score, sandbox, verdicts, to_read, problem)
            )
    return records


@contextlib.contextmanager
def many() -> Iterator[None]:
    """Let nbgrader do once what it does anew for every submission of a class.

    It opens its database eleven times, each with an engine of its own, looks there for each table
    and for the course, checks its own schema before each cell, and has jinja compile the nine
    templates of a feedback page: half a second. What it has imported is no garbage, however often
    that is looked at.
    """
    environment = partial(Environment, bytecode_cache=_Compiled())
    found: set[tuple[str, str]] = set()
    find_course = Gradebook.check_course

    def find_course_once(gradebook: Gradebook, course_id: str) -> None:
        where = (str(gradebook.engine.url), course_id)
        if where not in found:
            find_course(gradebook, course_id)
            found.add(where)

    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        with (
            patch("nbgrader.api.create_engine", cache(create_engine)),
            patch("nbgrader.api.inspect", cache(inspect)),
            patch.object(Base.metadata, "create_all", cache(Base.metadata.create_all)),
            patch.object(Gradebook, "check_course", find_course_once),
            patch("jsonschema.Draft4Validator.check_schema", lambda schema: None),
            patch("nbconvert.exporters.templateexporter.Environment", environment),
        ):
            yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


class _Compiled(BytecodeCache):
    """Templates that jinja has compiled, in memory."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


def open_gradebook(course: Course) -> Gradebook:
    """Return nbgrader's gradebook of the class, to be used in a ``with``."""
    config = _config(course)
    return Gradebook(config.CourseDirectory.db_url, config.CourseDirectory.course_id)


def _read_by_a_person(course: Course, assignment: str, student: str) -> dict[str, str]:
    """Return each written answer that a person has given points for, as it was read, by name."""
    path = _graded_notebook(course, assignment, student)
    if not path.is_file():
        return {}
    # A grader that was killed may have left half a notebook: then nothing is known to be read.
    nothing = contextlib.suppress(MissingEntry, ValueError, KeyError)
    with open_gradebook(course) as gradebook, nothing:
        found = gradebook.find_submission(assignment, student)
        grades = [grade for notebook in found.notebooks for grade in notebook.grades]
        done = {
            grade.name
            for grade in grades
            if grade.manual_score is not None and not grade.needs_manual_grade
        }
        cells = json.loads(path.read_text())["cells"]
        named = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in cells}
        return {name: _text(named[name]) for name in done & set(named) if _written(named[name])}
    return {}


def _written(cell: Any) -> bool:
    return bool(cell["metadata"]["nbgrader"]["solution"])


def _text(cell: Any) -> str:
    return "".join(cell["source"])


def _graded_notebook(course: Course, assignment: str, student: str) -> Path:
    return course.folder / "autograded" / student / assignment / f"{assignment}.ipynb"


def _read_verdicts(path: Path) -> tuple[tuple[Verdict, ...], str]:
    cells = json.loads(path.read_text())["cells"]
    found = [cell["metadata"]["gradus"] for cell in cells if _judged(cell)]
    sandbox = found[0]["sandbox"] if found else ""
    for values in found:
        values.pop("sandbox")
    return tuple(Verdict.from_dict(values) for values in found), sandbox


def _judged(cell: Any) -> bool:
    return "outcome" in cell["metadata"].get("gradus", {})


def _config(course: Course) -> Config:
    os.environ["GRADUS_COURSE"] = str(course.folder)
    # nbgrader calls alembic by name to make a new database, whether or not .venv is activated.
    scripts = str(Path(sys.executable).parent)
    if scripts not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([scripts, os.environ["PATH"]])
    course.folder.mkdir(parents=True, exist_ok=True)
    return PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()


def _ask(config: Config, verb: str, *args: Any, **kwargs: Any) -> None:
    with _quiet() as said:
        result = getattr(NbGraderAPI(config=config), verb)(*args, **kwargs)
    if not result["success"]:
        log = "\n".join([result.get("log") or "", said.getvalue(), result.get("error") or ""])
        reason = _reason(log)
        if "because there are submissions associated" in reason:
            reason += ": begin a new class in another folder (GRADUS_COURSE), or move this one away"
        raise GradusError(f"nbgrader {verb}: {reason}")


def _reason(log: str) -> str:
    """Return the last error that nbgrader's log names, but for the one that only points back."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    named = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Warning|Entry): ", line)]
    told = [line for line in named if "Please see the the above" not in line]
    return (told or named or lines or ["it failed without a reason"])[-1]


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    """Keep nbgrader's own running commentary off the terminal, for the case that it fails."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        yield said
