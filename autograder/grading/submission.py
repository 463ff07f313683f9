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
from autograder.judge.client import Judges
from autograder.limits import Limits
from autograder.notebooks.build import exercises_of
from autograder.notebooks.restore import restore
from autograder.sandbox.bubblewrap import Place
from autograder.sandbox.kernel import CellRun, Kernel
from autograder.sandbox.warm import Zygote
from autograder.seeds import seed_of
from autograder.verdict import Verdict


@dataclass(frozen=True)
class Terms:
    """What grading is done with: whose submission, the seeds' secret, limits, sandbox or not.

    ``limits`` hold for exercises whose specs ask for no others. ``notes`` are remarks on graded
    cells, by grade id, that go into the verdicts. ``known`` are verdicts of an earlier grading of
    the same submission, by exercise: what they are about is not judged again.
    """

    student: str
    assignment: str
    secret: bytes
    limits: Limits = field(default_factory=Limits)
    sandboxed: bool = True
    notes: dict[str, str] = field(default_factory=dict)
    known: dict[str, Verdict] = field(default_factory=dict)

    def seed(self, exercise: str) -> int:
        """Return the seed of this learner's questions on ``exercise``."""
        return seed_of(self.secret, self.student, self.assignment, exercise)


@dataclass(frozen=True)
class Graded:
    """The notebook as it ran, its graded cells showing the judge's record, that record, the tier.

    ``sandbox`` is the true name of the sandbox that the last cell ran in.
    """

    notebook: NotebookNode
    verdicts: tuple[Verdict, ...]
    sandbox: str


def grade(
    submission: NotebookNode,
    source: NotebookNode,
    judges: Judges,
    terms: Terms,
    zygote: Zygote | None = None,
) -> Graded:
    """Return ``submission`` graded against ``source``, the instructor's notebook.

    Kernels are forked by ``zygote`` where there is one. A judge is taken for an exercise's turn
    alone: what runs before and after keeps nobody waiting.

    Raises:
        SandboxError: If no sandbox can be made on this machine.
    """
    notebook = restore(submission, source)
    exercises = exercises_of(source)
    names = {cell.metadata.nbgrader.grade_id: name for name, cell in exercises.items()}
    limits = {name: _limits(name, judges, terms) for name in exercises}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    turns = [names.get(cell.metadata.get("nbgrader", {}).get("grade_id", "")) for cell in cells]
    verdicts: dict[str, Verdict] = {}
    written = ""  # the last answer cell before a graded one
    with new_place() as place, Runner(place, terms, zygote) as runner:
        for number, (cell, name) in enumerate(zip(cells, turns, strict=True)):
            cell.execution_count, cell.outputs = None, []
            # The cells before a graded one are its exercise's, and so are its limits theirs.
            of = next((turn for turn in turns[number:] if turn is not None), None)
            runner.limits = terms.limits if of is None else limits[of]
            if name is None:
                if cell.metadata.get("nbgrader", {}).get("solution"):
                    written = cell.source
                run = runner.run(cell.source)
                cell.outputs = run.outputs + _stopped(run)
                continue
            points = exercises[name].metadata.nbgrader.points
            verdict = terms.known.get(name)
            if verdict is None:
                verdict = _judge(name, cell.source, written, judges, runner, place, terms)
            note = terms.notes.get(cell.metadata.nbgrader.grade_id, "")
            verdicts[name] = replace(verdict.worth(points), note=note)
            cell.outputs = outputs_of(verdicts[name], runner.tier)
            cell.metadata.gradus = {**verdicts[name].to_dict(), "sandbox": runner.tier}
        found = tuple(verdicts[name] for name in exercises if name in verdicts)
        return Graded(notebook, found, runner.tier)


def _limits(exercise: str, judges: Judges, terms: Terms) -> Limits:
    if exercise in terms.known:
        return terms.limits
    try:
        return judges.limits(exercise) or terms.limits
    except JudgeError:  # it will say so again when the exercise has its turn
        return terms.limits


class Runner:
    """Runs cells one after another, in a new kernel whenever one was lost. A context manager.

    ``limits`` are those of the next cell, ``tier`` is the true name of the sandbox.
    """

    def __init__(self, place: Place, terms: Terms, zygote: Zygote | None = None) -> None:
        self._place = place
        self._terms = terms
        self._zygote = zygote
        self._kernel: Kernel | None = None
        self._kept: list[str] = []
        self._judged = False
        self.limits = terms.limits
        self.lost = ""
        self.tier = ""

    def run(self, source: str, *, keep: bool = True) -> CellRun:
        """Run one cell; it is kept for a fresh kernel if it ends by itself and ``keep`` is true."""
        if not source.strip():
            return CellRun()
        run = self._running().run(source, self.limits)
        self._judged = not keep
        if run.cause:
            self._kernel = None
            self.lost = self.lost or run.cause
        elif keep:
            self._kept.append(source)
        return run

    def make_ready(self) -> None:
        """See to a kernel that runs: starting one is not the time of the learner's next cell."""
        if self._kernel is not None and self._kernel.ended:
            self.lost = self.lost or self._kernel.ended
            self._kernel.stop()
            self._kernel = None
        self._running()

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *_: object) -> None:
        if self._kernel is not None:
            self._kernel.stop()

    def _running(self) -> Kernel:
        if self._judged and self._kernel is not None and not self._kernel.rested:
            self._kernel.stop()  # what one exercise has taken is not the next one's to pay for
            self._kernel = None
        self._judged = False
        while self._kernel is None:
            kernel = Kernel(
                self._place, self.limits, sandboxed=self._terms.sandboxed, zygote=self._zygote
            )
            self._kernel, self.tier = kernel, kernel.tier
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
    judges: Judges,
    runner: Runner,
    place: Place,
    terms: Terms,
) -> Verdict:
    try:
        runner.make_ready()
        with judges.one() as judge:
            judge.open(name, terms.seed(name), place.socket, written)
            run = runner.run(source, keep=False)
            return judge.close(_cause(run, runner.lost))
    except JudgeError as error:
        return Verdict.could_not_tell(name, f"the grader failed: {error}")
    except SandboxError as error:
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
def new_place() -> Iterator[Place]:
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
