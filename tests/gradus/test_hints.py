"""Hints: a question, where to read, the first wrong case by hand; what was used stays."""

import os

import nbformat
import pytest
from nbclient import NotebookClient

from autograder import catalogue
from autograder.notebooks.practice import practice_pack
from gradus import check, hint
from gradus.attempts import LATEST
from gradus.hints import USED
from gradus.practice import PACK

PLACE = {"page": "book/kl", "section": "zeros", "title": "Divergence", "heading": "Zeros"}


@pytest.fixture
def assignment(source, tmp_path, monkeypatch):
    """Stand in the folder of an assignment whose ``kl`` is explained in a section of the book."""
    (tmp_path / PACK).write_bytes(practice_pack(["kl"], {"kl": catalogue.find("kl")}))
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        if cell.metadata.get("gradus", {}).get("exercise") == "kl":
            cell.metadata.gradus |= PLACE
    notebook.metadata.gradus.site = "https://gradus.org/"
    nbformat.write(notebook, tmp_path / "small.ipynb")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADUS_JUDGE", raising=False)
    LATEST.clear()
    USED.clear()
    return tmp_path


def absolute(p, q, base=2.0):
    """Return something else than the divergence."""
    return (p - q).abs().sum(-1)


def test_hints_go_from_a_question_to_the_section_to_the_case_by_hand(assignment):
    """Each call says more, the last stays, and each says which hint of how many it is."""
    check("kl", absolute)
    question, section, by_hand, again = (hint("kl") for _ in range(4))
    assert repr(question) == (
        "kl: hint 1 of 3\n"
        "  The case is “a fair coin coded as a biased one”.\n"
        "  Can you work this case out on paper? Where does your code first say something else?"
    )
    assert "https://gradus.org/book/kl.html#zeros" in section._repr_html_()
    assert "Read “Zeros” in Divergence." in repr(section)
    assert repr(by_hand) == (
        "kl: hint 3 of 3\n"
        "  The first case that comes out wrong is “a fair coin coded as a biased one”.\n"
        "  p is a tensor of shape (2,): 0.5, 0.5.\n"
        "  q is a tensor of shape (2,): 0.9, 0.1.\n"
        "  Expected is a tensor that holds 0.73697.\n"
        "  Your answer is a tensor that holds 0.8."
    )
    assert again == by_hand


def test_a_known_misconception_asks_its_own_question(assignment):
    """The first hint is the question that the card asks, if there is one."""
    wrong = next(one for one in catalogue.find("kl").misconceptions)
    card = check("kl", wrong)
    assert card.hint
    assert hint("kl").lines == (card.hint.replace("`", ""),)


def test_no_hint_is_used_where_none_is_needed(assignment):
    """Before a check, and once the answer is right, nothing is counted."""
    assert 'check("kl", ...) first' in repr(hint("kl"))
    check("kl", catalogue.find("kl").reference)
    assert "right" in repr(hint("kl"))
    assert USED == {}
    assert hint("kl")._repr_mimebundle_()[1] == {}


@pytest.mark.parametrize("name", ["kl", "accumulate_grads", "huffman_lengths", "to_uint8"])
def test_every_wrong_answer_has_a_case_by_hand(name, tmp_path, monkeypatch):
    """Models, lists, pictures and numbers are told in words, whatever the misconception."""
    exercise = catalogue.find(name)
    (tmp_path / PACK).write_bytes(practice_pack([name], {name: exercise}))
    monkeypatch.chdir(tmp_path)
    for wrong in exercise.misconceptions:
        check(name, wrong)
        USED[name] = 2
        lines = hint(name).lines
        assert len(lines) >= 2
        assert not any("object at 0x" in line for line in lines)


@pytest.mark.slow
def test_what_was_used_is_saved_with_the_notebook(assignment):
    """The output of the cell carries it as metadata, beside the words that a learner sees."""
    sources = [
        "from gradus import check, hint",
        'check("kl", lambda p, q, base=2.0: (p - q).abs().sum(-1))',
        'hint("kl")',
        'hint("kl")',
    ]
    cells = [nbformat.v4.new_code_cell(text) for text in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, resources={"metadata": {"path": os.fspath(assignment)}}).execute()
    nbformat.validate(notebook)
    saved = nbformat.reads(nbformat.writes(notebook), as_version=4)
    outputs = [cell.outputs[0] for cell in saved.cells[2:]]
    used = [one.metadata["gradus"]["hint"] for one in outputs]
    assert used == [{"exercise": "kl", "used": 1}, {"exercise": "kl", "used": 2}]
    assert "hint 2 of 3" in outputs[1].data["text/html"]

    nbformat.write(notebook, assignment / "mine.ipynb")  # what a new kernel finds
    check("kl", absolute)
    assert hint("kl").number == 3
