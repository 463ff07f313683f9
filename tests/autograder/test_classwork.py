"""A class: judged in parallel, never twice without a reason, and whole after any interruption."""

import contextlib
import copy
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from distributed import Client, get_worker
from nbgrader.api import Gradebook
from rich.console import Console

from autograder import cli
from autograder.course import Course
from autograder.gradebook import book, release
from autograder.gradebook.classwork import Order, grade_class
from autograder.gradebook.submissions import handed_in
from autograder.grading import classroom, ledger
from autograder.grading.ledger import Result
from autograder.sandbox.warm import Zygote
from tests.conftest import ROOT, SOURCE

PUPILS = ("ada", "ben", "cleo", "dan")
BIN = Path(sys.executable).parent
KILLS = int(os.environ.get("GRADUS_KILLS", "2"))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of one small assignment, released."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    (root / "solutions" / "small").mkdir(parents=True)
    (root / "solutions" / "small" / "small.py").write_text(SOURCE)
    found = Course(root, root / "_course")
    release.make(found, "small")
    return found


def submission(course, student):
    """Return where a submission lies."""
    return course.folder / "submitted" / student / "small" / "small.ipynb"


@pytest.fixture(scope="module")
def handed(course):
    """Four submissions: everyone has solved entropy, and dan alone kl."""
    for student in PUPILS:
        path = submission(course, student)
        path.parent.mkdir(parents=True)
        notebook = nbformat.read(course.solutions / "small" / "small.ipynb", as_version=4)
        if student != "dan":
            cell = next(cell for cell in notebook.cells if cell.id == "answer-kl")
            cell.source = "def kl(p, q, base=2.0):\n    return (p - q).sum(-1)"
        nbformat.write(notebook, path)
    return course


def command(course):
    """Return the command that grades the class, and its environment."""
    environment = {**os.environ, "GRADUS_COURSE": str(course.folder)}
    return [BIN / "gradus", "grade", "small", "--workers", "2", "--json"], environment


def contents(course):
    """Return all that the gradebook says about each answer: points, flags, a person's words."""
    about = """
        join base_cell on {0}.cell_id = base_cell.id
        join submitted_notebook on {0}.notebook_id = submitted_notebook.id
        join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
        join student on submitted_assignment.student_id = student.id
    """
    points = """select student.id, base_cell.name, grade.auto_score, grade.manual_score,
        grade.extra_credit, grade.needs_manual_grade from grade"""
    words = """select student.id, base_cell.name, comment.auto_comment, comment.manual_comment
        from comment"""
    with sqlite3.connect(course.gradebook) as database:
        found = [
            database.execute(select + about.format(table) + " order by 1, 2").fetchall()
            for select, table in ((points, "grade"), (words, "comment"))
        ]
    database.close()
    return found


@pytest.fixture(scope="module")
def undisturbed(handed):
    """The gradebook after one run that nobody disturbed, and a person's look at ada's answers."""
    argv, environment = command(handed)
    subprocess.run(argv, cwd=handed.root, env=environment, check=True, capture_output=True)
    with Gradebook(f"sqlite:///{handed.gradebook}", "gradus") as gradebook:
        gradebook.find_grade("kl-graded", "small", "small", "ada").extra_credit = 1.0
        comment = gradebook.find_comment("kl", "small", "small", "ada")
        comment.manual_comment = "see me"
        gradebook.db.commit()
    return contents(handed)


@pytest.mark.slow
def test_every_submission_is_in_the_gradebook_once(undisturbed):
    """One row for each exercise of each learner."""
    grades, _ = undisturbed
    assert len(grades) == len({row[:2] for row in grades}) == 2 * len(PUPILS)
    assert {(row[0], row[1]): row[2] for row in grades}["dan", "kl-graded"] == 3
    assert {(row[0], row[1]): row[2] for row in grades}["ada", "kl-graded"] == 0


@pytest.mark.slow
def test_a_second_run_judges_nothing(handed, undisturbed):
    """Nothing changed, so nothing is judged; with --force it is, and a person's words stay."""
    again = grade_class(handed, "small", list(PUPILS), Order())
    assert (again.judged, again.failed) == (0, 0)
    forced = grade_class(handed, "small", ["ada"], Order(workers=1, again=True))
    assert forced.judged == 1
    assert contents(handed) == undisturbed


@pytest.mark.slow
def test_after_one_spec_changes_only_its_exercise_is_judged_again(handed, undisturbed, monkeypatch):
    """The verdicts on the other exercises still hold."""
    before = handed_in(handed, "small", "ada")
    spec = ledger._spec
    monkeypatch.setattr(ledger, "_spec", lambda name: spec(name) + b"#" * (name == "kl"))
    after = handed_in(handed, "small", "ada")
    earlier = ledger.Ledger(handed.folder / "verdicts" / "small").read("ada")
    assert after.key != before.key
    assert set(earlier.known(before.keys)) == {"entropy", "kl"}
    assert set(earlier.known(after.keys)) == {"entropy"}


