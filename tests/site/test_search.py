"""What searching the built site finds, and what it must not give away."""

import json
import re

import jupytext
import pytest
from bs4 import BeautifulSoup
from sphinx.search.en import SearchEnglish

from tests.conftest import ROOT

SITE = ROOT / "_build" / "html"
PAGES = sorted((ROOT / "book").glob("[0-9]*/*.md"))
ENGLISH = SearchEnglish({})

pytestmark = pytest.mark.slow


def words(text):
    """The stems that the index would hold of a text."""
    stems = {word: ENGLISH.stem(word).lower() for word in ENGLISH.split(text)}
    kept = {stem if ENGLISH.word_filter(stem) else word for word, stem in stems.items()}
    return {word for word in kept if ENGLISH.word_filter(word)}


@pytest.fixture(scope="module")
def index():
    """The stems that lead to each page, by its name."""
    script = (SITE / "searchindex.js").read_text()
    found = json.loads(script.removeprefix("Search.setIndex(").removesuffix(")"))
    stems = {name: set() for name in found["docnames"]}
    for kind in ("terms", "titleterms"):
        for stem, places in found[kind].items():
            for place in [places] if isinstance(places, int) else places:
                stems[found["docnames"][place]].add(stem)
    return stems


def split_page(name):
    """What a reader sees of a page at once, and what its boxes reveal."""
    html = BeautifulSoup((SITE / f"{name}.html").read_text(), "html.parser")
    article = html.select_one("article")
    revealed = " ".join(part.extract().get_text(" ") for part in article.select(".note-reveal"))
    return article.get_text(" "), revealed


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_search_finds_what_a_page_shows(index, path):
    """The words of a page's headings lead to it."""
    name = str(path.relative_to(ROOT).with_suffix(""))
    headings = " ".join(re.findall(r"^#+ ([\w ]+)$", path.read_text(), re.MULTILINE))
    assert words(headings) <= index[name]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_search_does_not_give_answers_away(index, path):
    """No word that stands only in what boxes reveal, or in removed cells, leads to the page."""
    name = str(path.relative_to(ROOT).with_suffix(""))
    shown, revealed = split_page(name)
    code = [cell for cell in jupytext.read(path, fmt="md:myst").cells if cell.cell_type == "code"]
    removed = [cell.source for cell in code if "remove-cell" in cell.metadata.get("tags", [])]
    secret = words(f"{revealed} {' '.join(removed)}") - words(shown)
    assert secret
    assert secret & index[name] == set()
