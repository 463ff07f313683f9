"""Diagnosis: a misconception is named when it explains every reply, and only then."""

from dataclasses import replace

import pytest
import torch

from gradus.compare import Tolerance
from gradus.diagnose import diagnose
from gradus.quiz import Belief, Question, Quiz, Visit, pack, unpack

EXACT = Tolerance(rtol=0.0, atol=0.0, because="whole numbers")


def question(case: str, expected: object, aspect: str = "values") -> Question:
    """Return a question whose right answer is ``expected``."""
    request = {"verb": "call", "of": 0, "args": [], "kwargs": {}, "names": [], "keep": 1}
    return Question(case, aspect, "", request, {"value": expected}, EXACT)


QUIZ = Quiz(
    exercise="double",
    questions=(question("one", 2), question("two", 4), question("zero", 0, "zeros")),
    beliefs=(
        Belief("squares", "What is 1 times 2?", ({"value": 1}, {"value": 4}, {"value": 0})),
        Belief("adds_one", "What is 2 plus 2?", ({"value": 2}, {"value": 3}, {"value": 1})),
        Belief("gives_up", "Is there a return?", ({"value": None},) * 3),
    ),
    credit={"values": 0.75, "zeros": 0.25},
)


def replies(*values: object) -> list[dict]:
    """Return the replies of a learner whose calls returned ``values``."""
    return [{"value": value} for value in values]


def test_right_replies_are_right_in_every_aspect():
    """Nothing is found, and each aspect is earned."""
    found = diagnose(QUIZ, replies(2, 4, 0))
    assert found.right
    assert found.earned == {"values": True, "zeros": True}


def test_a_belief_that_explains_everything_is_named():
    """Replies equal to one belief's on every question carry its hint."""
    found = diagnose(QUIZ, replies(1, 4, 0))
    assert (found.belief, found.hint) == ("squares", "What is 1 times 2?")
    assert found.sentence == "case “one”: expected 2, got 1"
    assert found.earned == {"values": False, "zeros": True}


def test_a_belief_that_explains_almost_everything_is_not_named():
    """One reply that does not fit, and no guess is made."""
    assert diagnose(QUIZ, replies(1, 4, 7)).belief == ""


def test_two_beliefs_that_explain_the_same_are_both_silent():
    """When the questions cannot tell two beliefs apart, neither is named."""
    twin = Belief("also_squares", "?", QUIZ.beliefs[0].replies)
    quiz = Quiz(QUIZ.exercise, QUIZ.questions, (*QUIZ.beliefs, twin), QUIZ.credit)
    assert diagnose(quiz, replies(1, 4, 0)).belief == ""


def test_an_error_is_told_with_the_learners_line():
    """The type, the message and the line of the learner's own code are kept."""
    error = {
        "raised": "ValueError",
        "message": "no",
        "trail": "3: return 1 / 0",
    }
    found = diagnose(QUIZ, [error] * 3)
    assert found.sentence == "case “one”: your code raised ValueError: no"
    assert found.trail == "3: return 1 / 0"


def test_a_missing_result_is_called_none():
    """None where a value belongs is called so."""
    found = diagnose(QUIZ, replies(None, 4, 0))
    assert found.difference.text == "expected an int, got None"


def test_an_unwritten_answer_is_no_error():
    """The stub is told apart from code that fails."""
    found = diagnose(QUIZ, [{"raised": "NotImplementedError"}] * 3)
    assert found.difference.kind == "unwritten"


def test_an_edited_argument_is_a_difference():
    """A right value does not excuse a changed input."""
    found = diagnose(QUIZ, [{"value": 2, "edited": ["x"]}, *replies(4, 0)])
    assert found.difference.text == "your code changed its argument x in place"


def test_the_wrong_device_is_a_difference():
    """A right value on another device than asked for is not right."""
    found = diagnose(QUIZ, [{"value": 2, "device": "cuda"}, *replies(4, 0)])
    assert found.difference.text == "expected the result on cpu, got it on cuda"


def test_a_practice_pack_is_the_quiz_as_data():
    """A quiz survives its file."""
    assert unpack(pack([QUIZ])) == {"double": QUIZ}


ROW = torch.tensor([1.0, 2.0])
ON_TWO_DEVICES = Quiz("double", (question("a row", ROW),), (), {}, (Visit("cuda", ((0, "cuda"),)),))


@pytest.mark.parametrize(
    ("there", "finding"),
    [
        ({"value": ROW, "device": "cuda"}, ""),
        ({"value": ROW + 1e-6, "device": "cuda"}, ""),
        ({"value": ROW}, "on cuda, expected the result on cuda, got it on cpu"),
        ({"value": ROW + 1}, "on cuda, expected the result on cuda, got it on cpu"),
        ({"value": ROW + 1, "device": "cuda"}, "on cuda, 2 of 2 values differ, by up to 1"),
        ({"value": ROW[None]}, "on cuda, expected shape (2,), got (1, 2)"),
        ({"raised": "RuntimeError"}, "on cuda, your code raised RuntimeError"),
        ({"absent": "cuda"}, ""),
    ],
    ids=["right", "rounded", "place", "place first", "values", "shape", "error", "no device"],
)
def test_another_device_gives_the_same_there(there, finding):
    """Shape, then device, then values up to the dtype's own rounding; a missing device is none."""
    found = diagnose(ON_TWO_DEVICES, [{"value": ROW}, there])
    assert found.sentence == (f"case “a row”: {finding}" if finding else "")


def test_on_the_cpu_every_device_is_there():
    """Word that the CPU is missing is an answer that is wrong."""
    found = diagnose(replace(ON_TWO_DEVICES, visits=()), [{"absent": "cpu"}])
    assert not found.right
