"""The pages' sources: what each page of a part must have before anyone builds it."""

import re
from pathlib import Path

import jupytext
import pytest
import yaml

BOOK = Path(__file__).parents[2] / "book"
PAGES = sorted(BOOK.glob("[1-9]_*/*.md"))
FENCE = re.compile(r"^(`{3,}|:{3,}).*$", re.MULTILINE)
CODE = re.compile(r"^```\{code-cell\}.*?^```$", re.MULTILINE | re.DOTALL)
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
OPENING = re.compile(
    r"^:::\{admonition\} After this page you can\n(.*?)^:::", re.MULTILINE | re.DOTALL
)
FIGURE = ("name", "caption")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def cells(page, hidden=False):
    """The code cells of a page: those a reader can see, or those that only assert."""
    notebook = jupytext.read(page, fmt="md:myst")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in code if ("remove-cell" in cell.metadata.get("tags", [])) == hidden]


def prose(page):
    """A page without its front matter, cells and directive fences."""
    text = FRONT.sub("", page.read_text())
    return FENCE.sub("", CODE.sub("", text))


def section(page, title):
    """The text under one heading."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", page.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no section '{title}'"
    return found[1]


def test_there_are_pages():
    """The checks below look at something."""
    assert PAGES


@each_page
def test_front_matter_names_format_and_kernel(page):
    """Jupytext and the build agree on what the page is, and on the kernel that runs it."""
    front = yaml.safe_load(FRONT.match(page.read_text())[1])
    assert front["jupytext"]["text_representation"]["format_name"] == "myst"
    assert front["kernelspec"]["name"] == "python3"


@each_page
def test_page_can_be_read_in_one_sitting(page):
    """1,200 to 2,500 words."""
    assert 1200 <= len(prose(page).split()) <= 2500


@each_page
def test_page_has_enough_cells_and_not_too_many(page):
    """8 to 18 cells that a reader can see."""
    assert 8 <= len(cells(page)) <= 18


@each_page
def test_cells_are_short(page):
    """No cell is above 20 lines, and no line a reader sees runs out of its box."""
    for cell in cells(page):
        lines = cell.source.splitlines()
        assert len(lines) <= 20, cell.source
        longest = 88 if "hide-input" in cell.metadata.get("tags", []) else 76
        assert max(map(len, lines)) <= longest, max(lines, key=len)


@each_page
def test_page_opens_and_closes_with_the_same_promises(page):
    """What the page says you can do, and what it says in short, are equally many points."""
    opening = OPENING.search(page.read_text())
    assert opening, "no opening list"
    promised = re.findall(r"^- ", opening[1], re.MULTILINE)
    kept = re.findall(r"^- ", section(page, "In short"), re.MULTILINE)
    assert len(promised) == len(kept) >= 3
    assert "Reading time" in opening[1]


@each_page
def test_page_has_a_table_of_symptoms(page):
    """What goes wrong is listed from what a reader sees to its most likely cause."""
    assert "| You see | Most likely |\n| --- | --- |\n|" in section(page, "What goes wrong")


@each_page
def test_page_has_exercises_and_sources(page):
    """There is something to do, and somewhere to look it up."""
    assert "```{exercise}" in section(page, "Your turn")
    assert "{cite" in section(page, "Sources")


@each_page
def test_page_can_be_explored(page):
    """At least one figure moves; each has a number, a caption and a text for who cannot see it."""
    figures = [cell for cell in cells(page) if re.search(r"^explore\(", cell.source, re.MULTILINE)]
    assert figures
    for cell in figures:
        assert all(cell.metadata["mystnb"]["figure"].get(key) for key in FIGURE)
        assert "alt" in cell.source


@each_page
def test_still_figures_have_caption_and_alt(page):
    """A cell that names a figure's caption names its alt text too, and the reverse."""
    for cell in cells(page):
        options = cell.metadata.get("mystnb", {})
        if options and "explore(" not in cell.source:
            assert all(options.get("figure", {}).get(key) for key in FIGURE), cell.source
            assert options.get("image", {}).get("alt"), cell.source


@each_page
def test_page_asserts_its_numbers(page):
    """The numbers of the text are checked by cells that a reader does not see."""
    assert any("assert " in cell.source for cell in cells(page, hidden=True))


@each_page
def test_one_sentence_per_line(page):
    """A change of one sentence is a change of one line."""
    text = re.sub(r"\$\$.*?\$\$.*|\$[^$\n]*\$|`[^`\n]*`", "x", prose(page), flags=re.DOTALL)
    lines = [line for line in text.splitlines() if not line.startswith(("|", "      ", "- "))]
    assert not [line for line in lines if re.search(r"[a-z)][.?] [A-Z]\w* ", line)]
