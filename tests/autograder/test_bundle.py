"""The learners' bundle: it works where this repository is not, and holds no answer."""

import ast
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from jupyterlab_server.config import get_page_config
from jupyterlab_server.settings_utils import _get_overrides

from autograder import bundle as bundling
from autograder.bundle import bundle
from autograder.course import Course
from autograder.errors import GradusError
from autograder.notebooks.build import secret_lines
from tests.conftest import ROOT

COURSE = Course(ROOT, ROOT / "_course")
ANSWER = """def entropy(p, base=2.0):
    return torch.special.entr(p).sum(-1) / math.log(base)
"""
RUN = """
import nbformat, os, sys
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
place = {"metadata": {"path": os.path.dirname(sys.argv[1])}}
NotebookClient(notebook, kernel_name="python3", resources=place).execute()
nbformat.write(notebook, sys.argv[1])
"""


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    """The bundle of the committed release."""
    path = tmp_path_factory.mktemp("dist") / "bundle.zip"
    bundle(COURSE, path)
    return path


def contents(zipped):
    """Yield the name and the text of each file, those within the wheel and notebooks included."""
    with zipfile.ZipFile(zipped) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            yield name, content.decode("latin-1")
            if name.endswith(".ipynb"):
                cells = json.loads(content)["cells"]
                yield name, "\n".join("".join(cell["source"]) for cell in cells)
            if name.endswith(".whl"):
                yield from contents(io.BytesIO(content))


def code_lines(path):
    """Return the lines of a module's code, without docstrings, imports and what is common."""
    text = path.read_text(encoding="utf-8").splitlines()
    found = set()
    for node in ast.walk(ast.parse("\n".join(text))):
        prose = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        simple = isinstance(
            node, (ast.Assign, ast.Return, ast.AugAssign, ast.Expr, ast.FunctionDef)
        )
        if simple and not prose:
            found.add(text[node.lineno - 1].strip())
    return {line for line in found if len(line) > 24}


def test_nothing_hidden_is_in_the_bundle(zipped):
    """No line of a model answer, a spec or the judge, and no mark of a hidden region."""
    sources = [COURSE.source(name) for name in COURSE.assignments()]
    answers = {line for source in sources for line in secret_lines(source) if len(line) > 8}
    judged = set()
    for folder in ("specs", "judge"):
        for path in (ROOT / "autograder" / folder).rglob("*.py"):
            judged |= code_lines(path)
    public = [*sources, *(ROOT / "gradus").glob("*.py")]  # examples, and what both sides read
    judged -= {line.strip() for path in public for line in path.read_text().splitlines()}
    secret = answers | judged
    assert len(secret) > 500
    secret |= {"BEGIN HIDDEN", "BEGIN SOLUTION", "import autograder", "from autograder"}
    found = [
        (name, line)
        for name, text in contents(zipped)
        for line in secret
        if line in text or line.replace('"', '\\"') in text
    ]
    assert found == []


def test_the_lab_is_the_learners(zipped, tmp_path):
    """JupyterLab, started as the README says, has nothing of nbgrader's but Validate, and no news.

    `make lab` starts it so, too.
    """
    zipfile.ZipFile(zipped).extractall(tmp_path)
    folder = tmp_path / "gradus-exercises"
    option = re.compile(r"jupyter lab --LabApp\.app_settings_dir=(\S+?)[` ]")
    (settings,) = option.findall((folder / "README.md").read_text())
    assert option.findall((ROOT / "Makefile").read_text()) == [settings]
    disabled = set(get_page_config([], str(folder / settings))["disabledExtensions"])
    plugins = ("menu", "formgrader", "course-list", "assignment-list", "create-assignment")
    assert {f"@jupyter/nbgrader:{name}" for name in plugins} <= disabled
    assert "@jupyter/nbgrader:validate-assignment" not in disabled
    overrides, _ = _get_overrides(str(folder / settings))
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_names_hold_on_every_system(zipped):
    """All lie in one folder, with forward slashes; there is no link among them."""
    with zipfile.ZipFile(zipped) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"gradus-exercises"}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}
        assert len(archive.read("gradus-exercises/README.md").splitlines()) == 2


@pytest.mark.parametrize("names", [["ps01/con.ipynb"], ["a/b:c"], ["a/B", "A/b"], ["a./b"]])
def test_a_name_that_some_system_cannot_hold_is_refused(names):
    """Windows forbids some names, and tells upper from lower case no more than macOS does."""
    with pytest.raises(GradusError, match=r"expected names|differ in case"):
        bundling._check_names(names)


@pytest.mark.slow
def test_the_bundle_works_without_this_repository(zipped, tmp_path):
    """In an environment with its wheel alone, a notebook runs, check answers, submit packs."""
    zipfile.ZipFile(zipped).extractall(tmp_path)
    folder = tmp_path / "gradus-exercises"
    environment = tmp_path / "venv"

    def run(*words):
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    python = str(environment / "bin" / "python")
    wheel = next(folder.glob("*.whl")).name
    run(sys.executable, "-m", "pip", "-q", "--python", python, "install", "--no-index",
        "--no-deps", wheel)  # fmt: skip
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    here = next((environment / "lib").glob("*/site-packages"))
    (here / "libraries.pth").write_text(libraries)
    assert (
        Path(run(python, "-c", "import gradus; print(gradus.__file__)").strip()).parent.parent
        == here
    )
    assert "None" in run(
        python, "-c", "from importlib.util import find_spec; print(find_spec('autograder'))"
    )

    path = folder / "ps02" / "ps02.ipynb"
    whole = path.read_bytes()
    notebook = nbformat.reads(whole.decode(), as_version=4)
    number = [cell.id for cell in notebook.cells].index("practice-entropy")
    notebook.cells = notebook.cells[: number + 1]
    next(cell for cell in notebook.cells if cell.id == "answer-entropy").source = ANSWER
    nbformat.write(notebook, path)
    run(python, "-c", RUN, str(path))
    output = nbformat.read(path, as_version=4).cells[-1].outputs[0]
    assert output.data["text/plain"].startswith("entropy: right")

    path.write_bytes(whole)
    record = json.loads(run(python, "-m", "gradus", "submit", str(path), "--as", "ada", "--json"))
    assert zipfile.is_zipfile(record["file"])
