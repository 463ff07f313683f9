"""The gradebook in the forms that other systems read: each a text, made from the rows of a class.

csv         a row for each learner, a column for each exercise
canvas      https://teaching.resources.osu.edu/toolsets/carmencanvas/guides/calculating-final-grades/import-csv-file-carmen-grades
moodle      https://docs.moodle.org/311/en/Grade_import
gradescope  https://gradescope-autograders.readthedocs.io/en/latest/specs/
junit       the JUnit.xsd of Windy Road for Ant: https://github.com/windyroad/JUnit-Schema

A score that a person still has to give is left empty, or marked, and never written as 0.
Spreadsheets run a cell that begins with ``= + - @`` as a formula: such a text gets an
apostrophe in front, which a spreadsheet takes as "this is text".
"""

import csv
import io
import json
from collections.abc import Callable, Iterable
from xml.etree import ElementTree as xml

from autograder.gradebook.marks import Mark, Row

Cell = str | float | None


def wide_csv(assignment: str, rows: list[Row]) -> str:
    """Return a table of all that is known: points by exercise, penalty, score, what is missing."""
    exercises = _exercises(rows)
    head = ["student", "last_name", "first_name", "email"]
    tail = ["late_penalty", "score", "max_score", "status"]
    lines: list[list[Cell]] = [[*head, *exercises, *tail]]
    for row in rows:
        marks = {mark.exercise: mark for mark in row.marks}
        points: list[Cell] = [_points(marks.get(name)) for name in exercises]
        end: list[Cell] = [row.late, row.score, row.max_score, row.status]
        person: list[Cell] = [row.student, row.last_name, row.first_name, row.email]
        lines.append([*person, *points, *end])
    return _table(lines)


def canvas_csv(assignment: str, rows: list[Row]) -> str:
    """Return what Canvas imports: five columns on the learner, one for the assignment.

    The learner's id here is the login there. Who has no final score has an empty cell.
    """
    top = rows[0].max_score if rows else None
    lines: list[list[Cell]] = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment],
        ["    Points Possible", "", "", "", "", top],
    ]
    for row in rows:
        name = ", ".join(filter(None, [row.last_name, row.first_name])) or row.student
        lines.append([name, row.lms, "", row.student, "", row.score])
    return _table(lines)


def moodle_csv(assignment: str, rows: list[Row]) -> str:
    """Return what Moodle imports, with the feedback beside each grade.

    Only who has a final score is in it: Moodle would take an empty cell as the grade to store.
    """
    who = ["Username", "First name", "Last name", "ID number", "Email address"]
    item = f"Assignment: {assignment}"
    lines: list[list[Cell]] = [[*who, f"{item} (Real)", f"{item} (Feedback)"]]
    for row in rows:
        if row.score is not None:
            person: list[Cell] = [row.student, row.first_name, row.last_name, row.lms, row.email]
            lines.append([*person, row.score, _told(row)])
    return _table(lines)


def gradescope_json(row: Row) -> str:
    """Return the ``results.json`` of one learner.

    An exercise that waits for a person has no score and no status, and the text on top says so:
    the score there is what has been given so far.
    """
    tests = [
        {
            "name": mark.exercise,
            "number": str(number),
            "max_score": mark.max_points,
            "output": mark.waits or _words(mark),
            "output_format": "text",
            "visibility": "visible",
        }
        | ({} if mark.points is None else {"score": mark.points, "status": _status(mark)})
        for number, mark in enumerate(row.marks, start=1)
    ]
    values = {
        "score": row.so_far,
        "execution_time": round(sum(mark.seconds for mark in row.marks), 3),
        "output": _told(row),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"student": row.student, "status": row.status},
        "tests": tests,
    }
    return json.dumps(values, indent=1, allow_nan=False)


