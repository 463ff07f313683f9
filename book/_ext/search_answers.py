"""What a box reveals cannot be found by searching: the index and the excerpts leave it out.

Cells that are removed from a page never reach its doctree, so the index does not know them either.
"""

from typing import Any

from course_site import Reveal
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search import IndexBuilder, WordStore

words_of_all = IndexBuilder._word_collector


def words_of_the_open(builder: IndexBuilder, page: nodes.document) -> WordStore:
    """Return a page's words, without those that a reader has to commit to a prediction to see."""
    closed = [(part, part.children) for part in page.findall(Reveal)]
    for part, _ in closed:
        part.children = []
    try:
        return words_of_all(builder, page)
    finally:
        for part, children in closed:
            part.children = children


def add_script(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Excerpts are taken from the pages themselves, by the search page's script."""
    if page == "search":
        app.add_js_file("search_answers.js")


def setup(app: Sphinx) -> dict[str, bool]:
    """Replace the one function of Sphinx that collects words; there is no event for it."""
    IndexBuilder._word_collector = words_of_the_open
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
