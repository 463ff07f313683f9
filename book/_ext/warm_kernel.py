"""Kernels that start warm: each is a fork of one process that has imported what pages import.

A kernel's start and `import torch` cost seconds of processor time a page, and are the same for all.
The nursery pays for them once. A child sees the modules as they are after import, and nothing that
another child did: no name, no seed, no setting. `python warm_kernel.py` is the nursery itself; it
reads a request a line, and answers with the child's process id.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

MODULES = ("ipykernel.kernelapp", "torch", "numpy", "matplotlib.pyplot")


class Child:
    """A kernel's process, seen from a process that is not its parent; speaks as Popen does."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.handle = os.pidfd_open(pid)  # stays ours even if the number is given out again

    def poll(self) -> int | None:
        """Return None while it runs, and 0 afterwards: its exit status is the nursery's."""
        ended, _, _ = select.select([self.handle], [], [], 0)
        return 0 if ended else None

    def wait(self) -> int:
        """Wait for its end."""
        select.select([self.handle], [], [])
        os.close(self.handle)
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            signal.pidfd_send_signal(self.handle, number)


class Nursery:
    """The process that the kernels are forked from, until it is closed."""

    def __init__(self) -> None:
        self.one_at_a_time = threading.Lock()
        self.folder = TemporaryDirectory(prefix="kernels-")
        self.process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # as ipykernel sets it, but matplotlib is imported before there is a kernel
            env=os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
        )

    def bear(self, options: list[str], folder: str) -> Child:
        """Return a new kernel with these options, at work in this folder."""
        with self.one_at_a_time:
            print(json.dumps([options, folder]), file=self.process.stdin, flush=True)
            return Child(int(self.process.stdout.readline()))

    def close(self) -> None:
        """End it, and with it all its kernels."""
        self.process.communicate()
        self.folder.cleanup()


class WarmProvisioner(LocalProvisioner):
    """Gets a kernel from a nursery in place of a fresh Python."""

    nursery: Nursery

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Fork a kernel; of the command that starts a cold one, its options are needed."""
        options = cmd[cmd.index("ipykernel_launcher") + 1 :]
        self.process = self.nursery.bear(options, kwargs.get("cwd", os.getcwd()))
        self.pid = self.pgid = self.process.pid
        return self.connection_info


def manager_of(nursery: Nursery) -> type[AsyncKernelManager]:
    """Return the class that nbclient makes a page's kernel with, from this nursery."""

    class WarmKernelManager(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.transport = "ipc"  # pages start side by side: no race for a free port,
            self.ip = str(Path(nursery.folder.name, uuid4().hex))  # which is a path's beginning
            self.provisioner = WarmProvisioner(kernel_spec=self.kernel_spec, parent=self)
            self.provisioner.nursery = nursery

    return WarmKernelManager


def be_a_kernel(options: list[str], folder: str) -> None:
    """Run a kernel in this process, as `python -m ipykernel_launcher` would in a fresh one."""
    import numpy
    import torch
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)  # the way to the nursery's client is not for a page
    os.chdir(folder)
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    numpy.random.seed()  # both were drawn at import; Python's own is drawn anew by a fork
    torch.seed()
    sys.argv = ["ipykernel_launcher", *options]
    IPKernelApp.launch_instance()


def tend() -> None:
    """Import what pages import, fork a kernel for each line that comes in, and end with them."""
    del sys.path[0]  # this folder, which a kernel would not have
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the build, which closes us
    for name in MODULES:
        importlib.import_module(name)
    children = []
    for line in sys.stdin:
        options, folder = json.loads(line)
        child = os.fork()
        if child == 0:
            be_a_kernel(options, folder)
            os._exit(0)
        children.append(child)
        print(child, flush=True)
    for child in children:
        os.kill(child, signal.SIGKILL)  # not waited for until here, so the number is still theirs
        os.waitpid(child, 0)


if __name__ == "__main__":
    tend()