def junit_xml(assignment: str, rows: list[Row]) -> str:
    """Return a test suite for each graded learner: an exercise is a test case.

    Less than all points is a failure, *could not tell* an error, an answer to read is skipped.
    """
    top = xml.Element("testsuites")
    for number, row in enumerate(row for row in rows if row.marks):
        short = [mark for mark in row.marks if _status(mark) == "failed"]
        unsure = [mark for mark in row.marks if mark.waits == "could not tell"]
        unread = [mark for mark in row.marks if mark.waits == "to read"]
        suite = xml.SubElement(top, "testsuite", package=assignment, id=str(number))
        suite.set("name", _clean(row.student))
        suite.set("timestamp", f"{row.judged:%Y-%m-%dT%H:%M:%S}")
        suite.set("hostname", "localhost")
        suite.set("tests", str(len(row.marks)))
        suite.set("failures", str(len(short)))
        suite.set("errors", str(len(unsure)))
        suite.set("skipped", str(len(unread)))
        suite.set("time", f"{sum(mark.seconds for mark in row.marks):.3f}")
        xml.SubElement(suite, "properties")
        for mark in row.marks:
            _case(suite, f"{assignment}.{_clean(row.student)}", mark)
        xml.SubElement(suite, "system-out").text = _clean(_told(row))
        xml.SubElement(suite, "system-err")
    xml.indent(top)
    return xml.tostring(top, encoding="unicode", xml_declaration=True) + "\n"


FORMATS: dict[str, Callable[[str, list[Row]], dict[str, str]]] = {
    "csv": lambda name, rows: {f"{name}.csv": wide_csv(name, rows)},
    "canvas": lambda name, rows: {f"{name}-canvas.csv": canvas_csv(name, rows)},
    "moodle": lambda name, rows: {f"{name}-moodle.csv": moodle_csv(name, rows)},
    "gradescope": lambda name, rows: {
        f"{name}-gradescope/{row.student}/results.json": gradescope_json(row)
        for row in rows
        if row.marks
    },
    "junit": lambda name, rows: {f"{name}-junit.xml": junit_xml(name, rows)},
}
"""What to write for each format: texts by the path of their file."""


def _case(suite: xml.Element, place: str, mark: Mark) -> None:
    case = xml.SubElement(suite, "testcase", name=mark.exercise, classname=place)
    case.set("time", f"{mark.seconds:.3f}")
    if mark.waits == "could not tell":
        said = xml.SubElement(case, "error", type="could not tell", message=_clean(mark.finding))
        said.text = "the grader could not judge this answer: a person gives the points"
    elif mark.waits:
        xml.SubElement(case, "skipped", message="a person reads this answer")
    elif _status(mark) == "failed":
        points = f"{mark.points:g} of {mark.max_points:g} points"
        xml.SubElement(case, "failure", type="wrong", message=points).text = _clean(_words(mark))


def _exercises(rows: Iterable[Row]) -> list[str]:
    """Return the exercises in the order of the notebook."""
    return list(dict.fromkeys(mark.exercise for row in rows for mark in row.marks))


def _points(mark: Mark | None) -> Cell:
    return None if mark is None else mark.waits or mark.points


def _status(mark: Mark) -> str:
    if mark.points is None:
        return ""
    return "passed" if mark.points >= mark.max_points else "failed"


def _words(mark: Mark) -> str:
    return "\n".join(filter(None, [mark.finding, mark.hint]))


def _told(row: Row) -> str:
    """Return the score in a sentence, with what was taken off and what it waits for."""
    said = f"{row.so_far:g} of {row.max_score:g} points"
    if row.late:
        said += f", {row.late:g} taken off for being late"
    waiting = [mark.exercise for mark in row.marks if mark.waits]
    if waiting:
        said += f" so far; a person still has to look at {', '.join(waiting)}"
    return said


def _table(lines: list[list[Cell]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[_harmless(cell) for cell in line] for line in lines])
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip().startswith(("=", "+", "-", "@")) else cell
    return None if cell is None else f"{cell:g}"


def _clean(text: str) -> str:
    """Return ``text`` without the characters that XML cannot hold."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)
