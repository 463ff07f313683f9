"""The sandbox: what a learner's cell can see, use and leave behind."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from autograder.errors import SandboxError
from autograder.limits import Limits
from autograder.sandbox import bubblewrap
from autograder.sandbox.bubblewrap import Place
from autograder.sandbox.kernel import STRAYED, Kernel, _below
from autograder.sandbox.warm import Zygote, needed_by
from tests.conftest import ROOT

STRAY = """
import os
os.chdir(os.path.dirname(get_ipython().kernel.config["IPKernelApp"]["connection_file"]))
{}
os._exit(0)
"""
"""A cell that leaves something beside the kernel's sockets, and is gone before anybody looks."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Folders for one kernel."""
    root = tmp_path_factory.mktemp("s")
    found = Place(root / "work", root / "kernel", root / "judge")
    for folder in (found.work, found.kernel, found.judge):
        folder.mkdir()
    return found


@pytest.fixture(scope="module", params=["warm", "cold"])
def forked_by(request):
    """Each test stands for both tiers: a kernel of the zygote's, and one started anew."""
    return request.getfixturevalue("zygote") if request.param == "warm" else None


@pytest.fixture(scope="module")
def kernel(place, forked_by):
    """A kernel that the harmless tests share."""
    started = Kernel(place, Limits(wall=20), zygote=forked_by)
    yield started
    started.stop()


@pytest.fixture
def alone(place, forked_by):
    """Start a kernel for one test that will break it."""
    kernels = []

    def start(**limits):
        kernels.append(Kernel(place, Limits(**{"wall": 5, **limits}), zygote=forked_by))
        return kernels[-1]

    yield start
    for started in kernels:
        started.stop()


def said(run):
    """Return all that a cell printed."""
    return "".join(output.get("text", "") for output in run.outputs)


def test_a_cell_prints_and_the_next_remembers(kernel):
    """The sandbox runs a notebook like any other kernel."""
    kernel.run("x = 20 + 1")
    assert said(kernel.run("print(2 * x)")) == "42\n"


@pytest.mark.parametrize(
    "path",
    [ROOT / "solutions", ROOT / "autograder", ROOT / "tests", Path.home() / ".ssh", "/home"],
    ids=str,
)
def test_nothing_of_ours_is_there(kernel, path):
    """No solution, spec, home or state of the machine exists inside."""
    run = kernel.run(f"import os; print(os.path.exists({str(path)!r}))")
    assert said(run) == "False\n"


def test_the_grader_cannot_be_imported(kernel):
    """The instructor's package is not on the learner's path."""
    assert kernel.run("import autograder").error.startswith("ModuleNotFoundError")


def test_the_graders_environment_stays_outside(place, monkeypatch):
    """A secret in the grader's own environment does not come in."""
    monkeypatch.setenv("COURSE_PASSWORD", "hunter2")
    argv = bubblewrap.command(["/usr/bin/env"], place)
    seen = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert "GRADUS_JUDGE=" in seen
    assert "hunter2" not in seen


def test_the_environment_is_the_allowed_one(kernel, place):
    """Every variable inside is on the list, or one that the kernel sets itself."""
    run = kernel.run("import os; print(sorted(os.environ))")
    allowed = set(bubblewrap.environment(place)) | {
        "PWD", "PYDEVD_USE_FRAME_EVAL", "TERM", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR",
        "PAGER", "GIT_PAGER", "LC_CTYPE", "KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK",
    }  # fmt: skip
    assert set(eval(said(run))) <= allowed


def test_only_its_own_processes_are_visible(kernel):
    """/proc shows the sandbox alone."""
    run = kernel.run("import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))")
    assert int(said(run)) <= 3


def test_there_is_no_network(kernel):
    """Not even the machine's own loopback services."""
    source = "import socket; socket.create_connection(('1.1.1.1', 53), 2)"
    assert kernel.run(source).error.startswith("OSError")


@pytest.mark.parametrize("folder", ["/usr", f"{ROOT}/gradus", f"{ROOT}/.venv", "judge"])
def test_what_is_ours_cannot_be_written(kernel, place, folder):
    """The environment, the learner's package and the judge's folder are read-only."""
    path = f"{place.judge if folder == 'judge' else folder}/x"
    run = kernel.run(f"open({path!r}, 'w').write('x')")
    assert run.error.startswith("OSError: [Errno 30] Read-only file system")
    assert not os.path.exists(path)


