"""Validate, nbgrader's button: it names what is not written, and passes what is right."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.spread]
ASSIGNMENTS = sorted(path.stem for path in ROOT.glob("exercises/*/*.ipynb"))


def validated(folder, name, answered=()):
    """Return what ``nbgrader validate`` says of a copy with some of the author's answers."""
    released = shutil.copytree(ROOT / "exercises" / name, folder / name) / f"{name}.ipynb"
    written = nbformat.read(ROOT / "solutions" / name / f"{name}.ipynb", as_version=4)
    answers = {cell.id: cell.source for cell in written.cells}
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        ours = cell.metadata.get("nbgrader", {}).get("solution")
        if ours and (answered == "all" or cell.id in answered):
            cell.source = answers[cell.id]
    nbformat.write(notebook, released)
    done = subprocess.run(
        [Path(sys.executable).with_name("nbgrader"), "validate", released.name],
        cwd=released.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_solved_assignment_passes(tmp_path, name):
    """With every answer written there is nothing to complain of."""
    assert "Success! Your notebook passes all the tests." in validated(tmp_path, name, "all")


def test_a_released_assignment_names_what_is_not_written(tmp_path):
    """Each function but the one that was written is named in a line, without our traceback."""
    said = validated(tmp_path, "ps02", ["answer-entropy"])
    assert "VALIDATION FAILED ON 8 CELL(S)!" in said
    assert "kl: not yet written" in said
    assert "entropy: not yet written" not in said
    assert "Traceback" not in said
