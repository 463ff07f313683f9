"""A course of plain nbgrader asserts is graded in our sandbox, with nbgrader's own scores."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbgrader
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from autograder.errors import SubmissionError
from autograder.gradebook.foreign import RunInSandbox
from tests.conftest import ROOT

GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent
IN_SANDBOX = """
from nbgrader.converters import Autograde
c.Autograde.autograde_preprocessors = [
    "autograder.gradebook.foreign.RunInSandbox",
    *Autograde.autograde_preprocessors.default_args[0][1:],
]
"""


def command(folder, *words):
    """Run a command of nbgrader's in a folder and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def run(tmp_path):
    """Return the outputs of code cells that ran next to the files of a folder."""

    def cells(*sources, language="python", **settings):
        metadata = {"kernelspec": {"name": "x", "display_name": "x", "language": language}}
        notebook = new_notebook(cells=[new_code_cell(one) for one in sources], metadata=metadata)
        resources = {"metadata": {"path": str(tmp_path)}}
        ran, _ = RunInSandbox(**settings).preprocess(notebook, resources)
        return [cell.outputs for cell in ran.cells]

    return cells


def test_the_quickstart_course_gets_the_scores_of_its_documentation(tmp_path):
    """Of 13 points bitdiddle gets 1.5 and hacker 3, as nbgrader 0.9.6 itself gives."""
    command(tmp_path, "quickstart", "course101")
    course = tmp_path / "course101"
    shutil.copytree(GUIDE / "submitted", course / "submitted")
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + IN_SANDBOX)
    command(course, "generate_assignment", "ps1")
    command(course, "autograde", "ps1")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        ours = book.assignment_submissions("ps1")
        found = {one.student.id: (one.score, one.max_score) for one in ours}
    assert found == {"bitdiddle": (1.5, 13.0), "hacker": (3.0, 13.0)}


def test_a_cell_finds_the_files_beside_its_notebook(run, tmp_path):
    """Data are there to read, in the working folder; notebooks are not."""
    (tmp_path / "data.txt").write_text("seven")
    (tmp_path / "ps1.ipynb").write_text("{}")
    ((said,),) = run("import os; print(open('data.txt').read(), os.listdir())")
    assert said.text == "seven ['data.txt']\n"


def test_a_cell_that_never_ends_costs_its_own_points_alone(run):
    """It gets an error, which nbgrader scores as 0; later cells know what ran well before."""
    before, endless, after = run("x = 3", "while True: pass", "float(x)", timeout=2)
    assert before == []
    assert endless[-1].ename == "CellTimeoutError"
    assert endless[-1].evalue == "stopped after 2 seconds"
    assert after[0].data["text/plain"] == "3.0"


def test_an_error_that_a_cell_silenced_is_still_one(run):
    """A cell that switches tracebacks off gets no points for the wrong ones after it."""
    silence = "get_ipython().showtraceback = get_ipython()._showtraceback = lambda *a, **k: None"
    _, failed = run(silence, "assert 1 == 2, 'no'")
    assert [(one.ename, one.evalue) for one in failed] == [("AssertionError", "no")]


def test_the_outside_is_out_of_reach(run):
    """A cell sees no file of the machine that is not the sandbox's: not even this one."""
    ((seen,),) = run(f"import os; print(os.path.exists({__file__!r}))")
    assert seen.text == "False\n"


def test_another_language_is_refused(run):
    """The sandbox runs python, and says so."""
    with pytest.raises(SubmissionError, match="the sandbox runs python, the notebook is in R"):
        run("1 + 1", language="R")


def test_nbgraders_own_tests_pass_in_the_sandbox():
    """Those of cheats and of limits; docs/nbgrader.md tells of all 42 and how to run them."""
    chosen = ["showtraceback_exploit", "autograde_timeout"]
    words = ["-c", os.devnull, "-q", "-p", "no:cacheprovider", "-p", f"{__package__}.plain_asserts"]
    words += ["--pyargs", "nbgrader.tests.apps.test_nbgrader_autograde", "-k", " or ".join(chosen)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout[-3000:]