@pytest.mark.parametrize(
    ("source", "limits", "cause"),
    [
        ("while True: pass", {"wall": 1}, "stopped after 1 seconds"),
        (
            "while True:\n    try:\n        import time; time.sleep(9)\n"
            "    except KeyboardInterrupt: pass",
            {"wall": 1},
            "stopped after 1 seconds",
        ),
        ("while True: pass", {"cpu": 0.5}, "used more than 0.5 s of CPU time"),
        ("import os; os._exit(0)", {}, "the kernel died"),
        ("import ctypes; ctypes.string_at(0)", {}, "the kernel died"),
        (STRAY.format("os.mkdir('x')"), {}, STRAYED),
        (STRAY.format("os.remove('connection.json'); os.mkdir('connection.json')"), {}, STRAYED),
        (
            "import subprocess\nfor _ in range(30): subprocess.Popen(['sleep', '60'])\n"
            "import time; time.sleep(4)",
            {"processes": 12},
            "started more than 12 processes",
        ),
        (
            "x = b'x' * 2**30; import time; time.sleep(4)",
            {"memory": 2**29},
            "used more than 0.5 GiB of memory",
        ),
        (
            "for i in range(3000): print('x' * 1000)",
            {"output": 2**20, "wall": 20},
            "printed more than 1 MiB",
        ),
    ],
    ids=[
        "loop",
        "swallows",
        "cpu",
        "exit",
        "segfault",
        "file",
        "folder",
        "processes",
        "memory",
        "output",
    ],
)
def test_taking_too_much_ends_the_cell_with_its_cause(alone, source, limits, cause):
    """Each limit has a name, and the kernel is gone."""
    run = alone(**limits).run(source)
    assert run.cause == cause


def test_a_kernel_that_holds_half_of_its_memory_is_not_rested(alone):
    """What a cell leaves behind is the next one's to pay for, unless it gets a fresh kernel."""
    kernel = alone(memory=2**30)
    assert kernel.rested
    kernel.run("held = bytearray(600 * 2**20)")
    assert not kernel.rested


def test_an_accelerators_files_are_there_and_no_other_device(place, monkeypatch):
    """What a pattern finds in /dev is bound; the rest of /dev stays outside."""
    monkeypatch.setattr(bubblewrap, "ACCELERATORS", ("ful[l]", "nothing*"))
    words = bubblewrap.command(["true"], place)
    bound = [words[at + 1] for at, word in enumerate(words) if word == "--dev-bind"]
    assert bound == ["/dev/full"]


def test_the_tier_is_named(kernel, forked_by):
    """Reports tell a kernel of the zygote's from a new one."""
    assert kernel.tier == ("bubblewrap" if forked_by is None else "bubblewrap, warm")


def test_a_forked_kernel_does_not_list_all_modules(kernel, forked_by):
    """Each that it looks at is a page of memory to copy; what it says of Python stays true."""
    run = kernel.run(
        "print(bool(get_ipython().kernel._kernel_modules),"
        " get_ipython().kernel.language_info['version'])"
    )
    assert said(run).split() == [str(forked_by is None), platform.python_version()]


RIGHTS = """
lines = open('/proc/self/status').read().splitlines()
print([line.split()[1] for line in lines if line.startswith(('Cap', 'NoNewPrivs'))])
"""


def test_a_kernel_has_no_rights_and_can_get_none(kernel):
    """No capability in any set, and no program that it starts gains one."""
    assert eval(said(kernel.run(RIGHTS))) == ["0" * 16] * 5 + ["1"]


HANDLES = """
import os, json
paths = [os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')
         if os.path.lexists(f'/proc/self/fd/{fd}')]
print(json.dumps([path for path in paths if path.startswith('/')]))
"""


def test_no_file_of_the_grader_is_open_in_a_kernel(kernel, place):
    """Whatever a kernel holds open lies in its own folders, or is a device."""
    ours = ("/dev/", "/tmp/", "/proc/", f"{place.work}", f"{place.kernel}")
    paths = json.loads(said(kernel.run(HANDLES)))
    assert [path for path in paths if not path.startswith(ours)] == []


