"""What has been checked in this kernel: the latest attempt at each exercise.

``check`` keeps it here, ``progress`` counts it and ``hint`` helps with it.
"""

from dataclasses import dataclass
from pathlib import Path

from gradus.diagnose import Diagnosis, misses, share
from gradus.quiz import Quiz, Reply, Step


@dataclass(frozen=True)
class Attempt:
    """What was asked of an answer, what it replied and what that shows.

    ``folder`` is where the practice pack lies, and the notebook beside it.
    """

    quiz: Quiz
    replies: tuple[Reply, ...]
    found: Diagnosis
    folder: Path

    @property
    def share(self) -> float:
        """The part of the points that practice speaks for, from 0 to 1."""
        return share(self.quiz, self.found)

    @property
    def first_wrong(self) -> tuple[Step, Reply] | None:
        """The first step that was answered wrong, with its reply; None if there is none."""
        both = zip(self.quiz.steps, self.replies, strict=True)
        return next((one for one in both if misses(*one, self.quiz.forbidden)), None)


LATEST: dict[str, Attempt] = {}
"""The latest attempts by exercise. A kernel's memory, like the names a notebook has defined."""
