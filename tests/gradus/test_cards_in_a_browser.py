"""The cards in JupyterLab's themes, as nbconvert puts them on a page: light and dark."""

import shutil

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import sync_playwright

from gradus.feedback import Card
from gradus.hints import Hint
from gradus.pictures import numbers, shapes
from gradus.reading import Reading, Task
from gradus.standing import Progress, Row
from tests.site.test_site import ARGUMENTS, AXE

pytestmark = pytest.mark.slow

PLACE = Reading("book/kl", "zeros", "Divergence", "Zeros", "https://gradus.org/")
EYE = np.eye(3)
WRONG = {"expected": "0.5", "came": "0.25", "finding": "2 of 6 values differ", "read": PLACE}
RAISED = {
    "line": "  In[1], line 2 in outer: inner()\n> In[2], line 5 in inner: 1 / 0",
    "hint": "Is `x` 0?",
}
CARDS = [
    Card("kl", "right", footer="16 practice questions in 40 ms"),
    Card("kl", "wrong", **WRONG, picture=numbers(np.ones(6), np.zeros(6), np.full(6, 0.1))),
    Card("kl", "wrong", **WRONG, picture=numbers(EYE, -EYE.T[::-1], 0.1 * EYE)),
    Card("kl", "wrong", **WRONG, picture=shapes((3, 2), (3,))),
    Card("kl", "wrong", finding="your code raised ZeroDivisionError", **RAISED),
    Card("kl", "unwritten"),
    Card("kl", "could not tell", finding="there is no practice pack"),
    Hint("kl", 2, ("Where does it differ?",), PLACE),
    Progress((Row(Task("kl", 3, 10), "not right yet", 1.5, PLACE),), "Saved."),
]
FOUND = """async () => (await axe.run(".jp-RenderedHTMLCommon")).violations
    .map(rule => [rule.id, rule.nodes.map(node => node.html.slice(0, 120))])
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_cards_are_for_everybody(theme, tmp_path):
    """In both themes axe-core finds nothing, on a phone nothing is wider than the screen."""
    outputs = [
        nbformat.v4.new_output("display_data", {"text/html": c._repr_html_()}) for c in CARDS
    ]
    cells = [nbformat.v4.new_code_cell(outputs=[one]) for one in outputs]
    html, _ = HTMLExporter(template_name="lab", theme=theme).from_notebook_node(
        nbformat.v4.new_notebook(cells=cells)
    )
    path = tmp_path / "cards.html"
    path.write_text(html, encoding="utf-8")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        page.goto(path.as_uri(), wait_until="domcontentloaded")
        assert page.locator(".jp-RenderedHTMLCommon [role=status]").count() == len(CARDS)
        assert page.locator("svg[role=img]").count() == 3
        page.add_script_tag(path=AXE)
        assert page.evaluate(FOUND) == []
        widths = [one.bounding_box()["width"] for one in page.locator("svg[role=img]").all()]
        assert max(widths) <= 390
        chromium.close()
