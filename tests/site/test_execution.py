"""How pages run in the build: side by side, each from a clean state, and once."""

import os
import subprocess
import sys
import time

import nbformat
import pytest
from nbclient import NotebookClient

from tests.conftest import ROOT

EXTENSIONS = ROOT / "book" / "_ext"
PAGE = """---
file_format: mystnb
kernelspec: {{name: python3}}
---
# {title}
```{{code-cell}}
{code}
```
"""
STATE = """
import json, os, random, sys
import matplotlib.pyplot as plt
import numpy, torch
json.dumps({
    "names": sorted(globals()),
    "path": sys.path,
    "settings": {name: str(value) for name, value in plt.rcParams.items()},
    "backend": plt.get_backend(),
    "figures": plt.get_fignums(),
    "torch": [torch.get_num_threads(), str(torch.get_default_dtype())],
    "modules": sorted(name for name in sys.modules if name.startswith("gradus")),
    "folder": os.getcwd(),
})
"""
DRAW = """
import random, numpy, torch
print(random.random(), numpy.random.rand(), torch.rand(()).item())
"""
MISCHIEF = """
import json, os, random
import matplotlib.pyplot as plt
import numpy, torch
import gradus
plt.rcParams["font.size"] = 33
plt.figure()
torch.manual_seed(1), torch.set_num_threads(1), torch.set_default_dtype(torch.float64)
random.seed(1), numpy.random.seed(1)
os.chdir("/")
secret = torch.secret = 1
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warm():
    """The nursery's module, and one nursery for all tests here."""
    sys.path.insert(0, str(EXTENSIONS))
    try:
        import warm_kernel
    finally:
        sys.path.remove(str(EXTENSIONS))
    nursery = warm_kernel.Nursery()
    yield lambda source: said(source, kernel_manager_class=warm_kernel.manager_of(nursery))
    nursery.close()


def said(source, **options):
    """What a page with this one cell puts out first."""
    cell = nbformat.v4.new_code_cell(source)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=60, **options).execute()
    output = cell.outputs[0]
    return output.get("text") or output.data["text/plain"]


def test_a_warm_kernel_is_as_clean_as_a_cold_one(warm):
    """Names, module path, matplotlib's settings and torch's state are a fresh kernel's."""
    assert warm(STATE) == said(STATE)


def test_pages_cannot_see_each_other(warm):
    """What one page does to names, seeds, settings and modules is gone in the next."""
    before = warm(STATE)
    assert warm(MISCHIEF + "print(secret)") == "1\n"
    assert warm(STATE) == before
    assert warm("import torch; print('secret' in globals(), hasattr(torch, 'secret'))") == (
        "False False\n"
    )


def test_pages_without_a_seed_draw_their_own(warm):
    """Two pages do not share the random state that the modules were imported with."""
    first, second = warm(DRAW).split(), warm(DRAW).split()
    assert not {*first} & {*second}


@pytest.fixture
def book(tmp_path):
    """A book of one good page; more can be added. It is built with what the course's is."""
    (tmp_path / "conf.py").write_text(
        f"import sys; sys.path.insert(0, {str(EXTENSIONS)!r})\n"
        "extensions = ['myst_nb', 'execution']\nroot_doc = 'good'\n"
        "nb_execution_mode = 'cache'\nexclude_patterns = ['out']\n"
    )

    def build(**pages):
        for name, code in pages.items():
            (tmp_path / f"{name}.md").write_text(PAGE.format(title=name, code=code))
        command = [sys.executable, "-m", "sphinx", "-j", "2", "-q", str(tmp_path)]
        return subprocess.Popen(
            [*command, str(tmp_path / "out")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"NO_COLOR": "1"},
        )

    return build


def test_a_page_that_fails_is_named_and_the_others_are_kept(book):
    """The build says which page and why; after a mend, only that page runs again."""
    process = book(good="6 * 7", bad="1 / 0")
    shown, complaint = process.communicate()
    assert process.returncode != 0
    assert "bad.md: a cell failed" in complaint
    assert "ZeroDivisionError" in complaint
    assert shown.startswith("ran good.md in ")
    process = book(bad="print(1)")
    shown, complaint = process.communicate()
    assert process.returncode == 0, complaint
    assert [line.split()[1] for line in shown.splitlines()] == ["bad.md"]


def test_the_build_can_be_stopped(book, tmp_path):
    """Ctrl-C ends the build at once, and no kernel stays behind."""
    process = book(
        good=f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(300)"
    )
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    process.send_signal(2)
    process.communicate(timeout=20)
    assert process.returncode != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
