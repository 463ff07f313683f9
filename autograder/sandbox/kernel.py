"""A kernel in a sandbox: run one cell at a time, and know why a cell ended.

The kernel is reached over ipc sockets in a folder that both sides see. Whatever comes back is
untrusted: it is shown to people as output, and decides nothing.
"""

import contextlib
import json
import os
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
import psutil
import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from autograder.errors import SandboxError
from autograder.limits import Limits
from autograder.sandbox import bubblewrap
from autograder.sandbox.bubblewrap import NO_TIER, TIER, WARM_TIER, Place
from autograder.sandbox.warm import Zygote

STARTING = 60.0
"""Seconds a kernel may take to answer for the first time."""

ANSWERING = 1.0
"""Seconds that the answer to a request may come after the word that the kernel is idle."""

THREADS = 16
"""Threads for each process of the limit: a machine has room for so many, of all sandboxes."""

CONNECTION = "connection.json"
"""The file that tells the kernel its sockets and their key."""

LISTED = Path(f"/proc/self/task/{os.getpid()}/children").exists()
"""Whether this system lists the children of each process."""

STRAYED = "wrote beside the kernel's own sockets"
"""The cause of a cell that leaves its own files there, seen while it runs or once it is dead."""


@dataclass(frozen=True)
class CellRun:
    """One cell's outputs, the error that ended it if one did, and whether the kernel is lost.

    ``cause`` is a sentence when the cell did not end by itself; then the kernel is gone.
    """

    outputs: list[Any] = field(default_factory=list)
    error: str = ""
    cause: str = ""


class Kernel:
    """One IPython kernel over ``place``; end it with :meth:`stop`.

    A ``zygote`` forks it into its sandbox, ready in a fraction of a second. Where there is none,
    or it fails, a new Python starts there; ``tier`` says by its true name what came of it.
    """

    def __init__(
        self, place: Place, limits: Limits, *, sandboxed: bool = True, zygote: Zygote | None = None
    ) -> None:
        self._limits = limits
        self._broke = ""
        self._spent_before: float | None = None
        # A folder of its own: what a lost kernel left in the last one is never touched again.
        self._folder = Path(tempfile.mkdtemp(dir=place.kernel, prefix=""))
        connection = self._folder / CONNECTION
        write_connection_file(str(connection), transport="ipc", ip=str(self._folder / "k"))
        self.tier = NO_TIER
        self._forked: int | None = None
        if sandboxed and zygote is not None:
            with contextlib.suppress(SandboxError):
                self._process, self._forked = zygote.start(place, connection, limits)
                self.tier = WARM_TIER
        if self._forked is None:
            self._process = self._cold(place, connection, sandboxed)
        context = zmq.Context()
        # A frame larger than all permitted output is no output: zmq drops the peer.
        context.setsockopt(zmq.MAXMSGSIZE, 4 * limits.output)
        context.setsockopt(zmq.RCVHWM, 64)  # nor is a crowd of them kept in the grader's memory
        context.setsockopt(zmq.RECONNECT_IVL, 5)  # milliseconds: it is not there yet, but soon
        self._context = context
        self._client = BlockingKernelClient(connection_file=str(connection), context=context)
        self._client.load_connection_file()
        self._client.start_channels(stdin=False, hb=False)  # the process itself is watched
        self._wait_until_ready()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def _cold(self, place: Place, connection: Path, sandboxed: bool) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-P", "-m", "ipykernel_launcher", "-f", str(connection)]
        argv += ["--HistoryManager.enabled=False"]
        self.tier = TIER if sandboxed else NO_TIER
        return subprocess.Popen(
            bubblewrap.command(argv, place, self._limits.disk) if sandboxed else argv,
            cwd=place.work,
            env=bubblewrap.environment(place),  # bwrap's own can be read inside, as process 1's
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=bubblewrap.restrict(self._limits),
        )

    def run(self, source: str, limits: Limits | None = None) -> CellRun:
        """Run ``source`` as one cell and return how it went; a lost kernel is stopped.

        ``limits`` are those of this cell, in place of the kernel's own.
        """
        self._limits = limits or self._limits
        self._spent_before = None  # the watcher's first look at this cell tells
        outputs: list[Any] = []
        error = ""
        size = 0
        deadline = time.monotonic() + self._limits.wall
        request = self._client.execute(source, allow_stdin=False)
        while True:
            if time.monotonic() > deadline:
                self._break(f"stopped after {self._limits.wall:g} seconds")
            if self.ended:
                self.stop()
                return CellRun(outputs, error, self._broke)
            try:
                message = self._client.get_iopub_msg(timeout=0.1)
            except Empty:
                continue
            except Exception:  # whatever a kernel sends that is no message, it is lost with it
                message = {}
            if not _well_formed(message):
                self._break("the kernel spoke out of order")
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content.get("execution_state") == "idle":
                return CellRun(outputs, error or self._told(request))
            output = _output(message)
            if output is None:
                continue
            if output.output_type == "error":
                error = f"{output.ename}: {output.evalue}"
            size += len(str(output))
            if size > self._limits.output:
                self._break(f"printed more than {self._limits.output // 2**20} MiB")
            else:
                outputs.append(output)

    @property
    def ended(self) -> str:
        """Why the kernel is gone, empty while it runs."""
        if self._process.poll() is not None:  # perhaps faster than the watcher's next look
            self._break(STRAYED if _strays(self._folder) else "the kernel died")
        return self._broke

    @property
    def rested(self) -> bool:
        """Whether the next cell finds a kernel that runs, half of whose memory is free."""
        return not self.ended and sum(_resident(self._family())) < self._limits.memory / 2

    def _told(self, request: str) -> str:
        """Return the error that the kernel's own answer names: a cell can silence what is shown."""
        deadline = time.monotonic() + ANSWERING
        while time.monotonic() < deadline:
            try:
                message = self._client.get_shell_msg(timeout=ANSWERING)
                if message["parent_header"].get("msg_id") == request:
                    content = message["content"]
                    failed = content.get("status") == "error"
                    return f"{content['ename']}: {content['evalue']}" if failed else ""
            except Exception:  # none came, or none that can be read
                return ""
        return ""

    def _wait_until_ready(self) -> None:
        """Ask until both channels answer: an early request can pass before iopub is subscribed."""
        deadline = time.monotonic() + STARTING
        requests = set()
        while time.monotonic() < deadline and self._process.poll() is None:
            requests.add(self._client.kernel_info())
            with contextlib.suppress(Empty):
                while True:
                    message = self._client.get_iopub_msg(timeout=0.1)
                    if message["parent_header"].get("msg_id") in requests:
                        return
        code = self._process.poll()
        self.stop()
        why = "it did not answer" if code is None else f"it ended with status {code}"
        raise SandboxError(f"the kernel did not start: {why}")

    def stop(self) -> None:
        """Kill the kernel and all it started."""
        for process in self._family():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.kill()
        self._process.wait()
        self._client.stop_channels()
        self._context.destroy(linger=0)

    def _break(self, cause: str) -> None:
        self._broke = self._broke or cause

    def _watch(self) -> None:
        """Look at the sandbox's processes five times a second; kill it when it takes too much."""
        while not self._broke and self._process.poll() is None:
            family = self._family()
            spent = sum(_spent(family))
            before = self._spent_before
            if before is None:
                before = self._spent_before = spent
            if len(family) > self._limits.processes:
                self._break(f"started more than {self._limits.processes} processes")
            elif sum(_threads(family)) > THREADS * self._limits.processes:
                self._break(f"started more than {THREADS * self._limits.processes} threads")
            elif sum(_resident(family)) > self._limits.memory:
                self._break(f"used more than {self._limits.memory / 2**30:g} GiB of memory")
            elif spent - before > self._limits.cpu:
                self._break(f"used more than {self._limits.cpu:g} s of CPU time")
            elif _strays(self._folder):
                self._break(STRAYED)
            if self._broke:
                self._process.kill()
            time.sleep(0.2)

    def _family(self) -> list[psutil.Process]:
        """Return all processes of the sandbox: a forked kernel is no child of bubblewrap's."""
        roots = [self._process.pid] if self._forked is None else [self._process.pid, self._forked]
        found = [below for root in roots for below in _below(root)]
        if self._forked is not None:
            found.append(self._forked)
        return list(_still_there(found))


