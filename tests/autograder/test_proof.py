"""The generated page "The tests, tested" says what the exercises hold."""

import re

from autograder import catalogue
from tests.conftest import ROOT

ROW = re.compile(r"^\| `(\w+)` \| \d+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", re.MULTILINE)


def test_the_page_has_the_exercises_as_they_are():
    """A row for each, with as many right and wrong answers as its spec has, all recognised."""
    page = (ROOT / "book" / "proof.md").read_text()
    rows = {name: tuple(map(int, numbers)) for name, *numbers in ROW.findall(page)}
    expected = {}
    for name in catalogue.exercise_ids():
        exercise = catalogue.find(name)
        wrong = len(exercise.misconceptions)
        expected[name] = (1 + len(exercise.also_right), wrong, wrong, wrong)
    assert rows == expected, "run `.venv/bin/python benchmarks/proof.py 20 > book/proof.md`"
