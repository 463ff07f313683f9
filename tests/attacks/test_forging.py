"""Cheating for points: the forged exercise scores nothing, the honest one its points."""

import re

import pytest

from tests.attacks import tricks
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("trick", tricks("forging").values(), ids=tricks("forging"))
def test_a_forgery_earns_nothing_and_costs_no_one_else(tried, trick):
    """Each trick: no points for entropy, all for kl, a cause in the report, no file left over."""
    tried(trick)


def test_what_an_error_says_can_be_read_and_does_nothing(tried):
    """No control character, no half of a pair, no page of text reaches a terminal or a file."""
    finding = tried(tricks("forging")["injects_markup"]).finding
    assert all(letter.isprintable() for letter in finding)
    assert r"[/red] \x1b[2J" in finding
    assert len(finding) <= 2000


def test_the_published_table_has_every_trick():
    """Each trick has a row in docs/attacks.md, and none there scores with Gradus."""
    page = (ROOT / "docs" / "attacks.md").read_text()
    rows = re.findall(r"^\| `(\w+)`: .* \| (.*) \| (.*) \|$", page, re.MULTILINE)
    assert sorted(name for name, *_ in rows) == sorted(tricks())
    assert not [name for name, _, ours in rows if not ours.startswith("earns nothing:")]
