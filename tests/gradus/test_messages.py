"""What each of the usual mistakes is told, word for word: docs/messages.md is the record."""

import re

import pytest

from gradus.practice import PACK
from tests.conftest import ROOT
from tests.gradus.mistakes import MISTAKES, pack, shown

PAGE = (ROOT / "docs" / "messages.md").read_text(encoding="utf-8")
TOLD = dict(re.findall(r"^## (.+?)\n.*?```text\n(.*?)\n```", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def packed():
    """Return the practice pack of all mistakes, made once."""
    return pack()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_told_what_the_page_says(mistake, packed, tmp_path, monkeypatch):
    """The message to each mistake is, to the letter, the one on the page."""
    (tmp_path / PACK).write_bytes(packed)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADUS_JUDGE", raising=False)
    assert shown(mistake) == TOLD[mistake.name]


def test_the_page_holds_these_mistakes_and_no_other():
    """At least thirty, each once, in the order of the list."""
    assert list(TOLD) == [mistake.name for mistake in MISTAKES]
    assert len(MISTAKES) >= 30
