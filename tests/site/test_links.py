"""Pages and exercises know of each other: what is listed, where it leads, what stops a build."""

import importlib
import sys

import pytest

from autograder.errors import AuthoringError
from autograder.notebooks import build, pages
from gradus.reading import readings
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
course_map, launch, announce, downloads = (
    importlib.import_module(name) for name in ("course_map", "launch", "announce", "downloads")
)

TASKS = course_map.tasks(ROOT)
SET = """# %% check="kl" points=3 minutes=15 difficulty=2 page="{page}" section="{label}"
# Tested: pairs.
check("kl", kl)
"""
TOC = """format: jb-book
root: book/index
parts:
  - chapters:
    - file: book/part_1
      sections: [{file: book/divergence}]
"""
PAGE = "(divergence)=\n# Divergence\n\nA price.\n\n(zeros)=\n## Zeros\n\n```{graded}\n```\n"


@pytest.fixture
def course(tmp_path):
    """A course of one page with one graded function; call it to spoil a file of it."""

    def made(page="book/divergence", label="zeros", **files):
        texts = {
            "_toc.yml": TOC,
            "book/topics.yml": "parts: [{title: Information}]",
            "book/part_1.md": "(part-1)=\n# Information\n",
            "book/divergence.md": PAGE,
            "solutions/ps01/ps01.py": SET.format(page=page, label=label),
        }
        for name, text in (texts | files).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return list(course_map.dangling(tmp_path))

    return made


def test_no_link_dangles_today():
    """Each graded function names a section that exists, each page lists its functions."""
    assert list(course_map.dangling(ROOT)) == []


@pytest.mark.parametrize("assignment", sorted({task.assignment for task in TASKS}))
def test_release_says_where_to_read(assignment):
    """A released notebook names the section of each of its functions, as the source does."""
    said = readings(ROOT / "exercises" / assignment)
    asked = {one.exercise: one for one in TASKS if one.assignment == assignment}
    assert {name: (one.page, one.section) for name, one in said.items()} == {
        name: (one.page, one.section) for name, one in asked.items()
    }


def test_graded_functions_are_those_that_are_built():
    """What the site lists is what nbgrader grades."""
    ids = [one for path in sorted(ROOT.glob("solutions/*/*.py")) for one in build.graded_ids(path)]
    assert [task.exercise for task in TASKS] == ids


def test_good_course_has_no_complaints(course):
    """The small course of these tests is in order."""
    assert course() == []


@pytest.mark.parametrize(
    ("spoiled", "complaint"),
    [
        ({"label": "ones"}, "ps01, kl: book/divergence has no section 'ones'"),
        ({"page": "book/entropy"}, "expected page= to name a page of _toc.yml, got 'book/entropy'"),
        ({"book/divergence.md": PAGE.replace("{graded}", "{note}")}, "lists none of its own"),
        ({"solutions/ps01/ps01.py": ""}, "lists graded functions, and has none"),
        ({"book/part_1.md": "# Noise\n"}, "expected the title 'Information'"),
    ],
    ids=["section", "page", "not listed", "nothing to list", "title"],
)
def test_dangling_link_is_named(course, spoiled, complaint):
    """Each way to lose a link gives a line that names it, in either direction."""
    assert any(complaint in line for line in course(**spoiled))


def test_notebook_with_a_dangling_section_is_not_built(tmp_path, course):
    """The build of an assignment names the exercise and the labels that there are."""
    course()
    with pytest.raises(AuthoringError, match="no section 'ones'; its labels are divergence, zeros"):
        pages.reading(tmp_path, "book/divergence", "ones")


def test_without_a_repository_there_are_downloads_only():
    """While nothing is public, no link leads away from the site."""
    links = launch.page_links(None, "book/kl") + launch.exercise_links(None, "ps02", "../")
    assert [url for _, url, _ in links] == [
        "kl.ipynb",
        "../exercises/ps02/ps02.ipynb",
        "../exercises/ps02.zip",
    ]


def test_one_setting_gives_all_launch_links():
    """Colab, Binder, JupyterLab, edit and report follow from the repository's address."""
    there = launch.Repository("https://github.com/octo/gradus", "main")
    links = launch.page_links(there, "book/kl") + launch.exercise_links(there, "ps02", "")
    assert [url for _, url, _ in links if ":" in url] == [
        "https://colab.research.google.com/github/octo/gradus/blob/gh-pages/book/kl.ipynb",
        "https://mybinder.org/v2/gh/octo/gradus/main?urlpath=lab%2Ftree%2Fbook%2Fkl.md",
        "https://github.com/octo/gradus/edit/main/book/kl.md",
        "https://github.com/octo/gradus/issues/new?title=A%20mistake%20on%20book/kl",
        "https://colab.research.google.com/github/octo/gradus/blob/main/exercises/ps02/ps02.ipynb",
        "https://mybinder.org/v2/gh/octo/gradus/main"
        "?urlpath=lab%2Ftree%2Fexercises%2Fps02%2Fps02.ipynb",
        "http://localhost:8888/lab/tree/ps02/ps02.ipynb",
    ]


def test_sitemap_names_public_addresses():
    """Each page stands in the sitemap under the site's one address."""
    text = announce.sitemap(["book/kl"], "https://gradus.example/").decode()
    assert "<loc>https://gradus.example/book/kl.html</loc>" in text


def test_feed_tells_the_course_and_not_the_grader():
    """An entry for each version of the course, with its day; the grader's changes are not news."""
    log = "# Changes\n\n## The course\n\n### 0.2 (2026-12-01)\n\n- Page 2.\n\n"
    log += "### 0.1 (2026-11)\n\n- Page 1.\n\n## The grader\n\n### 0.1 (2026-11)\n\n- A judge.\n"
    found = announce.changes(log)
    assert [(one.version, one.day) for one in found] == [
        ("0.2", "2026-12-01"),
        ("0.1", "2026-11-01"),
    ]
    text = announce.feed(found, "").decode()
    assert "Page 2." in text
    assert "A judge." not in text
    assert "<updated>2026-12-01T00:00:00Z</updated>" in text


def test_notebook_of_a_page_is_plain_and_complete():
    """It has the page's visible cells, no hidden one, and none of the book's own notation."""
    notebook = downloads.as_notebook(ROOT / "book" / "1_probability" / "entropy.md")
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert 8 <= len(code) <= 18
    assert not any("assert " in source for source in code)
    assert "**Is this note right?" in prose
    assert not any(mark in prose for mark in ("```{", ":::", "{eq}", "{term}", ")=\n"))
