"""The grades in the forms of other systems, each held against its own description."""

import csv
import io
import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as xml

import jsonschema
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import Course
from autograder.gradebook import exports
from autograder.gradebook.book import open_gradebook
from autograder.gradebook.marks import Mark, Row, read_rows
from autograder.verdict import Outcome, Verdict
from tests.conftest import ROOT

RIGHT = Mark("entropy", 2.0, 2.0, seconds=0.25)
WRONG = Mark("kl", 1.5, 3.0, finding="=cmd() differs", hint="Which way round?", seconds=0.5)
UNSURE = Mark("kl", None, 3.0, waits="could not tell", finding="the judge fell over")
UNREAD = Mark("why", None, 2.0, waits="to read")
READ = Mark("why", 2.0, 2.0)
WHEN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CLASS = [
    Row("ada", "Ada", "Byron", "ada@x.org", "17", 0.5, (RIGHT, WRONG, READ), 7.0, WHEN),
    Row("bob", "=1+1", "@home", "", "", 0.0, (RIGHT, UNSURE, UNREAD), 7.0, WHEN),
    Row("cyd", max_score=7.0),
]


def table(text):
    """Return the lines of a CSV file, cells as text."""
    return list(csv.reader(io.StringIO(text)))


def test_the_wide_table_has_a_column_for_each_exercise():
    """Points, penalty and score are numbers; what waits for a person is said in words."""
    text = exports.wide_csv("ps02", CLASS)
    assert text.splitlines() == [
        "student,last_name,first_name,email,entropy,kl,why,late_penalty,score,max_score,status",
        "ada,Byron,Ada,ada@x.org,2,1.5,2,0.5,5,7,graded",
        """bob,'@home,'=1+1,,2,could not tell,to read,0,,7,"could not tell, to read\"""",
        "cyd,,,,,,,0,,7,not graded",
    ]


def test_canvas_is_told_in_its_own_columns():
    """Five columns name the learner, one row the points possible; no final score, no number."""
    lines = table(exports.canvas_csv("ps02", CLASS))
    assert lines[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "ps02"]
    assert lines[1] == ["    Points Possible", "", "", "", "", "7"]
    assert lines[2:] == [
        ["Byron, Ada", "17", "", "ada", "", "5"],
        ["'@home, =1+1", "", "", "bob", "", ""],
        ["cyd", "", "", "cyd", "", ""],
    ]


def test_moodle_is_told_final_scores_with_their_feedback():
    """A grade and its feedback come together, and nobody gets an empty grade stored."""
    lines = table(exports.moodle_csv("ps02", CLASS))
    assert [len(set(lines[0])), *map(len, lines)] == [7, 7, 7]
    said = "5 of 7 points, 0.5 taken off for being late"
    assert lines[1] == ["ada", "Ada", "Byron", "17", "ada@x.org", "5", said]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", " =1", "\t=1", "\r=1", "\n-1"])
@pytest.mark.parametrize("to", ["csv", "canvas", "moodle"])
def test_no_cell_is_a_formula(text, to):
    """A spreadsheet that opens a table finds text where a learner wrote a formula."""
    rows = [Row(text, text, text, text, text, 0.0, (RIGHT,), 2.0, WHEN)]
    (written,) = exports.FORMATS[to]("ps02", rows).values()
    assert not [cell for line in table(written) for cell in line if cell.strip()[:1] in set("=+-@")]


SHOWN = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
STYLE = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
TEST = {
    "type": "object",
    "additionalProperties": False,
    "dependentRequired": {"status": ["score"]},
    "properties": {
        "score": {"type": "number", "minimum": 0},
        "max_score": {"type": "number"},
        "status": {"enum": ["passed", "failed"]},
        "name": {"type": "string"},
        "name_format": STYLE,
        "number": {"type": "string"},
        "output": {"type": "string"},
        "output_format": STYLE,
        "tags": {"type": "array", "items": {"type": "string"}},
        "visibility": SHOWN,
        "extra_data": {"type": "object"},
    },
}
GRADESCOPE = {  # https://gradescope-autograders.readthedocs.io/en/latest/specs/
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "anyOf": [
        {"required": ["score"]},
        {"properties": {"tests": {"items": {"required": ["score"]}}}, "required": ["tests"]},
    ],
    "properties": {
        "score": {"type": "number", "minimum": 0},
        "execution_time": {"type": "number"},
        "output": {"type": "string"},
        "output_format": STYLE,
        "test_output_format": STYLE,
        "test_name_format": STYLE,
        "visibility": SHOWN,
        "stdout_visibility": SHOWN,
        "extra_data": {"type": "object"},
        "tests": {"type": "array", "items": TEST},
        "leaderboard": {"type": "array"},
    },
}