@pytest.mark.slow
def test_what_stock_autograde_judged_is_not_judged_again(handed, undisturbed, monkeypatch):
    """A press of Formgrader's Autograde button counts; gradus records it and writes the page."""
    with Gradebook(f"sqlite:///{handed.gradebook}", "gradus") as gradebook:
        gradebook.remove_submission("small", "dan")
    (handed.folder / "verdicts" / "small" / "dan.json").unlink()
    page = handed.folder / "feedback" / "dan" / "small" / "small.html"
    page.unlink()
    monkeypatch.setenv("GRADUS_COURSE", str(handed.folder))
    subprocess.run(
        [BIN / "nbgrader", "autograde", "small", "--student", "dan", "--force"],
        cwd=handed.root, check=True, capture_output=True,
    )  # fmt: skip
    assert contents(handed) == undisturbed
    after = grade_class(handed, "small", list(PUPILS), Order())
    assert (after.judged, after.failed) == (0, 0)
    assert page.is_file()
    assert contents(handed) == undisturbed


@pytest.mark.slow
def test_after_stock_autograde_the_gradebook_is_not_what_gradus_noted(handed, undisturbed):
    """A draft that nbgrader graded does not stay when the answer of before is handed in again."""
    path, kept = submission(handed, "dan"), submission(handed, "dan").read_bytes()
    shutil.copy(submission(handed, "ada"), path)
    assert book.autograde(handed, "small", "dan") == ""
    assert contents(handed) != undisturbed
    path.write_bytes(kept)
    assert grade_class(handed, "small", ["dan"], Order(workers=1)).failed == 0
    assert contents(handed) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("attempt", range(KILLS))
