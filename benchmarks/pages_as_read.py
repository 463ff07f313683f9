"""What the built site asks of its readers: the weight of first views, and Lighthouse's verdict.

    make site lighthouse && .venv/bin/python benchmarks/pages_as_read.py > docs/site-pages.md

Weight is the sum of the files, gzipped one by one, that Chromium asks for before its reader does
anything; the heaviest of three views, since pictures far down are asked for or not as the page
settles. Lighthouse's accessibility score is 1 at best; tests/site/test_lighthouse.py asks for 0.98.
"""

import functools
import gzip
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlparse

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
LIGHTHOUSE = ROOT / "benchmarks" / "lighthouse" / "node_modules" / ".bin" / "lighthouse"
SCORED = ("book/index.html", "book/part_1.html", "book/1_probability/entropy.html")
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *words):
        """Say nothing."""


class Verdict(NamedTuple):
    """Lighthouse's score of a page, and the audits of which something fell short."""

    score: float
    short: tuple[str, ...]


@contextmanager
def served(site=SITE) -> Iterator[str]:
    """Serve a site on a free port of this machine; yield its address."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def weights(address, pages):
    """Return for each page the gzipped bytes of what its first view asks for, and how many files."""
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM)
        )
        for name in [*pages] * 3:
            asked = set()
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.on("request", lambda request, asked=asked: asked.add(urlparse(request.url).path))
            page.goto(f"{address}/{name}", wait_until="networkidle")
            files = [SITE / unquote(path).lstrip("/") for path in asked]
            sizes = [len(gzip.compress(file.read_bytes())) for file in files if file.is_file()]
            found[name] = max(found.get(name, (0, 0)), (sum(sizes), len(sizes)))
            page.close()
        browser.close()
    return found


def verdict(url):
    """Return what Lighthouse says of the accessibility of the page at ``url``."""
    command = [str(LIGHTHOUSE), url, "--quiet", "--no-enable-error-reporting"]
    command += [
        "--only-categories=accessibility",
        "--output=json",
        f"--chrome-flags={' '.join(CHROMIUM)}",
    ]
    environment = os.environ | {"CHROME_PATH": shutil.which("chromium")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"Lighthouse failed on {url}:\n{done.stderr}")
    told = json.loads(done.stdout)
    short = [
        one for one in told["audits"].values() if one["score"] is not None and one["score"] < 1
    ]
    return Verdict(told["categories"]["accessibility"]["score"], tuple(map(named, short)))


def named(audit):
    """Return an audit's name, and where it found something."""
    places = [one["node"]["snippet"] for one in audit.get("details", {}).get("items", ())]
    return ": ".join([audit["id"], *places[:1]])


def verdicts(address):
    """Return Lighthouse's verdict on three pages, by their names."""
    with ThreadPoolExecutor() as pool:  # it waits longer than it works
        found = pool.map(verdict, [f"{address}/{name}" for name in SCORED])
        return dict(zip(SCORED, found, strict=True))


def main():
    """Print the page."""
    pages = sorted(str(path.relative_to(SITE)) for path in (SITE / "book").rglob("*.html"))
    with served() as address:
        weighed, rated = weights(address, pages), verdicts(address)
    print("# The site as its readers meet it\n")
    print("Made by `benchmarks/pages_as_read.py`, which says what is measured.\n")
    print("| page | first view, kB gzipped | files |\n| --- | ---: | ---: |")
    for name, (size, files) in weighed.items():
        print(f"| {name} | {size / 1000:.0f} | {files} |")
    version = subprocess.run([LIGHTHOUSE, "--version"], capture_output=True, text=True).stdout
    print(f"\nLighthouse {version.strip()}, accessibility:\n")
    print("| page | score | audits below 1 |\n| --- | ---: | --- |")
    for name, (score, short) in rated.items():
        audits = ", ".join(one.partition(":")[0] for one in short)
        print(f"| {name} | {score:.2f} | {audits or 'none'} |")


if __name__ == "__main__":
    main()
