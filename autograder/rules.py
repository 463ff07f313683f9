"""From replies to a verdict: pure rules, the same for the judge and for the mutation table."""

from collections.abc import Sequence
from dataclasses import replace

from autograder.verdict import Outcome, Verdict
from gradus.diagnose import diagnose, share
from gradus.quiz import Quiz, Reply


def weigh(quiz: Quiz, replies: Sequence[Reply], code: str = "") -> Verdict:
    """Return the verdict on the replies to all steps of ``quiz``, and on the code behind them.

    It quotes one expected value at most: the questions are hidden, and so are their answers.
    """
    found = diagnose(quiz, replies, code)
    if found.difference is None:
        return Verdict(quiz.exercise, Outcome.RIGHT, 1.0)
    found = replace(found, difference=(told := found.difference.alone))
    return Verdict(
        exercise=quiz.exercise,
        outcome=Outcome.WRONG,
        share=share(quiz, found),
        finding=found.sentence,
        belief=found.belief,
        hint=found.hint,
        expected=told.expected,
        came=told.came,
        line=found.trail,
    )


def interrupted(exercise: str, cause: str) -> Verdict:
    """Return the verdict on an answer that did not come, because of what the learner's code did."""
    return Verdict(exercise, Outcome.WRONG, 0.0, finding=cause)
