"""The learner's way, in one browser: from the page to a solved, handed-in, graded assignment."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.conftest import ROOT
from tests.site.test_site import SITE

pytestmark = pytest.mark.slow
BIN = Path(sys.executable).parent
PAGE = SITE / "book/1_probability/entropy.html"
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
WRONG = """def kl(p, q, base=2.0):
return (torch.xlogy(q, q) - torch.xlogy(q, p)).sum(-1) / math.log(base)"""
RIGHT = """def kl(p, q, base=2.0):
return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(-1) / math.log(base)"""


@contextlib.contextmanager
def lab(folder, log, words=(BIN / "jupyter", "lab")):
    """Run JupyterLab on ``folder`` as ``make lab`` does, on a free port, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ours = {"open_browser": False, "port": port, "port_retries": 0, "allow_root": True}
    config = log.parent / "config"
    config.mkdir(exist_ok=True)
    here = {"ServerApp": ours, "IdentityProvider": {"token": ""}}
    (config / "jupyter_server_config.json").write_text(json.dumps(here))
    home = {"JUPYTER_CONFIG_DIR": str(config), "HOME": str(log.parent)}
    home["JUPYTER_CONFIG_PATH"] = ""
    with log.open("w") as said:
        server = subprocess.Popen(
            words,
            cwd=folder,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, **home, **places(log.parent / "class")},
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(120):
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/api"):
                    break
                time.sleep(0.5)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def write(page, cell, code):
    """Put ``code`` into a cell in place of what is there, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(code.splitlines()[0])
    for line in code.splitlines()[1:]:
        page.keyboard.press("Enter")  # the editor indents
        page.keyboard.insert_text(line)
    page.keyboard.press("Control+Enter")


def run(cell):
    """Run a cell that is written already, and wait until it is done."""
    prompt = cell.locator(".jp-InputPrompt")
    for _ in range(10):  # JupyterLab drops a key that comes before the kernel is connected
        cell.locator(".cm-content").click()
        cell.page.keyboard.press("Control+Enter")
        cell.page.wait_for_timeout(1000)
        if prompt.inner_text() != "[ ]:":
            break
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=60_000)


def places(course):
    """Return the environment of a class in a folder of its own."""
    return {"GRADUS_COURSE": str(course), "GRADUS_RELEASE": str(course / "release")}


def run_all(page, path):
    """Run a notebook from JupyterLab's menu, and return its code cells as they were saved then."""
    for attempt in range(60):
        if not attempt % 10:  # JupyterLab drops a command that comes before the kernel is connected
            page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
            page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        page.wait_for_timeout(1000)
        page.keyboard.press("Control+S")
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        if all(cell["execution_count"] for cell in code if cell["source"]):
            break
    return code


def command(course, *words):
    """Run a command of the course and return what it printed."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic by name
    done = subprocess.run(
        [BIN / words[0], *words[1:]],
        cwd=ROOT,
        env={**os.environ, **places(course), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_from_the_page_to_the_feedback(tmp_path):
    """A learner reads, runs all, is wrong, reads the hint, mends it, hands in, gets the points."""
    folder, course, shots = tmp_path / "exercises", tmp_path / "class", tmp_path / "shots"
    shots.mkdir()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=CHROMIUM,
        )
        page = chromium.new_page(viewport={"width": 1280, "height": 900})

        page.goto(PAGE.as_uri())
        with page.expect_download() as bundle:
            page.locator("a[href$='exercises/ps02.zip']").first.click()
        zipfile.ZipFile(bundle.value.path()).extractall(folder)
        page.screenshot(path=shots / "1-page.png")

        shutil.copytree(ROOT / "exercises" / ".jupyter", folder / ".jupyter")
        words = (BIN / "jupyter", "lab", "--LabApp.app_settings_dir=.jupyter")
        with lab(folder, tmp_path / "lab.log", words) as address:
            page.goto(f"{address}/lab/tree/ps02/ps02.ipynb")
            cells = page.locator(".jp-Notebook .jp-CodeCell")
            expect(
                page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']")
            ).to_be_visible(timeout=60_000)

            def cell(words):
                return cells.filter(has_text=words).first

            expect(page.locator(".jp-Toolbar-kernelName")).to_contain_text("Python 3")
            saved = folder / "ps02" / "ps02.ipynb"
            fresh = run_all(page, saved)
            outputs = [output for one in fresh for output in one["outputs"]]
            assert [one["source"] for one in fresh if not one["execution_count"]] == []
            assert [one for one in outputs if one["output_type"] == "error"] == []
            assert "kl: not yet written" in json.dumps(outputs)
            write(page, cell("def kl(p: Tensor"), WRONG)
            run(cell('check("kl", kl)'))
            answer = cell('check("kl", kl)').locator(".jp-OutputArea-output")
            expect(answer).to_contain_text("You measured from q to p.", timeout=30_000)
            page.screenshot(path=shots / "2-hint.png")

            write(page, cell("def kl(p, q"), RIGHT)
            run(cell('check("kl", kl)'))
            expect(answer).to_contain_text("kl: right", timeout=30_000)
            page.keyboard.press("Control+S")
            page.screenshot(path=shots / "3-right.png")

            page.get_by_role("button", name="Validate").click()
            told = page.locator(".jp-Dialog")
            expect(told).to_contain_text("not yet written", timeout=90_000)
            assert "kl: not yet written" not in told.inner_text()
            page.screenshot(path=shots / "4-validate.png")
            for not_ours in ("Create Assignment", "official Jupyter news"):
                expect(page.get_by_text(not_ours)).to_have_count(0)

        archive = course / "downloaded" / "ps02" / "archive"
        words = ["submit", str(saved), "--as", "ada", "--into", str(archive), "--json"]
        assert json.loads(command(course, "gradus", *words))["student"] == "ada"
        command(course, "nbgrader", "generate_assignment", "ps02", "--force", "--create")
        command(course, "nbgrader", "zip_collect", "ps02")
        record = json.loads(command(course, "gradus", "grade", "ps02", "--json"))
        assert {one["id"]: one["points"] for one in record["exercises"]}["kl"] == 3

        page.goto((course / "feedback/ada/ps02/ps02.html").as_uri())
        expect(page.locator("#kl-graded")).to_contain_text("3 of 3 points")
        expect(page.locator("#entropy-graded")).to_contain_text("not yet written")
        page.locator("#kl-graded").scroll_into_view_if_needed()
        page.screenshot(path=shots / "5-feedback.png")
        chromium.close()
    log = (tmp_path / "lab.log").read_text()
    assert "Traceback" not in log
    assert "[E " not in log
