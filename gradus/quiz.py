"""An exercise as data: questions, right answers, and what each misconception would answer.

The judge makes one for each learner from the reference; the practice pack beside an
assignment is a file of them. Neither holds any code.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradus import wire
from gradus.compare import Tolerance

Request = dict[str, Any]
"""What the learner's object is asked to do: see :mod:`gradus.answer` for the verbs."""

Reply = dict[str, Any]
"""What came of it: ``{"value": ...}``, ``{"raised": ...}`` or ``{"refused": ...}``."""


@dataclass(frozen=True)
class Question:
    """One request, the case it belongs to, and the reply that is right."""

    case: str
    aspect: str
    about: str
    request: Request
    expected: Reply


@dataclass(frozen=True)
class Belief:
    """A misconception: its name, the question that exposes it, and what it would reply."""

    name: str
    hint: str
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class Quiz:
    """All that is asked about one exercise, in the order in which it is asked."""

    exercise: str
    questions: tuple[Question, ...]
    beliefs: tuple[Belief, ...]
    tolerance: Tolerance
    credit: dict[str, float] = field(default_factory=dict)

    def to_value(self) -> dict[str, Any]:
        """Return the quiz as a value that :mod:`gradus.wire` can carry."""
        return {
            "exercise": self.exercise,
            "questions": [vars(question) for question in self.questions],
            "beliefs": [{**vars(belief), "replies": list(belief.replies)} for belief in self.beliefs],
            "tolerance": vars(self.tolerance),
            "credit": self.credit,
        }

    @classmethod
    def from_value(cls, value: dict[str, Any]) -> "Quiz":
        """Return the quiz that :meth:`to_value` described."""
        return cls(
            exercise=value["exercise"],
            questions=tuple(Question(**question) for question in value["questions"]),
            beliefs=tuple(
                Belief(belief["name"], belief["hint"], tuple(belief["replies"]))
                for belief in value["beliefs"]
            ),
            tolerance=Tolerance(**value["tolerance"]),
            credit=value["credit"],
        )


def pack(quizzes: list[Quiz]) -> bytes:
    """Return a practice pack: the quizzes of one assignment, as the bytes of a file."""
    return wire.encode([quiz.to_value() for quiz in quizzes])


def unpack(data: bytes) -> dict[str, Quiz]:
    """Return the quizzes of a practice pack, by exercise.

    Raises:
        WireError: If ``data`` is not a practice pack.
    """
    quizzes = [Quiz.from_value(value) for value in wire.decode(data)]
    return {quiz.exercise: quiz for quiz in quizzes}


def read(path: Path) -> dict[str, Quiz]:
    """Return the quizzes of the practice pack at ``path``."""
    return unpack(path.read_bytes())
