"""Limits that hold for every page of the book, and links that lead somewhere."""

import pickle
import re
from functools import cache
from urllib.parse import unquote, urldefrag

import jupytext
import pytest
from bs4 import BeautifulSoup

from tests.conftest import ROOT

SITE = ROOT / "_build" / "html"
SOURCES = sorted((ROOT / "book").rglob("*.md"))
PAGES = sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)
LONGEST = 20  # lines
SLOWEST = 60  # seconds

each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


@each_source
def test_no_cell_is_long(path):
    """No cell that a reader can open is above 20 lines."""
    cells = jupytext.read(path, fmt="md:myst").cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    seen = [cell.source for cell in code if "remove-cell" not in cell.metadata.get("tags", [])]
    assert [source for source in seen if len(source.splitlines()) > LONGEST] == []


@each_source
def test_fences_are_not_broken_by_backticks(path):
    """Code in the title of a directive would end the fence, and the box would be a paragraph."""
    assert re.findall(r"^```+\{.*`.*$", path.read_text(), re.MULTILINE) == []


@pytest.mark.slow
def test_pages_run_within_a_minute(monkeypatch):
    """What the build noted for each page it ran, now or when it was cached."""
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    environment = pickle.loads((SITE.parent / ".doctrees" / "environment.pickle").read_bytes())
    noted = {name: data.get("exec_data") for name, data in environment.nb_metadata.items()}
    seconds = {name: data["runtime"] for name, data in noted.items() if data}
    assert len(seconds) >= len(list((ROOT / "book").glob("[0-9]*/*.md")))
    assert {name: took for name, took in seconds.items() if took > SLOWEST} == {}


@cache
def targets(path):
    """The tags of a page that are or have addresses."""
    return BeautifulSoup(path.read_text(), "html.parser").find_all(True)


@cache
def anchors(path):
    """The places in a page that a link can lead to."""
    return {tag.get("id") for tag in targets(path)} | {tag.get("name") for tag in targets(path)}


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(SITE)))
def test_links_inside_the_site_lead_somewhere(path):
    """Each file that a page links to or shows is there, and so is the place in it."""
    links = {tag.get(key) for tag in targets(path) for key in ("href", "src")} - {None}
    dead = []
    for link in sorted(links):
        address, place = map(unquote, urldefrag(link.partition("?")[0]))
        if re.match(r"[a-z]+:", link):
            continue
        file = (path.parent / address).resolve() if address else path
        inside = file.suffix == ".html" and place
        if not file.exists() or (inside and place not in anchors(file)):
            dead.append(link)
    assert dead == []
