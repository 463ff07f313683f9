"""The course stays nbgrader's: its release, its autograde, its feedback, its export, our scores."""

import csv
import html
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder import catalogue
from autograder.cli import app
from autograder.course import Course
from autograder.errors import GradusError
from autograder.gradebook import book, release
from autograder.gradebook.classwork import Order, grade_class
from autograder.notebooks import build
from autograder.sample import sample_class
from gradus.hand_in import hand_in as pack
from tests.conftest import ROOT, SOURCE

WRITTEN = """
# %% [markdown] written="why" points=2 minutes=5 difficulty=1 importance=3
# Because of the tails.
"""
PUPILS = ("all_right", "kl_reverses_the_arguments", "untouched", "forger")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of one small assignment, released, with a sample class handed in."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "solutions" / "small").mkdir(parents=True)
    (root / "solutions" / "small" / "small.py").write_text(SOURCE + WRITTEN)
    found = Course(root, root / "_course")
    release.make(found, "small")
    hand_in(found)
    return found


def hand_in(course, pupils=PUPILS):
    """Hand the sample class in, or some of it."""
    source = nbformat.read(course.solutions / "small" / "small.ipynb", as_version=4)
    released = nbformat.read(course.exercises / "small" / "small.ipynb", as_version=4)
    specs = [catalogue.find(name) for name in ("entropy", "kl")]
    for pupil in sample_class(released, source, specs):
        if pupil.name in pupils:
            path = course.folder / "submitted" / pupil.name / "small" / "small.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(pupil.notebook, path)


def packed_for(student, course, folder):
    """Pack the released assignment as a learner does, with what a platform adds to the name."""
    done = pack(course.exercises / "small" / "small.ipynb", student, folder)
    file = done.file.rename(done.file.with_stem(f"lovelaceada_123_{done.file.stem} (1)"))
    return replace(done, file=file)


