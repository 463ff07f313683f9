"""Pictures: what is drawn of a wrong answer, in words and in bytes; what is not drawn at all."""

import re
import xml.etree.ElementTree as tree

import numpy as np
import pytest
import torch

from autograder import catalogue
from autograder.notebooks.practice import practice_pack
from gradus.compare import Tolerance
from gradus.pictures import differing, numbers, shapes
from gradus.practice import PACK, check

ONE = Tolerance(0.0, 0.5, "halves are near enough")
EYE = np.eye(4)


def drawn(mine, theirs):
    """Return the picture of ``mine``, where half off is right, as it stands on a page."""
    mine, theirs = (np.array(one, dtype=np.float64) for one in (mine, theirs))
    with np.errstate(all="ignore"):
        picture = numbers(mine, theirs, np.full(theirs.shape, 0.5))
    if picture:
        assert picture.words in tree.fromstring(picture.svg).attrib["aria-label"]
        assert not re.search(r"nan[ ,\d.]*[LMhv\"]|inf[ LMhv\"]|script", picture.svg)
        assert len(picture.svg) < 15_000
    return picture


@pytest.mark.parametrize(
    ("mine", "theirs", "words"),
    [
        ([0, 0, 0, 9, 9], [0, 0, 0, 1, 1], "yours is larger from index 3 on"),
        ([9, 0, 0, 0, 0], [0, 0, 0, 0, 0], "yours is larger at index 0 alone"),
        ([-9, -9, 0, 0, 0], [0, 0, 0, 0, 0], "yours is smaller up to index 1"),
        ([0, 9, -9, 0, 0], [0, 0, 0, 0, 0], "yours differs from index 1 to 2"),
        ([9, 0, 9, 0, 9], [0] * 5, "yours is larger in 3 of 5 entries, first at index 0"),
        ([np.nan] * 5, range(5), "yours is nan everywhere"),
        (
            [np.inf, 1, 2, 3, -np.inf],
            [np.inf, 1, 2, 3, np.inf],
            "yours is smaller at index 4 alone",
        ),
        ([1e308] * 5, [-1e308] * 5, "yours is larger everywhere"),
        ([3] * 5, [-3] * 5, "yours is larger everywhere"),
        ([3, -3] * 3, [-3, 3] * 3, "yours has the other sign everywhere"),
        (2 * EYE, EYE, "yours is larger on the diagonal alone"),
        (np.triu(EYE + 1), EYE * 2, "yours is larger above the diagonal alone"),
        (EYE + 9 * (np.arange(4) == 2), EYE, "yours is larger in column 2 alone, counted from 0"),
        (EYE - np.full((4, 4), np.nan), EYE, "yours is nan everywhere"),
    ],
)
def test_a_picture_says_in_words_what_it_shows(mine, theirs, words):
    """The words name the pattern; no number that is not finite gets into a path."""
    assert drawn(mine, theirs).words == words


@pytest.mark.parametrize("shape", [(), (0,), (4,), (0, 5), (2, 2), (1, 9), (2, 3, 4)])
def test_what_is_no_curve_and_no_map_is_not_drawn(shape):
    """One number, few, none, or more axes than paper has: words say it better."""
    assert drawn(np.ones(shape), np.zeros(shape)) is None


@pytest.mark.parametrize("shape", [(100_000,), (700, 900), (2, 5000)])
def test_a_large_answer_is_thinned_and_keeps_what_is_furthest_off(shape):
    """However many numbers there are, the picture is small, and the one wrong entry is on it."""
    mine = np.zeros(shape)
    mine.flat[12_34] = 7
    picture = drawn(mine, np.zeros(shape))
    assert "alone" in picture.words
    assert ">7<" in picture.svg or "by up to 7" in picture.svg


@pytest.mark.parametrize(
    ("mine", "theirs", "marked"),
    [
        ((4, 1), (4,), ["1 ≠"]),
        ((3, 2), (3, 4), ["4 ≠", "2 ≠"]),
        ((), (1,), ["1 ≠"]),
        ((32, 5, 7), (32, 10, 5, 7), ["32 × 10 ≠ of these"]),
        ((0, 3), (3,), ["0 ≠"]),
    ],
)
def test_the_axes_that_do_not_fit_are_marked(mine, theirs, marked):
    """Two boxes with their sizes; an axis without its like in the other shape has a mark."""
    texts = [one.text or "" for one in tree.fromstring(shapes(mine, theirs).svg) if one.text]
    assert [text for text in texts if "≠" in text] == marked
    assert [texts[0]] == [f"expected {theirs}"]


def test_the_differing_part_of_a_nest_is_drawn():
    """Of a tuple or dict it is the item that differs first, and a long list is a curve."""
    mine = {"one": torch.zeros(2), "two": (torch.zeros(6), torch.ones(6))}
    theirs = {"one": torch.zeros(2), "two": (torch.zeros(6), torch.zeros(6))}
    assert differing(mine, theirs, ONE)[0] is mine["two"][1]
    assert differing([1.0] * 5, [2.0] * 5, ONE) == ([1.0] * 5, [2.0] * 5)
    assert differing([None, 1], [torch.zeros(5), 3], ONE)[0] is None


@pytest.fixture
def practice(tmp_path, monkeypatch):
    """Stand in a folder with a practice pack for ``entropy`` and ``sigmoid``."""
    names = ["entropy", "sigmoid"]
    (tmp_path / PACK).write_bytes(practice_pack(names, {n: catalogue.find(n) for n in names}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADUS_JUDGE", raising=False)


def test_a_wrong_shape_is_drawn_on_the_card(practice):
    """The card of an answer with an axis left over holds the boxes; a terminal has the words."""
    reference = catalogue.find("entropy").reference
    card = check("entropy", lambda *args, **more: reference(*args, **more).unsqueeze(-1))
    assert "<svg" in card._repr_html_()
    assert "expected shape" in repr(card)
    assert "svg" not in repr(card)


def test_a_wrong_curve_is_drawn_and_told(practice):
    """Where the numbers leave the band is a line of the card, in HTML as in a terminal."""
    card = check("sigmoid", lambda x: torch.sigmoid(x).clamp(max=0.9))
    assert "<svg" in card._repr_html_()
    assert f"where     {card.picture.words}" in repr(card)


@pytest.mark.parametrize(
    "answer", [lambda x: x + 1j, lambda x: x > 0, lambda x: None, lambda x: 1 / 0]
)
def test_what_cannot_be_drawn_leaves_the_card_as_it_was(practice, answer):
    """Complex numbers, another type or an error: the words stand alone."""
    assert check("sigmoid", answer).picture is None
