"""What do these replies show? Right, or the first difference, and the misconception behind it.

A misconception is named only when the replies to *every* question are what it, and no other,
would have replied. Anything less is no diagnosis: then the first difference stands alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gradus.compare import Difference, compare, kind_of
from gradus.quiz import Belief, Question, Quiz, Reply
from gradus.views import see


@dataclass(frozen=True)
class Diagnosis:
    """What a set of replies shows about one exercise.

    ``earned`` says for each aspect whether all its questions were answered right. ``case``,
    ``about``, ``difference``, ``line`` and ``number`` belong to the first wrong reply;
    ``belief`` and ``hint`` to the misconception that explains them all, if one does.
    """

    exercise: str
    earned: dict[str, bool] = field(default_factory=dict)
    case: str = ""
    about: str = ""
    difference: Difference | None = None
    line: str = ""
    number: int = 0
    belief: str = ""
    hint: str = ""

    @property
    def right(self) -> bool:
        """Whether every reply was right."""
        return self.difference is None

    @property
    def sentence(self) -> str:
        """The first difference in one sentence that names its case, empty when right."""
        if self.difference is None:
            return ""
        about = f", {self.about}" if self.about else ""
        return f"case “{self.case}”{about}: {self.difference.text}"


def diagnose(quiz: Quiz, replies: Sequence[Reply]) -> Diagnosis:
    """Return what ``replies``, one for each question of ``quiz`` in order, show."""
    earned = {question.aspect: True for question in quiz.questions}
    first: tuple[Question, Reply, Difference] | None = None
    for question, reply in zip(quiz.questions, replies, strict=True):
        found = differs(question, reply, question.expected)
        if found:
            earned[question.aspect] = False
            first = first or (question, reply, found)
    if first is None:
        return Diagnosis(quiz.exercise, earned)
    question, reply, found = first
    belief = explain(quiz, replies)
    return Diagnosis(
        exercise=quiz.exercise,
        earned=earned,
        case=question.case,
        about=question.about,
        difference=found,
        line=str(reply.get("line", "")),
        number=int(reply.get("number", 0)),
        belief=belief.name if belief else "",
        hint=belief.hint if belief else "",
    )


def explain(quiz: Quiz, replies: Sequence[Reply]) -> Belief | None:
    """Return the one belief that would have given all of ``replies``, None if none or several."""
    agreeing = [
        belief
        for belief in quiz.beliefs
        if all(
            differs(question, mine, theirs) is None
            for question, mine, theirs in zip(quiz.questions, replies, belief.replies, strict=True)
        )
    ]
    return agreeing[0] if len(agreeing) == 1 else None


def differs(question: Question, reply: Reply, expected: Reply) -> Difference | None:
    """Return how ``reply`` to ``question`` differs from ``expected``, None if it does not.

    An expected error asks for an error of that type; its message is the learner's own.
    """
    if "raised" in expected:
        if reply.get("raised") == expected["raised"]:
            return None
        return Difference("error", f"expected {expected['raised']}, got {_outcome(reply)}")
    if "raised" in reply:
        if reply["raised"] == "NotImplementedError":
            return Difference("unwritten", "not yet written")
        return Difference("error", f"your code raised {_outcome(reply)}")
    if "refused" in reply or "refused" in expected:
        same = "refused" in reply and "refused" in expected
        return None if same else Difference("type", str(reply.get("refused", "expected no result")))
    if "object" in expected or "object" in reply:
        return _compare_objects(reply, expected)
    return (
        _compare_seen(question, reply["value"], expected["value"])
        or _compare_devices(reply, expected)
        or _compare_edits(reply, expected)
    )


def _compare_objects(reply: Reply, expected: Reply) -> Difference | None:
    if "object" in reply and "object" in expected:
        return None
    wanted, came = (
        f"an object ({one['object']})" if "object" in one else kind_of(one.get("value"))
        for one in (expected, reply)
    )
    return Difference("type", f"expected {wanted}, got {came}")


def _compare_seen(question: Question, value: Any, expected: Any) -> Difference | None:
    try:
        wanted = see(question.view, expected, question.request.get("args", []))
        came = see(question.view, value, question.request.get("args", []))
    except Exception:  # the answer has not even the form that the view looks for
        return compare(value, expected, question.tolerance) or Difference(
            "type", f"expected {kind_of(expected)}, got {kind_of(value)}"
        )
    found = compare(came, wanted, question.tolerance)
    if found and value is None and question.request["verb"] == "call":
        return replace(found, text=f"{found.text}: is there a return?")
    return found


def _compare_devices(reply: Reply, expected: Reply) -> Difference | None:
    wanted, came = expected.get("device", "cpu"), reply.get("device", "cpu")
    if wanted == came:
        return None
    return Difference("device", f"expected the result on {wanted}, got it on {came}")


def _compare_edits(reply: Reply, expected: Reply) -> Difference | None:
    edited = [name for name in reply.get("edited", []) if name not in expected.get("edited", [])]
    if not edited:
        return None
    return Difference("edited", f"your code changed its argument {edited[0]} in place")


def _outcome(reply: Reply) -> str:
    if "raised" not in reply:
        return "no error"
    message = str(reply.get("message", ""))
    return f"{reply['raised']}: {message}" if message else str(reply["raised"])
