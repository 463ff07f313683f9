"""From a spec to a quiz: draw the cases, ask the reference, ask every misconception.

A pure function of the spec and a seed. What the judge asks a learner and what a practice pack
holds are both made here, so they cannot differ in kind, only in their numbers.
"""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.errors import SpecError
from autograder.spec import Case, Exercise, Subject
from gradus import wire
from gradus.answer import Desk
from gradus.quiz import Belief, Question, Quiz, Reply, Request


def quiz_of(exercise: Exercise, seed: int) -> Quiz:
    """Return all questions of ``exercise`` for ``seed``, with the right and the wrong replies.

    Raises:
        SpecError: If the reference cannot answer, or an aspect has no credit.
    """
    rng = Generator().manual_seed(seed)
    questions: list[Question] = []
    desk = Desk(exercise.reference)
    for case in exercise.cases(rng):
        questions += _record(exercise, case, desk, len(questions), rng)
    _require_credit(exercise, questions)
    beliefs = tuple(
        Belief(wrong.__name__, hint(wrong), replies_of(wrong, questions))
        for wrong in exercise.misconceptions
    )
    return Quiz(exercise.id, tuple(questions), beliefs, exercise.tolerance, dict(exercise.credit))


def replies_of(subject: Subject, questions: Iterable[Question]) -> tuple[Reply, ...]:
    """Return what ``subject`` replies to each question, asked as over the wire."""
    desk = Desk(subject)
    return tuple(desk.obey(_fresh(question.request)) for question in questions)


def hint(misconception: Subject) -> str:
    """Return the docstring of a misconception as one line: what its holder is asked."""
    text = inspect.getdoc(misconception)
    if not text:
        raise SpecError(f"{misconception.__name__} has no docstring: what would you ask its holder?")
    return " ".join(text.split())


def _record(
    exercise: Exercise, case: Case, desk: Desk, number: int, rng: Generator
) -> Iterator[Question]:
    """Yield the questions of one case, each with the reply of the reference."""
    arguments = {
        name: _wants_gradient(value, name in exercise.gradients)
        for name, value in case.inputs.items()
    }
    keep = number + 1
    call: Request = {"verb": "call", "of": 0, "arguments": arguments, "keep": keep}
    reply = _reference_reply(exercise, case, desk, call)
    yield Question(case.name, case.aspect, "", call, reply)
    if exercise.gradients and isinstance(reply.get("value"), Tensor):
        result: Tensor = reply["value"]
        upstream = torch.randn(result.shape, generator=rng).to(result.dtype)
        ask: Request = {
            "verb": "gradients",
            "of": keep,
            "inputs": list(exercise.gradients),
            "upstream": upstream,
        }
        about = f"gradient in {', '.join(exercise.gradients)}"
        reply = _reference_reply(exercise, case, desk, ask)
        yield Question(case.name, "gradients", about, ask, reply)


def _reference_reply(exercise: Exercise, case: Case, desk: Desk, request: Request) -> Reply:
    """Ask the reference in float64 and return its reply in the dtype of the case."""
    dtype = _working_dtype(case)
    reply = desk.obey(_cast(_fresh(request), dtype, torch.float64))
    reply.pop("seconds", None)
    if "raised" in reply and not isinstance(case.inputs.get("raises"), str):
        raise SpecError(
            f"the reference of {exercise.id} raised {reply['raised']} in the case "
            f"{case.name!r}: {reply['message']}"
        )
    cast: Reply = _cast(reply, torch.float64, dtype)
    return cast


def _working_dtype(case: Case) -> torch.dtype:
    found = {
        value.dtype
        for value in case.inputs.values()
        if isinstance(value, Tensor) and value.is_floating_point()
    }
    return found.pop() if len(found) == 1 else torch.float64


def _cast(value: Any, source: torch.dtype, target: torch.dtype) -> Any:
    """Return ``value`` with each tensor of dtype ``source`` in it cast to ``target``."""
    if isinstance(value, dict):
        return {key: _cast(item, source, target) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_cast(item, source, target) for item in value)
    if isinstance(value, Tensor) and value.dtype == source:
        return value.detach().to(target).requires_grad_(value.requires_grad)
    return value


def _wants_gradient(value: Any, wanted: bool) -> Any:
    return value.detach().clone().requires_grad_() if wanted else value


def _fresh(request: Request) -> Request:
    """Return a copy that shares no memory, just as a learner would receive it."""
    copy: Request = wire.decode(wire.encode(request))
    return copy


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
