"""Interactive figures: the frames of the static page, and the sliders at a live kernel."""

import json

import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure

from gradus.explore import explore, shown


def line(slope=1, shift=0):
    """A figure that differs for each pair of values."""
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1], [shift, shift + slope])
    return figure


@pytest.fixture
def book(monkeypatch):
    """The book's build, where no kernel will answer a reader."""
    monkeypatch.setenv("GRADUS_BOOK", "1")


def parsed(result):
    """The HTML that the page will hold."""
    return BeautifulSoup(result.html, "html.parser")


def test_one_frame_for_each_combination(book):
    """Two values and three give six frames, the last parameter running fastest."""
    html = parsed(explore(line, slope=[1, 2], shift=[0, 3, 4], alt="{slope} from {shift}"))
    frames = json.loads(html.div["data-frames"])
    alts = ["1 from 0", "1 from 3", "1 from 4", "2 from 0", "2 from 3", "2 from 4"]
    assert [frame["alt"] for frame in frames] == alts
    assert len({frame["src"] for frame in frames}) == 6
    assert all(frame["src"].startswith("data:image/webp;base64,") for frame in frames)


def test_figure_starts_where_it_is_told(book):
    """The picture, its text and the sliders agree on the frame at the start."""
    html = parsed(explore(line, slope=[1, 2], shift=[0, 3], start={"shift": 3}, alt="{shift}"))
    frames = json.loads(html.div["data-frames"])
    assert (html.img["src"], html.img["alt"]) == (frames[1]["src"], "3")
    assert [slider["value"] for slider in html.find_all("input")] == ["0", "1"]
    assert [slider["aria-valuetext"] for slider in html.find_all("input")] == ["1", "3"]


def test_each_slider_has_its_name(book):
    """A slider is a range input inside a label; underscores of a name become spaces."""
    html = parsed(explore(line, slope=[1, 2], shift=[0], label={"slope": "rise"}, alt=""))
    assert [label.span.text for label in html.find_all("label")] == ["rise", "shift"]
    assert [label.input["type"] for label in html.find_all("label")] == ["range", "range"]
    assert [label.input["max"] for label in html.find_all("label")] == ["1", "0"]


def test_alt_may_be_computed(book):
    """A function of the values gives the text where a format string is not enough."""
    html = parsed(explore(line, slope=[2, 3], alt=lambda slope: f"squared: {slope**2}"))
    assert html.img["alt"] == "squared: 4"


def test_words_cannot_break_the_page(book):
    """Quotes and angle brackets in texts and values stay texts and values."""
    html = parsed(explore(lambda mark: line(), mark=['"<b>'], alt="'{mark}'", label="<i>"))
    assert html.img["alt"] == "'\"<b>'"
    assert html.find(["i", "b"]) is None
    assert json.loads(html.input["data-texts"]) == ['"<b>']


def test_other_formats_get_the_first_frame(book):
    """What cannot show HTML shows the picture at the start, or its text."""
    bundle = explore(line, slope=[1, 2], alt="rise {slope}")._repr_mimebundle_()
    assert sorted(bundle) == ["image/png", "text/html", "text/plain"]
    assert bundle["text/plain"] == "rise 1"


def test_live_sliders_offer_the_same_values(monkeypatch):
    """With a kernel there is one slider for each parameter, with its label, values and start."""
    monkeypatch.delenv("GRADUS_BOOK", raising=False)
    box = explore(line, slope=[0.5, 1.0], shift=[0, 3], start={"shift": 3}, alt="", label="rise")
    slope, shift = box.children[:2]
    assert slope.description == "rise"
    assert slope.options == (("0.5", 0.5), ("1", 1.0))
    assert (slope.value, shift.value) == (0.5, 3)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "expected one or two parameters, got 0"),
        ({"a": [1], "b": [1], "c": [1]}, "expected one or two parameters, got 3"),
        ({"slope": []}, "slope has no values"),
        ({"slope": [1], "start": {"slope": 2}}, "slope cannot start at 2"),
        ({"slope": [1], "start": {"rise": 1}}, "rise cannot start at 1"),
    ],
    ids=["none", "three", "empty", "start outside", "start unknown"],
)
def test_impossible_sliders_are_refused(parameters, message):
    """What cannot be drawn is refused by name, with and without a kernel."""
    with pytest.raises(ValueError, match=message):
        explore(line, alt="", **parameters)


def test_forgotten_return_is_named(book):
    """A draw function without a return says so, instead of an error deep inside."""
    with pytest.raises(TypeError, match="must return a matplotlib figure, got NoneType"):
        explore(lambda slope: None, slope=[1], alt="")


@pytest.mark.parametrize(
    ("value", "text"), [(0.1 + 0.2, "0.3"), (2.0, "2"), (3, "3"), ("ReLU", "ReLU"), (1e-5, "1e-05")]
)
def test_values_are_shown_short(value, text):
    """A float loses the digits that only the machine needs."""
    assert shown(value) == text
