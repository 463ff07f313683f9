"""What a learner wrote and drew, made safe to look at in an instructor's browser.

Formgrader and the feedback pages show notebooks as they are, scripts and all. An instructor who
is logged in there can change every grade, so nothing of a learner's may run.
"""

import re

from nbformat import NotebookNode

SHOWN = ("text/plain", "text/latex", "image/png", "image/jpeg")
"""The kinds of output that cannot run; a figure is a picture, a table is its text."""

KEPT = ("nbgrader", "gradus")
"""The metadata of a cell that the grader reads; the rest would go into pages as attributes."""


def disarm(notebook: NotebookNode) -> NotebookNode:
    """Return ``notebook`` with no markup of the learner's; the judge's own cards stay.

    A tag in a text cell becomes text (``<b>`` reads ``< b>``), so that formulas and code stay
    as they were; of an output, what pages would run is left out.
    """
    disarmed = NotebookNode(notebook)
    disarmed.cells = [_disarmed(cell) for cell in notebook.cells]
    return disarmed


def _disarmed(cell: NotebookNode) -> NotebookNode:
    safe = NotebookNode(cell)
    safe.metadata = NotebookNode({key: cell.metadata[key] for key in KEPT if key in cell.metadata})
    safe.pop("attachments", None)
    if cell.cell_type != "code":
        safe.source = re.sub(r"<(?=[A-Za-z/!?])", "< ", cell.source)
    elif "outcome" not in cell.metadata.get("gradus", {}):
        safe.outputs = [_as_picture_or_text(output) for output in cell.outputs]
    return safe


def _as_picture_or_text(output: NotebookNode) -> NotebookNode:
    safe = NotebookNode(output)
    if "data" in output:
        safe.data = NotebookNode({kind: output.data[kind] for kind in SHOWN if kind in output.data})
    return safe
