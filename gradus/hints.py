"""Help that grows on request: a question, then where to read, then the first wrong case by hand.

What was used is shown, and kept in the notebook: in the metadata of the output, which is saved
with it. No hint holds code.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from torch import Tensor

from gradus.attempts import LATEST, Attempt
from gradus.cells import SOCKET
from gradus.compare import kind_of, quote
from gradus.diagnose import seen
from gradus.feedback import COLOURS, framed, linked
from gradus.quiz import Question, Reply
from gradus.reading import Reading, hints_used, readings
from gradus.wire import Handle, Query, Recipe

STEPS = 3
"""How many hints there are to an exercise."""

USED: dict[str, int] = {}
"""How many hints to each exercise were shown in this kernel."""

QUESTIONS = {
    "shape": "Which shape has each argument in this case, and which axis is gone at the end?",
    "type": "What does the docstring say your function returns, and what does it return here?",
    "dtype": "Which dtype do the arguments have in this case, and which step changes it?",
    "values": "Can you work this case out on paper? Where does your code first say something else?",
    "edited": "Which line writes into an argument, when it could make a new tensor?",
    "device": "Which tensor does your code make anew, and on which device does it make it?",
    "error": "What holds each name in that line when this case is asked?",
    "cost": "Which step is repeated more often than this case needs, or keeps more than it needs?",
    "forbidden": "Which steps does the forbidden function do for you?",
    "unwritten": "What are the arguments in this case, and what should come out?",
}
"""What to ask where no misconception explains the answer, by the kind of difference."""


@dataclass(frozen=True)
class Hint:
    """One hint: its number, of how many, and its lines. ``number`` is 0 when none was needed."""

    exercise: str
    number: int
    lines: tuple[str, ...]
    read: Reading | None = None

    def __repr__(self) -> str:
        return "\n".join([self._title, *(f"  {line}" for line in self._told)])

    def _repr_html_(self) -> str:
        told = "".join(f'<div style="margin-top:.25em">{escape(line)}</div>' for line in self.lines)
        if self.read:
            told += f'<div style="margin-top:.25em">Read {linked(self.read)}.</div>'
        return framed(COLOURS["right"], self._title, told)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """Return what Jupyter shows, and what it keeps with the notebook: how much was used."""
        shown = {"text/plain": repr(self), "text/html": self._repr_html_()}
        used = {"hint": {"exercise": self.exercise, "used": self.number}}
        return shown, {"gradus": used} if self.number else {}

    @property
    def _title(self) -> str:
        return f"{self.exercise}: hint {self.number} of {STEPS}" if self.number else self.exercise

    @property
    def _told(self) -> list[str]:
        return [*self.lines, *([f"Read {self.read}."] if self.read else [])]


def hint(exercise: str) -> Hint | None:
    """Return the next hint to ``exercise``; call it once more for a plainer one.

    First a question, then the section of the book, then the first wrong case worked by hand.
    Which hints were used is saved with the notebook, and a new kernel goes on from there; what
    was not saved, or was cleared and saved, starts anew. None while a set is graded.

    Args:
        exercise: The name of an exercise that was checked before, such as ``"kl"``.
    """
    if SOCKET in os.environ:
        return None
    attempt = LATEST.get(exercise)
    if attempt is None:
        first = f'Run the cell with check("{exercise}", ...) first: a hint is about its answer.'
        return Hint(exercise, 0, (first,))
    if attempt.found.right:
        return Hint(exercise, 0, ("Your answer is right: there is nothing to hint at.",))
    if exercise not in USED:
        USED[exercise] = hints_used(attempt.folder).get(exercise, 0)
    number = USED[exercise] = min(USED[exercise] + 1, STEPS)
    if number == 1:
        return Hint(exercise, number, question_to(attempt))
    if number == 2:
        place = readings(attempt.folder).get(exercise)
        none = () if place else ("No section of the book is named for it: read its text above.",)
        return Hint(exercise, number, none, place)
    return Hint(exercise, number, worked(attempt))


def question_to(attempt: Attempt) -> tuple[str, ...]:
    """Return the misconception's question, or what to ask of such a difference, and the case."""
    found = attempt.found
    if found.hint:
        return (found.hint.replace("`", ""),)
    kind = found.difference.kind if found.difference else "values"
    case = (f"The case is “{found.case}”.",) if found.case else ()
    return (*case, QUESTIONS[kind])


def worked(attempt: Attempt) -> tuple[str, ...]:
    """Return the first wrong case in words and numbers: what goes in, what comes, what should."""
    both = attempt.first_wrong
    if both is None:
        return (attempt.found.sentence,)
    step, reply = both
    asked = step.question
    about = f", {asked.about}" if asked.about else ""
    lines = [f"The first case that comes out wrong is “{asked.case}”{about}."]
    lines += [f"{name} is {told(value)}." for name, value in _arguments(attempt, asked)]
    lines.append(f"Expected is {_outcome(asked, step.expected)}.")
    if reply.get("raised") != "NotImplementedError":
        lines.append(f"Your answer is {_outcome(asked, reply)}.")
    return tuple(lines)


def told(value: Any) -> str:
    """Return a value in a few words: its kind, its shape if it has one, and its first numbers.

    >>> told(np.array([[0.5, 0.5]]))
    'a numpy array of shape (1, 2): 0.5, 0.5'
    """
    if isinstance(value, Recipe):
        return f"a model made by gradus.zoo: {value.name}"
    if isinstance(value, Query):
        return f"a black box that answers {value.budget} questions"
    if isinstance(value, Handle):
        return "an object of an earlier step"
    if isinstance(value, Tensor | np.ndarray):
        if not value.ndim:
            return f"{kind_of(value)} that holds {quote(value)}"
        return f"{kind_of(value)} of shape {tuple(value.shape)}: {quote(value)}"
    return quote(value)


def _arguments(attempt: Attempt, asked: Question) -> Sequence[tuple[str, Any]]:
    """Return the named arguments of the call that ``asked`` is, or that it asks about."""
    request = asked.request
    if request["verb"] == "gradients":
        calls = [one.request for one in attempt.quiz.questions if one.case == asked.case]
        request = next((one for one in calls if one.get("keep") == request["of"]), request)
    if request["verb"] != "call":
        return ()
    named = list(zip(request["names"], request["args"], strict=False))
    return [*named, *request["kwargs"].items()]


def _outcome(asked: Question, reply: Reply) -> str:
    if "raised" in reply:
        message = f": {reply['message']}" if reply.get("message") else ""
        return f"an error, {reply['raised']}{message}"
    if "refused" in reply:
        return f"nothing that can be compared: {reply['refused']}"
    if "object" in reply:
        return f"an object, {reply['object']}"
    return told(seen(asked, reply).get("value"))
