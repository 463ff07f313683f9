"""From a spec to a quiz: draw the cases, ask the reference, ask every misconception.

A pure function of the spec and a seed. What the judge asks a learner and what a practice pack
holds are both made here, so they cannot differ in kind, only in their numbers.
"""

import inspect
import warnings
from collections.abc import Iterable

from torch import Generator

from autograder.driver import Recorder
from autograder.errors import SpecError
from autograder.spec import Exercise, Subject
from gradus import wire
from gradus.answer import Desk
from gradus.quiz import Belief, Question, Quiz, Reply


def quiz_of(exercise: Exercise, seed: int) -> Quiz:
    """Return all questions of ``exercise`` for ``seed``, with the right and the wrong replies.

    Raises:
        SpecError: If the reference cannot answer, or an aspect has no credit.
    """
    rng = Generator().manual_seed(seed)
    questions: list[Question] = []
    desk = Desk(exercise.reference)
    for case in exercise.cases(rng):
        recorder = Recorder(desk, case, rng, exercise.tolerance, first=len(questions) + 1)
        exercise.drive(recorder, case.inputs)
        questions += recorder.questions
    _require_credit(exercise, questions)
    requests = [wire.encode(question.request) for question in questions]
    beliefs = tuple(
        Belief(wrong.__name__, hint(wrong), _replies(wrong, requests))
        for wrong in exercise.misconceptions
    )
    return Quiz(exercise.id, tuple(questions), beliefs, dict(exercise.credit))


def replies_of(subject: Subject, questions: Iterable[Question]) -> tuple[Reply, ...]:
    """Return what ``subject`` replies to each question, asked as over the wire."""
    return _replies(subject, [wire.encode(question.request) for question in questions])


def _replies(subject: Subject, requests: list[bytes]) -> tuple[Reply, ...]:
    desk = Desk(subject)
    with warnings.catch_warnings(action="ignore"):  # a wrong answer may well be warned of
        return tuple(desk.obey(wire.decode(request)) for request in requests)


def hint(misconception: Subject) -> str:
    """Return the docstring of a misconception as one line: what its holder is asked."""
    text = inspect.getdoc(misconception)
    if not text:
        raise SpecError(
            f"{misconception.__name__} has no docstring: what would you ask its holder?"
        )
    return " ".join(text.split())


def _require_credit(exercise: Exercise, questions: list[Question]) -> None:
    if not questions:
        raise SpecError(f"{exercise.id} has no cases")
    aspects = {question.aspect for question in questions}
    if exercise.credit and (
        set(exercise.credit) != aspects or abs(sum(exercise.credit.values()) - 1) > 1e-9
    ):
        raise SpecError(
            f"the credit of {exercise.id} must share 1 among {sorted(aspects)}, "
            f"got {dict(exercise.credit)}"
        )
