"""Edit, delete and duplicate graded cells, and raise their points."""

from nbformat.v4 import new_code_cell

CELL = """
def entropy(p, base=2.0):
    return p.sum(-1)
"""


def tamper(notebook):
    """Turn the graded cell of entropy into a number, and add another that claims its id."""
    for cell in list(notebook.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "entropy-graded":
            copy = new_code_cell("2.0", metadata=dict(cell.metadata))
            cell.source = "2.0"
            cell.metadata.nbgrader.points = 200
            cell.metadata.nbgrader.grade_id = "entropy"
            notebook.cells.append(copy)
    notebook.metadata.gradus = {"score": 100}
