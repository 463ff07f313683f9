"""Make the graded cell a text cell."""

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """A text cell is not executed."""
    cell = graded_cell(notebook, "entropy")
    cell.cell_type = "markdown"
    for key in ("outputs", "execution_count"):
        cell.pop(key, None)
