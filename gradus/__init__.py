"""What a page or an exercise of the Gradus course imports. Holds no answer."""

from gradus.check import check

__all__ = ["check"]
