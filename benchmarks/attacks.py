"""The table of docs/attacks.md: each trick against plain nbgrader 0.9.6, and against Gradus.

The nbgrader column is measured here: a course of its own in a temporary folder, the same two
functions, assertions as hidden tests, stock `nbgrader autograde`. Tricks that would harm this
machine run in no one's bare process, so all of the column runs inside bubblewrap, without a
network, with limits on processes, memory and files; what they then prove is written in the row.
The Gradus column is what `tests/attacks` asserts of each trick, and is run here once more.

Usage: python benchmarks/attacks.py [--only NAME ...] > docs/attacks.md
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


from autograder import catalogue  # noqa: E402
from autograder.grading.submission import Terms, grade  # noqa: E402
from autograder.judge.client import Judges  # noqa: E402
from autograder.limits import Limits  # noqa: E402
from autograder.notebooks import build  # noqa: E402
from tests.attacks import WRONG, tricks  # noqa: E402
from tests.conftest import SOURCE  # noqa: E402

RIGHT = """import torch

def kl(p, q, base=2.0):
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(-1) / torch.tensor(base).log()
"""
TESTS = {
    "entropy": """import torch
### BEGIN HIDDEN TESTS
p = torch.tensor([0.9, 0.1])
torch.testing.assert_close(entropy(p), torch.special.entr(p).sum() / torch.tensor(2.0).log())
### END HIDDEN TESTS""",
    "kl": """import torch
### BEGIN HIDDEN TESTS
p, q = torch.tensor([0.9, 0.1]), torch.tensor([0.5, 0.5])
torch.testing.assert_close(kl(p, q), (p * (p / q).log2()).sum())
### END HIDDEN TESTS""",
}
LIMITS = "ulimit -u 4096; ulimit -f 65536; ulimit -v 8000000; exec timeout -k 5 90 "
PATIENCE, HANGS = 150, 124
"""Seconds for one autograding; and what is returned, by this script or `timeout`, after them."""

BOMBS = {
    "bombs_with_forks": "not run: nbgrader has no limit on processes, and this machine is shared",
    "bombs_with_threads": "not run: nbgrader has no limit on threads, and this machine is shared",
}


def plain_course(folder):
    """Make an nbgrader course whose one assignment has assertions as hidden tests."""
    cells = []
    for name in ("entropy", "kl"):
        answer = {"grade": False, "solution": True, "locked": False, "grade_id": name}
        graded = {"grade": True, "solution": False, "locked": True, "grade_id": f"{name}-graded"}
        graded["points"] = {"entropy": 2, "kl": 3}[name]
        code = f"### BEGIN SOLUTION\ndef {name}(p, *args): pass\n### END SOLUTION"
        for mark, source in ((answer, code), (graded, TESTS[name])):
            mark |= {"schema_version": 3, "task": False, "cell_type": "code"}
            cells.append(new_code_cell(source, metadata={"nbgrader": mark}, id=mark["grade_id"]))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (folder / "source" / "small").mkdir(parents=True)
    notebook = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "source" / "small" / "small.ipynb")
    done = run(folder, "generate_assignment", "small")
    assert done.returncode == 0, done.stderr[-2000:]


