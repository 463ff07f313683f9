"""The sample class: made from the assignments and the specs, whatever they are."""

import json

import pytest
from typer.testing import CliRunner

from autograder import catalogue
from autograder.cli import app
from autograder.notebooks.build import graded_ids
from autograder.sample import _stands_alone, acted_out
from tests.conftest import ROOT

ASSIGNMENTS = sorted(path.stem for path in (ROOT / "solutions").glob("*/*.py"))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_assignment_has_a_sample_class(name, tmp_path, monkeypatch):
    """One pupil for each exercise's typical mistake, and five more; every cell can be parsed."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("GRADUS_COURSE", str(tmp_path))
    done = CliRunner().invoke(app, ["sample", name, "--json"])
    assert done.exit_code == 0, done.output
    pupils = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"all_right", "untouched", "endless_loop", "kernel_killer", "forger"} <= {
        pupil["student"] for pupil in pupils
    }
    assert len(pupils) > 10
    for pupil in pupils:
        for cell in json.loads((ROOT / pupil["path"]).read_text())["cells"]:
            if cell["cell_type"] == "code":
                compile("".join(cell["source"]), pupil["student"], "exec")


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_a_typical_mistake_stands_alone(name):
    """Each is defined by its own cell: what it uses of its spec's module comes along."""
    for exercise in map(catalogue.find, graded_ids(ROOT / "solutions" / name / f"{name}.py")):
        wrong = next(filter(_stands_alone, exercise.misconceptions))  # as the sample takes it
        defined = {}
        exec(acted_out(wrong, "answer"), defined)
        assert callable(defined["answer"])