def test_killed_at_any_moment_the_next_run_completes_the_rest(handed, undisturbed, attempt):
    """SIGKILL to the client, a worker, a judge, a zygote or a kernel: nothing is lost or doubled.

    Manual points and comments given before are there after.
    """
    draw = random.Random(attempt)
    with Gradebook(f"sqlite:///{handed.gradebook}", "gradus") as gradebook:
        for student in PUPILS[1:]:  # ada's row holds a person's work, and is graded anew
            gradebook.remove_submission("small", student)
    for name in ("autograded", "feedback", "verdicts"):
        shutil.rmtree(handed.folder / name, ignore_errors=True)
    argv, environment = command(handed)
    running = subprocess.Popen(
        argv, cwd=handed.root, env=environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    time.sleep(draw.uniform(0.5, 10.0))
    family = [psutil.Process(running.pid)] if running.poll() is None else []
    family += family[0].children(recursive=True) if family and draw.random() < 0.7 else []
    if family:
        draw.choice(family).send_signal(signal.SIGKILL)
    try:
        running.wait(timeout=60)
    finally:
        running.kill()
    done = subprocess.run(argv, cwd=handed.root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert contents(handed) == undisturbed


@contextlib.contextmanager
def cluster(*options):
    """Start a scheduler and two workers, each with options; yield its address and them."""
    scheduler = subprocess.Popen(
        [BIN / "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    line = next(line for line in scheduler.stderr if "Scheduler at:" in line)
    address = line.split()[-1]
    start = [BIN / "dask", "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    workers = [
        subprocess.Popen([*start, *each], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for each in options
    ]
    try:
        with Client(address) as client:
            client.wait_for_workers(len(workers), timeout=60)
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.communicate()


@pytest.mark.slow
def test_two_workers_of_a_real_scheduler_one_of_them_killed(handed, undisturbed):
    """Started separately; what the dead one held goes to the other, and is recorded once."""
    seen = []
    with cluster([], []) as (address, workers):

        def told(student, problem):
            if not seen:
                workers[0].kill()
            seen.append((student, problem))

        order = Order(scheduler=address, again=True)
        tally = grade_class(handed, "small", list(PUPILS), order, told)
    assert (tally.judged, tally.failed) == (4, 0)
    assert sorted(seen) == [(student, "") for student in PUPILS]
    assert contents(handed) == undisturbed


@pytest.mark.slow
def test_where_workers_have_gpus_all_submissions_go_to_those(handed, monkeypatch):
    """The tag decides, whether or not it tells the truth."""

    def where(one):
        return Result(one.key, {}, {}, {}, get_worker().name)

    monkeypatch.setattr(classroom, "judge_submission", where)
    class_ = [handed_in(handed, "small", student) for student in PUPILS]
    tagged = ["--name", "tagged", "--resources", "GPU=1"]
    with cluster(["--name", "plain"], tagged) as (address, _):
        results = list(classroom.judge_class(class_, Zygote(), scheduler=address))
    assert {one.student: result.problem for one, result in results} == dict.fromkeys(
        PUPILS, "tagged"
    )


def as_version_3(path):
    """Write the notebook in the format of 2013."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.write(nbformat.convert(notebook, 3), path, version=3)


def changed(change):
    """Return what rewrites a notebook: ``change`` is given its cells, and where kl's answer is."""

    def rewrite(path):
        notebook = nbformat.read(path, as_version=4)
        at = next(at for at, cell in enumerate(notebook.cells) if cell.id == "answer-kl")
        change(notebook.cells, at)
        for number, cell in enumerate(notebook.cells):
            cell.id = f"c{number}"
        nbformat.write(notebook, path)

    return rewrite


def split(cells, at):
    """Split a cell in two, as Jupyter does: both halves keep its metadata."""
    head, body = cells[at].source.split("\n", 1)
    cells.insert(at + 1, copy.deepcopy(cells[at]))
    cells[at].source, cells[at + 1].source = head, body


NOTES = {
    "no_answer": (lambda cells, at: cells.pop(at), "its answer cell was missing", 0),
    "no_test": (
        lambda cells, _: cells.remove(next(cell for cell in cells if cell.id == "graded-kl")),
        "its graded cell was missing, and put back",
        3,
    ),
    "twice": (
        lambda cells, at: cells.insert(at, copy.deepcopy(cells[at])),
        "its answer cell was there more than once",
        3,
    ),
    "split": (split, "its answer cell was there more than once", 0),
}
"""What was done to the cells, the note on it, and the points for kl."""


TROUBLES = {
    "corrupt": (lambda path: path.write_text("{ no notebook"), "is no notebook"),
    "foreign": (
        lambda path: nbformat.write(nbformat.v4.new_notebook(), path),
        "no cell of small is in it",
    ),
    "huge": (lambda path: path.write_bytes(b" " * 50 * 2**20), "50 MiB; at most 20 MiB"),
    "encoding": (lambda path: path.write_bytes(b"\xff\xfe{\x00}\x00"), "is not UTF-8 text"),
    "absent": (lambda path: path.rename(path.with_name("other.ipynb")), "was not handed in"),
    "old": (as_version_3, ""),
}


@pytest.mark.slow
def test_each_trouble_is_named_and_the_class_goes_on(handed, undisturbed):
    """A finding for each learner whose file is bad; the others have their points."""
    for name, (spoil, _) in TROUBLES.items():
        path = submission(handed, name)
        path.parent.mkdir(parents=True)
        shutil.copy(submission(handed, "dan"), path)
        spoil(path)
    tally = grade_class(handed, "small", ["dan", *TROUBLES], Order(workers=1))
    problems = {record.student: record.problem for record in tally.records}
    for name in TROUBLES:
        shutil.rmtree(handed.folder / "submitted" / name)
    for name, (_, problem) in TROUBLES.items():
        assert problem in problems[name]
        assert bool(problem) == bool(problems[name])
    assert problems["dan"] == ""
    assert next(one.score for one in tally.records if one.student == "dan") == 5


@pytest.mark.slow
def test_missing_doubled_and_split_cells_are_noted(handed, undisturbed):
    """The note is beside the exercise, in the table, too; what can be judged is judged."""
    for name, (change, _, _) in NOTES.items():
        path = submission(handed, name)
        path.parent.mkdir(parents=True)
        shutil.copy(submission(handed, "dan"), path)
        changed(change)(path)
    tally = grade_class(handed, "small", list(NOTES), Order(workers=1))
    for name in NOTES:
        shutil.rmtree(handed.folder / "submitted" / name)
    found = {record.student: record.verdicts[1] for record in tally.records}
    assert {name: (one.note, one.points) for name, one in found.items()} == {
        name: (note, points) for name, (_, note, points) in NOTES.items()
    }
    console = Console(width=200, file=io.StringIO())
    console.print(cli._class_table(list(tally.records)))
    assert all(note in console.file.getvalue() for _, note, _ in NOTES.values())


@pytest.mark.slow
def test_what_cannot_be_written_is_a_finding_and_the_class_goes_on(handed, undisturbed):
    """A file stands where a learner's folder should be made; the others have their points."""
    blocked = handed.folder / "feedback" / "ben"
    shutil.rmtree(blocked)
    blocked.write_text("in the way")
    tally = grade_class(handed, "small", ["ben", "dan"], Order(workers=1, again=True))
    blocked.unlink()
    problems = {record.student: record.problem for record in tally.records}
    assert "ben" in problems["ben"]
    assert problems["dan"] == ""
    assert grade_class(handed, "small", ["ben", "dan"], Order(workers=1)).failed == 0


def test_a_full_disk_is_a_finding_and_nothing_half_stays(handed, monkeypatch, tmp_path):
    """A result that cannot be written leaves no file behind, not even a part of one."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        ledger.write_whole(tmp_path / "x" / "ada.json", json.dumps({}))
    assert list((tmp_path / "x").iterdir()) == []


def test_a_record_of_nobody_is_no_record(handed):
    """What the gradebook does not have, was not recorded."""
    assert "nobody" not in book.recorded_students(handed, "small")
