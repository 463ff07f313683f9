"""From a spec to a quiz: draw the cases, ask the reference, ask every misconception.

A pure function of the spec and a seed. What the judge asks a learner and what a practice pack
holds are both made here, so they cannot differ in kind, only in their numbers.
"""

import inspect
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.driver import Recorder, cast, fresh
from autograder.errors import SpecError
from autograder.spec import Exercise, Subject
from gradus import wire
from gradus.answer import Desk
from gradus.diagnose import seen
from gradus.quiz import Belief, Question, Quiz, Reply, Request, Visit
from gradus.wire import Handle, Query, Recipe

ANYWHERE = ("meta",)
"""The device without numbers, which every machine has: it shows where code is tied to the CPU."""

MOST_KNOWN = 10_000
"""Cases whose outcome without numbers is remembered, at most: one exercise has some twenty."""

_KNOWN: dict[tuple[Subject, str], list[str]] = {}


def quiz_of(exercise: Exercise, seed: int, devices: Sequence[str] = ANYWHERE) -> Quiz:
    """Return all questions of ``exercise`` for ``seed``, with the right and the wrong replies."""
    return with_beliefs(exercise, questions_of(exercise, seed, devices))


def with_beliefs(exercise: Exercise, quiz: Quiz) -> Quiz:
    """Return ``quiz`` with what every misconception replies: most of the work, on a wrong answer.

    They are asked on the CPU alone.
    """
    asked = replace(quiz, visits=())
    return replace(
        quiz,
        beliefs=tuple(
            Belief(wrong.__name__, hint(wrong), _published(_replies(wrong, asked)))
            for wrong in exercise.misconceptions
        ),
    )


def questions_of(exercise: Exercise, seed: int, devices: Sequence[str] = ANYWHERE) -> Quiz:
    """Return all questions of ``exercise`` for ``seed``, with the right replies alone.

    ``devices`` are those on which the questions are asked again, as far as the reference can
    answer there.

    Raises:
        SpecError: If the reference cannot answer, or an aspect has no credit.
    """
    rng = Generator().manual_seed(seed)
    questions: list[Question] = []
    desk = Desk(exercise.reference)
    names = exercise.forbidden.names
    for case in exercise.cases(rng):
        first = len(questions) + 1
        recorder = Recorder(desk, case, rng, exercise.tolerance, first, names)
        exercise.drive(recorder, case.inputs)
        questions += recorder.questions
    _require_credit(exercise, questions)
    visits = [_visit(exercise.reference, questions, device) for device in devices]
    return Quiz(
        exercise.id,
        tuple(questions),
        (),
        dict(exercise.credit),
        tuple(visit for visit in visits if visit.places),
        exercise.forbidden,
    )


def replies_of(subject: Subject, quiz: Quiz) -> tuple[Reply, ...]:
    """Return what ``subject`` replies to each step of ``quiz``, asked as over the wire."""
    return _replies(subject, quiz)


def precise_replies(subject: Subject, quiz: Quiz) -> tuple[Reply, ...]:
    """Return what ``subject`` replies when it computes in float64 and casts its results back.

    With :func:`replies_of`, which computes in the dtype of the inputs, it spans what a right
    answer may give. Where models take part, or several dtypes, nothing is promoted.
    """
    requests = [step.request for step in quiz.steps]
    if any(isinstance(leaf, Handle | Recipe | Query) for leaf in leaves(requests)):
        return replies_of(subject, quiz)
    desk = Desk(subject)

    def answer(request: Request) -> Reply:
        sent = fresh(request)
        tensors = [leaf for leaf in leaves(sent) if isinstance(leaf, Tensor)]
        if {one.dtype for one in tensors if one.is_floating_point()} != {torch.float32}:
            return desk.obey(sent)
        reply = desk.obey(cast(sent, torch.float32, torch.float64))
        back: Reply = cast(reply, torch.float64, torch.float32)
        return back

    replies = quiz.put_to(answer)
    return tuple(seen(step.question, one) for step, one in zip(quiz.steps, replies, strict=True))


def _replies(subject: Subject, quiz: Quiz) -> tuple[Reply, ...]:
    desk = Desk(subject)
    sent = iter(quiz.frames)
    with warnings.catch_warnings(action="ignore"):  # a wrong answer may well be warned of
        replies = quiz.put_to(lambda _: desk.obey(wire.decode(next(sent))))
    return tuple(seen(step.question, one) for step, one in zip(quiz.steps, replies, strict=True))


def _published(replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """Return ``replies`` without the words of errors: they quote the line of code that failed."""
    return tuple({"raised": one["raised"]} if "raised" in one else one for one in replies)


def _visit(reference: Subject, questions: list[Question], device: str) -> Visit:
    """Return which cases the reference answers on ``device``, and where its results are then.

    Where there are no numbers, cases that differ in nothing else are asked once.
    """
    places: list[tuple[int, str]] = []
    met: set[str] = set()
    for _, group in groupby(enumerate(questions), key=lambda pair: pair[1].case):
        case = list(group)
        if any("raised" in one.expected or _asks_back(one.request) for _, one in case):
            continue
        if device == "meta":
            first = min(one.request["keep"] for _, one in case)
            form = str([_form(one.request, first) for _, one in case])
            if form in met:
                continue
            met.add(form)
        found = _places(reference, [one.request for _, one in case], device)
        places += [(number, place) for (number, _), place in zip(case, found, strict=False)]
    return Visit(device, tuple(places))


def _places(reference: Subject, requests: list[Request], device: str) -> list[str]:
    """Return where the results of a case's requests are on ``device``, [] if it cannot answer.

    Without numbers, that hangs on the form of the requests alone, and is the same for a class.
    """
    key = (reference, str([_form(one, 0, exact=True) for one in requests]))
    if device == "meta" and key in _KNOWN:
        return _KNOWN[key]
    desk = Desk(reference)
    with warnings.catch_warnings(action="ignore"):
        replies = [desk.obey(fresh({**one, "device": device})) for one in requests]
    failed = any("raised" in reply or "refused" in reply for reply in replies)
    found = [] if failed else [reply.get("device", "cpu") for reply in replies]
    if device == "meta" and len(_KNOWN) < MOST_KNOWN:
        _KNOWN[key] = found
    return found


def _asks_back(value: Any) -> bool:
    """Return whether a black box is in ``value``: its answers come from elsewhere."""
    return any(isinstance(item, Query) for item in leaves(value))


def _form(value: Any, first: int, *, exact: bool = False) -> Any:
    """Return what is left of a value without the numbers in its tensors.

    Unless it is to be ``exact``, nor are the sizes of axes left, but for none, one and several.
    Objects on the other side are counted from the case's ``first``.
    """
    if isinstance(value, Tensor):
        axes = list(value.shape) if exact else [min(size, 2) for size in value.shape]
        layout = value.stride() if exact else value.is_contiguous()
        return [value.dtype, axes, layout, value.requires_grad]
    if isinstance(value, dict):
        return {
            key: max(item - first, -1) if key in ("of", "keep") else _form(item, first, exact=exact)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_form(item, first, exact=exact) for item in value]
    return f"handle {max(value.number - first, -1)}" if isinstance(value, Handle) else repr(value)


def leaves(value: Any) -> Iterator[Any]:
    """Yield what is in a nest of containers and is none itself."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


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
