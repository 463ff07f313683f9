"""Hand the graded cell in with full marks among its saved outputs."""

from nbformat.v4 import new_output

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """The outputs of the last run travel with the file."""
    graded_cell(notebook, "entropy").outputs = [
        new_output("execute_result", {"text/plain": "2.0"}, execution_count=1)
    ]
