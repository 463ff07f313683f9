"""From ``psNN.py`` to the instructor's notebook: nbgrader's metadata, fixed cell ids, hidden calls.

An author marks three kinds of cell: ``answer``, ``check ... points`` and ``written ... points``.
A ``check`` cell becomes two: the practice call, and a locked graded cell whose hidden region
hands the function to the judge.
"""

import ast
import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import AuthoringError
from autograder.notebooks import pages

if TYPE_CHECKING:
    from autograder.spec import Exercise

Catalogue = dict[str, "Exercise"]

SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
WRITTEN_STUB = "YOUR ANSWER HERE"
EFFORT = ("minutes", "difficulty", "importance")
PLACE = ("page", "section")  # of the book, where it is explained: both or neither


def build(path: Path, exercises: Catalogue) -> NotebookNode:
    """Return the instructor's notebook for the source at ``path``.

    Raises:
        AuthoringError: If a marked cell lacks what its kind needs; the message names the cell.
    """
    try:
        source = _read(path)
    except (OSError, ValueError) as error:
        raise AuthoringError(f"{path}: cannot be read as py:percent: {error}") from error
    cells: list[NotebookNode] = []
    for number, cell in enumerate(source.cells, 1):
        cells += _built(cell, f"{path.name}, cell {number}", exercises)
    _name_cells(cells, path)
    ids = [cell.metadata.nbgrader.grade_id for cell in cells if "nbgrader" in cell.metadata]
    about = {"format": 1, "assignment": path.stem, "graded": ids}  # what handing in looks for
    notebook = nbformat.v4.new_notebook(
        cells=cells,
        metadata={"kernelspec": dict(source.metadata["kernelspec"]), "gradus": about},
    )
    _link(notebook, path)
    nbformat.validate(notebook)
    return notebook


def _read(path: Path) -> NotebookNode:
    import jupytext  # brings JupyterLab's server: a worker that grades need not wait for it

    return jupytext.read(path, fmt="py:percent")


