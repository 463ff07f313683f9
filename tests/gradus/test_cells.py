"""A fresh notebook: it runs to its end, and says what is still to be written."""

import os
import re

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

pytestmark = pytest.mark.slow


def run(cells, folder):
    """Run ``cells`` in one kernel that nobody judges; return what each shows, as one text."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    return shown(notebook, folder)


def shown(notebook, folder):
    """Run ``notebook`` in ``folder``, where an error stops it; return what each code cell shows."""
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    environment = {name: value for name, value in os.environ.items() if name != "GRADUS_JUDGE"}
    client.execute(env=environment)
    texts = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            outputs = [
                one.get("text") or one.get("data", {}).get("text/plain", "") for one in cell.outputs
            ]
            texts.append("\n".join(outputs))
    return texts


def test_the_function_that_is_missing_is_named(tmp_path):
    """One function calls another: the one that has no body yet is named, with its class."""
    texts = run(
        [
            "import gradus\nclass Line:\n    def slope(self):\n"
            '        raise NotImplementedError("not yet written")\n'
            "def use():\n    return Line().slope()",
            "use()",
            "print('reached')",
        ],
        tmp_path,
    )
    assert [text.strip() for text in texts[1:]] == ["Line.slope is not yet written", "reached"]


def test_other_errors_still_stop_the_notebook(tmp_path):
    """A NotImplementedError of PyTorch's is an error like any other, and keeps its traceback."""
    with pytest.raises(CellExecutionError, match="no such kernel here"):
        run(["import gradus", 'raise NotImplementedError("no such kernel here")'], tmp_path)


def test_a_name_without_a_value_gets_a_question(tmp_path):
    """Below the error stands what was most likely forgotten: to run a cell, or its name."""
    with pytest.raises(CellExecutionError) as found:
        run(["import gradus", 'gradus.check("kl", kl)'], tmp_path)
    assert "NameError: name 'kl' is not defined" in re.sub(r"\x1b\[[\d;]*m", "", str(found.value))
    assert "Has the cell that defines kl been run, and is it called kl there?" in str(found.value)


def test_the_judge_hears_of_every_error(tmp_path, monkeypatch):
    """Where a judge waits, a stub's error stays an error."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(one)
            for one in ["import gradus", 'raise NotImplementedError("not yet written")']
        ]
    )
    monkeypatch.setenv("GRADUS_JUDGE", "somewhere")
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute(cwd=str(tmp_path))
