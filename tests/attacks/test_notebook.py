"""Files handed in with tricks done to them, through nbgrader's own autograde and feedback."""

import shutil
from html.parser import HTMLParser

import nbformat
import pytest

from autograder.course import Course
from autograder.gradebook import book, release
from autograder.sample import filled
from autograder.verdict import Outcome
from tests.attacks import tricks
from tests.conftest import ROOT, SOURCE

pytestmark = pytest.mark.slow

TRICKS = tricks("notebook")


class Running(HTMLParser):
    """Finds what a browser would run: scripts, handlers, addresses that are code."""

    def __init__(self, page):
        super().__init__()
        self.found, self._inside = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._inside = tag
        self.found += [f"{tag} {name}={value}" for name, value in attrs if "alert" in (value or "")]

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "script" and "alert(1)" in data:
            self.found.append(data)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of one small assignment, released, with one submission for each trick."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "solutions" / "small").mkdir(parents=True)
    (root / "solutions" / "small" / "small.py").write_text(SOURCE)
    found = Course(root, root / "_course")
    release.make(found, "small")
    source = nbformat.read(root / "solutions" / "small" / "small.ipynb", as_version=4)
    right = next(cell.source for cell in source.cells if cell.id == "answer-kl")
    for name, trick in TRICKS.items():
        notebook = nbformat.read(found.exercises / "small" / "small.ipynb", as_version=4)
        notebook = filled(notebook, {"entropy": trick.CELL, "kl": right})
        trick.tamper(notebook)
        path = found.folder / "submitted" / name / "small" / "small.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    return found


@pytest.mark.parametrize("name", TRICKS)
def test_a_file_that_was_tampered_with_gets_what_its_answers_deserve(course, name):
    """Each trick: graded without a complaint, nothing for entropy, all for kl, max points ours."""
    assert book.autograde(course, "small", name) == ""
    record = book.read_record(course, "small", name)
    found = {verdict.exercise: verdict for verdict in record.verdicts}
    assert (found["entropy"].outcome, found["entropy"].points) == (Outcome.WRONG, 0)
    assert found["entropy"].finding.startswith("case “")
    assert (found["kl"].outcome, found["kl"].points) == (Outcome.RIGHT, 3)
    assert (record.score, record.max_score, record.to_read) == (3, 5, 0)


def test_nothing_of_a_learners_runs_in_the_browser_of_an_instructor(course):
    """The autograded notebook and the feedback page hold no script, no handler, no foreign tag."""
    assert book.autograde(course, "small", "writes_scripts") == ""
    assert book.write_feedback(course, "small") == ""
    for name in ("writes_scripts", "names_another_kernel", "swells_the_file"):
        page = (course.folder / "feedback" / name / "small" / "small.html").read_text()
        assert Running(page).found == []
        assert len(page) < 2_000_000
        assert "not right yet" in page
