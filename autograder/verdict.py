"""What the judge records of one exercise of one learner."""

from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

LONGEST = 2000
"""Characters of one text in a verdict, at most: a learner's error may quote a whole tensor."""


class Outcome(StrEnum):
    """Right, wrong, or a fault that is not the learner's."""

    RIGHT = "right"
    WRONG = "wrong"
    COULD_NOT_TELL = "could not tell"


@dataclass(frozen=True)
class Verdict:
    """The judge's record. ``share`` is the part of the points that was earned, 0 to 1.

    ``finding`` is the first difference in a sentence, ``hint`` the misconception's question and
    ``belief`` its name. ``note`` says what a person should know of the submission. ``devices``
    lists where the cases ran, ``seconds`` how long it took.

    Texts may quote what the learner's code said, and go to terminals, pages and the gradebook:
    they are cut short, and characters that are not for reading stand there escaped.
    """

    exercise: str
    outcome: Outcome
    share: float
    finding: str = ""
    belief: str = ""
    hint: str = ""
    expected: str = ""
    came: str = ""
    line: str = ""
    note: str = ""
    devices: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    seconds: float = 0.0
    max_points: float = 0.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if type(value) is str:
                object.__setattr__(self, one.name, _readable(value))

    @property
    def points(self) -> float:
        """The points earned, of ``max_points``, to two decimals."""
        return round(self.share * self.max_points, 2)

    def worth(self, max_points: float) -> "Verdict":
        """Return the same verdict on an exercise of ``max_points`` points."""
        return replace(self, max_points=float(max_points))

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON can hold it."""
        return {**asdict(self), "outcome": str(self.outcome)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Verdict":
        """Return the verdict that :meth:`to_dict` described."""
        return cls(
            **{
                **values,
                "outcome": Outcome(values["outcome"]),
                "devices": tuple(values["devices"]),
                "absent": tuple(values["absent"]),
            }
        )

    @classmethod
    def could_not_tell(cls, exercise: str, why: str) -> "Verdict":
        """Return the verdict on an answer that a fault of the grader kept from being judged."""
        return cls(exercise, Outcome.COULD_NOT_TELL, 0.0, finding=why)


def _readable(text: str) -> str:
    cut = text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
    return "".join(
        letter if letter.isprintable() or letter == "\n" else repr(letter)[1:-1] for letter in cut
    )
