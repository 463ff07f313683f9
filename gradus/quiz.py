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
"""What came of it: ``{"value": ...}``, ``{"object": ...}``, ``{"raised": ...}`` or
``{"refused": ...}``."""


@dataclass(frozen=True)
class Question:
    """One request, the case it belongs to, and the reply that is right.

    ``about`` says which part of the case is asked for, empty for the result itself. ``view``
    names what of the reply is compared, in :mod:`gradus.views`; empty for all of it.
    """

    case: str
    aspect: str
    about: str
    request: Request
    expected: Reply
    tolerance: Tolerance
    view: str = ""


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
    credit: dict[str, float] = field(default_factory=dict)

    def to_value(self) -> dict[str, Any]:
        """Return the quiz as a value that :mod:`gradus.wire` can carry."""
        return {
            "exercise": self.exercise,
            "questions": [
                {**vars(question), "tolerance": vars(question.tolerance)}
                for question in self.questions
            ],
            "beliefs": [
                {**vars(belief), "replies": self._against_expected(belief)}
                for belief in self.beliefs
            ],
            "credit": self.credit,
        }

    @classmethod
    def from_value(cls, value: dict[str, Any]) -> "Quiz":
        """Return the quiz that :meth:`to_value` described."""
        questions = tuple(
            Question(**{**question, "tolerance": Tolerance(**question["tolerance"])})
            for question in value["questions"]
        )
        beliefs = tuple(
            Belief(
                belief["name"],
                belief["hint"],
                tuple(
                    question.expected if reply is None else reply
                    for question, reply in zip(questions, belief["replies"], strict=True)
                ),
            )
            for belief in value["beliefs"]
        )
        return cls(value["exercise"], questions, beliefs, value["credit"])

    def _against_expected(self, belief: Belief) -> list[Reply | None]:
        """Return the belief's replies, None for each that is the expected one to the bit."""
        return [
            None if wire.encode(reply) == wire.encode(question.expected) else reply
            for question, reply in zip(self.questions, belief.replies, strict=True)
        ]


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
