"""What the built site asks of its readers: the weight of first views, and Lighthouse's verdict.

    make site && .venv/bin/python benchmarks/pages_as_read.py > docs/site-pages.md

Weight is the sum of the files, gzipped one by one, that Chromium asks for before its reader does
anything. Lighthouse comes from npm, into `_build/`; its accessibility score is 1 at best.
"""

import functools
import gzip
import json
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlparse

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
LIGHTHOUSE = "lighthouse@12.8.2"
SCORED = ("book/index.html", "book/1_probability/entropy.html", "book/progress.html")
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *words):
        """Say nothing."""


def serve():
    """Serve the site; return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def weights(address, pages):
    """Return for each page the gzipped bytes of what its first view asks for, and how many files."""
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM)
        )
        for name in pages:
            asked = set()
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.on("request", lambda request, asked=asked: asked.add(urlparse(request.url).path))
            page.goto(f"{address}/{name}", wait_until="networkidle")
            files = [SITE / unquote(path).lstrip("/") for path in asked]
            sizes = [len(gzip.compress(file.read_bytes())) for file in files if file.is_file()]
            found[name] = (sum(sizes), len(sizes))
            page.close()
        browser.close()
    return found


def scores(address):
    """Return Lighthouse's accessibility score of three pages, and what it found short of 1."""
    folder = ROOT / "_build" / "lighthouse"
    folder.mkdir(parents=True, exist_ok=True)
    install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), LIGHTHOUSE]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = {}
    for name in SCORED:
        command = [str(folder / "node_modules" / ".bin" / "lighthouse"), f"{address}/{name}"]
        command += ["--quiet", "--only-categories=accessibility", "--output=json"]
        command += [f"--chrome-flags={' '.join(CHROMIUM)}"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        told = json.loads(said)
        audits = told["audits"].values()
        short = [one["id"] for one in audits if one["score"] is not None and one["score"] < 1]
        found[name] = (told["categories"]["accessibility"]["score"], short)
        print(name, *found[name], file=sys.stderr)
    return found


def main():
    """Print the page."""
    pages = sorted(str(path.relative_to(SITE)) for path in (SITE / "book").rglob("*.html"))
    address = serve()
    weighed = weights(address, pages)
    print("# The site as its readers meet it\n")
    print("Made by `benchmarks/pages_as_read.py`, which says what is measured.\n")
    print("| page | first view, kB gzipped | files |\n| --- | ---: | ---: |")
    for name, (size, files) in weighed.items():
        print(f"| {name} | {size / 1000:.0f} | {files} |")
    print(f"\n{LIGHTHOUSE.replace('@', ' ').capitalize()}, accessibility:\n")
    print("| page | score | audits below 1 |\n| --- | ---: | --- |")
    for name, (score, short) in scores(address).items():
        print(f"| {name} | {score:.2f} | {', '.join(short) or 'none'} |")


if __name__ == "__main__":
    main()
