"""Authoring: from the text an author edits to the notebook that nbgrader takes."""

import nbformat
import pytest

from autograder import catalogue
from autograder.errors import AuthoringError
from autograder.notebooks import build
from tests.conftest import ROOT, SOURCE

SPECS = {name: catalogue.find(name) for name in ("entropy", "kl")}


def built(tmp_path, text):
    """Return the notebook built from ``text``."""
    path = tmp_path / "small.py"
    path.write_text(text)
    return build.build(path, SPECS)


def test_cell_ids_are_the_same_on_every_build(tmp_path):
    """Two builds of one source are equal to the byte."""
    first, second = (nbformat.writes(built(tmp_path, SOURCE)) for _ in range(2))
    assert first == second


def test_a_check_becomes_a_practice_cell_and_a_locked_graded_cell(tmp_path):
    """The practice call is visible; the judged call is hidden, and the points are on it."""
    cells = {cell.id: cell for cell in built(tmp_path, SOURCE).cells}
    assert cells["practice-kl"].source == 'check("kl", kl)'
    assert "nbgrader" not in cells["practice-kl"].metadata
    graded = cells["graded-kl"]
    assert graded.metadata.nbgrader.points == 3
    assert graded.metadata.nbgrader.locked
    visible, hidden = graded.source.split("### BEGIN HIDDEN TESTS")
    assert "hand_in" not in visible
    assert "3 points (values 2 points, zeros 1 point)" in visible
    assert 'hand_in("kl", kl)' in hidden


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '    ### END SOLUTION\n\n# %% check="entropy"',
            '\n# %% check="entropy"',
            "solution region",
        ),
        ('check="kl" points=3', 'check="kl"', "says no points"),
        ('check="kl"', 'check="kl2"', "no exercise 'kl2'"),
        ("# Tested: pairs of distributions.\n", "", "what is tested"),
        ('check("kl", kl)', 'check("kl")', "two arguments"),
        ('answer="kl"', 'answer="entropy"', "both called"),
    ],
    ids=["region", "points", "exercise", "words", "call", "twice"],
)
def test_an_authors_mistake_is_named(tmp_path, old, new, message):
    """Each way to get a mark wrong is answered in a sentence."""
    assert old in SOURCE
    with pytest.raises(AuthoringError, match=message):
        built(tmp_path, SOURCE.replace(old, new))


def test_secret_lines_are_the_solutions(tmp_path):
    """What stands in solution regions is secret; the stub is not."""
    path = tmp_path / "small.py"
    path.write_text(SOURCE)
    secret = build.secret_lines(path)
    assert "return torch.special.entr(p).sum(-1) / torch.tensor(base).log()" in secret
    assert "def kl(p, q, base=2.0):" not in secret


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").glob("*/*.py")), ids=lambda p: p.stem)
def test_every_assignment_is_worth_20_points_and_an_evening(path):
    """20 points, 60 to 120 minutes, at most eight graded functions."""
    notebook = build.build(path, {name: catalogue.find(name) for name in build.graded_ids(path)})
    marked = [
        cell.metadata for cell in notebook.cells if "points" in cell.metadata.get("nbgrader", {})
    ]
    assert sum(metadata.nbgrader.points for metadata in marked) == 20
    assert 60 <= sum(metadata.gradus.minutes for metadata in marked) <= 120
    assert len(build.exercises_of(notebook)) <= 8
