"""The tests' own test, and the test of that: a spec with a hole in it is found."""

from dataclasses import replace

import pytest

from autograder import catalogue, mutants, quizzes, rules
from autograder.errors import SpecError
from autograder.seeds import PRACTICE, seed_of
from autograder.spec import Tolerance
from autograder.verdict import Outcome
from gradus import wire


@pytest.mark.spread
@pytest.mark.parametrize("name", catalogue.exercise_ids())
def test_every_misconception_is_named_and_every_right_answer_passes(name):
    """The whole mutation table, on twenty seeds; `gradus mutants --seeds` tries more."""
    row = mutants.table_row(catalogue.find(name), seeds=20)
    assert row.faults == ()
    assert row.right >= 3
    assert row.wrong >= 4
    assert row.killed == row.named == row.wrong


@pytest.mark.spread
@pytest.mark.parametrize("name", catalogue.exercise_ids())
def test_remembered_practice_answers_earn_nothing(name):
    """Whoever answers from the practice pack, and cannot do what is not in it, gets no points."""
    exercise = catalogue.find(name)
    practice = quizzes.quiz_of(exercise, seed_of(PRACTICE, name))
    known = {wire.encode(step.request): step.expected for step in practice.steps}
    asked = quizzes.quiz_of(exercise, seed_of(b"a course", "ada", name))
    replies = [known.get(wire.encode(step.request), {"value": None}) for step in asked.steps]
    verdict = rules.weigh(asked, replies)
    assert (verdict.outcome, verdict.share) == (Outcome.WRONG, 0)


def test_a_wrong_answer_that_passes_is_reported():
    """A right function listed as a misconception survives, and the row says so."""
    kl = catalogue.find("kl")

    def right_after_all(p, q, base=2.0):
        """Is it?"""
        return kl.reference(p, q, base)

    row = mutants.table_row(replace(kl, misconceptions=(right_after_all,)), seeds=1)
    assert (row.killed, row.named) == (0, 0)
    assert row.faults == ("seed 0: right_after_all passes",)


def test_an_answer_that_is_right_in_float64_must_pass():
    """A tolerance that only float32's own rounding meets refuses the more precise answer."""
    kl = catalogue.find("kl")
    exact = Tolerance(rtol=0, atol=0, because="too strict on purpose")
    cases = lambda rng: (replace(case, precise=False) for case in kl.cases(rng))  # noqa: E731
    strict = replace(kl, tolerance=exact, cases=cases, misconceptions=(), also_right=())
    assert "right in float64, and refused" in mutants.table_row(strict, seeds=1).faults[0]


def test_two_beliefs_that_no_case_separates_are_reported():
    """A misconception listed twice cannot be named."""
    kl = catalogue.find("kl")
    first = kl.misconceptions[0]

    def its_twin(p, q, base=2.0):
        """Is it?"""
        return first(p, q, base)

    row = mutants.table_row(replace(kl, misconceptions=(first, its_twin)), seeds=1)
    assert (row.killed, row.named) == (2, 0)


def test_a_refused_right_answer_is_reported():
    """A wrong function listed as right shows as a fault."""
    kl = catalogue.find("kl")
    row = mutants.table_row(replace(kl, also_right=(kl.misconceptions[0],)), seeds=1)
    assert "is refused" in row.faults[0]


def test_credit_must_cover_the_aspects():
    """A share for an aspect that no case has is a mistake of the author's."""
    kl = catalogue.find("kl")
    with pytest.raises(SpecError, match="must share 1"):
        quizzes.quiz_of(replace(kl, credit={"values": 1.0}), seed=1)


def test_a_misconception_needs_a_question():
    """A wrong answer without a docstring has no hint to give."""
    kl = catalogue.find("kl")

    def silent(p, q, base=2.0):
        return p

    with pytest.raises(SpecError, match="no docstring"):
        quizzes.quiz_of(replace(kl, misconceptions=(silent,)), seed=1)


def test_the_same_seed_asks_the_same_and_another_asks_otherwise():
    """A quiz is a function of its seed."""
    kl = catalogue.find("kl")
    first, again, other = (quizzes.quiz_of(kl, seed).to_value() for seed in (1, 1, 2))
    drawn = [
        value["questions"][1]["request"]["args"][0].tolist() for value in (first, again, other)
    ]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_unknown_exercise_lists_those_there_are():
    """A wrong id is answered with the right ones."""
    with pytest.raises(SpecError, match=r"there are: .*entropy"):
        catalogue.find("entropi")
