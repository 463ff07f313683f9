"""The judge inside nbgrader's own commands: preprocessors named in nbgrader_config.py."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.plugins.zipcollect import FileNameCollectorPlugin
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor, SaveAutoGrades
from traitlets import Bool, Dict, Unicode

from autograder.course import Course
from autograder.errors import SubmissionError
from autograder.gradebook.page import tidy
from autograder.gradebook.submissions import handed_in, ledger_of
from autograder.grading.worker import get_ready, judge_submission, put_away
from autograder.notebooks.disarm import disarm
from autograder.notebooks.restore import restore
from autograder.verdict import Outcome


class OnCourse(NbGraderPreprocessor):
    """A preprocessor that knows where the course and the class are."""

    root = Unicode(help="the repository of the course").tag(config=True)
    folder = Unicode(help="the folder of the class, which holds the secret").tag(config=True)

    def source_of(self, about: dict[str, str]) -> NotebookNode:
        """Return the instructor's notebook of what is being graded."""
        folder = Course(Path(self.root), Path(self.folder)).solutions / about["assignment"]
        return nbformat.read(folder / f"{about['notebook']}.ipynb", as_version=4)


class RestoreCells(OnCourse):
    """Before all of nbgrader's own: it stops at metadata that a learner has broken."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Put the marked cells back as the instructor wrote them."""
        return restore(nb, self.source_of(resources["nbgrader"])), resources


class JudgeAnswers(OnCourse):
    """In place of nbgrader's Execute: run in a sandbox, and let the judge write the scores."""

    sandboxed = Bool(True, help="False runs submissions without a sandbox").tag(config=True)
    ready = Dict(help="notebooks judged already, as JSON by name").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the judged form of one sanitised notebook, judging it if nobody has yet.

        What is judged is the file that was handed in, here as in ``gradus grade``: what nbgrader
        changed to make it safe is done again, and more strictly, on the way to the sandbox.
        """
        about = resources["nbgrader"]
        name = about["notebook"]
        ready = self.ready or self._judge(about["student"], about["assignment"], name)
        return disarm(nbformat.reads(ready[name], as_version=4)), resources

    def _judge(self, student: str, assignment: str, notebook: str) -> dict[str, str]:
        """Judge one notebook of a submission, and keep the result for ``gradus grade``.

        That still has to record it: nbgrader's autograde writes no feedback, and may be killed.
        """
        course = Course(Path(self.root), Path(self.folder))
        ledger = ledger_of(course, assignment)
        ledger.unrecord(student)
        handed = handed_in(course, assignment, student, sandboxed=self.sandboxed)
        only = replace(handed, sources={notebook: handed.sources[notebook]})
        try:
            get_ready(only.texts)
            result = judge_submission(only)
        finally:
            put_away()
        if result.problem:
            raise SubmissionError(result.problem)
        if only.sources == handed.sources:  # a result is that of a whole submission
            ledger.write(student, result)
        return result.notebooks


class SaveVerdicts(SaveAutoGrades):
    """As nbgrader's, but for who waits for a person.

    An answer that could not be judged waits. A written one that a person has given points for
    does not wait again, unless it has changed since.
    """

    read = Dict(help="written answers as a person has read them, by name").tag(config=True)

    def _add_score(self, cell: NotebookNode, resources: Any) -> None:
        super()._add_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        unsure = cell.metadata.get("gradus", {}).get("outcome") == str(Outcome.COULD_NOT_TELL)
        if unsure or self.read.get(name) == cell.source:
            about = (name, self.notebook_id, self.assignment_id, self.student_id)
            grade = self.gradebook.find_grade(*about)
            grade.auto_score = None if unsure else grade.auto_score
            grade.needs_manual_grade = unsure
            self.gradebook.db.commit()


class ChecksumCollector(FileNameCollectorPlugin):
    """For ``nbgrader zip_collect``: what `gradus submit` wrote, if it is still the same."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return whose notebook this is and when it was packed; None if it is damaged."""
        about: dict[str, str] | None = super().collect(submitted_file)
        if about is None:
            return None
        found = hashlib.sha256(Path(submitted_file).read_bytes()).hexdigest()
        if not found.startswith(about["checksum"]):
            self.log.warning(
                f"{submitted_file} is not what was packed: expected the checksum "
                f"{about['checksum']}, got {found[:12]}; ask {about['student_id']} for it again"
            )
            return None
        return about


class ReadScores(GetGrades):
    """As nbgrader's, but what waits for a person has no score yet, in place of nought."""

    def _get_score(self, cell: NotebookNode, resources: Any) -> None:
        name = cell.metadata.nbgrader.grade_id
        about = (name, self.notebook_id, self.assignment_id, self.student_id)
        grade = self.gradebook.find_grade(*about)
        waits = grade.needs_manual_grade and grade.manual_score is None
        cell.metadata.nbgrader.score = None if waits else grade.score
        cell.metadata.nbgrader.points = grade.max_score


class TidyFeedback(NbGraderPreprocessor):
    """On the page a learner gets, a graded cell shows its words and its card, and no more."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Leave the hidden regions out, and the bare numbers that nbgrader scored by."""
        return tidy(nb), resources
