"""Build and release assignments, and find out whether what is committed is what would be built."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from autograder import catalogue
from autograder.course import Course
from autograder.errors import AuthoringError, GradusError
from autograder.gradebook import book
from autograder.notebooks import build
from autograder.notebooks.practice import practice_pack, same_pack
from gradus.practice import PACK
from gradus.standing import FILE


def make(course: Course, assignment: str) -> Path:
    """Build ``assignment`` and let nbgrader release it; return the released notebook's path."""
    _build(course, assignment)
    with _kept(course.exercises / assignment):
        book.release(course, assignment)
    return course.exercises / assignment / f"{assignment}.ipynb"


def problems(course: Course, assignment: str) -> list[str]:
    """Return in a sentence each what is wrong with the committed release of ``assignment``."""
    _build(course, assignment)
    released = course.exercises / assignment
    with tempfile.TemporaryDirectory(prefix="gradus-") as folder:
        fresh = Path(folder) / "release"
        book.release(course, assignment, fresh)
        found = _stale(fresh / assignment, released)
    return found + _leaks(course, assignment, released)


@contextlib.contextmanager
def _kept(folder: Path) -> Iterator[None]:
    """Put ``folder`` back as it was if nbgrader fails: it removes a release that it cannot make."""
    with tempfile.TemporaryDirectory(prefix="gradus-") as place:
        copy = Path(place) / folder.name
        if folder.is_dir():
            shutil.copytree(folder, copy)
        try:
            yield
        except GradusError:
            if copy.is_dir():
                shutil.copytree(copy, folder, dirs_exist_ok=True)
            raise


def _build(course: Course, assignment: str) -> None:
    source = course.source(assignment)
    specs = {name: catalogue.find(name) for name in build.graded_ids(source)}
    notebook = build.build(source, specs)
    nbformat.write(notebook, source.with_suffix(".ipynb"))
    pack = practice_pack(list(specs), specs)
    if len(pack) > 200_000:
        raise AuthoringError(
            f"{assignment}: the practice pack has {len(pack)} bytes, at most 200000 are allowed"
        )
    (source.parent / PACK).write_bytes(pack)


def _stale(fresh: Path, released: Path) -> list[str]:
    names = {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}
    there = {path.relative_to(released) for path in released.rglob("*") if path.is_file()}
    found = [f"{released.name}/{name} is missing: run `gradus build`" for name in names - there]
    found += [
        f"{released.name}/{name} has no source: delete it"
        for name in there - names
        if ".ipynb_checkpoints" not in name.parts and name.name != FILE
    ]
    for name in sorted(names & there):
        mine, theirs = (fresh / name).read_bytes(), (released / name).read_bytes()
        same = same_pack(mine, theirs) if name.name == PACK else mine == theirs
        if not same:
            found.append(f"{released.name}/{name} is stale: run `gradus build`")
    return sorted(found)


def _leaks(course: Course, assignment: str, released: Path) -> list[str]:
    """Return the solution lines, hidden regions and spec lines that occur in the release."""
    secret = {line for line in build.secret_lines(course.source(assignment)) if len(line) > 8}
    marks = [build.SOLUTION[0], build.HIDDEN[0], "hand_in("]
    found = []
    for path in sorted(released.rglob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            lines = {line.strip() for line in cell.source.splitlines()}
            found += [
                f"{released.name}/{path.name}, cell {cell.id}: shows {line!r}"
                for line in sorted(lines & secret)
            ]
            found += [
                f"{released.name}/{path.name}, cell {cell.id}: shows {mark!r}"
                for mark in marks
                if mark in cell.source
            ]
    names = list(released.rglob("*.py"))
    return found + [f"{released.name}/{path.name}: no source file is released" for path in names]
