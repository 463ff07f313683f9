"""The house: a part imports only from lower floors, and each heavy library has one owner."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLOORS = [
    ["errors", "limits"],
    ["spec", "verdict", "seeds"],
    ["driver"],
    ["specs"],
    ["catalogue"],
    ["quizzes", "rules", "feedback"],
    ["course", "judge", "sandbox", "notebooks", "mutants", "sample"],
    ["grading", "bundle"],
    ["gradebook"],
    ["report"],
    ["cli"],
    ["__main__"],
]

OWNERS = {
    "jupyter_client": "sandbox",
    "zmq": "sandbox",
    "psutil": "sandbox",
    "nbgrader": "gradebook",
    "nbconvert": "gradebook",
    "latex2mathml": "gradebook",
    "jupytext": "notebooks",
    "typer": "cli",
    "rich": "cli",
    "dask": "grading",
    "distributed": "grading",
}


def imported(path: Path) -> set[str]:
    """Return the dotted names that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part(name: str) -> str:
    """Return which part of the grader a dotted name or a path below it belongs to."""
    return name.split(".")[1] if name.count(".") else ""


MODULES = sorted((ROOT / "autograder").rglob("*.py"))
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_part_imports_only_from_lower_floors(path):
    """Nothing is imported from the same floor or one above, except within a part."""
    mine = path.relative_to(ROOT / "autograder").parts[0].removesuffix(".py")
    if mine == "__init__":
        return
    theirs = {part(name) for name in imported(path) if name.startswith("autograder.")}
    upward = {name for name in theirs - {mine} if FLOOR[name] >= FLOOR[mine]}
    assert not upward, f"{mine} (floor {FLOOR[mine]}) imports {upward}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_heavy_library_has_one_owner(path):
    """Only its owner imports a library that could be replaced."""
    mine = path.relative_to(ROOT / "autograder").parts[0].removesuffix(".py")
    foreign = {name.split(".")[0] for name in imported(path)} & OWNERS.keys()
    assert {name for name in foreign if OWNERS[name] != mine} == set()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "gradus").rglob("*.py")), ids=lambda path: path.name
)
def test_the_learners_side_knows_nothing_of_the_grader(path):
    """No module of gradus imports anything of autograder."""
    assert not any(name.split(".")[0] == "autograder" for name in imported(path))


def test_who_only_records_and_draws_does_not_wait_for_torch():
    """Neither the command, nor a worker, nor a card imports torch: judge and sandbox do."""
    code = (
        "import sys, autograder.cli, autograder.gradebook.classwork, autograder.grading.worker\n"
        "from autograder.feedback import outputs_of\n"
        "from autograder.verdict import Verdict\n"
        "outputs_of(Verdict.could_not_tell('kl', 'a reason'), 'none')\n"
        "assert 'torch' not in sys.modules\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
