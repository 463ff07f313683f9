"""What nbgrader's Validate button asks of a graded cell: how practice went, in our words."""

import os
from typing import Any

from gradus.practice import check


class NotRightError(AssertionError):
    """An answer that practice finds not right; a notebook shows its message, no traceback."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


def validate(exercise: str, subject: Any) -> None:
    """Put the practice questions to ``subject`` when nbgrader validates; else do nothing.

    Raises:
        NotRightError: If the answer is not right; the message is what ``check`` says.
    """
    if os.environ.get("NBGRADER_EXECUTION") != "validate":
        return
    card = check(exercise, subject)
    if card is not None and card.outcome != "right":
        raise NotRightError(repr(card))
