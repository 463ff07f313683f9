"""What a worker does: a submission comes as bytes and goes back as a result. It writes nothing.

Its threads take turns with the judges, which are kept from one submission to the next. One zygote
imports torch, once, and forks the judges and the kernels of all.
"""

import contextlib
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import SandboxError, SubmissionError
from autograder.grading.ledger import Result
from autograder.grading.submission import Graded, Terms, grade
from autograder.judge.client import PROGRAM, Judges, Process, new_process
from autograder.notebooks.build import exercises_of
from autograder.notebooks.restore import changes, grade_id
from autograder.sandbox.warm import Zygote, needed_by
from autograder.verdict import Verdict

ZYGOTE = "GRADUS_ZYGOTE"
"""The variable that tells a worker the address of a zygote to share, if there is one."""

JUDGES = "GRADUS_JUDGES"
"""The variable that tells a worker how many submissions it may judge at a time.

With a thread more than that it makes the next sandbox while a judge is busy.
"""

LARGEST = 20 * 2**20
"""Bytes of a notebook that is graded, at most; a released one has some 50 thousand."""


@dataclass(frozen=True)
class Handed:
    """A submission on its way: notebooks and instructor's notebooks by name, as bytes.

    ``known`` are the verdicts that still hold from an earlier grading, ``key`` and ``keys`` what
    the result will be known by: see :mod:`autograder.grading.ledger`.
    """

    student: str
    assignment: str
    notebooks: dict[str, bytes]
    sources: dict[str, bytes]
    secret: bytes
    key: str
    keys: dict[str, str]
    sandboxed: bool = True
    known: dict[str, Verdict] = field(default_factory=dict)

    @property
    def texts(self) -> list[bytes]:
        """All notebooks, the submission's and the instructor's."""
        return [*self.notebooks.values(), *self.sources.values()]


def judge_submission(handed: Handed) -> Result:
    """Return the result of a submission; what is wrong with its files is in it, as a sentence."""
    verdicts: dict[str, Verdict] = {}
    notebooks: dict[str, str] = {}
    try:
        for name, source in handed.sources.items():
            instructors = nbformat.reads(source.decode(), as_version=4)
            submission = read_notebook(handed.notebooks.get(name), f"{name}.ipynb")
            require_same_assignment(submission, instructors, handed.assignment)
            terms = Terms(
                handed.student,
                handed.assignment,
                handed.secret,
                sandboxed=handed.sandboxed,
                notes=changes(submission, instructors),
                known=handed.known,
            )
            graded = judge_notebook(submission, instructors, terms)
            verdicts |= {verdict.exercise: verdict for verdict in graded.verdicts}
            notebooks[name] = nbformat.writes(graded.notebook)
    except (SubmissionError, SandboxError) as error:
        return Result(handed.key, handed.keys, verdicts, {}, str(error))
    return Result(handed.key, handed.keys, verdicts, notebooks)


def read_notebook(content: bytes | None, name: str) -> Any:
    """Return the notebook that a file holds.

    Raises:
        SubmissionError: If it holds none; the message says what is wrong with it.
    """
    if content is None:
        raise SubmissionError(f"{name} was not handed in")
    if len(content) > LARGEST:
        size, limit = len(content) / 2**20, LARGEST // 2**20
        raise SubmissionError(f"{name} has {size:.0f} MiB; at most {limit} MiB are graded")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise SubmissionError(
            f"{name} is not UTF-8 text: {error.reason} at {error.start}"
        ) from None
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # nbformat has a different one for every way to be no notebook
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise SubmissionError(f"{name} is no notebook: {line[:200]}") from None
    return notebook


def require_same_assignment(submission: Any, source: Any, assignment: str) -> None:
    """Check that a cell of the assignment is in the submission.

    Raises:
        SubmissionError: If there is none.
    """
    theirs, all_of_ours = ({grade_id(cell) for cell in one.cells} for one in (submission, source))
    if exercises_of(source) and not (theirs & all_of_ours) - {""}:
        raise SubmissionError(
            f"it is a notebook of something else: no cell of {assignment} is in it"
        )


def get_ready(texts: Collection[bytes]) -> None:
    """Let the zygote begin to import what these notebooks need; nothing waits for it yet."""
    _zygote.launch(needed_by(texts))


def judge_notebook(submission: NotebookNode, source: NotebookNode, terms: Terms) -> Graded:
    """Return ``submission`` graded against ``source``; what that takes is kept for the next.

    Raises:
        SandboxError: If no sandbox can be made on this machine.
    """
    return grade(submission, source, _judges, terms, _zygote)


def cores() -> int:
    """Return how many CPU cores this process may use."""
    return len(os.sched_getaffinity(0))


def put_away() -> None:
    """End the judges, and the zygote."""
    _judges.stop()
    _zygote.stop()


def _new_judge() -> Process:
    with contextlib.suppress(SandboxError):
        return _zygote.fork(PROGRAM, "gradus-judge")
    return new_process()


_zygote = Zygote(os.environ.get(ZYGOTE, ""))
_judges = Judges(int(os.environ.get(JUDGES, cores())), _new_judge)
