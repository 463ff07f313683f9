"""What several test modules stand on: one small assignment, built once, and a way to grade it."""

import os
from functools import cache
from pathlib import Path

import nbformat
import pytest
import torch
from xdist.scheduler import LoadScopeScheduling

from autograder import catalogue
from autograder.grading.submission import Terms, grade
from autograder.judge.client import PROGRAM, Judges
from autograder.limits import Limits
from autograder.notebooks import build
from autograder.sandbox.warm import Zygote

ROOT = Path(__file__).parent.parent
torch.set_num_threads(1)
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

SOURCE = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %%
import torch

from gradus import check

# %% answer="entropy"
def entropy(p, base=2.0):
    ### BEGIN SOLUTION
    return torch.special.entr(p).sum(-1) / torch.tensor(base).log()
    ### END SOLUTION

# %% check="entropy" points=2 minutes=10 difficulty=1 importance=5
# Tested: distributions.
check("entropy", entropy)

# %% answer="kl"
def kl(p, q, base=2.0):
    ### BEGIN SOLUTION
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(-1) / torch.tensor(base).log()
    ### END SOLUTION

# %% check="kl" points=3 minutes=10 difficulty=1 importance=5
# Tested: pairs of distributions.
check("kl", kl)
"""


class Spreading(LoadScopeScheduling):
    """Keep a module on one worker, where its fixtures are, unless its tests are marked ``spread``.

    ``--dist loadgroup`` would do, but pytest-xdist 3.8 writes the groups where pytest 9 reads none.
    """

    def _split_scope(self, nodeid):
        module = nodeid.split("::")[0]
        return nodeid if _spreads(module) else module


@cache
def _spreads(module):
    return "mark.spread" in (ROOT / module).read_text()


def pytest_xdist_make_scheduler(config, log):
    """Give out the tests by module."""
    return Spreading(config, log)


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """The instructor's notebook of a small assignment with two exercises."""
    path = tmp_path_factory.mktemp("small") / "small.py"
    path.write_text(SOURCE)
    return build.build(path, {name: catalogue.find(name) for name in ("entropy", "kl")})


@pytest.fixture
def submit(source):
    """Return a submission of the small assignment, with some answers replaced by the given."""

    def make(**answers):
        notebook = nbformat.from_dict(source)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in answers:
                cell.source = answers[name]
        return notebook

    return make


@pytest.fixture(scope="session")
def judges(zygote):
    """One judge for all tests that grade, and another for a test that talks to one."""
    with Judges(2, lambda: zygote.fork(PROGRAM, "gradus-judge")) as both:
        yield both


@pytest.fixture
def judge(judges):
    """The judge of all tests, to be talked to."""
    with judges.one() as process:
        yield process


@pytest.fixture(scope="session")
def zygote():
    """One zygote for all tests that run a kernel."""
    with Zygote() as process:
        process.launch()  # here, and not in a test that looks at what temporary files are left
        yield process


@pytest.fixture
def graded(source, judges, zygote):
    """Return the verdicts on a submission by exercise, graded in a real, warm sandbox."""

    def run(notebook, **limits):
        terms = Terms("ada", "small", b"a secret of the tests", Limits(**{"wall": 10, **limits}))
        found = grade(notebook, source, judges, terms, zygote)
        assert found.sandbox == "bubblewrap, warm"
        return {verdict.exercise: verdict for verdict in found.verdicts}

    return run
