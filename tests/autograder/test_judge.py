"""The judge's process: questions out, numbers in, one chance, and a record nobody can edit."""

import io
import json
import socket
import threading
import time
from functools import partial

import pytest
import torch

from autograder import catalogue
from autograder.errors import JudgeError
from autograder.feedback import outputs_of
from autograder.judge import server
from autograder.judge.client import PROGRAM, Judge, Judges, new_process
from autograder.judge.server import Turn
from autograder.verdict import Outcome
from gradus import wire
from gradus.answer import Desk


@pytest.fixture
def place(tmp_path):
    """Where the judge listens."""
    return tmp_path / "s"


def answering(path, respond):
    """Answer every question of the judge at ``path`` with ``respond``, in a thread of its own."""

    def run():
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(str(path))
            try:
                while (request := wire.receive(channel)) is not None:
                    channel.sendall(respond(request))
            except (EOFError, OSError):
                return

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive()


def frame(value):
    """Return one frame, as :func:`gradus.wire.send` would write it."""
    data = wire.encode(value)
    return len(data).to_bytes(8, "big") + data


def test_right_numbers_are_right(judge, place):
    """The reference, behind the wire, is right."""
    desk = Desk(catalogue.find("kl").reference)
    judge.open("kl", 7, place)
    answering(place, lambda request: frame(desk.obey(request)))
    verdict = judge.close("")
    assert (verdict.outcome, verdict.share) == (Outcome.RIGHT, 1.0)
    assert verdict.devices == ("cpu",)


@pytest.mark.parametrize(
    "respond",
    [
        lambda request: frame({"value": "right", "share": 1.0, "outcome": "right"}),
        lambda request: frame({"outcome": "right"}),
        lambda request: frame("right"),
        lambda request: frame({"value": torch.full((1000, 1000), float("nan"))}),
        lambda request: frame({"value": torch.zeros(3, 1)}),
        lambda request: b"\xff" * 16,
        lambda request: (2**62).to_bytes(8, "big"),
        lambda request: frame({"value": 1})[:-3],
        lambda request: frame({"value": 1}) * 50,
        lambda request: frame({"object": "Tensor"}),
        lambda request: frame({"value": wire.Handle(3)}),
        lambda request: frame({"raised": {"deep": ["x"] * 100}, "message": "y" * 10**6}),
        lambda request: frame(request),
    ],
    ids=[
        "claims",
        "verdict",
        "text",
        "nan",
        "shape",
        "noise",
        "giant",
        "truncated",
        "fifty answers",
        "object",
        "handle",
        "long error",
        "echo",
    ],
)
def test_no_frame_but_right_numbers_earns_anything(judge, place, respond):
    """Forged, broken and flooding frames earn nothing, and the judge stays up."""
    judge.open("kl", 7, place)
    answering(place, respond)
    verdict = judge.close("")
    assert (verdict.outcome, verdict.share) == (Outcome.WRONG, 0.0)
    assert verdict.finding
    test_right_numbers_are_right(judge, place)


@pytest.mark.parametrize(
    "trail",
    ["<script>alert(1)</script>\n" * 10**5, "y" * 10**6, {"deep": ["\n"] * 10**4}, None, -1],
    ids=["many lines", "one line", "no text", "none", "number"],
)
def test_a_forged_trail_is_a_little_text_and_decides_nothing(judge, place, trail):
    """Where code failed is told as the sandbox says it: six short lines, and none of it HTML."""
    desk = Desk(catalogue.find("kl").reference)
    judge.open("kl", 7, place)
    answering(place, lambda request: frame({**desk.obey(request), "trail": trail}))
    assert judge.close("").outcome is Outcome.RIGHT
    judge.open("kl", 7, place)
    answering(place, lambda _: frame({"raised": "ValueError", "message": "no", "trail": trail}))
    verdict = judge.close("")
    assert (verdict.outcome, verdict.share) == (Outcome.WRONG, 0.0)
    assert verdict.line[:3] == str(trail)[:3]
    lines = verdict.line.split("\n")
    assert len(lines) <= 6
    assert max(map(len, lines)) <= 200
    shown, _ = outputs_of(verdict, "none")
    assert "<script" not in shown.data["text/html"]


