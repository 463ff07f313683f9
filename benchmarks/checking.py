"""Print how long ``check`` takes to answer a right solution, with its card drawn.

.venv/bin/python benchmarks/checking.py > docs/checking.md
"""

import contextlib
import importlib
import os
import statistics
import time

import torch

from autograder import catalogue
from gradus import quiz
from gradus.practice import PACK, check
from tests.conftest import ROOT

LATER = 5


def milliseconds(name):
    """Return how long the first check of an exercise took, and the median of the later ones."""
    taken = []
    for _ in range(1 + LATER):
        started = time.perf_counter()
        check(name, catalogue.find(name).reference)._repr_html_()
        taken.append(1000 * (time.perf_counter() - started))
    return taken[0], statistics.median(taken[1:])


def main():
    """Print a table of one row, a sentence on the slow ones below it."""
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


if __name__ == "__main__":
    main()
