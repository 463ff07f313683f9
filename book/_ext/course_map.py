"""What the course holds, read from where it is written: once, and nowhere typed twice.

Pages and their order come from _toc.yml, what a page promises from its head, the graded functions
with their points and minutes from the marks in solutions/, the parts from book/topics.yml.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from autograder.notebooks import pages

CHECK = re.compile(r'^# %% (check="\w+".*)\n((?:#.*\n)*)check\("\w+", (\w+)', re.MULTILINE)
MARK = re.compile(r'(\w+)=(?:"([^"]*)"|(\S+))')
LEAD = re.compile(r"^# .+\n\n((?:.+\n)+)", re.MULTILINE)
MINUTES = re.compile(r"^Reading time: (\d+) minutes\.$", re.MULTILINE)
BOX = re.compile(r"^```\{note-check\}.*\n:name: ([\w-]+)$", re.MULTILINE)
PROMISE = re.compile(r"^:::\{admonition\} After this page you can\n(.*?)\n\n", re.M | re.DOTALL)


@dataclass(frozen=True)
class Task:
    """One graded function: what a learner writes, where, and where its page explains it."""

    exercise: str
    subject: str  # the name that the learner defines
    assignment: str
    points: float
    minutes: int
    difficulty: int
    page: str  # as Sphinx names it: book/1_probability/entropy
    section: str  # a label of that page


@dataclass(frozen=True)
class Page:
    """A page by its head; ``minutes`` is None where the page names no reading time."""

    name: str
    title: str
    lead: str
    minutes: int | None
    promises: tuple[str, ...]
    sections: dict[str, str]  # from label to heading
    boxes: tuple[str, ...]  # labels of "Is this note right?"


@dataclass(frozen=True)
class Part:
    """A part of the course; a planned one has no page of its own and no pages."""

    number: int
    title: str
    page: str
    pages: tuple[str, ...]


def tasks(root: Path) -> list[Task]:
    """Return the graded functions of all assignments under ``root``, in their order."""
    found = []
    for path in sorted(root.glob("solutions/*/*.py")):
        for marks, _, subject in CHECK.findall(path.read_text()):
            mark = {key: quoted or plain for key, quoted, plain in MARK.findall(marks)}
            found.append(
                Task(
                    exercise=mark["check"],
                    subject=subject,
                    assignment=path.stem,
                    points=float(mark["points"]),
                    minutes=int(mark["minutes"]),
                    difficulty=int(mark["difficulty"]),
                    page=mark.get("page", ""),
                    section=mark.get("section", ""),
                )
            )
    return found


def read_page(root: Path, name: str) -> Page:
    """Return the page ``name``, such as book/1_probability/entropy."""
    text = (root / f"{name}.md").read_text()
    lead, minutes, promise = LEAD.search(text), MINUTES.search(text), PROMISE.search(text)
    items = re.findall(r"^- (.+(?:\n  .+)*)", promise[1], re.MULTILINE) if promise else []
    return Page(
        name=name,
        title=pages.title(text) or name,
        lead=lead[1].strip() if lead else "",
        minutes=int(minutes[1]) if minutes else None,
        promises=tuple(item.rstrip(",.") for item in items),
        sections=pages.sections(text),
        boxes=tuple(BOX.findall(text)),
    )


@functools.cache  # several tables of a page ask for the same file, and YAML is slow to read
def read_yaml(text: str) -> Any:
    """Return what a YAML text says; it is not to be changed."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def toc(root: Path) -> list[str]:
    """Return the names of all pages in reading order, the front page first."""
    table = read_yaml((root / "_toc.yml").read_text())
    return [table["root"], *(entry["file"] for entry in _entries(table))]


def parts(root: Path) -> list[Part]:
    """Return the parts of the course; a part that is written is a page with sections."""
    table = read_yaml((root / "_toc.yml").read_text())
    topics = read_yaml((root / "book" / "topics.yml").read_text())
    below = {
        entry["file"]: tuple(one["file"] for one in entry.get("sections", ()))
        for entry in _entries(table)
    }
    names = [f"book/part_{number}" for number in range(1, len(topics["parts"]) + 1)]
    return [
        Part(number, part["title"], name if name in below else "", below.get(name, ()))
        for number, (name, part) in enumerate(zip(names, topics["parts"], strict=True), 1)
    ]


def dangling(root: Path) -> Iterator[str]:
    """Yield a line for each link between a page and an exercise that leads nowhere."""
    names = set(toc(root))
    asked = tasks(root)
    for task in asked:
        where = f"solutions/{task.assignment}, {task.exercise}"
        if task.page not in names:
            yield f"{where}: expected page= to name a page of _toc.yml, got '{task.page}'"
        elif task.section not in (known := read_page(root, task.page).sections):
            labels = ", ".join(known)
            yield f"{where}: {task.page} has no section '{task.section}'; it has {labels}"
    for part in parts(root):
        for name in part.pages:
            lists = "```{graded}\n```" in (root / f"{name}.md").read_text()
            if lists != any(task.page == name for task in asked):
                state = "lists graded functions, and has none" if lists else "lists none of its own"
                yield f"{name}: {state}"
        if part.page and read_page(root, part.page).title != part.title:
            yield f"{part.page}: expected the title '{part.title}' of book/topics.yml"


def _entries(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in ("parts", "chapters", "sections"):
        for entry in tree.get(key, ()):
            if "file" in entry:
                yield entry
            yield from _entries(entry)
