"""The built site, as a reader sees it: in a browser, from the file system, without a network."""

import gzip
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from playwright.sync_api import expect, sync_playwright

SITE = Path(__file__).parents[2] / "_build" / "html"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PAGES = ["index.html", "search.html", "genindex.html"]
PAGES += sorted(
    str(page.relative_to(SITE))
    for page in SITE.glob("book/**/*.html")
    if "<body" in page.read_text()  # an old address has none, and sends its reader on
)
EXPLORED = [page for page in PAGES if page[5:6].isdigit()]  # book/<number>_<part>/<page>.html
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
FIRST_VIEW = 700_000  # bytes
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
QUIET = ("[PST]", "[togglebutton]", "tippy tips loaded")  # what the theme writes on every page

SETTLE = "* { transition: none !important; animation: none !important; }"
OPEN_ALL = """() => {
    for (const box of document.querySelectorAll(".note-check")) box.classList.add("note-open");
    for (const part of document.querySelectorAll(".bd-article details")) part.open = true;
}"""
# One token of each colour is enough, and of a formula its colour: axe takes a third of the time.
THIN_OUT = """() => {
    const seen = new Set();
    for (const token of document.querySelectorAll(".highlight span[class]")) {
        const kind = [token, ...(function* up(one) {
            for (; one && !one.matches("pre"); one = one.parentElement) yield one;
        })(token.parentElement)].map(one => one.className).join(" < ");
        if (seen.has(kind) && !token.children.length) token.replaceWith(token.textContent);
        seen.add(kind);
    }
    for (const formula of document.querySelectorAll("mjx-container")) formula.replaceWith("x");
}"""
FOUND = """async () => (await axe.run()).violations
    .map(rule => [rule.id, rule.nodes.slice(0, 3).map(node => node.html.slice(0, 120))])
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser():
    """Chromium that cannot resolve any name."""
    if not (SITE / "index.html").exists():
        pytest.fail("there is no built site in _build/html: run `make site` first")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def look_at(browser):
    """Open a page of the site; what it asked for and complained of is in ``page.noticed``."""

    @contextmanager
    def opened(path, viewport=WIDE, **options):
        context = browser.new_context(viewport=viewport, **options)
        page = context.new_page()
        page.noticed = []
        page.on("request", lambda request: page.noticed.append(f"asked for {request.url}"))
        page.on("requestfailed", lambda request: page.noticed.append(f"missing {request.url}"))
        page.on("console", lambda message: page.noticed.append(f"says {message.text}"))
        page.on("pageerror", lambda error: page.noticed.append(f"error {error}"))
        page.goto((SITE / path).as_uri())
        if path == "index.html":  # sends the reader on to the front page
            page.wait_for_url("**/book/index.html")
        yield page
        context.close()

    return opened


@pytest.fixture
def visit(look_at):
    """Open a page for one test alone, which may change it."""
    with ExitStack() as stack:
        yield lambda path, **options: stack.enter_context(look_at(path, **options))


def complaints(page):
    """What a page noticed, without its own files and the theme's chatter."""
    harmless = ("asked for file:", "asked for data:", "asked for blob:")
    return [
        line
        for line in page.noticed
        if not line.startswith(harmless) and not any(word in line for word in QUIET)
    ]


def rendered(page):
    """Wait until MathJax is done."""
    page.evaluate("() => window.MathJax?.startup?.promise?.then(() => true)")
    return page


@pytest.fixture(scope="module", params=PAGES)
def opened(request, look_at):
    """Each page once, for all tests that only look at it."""
    with look_at(request.param) as page:
        yield rendered(page)


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_page_needs_nobody_else(opened, viewport):
    """No outside request, no missing file, no error in the console."""
    opened.set_viewport_size(viewport)
    assert complaints(opened) == []


def test_first_view_is_light(opened):
    """What a page asks for before its reader does anything is at most 700 KB, gzipped."""
    asked = {line.removeprefix("asked for ") for line in opened.noticed if "for file:" in line}
    files = {Path(unquote(urlparse(address).path)) for address in asked}
    assert any(file.suffix == ".css" for file in files)
    weights = {file.name: len(gzip.compress(file.read_bytes())) for file in files}
    heaviest = sorted(weights.items(), key=lambda pair: -pair[1])[:5]
    assert sum(weights.values()) <= FIRST_VIEW, heaviest


def test_page_fits_a_phone(opened):
    """At 390 pixels nothing makes the page itself scroll sideways."""
    opened.set_viewport_size(NARROW)
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390


