"""What do these replies show? Right, or the first difference, and the misconception behind it.

A misconception is named only when the replies to *every* question are what it, and no other,
would have replied. Anything less is no diagnosis: then the first difference stands alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gradus.compare import Difference, Tolerance, compare
from gradus.quiz import Belief, Question, Quiz, Reply


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
        found = differs(reply, question.expected, quiz.tolerance)
        if found:
            earned[question.aspect] = False
            first = first or (question, reply, found)
    if first is None:
        return Diagnosis(quiz.exercise, earned)
    question, reply, found = first
    belief = explain(quiz.beliefs, replies, quiz.tolerance)
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


def explain(
    beliefs: Sequence[Belief], replies: Sequence[Reply], tolerance: Tolerance
) -> Belief | None:
    """Return the one belief that would have given all of ``replies``, None if none or several."""
    agreeing = [
        belief
        for belief in beliefs
        if all(
            differs(mine, theirs, tolerance) is None
            for mine, theirs in zip(replies, belief.replies, strict=True)
        )
    ]
    return agreeing[0] if len(agreeing) == 1 else None


def differs(reply: Reply, expected: Reply, tolerance: Tolerance) -> Difference | None:
    """Return how ``reply`` differs from ``expected``, None if it does not.

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
    if "refused" in expected:
        return None if "refused" in reply else Difference("type", "expected no such result")
    if "refused" in reply:
        return Difference("type", str(reply["refused"]))
    found = compare(reply.get("value"), expected["value"], tolerance)
    if found:
        return found
    if reply.get("device") != expected.get("device"):
        text = f"expected the result on {expected.get('device')}, got {reply.get('device')}"
        return Difference("device", text)
    edited = [name for name in reply.get("edited", []) if name not in expected.get("edited", [])]
    if edited:
        return Difference("edited", f"your code changed its input {edited[0]} in place")
    return None


def _outcome(reply: Reply) -> str:
    if "raised" not in reply:
        return "no error"
    message = str(reply.get("message", ""))
    return f"{reply['raised']}: {message}" if message else str(reply["raised"])
