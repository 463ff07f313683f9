"""Exchange the grade ids of two exercises."""

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """The cell of kl claims to be that of entropy, and the other way round."""
    one, other = graded_cell(notebook, "entropy"), graded_cell(notebook, "kl")
    ids = one.metadata.nbgrader.grade_id, other.metadata.nbgrader.grade_id
    other.metadata.nbgrader.grade_id, one.metadata.nbgrader.grade_id = ids
