"""The grader's hold on a zygote: ask it for a kernel in a sandbox, or for a judge outside."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Self, TextIO

from autograder.errors import SandboxError
from autograder.limits import Limits
from autograder.sandbox import bubblewrap
from autograder.sandbox.bubblewrap import Place

SCRIPT = Path(__file__).with_name("zygote.py")

IMPORTING = 120.0
"""Seconds a zygote may take to import torch on a machine under load."""

FORKING = 20.0
"""Seconds from a request to a kernel's process."""

IDLE = ["/bin/sh", "-c", "trap '' CHLD; echo; exec sleep infinity"]
"""The first process of a sandbox, which no process in it can kill: the line says that all is
mounted; as it ignores SIGCHLD, the system clears away what daemons leave behind."""


MENTIONED = {
    b"optim": ["torch._dynamo"],
    b"matplotlib": [
        "matplotlib.pyplot",
        "matplotlib.backends.backend_agg",
        "matplotlib_inline.backend_inline",
    ],
}
"""Words of code that needs modules which take long to import; an optimizer's step, the compiler."""


EVERYTHING = tuple(name for names in MENTIONED.values() for name in names)


def needed_by(texts: Collection[bytes]) -> list[str]:
    """Return the modules that a zygote should import beside those that every kernel needs.

    What it has not imported, each kernel that needs it imports for itself.
    """
    found = (names for word, names in MENTIONED.items() if any(word in text for text in texts))
    return [name for names in found for name in names]


class Forked:
    """A program that a zygote forked, as far as its user needs a :class:`subprocess.Popen`."""

    def __init__(self, handle: int, stdin: TextIO, stdout: TextIO) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self._handle = handle

    def poll(self) -> int | None:
        """Return None while it runs; its status, which only the zygote hears, is given as 0."""
        return 0 if select.select([self._handle], [], [], 0)[0] else None

    def kill(self) -> None:
        """Send SIGKILL."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def wait(self) -> int:
        """Return when it has ended, and let go of it."""
        select.select([self._handle], [], [])
        os.close(self._handle)
        return 0


class Zygote:
    """A zygote process, started on first use and again when it is gone. A context manager.

    Several threads may share it, and by its ``address`` several processes: who has it from
    another joins that one's zygote, and starts its own when that is gone.
    """

    def __init__(self, address: str = "") -> None:
        self.address = address
        self._modules: Sequence[str] = EVERYTHING
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready = False
        self._lock = threading.RLock()

    def launch(self, modules: Sequence[str] | None = None) -> None:
        """Start the process if there is none, and do not wait until it has imported everything.

        ``modules`` are those that it imports beside the ones that every kernel needs, by default
        all that some need: see :func:`needed_by`.
        """
        with self._lock:
            if modules is not None:
                self._modules = modules
            if self._control is not None and _open(self._control):
                return
            joining = self.address if self._control is None else ""
            self.stop()
            self._control = _connected(joining) or self._launched()

    def _launched(self) -> socket.socket:
        """Return a connection to a new process, which it finds waiting when it has imported."""
        self.address = str(Path(tempfile.mkdtemp(prefix="gradus-")) / "zygote")
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(self.address)
            listener.listen()
            control = _connected(self.address)
            assert control is not None
            environment = bubblewrap.environment(Place(Path("/"), Path("/"), Path("/")))
            if not sys.dont_write_bytecode:  # kernels find it, and cannot write it themselves
                del environment["PYTHONDONTWRITEBYTECODE"]
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(SCRIPT), *self._modules],
                stdin=listener.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env=environment,
            )
        return control

    def start(
        self, place: Place, connection: Path, limits: Limits
    ) -> tuple[subprocess.Popen[bytes], int]:
        """Return a new sandbox over ``place``, and the number of the kernel's process in it.

        Args:
            place: The folders of the sandbox.
            connection: The kernel's connection file, which the sandbox can see.
            limits: What the sandbox and its kernel may use.

        Raises:
            SandboxError: If the sandbox cannot be made, or the zygote cannot enter it.
        """
        sandbox, handle = _empty_sandbox(place, limits)
        try:
            request = {
                "connection": str(connection),
                "cwd": str(place.work),
                "environment": bubblewrap.environment(place),
                "limits": limits.of_system(),
            }
            with self._lock:
                answer, _ = self._ask(request, [handle])
            if "pid" not in answer:
                raise SandboxError(f"the zygote cannot enter the sandbox: {answer['fault']}")
            return sandbox, answer["pid"]
        except BaseException:
            sandbox.kill()
            sandbox.wait()
            raise
        finally:
            os.close(handle)

    def fork(self, module: str, name: str) -> Forked:
        """Return the program that ``main`` of ``module`` is, running outside every sandbox.

        Args:
            module: What it imports before it calls ``main``.
            name: What it is called in a list of processes, 15 letters at most.

        Raises:
            SandboxError: If the zygote cannot start, or is gone.
        """
        stdin, writing = os.pipe()
        reading, stdout = os.pipe()
        private = os.memfd_create(name)
        ours = (os.fdopen(writing, "w"), os.fdopen(reading))
        try:
            about = {"path": sys.path, "cwd": os.getcwd(), "environment": dict(os.environ)}
            os.write(private, json.dumps(about).encode())
            request = {"program": module, "name": name}
            with self._lock:
                _, handles = self._ask(request, [stdin, stdout, 2, private])
            return Forked(handles[0], *ours)
        except BaseException:
            for stream in ours:
                stream.close()
            raise
        finally:
            for handle in (stdin, stdout, private):
                os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let go of the process, and end it if it is our own; what it forked goes on."""
        with self._lock:
            if self._control is not None:
                self._control.close()
            if self._process is not None:
                self._process.kill()
                self._process.wait()
                shutil.rmtree(Path(self.address).parent, ignore_errors=True)
            self._process = self._control = None
            self._ready = False

    def _ask(self, request: dict[str, Any], handles: list[int]) -> tuple[dict[str, Any], list[int]]:
        """Return the answer to a request, from a new process if this one is dying."""
        for again in (True, False):
            try:
                self.launch()
                assert self._control is not None
                if not self._ready:
                    _hear(self._control, IMPORTING)
                    self._ready = True
                socket.send_fds(self._control, [json.dumps(request).encode()], handles)
                return _hear(self._control, FORKING)
            except (OSError, ValueError) as error:
                self.stop()
                if not (again and isinstance(error, ConnectionError)):
                    raise SandboxError(f"the zygote is gone: {error}") from error
        raise AssertionError("the second try returns or raises")


