"""Put texts and numbers where nbgrader expects its own records."""

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """What is not a record cannot be read as one."""
    graded_cell(notebook, "entropy").metadata.nbgrader = {"grade_id": ["a", "list"], "points": "x"}
    notebook.cells[0].metadata.nbgrader = "a text"
    notebook.metadata.celltoolbar = 7
