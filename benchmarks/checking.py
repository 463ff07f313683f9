"""Print how long ``check`` takes to answer a right solution, and ``make lab`` to the first one.

.venv/bin/python benchmarks/checking.py > docs/checking.md
"""

import contextlib
import importlib
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import torch
from playwright.sync_api import sync_playwright

from autograder import catalogue
from gradus import quiz
from gradus.practice import PACK, check
from tests.conftest import ROOT
from tests.journey.test_journey import CHROMIUM, lab

LATER = 5


def milliseconds(name):
    """Return how long the first check of an exercise took, and the median of the later ones."""
    taken = []
    for _ in range(1 + LATER):
        started = time.perf_counter()
        check(name, catalogue.find(name).reference)._repr_html_()
        taken.append(1000 * (time.perf_counter() - started))
    return taken[0], statistics.median(taken[1:])


def from_make_lab():
    """Return the seconds from ``make lab`` to JupyterLab, and to the first card after Run All."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        words = ("make", "-o", ".setup-done", "lab")
        started = time.perf_counter()
        with lab(ROOT, Path(name, "log"), words) as address:
            served = time.perf_counter() - started
            page.goto(f"{address}/lab/tree/ps02/ps02.ipynb")
            idle = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
            page.locator(idle).wait_for(timeout=60_000)
            page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
            page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
            page.locator(".jp-OutputArea-output", has_text=": not yet written").first.wait_for()
            return served, time.perf_counter() - started


def main():
    """Print a table of two rows, with a sentence before and after it."""
    os.environ.pop("GRADUS_JUDGE", None)
    torch.set_num_threads(1)
    started = time.perf_counter()
    importlib.import_module("torch._dynamo")
    warming = 1000 * (time.perf_counter() - started)
    took = {}
    for pack in sorted((ROOT / "exercises").glob(f"ps*/{PACK}")):
        with contextlib.chdir(pack.parent):
            took |= {name: milliseconds(name) for name in quiz.read(pack)}
    print("# How long a check takes\n")
    print("Made by `benchmarks/checking.py`: milliseconds until a right answer is told so.\n")
    print(
        "Before them, torch imports its compiler, on which some operations on the meta device rest:"
        f" {warming:.0f} ms.\nA notebook does so while it is idle, a second after the import of"
        " gradus; a check that comes earlier waits for it.\n"
    )
    print("| | functions | median | slowest | over 200 |\n| --- | --- | --- | --- | --- |")
    for at, label in enumerate(["first check of a function", "later checks"]):
        row = {name: both[at] for name, both in took.items()}
        slowest = max(row, key=row.__getitem__)
        late = ", ".join(name for name, one in row.items() if one > 200) or "none"
        median = statistics.median(row.values())
        print(f"| {label} | {len(row)} | {median:.0f} | {row[slowest]:.0f} ({slowest}) | {late} |")
    served, answered = from_make_lab()
    print(
        f"\nFrom `make lab` to an open JupyterLab: {served:.1f} s; to the first card of ps02, by "
        f"Run All as soon as its kernel is there: {answered:.1f} s."
    )


if __name__ == "__main__":
    main()
