"""Courses whose tests are plain nbgrader asserts: their cells run in our sandbox, unjudged.

Name :class:`RunInSandbox` in place of nbgrader's ``Execute`` in such a course's configuration.
The scores stay nbgrader's own, read from the outputs, and so do their weaknesses: a test that runs
in the learner's process can be lied to. What the sandbox adds is that nothing else is in reach.
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from traitlets import Bool

from autograder.errors import SubmissionError
from autograder.grading.submission import Runner, Terms, new_place
from autograder.limits import Limits
from autograder.sandbox.kernel import CellRun

SKIPPED = "skip-execution"
"""The tag of a cell that nbgrader does not run either."""


class RunInSandbox(Execute):
    """In place of nbgrader's Execute, whose settings it takes: each cell runs in a sandbox."""

    sandboxed = Bool(True, help="False runs submissions without a sandbox").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Run the code cells in order; after a lost kernel the rest go on in a fresh one.

        Raises:
            SubmissionError: If the notebook is in another language than Python.
            SandboxError: If no sandbox can be made on this machine.
        """
        language = nb.metadata.get("kernelspec", {}).get("language", "python")
        if language != "python":
            raise SubmissionError(f"the sandbox runs python, the notebook is in {language}")
        wall = float(self.timeout) if (self.timeout or 0) > 0 else math.inf  # as nbclient reads it
        limits = Limits(wall=wall, cpu=2 * wall)
        terms = Terms("", "", b"", limits, sandboxed=self.sandboxed)
        beside = _beside(Path(resources["metadata"]["path"]))
        count = 0
        with new_place() as place, Runner(replace(place, beside=beside), terms) as runner:
            for cell in nb.cells:
                if cell.cell_type != "code":
                    continue
                cell.outputs, cell.execution_count = [], None
                if cell.source.strip() and SKIPPED not in cell.metadata.get("tags", []):
                    run = runner.run(cell.source)
                    count += 1
                    cell.outputs, cell.execution_count = run.outputs + _ended(run), count
        joined: tuple[NotebookNode, Any] = CoalesceStreamsPreprocessor().preprocess(nb, resources)
        return joined


def _beside(folder: Path) -> tuple[Path, ...]:
    """Return what a notebook finds next to it: data, pictures, modules, but no notebook."""
    return tuple(path for path in sorted(folder.iterdir()) if path.suffix != ".ipynb")


def _ended(run: CellRun) -> list[NotebookNode]:
    """Return the error of a cell that shows none: to nbgrader an error is 0 points.

    A cell may not have ended by itself, or an earlier one may have silenced all tracebacks.
    """
    if run.cause:
        name = "CellTimeoutError" if run.cause.startswith("stopped after") else "CellEndedError"
        why = run.cause
    elif run.error and not any(one.output_type == "error" for one in run.outputs):
        name, _, why = run.error.partition(": ")
    else:
        return []
    words = f"{name}: {why}"
    return [NotebookNode(output_type="error", ename=name, evalue=why, traceback=[words])]
