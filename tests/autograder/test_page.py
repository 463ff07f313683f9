"""The page of feedback: what a learner wrote stays text, and nothing is asked for."""

import re
import shutil

import nbformat
import pytest
from playwright.sync_api import sync_playwright

from autograder.gradebook.page import formula, page_of, prose
from tests.conftest import ROOT
from tests.site.test_site import ARGUMENTS, AXE, FOUND

FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$]+)\$", re.DOTALL)


@pytest.mark.parametrize("path", sorted(ROOT.glob("exercises/*/*.ipynb")), ids=lambda p: p.stem)
def test_each_formula_of_the_exercises_is_drawn(path):
    """No TeX is left on the page of an assignment."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    found = [block or line for block, line in FORMULA.findall(text)]
    assert [tex for tex in found if not formula(tex).startswith("<math")] == []
    assert prose(text).count("<math") == len(found)


@pytest.mark.parametrize(
    "text",
    [
        r"$\text{<img src=x onerror=alert(1)>}$",
        r"$\href{javascript:alert(1)}{x}$",
        r'$\style{color:red" onclick="alert(1)}{x}$',
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/seen.png)",
        r"$\frac{$",
    ],
)
def test_what_a_learner_wrote_does_nothing(text):
    """A tag, an address that runs, or a picture from elsewhere is shown as text."""
    page = prose(text)
    assert not re.search(r"<(img|script)|<[^>]*\s(on\w+|href|src|style)=", page), page


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """An assignment as it was released, with one card, long lines and a wide formula, as a page."""
    notebook = nbformat.read(ROOT / "exercises/ps02/ps02.ipynb", as_version=4)
    card = '<div role="status"><strong>kl: not right yet</strong></div>'
    html = nbformat.v4.new_output("display_data", {"text/html": card})
    score = nbformat.v4.new_output("execute_result", {"text/plain": "0.123456"})
    for cell in notebook.cells:
        if cell.id == "graded-kl":
            cell.source += "\n### BEGIN HIDDEN TESTS\nhand_in('kl', kl)\n### END HIDDEN TESTS"
            cell.metadata.gradus = {"exercise": "kl", "outcome": "wrong", "share": 0.5}
            cell.outputs = [html, score]
    wide = "$$" + "+".join(f"x_{{{number}}}" for number in range(80)) + "$$"
    long = nbformat.v4.new_code_cell(
        "x = " + "1" * 300, outputs=[nbformat.v4.new_output("stream", text="y" * 300)]
    )
    notebook.cells += [nbformat.v4.new_markdown_cell(wide), long]
    path = tmp_path_factory.mktemp("page") / "ps02.html"
    path.write_text(page_of(notebook, "ps02"), encoding="utf-8")
    return path


def test_hidden_parts_stay_hidden(page):
    """Neither the hidden call nor the number that nbgrader scored by is on the page."""
    text = page.read_text(encoding="utf-8")
    assert "kl: not right yet" in text
    assert "1.5 of 3 points." in text
    assert not [word for word in ("hand_in", "HIDDEN", "0.123456") if word in text]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_is_for_everybody(page, scheme, width):
    """On a phone as on a screen: no scrolling sideways, no request, nothing serious for axe."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        seen = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
        noticed = []
        seen.on("request", lambda request: noticed.append(request.url))
        seen.on("console", lambda message: noticed.append(message.text))
        seen.goto(page.as_uri())
        assert seen.evaluate("document.documentElement.scrollWidth") <= width
        assert noticed == [page.as_uri()]
        seen.add_script_tag(path=AXE)
        assert seen.evaluate(FOUND) == []
        browser.close()
