"""A released notebook before a line of it is written."""

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

SETS = sorted(path.parent.name for path in ROOT.glob("exercises/*/*.ipynb"))

pytestmark = [pytest.mark.slow, pytest.mark.spread]


@pytest.mark.parametrize("name", SETS)
def test_a_fresh_notebook_runs_from_top_to_bottom(name, tmp_path):
    """No cell fails, none shows a traceback, and each stub that is called says what it is."""
    shutil.copytree(ROOT / "exercises" / name, tmp_path / name)
    notebook = nbformat.read(tmp_path / name / f"{name}.ipynb", as_version=4)
    NotebookClient(
        notebook, timeout=60, resources={"metadata": {"path": str(tmp_path / name)}}
    ).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in shown if output.output_type == "error"]
    said = [output.data["text/plain"] for output in shown if "data" in output]
    for cell in notebook.cells:
        if cell.source.startswith("check("):
            exercise = cell.source.split('"')[1]
            assert any(text.startswith(f"{exercise}: not yet written") for text in said)
