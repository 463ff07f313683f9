"""What a page or an exercise of the Gradus course imports. Holds no answer."""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gradus import cells

if TYPE_CHECKING:
    from gradus.hints import hint
    from gradus.practice import check
    from gradus.standing import progress

__all__ = ["check", "hint", "progress"]

HOMES = {"check": "gradus.practice", "hint": "gradus.hints", "progress": "gradus.standing"}

if cells.SOCKET not in os.environ:  # the judge wants to hear of every error
    cells.say_so(cells.running_shell())


def __getattr__(name: str) -> Any:
    """Import what is asked for: torch comes with it, which who only draws cards does without."""
    if name not in HOMES:
        raise AttributeError(f"module 'gradus' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    """Return also the names that are not imported yet."""
    return sorted({*globals(), *__all__})
