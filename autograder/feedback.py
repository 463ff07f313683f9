"""From a verdict to what a learner sees in the graded cell, and what nbgrader reads there."""

from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode

from autograder.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from gradus.feedback import Card


def card_of(verdict: Verdict, sandbox: str) -> "Card":
    """Return the card that tells ``verdict``: its points, the hint, where and how it ran."""
    from gradus.feedback import Card  # torch comes along: not before there is a card to make

    where = ", ".join(verdict.devices) or "no device"
    absent = "".join(f"; {name.upper()} was not available" for name in verdict.absent)
    footer = (
        f"{verdict.points:g} of {verdict.max_points:g} points. "
        f"Ran on {where}{absent}; sandbox: {sandbox}."
    )
    if verdict.note:
        footer = f"Note: {verdict.note}. {footer}"
    if verdict.outcome is Outcome.COULD_NOT_TELL:
        footer = "A person will look at this; it costs you no points. " + footer
    return Card(
        exercise=verdict.exercise,
        outcome=str(verdict.outcome),
        finding=verdict.finding,
        expected=verdict.expected,
        came=verdict.came,
        line=verdict.line,
        hint=verdict.hint,
        footer=footer,
    )


def outputs_of(verdict: Verdict, sandbox: str) -> list[Any]:
    """Return the outputs of a graded cell: the card, and the number that nbgrader scores by.

    Whatever the cell printed is replaced: a score is the judge's record, never an output.
    """
    card = card_of(verdict, sandbox)
    shown = NotebookNode(
        output_type="display_data",
        data={"text/html": card._repr_html_(), "text/plain": repr(card)},
        metadata={},
    )
    score = NotebookNode(
        output_type="execute_result",
        data={"text/plain": f"{verdict.points}"},
        metadata={},
        execution_count=None,
    )
    return [shown, score]
