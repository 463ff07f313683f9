"""The grader's hold on a judge process: open a turn, close it, read the verdict."""

import contextlib
import json
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, Self

from autograder.errors import JudgeError
from autograder.limits import Limits
from autograder.verdict import Verdict

PATIENCE = 60.0
"""Seconds the judge may take to draw the questions of one exercise, or to weigh its answers."""


PROGRAM = "autograder.judge.server"
"""The module whose ``main`` is a judge."""


class Process(Protocol):
    """What is needed of a process: a :class:`subprocess.Popen` has it."""

    @property
    def stdin(self) -> IO[str] | None:
        """Where it reads."""

    @property
    def stdout(self) -> IO[str] | None:
        """Where it writes."""

    def poll(self) -> int | None:
        """Return None while it runs."""

    def kill(self) -> None:
        """Send SIGKILL."""

    def wait(self) -> int:
        """Return when it has ended."""


def new_process() -> Process:
    """Return a judge in a new Python, which imports torch for seconds."""
    return subprocess.Popen(
        [sys.executable, "-m", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


class Judge:
    """A judge process, started on first use and again after a fault. A context manager.

    ``start`` makes the process.
    """

    def __init__(self, start: Callable[[], Process] = new_process) -> None:
        self._start = start
        self._process: Process | None = None

    def open(self, exercise: str, seed: int, path: Path, code: str = "") -> None:
        """Let the judge listen at ``path`` for the answer to one exercise.

        ``code`` is the cell that the learner wrote, for rules on what it may use.

        Raises:
            JudgeError: If the spec or the judge fails.
        """
        self._ask(
            {"do": "open", "exercise": exercise, "seed": seed, "socket": str(path), "code": code}
        )

    def limits(self, exercise: str) -> Limits | None:
        """Return the limits that the spec of ``exercise`` asks for, None if it asks for none.

        Raises:
            JudgeError: If the spec or the judge fails.
        """
        found = self._ask({"do": "limits", "exercise": exercise})["limits"]
        return None if found is None else Limits(**found)

    def close(self, cause: str) -> Verdict:
        """End the turn. ``cause`` says what kept the answer from coming, empty if nothing did.

        Raises:
            JudgeError: If the judge fails.
        """
        return Verdict.from_dict(self._ask({"do": "close", "cause": cause})["verdict"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                with contextlib.suppress(BrokenPipeError):  # it died before it had read all
                    if stream is not None:
                        stream.close()
            self._process = None

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            if not select.select([process.stdout], [], [], PATIENCE)[0]:
                self.stop()
                raise JudgeError(f"the judge said nothing for {PATIENCE:g} seconds")
            line = process.stdout.readline()
        except OSError as error:
            self.stop()
            raise JudgeError(f"the judge is gone: {error}") from error
        if not line:
            self.stop()
            raise JudgeError("the judge ended in the middle of a turn")
        answer: dict[str, Any] = json.loads(line)
        if "fault" in answer:
            raise JudgeError(answer["fault"])
        return answer

    def _running(self) -> Process:
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        if self._process is None:
            self._process = self._start()
        return self._process


class Judges:
    """Judges that threads take turns with, ``most`` at a time. A context manager.

    Each is kept from one turn to the next; ``start`` makes its process.
    """

    def __init__(self, most: int = 1, start: Callable[[], Process] = new_process) -> None:
        self._turns = threading.Semaphore(most)
        self._start = start
        self._idle: list[Judge] = []
        self._limits: dict[str, Limits | None] = {}

    @contextlib.contextmanager
    def one(self) -> Iterator[Judge]:
        """Wait for a judge, and give it back at the end; what ends its turn early ends it."""
        with self._turns:
            judge = self._idle.pop() if self._idle else Judge(self._start)
            try:
                yield judge
            except JudgeError:
                raise
            except BaseException:
                judge.stop()
                raise
            finally:
                self._idle.append(judge)

    def limits(self, exercise: str) -> Limits | None:
        """Return the limits of an exercise, as :meth:`Judge.limits` does, and remember them."""
        if exercise not in self._limits:
            with self.one() as judge:
                self._limits[exercise] = judge.limits(exercise)
        return self._limits[exercise]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the processes of those that nobody has."""
        while self._idle:
            self._idle.pop().stop()
