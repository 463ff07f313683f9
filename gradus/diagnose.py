"""What do these replies show? Right, or the first difference, and the misconception behind it.

A misconception is named only when the replies to *every* question are what it, and no other,
would have replied. Anything less is no diagnosis: then the first difference stands alone.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from gradus.compare import Difference, compare, kind_of
from gradus.forbidden import Forbidden, read
from gradus.quiz import Belief, Bound, Question, Quiz, Reply, Step
from gradus.views import MEASURES, see

FREE = Forbidden()


@dataclass(frozen=True)
class Diagnosis:
    """What a set of replies shows about one exercise.

    ``earned`` says for each aspect whether all its questions were answered right. ``case``,
    ``about``, ``difference`` and ``trail`` belong to the first wrong reply; ``belief`` and ``hint``
    to the misconception that explains them all, if one does. ``trail`` is how the call came to the
    learner's line that failed: one numbered line below the other.
    """

    exercise: str
    earned: dict[str, bool] = field(default_factory=dict)
    case: str = ""
    about: str = ""
    difference: Difference | None = None
    trail: str = ""
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
        if not self.case:
            return self.difference.text
        about = f", {self.about}" if self.about else ""
        return f"case “{self.case}”{about}: {self.difference.text}"


def diagnose(quiz: Quiz, replies: Sequence[Reply], code: str = "") -> Diagnosis:
    """Return what ``replies``, one for each step of ``quiz`` in order, show.

    ``code`` is the learner's own, as far as it is known: what is forbidden earns nothing.
    """
    if named := read(code, quiz.forbidden.names):
        difference = Difference("forbidden", quiz.forbidden.sentence(*named))
        return Diagnosis(quiz.exercise, difference=difference)
    earned = {question.aspect: True for question in quiz.questions}
    first: tuple[Question, Reply, Difference] | None = None
    for step, reply in zip(quiz.steps, replies, strict=True):
        found = misses(step, reply, quiz.forbidden)
        if found:
            earned[step.question.aspect] = False
            first = first or (step.question, reply, found)
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
        trail=str(reply.get("trail", "")),
        belief=belief.name if belief else "",
        hint=belief.hint if belief else "",
    )


def share(quiz: Quiz, found: Diagnosis) -> float:
    """Return the part of the points that the aspects answered right are worth: 1 if all are."""
    if found.right:
        return 1.0
    return sum(part for aspect, part in quiz.credit.items() if found.earned.get(aspect))


def explain(quiz: Quiz, replies: Sequence[Reply]) -> Belief | None:
    """Return the one belief that would have given all of ``replies``, None if none or several."""
    agreeing = [
        belief
        for belief in quiz.beliefs
        if all(
            alike(question, mine, theirs)
            for question, mine, theirs in zip(quiz.questions, replies, belief.replies, strict=False)
        )
    ]
    return agreeing[0] if len(agreeing) == 1 else None


def misses(step: Step, reply: Reply, forbidden: Forbidden) -> Difference | None:
    """Return what is wrong with ``reply`` to a step, None if nothing is."""
    if step.device == "meta":
        return _misplaced(reply, step.expected)
    question = step.question
    if "absent" in reply and step.device != "cpu":
        return None
    if step.device != "cpu":
        question = replace(question, tolerance=replace(question.tolerance, by_dtype=True))
    found = differs(question, reply, step.expected, forbidden)
    for bound, number in [] if found else amounts(question, reply):
        timed = bound.of == "pace" and step.device != "cpu"  # one yardstick, and it is the CPU's
        if not timed and not bound.admits(number):
            found = found or _out_of_bounds(bound, number)
    elsewhere = found is not None and step.device != "cpu"
    return replace(found, text=f"on {step.device}, {found.text}") if found and elsewhere else found


def alike(question: Question, one: Reply, other: Reply) -> bool:
    """Return whether two replies agree, edit the same, and lie on the same side of each bound."""
    if differs(question, one, other) is not None:
        return False
    edits = [set(reply.get("edited", [])) for reply in (one, other)]
    if (edits[0] ^ edits[1]) - set(question.expected.get("edited", [])):
        return False
    sides = [
        [bound.admits(number) for bound, number in amounts(question, reply)]
        for reply in (one, other)
    ]
    return sides[0] == sides[1]


def differs(
    question: Question, reply: Reply, expected: Reply, forbidden: Forbidden = FREE
) -> Difference | None:
    """Return how ``reply`` to ``question`` differs from ``expected``, None if it does not.

    An expected error asks for an error of that type; its message is the learner's own.
    """
    if "absent" in reply:
        return Difference("device", "expected an answer, got word that there is no such device")
    if "raised" in expected:
        if reply.get("raised") == expected["raised"]:
            return None
        return Difference("error", f"expected {expected['raised']}, got {_outcome(reply)}")
    if "raised" in reply:
        if reply["raised"] == "NotImplementedError":
            return Difference("unwritten", "not yet written")
        return Difference("error", f"your code raised {_outcome(reply)}")
    used = [name for name in reply.get("used", []) if name not in expected.get("used", [])]
    if used:
        return Difference("forbidden", forbidden.sentence(used[0]))
    if "refused" in reply or "refused" in expected:
        same = "refused" in reply and "refused" in expected
        return None if same else Difference("type", str(reply.get("refused", "expected no result")))
    if "object" in expected or "object" in reply:
        return _compare_objects(reply, expected)
    found = _compare_seen(question, reply, expected)
    if found is None or found.kind == "values":  # numbers are looked at last
        found = _compare_devices(reply, expected) or found
    return found or _compare_edits(reply, expected)


def _compare_objects(reply: Reply, expected: Reply) -> Difference | None:
    if "object" in reply and "object" in expected:
        return None
    wanted, came = (
        f"an object ({one['object']})" if "object" in one else kind_of(one.get("value"))
        for one in (expected, reply)
    )
    return Difference("type", f"expected {wanted}, got {came}")


def seen(question: Question, reply: Reply) -> Reply:
    """Return ``reply`` with its value as the question's view shows it, if it has one.

    What a view shows of thousands of numbers is a few; what is kept of a right answer is that,
    and how good it was.
    """
    if not question.view or "value" not in reply or "kind" in reply:
        return reply
    found = {bound.of: number for bound, number in amounts(question, reply)}
    try:
        shown = see(question.view, reply["value"], question.request.get("args", []))
    except Exception:  # the answer has not even the form that the view looks for
        shown = None
    cost = {**reply.get("cost", {}), **found}
    kept = {**reply, "value": shown, "kind": kind_of(reply["value"])}
    return {**kept, "cost": cost} if cost else kept


def _compare_seen(question: Question, reply: Reply, expected: Reply) -> Difference | None:
    mine, theirs = seen(question, reply), seen(question, expected)
    if question.view and (mine["value"] is None or theirs["value"] is None):
        if mine["value"] is None and theirs["value"] is None and mine["kind"] == theirs["kind"]:
            return None
        return Difference("type", f"expected {theirs['kind']}, got {mine['kind']}")
    return compare(mine["value"], theirs["value"], question.tolerance)


def _compare_devices(reply: Reply, expected: Reply) -> Difference | None:
    wanted, came = expected.get("device", "cpu"), reply.get("device", "cpu")
    if wanted == came:
        return None
    return Difference("device", f"expected the result on {wanted}, got it on {came}")


def _compare_edits(reply: Reply, expected: Reply) -> Difference | None:
    edited = [name for name in reply.get("edited", []) if name not in expected.get("edited", [])]
    if not edited:
        return None
    if " " in edited[0]:  # a part of a model, such as "the mode of model"
        return Difference("edited", f"your code changed {edited[0]}, and left it so")
    return Difference("edited", f"your code changed its argument {edited[0]} in place")


def _misplaced(reply: Reply, expected: Reply) -> Difference | None:
    """Return whether a reply from a device without numbers shows that code is tied to the CPU.

    An error there counts only if it is about devices: code that looks at its numbers may fail.
    """
    if "raised" in reply and re.search("(same|expected) device", str(reply.get("message", ""))):
        text = "with its arguments on another device than the CPU, your code mixes the two"
        return Difference("device", f"{text}: is a tensor made without device=?")
    if "value" not in reply or "value" not in expected:
        return None
    wanted, came = expected.get("device", "cpu"), reply.get("device", "cpu")
    if wanted == came:
        return None
    text = f"with its arguments on another device, expected the result there, got it on {came}"
    return Difference("device", f"{text}: is a tensor made without device=?")


def amounts(question: Question, reply: Reply) -> list[tuple[Bound, float]]:
    """Return each bound of a question with the number that it limits; nan where there is none.

    What raised an error has no result, and what it had cost until then bounds nothing.
    """
    if "raised" in reply:
        return []
    cost = reply.get("cost", {})
    found = []
    for bound in question.bounds:
        if bound.of in MEASURES and "kind" not in reply:
            number = _measured(bound.of, reply.get("value"), question.key)
        else:
            number = float(cost.get(bound.of, math.nan))
        found.append((bound, number))
    return found


def _measured(measure: str, value: object, key: object) -> float:
    try:
        return MEASURES[measure](value, key)
    except Exception:  # the answer has not even the form that is measured, or no numbers (meta)
        return math.nan


def _out_of_bounds(bound: Bound, number: float) -> Difference:
    what = bound.of.replace("_", " ")
    least = number < bound.at_least or math.isnan(number)
    wanted = f"at least {bound.at_least:g}" if least else f"at most {bound.at_most:g}"
    text = f"{what}: expected {wanted}, got {number:.6g} ({bound.because})"
    return Difference("cost", text, wanted, f"{number:.6g}")


def _outcome(reply: Reply) -> str:
    if "raised" not in reply:
        return "no error"
    message = str(reply.get("message", ""))
    return f"{reply['raised']}: {message}" if message else str(reply["raised"])
