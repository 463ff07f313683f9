"""The grader's hold on a zygote: ask it for a kernel in a sandbox that bubblewrap has made."""

import json
import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

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


class Zygote:
    """A zygote process, started on first use and again when it is gone. A context manager.

    Several threads may share it.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._ready = False
        self._lock = threading.RLock()

    def launch(self) -> None:
        """Start the process if there is none, and do not wait until it has imported everything."""
        with self._lock:
            if self._process is None or self._control is None or self._process.poll() is not None:
                self.stop()
                self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                environment = bubblewrap.environment(Place(Path("/"), Path("/"), Path("/")))
                with theirs:
                    self._process = subprocess.Popen(
                        [sys.executable, "-P", str(SCRIPT)],
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        cwd="/",
                        env=environment,
                    )

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
                answer = self._ask(json.dumps(request).encode(), handle)
            if "pid" not in answer:
                raise SandboxError(f"the zygote cannot enter the sandbox: {answer['fault']}")
            return sandbox, answer["pid"]
        except BaseException:
            sandbox.kill()
            sandbox.wait()
            raise
        finally:
            os.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; kernels that it made go on in their sandboxes."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.wait()
            if self._control is not None:
                self._control.close()
            self._process = self._control = None
            self._ready = False

    def _ask(self, request: bytes, handle: int) -> dict[str, Any]:
        control = self._running()
        try:
            socket.send_fds(control, [request], [handle])
            return _hear(control, FORKING)
        except (OSError, ValueError) as error:
            self.stop()
            raise SandboxError(f"the zygote is gone: {error}") from error

    def _running(self) -> socket.socket:
        self.launch()
        assert self._control is not None
        if not self._ready:
            _hear(self._control, IMPORTING)
            self._ready = True
        return self._control


def _hear(control: socket.socket, patience: float) -> dict[str, Any]:
    if not select.select([control], [], [], patience)[0]:
        raise OSError(f"it said nothing for {patience:g} seconds")
    message = control.recv(1 << 16)
    if not message:
        raise OSError("it ended")
    answer: dict[str, Any] = json.loads(message)
    return answer


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