def test_gradescope_gets_one_valid_file_a_learner():
    """Each is what Gradescope describes; a mark that nobody gave has no score and no status."""
    files = exports.FORMATS["gradescope"]("ps02", CLASS)
    assert list(files) == [f"ps02-gradescope/{name}/results.json" for name in ("ada", "bob")]
    ada, bob = map(json.loads, files.values())
    for found in (ada, bob):
        jsonschema.Draft202012Validator(GRADESCOPE).validate(found)
    assert [ada["score"], bob["score"], ada["execution_time"]] == [5.0, 2.0, 0.75]
    assert [test.get("score") for test in ada["tests"]] == [2.0, 1.5, 2.0]
    assert [test.get("status") for test in ada["tests"]] == ["passed", "failed", "passed"]
    assert [test.get("score", "none") for test in bob["tests"]] == [2.0, "none", "none"]
    assert bob["output"].endswith("so far; a person still has to look at kl, why")


COUNT, TIME = r"\d+", r"\d+(\.\d+)?"
JUNIT = {  # the rules of https://github.com/windyroad/JUnit-Schema: required, allowed, children
    "testsuites": ({}, {}, "(testsuite )*"),
    "testsuite": (
        {"package": ".+", "id": COUNT, "name": ".+", "hostname": ".+", "time": TIME}
        | {"timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"}
        | dict.fromkeys(("tests", "failures", "errors"), COUNT),
        {"skipped": COUNT},
        "properties (testcase )*system-out system-err ",
    ),
    "testcase": (
        {"name": ".+", "classname": ".+", "time": TIME},
        {},
        "(skipped |error |failure )?",
    ),
    "error": ({"type": ".*"}, {"message": "(?s).*"}, ""),
    "failure": ({"type": ".*"}, {"message": "(?s).*"}, ""),
    "skipped": ({}, {"message": ".*"}, ""),
    "properties": ({}, {}, "(property )*"),
    "system-out": ({}, {}, ""),
    "system-err": ({}, {}, ""),
}


def complaints(node):
    """Return what an element and those below it have against the rules."""
    required, allowed, children = JUNIT[node.tag]
    rules = required | allowed
    found = [f"{node.tag} lacks {name}" for name in required.keys() - node.attrib.keys()]
    for name, value in node.attrib.items():
        if name not in rules or not re.fullmatch(rules[name], value):
            found.append(f"{node.tag} has {name}={value!r}")
    if not re.fullmatch(children, "".join(f"{child.tag} " for child in node)):
        found.append(f"{node.tag} holds {[child.tag for child in node]}")
    return found + [said for child in node for said in complaints(child)]


def test_junit_has_a_suite_for_each_graded_learner():
    """It keeps the schema's rules, and the counts are those of the cases."""
    odd = Row("dan", marks=(Mark("kl", 0.0, 3.0, finding="<b>&\x00\ud800]]>"),), judged=WHEN)
    top = xml.fromstring(exports.junit_xml("ps02", [*CLASS, odd]).split("?>", 1)[1])
    assert complaints(top) == []
    names = ("id", "name", "tests", "failures", "errors", "skipped", "time")
    assert [[suite.get(name) for name in names] for suite in top] == [
        ["0", "ada", "3", "1", "0", "0", "0.750"],
        ["1", "bob", "3", "0", "1", "1", "0.250"],
        ["2", "dan", "1", "1", "0", "0", "0.000"],
    ]
    assert [[child.tag for child in case] for case in top[1].iter("testcase")] == [
        [],
        ["error"],
        ["skipped"],
    ]
    assert top[0].find(".//failure").text == "=cmd() differs\nWhich way round?"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A class in nbgrader's own gradebook: ada graded and late, bob waiting, cyd absent."""
    monkeypatch.setenv("GRADUS_COURSE", str(tmp_path))
    monkeypatch.chdir(ROOT)
    with open_gradebook(Course(ROOT, tmp_path)) as book:
        book.add_assignment("ps02")
        book.add_notebook("ps02", "ps02")
        for name, points in (("entropy-graded", 2), ("kl-graded", 3), ("why", 2)):
            book.add_grade_cell(name, "ps02", "ps02", max_score=points, cell_type="code")
        book.add_student("ada", first_name="Ada", last_name="Byron", lms_user_id="17")
        book.add_student("bob")
        book.add_student("cyd")
        for student in ("ada", "bob"):
            book.add_submission("ps02", student)
            scores = {"entropy-graded": 2.0, "kl-graded": 1.5, "why": None}
            for name, points in scores.items():
                grade = book.find_grade(name, "ps02", "ps02", student)
                grade.auto_score, grade.needs_manual_grade = points, points is None
                if student == "ada" and name == "why":
                    grade.manual_score, grade.needs_manual_grade = 1.25, False
                if student == "bob" and name == "kl-graded":
                    grade.auto_score, grade.needs_manual_grade = None, True
        late = book.find_submission("ps02", "ada").notebooks[0]
        late.late_submission_penalty = 0.5
        book.db.commit()
    for student, outcome in (("ada", Outcome.WRONG), ("bob", Outcome.COULD_NOT_TELL)):
        verdict = Verdict("kl", outcome, 0.5, finding="it differs", seconds=0.5)
        cell = {"metadata": {"gradus": {**verdict.to_dict(), "sandbox": "none"}}}
        path = tmp_path / "autograded" / student / "ps02" / "ps02.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"cells": [cell]}))
    return Course(ROOT, tmp_path)


