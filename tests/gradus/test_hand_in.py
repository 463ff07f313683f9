"""Handing in: one zip whose name tells what it is, and a reason where there can be none."""

import hashlib
import json
import zipfile

import pytest

from gradus.__main__ import main
from gradus.hand_in import HandInError, hand_in
from tests.conftest import ROOT


@pytest.fixture
def ps02(tmp_path):
    """A learner's copy of an assignment."""
    path = tmp_path / "ps02.ipynb"
    path.write_bytes((ROOT / "exercises/ps02/ps02.ipynb").read_bytes())
    return path


def without_cells(path, *ids):
    """Take cells out of a notebook, as a slip of the mouse does."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in ids]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_zip_holds_the_notebook_as_it_was_saved(ps02):
    """The bytes inside are the saved file's, and the name says whose, when and which."""
    done = hand_in(ps02, "ada")
    assert zipfile.ZipFile(done.file).read("ps02.ipynb") == ps02.read_bytes()
    digest = hashlib.sha256(ps02.read_bytes()).hexdigest()
    assert done.file.name == f"ps02__ada__{done.when:%Y%m%dT%H%M%SZ}__{digest[:12]}.zip"


def test_lost_cells_are_named(ps02):
    """A notebook without an answer cell and a written one is refused, and told which they are."""
    without_cells(ps02, "answer-kl", "written-which_direction", "cell-05")
    with pytest.raises(HandInError, match=r"lost 2 of 17 .*: kl, which_direction; copy"):
        hand_in(ps02, "ada")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("ps02.ipynb", "not JSON", "no notebook: it is not JSON"),
        ("ps02.ipynb", '{"cells": [], "metadata": {}}', "no assignment of this course"),
        ("ps03.ipynb", None, "holds the assignment ps02, not ps03: expected the name ps02.ipynb"),
    ],
    ids=["text", "another notebook", "another assignment"],
)
def test_what_is_no_such_assignment_is_refused(ps02, name, content, reason):
    """The reason says what was expected, and no zip is left behind."""
    path = ps02.rename(ps02.with_name(name))
    if content is not None:
        path.write_text(content)
    with pytest.raises(HandInError, match=reason):
        hand_in(path, "ada")
    assert list(path.parent.glob("*.zip")) == []


@pytest.mark.parametrize("name", ["../ada", "a__b", "ada lovelace", "阿达", "a/b", "-a"])
def test_a_name_that_a_file_name_cannot_hold_is_refused(ps02, name):
    """What some system or platform would change or misread is not let in."""
    with pytest.raises(HandInError, match="cannot be a name in a file name"):
        hand_in(ps02, name)


def test_a_learner_needs_no_more_than_the_package(ps02, capsys):
    """``python -m gradus submit`` says in JSON where the zip is, or in a line what is wrong."""
    assert main(["submit", str(ps02), "--as", "ada", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert zipfile.is_zipfile(record["file"])
    assert main(["submit", "nowhere.ipynb"]) == 2
    assert "nowhere.ipynb cannot be read" in capsys.readouterr().err
