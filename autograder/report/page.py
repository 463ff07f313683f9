"""The report as one HTML file: no script, no network, figures drawn in it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder import gradebook
from autograder.course import Course
from autograder.gradebook.marks import GRADED
from autograder.report import similarity, statistics
from autograder.report.attention import Look
from autograder.report.classroom import Report
from gradus.feedback import COLOURS, with_code
from gradus.figures import GREEN, PINK

SHOWN = 30
"""Pairs whose code is shown, at most; the others are counted."""
FEW = 12
"""Names that stand in a line; more are folded."""
FATE_COLOURS = {
    "right": COLOURS["right"],
    "in part": GREEN,
    "wrong": COLOURS["wrong"],
    "unwritten": COLOURS["unwritten"],
    "waiting": PINK,
}
FOLDERS = (
    Path(__file__).parent / "templates",
    Path(gradebook.__file__).parent / "templates" / "gradus_feedback",  # the style both pages share
)


@dataclass(frozen=True)
class Links:
    """Addresses, where there are any: each learner's feedback, each exercise's section."""

    feedback: dict[str, str] = field(default_factory=dict)
    section: dict[str, str] = field(default_factory=dict)


def page_of(report: Report, links: Links) -> str:
    """Return the page that tells ``report``; whatever a learner is called or wrote is text."""
    environment = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["with_code"] = lambda text: Markup(with_code(text))
    page = environment.get_template("report.html.j2").render(
        report=report,
        links=links,
        names={row.student: f"{row.first_name} {row.last_name}".strip() for row in report.rows},
        anchors=_anchors(report),
        look_groups=grouped(report.looks),
        chance=chance(max((item.learners for item in report.items), default=0)),
        fates=statistics.FATES,
        fate_colours=FATE_COLOURS,
        colours=COLOURS,
        smallest=statistics.SMALLEST,
        length=similarity.LENGTH,
        least=similarity.LEAST,
        alike=similarity.ALIKE,
        common=similarity.COMMON,
        together=similarity.TOGETHER,
        few=FEW,
        shown=SHOWN,
    )
    return page.lstrip()


def links_from(folder: Path, course: Course, report: Report) -> Links:
    """Return the addresses of what the page in ``folder`` points to, of what is there.

    The book's sections are on the public site, else in the site that was built here.
    """
    feedback, section = {}, {}
    for row in report.rows:
        name = report.assignment
        path = course.folder / "feedback" / row.student / name / f"{name}.html"
        if path.is_file():
            feedback[row.student] = _relative(path, folder)
    for exercise, reading in report.readings.items():
        built = course.root / "_build" / "html" / f"{reading.page}.html"
        if reading.address:
            section[exercise] = reading.address
        elif built.is_file():
            section[exercise] = f"{_relative(built, folder)}#{reading.section}"
    return Links(feedback, section)


def grouped(looks: tuple[Look, ...]) -> list[tuple[str, str, list[str]]]:
    """Return each reason with its exercise and the learners it is about, the rarest first."""
    found: dict[tuple[str, str], list[str]] = {}
    for look in looks:
        found.setdefault((look.exercise, look.why), []).append(look.student)
    return [
        (*key, students) for key, students in sorted(found.items(), key=lambda one: len(one[1]))
    ]


def chance(learners: int) -> float:
    """Return how far from 0 a correlation may well be by chance alone: two standard errors."""
    return 2 / (learners - 1) ** 0.5 if learners > 1 else 1.0


def _anchors(report: Report) -> dict[str, str]:
    """Return where on a page of feedback each exercise stands."""
    marks = [mark for row in report.rows for mark in row.marks]
    return {one.exercise: one.exercise + (GRADED if one.outcome else "") for one in marks}


def _relative(path: Path, folder: Path) -> str:
    return quote(Path(os.path.relpath(path, folder)).as_posix())
