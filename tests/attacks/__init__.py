"""One way to cheat per file: each writes a notebook that solves ``kl`` and forges ``entropy``.

A trick has a ``CELL``, which is handed in as the answer to ``entropy``; or a ``tamper``, which is
done to the notebook; and ``CAUSE``, words of which the report must hold some, where it is not a
difference between answers.
"""

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

WRONG = """
def entropy(p, base=2.0):
    return p.sum(-1)
"""


def graded_cell(notebook: Any, exercise: str) -> Any:
    """Return the graded cell of an exercise."""
    name = f"{exercise}-graded"
    marks = ((cell, cell.metadata.get("nbgrader", {})) for cell in notebook.cells)
    return next(cell for cell, mark in marks if mark.get("grade_id") == name)


def tricks(kind: str = "*") -> dict[str, ModuleType]:
    """Return the tricks by name: of one kind, which is a folder here, or all."""
    here = Path(__file__).parent
    paths = sorted(here.glob(f"{kind}/[!_]*.py"), key=lambda path: (path.parent.name, path.stem))
    return {
        path.stem: importlib.import_module(f"tests.attacks.{path.parent.name}.{path.stem}")
        for path in paths
    }
