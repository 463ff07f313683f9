"""What a reader takes along: each page as a notebook, each assignment as a folder.

A notebook has plain Markdown, since JupyterLab and Colab know none of the book's directives, and
no cell that only checks the page's numbers.
"""

import re
import shutil
import zipfile
from pathlib import Path

import course_map
import nbformat
from myst_nb.core.read import read_myst_markdown_notebook
from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
BOOK, SITE = "gradus-book.pdf", "gradus-site.zip"
OFFERS = {BOOK: "The whole book as a PDF", SITE: "The whole site, to read without a network"}
BUNDLE = "gradus-exercises.zip"  # what `make release` writes to dist/
OFFER = re.compile(r"<!-- offers -->.*?<!-- end -->", re.DOTALL)
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
FENCE = re.compile(
    r"^(?P<marks>:{3,}|`{3,})\{(?P<name>[\w-]+)\} ?(?P<title>[^\n]*)\n(?P<body>.*?)^(?P=marks)$",
    re.MULTILINE | re.DOTALL,
)
OPTIONS = re.compile(r"\A(?::[\w-]+:.*\n)+\n?")
ROLE = re.compile(r"\{[\w:]+\}`([^`<]*?)(?: ?<[^`>]*>)?`")
EQUATION = re.compile(r"^\$\$ \([\w-]+\)$", re.MULTILINE)
TITLES = {
    "note-check": "Is this note right?",
    "note-answer": "What is true",
    "exercise": "Exercise",
}


def plain(markdown: str) -> str:
    r"""Return a page's Markdown without the book's own notation.

    >>> plain("(kl)=\n# KL\n\nSee {eq}`eq-kl` and {term}`bits <bit>`.")
    '# KL\n\nSee eq-kl and bits.'
    """
    text = EQUATION.sub("$$", LABEL.sub("", markdown))
    text = FENCE.sub(_quoted, text)
    return ROLE.sub(r"\1", text).strip()


def _quoted(fence: re.Match[str]) -> str:
    """Return a directive as a quotation with a title; a generated listing is left out."""
    if fence["name"] == "graded":
        return ""
    title = " ".join(filter(None, (TITLES.get(fence["name"]), fence["title"])))
    body = OPTIONS.sub("", fence["body"]).strip()
    lines = [f"**{title}**", "", *body.splitlines()] if title else body.splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines)


def as_notebook(path: Path) -> nbformat.NotebookNode:
    """Return the page at ``path`` as a notebook without outputs."""
    notebook = read_myst_markdown_notebook(path.read_text())
    shown = [c for c in notebook.cells if "remove-cell" not in c.metadata.get("tags", [])]
    for number, cell in enumerate(shown):
        cell.id = f"cell-{number:02d}"  # drawn anew at each reading otherwise
        cell.metadata = {}
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source)
    notebook.cells = [cell for cell in shown if cell.source]
    notebook.metadata = {"kernelspec": dict(notebook.metadata["kernelspec"])}
    return notebook


def offer(site: Path) -> None:
    """Name on the front page the files that exist in ``site``, and no others."""
    page = site / "book" / "index.html"
    words = OFFERS | {BUNDLE: "All exercises, with what they need"}
    links = [
        f'<li><a href="../{name}" download>{text}</a> {size / 1e6:.1f} MB</li>'
        for name, text in words.items()
        if (size := _size(site / name))
    ]
    html = f'<ul class="offers">{"".join(links)}</ul>' if links else ""
    page.write_text(OFFER.sub(f"<!-- offers -->{html}<!-- end -->", page.read_text()))


def _stale(there: Path, page: Path) -> bool:
    """Return whether a page, or this code, is younger than the notebook made of it."""
    made_of = max(path.stat().st_mtime for path in (page, Path(__file__)))
    return not there.is_file() or there.stat().st_mtime < made_of


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def write_downloads(app: Sphinx, exception: Exception | None) -> None:
    """Put notebooks beside the pages, and the assignments into a folder of their own."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for name in sorted(app.env.found_docs):
        page, there = ROOT / f"{name}.md", site / f"{name}.ipynb"
        if _stale(there, page) and "{code-cell}" in page.read_text():
            nbformat.write(as_notebook(page), there)
    if (ROOT / "dist" / BUNDLE).is_file():
        shutil.copy(ROOT / "dist" / BUNDLE, site / BUNDLE)
    offer(site)
    for assignment in sorted({task.assignment for task in course_map.tasks(ROOT)}):
        release = ROOT / "exercises" / assignment
        folder = site / "exercises" / assignment
        shutil.copytree(release, folder, dirs_exist_ok=True)
        files = [path for path in sorted(release.iterdir()) if path.is_file()]
        with zipfile.ZipFile(site / "exercises" / f"{assignment}.zip", "w", 8) as bundle:
            for path in files:
                bundle.write(path, f"{assignment}/{path.name}")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write them when the site is built."""
    app.connect("build-finished", write_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