def test_two_kernels_of_a_zygote_draw_different_numbers(place, zygote):
    """Forked from one memory, two learners still do not share their random states."""
    draw = "import numpy, random, torch\n"
    draw += "print(random.random(), numpy.random.rand(), torch.rand(()).item())"
    drawn = set()
    for _ in range(2):
        kernel = Kernel(place, Limits(), zygote=zygote)
        drawn |= set(said(kernel.run(draw)).split())
        kernel.stop()
    assert len(drawn) == 6


def test_the_zygote_holds_nothing_of_the_grader(place, zygote, judge):
    """Its memory, which each kernel inherits, has no module of the grader's and no GPU.

    A judge that it forked before has loaded specs; its memory is its own.
    """
    judge.limits("kl")
    kernel = Kernel(place, Limits(), zygote=zygote)
    run = kernel.run(
        "import sys, torch\n"
        "print([name for name in sys.modules if name.startswith('autograder')],"
        " torch.cuda.is_initialized())"
    )
    kernel.stop()
    assert said(run) == "[] False\n"


def test_temporary_files_inside_what_a_sandbox_sees_are_refused(place, monkeypatch):
    """The zygote's socket is one of them: who reaches it has programs run outside the sandbox."""
    bubblewrap.command(["true"], place)
    for folder in ("/usr/share", sys.prefix):
        monkeypatch.setattr(tempfile, "tempdir", folder)
        with pytest.raises(SandboxError, match="set TMPDIR to a folder outside"):
            bubblewrap.command(["true"], place)


SCAN = """
import re

first, then = b"a-password", b"of-a-test"  # with the hyphen between them, nowhere but where it is
with open("/proc/self/maps") as maps:
    areas = re.findall("^([0-9a-f]+)-([0-9a-f]+) rw", maps.read(), re.M)
found = 0
with open("/proc/self/mem", "rb", buffering=0) as memory:
    for start, end in areas:
        try:
            memory.seek(int(start, 16))
            content = memory.read(int(end, 16) - int(start, 16))
        except OSError:
            continue
        for one in re.finditer(first + b"-", content):
            found += content.startswith(then, one.end())
print(found)
"""


def test_the_graders_environment_is_nowhere_in_a_kernels_memory(place, zygote, monkeypatch):
    """A judge has it, with the database's password; a kernel forked after it finds no trace."""
    monkeypatch.setenv("GRADUS_DB", "postgresql://gradus:a-password-of-a-test@localhost/book")
    judge = zygote.fork("autograder.judge.server", "gradus-judge")
    kernel = Kernel(place, Limits(), zygote=zygote)
    judge.kill()
    judge.wait()
    for stream in (judge.stdin, judge.stdout):
        stream.close()
    found = int(said(kernel.run(SCAN)))
    if_it_were_there = int(said(kernel.run("there = '-'.join(['a-password', 'of-a-test'])" + SCAN)))
    kernel.stop()
    assert (found, if_it_were_there > 0) == (0, True)


def test_a_kernel_goes_on_without_its_zygote_and_the_next_has_a_new_one(place):
    """SIGKILL to the zygote costs nothing."""
    with Zygote() as mortal:
        first = Kernel(place, Limits(), zygote=mortal)
        mortal._process.kill()
        assert said(first.run("print(1)")) == "1\n"
        first.stop()
        second = Kernel(place, Limits(), zygote=mortal)
        assert (said(second.run("print(2)")), second.tier) == ("2\n", "bubblewrap, warm")
        second.stop()


def test_who_has_its_address_shares_a_zygote_and_goes_on_without_it(place):
    """Two graders are served by one process, and one is served when that is gone."""
    with Zygote() as first:
        first.launch()
        with Zygote(first.address) as second:
            kernels = [Kernel(place, Limits(), zygote=each) for each in (first, second)]
            said_by = [said(kernel.run("print(1)")) for kernel in kernels]
            assert (said_by, second._process) == (["1\n", "1\n"], None)
            for kernel in kernels:
                kernel.stop()
            first._process.kill()
            alone = Kernel(place, Limits(), zygote=second)
            assert (alone.tier, second._process is None) == ("bubblewrap, warm", False)
            alone.stop()


