"""What a reader finds on the built site beside the text, and what their own browser keeps."""

import json
import re
import zipfile
from xml.etree import ElementTree

import nbformat
import pytest
from playwright.sync_api import expect

from tests.site.test_site import EXPLORED, PAGES, SITE, browser, complaints, look_at, visit

pytestmark = pytest.mark.slow
__all__ = ["browser", "look_at", "visit"]  # fixtures

PAGE = "book/1_probability/entropy.html"
BOARD = "book/progress.html"


@pytest.mark.parametrize("path", EXPLORED)
def test_page_begins_with_its_facts(path):
    """Time, difficulty, and each graded function with points and minutes, linked to its section."""
    html = (SITE / path).read_text()
    head = re.search(r'<div class="page-head">.*?</div>', html, re.DOTALL)[0]
    assert re.search(r"\d+ minutes to read", head)
    assert re.search(r"difficulty \d( to \d)? of 5", head)
    tasks = re.findall(r'href="#([\w-]+)"><code>\w+</code></a> \d+ points?, \d+ minutes', head)
    assert tasks
    assert all(f'id="{section}"' in html for section in tasks)


@pytest.mark.parametrize("path", PAGES)
def test_links_of_the_site_lead_somewhere(path):
    """Each link to a file of the site finds it, and what follows # stands in it."""
    html = (SITE / path).read_text()
    for address in set(re.findall(r'<a [^>]*href="([^"]+)"', html)):
        file, _, anchor = address.partition("#")
        if re.match(r"[a-z]+:", address):
            continue
        there = (SITE / path).parent / file if file else SITE / path
        assert there.is_file(), address
        if anchor and there.suffix == ".html":
            assert re.search(rf'(id|name)="{re.escape(anchor)}"', there.read_text()), address


def test_nothing_leads_to_a_repository_that_is_not_there():
    """With the setting empty no page offers to launch, to edit or to report."""
    words = re.compile(r"colab\.research|mybinder\.org|/edit/main/|issues/new")
    assert [path for path in PAGES if words.search((SITE / path).read_text())] == []


@pytest.mark.parametrize("path", EXPLORED)
def test_page_can_be_taken_along(path):
    """Beside each page lies a notebook that Jupyter opens, without outputs."""
    notebook = nbformat.read((SITE / path).with_suffix(".ipynb"), as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_assignment_can_be_taken_along():
    """An assignment's zip holds the notebook and the practice questions, and nothing else."""
    for bundle in (SITE / "exercises").glob("*.zip"):
        name = bundle.stem
        assert zipfile.ZipFile(bundle).namelist() == [
            f"{name}/practice.safetensors",
            f"{name}/{name}.ipynb",
        ]


@pytest.mark.parametrize("path", EXPLORED)
def test_shared_link_has_a_card(path):
    """A link to a page shows the course, its title, a description and a picture of its own."""
    html = (SITE / path).read_text()
    assert '<meta property="og:site_name" content="Gradus"' in html
    assert re.search(r'<meta property="og:title" content="[^"]+', html)
    assert re.search(r'<meta property="og:description" content="[^"]{40,}', html)
    picture = re.search(r'<meta property="og:image" content="([^"]+)"', html)[1]
    assert (SITE / picture).is_file()


def test_feed_is_there_and_every_page_names_it():
    """A reader's program finds the feed from any page."""
    assert ElementTree.parse(SITE / "feed.xml").getroot().tag.endswith("feed")
    for path in set(PAGES) - {"index.html"}:
        html = (SITE / path).read_text()
        above = re.search(r'type="application/atom\+xml"[^>]*href="([^"]+)"', html)[1]
        assert ((SITE / path).parent / above).resolve() == SITE / "feed.xml"


def test_old_address_leads_to_the_new_one(visit):
    """A page that moved sends its reader on, with the place on the page."""
    page = visit("book/1_probability/index.html")
    page.wait_for_url("**/book/part_1.html")


PREVIEWS = {
    "equation": 'a[href="#equation-eq-gibbs"]',
    "figure": 'a[href="#fig-directions"]',
    "citation": 'a[href*="bibliography.html#"]',
    "term": 'a[href*="glossary.html#term-"]',
}


@pytest.mark.parametrize("kind", PREVIEWS)
def test_link_shows_what_it_leads_to(visit, kind):
    """Hovering the link of an equation, a figure, a citation or a term shows it, also from disk."""
    page = visit("book/index.html" if kind == "term" else PAGE)
    link = page.locator(f".bd-article {PREVIEWS[kind]}:not(.headerlink)").first
    link.scroll_into_view_if_needed()
    page.wait_for_function("link => link._tippy", arg=link.element_handle())
    link.hover()
    shown = page.locator(".tippy-content")
    expect(shown).to_be_visible()
    assert shown.inner_text().strip() or shown.locator("img").count()
    if kind == "figure":
        picture = shown.locator("img").first.element_handle()
        page.wait_for_function("img => img.complete && img.naturalWidth > 0", arg=picture)
    assert complaints(page) == []


def test_progress_is_kept_counted_and_erased(visit, tmp_path):
    """A page read, a box predicted and a file dropped in are counted; what is saved can return."""
    page = visit(PAGE)
    page.get_by_label("I have read this page").check()
    box = page.locator("#note-e1")
    box.get_by_role("radio").nth(1).press("Space")
    box.get_by_role("button").press("Enter")

    page.goto((SITE / BOARD).as_uri())
    summary, said = page.locator(".progress-summary"), page.locator(".progress-said")
    expect(summary).to_contain_text("1 of")
    expect(summary).to_contain_text("1 of 1 predictions right")
    expect(page.locator(".bd-links a.was-read")).to_have_count(1)

    passed = tmp_path / "gradus-progress.json"
    exercises = {"kl": {"passed": True, "when": "2026-11-21"}, "entropy": {"passed": False}}
    passed.write_text(json.dumps({"format": 1, "exercises": exercises}))
    page.get_by_label("Add a file").set_input_files(passed)
    expect(said).to_contain_text("1 functions")
    expect(summary).to_contain_text("1 of 22 functions passed")
    expect(page.locator("[data-exercise=kl]")).to_contain_text("passed")

    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    download.value.save_as(tmp_path / "saved.json")
    page.get_by_role("button", name="Erase everything").click()
    expect(summary).to_contain_text("1 of 22 functions passed")  # it asks first
    page.get_by_role("button", name="Yes, erase everything").click()
    expect(summary).to_contain_text("0 of 22 functions passed")
    assert page.evaluate("localStorage.getItem('gradus-progress')") is None

    page.get_by_label("Add a file").set_input_files(tmp_path / "saved.json")
    expect(summary).to_contain_text("1 of 1 predictions right")
    assert complaints(page) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not json", "it is not JSON"),
        ('{"format": 2, "exercises": {}}', "expected a file of format 1, got 2"),
        ('{"format": 1}', "found none"),
        ('{"format": 1, "exercises": []}', "expected exercises to be a table"),
    ],
    ids=["not JSON", "format", "empty", "list"],
)
def test_file_that_is_no_progress_is_refused(visit, tmp_path, text, why):
    """A wrong file changes nothing, and the page says what was expected."""
    page = visit(BOARD)
    file = tmp_path / "gradus-progress.json"
    file.write_text(text)
    page.get_by_label("Add a file").set_input_files(file)
    expect(page.locator(".progress-said")).to_contain_text(why)
    assert page.evaluate("localStorage.getItem('gradus-progress')") is None
