"""What has been handed in, read from the class folder: a submission as values, ready to travel."""

from pathlib import Path

import nbformat

from autograder.course import Course
from autograder.grading import ledger
from autograder.grading.ledger import Ledger
from autograder.grading.worker import Handed
from autograder.notebooks.build import exercises_of


def ledger_of(course: Course, assignment: str) -> Ledger:
    """Return what is known of the verdicts on ``assignment`` in this class."""
    return Ledger(course.folder / "verdicts" / assignment)


def handed_in(
    course: Course,
    assignment: str,
    student: str,
    *,
    sandboxed: bool = True,
    seed: int | None = None,
) -> Handed:
    """Return the submission of ``student``, with the key of what its verdicts depend on.

    ``seed`` asks every learner the same questions in place of each their own.

    Raises:
        OSError: If a file of it cannot be read.
    """
    folder = course.folder / "submitted" / student / assignment
    sources = {path.stem: path.read_bytes() for path in sorted(_sources(course, assignment))}
    notebooks = {
        path.stem: path.read_bytes() for path in sorted(folder.glob("*.ipynb")) if path.is_file()
    }
    secret = course.secret() if seed is None else f"the seed is {seed:020}".encode()
    exercises = [
        name
        for source in sources.values()
        for name in exercises_of(nbformat.reads(source.decode(), as_version=4))
    ]
    parts = [student.encode(), secret]
    for files in (notebooks, sources):
        for name, content in files.items():
            parts += [name.encode(), content]
    keys = ledger.keys_of(parts, exercises, sandboxed)
    key = ledger.key_of(keys, parts)
    return Handed(student, assignment, notebooks, sources, secret, key, keys, sandboxed)


def _sources(course: Course, assignment: str) -> list[Path]:
    return list((course.solutions / assignment).glob("*.ipynb"))
