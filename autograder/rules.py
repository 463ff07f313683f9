"""From replies to a verdict: pure rules, the same for the judge and for the mutation table."""

from collections.abc import Sequence

from autograder.verdict import Outcome, Verdict
from gradus.diagnose import diagnose, share
from gradus.quiz import Quiz, Reply


def weigh(quiz: Quiz, replies: Sequence[Reply], code: str = "") -> Verdict:
    """Return the verdict on the replies to all steps of ``quiz``, and on the code behind them."""
    found = diagnose(quiz, replies, code)
    if found.right:
        return Verdict(quiz.exercise, Outcome.RIGHT, 1.0)
    return Verdict(
        exercise=quiz.exercise,
        outcome=Outcome.WRONG,
        share=share(quiz, found),
        finding=found.sentence,
        belief=found.belief,
        hint=found.hint,
        expected=found.difference.expected if found.difference else "",
        came=found.difference.came if found.difference else "",
        line=found.line,
    )


def interrupted(exercise: str, cause: str) -> Verdict:
    """Return the verdict on an answer that did not come, because of what the learner's code did."""
    return Verdict(exercise, Outcome.WRONG, 0.0, finding=cause)