def command(course, *words):
    """Run a command of the environment in the course and return what it printed."""
    done = subprocess.run(
        [BIN / words[0], *words[1:]],
        cwd=course.root,
        env={**os.environ, "GRADUS_COURSE": str(course.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def records(course):
    """What ``gradus grade --json`` printed, by student."""
    lines = command(course, "gradus", "grade", "small", "--json").splitlines()
    return {record["student"]: record for record in map(json.loads, lines)}


def export(course):
    """Return nbgrader's export: the score of each student."""
    command(course, "nbgrader", "export", "--to", "grades.csv")
    with (course.root / "grades.csv").open() as file:
        return {row["student_id"]: (row["score"], row["max_score"]) for row in csv.DictReader(file)}


def test_the_table_has_the_right_scores(records):
    """One record a submission, in the promised form, with what each deserves."""
    assert {name: record["score"] for name, record in records.items()} == {
        "all_right": 5,
        "kl_reverses_the_arguments": 2,
        "untouched": 0,
        "forger": 3,
    }
    record = records["kl_reverses_the_arguments"]
    assert (record["assignment"], record["max_score"], record["sandbox"]) == (
        "small",
        7,
        "bubblewrap, warm",
    )
    kl = record["exercises"][1]
    assert (kl["id"], kl["outcome"], kl["points"], kl["max_points"]) == ("kl", "wrong", 0, 3)
    assert kl["finding"].startswith("case “")
    assert kl["hint"].startswith("You measured from q to p.")
    assert kl["devices"] == ["cpu"]
    assert kl["seconds"] < 30


def test_the_forgers_reasons_are_in_the_record(records):
    """What was wrong, and that the graded cell had been edited."""
    forged = records["forger"]["exercises"][0]
    assert forged["finding"].endswith("expected a tensor, got a float")
    assert forged["note"] == "its graded cell was edited, and put back"
    assert forged["points"] == 0


def test_the_class_report_tells_what_the_class_got_wrong(course, records):
    """Its records and its page name the misconception, the unread answers and the edited cell."""
    lines = [
        json.loads(line)
        for line in command(course, "gradus", "report", "small", "--json").splitlines()
    ]
    (named,) = [line for line in lines if line.get("kind") == "misconception"]
    assert (named["exercise"], named["name"]) == ("kl", "reverses_the_arguments")
    assert named["students"] == ["kl_reverses_the_arguments"]
    shares = {line["exercise"]: line["share"] for line in lines if line.get("kind") == "exercise"}
    assert shares == {"entropy": 0.5, "kl": 0.5, "why": 0.0}  # nbgrader gives an idle one 0 for why
    whys = {
        (line["student"], line["exercise"]): line["why"]
        for line in lines
        if line.get("kind") == "look"
    }
    assert whys["forger", "entropy"] == "its graded cell was edited, and put back"
    assert whys["untouched", ""].startswith("nothing is written yet")
    assert lines[-1]["submissions"] == 4
    page = Path(lines[-1]["path"])
    assert page == course.folder / "reports" / "small.html"
    text = page.read_text()
    assert "../feedback/kl_reverses_the_arguments/small/small.html#kl-graded" in text


def test_a_report_before_grading_says_what_to_run(course, tmp_path, monkeypatch):
    """What was handed in has to be graded first; a class that has not begun has a page."""
    other = Course(course.root, tmp_path)
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GRADUS_COURSE", str(tmp_path))
    begun = CliRunner().invoke(app, ["report", "small", "--into", str(tmp_path / "here")])
    assert begun.exit_code == 0, begun.output
    assert "Nobody has handed small in yet." in (tmp_path / "here" / "small.html").read_text()
    hand_in(other, ("untouched",))
    with pytest.raises(GradusError, match="run `gradus grade small` first"):
        CliRunner().invoke(app, ["report", "small"], catch_exceptions=False)


def test_stock_nbgrader_gives_the_same_gradebook(course, records):
    """`nbgrader autograde`, in a class folder of its own, exports the same scores."""
    other = Course(course.root, course.root / "_stock")
    command(other, "nbgrader", "generate_assignment", "small", "--force")
    hand_in(other)
    command(other, "nbgrader", "autograde", "small")
    assert export(other) == export(course)
    assert export(course)["all_right"] == ("5.0", "7.0")


@pytest.fixture
def postgresql():
    """The address of a new, empty database on a server of its own, reached by a socket file."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL is not installed: sudo apt install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []  # it refuses root
    if other:
        shutil.chown(folder, "postgres")

    def run(program, *words):
        asked = [*other, programs[-1] / program, *words]
        subprocess.run(asked, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=60)

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "gradus", "-A", "trust", "-E", "UTF8", "--no-sync")
    settings = f"-k {folder} -c listen_addresses= -c fsync=off"
    run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", settings, "start")
    try:
        run("createdb", "-h", str(folder), "-U", "gradus", "gradebook")
        yield f"postgresql+psycopg://gradus@/gradebook?host={folder}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_postgresql_holds_the_same_gradebook(course, records, postgresql, monkeypatch):
    """GRADUS_DB names a server: the records, the export and a person's points are SQLite's."""
    monkeypatch.setenv("GRADUS_DB", postgresql)
    other = Course(course.root, course.root / "_postgresql")
    command(other, "nbgrader", "generate_assignment", "small", "--force")
    hand_in(other, ("kl_reverses_the_arguments", "untouched"))
    lines = command(other, "gradus", "grade", "small", "--json").splitlines()
    exported = export(other)
    with Gradebook(postgresql, "gradus") as gradebook:
        grade = gradebook.find_grade("why", "small", "small", "untouched")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    assert book.autograde(other, "small", "untouched") == ""
    again = book.read_record(other, "small", "untouched")
    monkeypatch.delenv("GRADUS_DB")
    assert not other.gradebook.exists()
    for record in map(json.loads, lines):
        assert record["score"] == records[record["student"]]["score"]
    of_sqlite = export(course)
    assert exported == {name: of_sqlite[name] for name in exported}
    assert again.score == 1.5


def test_a_persons_score_survives_a_regrade(course, records):
    """Manual points and comments stay when the class is graded again."""
    config = f"sqlite:///{course.gradebook}"
    with Gradebook(config, "gradus") as gradebook:
        grade = gradebook.find_grade("why", "small", "small", "all_right")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        comment = gradebook.find_comment("why", "small", "small", "all_right")
        comment.manual_comment = "well said"
        gradebook.db.commit()
    assert book.autograde(course, "small", "all_right") == ""
    record = book.read_record(course, "small", "all_right")
    assert (record.score, record.to_read) == (7, 0)
    with Gradebook(config, "gradus") as gradebook:
        comment = gradebook.find_comment("why", "small", "small", "all_right")
        assert comment.comment == "well said"


def test_an_answer_that_changed_is_read_again(course, records):
    """A person gave points for other words; they stay, and wait for a second look."""
    path = course.folder / "submitted" / "all_right" / "small" / "small.ipynb"
    handed = path.read_text()
    path.write_text(handed.replace("Because of the tails", "Because of the heads"))
    assert "heads" in path.read_text()
    assert book.autograde(course, "small", "all_right") == ""
    record = book.read_record(course, "small", "all_right")
    path.write_text(handed)
    assert (record.score, record.to_read) == (7, 1)


def test_feedback_shows_the_hint_and_hides_the_test(course, records):
    """The page tells the finding and the question; no hidden call, no reference."""
    page = course.folder / "feedback" / "kl_reverses_the_arguments" / "small" / "small.html"
    text = page.read_text()
    assert "You measured from q to p." in text
    assert "0 of 3 points. Ran on cpu; CUDA was not available; sandbox: bubblewrap, warm." in text
    assert "hand_in" not in text
    assert "HIDDEN" not in text


def test_feedback_gives_no_points_yet_to_what_a_person_has_to_read(course, records):
    """The journey through the Formgrader sees it with its points, once a person gave them."""
    page = (course.folder / "feedback/all_right/small/small.html").read_text()
    assert page.count("up to 2 points, given by a person") == 2  # in the table, and above it
    assert "0 of 2 points" not in page


def test_no_page_of_feedback_shows_what_the_grader_knows(course, records):
    """No line of a model answer, of a spec or of a hidden region that the learner did not write."""
    secret = set(build.secret_lines(course.source("small"))) | {build.HIDDEN[0]}
    for name in ("entropy", "kl"):
        spec = Path(inspect.getfile(catalogue.find(name).reference)).read_text()
        secret |= {line.strip() for line in spec.splitlines() if " = " in line or "return" in line}
    assert len(secret) > 20
    for pupil in PUPILS:
        page = course.folder / "feedback" / pupil / "small" / "small.html"
        _, _, body = page.read_text().partition("<body")
        shown = html.unescape(re.sub("<[^>]*>", "", body))
        handed = course.folder / "submitted" / pupil / "small" / "small.ipynb"
        cells = nbformat.read(handed, as_version=4).cells
        own = "\n".join(cell.source for cell in cells)
        assert "entropy" in shown
        assert [line for line in secret if line in shown and line not in own] == []


def test_what_could_not_be_judged_waits_for_a_person(course, monkeypatch):
    """A fault of the grader is no zero: the grade is open and marked for manual grading."""
    name = "kl_reverses_the_arguments"
    monkeypatch.setattr("autograder.judge.client.PATIENCE", 0.0)
    assert book.autograde(course, "small", name) == ""
    record = book.read_record(course, "small", name)
    assert {str(verdict.outcome) for verdict in record.verdicts} == {"could not tell"}
    assert record.to_read == 3
    monkeypatch.undo()
    book.autograde(course, "small", name)
    assert book.read_record(course, "small", name).to_read == 1


def test_a_broken_submission_is_named_and_the_class_goes_on(course, records):
    """A file that is no notebook is that learner's problem alone."""
    path = course.folder / "submitted" / "broken" / "small" / "small.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text("{ this is no notebook")
    problem = book.autograde(course, "small", "broken")
    shutil.rmtree(path.parent.parent)
    assert "small.ipynb" in problem or "JSON" in problem


def test_the_release_is_up_to_date_right_after_it_is_made(course):
    """Nothing is stale, nothing leaks."""
    assert release.problems(course, "small") == []


def test_a_stale_or_leaking_release_is_found(course):
    """An edited file, a missing pack, a solution line and a stray source are each named."""
    folder = course.exercises / "small"
    kept = course.root / "kept"
    shutil.copytree(folder, kept)
    notebook = nbformat.read(folder / "small.ipynb", as_version=4)
    answer = next(cell for cell in notebook.cells if cell.id == "answer-kl")
    secret = sorted(build.secret_lines(course.source("small")), key=len)[-1]
    answer.source += f"\n    {secret}"
    nbformat.write(notebook, folder / "small.ipynb")
    (folder / "practice.safetensors").unlink()
    shutil.copy(course.source("small"), folder)
    found = "\n".join(release.problems(course, "small"))
    shutil.rmtree(folder)
    shutil.move(kept, folder)
    assert "small.ipynb is stale" in found
    assert "practice.safetensors is missing" in found
    assert f"cell answer-kl: shows {secret!r}" in found
    assert "small.py" in found


def test_what_was_packed_is_collected(course, tmp_path):
    """Stock zip_collect finds name and time in what a platform hands on, not the damaged."""
    steps = course.folder / "downloaded" / "small"
    packed = packed_for("ada_l@u.edu", course, steps / "archive" / "Ada L_12_assignsubmission_")
    damaged = packed_for("bob", course, tmp_path).file
    with zipfile.ZipFile(damaged) as archive:
        content = archive.read("small.ipynb")
    with zipfile.ZipFile(steps / "archive" / damaged.name, "w") as archive:
        archive.writestr("small.ipynb", content.replace(b"kl", b"lk"))
    command(course, "nbgrader", "zip_collect", "small")
    collected = course.folder / "submitted" / "ada_l@u.edu" / "small"
    assert (collected / "small.ipynb").read_bytes() == content
    assert (collected / "timestamp.txt").read_text() == f"{packed.when:%Y-%m-%d %H:%M:%S}"
    assert not (course.folder / "submitted" / "bob").exists()
    shutil.rmtree(collected.parent)


def test_a_course_without_a_class_says_what_is_missing(course):
    """Grading nothing is a mistake with a sentence, not an empty table."""
    empty = Course(course.root, course.root / "_empty")
    with pytest.raises(GradusError, match="there is no assignment 'ps99'"):
        empty.source("ps99")
    assert empty.students("small") == []


def test_a_class_that_it_was_not_built_for_says_what_to_run(course):
    """Nothing is judged in vain: the folder, the assignment and the command are named."""
    other = Course(course.root, course.root / "_unbuilt")
    hand_in(other, ("untouched",))
    with pytest.raises(GradusError, match="_unbuilt has no small: run `gradus build small`"):
        grade_class(other, "small", ["untouched"], Order(workers=1))
    assert not (other.folder / "verdicts").exists()


def test_an_assignment_that_has_been_handed_in_keeps_its_release(course):
    """Cells added in mid-class are refused with what to do, and the release stays in place."""
    path = course.source("small")
    before = (course.exercises / "small" / "small.ipynb").read_bytes()
    path.write_text(SOURCE + WRITTEN + WRITTEN.replace('"why"', '"why_not"'))
    with pytest.raises(GradusError, match="begin a new class in another folder"):
        release.make(course, "small")
    path.write_text(SOURCE + WRITTEN)
    assert (course.exercises / "small" / "small.ipynb").read_bytes() == before
