"""Restoring: whatever was done to our cells, they run as we wrote them, once."""

import copy

import pytest

from autograder.notebooks.restore import changes, restore


def names(notebook):
    """Return the grade ids in order."""
    ids = (cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells)
    return [name for name in ids if name]


def graded(notebook, name="kl-graded"):
    """Return the graded cell of an exercise."""
    return next(
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def test_an_untouched_submission_stays_as_it_is(source, submit):
    """Nothing moves and nothing is lost."""
    assert names(restore(submit(), source)) == names(source)


def test_the_learners_cells_keep_their_text(source, submit):
    """An answer is the learner's own."""
    restored = restore(submit(kl="def kl(p, q): return 1"), source)
    assert graded(restored, "kl").source == "def kl(p, q): return 1"


@pytest.mark.parametrize("change", ["edit", "delete", "duplicate", "rename", "unlock", "points"])
def test_a_graded_cell_comes_back_as_it_was(source, submit, change):
    """Edited, deleted, duplicated, renamed, unlocked or dearer: one cell, our text, our points."""
    tampered = submit()
    cell = graded(tampered)
    match change:
        case "edit":
            cell.source = "3.0"
        case "delete":
            tampered.cells.remove(cell)
        case "duplicate":
            tampered.cells.append(copy.deepcopy(cell))
        case "rename":
            cell.metadata.nbgrader.grade_id = "something-else"
        case "unlock":
            cell.metadata.nbgrader.locked = False
            cell.source = "3.0"
        case "points":
            cell.metadata.nbgrader.points = 300
    restored = restore(tampered, source)
    assert names(restored).count("kl-graded") == 1
    assert graded(restored).source == graded(source).source
    assert graded(restored).metadata.nbgrader == graded(source).metadata.nbgrader


def test_a_forged_verdict_in_the_metadata_is_dropped(source, submit):
    """Only the grader writes verdicts."""
    forged = submit()
    for cell in forged.cells:
        cell.metadata.gradus = {"outcome": "right", "exercise": "kl"}
    unmarked = [cell for cell in restore(forged, source).cells if "nbgrader" not in cell.metadata]
    assert all("gradus" not in cell.metadata for cell in unmarked)
    assert graded(restore(forged, source)).metadata.gradus == graded(source).metadata.gradus


def test_a_missing_cell_returns_after_its_predecessor(source, submit):
    """The judged call follows the answer it belongs to."""
    tampered = submit()
    tampered.cells.remove(graded(tampered, "entropy-graded"))
    assert names(restore(tampered, source)) == names(source)


def test_an_honest_submission_has_no_remarks(source, submit):
    """The released form of a graded cell, without its hidden region, is no change."""
    released = submit(kl="def kl(p, q): return 1")
    for cell in released.cells:
        cell.source = cell.source.split("### BEGIN HIDDEN TESTS")[0].strip()
    assert changes(released, source) == {}


@pytest.mark.parametrize(
    ("tamper", "remark"),
    [
        (lambda nb, cell: nb.cells.remove(cell), "its graded cell was missing, and put back"),
        (
            lambda nb, cell: nb.cells.append(cell),
            "its graded cell was there more than once, and put back",
        ),
        (lambda nb, cell: cell.update(source="3.0"), "its graded cell was edited, and put back"),
        (
            lambda nb, cell: cell.metadata.nbgrader.update(points=30),
            "the points of its graded cell were edited, and put back",
        ),
    ],
    ids=["missing", "twice", "edited", "points"],
)
def test_what_was_done_to_a_graded_cell_is_remarked(source, submit, tamper, remark):
    """Each kind of tampering has its sentence, for the cell it was done to."""
    tampered = submit()
    tamper(tampered, graded(tampered))
    assert changes(tampered, source) == {"kl-graded": remark}