def run(folder, *words):
    """Run a stock nbgrader command on the course in ``folder``, in a sandbox of our own."""
    argv = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev"]
    argv += ["--proc", "/proc", "--remount-ro", "/proc"]
    for place in ("/tmp", "/dev/shm"):
        argv += ["--size", str(2**29), "--tmpfs", place]
    argv += ["--bind", str(folder), str(folder), "--setenv", "HOME", "/tmp", "--chdir", str(folder)]
    command = (
        f"{sys.prefix}/bin/nbgrader {' '.join(words)} --force --ExecutePreprocessor.timeout=30"
    )
    try:
        return subprocess.run(
            [*argv, "bash", "-c", LIMITS + command],
            env={**os.environ, "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:  # also `timeout` inside can be stopped
        return SimpleNamespace(returncode=HANGS, stderr="")


def on_nbgrader(trick, name, course):
    """Return what plain nbgrader makes of a wrong answer to entropy with the trick."""
    if name in BOMBS:
        return BOMBS[name]
    with tempfile.TemporaryDirectory(prefix="plain-", ignore_cleanup_errors=True) as place:
        folder = Path(place, "course")
        shutil.copytree(course, folder)
        notebook = nbformat.read(folder / "release" / "small" / "small.ipynb", as_version=4)
        for cell in notebook.cells:
            answers = {"entropy": trick.CELL, "kl": RIGHT}
            cell.source = answers.get(cell.metadata.nbgrader.grade_id, cell.source)
        if hasattr(trick, "tamper"):
            trick.tamper(notebook)
        (folder / "submitted" / "ada" / "small").mkdir(parents=True)
        nbformat.write(notebook, folder / "submitted" / "ada" / "small" / "small.ipynb")
        done = run(folder, "autograde", "small", "--create")
        return scored(folder, done)


def scored(folder, done):
    """Return in words what the gradebook of a plain course says after autograding."""
    reach = "; the trick found what it looked for" if "FOUND" in graded_text(folder) else ""
    if done.returncode == HANGS:
        return f"**hangs**: autograde does not end, no exercise is graded{reach}"
    if done.returncode:
        return f"**breaks**: autograde fails, no exercise is graded{reach}"
    script = (
        "from nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:///gradebook.db') as book:\n"
        "    found = book.find_submission_notebook('small', 'small', 'ada')\n"
        "    print({one.name: one.score for one in found.grades})\n"
    )
    argv = [sys.executable, "-W", "ignore", "-c", script]
    said = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=True).stdout
    points = eval(said.strip().splitlines()[-1])
    mine, honest = points.get("entropy-graded", 0), points.get("kl-graded", 0)
    words = f"**scores**: {mine:g} of 2 points" if mine > 0 else "earns nothing"
    if honest < 3:
        words += f"; the honest exercise **loses** {3 - honest:g} of 3 points"
    return words + reach


def graded_text(folder):
    """Return the autograded notebook as text, empty if there is none."""
    path = folder / "autograded" / "ada" / "small" / "small.ipynb"
    return path.read_text(errors="replace") if path.is_file() else ""


def on_gradus(trick, source):
    """Return what Gradus makes of the same."""
    notebook = nbformat.from_dict(source)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "entropy":
            cell.source = trick.CELL
    if hasattr(trick, "tamper"):
        trick.tamper(notebook)
    terms = Terms("ada", "small", b"of the table", Limits(wall=15, memory=2**30, disk=2**26))
    with Judges() as judges:
        found = {one.exercise: one for one in grade(notebook, source, judges, terms).verdicts}
    mine, honest = found["entropy"], found["kl"]
    words = "earns nothing" if mine.points == 0 else f"**scores** {mine.points:g} of 2 points"
    if honest.points < 3:
        words += f"; the honest exercise **loses** {3 - honest.points:g} of 3 points"
    return f"{words}: {cell_text(mine.finding)}"


def cell_text(text):
    """Return ``text`` short and fit for a cell of a Markdown table."""
    line = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")
    return line if len(line) <= 90 else line[:87] + "..."


HEAD = """# Tricks, and what they earn

Generated by `python benchmarks/attacks.py`; a test holds it to the tricks there are.
Each trick goes with a wrong answer to one exercise (2 points), beside an honest answer to another (3 points).
Plain nbgrader is 0.9.6 with assertions as hidden tests, both functions the same, run as `nbgrader autograde`.
It ran inside a bubblewrap sandbox of ours, with limits on memory, files and processes, for this machine's sake; nbgrader itself has none.
There, "earns nothing" says only that the trick did not score: most tricks that look for files or processes are not stopped by nbgrader, they find what the machine has.
"""
TITLES = {"forging": "Forging", "escaping": "Escaping", "notebook": "The file handed in"}


def row(kind, name, trick, source, course):
    """Return one row of the table; progress goes to standard error."""
    what = trick.__doc__.splitlines()[0].rstrip(".")
    plain, ours = on_nbgrader(trick, name, course), on_gradus(trick, source)
    print(f"{kind} {name}: {plain} / {ours}", file=sys.stderr, flush=True)
    return kind, f"| `{name}`: {what} | {plain} | {ours} |"


def main():
    """Print the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", help="names of tricks; all when absent")
    parser.add_argument("--jobs", type=int, default=2, help="tricks at a time")
    options = parser.parse_args()
    exercises = {name: catalogue.find(name) for name in ("entropy", "kl")}
    with (
        tempfile.TemporaryDirectory(prefix="tricks-") as place,
        ThreadPoolExecutor(options.jobs) as pool,
    ):
        folder = Path(place)
        (folder / "small.py").write_text(SOURCE)
        source = build.build(folder / "small.py", exercises)
        plain_course(folder / "course")
        none = SimpleNamespace(CELL=WRONG)
        plain, ours = on_nbgrader(none, "", folder / "course"), on_gradus(none, source)
        jobs = [
            pool.submit(row, kind, name, trick, source, folder / "course")
            for kind in TITLES
            for name, trick in tricks(kind).items()
            if not options.only or name in options.only
        ]
        rows = [job.result() for job in jobs]
    print(HEAD)
    print(f"Without a trick, plain nbgrader: {plain}; Gradus: {ours}.")
    for kind, title in TITLES.items():
        print(f"\n## {title}\n\n| trick | plain nbgrader 0.9.6 | Gradus |\n| --- | --- | --- |")
        print(*(text for of, text in rows if of == kind), sep="\n")


if __name__ == "__main__":
    main()
