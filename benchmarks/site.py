"""How long the website's build takes, beside `jb build` of the same sources: a table in Markdown.

.venv/bin/python benchmarks/site.py > docs/site-build.md

Both build a copy of this tree, in turn, so that what else the machine does hits both alike. Cold:
nothing is there. Unchanged: right after. Prose: one sentence was added to one page. Code: one line
was added to one cell.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = "book/1_probability/entropy.md"
CELL = "```{code-cell} ipython3\n"
FLAGS = ["-W", "-n", "--keep-going"]
COMMANDS = {
    "jb build": [
        *("-c", "from jupyter_book.cli.main import main; main()"),
        *("build", ".", "--quiet"),
        *(*FLAGS, "--path-output", "_build/jb"),
    ],
    "make site": [
        *("-m", "sphinx", "-j", "auto", "-q", *FLAGS),
        *("-d", "_build/ours/doctrees", ".", "_build/ours/html"),
    ],
}
STATES = ("cold", "unchanged", "prose", "code")


class Cost(NamedTuple):
    """Seconds by the clock, and seconds of processor time, of all processes together."""

    wall: float
    processor: float


def copy_tree(target):
    """Copy what git knows or would add."""
    listed = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard"]
    for name in subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def run(command, folder):
    """Run a build to its end; raise with what it said if it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{said}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


def prepare(state, folder):
    """Bring the tree into a state; each change is a new one."""
    page = folder / PAGE
    text, mark = page.read_text(), time.time_ns()
    if state == "cold":
        shutil.rmtree(folder / "_build", ignore_errors=True)
    elif state == "prose":
        page.write_text(f"{text}\nA sentence of {mark}.\n")
    elif state == "code":
        page.write_text(text.replace(CELL, f"{CELL}mark = {mark}\n", 1))


def measure(rounds):
    """Return the costs of each state, by command, the commands taking turns."""
    costs = {(state, name): [] for state in STATES for name in COMMANDS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_tree(folder)
        for _ in range(rounds):
            for state in STATES:
                prepare(state, folder)
                for command in COMMANDS:
                    cost = run(COMMANDS[command], folder)
                    costs[state, command].append(cost)
                    print(f"{state}, {command}: {cost.wall:.1f} s", file=sys.stderr, flush=True)
    return costs


def row(state, costs):
    """Return a row: medians, and the median of the rounds' ratios."""
    theirs, ours = (costs[state, name] for name in COMMANDS)
    ratios = [other.wall / own.wall for other, own in zip(theirs, ours, strict=True)]
    middles = [
        statistics.median(getattr(cost, field) for cost in runs)
        for field in Cost._fields
        for runs in (theirs, ours)
    ]
    numbers = [f"{seconds:.1f}" for seconds in middles]
    return f"| {state} | " + " | ".join(numbers) + f" | {statistics.median(ratios):.1f} |"


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="builds of each kind (default: 3)")
    rounds = parser.parse_args().rounds
    costs = measure(rounds)
    pages = len(list((ROOT / "book").glob("*/*.md")))
    print("# The website's build\n")
    print("Made by `benchmarks/site.py`, which says what the rows mean.")
    print(f"Medians of {rounds} rounds on {os.cpu_count()} cores, in seconds, {pages} pages.")
    print("The two builds took turns in one run; the ratio is taken within a round.\n")
    print("| | `jb build` | `make site` | its processor | our processor | times faster |")
    print("| --- | --- | --- | --- | --- | --- |")
    for state in STATES:
        print(row(state, costs))


if __name__ == "__main__":
    main()
