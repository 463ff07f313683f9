"""Cheating for points: the forged exercise scores nothing, the honest one its points."""

import pytest

from tests.attacks import tricks

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
