"""Practice: ``check("kl", kl)`` puts the practice pack's questions to your function, at once.

The pack lies beside the notebook and holds data only: questions, right answers, and the answers
of known misconceptions. Grading asks other questions of the same kind.
"""

import asyncio
import contextlib
import gc
import importlib
import inspect
import io
import os
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from gradus import quiz, wire
from gradus.answer import Desk, raised
from gradus.attempts import LATEST, Attempt
from gradus.cells import SOCKET
from gradus.compare import kind_of
from gradus.diagnose import diagnose
from gradus.feedback import Card, card_of
from gradus.pictures import picture
from gradus.reading import readings

PACK = "practice.safetensors"
"""The name of a practice pack's file."""


@contextlib.contextmanager
def collecting_later() -> Iterator[None]:
    """Put Python's look for garbage off: among all that torch holds, one outlasts a check."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@collecting_later()
def check(exercise: str, subject: Any) -> Card | None:
    """Return how ``subject`` does on the practice questions of ``exercise``.

    Args:
        exercise: The name of the exercise, such as ``"kl"``.
        subject: Your function itself, without a call: ``kl``, not ``kl()``.

    Returns:
        A card that JupyterLab draws and a terminal prints: right, or the misconception's
        question, or the first difference. None while a set is graded: the judge asks then.
    """
    if SOCKET in os.environ:
        return None
    path = find_pack(Path.cwd())
    if path is None:
        return no_pack(exercise)
    try:
        quizzes = quiz.read(path)
    except (wire.WireError, KeyError, TypeError):
        return Card(exercise, "could not tell", f"{path} is damaged: download it once more")
    if exercise not in quizzes:
        names = ", ".join(f'"{name}"' for name in sorted(quizzes))
        return Card(
            exercise, "could not tell", f"no exercise here has that name; there are {names}"
        )
    if not callable(subject):
        finding = f"expected your function itself, got {kind_of(subject)}: {subject!r:.60}"
        return Card(exercise, "wrong", finding, hint="Did you call it? Write its name alone.")
    asked, said = quizzes[exercise], Talk()
    started = time.perf_counter()
    try:
        with contextlib.redirect_stdout(said):
            replies = _replies(asked, subject)
    except KeyboardInterrupt as stop:
        return _stopped(exercise, stop, time.perf_counter() - started)
    took = 1000 * (time.perf_counter() - started)
    said.show()
    found = diagnose(asked, replies, _source(subject))
    attempt = LATEST[exercise] = Attempt(asked, tuple(replies), found, path.parent)
    footer = f"{len(asked.questions)} practice questions in {took:.0f} ms"
    card = card_of(found, "" if found.difference and not found.sentence else footer)
    again = readings(path.parent).get(exercise) if card.outcome == "wrong" else None
    return replace(card, read=again, picture=picture(attempt))


def get_ready() -> None:
    """Let an idle kernel import what the first check would otherwise wait for: torch's compiler.

    On the meta device, which is asked, too, torch runs ``exp``, ``+`` and their like in Python,
    each marked as nothing to compile; the first such call imports the compiler to say so, in about
    a second. No public setting avoids it. So it is imported between two cells, in their thread,
    and only where there is a pack.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return  # no notebook
    if find_pack(Path.cwd()):
        loop.call_later(1, importlib.import_module, "torch._dynamo")


class Talk(io.StringIO):
    """What a learner's function prints while it is asked: enough of it to look into a call."""

    LINES = 10

    def show(self) -> None:
        """Print the first lines, and how many more there were."""
        lines = self.getvalue().splitlines()
        for line in lines[: self.LINES]:
            print(line)
        if len(lines) > self.LINES:
            print(f"[and {len(lines) - self.LINES} more lines that your function printed]")


def _replies(asked: quiz.Quiz, subject: Any) -> list[quiz.Reply]:
    desk = Desk(subject)
    frames = iter(asked.frames)

    def answer(request: quiz.Request) -> quiz.Reply:
        frame = wire.decode(next(frames))
        if request.get("device", "cpu") == "cpu":
            return desk.obey(frame)
        with contextlib.redirect_stdout(io.StringIO()):  # the same call, on another device
            return desk.obey(frame)

    return asked.put_to(answer)


def _stopped(exercise: str, stop: KeyboardInterrupt, seconds: float) -> Card:
    """Return the card of a check that the learner stopped: where their code was then."""
    line = str(raised(stop).get("trail", ""))
    finding = f"no answer after {seconds:.0f} seconds, when you stopped it"
    return Card(exercise, "wrong", finding, line=line, hint="Does every loop there come to an end?")


def _source(subject: Any) -> str:
    """Return the code of ``subject``, as far as Python can find it again."""
    try:
        return textwrap.dedent(inspect.getsource(subject))
    except (OSError, TypeError):
        return ""


def no_pack(asked: str) -> Card:
    """Return the card of a notebook without its practice pack: what was looked for, and where."""
    where = f"expected {PACK} beside the notebook, in {Path.cwd()} or a folder above"
    return Card(
        asked,
        "could not tell",
        f"there is no practice pack: {where}",
        hint="Was the notebook moved away from its folder? The pack belongs beside it.",
    )


def find_pack(folder: Path) -> Path | None:
    """Return the practice pack in ``folder`` or in the nearest folder above that has one."""
    places = [place / PACK for place in (folder, *folder.parents)]
    return next((path for path in places if path.is_file()), None)


if SOCKET not in os.environ:
    get_ready()
