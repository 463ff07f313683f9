"""An exercise as data: questions, right answers, and what each misconception would answer.

The judge makes one for each learner from the reference; the practice pack beside an
assignment is a file of them. Neither holds any code.
"""

import math
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from gradus import wire
from gradus.compare import Tolerance
from gradus.forbidden import Forbidden

LARGEST = 2**26
"""Bytes of a practice pack, unpacked; eight exercises have some 2**18."""

Request = dict[str, Any]
"""What the learner's object is asked to do: see :mod:`gradus.answer` for the verbs."""

Reply = dict[str, Any]
"""What came of it: ``{"value": ...}``, ``{"object": ...}``, ``{"raised": ...}``,
``{"refused": ...}`` or, of a device that is not there, ``{"absent": ...}``. Beside it may stand
``edited`` (what of the arguments was changed), ``device``, ``used`` (forbidden names) and ``cost``
(numbers by name)."""


@dataclass(frozen=True)
class Bound:
    """The least or the most that a number belonging to an answer may be, and why.

    ``of`` names a cost (``saved_bytes``, ``flops``, ``queries``, ``pace``) or a measure of
    quality in :data:`gradus.views.MEASURES`.
    """

    of: str
    at_least: float = -math.inf
    at_most: float = math.inf
    because: str = ""

    def admits(self, number: float) -> bool:
        """Return whether ``number`` lies within; nan does not."""
        return self.at_least <= number <= self.at_most


@dataclass(frozen=True)
class Question:
    """One request, the case it belongs to, and the reply that is right.

    ``about`` says which part of the case is asked for, empty for the result itself. ``view``
    names what of the reply is compared, in :mod:`gradus.views`; empty for all of it. ``bounds``
    limit its costs and its quality, which is measured against ``key``; ``beside`` is the number
    of the question whose time is the yardstick of this one's ``pace``.
    """

    case: str
    aspect: str
    about: str
    request: Request
    expected: Reply
    tolerance: Tolerance
    view: str = ""
    bounds: tuple[Bound, ...] = ()
    key: Any = None
    beside: int | None = None


@dataclass(frozen=True)
class Visit:
    """Some of the questions once more, with the arguments on another device.

    ``places`` holds the number of each question, and the device that its result belongs on.
    """

    device: str
    places: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Step:
    """One request as it is sent, the question it belongs to, and where."""

    question: Question
    request: Request
    expected: Reply
    device: str = "cpu"


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
    visits: tuple[Visit, ...] = ()
    forbidden: Forbidden = field(default_factory=Forbidden)

    @cached_property
    def steps(self) -> list[Step]:
        """All requests in the order in which they are sent: on the CPU, then on other devices."""
        there = [Step(one, one.request, one.expected) for one in self.questions]
        for visit in self.visits:
            for number, place in visit.places:
                one = self.questions[number]
                request = {**one.request, "device": visit.device}
                expected = {**one.expected, "device": place}
                there.append(Step(one, request, expected, visit.device))
        return there

    @cached_property
    def frames(self) -> list[bytes]:
        """The request of each step, as it is sent."""
        return [wire.encode(step.request) for step in self.steps]

    def put_to(self, answer: Callable[[Request], Reply]) -> list[Reply]:
        """Return the replies of ``answer`` to all steps, each with the pace that is asked for."""
        replies: list[Reply] = []
        seconds: list[float] = []
        for step in self.steps:
            started = time.perf_counter()
            reply = answer(step.request)
            seconds.append(time.perf_counter() - started)
            if step.question.beside is not None and step.device == "cpu":
                pace = seconds[-1] / seconds[step.question.beside]
                reply = {**reply, "cost": {**reply.get("cost", {}), "pace": pace}}
            replies.append(reply)
        return replies

    def to_value(self) -> dict[str, Any]:
        """Return the quiz as a value that :mod:`gradus.wire` can carry."""
        return {
            "exercise": self.exercise,
            "questions": [
                {
                    **vars(question),
                    "tolerance": vars(question.tolerance),
                    "bounds": [vars(bound) for bound in question.bounds],
                }
                for question in self.questions
            ],
            "beliefs": [
                {**vars(belief), "replies": self._against_expected(belief)}
                for belief in self.beliefs
            ],
            "credit": self.credit,
            "visits": [[visit.device, list(visit.places)] for visit in self.visits],
            "forbidden": vars(self.forbidden),
        }

    @classmethod
    def from_value(cls, value: dict[str, Any]) -> "Quiz":
        """Return the quiz that :meth:`to_value` described."""
        questions = tuple(
            Question(
                **{
                    **question,
                    "tolerance": Tolerance(**question["tolerance"]),
                    "bounds": tuple(Bound(**bound) for bound in question["bounds"]),
                }
            )
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
        visits = tuple(Visit(device, tuple(places)) for device, places in value["visits"])
        forbidden = Forbidden(**value["forbidden"])
        return cls(value["exercise"], questions, beliefs, value["credit"], visits, forbidden)

    def _against_expected(self, belief: Belief) -> list[Reply | None]:
        """Return the belief's replies, None for each that is the expected one to the bit."""
        return [
            None if wire.encode(reply) == wire.encode(question.expected) else reply
            for question, reply in zip(self.questions, belief.replies, strict=True)
        ]


def pack(quizzes: list[Quiz]) -> bytes:
    """Return a practice pack: the quizzes of one assignment, as the bytes of a file.

    It is compressed as a whole: thousands of small tensors have more names than numbers.
    """
    data = zlib.compress(wire.encode([quiz.to_value() for quiz in quizzes]), level=9)
    return save({"pack": torch.frombuffer(bytearray(data), dtype=torch.uint8)})


def unpack(data: bytes) -> dict[str, Quiz]:
    """Return the quizzes of a practice pack, by exercise.

    Raises:
        WireError: If ``data`` is not a practice pack.
    """
    try:
        packed = load(data)["pack"].numpy().tobytes()
        plain = zlib.decompressobj().decompress(packed, LARGEST)
    except (SafetensorError, KeyError, TypeError, zlib.error) as error:
        raise wire.WireError(f"not a practice pack: {type(error).__name__}") from None
    quizzes = [Quiz.from_value(value) for value in wire.decode(plain)]
    return {quiz.exercise: quiz for quiz in quizzes}


def read(path: Path) -> dict[str, Quiz]:
    """Return the quizzes of the practice pack at ``path``."""
    return unpack(path.read_bytes())
