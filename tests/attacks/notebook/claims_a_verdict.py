"""Write the judge's own record into the metadata."""

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """A verdict as the judge would have written it."""
    verdict = {"exercise": "entropy", "outcome": "right", "share": 1.0, "max_points": 2.0}
    notebook.metadata.gradus = {"score": 100, "verdicts": [verdict]}
    for cell in notebook.cells:
        cell.metadata.gradus = dict(verdict)
