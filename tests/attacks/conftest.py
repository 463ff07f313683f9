"""How a trick is tried: on a real submission, in a real sandbox, with nothing left behind."""

import shutil
import tempfile
from pathlib import Path

import pytest

from autograder.verdict import Outcome

NAMED = (
    "case “",
    "no answer came",
    "the answer broke off",
    "the cell ended with",
    "the kernel died",
    "the kernel spoke out of order",
)
"""Every way in which a turn can end badly. A trick that has a RACE may end in any of them: who
notices it first, the judge, the kernel's client or Python itself, is chance."""


@pytest.fixture
def scratch(monkeypatch):
    """A folder for temporary files of this test alone, with a path short enough for sockets."""
    folder = tempfile.mkdtemp(prefix="g")
    monkeypatch.setattr(tempfile, "tempdir", folder)
    yield Path(folder)
    shutil.rmtree(folder)


@pytest.fixture
def tried(graded, submit, scratch):
    """Return a function that tries a trick, and fails if it earned or cost what it should not."""

    def run(trick):
        wall = getattr(trick, "WALL", 30)  # on a busy machine, time is no trick's cause but theirs
        found = graded(submit(entropy=trick.CELL), wall=wall, memory=2**30, disk=2**26)
        assert (found["entropy"].outcome, found["entropy"].points) == (Outcome.WRONG, 0)
        causes = NAMED if hasattr(trick, "RACE") else getattr(trick, "CAUSE", ("case “",))
        finding = found["entropy"].finding
        assert any(cause in finding for cause in causes), finding
        assert "FOUND" not in finding
        assert (found["kl"].outcome, found["kl"].points) == (Outcome.RIGHT, 3)
        assert found["entropy"].max_points == 2
        assert list(scratch.iterdir()) == []
        return found["entropy"]

    return run
