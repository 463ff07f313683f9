"""Practice and grading agree: the pack beside a notebook names the mistake that the judge names."""

import inspect

import pytest

from autograder import catalogue, quizzes, rules
from autograder.notebooks.practice import practice_pack
from autograder.seeds import PRACTICE, seed_of
from gradus.diagnose import diagnose
from gradus.quiz import unpack

pytestmark = pytest.mark.spread

LIMIT = 40_000
"""Bytes for one exercise; the build holds the eight of a set, in one file, to 200 kB."""


@pytest.mark.parametrize("name", catalogue.exercise_ids())
def test_practice_gives_the_hint_that_the_judge_gives(name):
    """Every misconception is named alike from the pack, after a trip through bytes, and graded."""
    exercise = catalogue.find(name)
    practice = unpack(practice_pack([name], {name: exercise}))[name]
    asked = quizzes.quiz_of(exercise, seed_of(b"a course", "ada", name))
    for wrong in exercise.misconceptions:
        hint = diagnose(practice, quizzes.replies_of(wrong, practice)).hint
        assert hint == rules.weigh(asked, quizzes.replies_of(wrong, asked)).hint
        assert hint == quizzes.hint(wrong)


@pytest.mark.parametrize("name", catalogue.exercise_ids())
def test_a_pack_is_small_and_holds_no_code(name):
    """No line of the spec is in it, beyond the hints' words, and it asks on the public seed."""
    exercise = catalogue.find(name)
    pack = practice_pack([name], {name: exercise})
    assert len(pack) < LIMIT
    told = repr(unpack(pack)[name].to_value())
    source = inspect.getsource(inspect.getmodule(exercise.cases))
    code = {line.strip() for line in source.splitlines() if line.strip().startswith("return ")}
    assert not [line for line in code if len(line) > 15 and line in told]
    grading = quizzes.quiz_of(exercise, seed_of(b"a course", "ada", name)).to_value()
    assert told != repr(grading)
    assert seed_of(PRACTICE, name) != seed_of(b"a course", "ada", name)
