"""Hang ten megabytes of metadata and attachments on the notebook."""

from nbformat.v4 import new_markdown_cell

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """A file that is slow to read, to copy and to show."""
    notebook.metadata.bulk = {"x" * 10: ["y" * 1000] * 5000}
    notebook.cells[0].metadata.bulk = "z" * 2_000_000
    picture = {"bomb.svg": {"image/svg+xml": "A" * 3_000_000}}
    notebook.cells.append(new_markdown_cell("![](attachment:bomb.svg)", attachments=picture))
