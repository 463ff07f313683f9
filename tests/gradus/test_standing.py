"""How far am I: points that practice speaks for, minutes left, what to read, and the file."""

import json
from dataclasses import replace
from datetime import date

import nbformat
import pytest

from autograder import catalogue
from autograder.notebooks.practice import practice_pack
from gradus import check, progress
from gradus.attempts import LATEST
from gradus.practice import PACK
from gradus.standing import FILE

NAMES = ("entropy", "kl")
PLACE = {"page": "book/kl", "section": "zeros", "title": "Divergence", "heading": "Zeros"}


@pytest.fixture
def assignment(source, tmp_path, monkeypatch):
    """Stand in the folder of an assignment with two functions and a question in words."""
    specs = {name: catalogue.find(name) for name in NAMES}
    (tmp_path / PACK).write_bytes(practice_pack(list(specs), specs))
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        if cell.metadata.get("gradus", {}).get("exercise") == "kl":
            cell.metadata.gradus |= PLACE
    mark = {"grade": True, "grade_id": "why", "points": 1, "solution": True}
    notebook.cells.append(
        nbformat.v4.new_markdown_cell(
            "YOUR ANSWER HERE", metadata={"nbgrader": mark, "gradus": {"minutes": 5}}
        )
    )
    notebook.metadata.gradus.site = "https://gradus.org/"
    nbformat.write(notebook, tmp_path / "small.ipynb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADUS_JUDGE", raising=False)
    LATEST.clear()
    return tmp_path


def absolute(p, q, base=2.0):
    """Return something else than the divergence."""
    return (p - q).abs().sum(-1)


def right(name):
    """Check the model answer of an exercise."""
    assert check(name, catalogue.find(name).reference).outcome == "right"


def test_a_fresh_assignment_has_all_its_minutes_left(assignment):
    """Two functions of 10 minutes and a question of 5 are 25 minutes and no points."""
    assert progress().summary == (
        "0 of 5 points secured; 1 more are for answers in words, which a person reads; "
        "about 25 minutes of work are left."
    )


def test_what_is_right_counts_and_what_is_wrong_says_where_to_read(assignment):
    """A right function secures its points and minutes; a wrong one links to its section."""
    right("entropy")
    check("kl", absolute)
    shown = progress()
    assert shown.summary.startswith("2 of 5 points secured")
    assert "about 15 minutes" in shown.summary
    assert [row.state for row in shown.rows][:2] == ["right", "not right yet"]
    assert 'href="https://gradus.org/book/kl.html#zeros"' in shown._repr_html_()
    assert "read “Zeros” in Divergence" in repr(shown)


def test_an_aspect_answered_right_secures_its_share(assignment):
    """An answer that is right at the edges alone has the points of the edges, as in grading."""
    check("kl", absolute)
    one = LATEST["kl"]
    credit, earned = {"values": 0.75, "edges": 0.25}, {"values": False, "edges": True}
    found = replace(one.found, earned=earned)
    LATEST["kl"] = replace(one, quiz=replace(one.quiz, credit=credit), found=found)
    assert progress().rows[1].secured == 0.75


def test_the_file_is_one_that_the_book_takes_in(assignment):
    """Format 1; an exercise is there when it is right, with the day on which it became so."""
    right("entropy")
    check("kl", absolute)
    progress()
    held = json.loads((assignment / FILE).read_text())
    day = date.today().isoformat()
    assert held == {"format": 1, "exercises": {"entropy": {"passed": True, "when": day}}}


def test_a_new_kernel_remembers_what_was_right(assignment):
    """What the file says counts until the exercise is checked again, and its day stays."""
    before = {"format": 1, "read": {"book/kl": "2026-01-02"}, "exercises": {}}
    before["exercises"]["kl"] = {"passed": True, "when": "2026-01-02"}
    (assignment / FILE).write_text(json.dumps(before))
    assert progress().rows[1].state == "right on 2026-01-02"
    right("kl")
    progress()
    assert json.loads((assignment / FILE).read_text()) == before
    check("kl", absolute)
    assert progress().rows[1].secured == 0
    assert json.loads((assignment / FILE).read_text()) == before | {"exercises": {}}


@pytest.mark.parametrize("text", ["half a fi", '{"format": 2}', '{"format": 1, "exercises": []}'])
def test_a_file_that_is_not_ours_is_left_alone(assignment, text):
    """What cannot be read is not written over, and the card says so."""
    (assignment / FILE).write_text(text)
    right("kl")
    shown = progress()
    assert "was left as it is" in shown.note
    assert shown.rows[1].secured == 3
    assert (assignment / FILE).read_text() == text


def test_an_answer_in_words_counts_once_it_is_saved(assignment):
    """Its minutes are over; its points are a person's to give."""
    path = assignment / "small.ipynb"
    path.write_text(path.read_text().replace("YOUR ANSWER HERE", "The other way round."))
    assert "about 20 minutes" in progress().summary


def test_progress_is_silent_while_a_set_is_graded(assignment, monkeypatch):
    """In the sandbox it shows nothing and writes nothing."""
    monkeypatch.setenv("GRADUS_JUDGE", "somewhere")
    assert progress() is None
    assert not (assignment / FILE).exists()


def test_without_a_pack_a_card_says_where_it_was_looked_for(tmp_path, monkeypatch):
    """A notebook that was moved away from its folder is told so, and gets no traceback."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADUS_JUDGE", raising=False)
    shown = repr(progress())
    assert f"expected {PACK} beside the notebook, in {tmp_path}" in shown
    assert "Was the notebook moved" in shown