def test_a_second_connection_is_refused(judge, place):
    """One connection a turn: who comes second meets a closed door."""
    judge.open("kl", 7, place)
    with socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX) as second:
        first.connect(str(place))
        wire.receive(first)
        with pytest.raises(ConnectionRefusedError):
            second.connect(str(place))
    judge.close("")


def test_between_turns_nobody_listens(judge, place):
    """Before a turn and after it there is no socket to speak to."""
    judge.open("kl", 7, place)
    judge.close("")
    assert not place.exists()


def test_silence_costs_the_exercise_and_names_the_cause(judge, place):
    """What the grader saw stands in the verdict when no answer came."""
    judge.open("kl", 7, place)
    assert judge.close("your code was stopped").finding == "your code was stopped"
    judge.open("kl", 7, place)
    assert "did not hand its function in" in judge.close("").finding


def test_nothing_but_questions_crosses_to_the_learner(judge, place):
    """A request holds inputs only: no expected value, no seed, no name of a belief."""
    seen = []

    def respond(request):
        seen.append(request)
        return frame({"value": None})

    judge.open("kl", 7, place)
    answering(place, respond)
    judge.close("")
    assert {key for request in seen for key in request} == {
        "verb",
        "of",
        "device",
        "args",
        "kwargs",
        "names",
        "keep",
    }


def test_unknown_exercise_is_the_graders_fault(judge, place):
    """A spec that is not there is an error for the instructor, and the judge stays up."""
    with pytest.raises(JudgeError, match="no_such_exercise"):
        judge.open("no_such_exercise", 7, place)
    test_right_numbers_are_right(judge, place)


@pytest.mark.parametrize("forked", [False, True])
def test_a_killed_judge_is_an_error_and_then_a_new_judge(place, zygote, forked):
    """SIGKILL in mid-turn is noticed, and the next turn has a fresh process."""
    start = partial(zygote.fork, PROGRAM, "gradus-judge") if forked else new_process
    with Judge(start) as mine:
        mine.open("kl", 7, place)
        assert mine._process is not None
        mine._process.kill()
        time.sleep(0.1)
        with pytest.raises(JudgeError):
            mine.close("")
        test_right_numbers_are_right(mine, place)


def test_a_judge_ends_with_its_grader(zygote):
    """Nobody at the other end of its standard input: nobody to judge for."""
    process = zygote.fork(PROGRAM, "gradus-judge")
    assert process.poll() is None
    process.stdin.close()
    process.stdout.close()
    process.wait()


def test_no_more_judges_than_asked_for_are_busy_at_a_time():
    """The third of three threads waits until one of two judges is given back, and gets that."""
    judges, met, go_on = Judges(2), threading.Semaphore(0), threading.Event()
    seen = []

    def use():
        with judges.one() as judge:
            seen.append(judge)
            met.release()
            go_on.wait(20)

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert met.acquire(timeout=20)
    assert met.acquire(timeout=20)
    assert not met.acquire(timeout=0.2)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert seen[2] in seen[:2]


def test_a_fault_in_mid_turn_is_told_when_the_turn_is_closed(tmp_path, monkeypatch):
    """An error of ours while it asks is one answer, to the close; the next turn is in step."""

    class Breaks(Turn):
        def _accept(self, control):
            mine, theirs = socket.socketpair()
            theirs.close()
            return mine

        def _answer(self, request, channel, control):
            raise RuntimeError("our own mistake")

    monkeypatch.setattr(server, "Turn", Breaks)
    said = io.StringIO()
    open_ = {"do": "open", "exercise": "kl", "seed": 7, "socket": str(tmp_path / "s")}
    lines = [open_, {"do": "close", "cause": ""}, {"do": "close", "cause": ""}]
    server.serve(io.StringIO("".join(json.dumps(line) + "\n" for line in lines)), said)
    answers = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [next(iter(answer)) for answer in answers] == ["ready", "fault", "fault"]
    assert answers[1]["fault"] == "RuntimeError: our own mistake"
    assert "no turn is open" in answers[2]["fault"]
