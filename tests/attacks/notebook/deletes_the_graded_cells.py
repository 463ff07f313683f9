"""Delete every graded cell."""

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """Nothing is left to be judged by."""
    for name in ("entropy", "kl"):
        notebook.cells.remove(graded_cell(notebook, name))
