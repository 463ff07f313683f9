"""Grade a class: what is known already stays, the rest is judged in parallel, one process records.

Every step can be repeated. A submission is judged, its result kept, the gradebook and the pages
written, and that noted, in this order: a grader killed at any moment is one that did less.
"""

import contextlib
import fcntl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.course import Course
from autograder.errors import GradusError
from autograder.gradebook.submissions import handed_in, ledger_of
from autograder.grading.classroom import judge_class
from autograder.grading.ledger import Ledger, Result
from autograder.grading.worker import Handed
from autograder.sandbox.warm import Zygote, needed_by

if TYPE_CHECKING:
    from autograder.gradebook.book import Record


@dataclass(frozen=True)
class Order:
    """How to grade: on which workers, with which seed, in a sandbox or not, all again or not."""

    workers: int | None = None
    scheduler: str | None = None
    seed: int | None = None
    sandboxed: bool = True
    again: bool = False


@dataclass(frozen=True)
class Tally:
    """What a run did: every record, and how many submissions were judged in it."""

    records: "tuple[Record, ...]"
    judged: int

    @property
    def failed(self) -> int:
        """How many submissions could not be graded."""
        return sum(bool(record.problem) for record in self.records)


def grade_class(
    course: Course,
    assignment: str,
    students: list[str],
    order: Order,
    told: Callable[[str, str], None] = lambda student, problem: None,
) -> Tally:
    """Grade ``assignment`` for ``students`` and return what the gradebook has then.

    ``told`` is called with each student as it is done, and the problem if there is one.

    Raises:
        GradusError: If another process is grading this class, or the assignment was not built
            for it.
    """
    ledger = ledger_of(course, assignment)
    problems: dict[str, str] = {}

    def read(student: str) -> Iterator[Handed]:
        try:
            yield handed_in(course, assignment, student, sandboxed=order.sandboxed, seed=order.seed)
        except OSError as error:
            problems[student] = f"{error.filename} cannot be read: {error.strerror}"
            told(student, problems[student])

    with _alone(course), Zygote() as zygote:
        done: list[str] = []
        waiting: list[Handed] = []
        for student in students:
            if order.again:
                ledger.forget(student)
            for handed in read(student):
                if ledger.recorded(student) == handed.key:
                    done.append(student)
                else:
                    waiting.append(handed)
        if waiting and order.scheduler is None:
            texts = [text for handed in waiting for text in handed.texts]
            zygote.launch(needed_by(texts))  # it imports torch while nbgrader is imported, and Dask

        from autograder.gradebook import book

        book.require_release(course, assignment)
        in_book = set(book.recorded_students(course, assignment))
        for student in done:
            if student in in_book:
                told(student, "")
            else:
                waiting += read(student)
        judged = 0
        with book.many():
            for handed, result, fresh in _results(waiting, ledger, order, zygote):
                judged += fresh
                problem = _record(course, handed, result, ledger)
                if problem:
                    problems[handed.student] = problem
                told(handed.student, problem)
        return Tally(tuple(book.read_records(course, assignment, students, problems)), judged)


def _results(
    waiting: list[Handed], ledger: Ledger, order: Order, zygote: Zygote
) -> Iterator[tuple[Handed, Result, bool]]:
    """Yield what was judged before and only has to be recorded, then what the workers judge.

    With each comes whether it was judged now.
    """
    left = []
    for handed in waiting:
        earlier = ledger.read(handed.student)
        if earlier is None:
            left.append(handed)
        elif earlier.key == handed.key and earlier.lasting:
            yield handed, earlier, False
        else:
            left.append(replace(handed, known=earlier.known(handed.keys)))
    for handed, result in judge_class(left, zygote, order.workers, order.scheduler):
        yield handed, result, True


def _record(course: Course, handed: Handed, result: Result, ledger: Ledger) -> str:
    """Write what one submission's result says; return in a sentence what went wrong."""
    from autograder.gradebook import book

    student, assignment = handed.student, handed.assignment
    if result.problem:
        return result.problem
    try:
        ledger.write(student, result)
        problem = book.autograde(course, assignment, student, ready=result.notebooks)
        if not problem:
            problem = book.write_feedback(course, assignment, student)
        if not problem and result.lasting:
            ledger.record(student, result.key)
    except OSError as error:
        where = error.filename or course.folder
        return f"{where} cannot be written: {error.strerror}"
    return problem


@contextlib.contextmanager
def _alone(course: Course) -> Iterator[None]:
    """Hold the class folder's lock, which the system takes back from a process that died."""
    path = course.folder / "grading.lock"
    try:
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError:
        raise GradusError(f"another gradus is grading this class: it holds {path}") from None
    except PermissionError as error:
        raise GradusError(f"the class folder cannot be written: {error.filename}") from error
