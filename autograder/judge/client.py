"""The grader's hold on a judge process: open a turn, close it, read the verdict."""

import json
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.errors import JudgeError
from autograder.limits import Limits
from autograder.verdict import Verdict

PATIENCE = 60.0
"""Seconds the judge may take to draw the questions of one exercise, or to weigh its answers."""


class Judge:
    """A judge process, started on first use and again after a fault. A context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def launch(self) -> None:
        """Start the process if there is none, and do not wait until it has imported everything."""
        self._running()

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
            self._process.communicate()
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

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "autograder.judge.server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process
