"""The look of figures: every colour is legible in both themes, and the ground suits the page."""

import matplotlib as mpl
import pytest
from matplotlib.colors import to_rgb

from gradus import figures

LIGHT, DARK = "#fffdf9", "#16191d"  # --ground in book/_static/course.css
HUE_BACK = ((-0.574, 1.43, 0.144), (0.426, 0.43, 0.144), (0.426, 1.43, -0.856))  # by 180 degrees


def luminance(rgb):
    """Relative luminance, by WCAG 2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Contrast ratio, by WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def in_the_dark(rgb):
    """What the style sheet's filter makes of a colour: invert(1) hue-rotate(180deg)."""
    inverted = [1 - c for c in rgb]
    turned = [sum(k * c for k, c in zip(row, inverted, strict=True)) for row in HUE_BACK]
    return [min(max(c, 0), 1) for c in turned]


@pytest.mark.parametrize("colour", figures.PALETTE)
def test_lines_are_visible(colour):
    """Each line colour has a contrast of 3:1 on the page, in both themes."""
    assert contrast(to_rgb(colour), to_rgb(LIGHT)) >= 3
    assert contrast(in_the_dark(to_rgb(colour)), to_rgb(DARK)) >= 3


def test_words_in_figures_are_legible():
    """Labels and ticks have the 4.5:1 that text needs, in both themes."""
    assert contrast(to_rgb(figures.INK), to_rgb(LIGHT)) >= 4.5
    assert contrast(in_the_dark(to_rgb(figures.INK)), to_rgb(DARK)) >= 4.5


@pytest.mark.parametrize(("book", "ground"), [("1", "none"), ("0", "white")])
def test_ground_suits_the_page(monkeypatch, book, ground):
    """Transparent in the book, which has two themes; white in a notebook."""
    monkeypatch.setenv("GRADUS_BOOK", book)
    with mpl.rc_context():
        figures.use_style()
        assert mpl.rcParams["figure.facecolor"] == ground
