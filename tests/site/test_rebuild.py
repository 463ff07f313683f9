"""What a build does again: pages whose sources changed, and pages that list what changed."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT

CONF = """
import sys; sys.path.insert(0, "book/_ext")
extensions = ["myst_parser", "page_head", "progress_board", "topic_map"]
root_doc, exclude_patterns = "book/index", ["out"]
def setup(app):
    app.connect("source-read", lambda app, name, text: print("read", name))
"""
FILES = {
    "conf.py": CONF,
    "_toc.yml": "root: book/index\nchapters:\n- file: book/part_1\n"
    "  sections: [{file: book/divergence}]\n- file: book/progress\n- file: book/notes\n",
    "book/topics.yml": "errata: []\nparts:\n- title: Information\n  topics:\n"
    "  - {topic: A price, where: S1 1, page: divergence}\n",
    "book/index.md": "# A course\n\n```{course-map}\n```\n\n```{toctree}\npart_1\ndivergence\n"
    "progress\nnotes\n```\n",
    "book/part_1.md": "(part-1)=\n# Information\n\n```{part-map} 1\n```\n",
    "book/divergence.md": "(divergence)=\n# Divergence\n\nA price.\n\n(zeros)=\n## Zeros\n\n"
    "Where one is zero.\n\n```{graded}\n```\n",
    "book/progress.md": "# Progress\n\n```{progress-board}\n```\n",
    "book/notes.md": "# Notes\n\n```{topic-map} 1\n```\n",
    "solutions/ps01/ps01.py": '# %% check="kl" points=3 minutes=15 difficulty=2 '
    'page="book/divergence" section="zeros"\n# Tested: pairs.\ncheck("kl", kl)\n',
}
LISTS = {"book/index", "book/part_1", "book/progress"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course of five pages that was built once."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "book" / "_ext", folder / "book" / "_ext")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    assert pages_read(folder) == LISTS | {"book/divergence", "book/notes"}
    assert pages_read(folder) == set()
    return folder


def pages_read(folder):
    """The pages that one more build reads."""
    command = [sys.executable, "-m", "sphinx", "-W", "-q", ".", "out"]
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return {line.split()[1] for line in done.stdout.splitlines() if line.startswith("read ")}


@pytest.mark.parametrize(
    ("file", "old", "new", "read"),
    [
        ("book/divergence.md", "Where one", "There, one", {"book/divergence"}),
        ("book/divergence.md", "A price.", "A cost.", {"book/divergence"} | LISTS),
        ("solutions/ps01/ps01.py", "points=3", "points=2", {"book/divergence"} | LISTS),
        ("solutions/ps01/ps01.py", "Tested: pairs", "Tested: two", set()),
        ("book/topics.yml", "topic: A price", "topic: A cost", {"book/notes"}),
    ],
    ids=["sentence", "lead", "points", "comment", "topic"],
)
def test_a_page_is_read_again_when_what_it_shows_changes(built, file, old, new, read):
    """A sentence is its page's own affair; a lead, points and a topic are those of more pages."""
    text = (built / file).read_text()
    assert old in text
    (built / file).write_text(text.replace(old, new))
    assert pages_read(built) == read


def test_a_build_has_little_to_read_before_it_begins():
    """What Sphinx keeps of all pages holds none of them whole, as sphinx_exercise would have it."""
    kept = ROOT / "_build" / ".doctrees" / "environment.pickle"
    pages = len(list((ROOT / "book").rglob("*.md")))
    assert kept.stat().st_size < 50_000 * pages
