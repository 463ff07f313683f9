"""What a class costs: gradus, plain nbgrader and Otter on the same exercises, one after another.

The class is generated: every learner has handed in the same right answers to two exercises in
torch. nbgrader and Otter test them with plain asserts, which is less than gradus asks, and write
no feedback page. Written to docs/grading.md; `--fast` is a small class, for a look.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbformat import v4
from rich.console import Console

from autograder.course import Course
from autograder.gradebook import release

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
SIZES = (10, 40, 160)
CLASS = 40
REPEATS = 3
"""Runs of our command on a class of at most CLASS, of which the median counts."""

ENTROPY = """import torch

def entropy(p, base=2.0):
    return torch.special.entr(p).sum(-1) / torch.tensor(base).log()
"""
KL = """import torch

def kl(p, q, base=2.0):
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(-1) / torch.tensor(base).log()
"""
ENTROPY_TEST = """p = torch.rand(3, 4).softmax(-1)
assert torch.allclose(entropy(p), -(p * p.log2()).sum(-1), atol=1e-5)
assert torch.allclose(entropy(torch.full((8,), 1 / 8)), torch.tensor(3.0))
assert entropy(torch.tensor([0.0, 1.0])) == 0
"""
KL_TEST = """p, q = torch.rand(2, 3, 4).softmax(-1)
assert torch.allclose(kl(p, q), (p * (p.log2() - q.log2())).sum(-1), atol=1e-5)
assert torch.allclose(kl(p, p), torch.zeros(3), atol=1e-6)
"""
EXERCISES = {"entropy": (ENTROPY, ENTROPY_TEST, 2), "kl": (KL, KL_TEST, 3)}

OTTER = "otter-grader==7.0.0"
"""In an environment of its own: it is what we compare with, and nothing of ours needs it."""


@dataclass(frozen=True)
class Cost:
    """One run over a class: its seconds, and the peak of all its processes' memory, in MiB.

    Pages that processes share count once for each of them.
    """

    seconds: float
    memory: float


def measured(argv, folder, **environment):
    """Run a command to its end and return its cost."""
    peak, done = 0, threading.Event()
    started = time.perf_counter()
    process = subprocess.Popen(
        argv, cwd=folder, env={**os.environ, **environment},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip

    def watch():
        nonlocal peak
        while not done.wait(0.5):
            peak = max(peak, resident(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, said = process.communicate()
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    if process.returncode != 0:
        raise SystemExit(f"{argv[0]} ended with status {process.returncode}:\n{said[-2000:]}")
    return Cost(seconds, peak / 2**20)


def resident(pid):
    """Return the bytes of memory of a process and all below it."""
    total = 0
    try:
        for one in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def source():
    """Return our source of the assignment."""
    cells = ["# ---\n# jupyter:\n#   kernelspec:\n#     display_name: Python 3"]
    cells[0] += "\n#     language: python\n#     name: python3\n# ---\n"
    cells.append("# %%\nfrom gradus import check\n")
    for name, (answer, _, points) in EXERCISES.items():
        head, body = answer.split(":\n", 1)
        cells.append(
            f'# %% answer="{name}"\n{head}:\n    ### BEGIN SOLUTION\n{body}    ### END SOLUTION\n'
        )
        about = f"points={points} minutes=10 difficulty=1 importance=5"
        cells.append(f'# %% check="{name}" {about}\n# Tested: values.\ncheck("{name}", {name})\n')
    return "\n".join(cells)


def gradus(root, size, workers):
    """Return what ``gradus grade`` costs for a class of ``size``."""
    course = Course(root, root / f"class-{size}-{workers}")
    shutil.rmtree(course.folder, ignore_errors=True)
    if not (root / "solutions").is_dir():
        (root / "solutions" / "small").mkdir(parents=True)
        shutil.copy(ROOT / "nbgrader_config.py", root)
        (root / "solutions" / "small" / "small.py").write_text(source())
    release.make(course, "small")
    hand_in(course.folder, root / "solutions" / "small" / "small.ipynb", size)
    argv = [BIN / "gradus", "grade", "small", "--workers", str(workers)]
    return measured(argv, root, GRADUS_COURSE=str(course.folder))


def hand_in(folder, notebook, size):
    """Hand the same notebook in for every learner."""
    for number in range(size):
        path = folder / "submitted" / f"learner{number:04}" / "small" / "small.ipynb"
        path.parent.mkdir(parents=True)
        shutil.copy(notebook, path)


def plain(root, size):
    """Return what ``nbgrader autograde`` costs: stock preprocessors, one after another."""
    (root / "source" / "small").mkdir(parents=True)
    notebook = v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    for name, (answer, test, points) in EXERCISES.items():
        for kind, text in (("answer", answer), ("test", test)):
            cell = v4.new_code_cell(text)
            about = {"grade_id": f"{name}-{kind}", "schema_version": 3, "task": False}
            mine = {"grade": kind == "test", "solution": kind == "answer", "locked": kind == "test"}
            cell.metadata["nbgrader"] = {**about, **mine}
            if kind == "test":
                cell.metadata.nbgrader.points = points
            notebook.cells.append(cell)
    path = root / "source" / "small" / "small.ipynb"
    nbformat.write(notebook, path)
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'x'\n"
    )
    subprocess.run(
        [BIN / "nbgrader", "generate_assignment", "small", "--create"],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    hand_in(root, path, size)
    return measured([BIN / "nbgrader", "autograde", "small", "--create"], root)


def otter(root, size):
    """Return what ``otter run`` costs, once for each submission; it grades one at a time."""
    home = root / "environment"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet", OTTER]
    subprocess.run(pip, check=True, capture_output=True)
    packages = next(home.glob("lib/python*/site-packages"))
    ours = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    (packages / "course.pth").write_text(f"{ours}\n")  # torch is the course's own
    (root / "tests").mkdir()
    notebook = v4.new_notebook()
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    for name, (answer, test, points) in EXERCISES.items():
        notebook.cells.append(v4.new_code_cell(answer))
        code = ">>> " + "\n>>> ".join(test.strip().splitlines())
        case = {"code": code, "hidden": False, "locked": False}
        suite = {"cases": [case], "scored": True, "setup": "", "teardown": "", "type": "doctest"}
        about = {"name": name, "points": points, "suites": [suite]}
        (root / "tests" / f"{name}.py").write_text(f"OK_FORMAT = True\n\ntest = {about!r}\n")
    nbformat.write(notebook, root / "small.ipynb")
    command = home / "bin" / "otter"
    subprocess.run(
        [command, "generate", "-t", "tests", "-o", "autograder.zip"],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    hand_in(root, root / "small.ipynb", size)
    one = f"{command} run --no-logo -a autograder.zip -o . submitted/$name/small/small.ipynb"
    loop = f"for name in $(ls submitted); do {one} || exit 1; done"
    return measured(["bash", "-c", loop], root)


def row(name, size, cost, against):
    """Return one line of the table."""
    each = cost.seconds / size
    return (
        f"| {name} | {size} | {cost.seconds:.1f} | {each:.2f} | {against / each:.1f} "
        f"| {cost.memory:.0f} |"
    )


def further(costs, workers, large, against):
    """Return in a sentence what one more submission costs, start and end of the command apart."""
    small = min(size for size, count in costs if count == workers)
    seconds = (costs[large, workers].seconds - costs[small, workers].seconds) / (large - small)
    return (
        f"With {workers} worker{'s' * (workers > 1)} each further submission (from {small} to "
        f"{large}) costs {seconds:.2f} s, {against / seconds:.1f} times nbgrader's pace."
    )


def main():
    """Measure all, and write docs/grading.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true", help="8 submissions, and 4 of others")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "grading.md")
    chosen = parser.parse_args()
    size, sizes, others = (8, (4, 8), 4) if chosen.fast else (CLASS, SIZES, CLASS)
    console = Console(stderr=True)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody's machine compiles all each time
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    lines = []
    with tempfile.TemporaryDirectory(prefix="gradus-bench-") as name:
        root = Path(name)
        console.print(f"plain nbgrader autograde, {others} submissions")
        (root / "plain").mkdir()
        cost = plain(root / "plain", others)
        against = cost.seconds / others
        lines.append(row("`nbgrader autograde`", others, cost, against))
        costs = {}
        # What is compared comes first, side by side: a machine's pace drifts within minutes.
        ours = [(size, 1), (size, 2), *((each, 1) for each in sizes), (max(sizes), 2)]
        for each, workers in dict.fromkeys(ours):
            console.print(f"gradus grade --workers {workers}, {each} submissions")
            again = REPEATS if each <= size else 1
            runs = [gradus(root / "gradus", each, workers) for _ in range(again)]
            costs[each, workers] = sorted(runs, key=lambda cost: cost.seconds)[again // 2]
        console.print(f"otter run, {others // 2} submissions")
        (root / "otter").mkdir()
        lines.append(row("`otter run`", others // 2, otter(root / "otter", others // 2), against))
        for (each, workers), cost in sorted(costs.items(), key=lambda one: one[0][::-1]):
            lines.append(row(f"`gradus grade --workers {workers}`", each, cost, against))
    small, large = min(sizes), max(sizes)
    growth = (costs[large, 1].memory - costs[small, 1].memory) / (large - small)
    text = [
        "# What grading a class costs",
        "",
        "Made by `benchmarks/grading.py` in one run on two cores, on a class of right answers to "
        "two exercises in torch.",
        "nbgrader and Otter run plain asserts and write no feedback page; "
        "gradus asks hidden questions in a sandbox and writes one.",
        "Start and end of each command count. "
        f"Of gradus on {size} submissions or less the median of {REPEATS} runs is shown.",
        "",
        "| command | submissions | seconds | seconds each | times nbgrader's pace | peak MiB |",
        "| --- | --- | --- | --- | --- | --- |",
        *lines,
        "",
        *(further(costs, workers, large, against) for workers in (1, 2)),
        "All but some milliseconds of that, in which its cells compute, is overhead.",
        f"Each further submission adds {growth:.1f} MiB to the peak "
        f"(from {small} to {large} submissions).",
        "The memory is the sum over all processes, in which shared pages count for each.",
    ]
    chosen.out.write_text("\n".join(text) + "\n")
    print("\n".join(text))
    print(f"\n{chosen.out}")


if __name__ == "__main__":
    main()
