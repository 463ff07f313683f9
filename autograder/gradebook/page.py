"""The page of feedback: one file that needs no script and no network, formulas as MathML."""

import copy
import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from traitlets.config import Config

from autograder.notebooks.build import HIDDEN
from autograder.notebooks.disarm import disarm

WORDS = re.compile(r"\\(?:text|texttt|mathtt)\{[^{}]*\}")
TAGS = "math mi mn mo mrow msub msup msubsup mfrac msqrt mroot mtext munder mover munderover mtable"
TAGS = f"{TAGS} mtr mtd mspace mstyle mpadded mphantom".replace(" ", "|")
ATTRIBUTES = (
    "displaystyle|scriptlevel|mathvariant|stretchy|fence|form|accent|separator|width|height"
)
ATTRIBUTES += "|depth|columnalign|rowspacing|columnspacing|linethickness|minsize|maxsize|display"
XMLNS = ' xmlns="http://www.w3.org/1998/Math/MathML"'
DRAWN = re.compile(rf'</?(?:{TAGS})(?:{XMLNS}| (?:{ATTRIBUTES})="[^"<>]*")* ?/?>')
"""A tag of a drawn formula. The library passes on what a learner wrote: whole tags in a text."""


def page_of(graded: NotebookNode, name: str) -> str:
    """Return the page of a notebook that was judged outside a class, as its learner would get it.

    What a person has to read has no score, and does not count.
    """
    notebook = tidy(disarm(graded))
    scored = []
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            verdict = cell.metadata.get("gradus", {})
            share, points = verdict.get("share"), cell.metadata.nbgrader.points
            cell.metadata.nbgrader.score = None if share is None else round(share * points, 2)
            scored.append(cell.metadata.nbgrader)
    judged = [one for one in scored if one.score is not None]
    about = {
        "notebook": name,
        "score": sum(one.score for one in judged),
        "max_score": sum(one.points for one in judged),
        "late_penalty": 0,
    }
    page, _ = FeedbackPage().from_notebook_node(notebook, resources={"nbgrader": about})
    return str(page)


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Return ``notebook`` without hidden regions, and without the numbers that are scored by."""
    tidied = copy.deepcopy(notebook)
    for cell in tidied.cells:
        if "outcome" in cell.metadata.get("gradus", {}):
            cell.source = cell.source.split(HIDDEN[0])[0].strip()
            cell.outputs = [one for one in cell.outputs if one.output_type == "display_data"]
    return tidied


class FeedbackPage(HTMLExporter):
    """Notebooks to pages by our template; Formgrader keeps nbgrader's own."""

    @property
    def default_config(self) -> Config:
        """Name our template, in a section that is more special than nbgrader's HTMLExporter."""
        ours = {
            "template_name": "gradus_feedback",
            "extra_template_basedirs": [str(Path(__file__).parent / "templates")],
        }
        config = Config({"FeedbackPage": ours})
        config.merge(super().default_config)
        return config

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Yield nbconvert's filters, and ours for text and code."""
        yield from super().default_filters()
        yield "prose", prose
        yield "coloured", coloured

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page, past HTMLExporter's own step.

        That reads the finished page anew to describe its pictures; our template has done so.
        """
        found: tuple[str, dict[str, Any]]
        found = super(HTMLExporter, self).from_notebook_node(nb, resources, **kw)
        return found


class Renderer(IPythonRenderer):
    """As nbconvert's, with formulas drawn; a tag that somebody wrote is text."""

    def inline_math(self, body: str) -> str:
        """Return a formula in a line."""
        return formula(body)

    def block_math(self, body: str) -> str:
        """Return a formula on a line of its own; one wider than a phone scrolls by itself."""
        return (
            f'<div class="formula" role="group" aria-label="formula" tabindex="0">'
            f"{formula(body, 'block')}</div>"
        )

    def latex_environment(self, name: str, body: str) -> str:
        """Return an environment such as ``align``."""
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Return a link, or its text alone if it leads to a file that is not beside this page."""
        far = url.startswith(("https:", "http:", "#"))
        return str(super().link(text, url, title)) if far else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return a picture that the notebook carries; of one elsewhere, what it is called."""
        carried = url.removeprefix("attachment:") in self.attachments
        return str(super().image(text, url, title)) if carried else f"{text} ({escape(url)})"


def prose(markdown: str, attachments: dict[str, dict[str, str]] | None = None) -> str:
    """Return a text cell as HTML that asks for nothing outside itself."""
    renderer = Renderer(
        escape=True,
        allow_harmful_protocols=False,
        exclude_anchor_links=True,
        attachments=attachments,
    )
    return str(MarkdownWithMath(renderer=renderer).render(markdown))


@lru_cache(maxsize=500)
def coloured(code: str) -> str:
    """Return Python as HTML, keywords and strings marked; most cells of a class are the same."""
    return str(Highlight2HTML(pygments_lexer="ipython3")(code))


def formula(tex: str, display: str = "inline") -> str:
    r"""Return ``tex`` as MathML, or as it was written if it is no formula that we can draw.

    >>> "<mi>x</mi>" in formula("x")
    True
    >>> formula(r"\frac{")
    '<code>\\frac{</code>'
    """
    plain = WORDS.sub(lambda words: words[0].replace(r"\_", "_"), tex)
    try:
        drawn = str(convert(plain, display=display))
    except Exception:  # a learner may write anything; the library names no common ancestor
        return f"<code>{escape(tex)}</code>"
    strange = "<" in DRAWN.sub("", drawn) or "\\" in drawn
    return f"<code>{escape(tex)}</code>" if strange else drawn
