"""The judge inside nbgrader's own commands: preprocessors named in nbgrader_config.py."""

from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Float, Unicode

from autograder.course import Course
from autograder.grading.submission import Terms, grade
from autograder.judge.client import Judge
from autograder.limits import Limits
from autograder.notebooks.build import HIDDEN
from autograder.notebooks.disarm import disarm
from autograder.notebooks.restore import changes
from autograder.verdict import Outcome


class JudgeAnswers(NbGraderPreprocessor):
    """In place of nbgrader's Execute: run in a sandbox, and let the judge write the scores."""

    root = Unicode(help="the repository of the course").tag(config=True)
    folder = Unicode(help="the folder of the class, which holds the secret").tag(config=True)
    sandboxed = Bool(True, help="False runs submissions without a sandbox").tag(config=True)
    wall = Float(Limits.wall, help="seconds a cell may take").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Grade one sanitised notebook."""
        about = resources["nbgrader"]
        course = Course(Path(self.root), Path(self.folder))
        assignment, notebook = about["assignment"], about["notebook"]
        source = nbformat.read(course.solutions / assignment / f"{notebook}.ipynb", as_version=4)
        handed_in = course.folder / "submitted" / about["student"] / assignment
        original = nbformat.read(handed_in / f"{notebook}.ipynb", as_version=4)
        terms = Terms(
            student=about["student"],
            notes=changes(original, source),
            assignment=assignment,
            secret=course.secret(),
            limits=Limits(wall=self.wall),
            sandboxed=self.sandboxed,
        )
        with Judge() as judge:
            graded = grade(nb, source, judge, terms)
        return disarm(graded.notebook), resources


class SaveVerdicts(SaveAutoGrades):
    """As nbgrader's, and an answer that could not be judged waits for a person."""

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_score(cell, resources)
        if cell.metadata.get("gradus", {}).get("outcome") == str(Outcome.COULD_NOT_TELL):
            grade = self.gradebook.find_grade(
                cell.metadata["nbgrader"]["grade_id"],
                self.notebook_id,
                self.assignment_id,
                self.student_id,
            )
            grade.auto_score, grade.needs_manual_grade = None, True
            self.gradebook.db.commit()


class TidyFeedback(NbGraderPreprocessor):
    """On the page a learner gets, a graded cell shows its words and its card, and no more."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, cell_index: int
    ) -> tuple[NotebookNode, Any]:
        """Leave the hidden region out, and the bare number that nbgrader scored by."""
        if "outcome" in cell.metadata.get("gradus", {}):
            cell.source = cell.source.split(HIDDEN[0])[0].strip()
            cell.outputs = [one for one in cell.outputs if one.output_type == "display_data"]
        return cell, resources