def test_a_zygote_ends_with_its_last_grader():
    """Nothing is left of it, whoever was the one that launched it."""
    first = Zygote()
    first.launch()
    second = Zygote(first.address)
    second.launch()
    process, first._process = first._process, None  # as if who launched it had been killed
    first.stop()
    forked = second.fork("autograder.judge.server", "a-judge")
    assert process.poll() is None
    second.stop()
    assert process.wait(timeout=20) == 0
    forked.stdin.close()
    forked.stdout.close()
    forked.wait()


def commands():
    """Return the command lines of all processes of this machine."""
    return {" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])}


def comes_true(claim, seconds=5):
    """Return whether ``claim`` is true within some seconds."""
    deadline = time.monotonic() + seconds
    while not claim() and time.monotonic() < deadline:
        time.sleep(0.05)
    return claim()


def test_nothing_outlives_the_kernel(alone):
    """A daemon started by a cell dies with its sandbox."""
    kernel = alone()
    mark = f"sleep {1000 + os.getpid()}"
    kernel.run(f"import subprocess; subprocess.Popen({mark.split()!r}, start_new_session=True)")
    assert comes_true(lambda: mark in commands())  # at its start a process has no command line
    kernel.stop()
    assert comes_true(lambda: mark not in commands())


def test_without_bubblewrap_nothing_runs(place, monkeypatch):
    """A machine without bubblewrap is told what to type, and no code is run."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxError, match="sudo apt install bubblewrap"):
        bubblewrap.command(["true"], place)


@pytest.mark.parametrize("listed", [True, False])
def test_every_process_below_is_found_whether_or_not_the_system_lists_them(listed, monkeypatch):
    """Also one that a thread has started, and one that is not a child but a grandchild."""
    monkeypatch.setattr("autograder.sandbox.kernel.LISTED", listed)
    nested = "import subprocess, threading; run = lambda: subprocess.run(['sleep', '60'])\n"
    nested += "threading.Thread(target=run).start(); run()"
    with subprocess.Popen([sys.executable, "-c", nested]) as child:
        deadline = time.monotonic() + 20
        found = []
        while len(found) < 3 and time.monotonic() < deadline:
            found = [psutil.Process(pid) for pid in _below(os.getpid())]
            found = [one for one in found if child.pid in (one.pid, one.ppid())]
        for one in found:
            one.kill()
    assert len(found) == 3


COMPILER = """
import sys
import torch
torch.ones(2, 2, device="meta").log() @ torch.ones(2, device="meta")
print("torch._dynamo" in sys.modules)
weight = torch.ones(1, requires_grad=True)
torch.autograd.grad(weight.exp(), weight)
weight.grad = torch.ones(1)
torch.optim.SGD([weight], lr=0.5).step()
print("torch._dynamo" in sys.modules, weight.item())
def twice(x):
    return x.log() + x.log()
twice_compiled = torch.compile(twice, backend="eager", fullgraph=True)
x = torch.arange(1.0, 4.0)
print(torch.equal(twice_compiled(x), twice(x)), twice_compiled(x.to("meta")).shape)
"""


@pytest.mark.parametrize("modules", [(), ("torch._dynamo",)], ids=["without", "with"])
def test_a_zygote_without_torchs_compiler_forks_kernels_that_can_import_it(place, modules):
    """What is on meta needs none; an optimizer's step imports it, and it compiles as ever."""
    with Zygote() as parent:
        parent.launch(modules)
        kernel = Kernel(place, Limits(wall=60.0), zygote=parent)
        try:
            run = kernel.run(COMPILER)
        finally:
            kernel.stop()
    assert (run.error, run.cause, kernel.tier) == ("", "", "bubblewrap, warm")
    assert said(run).splitlines() == [str(bool(modules)), "True 0.5", "True torch.Size([3])"]


def test_what_takes_long_to_import_is_imported_where_a_notebook_speaks_of_it():
    """An optimizer's step needs torch's compiler."""
    assert needed_by([b"import torch", b"def kl(p, q): ..."]) == []
    assert needed_by([b"import torch", b"od = torch.optim.SGD(...)"]) == ["torch._dynamo"]
    assert needed_by([b"from matplotlib import pyplot"])[0] == "matplotlib.pyplot"