def _below(root: int) -> Iterator[int]:
    """Yield the processes below ``root``, each before its own.

    psutil looks at every process of the machine; most systems list the children of each. One that
    loses a brother while we read may be missed; the next look finds it, and none outlives the
    sandbox.
    """
    if not LISTED:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield from (one.pid for one in psutil.Process(root).children(recursive=True))
        return
    for path in Path(f"/proc/{root}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, path.read_text().split()):
                yield child
                yield from _below(child)


def _still_there(pids: list[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield psutil.Process(pid)


def _resident(family: list[psutil.Process]) -> Iterator[int]:
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield process.memory_info().rss


def _threads(family: list[psutil.Process]) -> Iterator[int]:
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield process.num_threads()


def _strays(folder: Path) -> list[str]:
    """Return what lies in the kernel's folder and is none of its sockets: the disk is ours."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            mode = entry.stat(follow_symlinks=False).st_mode
            if not stat.S_ISSOCK(mode) and not (entry.name == CONNECTION and stat.S_ISREG(mode)):
                found.append(entry.name)
    return found


def _spent(family: list[psutil.Process]) -> Iterator[float]:
    """Yield the seconds of CPU time of each process, with its ended children's."""
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            yield times.user + times.system + times.children_user + times.children_system


def _well_formed(message: dict[str, Any]) -> bool:
    parts = ("header", "parent_header", "metadata", "content")
    return all(isinstance(message.get(part), dict) for part in parts)


def _output(message: dict[str, Any]) -> Any:
    """Return the notebook output that an iopub message describes, None if it describes none.

    What is returned is valid, and can be written as UTF-8, whatever the message held.
    """
    try:
        output = nbformat.v4.output_from_msg(message)  # which validates what it makes
        text = json.dumps(output, ensure_ascii=False).encode(errors="replace")
        return nbformat.from_dict(json.loads(text))
    except Exception:  # the message is the learner's to write, and so is what breaks in it
        return None
