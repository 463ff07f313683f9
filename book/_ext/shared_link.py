"""What others see of a page before they open it: Open Graph's tags, and a card with its title.

sphinxext-opengraph draws such cards too, and imports matplotlib in every build; here only a build
that has a card to draw pays for it.
"""

import hashlib
from html import escape
from pathlib import Path
from textwrap import fill, shorten
from typing import Any
from urllib.parse import urljoin

from docutils import nodes
from sphinx.application import Sphinx

WIDTH, HEIGHT = 1200, 630  # pixels; as wide as the networks show it
INK, GREY, BLUE = "#1b1f23", "#4b5563", "#00588c"


def description(tree: nodes.document) -> str:
    """Return what a page says between its title and the next heading, at most 200 characters."""
    page = tree.next_node(nodes.section) or tree
    said = " ".join(one.astext() for one in page.children if isinstance(one, nodes.paragraph))
    return shorten(said, 200, placeholder=" ...")


def draw(path: Path, course: str, title: str, text: str) -> None:
    """Write the card of one page as a PNG."""
    from matplotlib.figure import Figure  # half a second, for a picture that is kept
    from matplotlib.patches import Rectangle

    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
    words = {"ha": "left", "va": "top", "parse_math": False}
    figure.text(0.05, 0.92, course, size=24, color=BLUE, weight="bold", **words)
    figure.text(0.05, 0.80, fill(title, 28), size=44, color=INK, weight="bold", **words)
    figure.text(0.05, 0.41, fill(text, 58), size=25, color=GREY, **words)
    figure.add_artist(Rectangle((0, 0), 1, 0.04, color=BLUE))
    figure.savefig(path, metadata={"Software": None})


def add_tags(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Describe a page to whom a link of it is sent; draw its card unless it is there."""
    if not tree or app.builder.format != "html":
        return
    course, base = app.config.html_title, app.config.html_baseurl
    title = app.env.titles[page].astext()
    text = description(tree)
    said = "\n".join((course, title, text, Path(__file__).read_text()))
    card = f"_images/card-{hashlib.sha256(said.encode()).hexdigest()[:16]}.png"
    path = Path(app.outdir, card)
    if not path.is_file():
        path.parent.mkdir(exist_ok=True)
        draw(path, course, title, text)
    properties = {
        "og:title": title,
        "og:type": "website",
        "og:url": urljoin(base, app.builder.get_target_uri(page)),
        "og:site_name": course,
        "og:description": text,
        "og:image": urljoin(base, card),
        "og:image:alt": f"{title}. {text}",
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
    }
    names = {"description": text, "twitter:card": "summary_large_image"}
    tags = [_tag("property", *one) for one in properties.items()]
    tags += [_tag("name", *one) for one in names.items()]
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags, ""])


def _tag(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}" />'


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the tags to each page as it is written."""
    app.connect("html-page-context", add_tags)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
