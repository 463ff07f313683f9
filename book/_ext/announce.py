"""How others learn of the course: a feed of its changes, and a list of its pages for searchers.

Both need the address at which the site is public: ``html: {baseurl}`` in _config.yml. A feed works
without it, its links are relative then; a list of pages would say nothing, and is left out.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree as Xml

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
RELEASE = re.compile(r"^### (\S+) \((\d{4}-\d\d(?:-\d\d)?)\)\n\n(.*?)(?=^##|\Z)", re.M | re.DOTALL)
ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True)
class Change:
    """What one version of the course changed; ``day`` is the first of a month if none is given."""

    version: str
    day: str
    lines: tuple[str, ...]


def changes(text: str) -> list[Change]:
    r"""Return the changes of the course, not of its grader, from the text of CHANGELOG.md.

    >>> changes("# Changes\n\n## The course\n\n### 0.1 (2026-11)\n\n- Part I.\n")
    [Change(version='0.1', day='2026-11-01', lines=('Part I.',))]
    """
    course = re.search(r"^## The course\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if course is None:
        raise ValueError("CHANGELOG.md: expected a section '## The course', found none")
    return [
        Change(version, f"{day}-01"[:10], tuple(re.findall(r"^- (.+)$", body, re.MULTILINE)))
        for version, day, body in RELEASE.findall(course[1])
    ]


def feed(found: list[Change], base: str) -> bytes:
    """Return an Atom feed (RFC 4287) with an entry for each version."""
    page = urljoin(base, "book/changes.html")
    root = Xml.Element("feed", xmlns=ATOM)
    _add(root, "title", "What changed in Gradus")
    _add(root, "id", base or "urn:gradus:course")
    _add(root, "updated", f"{max(change.day for change in found)}T00:00:00Z")
    _add(_add(root, "author"), "name", "The Gradus authors")
    _add(root, "link", rel="alternate", href=page)
    for change in found:
        entry = _add(root, "entry")
        _add(entry, "title", f"Gradus {change.version}")
        _add(entry, "id", f"urn:gradus:course:{change.version}")
        _add(entry, "updated", f"{change.day}T00:00:00Z")
        _add(entry, "link", rel="alternate", href=page)
        _add(entry, "content", "\n".join(change.lines), type="text")
    return _bytes(root)


def sitemap(names: list[str], base: str) -> bytes:
    """Return the addresses of all pages, as searchers read them."""
    root = Xml.Element("urlset", xmlns=SITEMAP)
    for name in names:
        _add(_add(root, "url"), "loc", urljoin(base, f"{name}.html"))
    return _bytes(root)


def _add(parent: Xml.Element, name: str, text: str = "", **attributes: str) -> Xml.Element:
    child = Xml.SubElement(parent, name, attributes)
    child.text = text or None
    return child


def _bytes(root: Xml.Element) -> bytes:
    Xml.indent(root)
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


def point_to_feed(app: Sphinx, page: str, template: str, context: dict[str, Any], _: Any) -> None:
    """Tell a reader's programs of the feed."""
    above = "../" * page.count("/")
    link = (
        f'<link rel="alternate" type="application/atom+xml" title="Changes" href="{above}feed.xml">'
    )
    context["metatags"] = context.get("metatags", "") + link


def write_announcements(app: Sphinx, exception: Exception | None) -> None:
    """Write feed.xml, and sitemap.xml if the site's address is known."""
    if exception is not None or app.builder.format != "html":
        return
    base, site = app.config.html_baseurl, Path(app.outdir)
    found = changes((ROOT / "CHANGELOG.md").read_text())
    (site / "feed.xml").write_bytes(feed(found, base))
    (site / "sitemap.xml").unlink(missing_ok=True)
    if base:
        (site / "sitemap.xml").write_bytes(sitemap(sorted(app.env.found_docs), base))


def setup(app: Sphinx) -> dict[str, bool]:
    """Write both when the site is built."""
    app.connect("html-page-context", point_to_feed)
    app.connect("build-finished", write_announcements)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
