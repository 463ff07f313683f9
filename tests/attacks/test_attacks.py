"""Cheating: the forged exercise scores nothing, the honest one its points, and nothing breaks."""

import importlib
import shutil
import tempfile
from pathlib import Path

import pytest

from autograder.verdict import Outcome

TRICKS = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith(("test_", "_"))
)


@pytest.fixture
def scratch(monkeypatch):
    """A folder for temporary files of this test alone, with a path short enough for sockets."""
    folder = tempfile.mkdtemp(prefix="g")
    monkeypatch.setattr(tempfile, "tempdir", folder)
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_earns_nothing_and_costs_no_one_else(graded, submit, scratch, name):
    """Each trick: no points for entropy, all for kl, a cause in the report, no file left over."""
    trick = importlib.import_module(f"tests.attacks.{name}")
    notebook = submit(entropy=trick.CELL)
    if hasattr(trick, "tamper"):
        trick.tamper(notebook)
    found = graded(notebook, wall=6, memory=2**30)
    assert (found["entropy"].outcome, found["entropy"].points) == (Outcome.WRONG, 0)
    assert found["entropy"].finding
    assert "FOUND" not in found["entropy"].finding
    assert (found["kl"].outcome, found["kl"].points) == (Outcome.RIGHT, 3)
    assert found["entropy"].max_points == 2
    assert list(scratch.iterdir()) == []
