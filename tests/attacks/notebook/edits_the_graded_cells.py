"""Turn the graded cell into a number worth more, and add another that claims its id."""

from nbformat.v4 import new_code_cell

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """Two cells claim to be the graded one; both show full marks."""
    cell = graded_cell(notebook, "entropy")
    cell.source = "2.0"
    cell.metadata.nbgrader.points = 200
    notebook.cells.append(new_code_cell("2.0", metadata=dict(cell.metadata)))