def test_the_rows_are_those_of_nbgraders_gradebook(course):
    """Names, points, a person's points, penalties and what waits come from the gradebook."""
    ada, bob, cyd = read_rows(course, "ps02")
    assert (ada.first_name, ada.last_name, ada.lms, ada.late) == ("Ada", "Byron", "17", 0.5)
    assert {mark.exercise: mark.points for mark in ada.marks} == {
        "entropy": 2.0,
        "kl": 1.5,
        "why": 1.25,
    }
    assert (ada.score, ada.max_score, bob.score, bob.so_far) == (4.25, 7.0, None, 2.0)
    assert {mark.exercise: mark.waits for mark in bob.marks} == {
        "entropy": "",
        "kl": "could not tell",
        "why": "to read",
    }
    assert (cyd.status, cyd.score, cyd.marks) == ("not graded", None, ())


def test_the_rows_say_what_a_person_changed(course):
    """The judge's points beside a person's, its verdict, how late, in which sandbox, unanswered."""
    with open_gradebook(course) as book:
        book.find_grade("kl-graded", "ps02", "ps02", "ada").manual_score = 3.0
        book.find_assignment("ps02").duedate = datetime(2026, 3, 1, 8)
        book.find_submission("ps02", "ada").timestamp = datetime(2026, 3, 1, 9)
        unanswered = book.find_grade("why", "ps02", "ps02", "bob")
        unanswered.auto_score, unanswered.needs_manual_grade = 0.0, False
        book.db.commit()
    ada, bob, _ = read_rows(course, "ps02")
    kl = next(mark for mark in ada.marks if mark.exercise == "kl")
    assert (kl.points, kl.by_judge, kl.outcome) == (3.0, 1.5, Outcome.WRONG)
    assert [mark.by_judge for mark in ada.marks if mark.exercise != "kl"] == [None, None]
    assert (ada.overdue, ada.sandbox, bob.overdue) == (3600.0, "none", 0.0)
    assert {mark.exercise: mark.finding for mark in bob.marks}["why"] == "not yet written"


def test_a_penalty_never_makes_a_debt():
    """Who is later than the points earned has none, as nbgrader's own export says."""
    assert Row("ada", late=9.0, marks=(RIGHT,), max_score=2.0).score == 0.0


def test_the_command_writes_every_format_and_says_who_is_missing(course, tmp_path):
    """Each file is named, and so is everybody without a final score; a second run replaces."""
    words = ["export", "ps02", "--into", str(tmp_path / "out"), "--json"]
    for name in exports.FORMATS:
        words += ["--to", name]
    for _ in range(2):
        said = CliRunner().invoke(app, words)
        assert said.exit_code == 0, said.output
    *files, last = map(json.loads, said.stdout.splitlines())
    found = {str(path) for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {line["path"] for line in files} == found
    assert len(found) == 6
    waiting = {"bob": "could not tell, to read", "cyd": "not graded"}
    assert last == {"students": 3, "without_final_score": waiting}
