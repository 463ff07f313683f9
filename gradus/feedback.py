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

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The card's lines below the title: a label and a text each."""
        quoted = self.expected and self.came and self.expected not in self.finding
        parts = [
            ("finding", self.finding),
            ("expected", self.expected if quoted else ""),
            ("came", self.came if quoted else ""),
            ("your line", self.line),
            ("think", self.hint),
            ("read", str(self.read or "")),
            ("", self.footer),
        ]
        return [(label, text) for label, text in parts if text]

    def __repr__(self) -> str:
        head = f"{self.exercise}: {TITLES[self.outcome]}"
        return "\n".join([head, *(f"  {label:9} {text}" for label, text in self.rows)])

    def _repr_html_(self) -> str:
        colour = COLOURS[self.outcome]
        rows = "".join(
            f'<div style="margin-top:.25em"><span style="opacity:.75">{label}</span> '
            f"{self._shown(label, text)}</div>"
            for label, text in self.rows
        )
        return (
            f'<div role="status" style="border-left:.4em solid {colour};padding:.3em .9em;'
            f'margin:.4em 0;line-height:1.5">'
            f"<strong>{escape(self.exercise)}: {TITLES[self.outcome]}</strong>{rows}</div>"
        )

    def _shown(self, label: str, text: str) -> str:
        if label in ("expected", "came", "your line"):
            return _code(text)
        if label == "read" and self.read and self.read.address:
            return f'<a href="{escape(self.read.address)}">{with_code(text)}</a>'
        return with_code(text)


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
        line="" if unwritten or not found.line else f"{found.number}: {found.line}",
        hint=found.hint or question_about(found.difference),
        footer="" if unwritten else footer,
    )


def with_code(text: str) -> str:
    """Return ``text`` as HTML in which what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
