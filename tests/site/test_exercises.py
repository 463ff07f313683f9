"""Pages and assignments say the same: which functions are graded, and for how many points."""

import re

import pytest

from autograder import catalogue
from autograder.notebooks import build
from tests.conftest import ROOT

PAGES = sorted((ROOT / "book").glob("[0-9]*/*.md"))
CLASSES = {"Softplus": "softplus_function", "ScaledAdd": "scaled_add"}


def graded_points():
    """Return the points of every graded function, by exercise."""
    found = {}
    for path in sorted((ROOT / "solutions").glob("*/*.py")):
        specs = {name: catalogue.find(name) for name in build.graded_ids(path)}
        cells = build.exercises_of(build.build(path, specs))
        found |= {name: (path.stem, cell.metadata.nbgrader.points) for name, cell in cells.items()}
    return found


GRADED = graded_points()


def promised(path):
    """Return what a page's closing line promises: exercise, assignment, points."""
    line = next(
        line for line in reversed(path.read_text().splitlines()) if line.startswith("Graded: ")
    )
    assignment = re.search(r"exercises/(ps\d\d)/", line)[1]
    found = re.findall(r"`(\w+)` \((\d)", line)
    return {CLASSES.get(name, name): (assignment, int(points)) for name, points in found}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_promises_what_the_assignment_grades(path):
    """Each function a page names is graded where it says, for the points it says."""
    assert promised(path)
    assert promised(path) == {name: GRADED[name] for name in promised(path)}


def test_every_graded_function_has_a_page():
    """No function is graded that no page announces."""
    assert {name for path in PAGES for name in promised(path)} == set(GRADED)
