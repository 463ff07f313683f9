"""The page on which a reader's own browser shows what was read, predicted and passed.

The board names every page, box and graded function; _static/progress.js fills in the rest.
"""

from collections.abc import Sequence
from html import escape

import course_map
import holdings
from course_map import Page, Task
from docutils import nodes
from page_head import ROOT, Listing
from sphinx.application import Sphinx

CONTROLS = """
<div class="progress-controls">
<p><label for="progress-file">Add a file: <code>gradus-progress.json</code>, which
<code>progress()</code> writes beside your notebook, or what you saved here. Choose it, or drop it
on this page.</label><br>
<input type="file" id="progress-file" accept=".json,application/json"></p>
<p><button type="button" class="progress-save">Save to a file</button>
<button type="button" class="progress-erase">Erase everything</button></p>
<p class="progress-said" role="status"></p>
</div>
"""


class ProgressBoard(Listing):
    """A table of all pages, with their boxes and graded functions, and the reader's controls."""

    def run(self) -> list[nodes.Node]:
        """Return the board."""
        holdings.depend(self.env, "course")
        pages = [course_map.read_page(ROOT, name) for name in course_map.toc(ROOT)]
        asked = course_map.tasks(ROOT)
        here = self.env.docname
        rows = "".join(row(page, asked, here) for page in pages if page.minutes)
        html = (
            '<div class="progress-board"><p class="progress-summary">This page needs JavaScript, '
            "and a browser that keeps what a page stores.</p>"
            f"{CONTROLS}<table><thead><tr><th>Page</th><th>Read</th><th>Boxes</th>"
            f"<th>Functions</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )
        return [nodes.raw("", html, format="html")]


def row(page: Page, asked: Sequence[Task], here: str) -> str:
    """Return a page's row; what the reader did is left for the browser to fill in."""
    link = "../" * here.count("/") + page.name + ".html"
    tasks = "".join(
        f'<li data-exercise="{task.exercise}"><code>{escape(task.subject)}</code></li>'
        for task in asked
        if task.page == page.name
    )
    boxes = " ".join(page.boxes)
    return (
        f'<tr data-page="{page.name}" data-boxes="{boxes}">'
        f'<td><a href="{link}">{escape(page.title)}</a></td><td class="progress-read"></td>'
        f'<td class="progress-boxes">{len(page.boxes)}</td>'
        f"<td><ul>{tasks}</ul></td></tr>"
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("progress-board", ProgressBoard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
