"""How an answer's fate is told: one card, as plain text and as HTML, in JupyterLab and in feedback.

The words are the same everywhere; colour only repeats what they say.
"""

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from gradus.advice import question_about
from gradus.reading import Reading

if TYPE_CHECKING:
    from gradus.diagnose import Diagnosis  # torch comes along, which a card does without
    from gradus.pictures import Picture

TITLES = {
    "right": "right",
    "wrong": "not right yet",
    "unwritten": "not yet written",
    "could not tell": "could not be judged",
}

COLOURS = {  # Okabe and Ito's, which the colour-blind can tell apart
    "right": "#0072b2",
    "wrong": "#d55e00",
    "unwritten": "#767676",
    "could not tell": "#767676",
}

# JupyterLab's theme where it is at hand, else the page's own colours. A label is italic, too: other
# pages have no second colour for it.
PAGE = "line-height:1.5;color:var(--jp-content-font-color1,inherit)"
LABEL = "font-style:italic;color:var(--jp-content-font-color2,inherit)"
LINK = "color:var(--jp-content-link-color,inherit);text-decoration:underline"
CODE = "color:inherit;background:var(--jp-layout-color2,transparent);overflow-x:auto;padding:.25em"


@dataclass(frozen=True)
class Card:
    """What a person is shown about one exercise; empty parts are left out."""

    exercise: str
    outcome: str
    finding: str = ""
    expected: str = ""
    came: str = ""
    line: str = ""
    hint: str = ""
    footer: str = ""
    read: Reading | None = None
    picture: "Picture | None" = None

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The card's lines below the title: a label and a text each."""
        quoted = self.expected and self.came and self.expected not in self.finding
        parts = [
            ("finding", self.finding),
            ("expected", self.expected if quoted else ""),
            ("came", self.came if quoted else ""),
            ("where", self.picture.words if self.picture else ""),
            ("your line", self.line),
            ("think", self.hint),
            ("read", str(self.read or "")),
            ("", self.footer),
        ]
        return [(label, text) for label, text in parts if text]

    def __repr__(self) -> str:
        head = f"{self.exercise}: {TITLES[self.outcome]}"
        told = [f"  {label:9} {text}" for label, text in self.rows]
        return "\n".join([head, *(line.replace("\n", "\n" + 12 * " ") for line in told)])

    def _repr_html_(self) -> str:
        rows = [
            f'<div style="margin-top:.25em"><span style="{LABEL}">{label}</span> '
            f"{self._shown(label, text)}</div>"
            for label, text in self.rows
        ]
        if self.picture:
            rows.insert(len(rows) - bool(self.footer), self.picture.svg)
        title = f"{self.exercise}: {TITLES[self.outcome]}"
        return framed(COLOURS[self.outcome], title, "".join(rows))

    def _shown(self, label: str, text: str) -> str:
        if label in ("expected", "came"):
            return _code(text)
        if label == "your line":
            return _code(text) if "\n" not in text else _trail(text)
        if label == "read" and self.read:
            return linked(self.read)
        return with_code(text)


def framed(colour: str, title: str, body: str) -> str:
    """Return the HTML of a card: a coloured edge, a title, and ``body`` below it."""
    return (
        f'<div role="status" style="{PAGE};border-left:.4em solid {colour};padding:.3em .9em;'
        f'margin:.4em 0"><strong>{escape(title)}</strong>{body}</div>'
    )


def linked(read: Reading) -> str:
    """Return the HTML that says where to read, as a link once the book has an address."""
    if not read.address:
        return with_code(str(read))
    return f'<a style="{LINK}" href="{escape(read.address)}">{with_code(str(read))}</a>'


def outcome_of(found: "Diagnosis") -> str:
    """Return which of :data:`TITLES` tells ``found``."""
    if found.difference is None:
        return "right"
    return "unwritten" if found.difference.kind == "unwritten" else "wrong"


def card_of(found: "Diagnosis", footer: str = "") -> Card:
    """Return the card that tells ``found``."""
    if found.difference is None:
        return Card(found.exercise, "right", footer=footer)
    outcome = outcome_of(found)
    unwritten = outcome == "unwritten"
    return Card(
        exercise=found.exercise,
        outcome=outcome,
        finding="" if unwritten else found.sentence,
        expected=found.difference.expected,
        came=found.difference.came,
        line="" if unwritten else found.trail,
        hint=found.hint or question_about(found.difference),
        footer="" if unwritten else footer,
    )


def with_code(text: str) -> str:
    """Return ``text`` as HTML in which what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _trail(text: str) -> str:
    """Return lines of code below each other; the last is the one that failed."""
    *before, last = escape(text).split("\n")
    lines = "\n".join([*before, f"<strong>{last}</strong>"])
    return f'<pre tabindex="0" style="{CODE}">{lines}</pre>'
