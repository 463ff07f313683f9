"""The judge's process: one turn at a time, one connection a turn, one chance to answer.

Its standard input and output belong to the grader, as JSON lines; a Unix socket belongs to the
sandbox, as :mod:`gradus.wire` frames. ``open`` makes the socket and waits; ``close`` ends the
turn with the cause the grader saw, and returns the verdict. Nothing about right or wrong ever
goes to the sandbox: it gets questions, and at the end the word that there are no more.
"""

import json
import os
import select
import socket
import sys
import time
from dataclasses import asdict, replace
from typing import Any, TextIO

import torch

from autograder import catalogue, quizzes, rules
from autograder.judge.black_box import BlackBoxes
from autograder.spec import Exercise
from autograder.verdict import Outcome, Verdict
from gradus import wire
from gradus.answer import TRAIL, WIDTH
from gradus.costs import MEASURES
from gradus.quiz import Quiz, Reply, Request

FORMS = ("value", "object", "raised", "refused", "absent")
"""What a reply has one of."""


class Interrupted(Exception):
    """The grader spoke while the sandbox was silent: the turn is over."""


class Turn:
    """One exercise of one learner: the questions, and the replies that came.

    ``code`` is what the learner wrote for it, as the grader found it in the notebook.
    """

    def __init__(self, exercise: Exercise, quiz: Quiz, path: str, code: str = "") -> None:
        self.exercise = exercise
        self.quiz = quiz
        self.code = code
        self.replies: list[Reply] | None = None
        self.fault = ""
        self.refusal = ""
        self.ours: Exception | None = None
        self.started = time.perf_counter()
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX)
        if os.path.lexists(path):
            os.unlink(path)
        self._listener.bind(path)
        self._listener.listen(1)

    def conduct(self, control: TextIO) -> None:
        """Ask every question of the first to connect; return early when ``control`` speaks.

        Raises nothing: the grader hears of a fault of ours when it closes the turn.
        """
        channel = self._accept(control)
        if channel is None:
            return
        with channel:
            try:
                self.replies = self.quiz.put_to(lambda one: self._answer(one, channel, control))
                wire.send(channel, None)
            except Interrupted:
                return
            except wire.WireError as error:
                self.refusal = f"the answer broke off: {error}"
            except (EOFError, OSError) as error:
                self.fault = str(error) or type(error).__name__
            except Exception as error:
                self.ours = error

    def _answer(self, request: Request, channel: socket.socket, control: TextIO) -> Reply:
        """Send one request, answer the queries that the learner's code has, return the reply."""
        boxes = BlackBoxes()
        wire.send(channel, boxes.hidden(request))
        while True:
            if not _ready(channel, control):
                raise Interrupted
            channel.settimeout(10.0)  # a frame begun must be finished
            message = wire.receive(channel)
            if not isinstance(message, dict) or "query" not in message:
                reply = _reply(message)
                if boxes.asked:
                    reply["cost"] = {**reply.get("cost", {}), "queries": float(boxes.asked)}
                return reply
            wire.send(channel, boxes.answer(message))

    def close(self, cause: str) -> Verdict:
        """Return the verdict: on the replies if all came, else on ``cause``."""
        self._listener.close()
        os.unlink(self._path)
        if self.ours is not None:
            raise self.ours
        if self.replies is not None:
            verdict = self._weigh(self.replies)
        else:
            why = self.refusal or cause or self._silence()
            verdict = rules.interrupted(self.exercise.id, why)
        return replace(
            verdict,
            devices=("cpu", *self._visited()),
            absent=() if "cuda" in self._visited() else ("cuda",),
            seconds=round(time.perf_counter() - self.started, 3),
        )

    def _weigh(self, replies: list[Reply]) -> Verdict:
        """Return the verdict; the misconceptions are asked only where an answer is wrong."""
        verdict = rules.weigh(self.quiz, replies, self.code)
        if verdict.outcome is Outcome.RIGHT:
            return verdict
        return rules.weigh(quizzes.with_beliefs(self.exercise, self.quiz), replies, self.code)

    def _visited(self) -> list[str]:
        """Return the accelerators on which the learner's code was asked and could answer."""
        steps = zip(self.quiz.steps, self.replies or [], strict=False)
        found = [step.device for step, reply in steps if "absent" not in reply]
        return sorted(set(found) - {"cpu", "meta"})

    def _accept(self, control: TextIO) -> socket.socket | None:
        if not _ready(self._listener, control):
            return None
        channel, _ = self._listener.accept()
        self._listener.close()  # one connection a turn: a second is refused by the system
        return channel

    def _silence(self) -> str:
        if self.fault:
            return f"the answer broke off: {self.fault}"
        return "no answer came: the notebook did not hand its function in"


def serve(control: TextIO, out: TextIO) -> None:
    """Obey the grader's lines until there are no more."""
    turn: Turn | None = None
    for line in iter(control.readline, ""):
        message = json.loads(line)
        try:
            if message["do"] == "open":
                exercise = catalogue.find(message["exercise"])
                devices = (*quizzes.ANYWHERE, *accelerators())
                quiz = quizzes.questions_of(exercise, message["seed"], devices)
                turn = Turn(exercise, quiz, message["socket"], message.get("code", ""))
                _say(out, {"ready": True})
                turn.conduct(control)
            elif message["do"] == "limits":
                limits = catalogue.find(message["exercise"]).limits
                _say(out, {"limits": None if limits is None else asdict(limits)})
            elif turn is None:
                _say(out, {"fault": "no turn is open: the judge was started anew in the middle"})
            else:
                ending, turn = turn, None
                _say(out, {"verdict": ending.close(message["cause"]).to_dict()})
        except Exception as error:
            # The grader hears of it and says "could not tell"; the judge stays up for the rest.
            _say(out, {"fault": f"{type(error).__name__}: {error}"})


def accelerators() -> tuple[str, ...]:
    """Return the accelerators that torch can use on this machine, by name."""
    found = torch.accelerator.current_accelerator(check_available=True)
    return () if found is None else (found.type,)


def _ready(channel: socket.socket, control: TextIO) -> bool:
    """Wait until the sandbox speaks (True) or the grader does (False)."""
    readable, _, _ = select.select([channel.fileno(), control.fileno()], [], [])
    return channel.fileno() in readable


def _reply(value: Any) -> Reply:
    """Return ``value`` if it has the form of a reply, whoever sent it."""
    if not isinstance(value, dict) or not set(FORMS) & set(value):
        raise wire.WireError("an answer must be a reply")
    texts = ("raised", "message", "refused", "object", "absent")
    reply: Reply = {key: str(value[key])[:500] for key in texts if key in value}
    if "trail" in value:
        lines = str(value["trail"]).split("\n", TRAIL)[:TRAIL]
        reply["trail"] = "\n".join(line[:WIDTH] for line in lines)
    if "value" in value:
        reply["value"] = value["value"]
    for key in ("edited", "used"):
        names = value.get(key, [])
        reply[key] = [str(name)[:200] for name in names[:100]] if isinstance(names, list) else []
    if "device" in value:
        reply["device"] = str(value["device"])
    cost = value.get("cost", {})
    if isinstance(cost, dict):  # what it counted itself; the rest is measured on this side
        counted = {key: cost[key] for key in MEASURES if isinstance(cost.get(key), int | float)}
        reply["cost"] = {key: float(number) for key, number in counted.items()}
    return reply


def _say(out: TextIO, message: dict[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


def main() -> None:
    """Serve on standard input and output; whatever else prints goes to standard error."""
    torch.set_num_threads(1)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin, out)


if __name__ == "__main__":
    main()
