"""Write scripts into text, raw cells, outputs and attributes of the page a teacher opens."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """Each of these runs in the browser of whoever looks at an unguarded page."""
    script = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    notebook.cells.append(
        new_markdown_cell(f"{script} $<script>alert(1)</script>$ [x](javascript:alert(1))")
    )
    notebook.cells.append(new_raw_cell(script, metadata={"raw_mimetype": "text/html"}))
    notebook.cells.append(new_code_cell(f"from IPython.display import HTML\nHTML({script!r})"))
    notebook.cells[0].metadata.tags = ['x" onmouseover="alert(1)']