def exercises_of(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Return the graded cells of an instructor's notebook, by exercise."""
    return {
        cell.metadata.gradus.exercise: cell
        for cell in notebook.cells
        if "exercise" in cell.metadata.get("gradus", {})
    }


def graded_ids(path: Path) -> list[str]:
    """Return the exercises that the source at ``path`` grades, in order."""
    cells = _read(path).cells
    return [cell.metadata["check"] for cell in cells if "check" in cell.metadata]


def secret_lines(path: Path) -> set[str]:
    """Return the lines of the source at ``path`` that no learner may see, stripped."""
    secret: set[str] = set()
    for cell in _read(path).cells:
        if "written" in cell.metadata:
            secret |= {line.strip() for line in cell.source.splitlines()}
        hidden = False
        for line in cell.source.splitlines():
            if line.strip() == SOLUTION[0]:
                hidden = True
            elif line.strip() == SOLUTION[1]:
                hidden = False
            elif hidden:
                secret.add(line.strip())
    return secret - {""}


def _built(cell: NotebookNode, where: str, exercises: Catalogue) -> list[NotebookNode]:
    marks = dict(cell.metadata)
    if "answer" in marks:
        if not all(mark in cell.source for mark in SOLUTION):
            raise AuthoringError(f"{where}: an answer needs a solution region")
        return [_code(cell.source, f"answer-{marks['answer']}", _nbgrader(marks["answer"]))]
    if "check" in marks:
        return _check_cells(cell.source, marks, where, exercises)
    if "written" in marks:
        _require(marks, where)
        graded = _nbgrader(marks["written"], points=marks["points"], solution=True)
        metadata = {"nbgrader": graded, "gradus": _effort(marks)}
        return [_markdown(cell.source, f"written-{marks['written']}", metadata)]
    if cell.cell_type == "markdown":
        return [_markdown(cell.source, "", {})]
    return [_code(cell.source, "", None)]


def _check_cells(
    source: str, marks: dict[str, Any], where: str, exercises: Catalogue
) -> list[NotebookNode]:
    name = marks["check"]
    _require(marks, where)
    if name not in exercises:
        raise AuthoringError(f"{where}: there is no exercise {name!r} under autograder/specs")
    comment = " ".join(line.lstrip("# ") for line in source.splitlines() if line.startswith("#"))
    words = textwrap.fill(comment, 88, initial_indent="# ", subsequent_indent="# ")
    if not comment:
        raise AuthoringError(f"{where}: a check begins with a comment that says what is tested")
    subject = _checked(source, name, where)
    shares = ", ".join(
        f"{aspect} {_points(share * marks['points'])}"
        for aspect, share in exercises[name].credit.items()
    )
    graded = "\n".join(
        [
            f"# {name}: {_points(marks['points'])}{f' ({shares})' if shares else ''}",
            words,
            "# This cell is locked. It hands your function to the judge when the set is graded.",
            "from gradus.validate import validate",
            "",
            f'validate("{name}", {subject})  # for nbgrader\'s Validate button',
            HIDDEN[0],
            "import importlib",
            "",
            "import gradus.answer",
            "",
            "# read anew: an earlier cell may have changed it; each exercise is judged by itself",
            f'importlib.reload(gradus.answer).hand_in("{name}", {subject})',
            HIDDEN[1],
        ]
    )
    metadata = _nbgrader(f"{name}-graded", points=marks["points"])
    place = {mark: marks[mark] for mark in PLACE if mark in marks}
    practice = _code(f'check("{name}", {subject})', f"practice-{name}", None)
    return [
        practice,
        _code(graded, f"graded-{name}", metadata, {"exercise": name, **_effort(marks), **place}),
    ]


def _checked(source: str, name: str, where: str) -> str:
    """Return the expression that ``check("name", expression)`` hands over."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "check":
            given, *rest = [ast.unparse(argument) for argument in node.args]
            if given == repr(name) and len(rest) == 1:
                return rest[0]
    raise AuthoringError(f'{where}: expected check("{name}", ...) with two arguments')


def _link(notebook: NotebookNode, path: Path) -> None:
    """Say for each exercise which section of the book explains it, and where the book is."""
    root = path.resolve().parents[2]
    if site := pages.site(root):
        notebook.metadata.gradus["site"] = site
    for name, cell in exercises_of(notebook).items():
        marks = cell.metadata.gradus
        if "page" in marks:
            try:
                marks |= pages.reading(root, marks["page"], marks["section"])
            except AuthoringError as error:
                raise AuthoringError(f"{path.name}, {name}: {error}") from error


def _require(marks: dict[str, Any], where: str) -> None:
    missing = [mark for mark in ("points", *EFFORT) if mark not in marks]
    missing += [mark for mark in PLACE if mark not in marks and any(one in marks for one in PLACE)]
    if missing:
        raise AuthoringError(f"{where}: says no {', '.join(missing)}")


def _effort(marks: dict[str, Any]) -> dict[str, int]:
    return {mark: int(marks[mark]) for mark in EFFORT}


def _nbgrader(
    grade_id: str, *, points: float | None = None, solution: bool = False
) -> dict[str, Any]:
    """Return nbgrader's metadata, schema 3: an answer without points, a graded cell with."""
    graded = points is not None
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": graded,
        "solution": solution or not graded,
        "locked": graded and not solution,
        "task": False,
    }
    if graded:
        metadata["points"] = points
    return metadata


def _code(
    source: str, name: str, graded: dict[str, Any] | None, gradus: dict[str, Any] | None = None
) -> NotebookNode:
    metadata: dict[str, Any] = {"nbgrader": graded} if graded else {}
    if gradus:
        metadata["gradus"] = gradus
    return nbformat.v4.new_code_cell(source, id=name or "unnamed", metadata=metadata)


def _markdown(source: str, name: str, metadata: dict[str, Any]) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=name or "unnamed", metadata=metadata)


def _name_cells(cells: list[NotebookNode], path: Path) -> None:
    """Give the other cells ids by position; jupytext's own are drawn anew at each reading."""
    for number, cell in enumerate(cells, 1):
        if cell.id == "unnamed":
            cell.id = f"cell-{number:02d}"
    for name, count in Counter(cell.id for cell in cells).items():
        if count > 1:
            raise AuthoringError(f"{path.name}: two cells are both called {name!r}")


def _points(points: float) -> str:
    number = f"{points:.3g}"
    return f"{number} point" if number == "1" else f"{number} points"
