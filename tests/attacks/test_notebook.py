"""Files handed in with tricks done to them, through nbgrader's own autograde and feedback."""

import shutil

import nbformat
import pytest
from bs4 import BeautifulSoup

from autograder.course import Course
from autograder.gradebook import book, release
from autograder.sample import filled
from autograder.verdict import Outcome
from tests.attacks import tricks
from tests.conftest import ROOT, SOURCE

pytestmark = pytest.mark.slow

TRICKS = tricks("notebook")


def running(page):
    """Return what a browser would run of a learner's: scripts, handlers, addresses of code."""
    found = []
    for element in BeautifulSoup(page, "html.parser").find_all(True):
        values = [str(value) for value in element.attrs.values()]
        own = [element.get_text()] if element.name == "script" else []
        found += [text for text in values + own if "alert(1)" in text]
    return found


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


@pytest.fixture(scope="module")
def complaints(course):
    """What nbgrader complained of while it graded each submission and wrote the pages."""
    found = {name: book.autograde(course, "small", name) for name in TRICKS}
    pages = [book.write_feedback(course, "small", name) for name in TRICKS]
    return {**found, "feedback": "".join(pages)}


@pytest.mark.parametrize("name", TRICKS)
def test_a_file_that_was_tampered_with_gets_what_its_answers_deserve(course, complaints, name):
    """Each trick: graded without a complaint, nothing for entropy, all for kl, max points ours."""
    assert complaints[name] == ""
    record = book.read_record(course, "small", name)
    found = {verdict.exercise: verdict for verdict in record.verdicts}
    assert (found["entropy"].outcome, found["entropy"].points) == (Outcome.WRONG, 0)
    assert found["entropy"].finding.startswith("case “")
    assert (found["kl"].outcome, found["kl"].points) == (Outcome.RIGHT, 3)
    assert (record.score, record.max_score, record.to_read) == (3, 5, 0)


def test_nothing_of_a_learners_runs_in_the_browser_of_an_instructor(course, complaints):
    """The feedback page, made of the autograded notebook, holds no script and no handler."""
    assert complaints["feedback"] == ""
    for name in TRICKS:
        page = (course.folder / "feedback" / name / "small" / "small.html").read_text()
        assert running(page) == []
        assert len(page) < 2_000_000
        assert "not right yet" in page
