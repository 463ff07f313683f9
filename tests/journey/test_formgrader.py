"""The instructor's way with nbgrader's own tools: collect, autograde, read, comment, hand back."""

import csv
import json
import re
import shutil

import nbformat
import pytest
from playwright.sync_api import expect, sync_playwright

from autograder import catalogue
from autograder.course import Course
from autograder.notebooks.build import graded_ids
from autograder.sample import sample_class
from tests.conftest import ROOT
from tests.journey.test_journey import CHROMIUM, command, lab

pytestmark = pytest.mark.slow
PUPIL = "kl_reverses_the_arguments"
COMMENT = "Well said, but name the tails."
JUDGED = 15.0
"""Points of a submission that is right but for ``kl``; the written question waits for a person."""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class to which ps02 was released, and one submission, packed as its learner packs it."""
    folder = tmp_path_factory.mktemp("formgrader") / "class"
    found = Course(ROOT, folder)
    command(folder, "nbgrader", "generate_assignment", "ps02", "--force", "--create")
    source = nbformat.read(ROOT / "solutions/ps02/ps02.ipynb", as_version=4)
    released = nbformat.read(folder / "release/ps02/ps02.ipynb", as_version=4)
    specs = [catalogue.find(name) for name in graded_ids(found.source("ps02"))]
    pupil = next(one for one in sample_class(released, source, specs) if one.name == PUPIL)
    nbformat.write(pupil.notebook, folder / "ps02.ipynb")
    archive = str(folder / "downloaded" / "ps02" / "archive")
    command(
        folder, "gradus", "submit", str(folder / "ps02.ipynb"), "--as", PUPIL, "--into", archive
    )
    return found


def exported(course):
    """Return the score in nbgrader's export."""
    path = course.folder / "grades.csv"
    command(course.folder, "nbgrader", "export", "--to", str(path))
    with path.open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    return float(rows[PUPIL]["score"])


def test_collected_and_autograded_by_stock_nbgrader(course):
    """zip_collect, autograde, generate_feedback and export tell the judge's score and hint."""
    for verb in ("zip_collect", "autograde", "generate_feedback"):
        command(course.folder, "nbgrader", verb, "ps02")
    assert exported(course) == JUDGED
    page = course.folder / f"feedback/{PUPIL}/ps02/ps02.html"
    assert "You measured from q to p." in page.read_text()


def test_the_formgrader_autogrades_and_keeps_what_a_person_gave(course):
    """Its buttons work in JupyterLab; grading again keeps the points and the comment."""
    log = course.folder.parent / "lab.log"
    words = ("make", "-o", ".setup-done", "formgrader")
    with sync_playwright() as playwright, lab(ROOT, log, words) as address:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/lab")
        page.get_by_role("menuitem", name="Nbgrader").click(timeout=60_000)
        page.get_by_role("menuitem", name="Formgrader").click()
        inside = page.frame_locator("iframe[src*='formgrader']")

        inside.locator("tr", has_text="ps02").locator(".num-submissions a").click()
        row = inside.locator("tr", has_text=PUPIL)
        row.locator(".autograde a").click()
        told = inside.locator(".modal.in")
        expect(told).to_contain_text("Successfully autograded", timeout=90_000)
        told.get_by_role("button", name="OK").click()
        expect(row).to_contain_text("needs manual grading")
        expect(row).to_contain_text(f"{JUDGED:g} / 20")

        inside.get_by_role("link", name="Manual Grading").click()
        for _ in ("the assignment", "its notebook"):
            inside.locator("#main-table").get_by_role("link", name="ps02").click()
        inside.get_by_role("link", name="Submission #1").click()
        score, comment = (
            inside.locator(box) for box in ("#which_direction.score", "#which_direction-comment")
        )
        # What is typed before it has asked for the grades and the comments, it does not save.
        expect(score).to_have_class(re.compile("needs_manual_grade"))
        expect(comment).to_have_attribute("placeholder", re.compile("Type any comments"))
        for box, words, saved in (
            (score, "1.5", "**/formgrader/api/grade/*"),
            (comment, COMMENT, "**/formgrader/api/comment/*"),
        ):
            with page.expect_response(saved) as answer:
                box.fill(words)
                box.press("Tab")
            assert (answer.value.request.method, answer.value.status) == ("PUT", 200)
        page.screenshot(path=course.folder.parent / "graded.png")

        page.frame(url=re.compile("formgrader")).goto(
            f"{address}/formgrader/manage_submissions/ps02"
        )
        expect(row).to_contain_text(f"{JUDGED + 1.5:g} / 20")
        row.locator(".generate-feedback a").click()
        expect(told).to_contain_text("Successfully generated feedback", timeout=60_000)
        page.screenshot(path=course.folder.parent / "feedback.png")
        chromium.close()
    read = course.folder / f"feedback/{PUPIL}/ps02/ps02.html"
    assert COMMENT in read.read_text()
    assert "1.5 of 2 points" in read.read_text()
    assert "Traceback" not in log.read_text()

    read.unlink()
    record = json.loads(command(course.folder, "gradus", "grade", "ps02", "--json"))
    assert sum(one["points"] for one in record["exercises"]) == JUDGED
    assert record["to_read"] == 0
    assert record["score"] == exported(course) == JUDGED + 1.5
    assert COMMENT in read.read_text()
