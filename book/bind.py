"""The whole book as one PDF, and the whole site as one zip: ``make book``.

All pages become one document, in reading order, and Chromium prints it: links between pages are
links within it, and its outline is the book's table of contents. No LaTeX, no network.

    .venv/bin/python book/bind.py _build/html
"""

import argparse
import json
import logging
import re
import shutil
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag

from bs4 import BeautifulSoup, Tag
from playwright.sync_api import sync_playwright
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import course_map  # noqa: E402 - it stands among the site's extensions
from downloads import BOOK, SITE, offer  # noqa: E402

WITHOUT = {"book/progress"}  # a form that works in a browser only
REFERENCES = ("id", "for", "aria-labelledby", "aria-describedby")
LEFT_OUT = (".buildinfo", "_sources", BOOK, SITE)
FOOTER = (
    '<div style="font: 8pt sans-serif; width: 100%; text-align: center; color: #5c5f66">'
    '<span class="pageNumber"></span></div>'
)
STYLE = """
.bound-page, .bound-contents { break-before: page; }
.bound-page:first-child { break-before: auto; }
.bound-contents p { margin: 0.3rem 0; }
.headerlink { display: none; }
"""


def bound(site: Path, names: list[str]) -> str:
    """Return one HTML document with the articles of the pages called ``names``, in that order.

    Every id is prefixed with its page's place, and every link to one of the pages leads there.

    Raises:
        ValueError: If a page has no article.
    """
    places = {f"{name}.html": f"page-{number}" for number, name in enumerate(names)}
    result = BeautifulSoup("<!doctype html><html lang=en data-theme=light></html>", "html.parser")
    main = result.new_tag("main", attrs={"class": "bd-article"})
    contents = result.new_tag("nav", attrs={"class": "bound-contents"})
    contents.append(_text(result, "h1", "Contents"))
    for name in names:
        page = BeautifulSoup((site / f"{name}.html").read_text(), "html.parser")
        article = page.select_one("article.bd-article")
        if article is None or page.head is None:
            raise ValueError(f"{name}.html: expected an article of the book, found none")
        place = places[f"{name}.html"]
        for tag in article.find_all(True):
            for key in REFERENCES:
                if tag.get(key):
                    tag[key] = " ".join(f"{place}-{one}" for one in _words(tag[key]))
        _relink(article, name, places, site)
        section = result.new_tag("div", id=place, attrs={"class": "bound-page"})
        section.extend(list(article.children))
        if not main.contents:  # the head of the first page serves all: styles and formulas
            head = result.new_tag("head")
            scripts = [one for one in page.head.find_all("script") if "athjax" in str(one).lower()]
            head.extend([*page.head.select("meta[charset]"), _text(result, "title", "Gradus")])
            head.extend([*page.head.select("link[rel=stylesheet]"), *scripts])
            _relink(head, name, places, site)
            head.append(_text(result, "style", STYLE))
            result.html.append(head)
        main.append(section)
        entry = _text(result, "a", course_map.read_page(ROOT, name).title)
        entry["href"] = f"#{place}"
        contents.append(result.new_tag("p"))
        contents.contents[-1].append(entry)
    main.insert(1, contents)  # after the front page
    body = result.new_tag("body")
    body.append(main)
    result.html.append(body)
    return str(result)


def _relink(part: Tag, name: str, places: dict[str, str], site: Path) -> None:
    """Turn addresses seen from the page ``name`` into places, or into addresses from the root."""
    for key in ("href", "src"):
        for tag in part.find_all(attrs={key: True}):
            address, anchor = urldefrag(str(tag[key]))
            if ":" in address.split("/")[0]:
                continue
            path = (site / name).parent / address if address else site / f"{name}.html"
            there = path.resolve().relative_to(site.resolve()).as_posix()
            if place := places.get(there):
                tag[key] = f"#{place}-{anchor}" if anchor else f"#{place}"
            elif tag.name == "a":  # a file beside the book: a page on paper cannot hold it
                del tag[key]
            else:
                tag[key] = there


def headings(document: str) -> list[str]:
    """Return the words of all headings of a document, in order."""
    tags = BeautifulSoup(document, "html.parser").find_all(re.compile(r"^h[1-6]$"))
    return [" ".join(tag.get_text().replace("#", "").split()) for tag in tags]


def entitle(pdf: Path, titles: list[str]) -> None:
    """Give the outline of ``pdf`` these titles, in order.

    Chromium repeats the words of a heading at the top of a sheet.

    Raises:
        ValueError: If there are more entries than titles, or fewer.
    """
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it counts Chromium's objects aloud
    writer = PdfWriter(clone_from=pdf)
    entries = list(_entries(writer.root_object["/Outlines"].get_object()))
    if len(entries) != len(titles):
        raise ValueError(f"expected {len(titles)} entries in the outline, got {len(entries)}")
    for entry, title in zip(entries, titles, strict=True):
        entry[NameObject("/Title")] = TextStringObject(title)
    writer.write(pdf)


def _entries(parent: DictionaryObject) -> Iterator[DictionaryObject]:
    entry = parent.get("/First")
    while entry is not None:
        here = entry.get_object()
        yield here
        yield from _entries(here)
        entry = here.get("/Next")


def _text(soup: BeautifulSoup, name: str, text: str) -> Tag:
    tag = soup.new_tag(name)
    tag.string = text
    return tag


def _words(value: object) -> list[str]:
    return value if isinstance(value, list) else str(value).split()


def print_book(site: Path, pdf: Path) -> None:
    """Print the book to ``pdf``, with an outline and tags for screen readers."""
    names = [name for name in course_map.toc(ROOT) if name not in WITHOUT]
    document = site / "bound.html"
    document.write_text(text := bound(site, names))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            page = browser.new_page()
            page.set_default_timeout(300_000)
            page.goto(document.as_uri())
            page.evaluate("() => window.MathJax?.startup?.promise?.then(() => true)")
            page.pdf(
                path=pdf,
                format="A4",
                outline=True,
                tagged=True,
                print_background=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=FOOTER,
                margin={"top": "18mm", "bottom": "20mm", "left": "20mm", "right": "20mm"},
            )
            browser.close()
    finally:
        document.unlink()
    entitle(pdf, headings(text))


def zip_site(site: Path, path: Path) -> None:
    """Pack the site, as it works from the file system, under one folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for file in sorted(site.rglob("*")):
            inside = file.relative_to(site)
            if file.is_file() and inside.parts[0] not in LEFT_OUT and file.suffix != ".map":
                bundle.write(file, Path("gradus", inside))


def bind(site: Path) -> dict[str, object]:
    """Make both files in ``site``, offer them on its front page, and say what was made."""
    started = time.perf_counter()
    print_book(site, site / BOOK)
    offer(site)
    zip_site(site, site / SITE)
    offer(site)
    sizes = {name: (site / name).stat().st_size for name in (BOOK, SITE)}
    return {"folder": str(site), "bytes": sizes, "seconds": round(time.perf_counter() - started)}


def main() -> None:
    """Bind the site named on the command line."""
    parser = argparse.ArgumentParser(
        description="Make the PDF of the book and the zip of the site."
    )
    parser.add_argument("site", type=Path, help="the built site, such as _build/html")
    parser.add_argument("--json", action="store_true", help="print one JSON record, nothing else")
    asked = parser.parse_args()
    if not (asked.site / "book" / "index.html").is_file():
        parser.error(f"expected a built site in {asked.site}: run `make site` first")
    made = bind(asked.site.resolve())
    if asked.json:
        print(json.dumps(made))
        return
    for name, size in made["bytes"].items():
        print(f"{asked.site / name}  {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
