"""What a page or an exercise of the Gradus course imports. Holds no answer."""

import sys

from gradus.check import check
from gradus.hints import hint
from gradus.progress import progress
from gradus.unwritten import load_ipython_extension

__all__ = ["check", "hint", "load_ipython_extension", "progress"]

if "IPython" in sys.modules and (shell := sys.modules["IPython"].get_ipython()) is not None:
    load_ipython_extension(shell)
