"""Grade one submission: run it in a sandbox, let the judge question each graded cell.

A cell that hangs, crashes or takes too much costs the exercise it belongs to. The cells after
it go on in a fresh kernel, in which the cells that ended well before it have been run again.
"""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from autograder.errors import JudgeError, SandboxError
from autograder.feedback import outputs_of
from autograder.judge.client import Judge
from autograder.notebooks.build import exercises_of
from autograder.notebooks.restore import restore
from autograder.sandbox.bubblewrap import NO_TIER, TIER, Place
from autograder.sandbox.kernel import CellRun, Kernel
from autograder.sandbox.limits import Limits
from autograder.seeds import seed_of
from autograder.verdict import Verdict


@dataclass(frozen=True)
class Terms:
    """What grading is done with: whose submission, the seeds' secret, the limits, the tier.

    ``notes`` are remarks on graded cells, by grade id, that go into the verdicts.
    """

    student: str
    assignment: str
    secret: bytes
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def sandbox(self) -> str:
        """The sandbox tier by its true name."""
        return TIER if self.sandboxed else NO_TIER

    def seed(self, exercise: str) -> int:
        """Return the seed of this learner's questions on ``exercise``."""
        return seed_of(self.secret, self.student, self.assignment, exercise)


@dataclass(frozen=True)
class Graded:
    """The notebook as it ran, its graded cells showing the judge's record, and that record."""

    notebook: NotebookNode
    verdicts: tuple[Verdict, ...]


def grade(submission: NotebookNode, source: NotebookNode, judge: Judge, terms: Terms) -> Graded:
    """Return ``submission`` graded against ``source``, the instructor's notebook.

    Raises:
        SandboxError: If no sandbox can be made on this machine.
    """
    notebook = restore(submission, source)
    exercises = exercises_of(source)
    names = {cell.metadata.nbgrader.grade_id: name for name, cell in exercises.items()}
    verdicts: dict[str, Verdict] = {}
    written = ""  # the last answer cell before a graded one
    with _place() as place, Runner(place, terms) as runner:
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            cell.execution_count, cell.outputs = None, []
            name = names.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            if name is None:
                if cell.metadata.get("nbgrader", {}).get("solution"):
                    written = cell.source
                run = runner.run(cell.source)
                cell.outputs = run.outputs + _stopped(run)
                continue
            points = exercises[name].metadata.nbgrader.points
            verdict = _judge(name, cell.source, written, judge, runner, place, terms).worth(points)
            note = terms.notes.get(cell.metadata.nbgrader.grade_id, "")
            verdicts[name] = replace(verdict, note=note)
            cell.outputs = outputs_of(verdicts[name], terms.sandbox)
            cell.metadata.gradus = {**verdicts[name].to_dict(), "sandbox": terms.sandbox}
    return Graded(notebook, tuple(verdicts[name] for name in exercises if name in verdicts))


class Runner:
    """Runs cells one after another, in a new kernel whenever one was lost. A context manager."""

    def __init__(self, place: Place, terms: Terms) -> None:
        self._place = place
        self._terms = terms
        self._kernel: Kernel | None = None
        self._kept: list[str] = []
        self.lost = ""

    def run(self, source: str, *, keep: bool = True) -> CellRun:
        """Run one cell; it is kept for a fresh kernel if it ends by itself and ``keep`` is true."""
        if not source.strip():
            return CellRun()
        run = self._running().run(source)
        if run.cause:
            self._kernel = None
            self.lost = self.lost or run.cause
        elif keep:
            self._kept.append(source)
        return run

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_: object) -> None:
        if self._kernel is not None:
            self._kernel.stop()

    def _running(self) -> Kernel:
        while self._kernel is None:
            kernel = Kernel(self._place, self._terms.limits, sandboxed=self._terms.sandboxed)
            self._kernel = kernel
            for index, source in enumerate(self._kept):
                if kernel.run(source).cause:  # it ended well once, and does not now: leave it out
                    self._kernel = None
                    del self._kept[index]
                    break
        return self._kernel


def _judge(
    name: str,
    source: str,
    written: str,
    judge: Judge,
    runner: Runner,
    place: Place,
    terms: Terms,
) -> Verdict:
    try:
        runner.run("None", keep=False)  # a fresh kernel, if one is due, is not the learner's time
        judge.open(name, terms.seed(name), place.socket, written)
        run = runner.run(source, keep=False)
        return judge.close(_cause(run, runner.lost))
    except JudgeError as error:
        return Verdict.could_not_tell(name, f"the grader failed: {error}")
    except SandboxError as error:
        judge.stop()
        return Verdict.could_not_tell(name, f"the sandbox failed: {error}")


def _cause(run: CellRun, lost: str) -> str:
    """Return in one sentence why an answer may be missing, empty if nothing speaks for it."""
    if run.cause:
        return f"your code was {run.cause}" if run.cause.startswith("stopped") else run.cause
    if run.error.startswith("NameError"):
        missing = run.error.split("'")[1] if "'" in run.error else "the function"
        why = f": an earlier cell {_was(lost)}" if lost else ""
        return f"{missing} is not defined when its turn comes{why}"
    return f"the cell ended with {run.error}" if run.error else ""


def _was(cause: str) -> str:
    return f"was {cause}" if cause.startswith("stopped") else f"was lost ({cause})"


def _stopped(run: CellRun) -> list[Any]:
    if not run.cause:
        return []
    text = f"[this cell was ended: {run.cause}]\n"
    return [NotebookNode(output_type="stream", name="stderr", text=text)]


@contextlib.contextmanager
def _place() -> Iterator[Place]:
    """Make the folders of one submission under a short path, and remove them at the end."""
    root = Path(tempfile.mkdtemp(prefix="gradus-"))
    place = Place(root / "work", root / "kernel", root / "judge")
    try:
        for folder in (place.work, place.kernel, place.judge):
            folder.mkdir(mode=0o700)
        yield place
    finally:
        # rm, because a learner can nest folders deeper than Python's recursion follows them.
        subprocess.run(["rm", "-rf", str(root)], check=False)
