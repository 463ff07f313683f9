"""What each page and each assignment holds, and how long a page runs: a table in Markdown.

.venv/bin/python benchmarks/pages.py > docs/measurements.md
"""

import os
import re
import time
from pathlib import Path

import jupytext
from nbclient import NotebookClient

from autograder import catalogue
from autograder.notebooks import build

ROOT = Path(__file__).resolve().parent.parent


def page_row(path):
    """Return a page's row: words, visible cells, figures, interactive ones, boxes, seconds."""
    notebook = jupytext.read(path)
    prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    visible = [cell for cell in code if "remove-cell" not in cell.metadata.get("tags", [])]
    interactive = sum(bool(re.search(r"^explore\(", cell.source, re.M)) for cell in code)
    figures = sum("figure" in cell.metadata.get("mystnb", {}) for cell in code)
    asserts = sum(len(re.findall(r"^\s*assert ", cell.source, re.M)) for cell in code)
    boxes = len(re.findall(r"\{note-check\}", path.read_text()))
    words = len(re.findall(r"\w+", prose))
    os.environ["GRADUS_BOOK"] = "1"  # frames are drawn, as in the book's build
    started = time.perf_counter()
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    seconds = time.perf_counter() - started
    numbers = (words, len(visible), figures, interactive, boxes, asserts)
    return f"| {path.stem} | " + " | ".join(map(str, numbers)) + f" | {seconds:.0f} |"


def assignment_row(path):
    """Return an assignment's row: functions, points, minutes, wrong answers that are named."""
    specs = {name: catalogue.find(name) for name in build.graded_ids(path)}
    cells = [cell.metadata for cell in build.build(path, specs).cells]
    marked = [one for one in cells if "points" in one.get("nbgrader", {})]
    points = sum(one.nbgrader.points for one in marked)
    minutes = sum(one.gradus.minutes for one in marked)
    wrong = sum(len(spec.misconceptions) for spec in specs.values())
    return f"| {path.stem} | {len(specs)} | {points:g} | {minutes} | {wrong} |"


def main():
    """Print both tables."""
    print("# Measurements\n")
    print("Made by `benchmarks/pages.py`; the seconds are of one run, with a kernel's start.\n")
    print("| page | words | cells | figures | interactive | boxes | assertions | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for path in sorted((ROOT / "book").glob("[0-9]*/*.md")):
        print(page_row(path), flush=True)
    print("\n| assignment | functions | points | minutes | named wrong answers |")
    print("| --- | --- | --- | --- | --- |")
    for path in sorted((ROOT / "solutions").glob("*/*.py")):
        print(assignment_row(path))


if __name__ == "__main__":
    main()
