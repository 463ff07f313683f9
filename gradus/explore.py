"""Interactive figures that also work on a static page, where no kernel runs."""

import base64
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from string import Template
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from gradus.figures import in_book

CSS_PIXELS_PER_INCH = 96
FRAME_PIXELS_PER_INCH = 2 * CSS_PIXELS_PER_INCH  # for sharp screens and print

FIGURE = Template(
    '<div class="explore$classes" data-frames="$frames">'
    '<img src="$source" alt="$alt" width="$width" height="$height">'
    '<div class="explore-controls">$sliders</div></div>'
)
SLIDER = Template(
    '<div class="explore-slider"><label><span>$label</span>'
    '<input type="range" min="0" max="$last" step="1" value="$place" autocomplete="off" '
    'aria-valuetext="$text" data-texts="$texts"></label><output>$text</output></div>'
)


class Frames:
    """A figure drawn once for each combination of values; a notebook shows it as HTML."""

    def __init__(self, html: str, png: bytes, alt: str) -> None:
        self.html, self.png, self.alt = html, png, alt

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Return the sliders for a browser, and the first frame for everything else."""
        png = base64.b64encode(self.png).decode()
        return {"text/html": self.html, "image/png": png, "text/plain": self.alt}


def explore(
    draw: Callable[..., Figure],
    *,
    alt: str | Callable[..., str],
    label: str | Mapping[str, str] | None = None,
    start: Mapping[str, Any] | None = None,
    keep_colours: bool = False,
    **parameters: Sequence[Any],
) -> Any:
    """Show a figure with one slider, or two, that works with and without a kernel.

    With a kernel the figure is drawn anew at each step. In the book's build each combination of
    values is drawn once, and the reader's slider goes through the pictures. The frame at the start
    is the one a reader sees without JavaScript, and the one that is printed.

    As the last line of a cell, where ``line`` takes a slope and returns a figure::

        explore(line, slope=[1, 2, 3], alt="A line of slope {slope}.")

    Args:
        draw: Takes the parameters by name, returns a new matplotlib figure.
        alt: What the picture says, for a reader who does not see it: a string in which
            ``{name}`` or ``{name:.2f}`` stands for a value, or a function of the parameters.
        label: What to call the parameter beside its slider: a string, or for two parameters a
            mapping from name to string. Their own names, if not given.
        start: The value that a slider begins at, by parameter: choose a telling one. The first
            value, if not given.
        keep_colours: For photographs and colour maps: keep the colours in the dark theme.
        parameters: One or two, each with the values its slider takes, in order.

    Returns:
        Something for the notebook to display as a cell's last line.

    Raises:
        ValueError: If there are no parameters, more than two, or one without values, or if a
            parameter does not take the value it is to start at.
        TypeError: If ``draw`` returns something other than a figure.
    """
    if not 1 <= len(parameters) <= 2:
        raise ValueError(f"expected one or two parameters, got {len(parameters)}")
    for name, values in parameters.items():
        if not values:
            raise ValueError(f"{name} has no values")
    labels = {name: name.replace("_", " ") for name in parameters}
    labels |= dict.fromkeys(parameters, label) if isinstance(label, str) else dict(label or {})
    begin = {name: values[0] for name, values in parameters.items()} | dict(start or {})
    for name, value in begin.items():
        if value not in parameters.get(name, ()):
            raise ValueError(f"{name} cannot start at {value}, which is not among its values")
    if in_book():
        return frames(draw, alt, labels, begin, parameters, keep_colours)
    return live(draw, labels, begin, parameters)


def live(
    draw: Callable[..., Figure],
    labels: Mapping[str, str],
    begin: Mapping[str, Any],
    parameters: Mapping[str, Sequence[Any]],
) -> Any:
    """Return ipywidgets sliders that draw the figure anew, for a reader at a kernel."""
    import ipywidgets
    from IPython.display import display

    def show(**values: Any) -> None:
        display(drawn(draw, values))

    sliders = {
        name: ipywidgets.SelectionSlider(
            options=[(shown(value), value) for value in values],
            value=begin[name],
            description=labels[name],
            style={"description_width": "initial"},
        )
        for name, values in parameters.items()
    }
    return ipywidgets.interactive(show, **sliders)


def frames(
    draw: Callable[..., Figure],
    alt: str | Callable[..., str],
    labels: Mapping[str, str],
    begin: Mapping[str, Any],
    parameters: Mapping[str, Sequence[Any]],
    keep_colours: bool = False,
) -> Frames:
    """Return a picture for each combination of values, the last parameter running fastest."""
    pictures = []
    for combination in itertools.product(*parameters.values()):
        values = dict(zip(parameters, combination, strict=True))
        webp = base64.b64encode(picture(drawn(draw, values), "webp")).decode()
        text = alt(**values) if callable(alt) else alt.format(**values)
        pictures.append({"src": f"data:image/webp;base64,{webp}", "alt": text})
    places = {name: list(values).index(begin[name]) for name, values in parameters.items()}
    index = 0
    for name, place in places.items():
        index = index * len(parameters[name]) + place
    first, figure = pictures[index], drawn(draw, begin)
    width, height = figure.get_size_inches() * CSS_PIXELS_PER_INCH
    html = FIGURE.substitute(
        classes=" keep-colours" if keep_colours else "",
        frames=escape(json.dumps(pictures)),
        source=first["src"],
        alt=escape(first["alt"]),
        width=round(width),
        height=round(height),
        sliders="".join(slider(labels[name], parameters[name], places[name]) for name in places),
    )
    return Frames(html, picture(figure, "png"), first["alt"])


def slider(label: str, values: Sequence[Any], place: int) -> str:
    """Return one labelled range input as HTML; its positions are the values' indices."""
    texts = [shown(value) for value in values]
    return SLIDER.substitute(
        label=escape(label),
        last=len(texts) - 1,
        place=place,
        text=escape(texts[place]),
        texts=escape(json.dumps(texts)),
    )


def drawn(draw: Callable[..., Figure], values: Mapping[str, Any]) -> Figure:
    """Return the figure for these values, closed, so that the notebook does not show it twice."""
    figure = draw(**values)
    if not isinstance(figure, Figure):
        raise TypeError(f"draw must return a matplotlib figure, got {type(figure).__name__}")
    plt.close(figure)
    return figure


def picture(figure: Figure, kind: str) -> bytes:
    """Return the figure as an image file of this kind."""
    # the least effort but one: as small as the most, in a third of the time
    settings = {"lossless": True, "method": 1} if kind == "webp" else {}
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=FRAME_PIXELS_PER_INCH, pil_kwargs=settings)
    return buffer.getvalue()


def shown(value: Any) -> str:
    """Return a value as a reader wants it, without the tail of digits of a float.

    >>> shown(0.1 + 0.2)
    '0.3'
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value)
