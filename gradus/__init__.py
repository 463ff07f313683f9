"""What a page or an exercise of the Gradus course imports. Holds no answer."""

import os

from gradus import cells
from gradus.answer import SOCKET
from gradus.check import check
from gradus.hints import hint
from gradus.progress import progress

if SOCKET not in os.environ:  # the judge wants to hear of every error
    cells.say_so(cells.running_shell())

__all__ = ["check", "hint", "progress"]
