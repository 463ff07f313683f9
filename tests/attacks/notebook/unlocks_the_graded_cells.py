"""Declare the graded cell an answer of one's own, graded by a person."""

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """A cell that is no test is not run as one."""
    cell = graded_cell(notebook, "entropy")
    cell.source = "2.0"
    cell.metadata.nbgrader.update(locked=False, solution=True, grade=True, points=1000)
