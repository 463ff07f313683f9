"""Let the notebook ask for a kernel and a language of its own."""

from tests.attacks import WRONG, graded_cell

CELL = WRONG


def tamper(notebook):
    """A kernel that does not exist, and a title for the page."""
    notebook.metadata.kernelspec = {"name": "evil", "display_name": "evil", "language": "sh"}
    notebook.metadata.language_info = {"name": "sh", "pygments_lexer": "<script>alert(1)</script>"}
    notebook.metadata.title = "</title><script>alert(1)</script>"
