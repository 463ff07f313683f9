"""What a learner wrote and drew, made safe to look at in an instructor's browser.

Formgrader and the feedback pages show notebooks as they are, scripts and all. An instructor who
is logged in there can change every grade, so nothing of a learner's may run.
"""

import re
from collections.abc import Callable
from typing import Any

from nbformat import NotebookNode

SHOWN = ("text/plain", "text/latex", "image/png", "image/jpeg")
"""The kinds of output that cannot run; a figure is a picture, a table is its text."""

KEPT = ("nbgrader", "gradus")
"""The metadata of a cell that the grader reads; the rest would go into pages as attributes."""


MARKUP = re.compile(r"<(?=[A-Za-z/!?])|&(?=[#A-Za-z])|script(?=\W*:)", re.IGNORECASE)
"""Where a tag, an entity or an address that is code begins; a space after it ends that."""


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
    if cell.cell_type != "code":
        pictures = _pictures(cell.get("attachments", {}))
        safe.pop("attachments", None)
        if pictures:
            safe.attachments = pictures
        plain = MARKUP.sub(r"\g<0> ", cell.source)
        safe.source = re.sub(r"attachment:([^\s)\"'>]*)", _kept_or_named(pictures), plain)
    elif "outcome" not in cell.metadata.get("gradus", {}):
        safe.outputs = [_as_picture_or_text(output) for output in cell.outputs]
    return safe


def _pictures(attachments: Any) -> NotebookNode:
    found = NotebookNode()
    for name, kinds in attachments.items() if isinstance(attachments, dict) else ():
        safe = {kind: data for kind, data in kinds.items() if kind in SHOWN}
        if safe:
            found[name] = NotebookNode(safe)
    return found


def _kept_or_named(pictures: NotebookNode) -> Callable[[re.Match[str]], str]:
    """Return what a reference becomes: a page with a missing attachment is not made at all."""
    return lambda found: found[0] if found[1] in pictures else f"missing-{found[1]}"


def _as_picture_or_text(output: NotebookNode) -> NotebookNode:
    safe = NotebookNode(output)
    if "data" in output:
        safe.data = NotebookNode({kind: output.data[kind] for kind in SHOWN if kind in output.data})
    return safe