def test_formulas_are_drawn(opened):
    """Each piece of TeX became a formula, none an error message, none wider than the text."""
    opened.set_viewport_size(WIDE)
    assert opened.locator("mjx-container").count() >= opened.locator(".bd-article .math").count()
    assert opened.locator("mjx-merror").count() == 0
    wide = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
    assert opened.locator("div.math mjx-container").evaluate_all(wide) == []


def test_pictures_can_be_heard(opened):
    """Each picture of the text has an alt text, and each figure a caption."""
    alts = opened.locator(".bd-article img").evaluate_all("all => all.map(img => img.alt)")
    assert all(len(alt) > 10 for alt in alts)
    assert opened.locator(".cell_output img:not(figure:has(figcaption) img)").count() == 0


def test_page_is_accessible(opened):
    """axe-core finds nothing, wide and narrow, light and dark, with everything open."""
    opened.add_script_tag(path=AXE)
    opened.add_style_tag(content=SETTLE)
    opened.evaluate(OPEN_ALL)
    found = []
    for viewport, themes in ((NARROW, ("light", "dark")), (WIDE, ("dark", "light"))):
        opened.set_viewport_size(viewport)
        opened.wait_for_timeout(600)  # the theme looks for code that scrolls
        for theme in themes:
            opened.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            found += opened.evaluate(FOUND)
            opened.evaluate(THIN_OUT)  # after the first look, which was at everything
    assert found == []


@pytest.mark.parametrize("path", EXPLORED)
def test_slider_moves_the_picture(visit, path):
    """A key on a slider changes the picture, its text, and what a screen reader says."""
    page = visit(path)
    figures = page.locator(".explore")
    assert figures.count() > 0
    for figure in figures.all():
        image = figure.locator("img")
        for slider in figure.locator("input").all():
            slider.press("Home")
            state = [image.get_attribute("src"), image.get_attribute("alt")]
            said = slider.get_attribute("aria-valuetext")
            slider.press("ArrowRight")
            assert image.get_attribute("src") != state[0]
            assert image.get_attribute("alt") != state[1]
            assert slider.get_attribute("aria-valuetext") != said
            assert slider.evaluate("slider => slider.labels[0].innerText.trim()")
        page.wait_for_function(
            "img => img.complete && img.naturalWidth > 0", arg=image.element_handle()
        )
    assert complaints(page) == []


@pytest.mark.parametrize("path", EXPLORED)
def test_box_opens_on_a_commitment(visit, path):
    """The run stays hidden until the reader has chosen and committed, by keyboard alone."""
    page = visit(path)
    boxes = page.locator(".note-check")
    assert boxes.count() > 0
    for box in boxes.all():
        hidden, button = box.locator(".note-reveal"), box.get_by_role("button", name="Commit")
        expect(hidden).to_be_hidden()
        expect(button).to_be_disabled()
        box.get_by_role("radio").first.press("Space")
        expect(hidden).to_be_hidden()
        button.press("Enter")
        expect(hidden.locator(".cell_output").first).to_be_visible()
        expect(box.get_by_role("status")).to_contain_text("predicted")
        expect(box.locator(".note-right")).to_have_count(1)


@pytest.mark.parametrize("path", EXPLORED)
def test_page_works_without_javascript(visit, path):
    """Pictures are there, dead controls are not, and a box opens with a click."""
    page = visit(path, java_script_enabled=False)
    expect(page.locator(".explore img").first).to_be_visible()
    assert page.locator(".explore-controls:visible, .note-choices input:visible").count() == 0
    box = page.locator(".note-reveal").first
    box.locator("summary").first.click()
    expect(box.locator(".cell_output").first).to_be_visible()


@pytest.mark.parametrize("path", EXPLORED)
def test_print_shows_what_a_click_would(visit, path):
    """On paper the boxes are open, the controls are gone and the picture is the first one."""
    page = visit(path)
    slider, image = page.locator(".explore input").first, page.locator(".explore img").first
    first = image.get_attribute("src")
    slider.press("Home")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert image.get_attribute("src") == first
    expect(page.locator(".note-reveal .cell_output").first).to_be_visible()
    expect(slider).to_be_hidden()


def test_excerpts_leave_answers_out(visit):
    """The search page's script, which quotes from pages, does not see what a box reveals."""
    page = visit("search.html")
    html = '<main><div role="main">open <details class="note-reveal">closed</details></div></main>'
    assert page.evaluate("html => Search.htmlToText(html)", html).strip() == "open"
