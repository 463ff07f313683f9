"""What Lighthouse says of the built site's accessibility: front page, a part's map, a chapter."""

import importlib.util
import json
import shutil

import pytest

from tests.conftest import ROOT

SOURCE = importlib.util.spec_from_file_location(
    "pages_as_read", ROOT / "benchmarks" / "pages_as_read.py"
)
pages_as_read = importlib.util.module_from_spec(SOURCE)
SOURCE.loader.exec_module(pages_as_read)

LOWEST = 0.98


@pytest.fixture(scope="module")
def verdicts():
    """Lighthouse's verdicts, by page."""
    if shutil.which("npm") is None:
        pytest.skip("Lighthouse needs Node.js: sudo apt install nodejs npm")
    if not pages_as_read.LIGHTHOUSE.exists():
        pytest.fail("Lighthouse is not installed: run `make lighthouse` first")
    with pages_as_read.served() as address:
        return pages_as_read.verdicts(address)


@pytest.mark.slow
@pytest.mark.parametrize("page", pages_as_read.SCORED)
def test_lighthouse_finds_the_page_accessible(verdicts, page):
    """A page scores 0.98 at least; what it lost points for is named."""
    score, short = verdicts[page]
    assert score >= LOWEST, "\n".join([f"{page}: {score}", *short])


def test_lock_names_no_registry():
    """What npm installs is fixed by version and checksum, and comes from the reader's registry."""
    lock = json.loads((ROOT / "benchmarks" / "lighthouse" / "package-lock.json").read_text())
    packages = [one for name, one in lock["packages"].items() if name]
    assert all(one["version"] and one["integrity"] for one in packages)
    assert [one["resolved"] for one in packages if "resolved" in one] == []