def _connected(address: str) -> socket.socket | None:
    """Return a connection to the zygote that listens there, None if none does."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        control.connect(address)
    except OSError:
        control.close()
        return None
    return control


def _open(control: socket.socket) -> bool:
    """Return whether somebody is at the other end."""
    try:
        return not select.select([control], [], [], 0)[0] or bool(control.recv(1, socket.MSG_PEEK))
    except ConnectionError:
        return False


def _hear(control: socket.socket, patience: float) -> tuple[dict[str, Any], list[int]]:
    if not select.select([control], [], [], patience)[0]:
        raise TimeoutError(f"it said nothing for {patience:g} seconds")
    message, handles, _, _ = socket.recv_fds(control, 1 << 16, 1)
    if not message:
        raise ConnectionError("it ended")
    return json.loads(message), handles


def _empty_sandbox(place: Place, limits: Limits) -> tuple[subprocess.Popen[bytes], int]:
    """Return a sandbox without a kernel, and a handle on the first process in it."""
    reading, writing = os.pipe()
    try:
        sandbox = subprocess.Popen(
            bubblewrap.command(IDLE, place, limits.disk, info=writing),
            pass_fds=[writing],
            cwd=place.work,
            env=bubblewrap.environment(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    finally:
        os.close(writing)
    assert sandbox.stdout is not None
    with os.fdopen(reading) as info, sandbox.stdout as said:
        about = info.read()
        if not said.readline():
            sandbox.kill()
            code = sandbox.wait()
            raise SandboxError(f"bubblewrap made no sandbox: it ended with status {code}")
    return sandbox, os.pidfd_open(json.loads(about)["child-pid"])
