"""A process that has imported what notebooks import, and forks a kernel into each new sandbox.

It runs as a script, outside every sandbox, and imports nothing of the grader: whatever is in its
memory, a learner's code can find after the fork. So it holds no spec, no seed and no secret, its
environment is the sandbox's own, and it never touches a GPU. Its standard input is a socket; a
request comes with a handle on the first process of a sandbox that bubblewrap has just made:

    {"connection": path, "cwd": path, "environment": {...}, "limits": {"FSIZE": bytes, ...}}

The answer is ``{"pid": number}``, the kernel as the machine sees it, or ``{"fault": sentence}``.
It ends when the grader does, and its kernels live and die with their sandboxes, not with it.
"""

import ctypes
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
from typing import Any, NoReturn

PRELOADED = (
    "numpy",
    "torch",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "encodings.idna",
    "psutil",
    "tornado.platform.asyncio",
    "tornado.queues",
    "gradus.practice",
    "gradus.hints",
    "gradus.standing",
    "gradus.answer",
)

NEW = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
"""The namespaces of a sandbox: cgroup, uts, ipc, user, pid, net, mount."""

LAST_CAPABILITY = 63
SET_DUMPABLE, CAPBSET_DROP, SET_NO_NEW_PRIVS, CAP_AMBIENT = 4, 24, 38, 47

libc = ctypes.CDLL(None, use_errno=True)


def rehearse() -> None:
    """Do once what makes torch import another 800 modules, in 1.6 s, at its first use.

    No gradient is taken: that would start threads, and a fork does not take them along.
    """
    import torch

    with torch.device("meta"):
        (torch.ones(2, 2).log() @ torch.ones(2)).sum()


def serve(control: socket.socket) -> None:
    """Fork a kernel for each request until the grader is gone."""
    while True:
        try:
            message, handles, _, _ = socket.recv_fds(control, 1 << 16, 1)
        except ConnectionError:
            return
        if not message:
            return
        while _reaped():
            pass
        if os.fork() == 0:
            _enter(control, json.loads(message), handles[0])
        for handle in handles:
            os.close(handle)


def _reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _enter(control: socket.socket, request: dict[str, Any], sandbox: int) -> NoReturn:
    """Join the sandbox's namespaces, fork its kernel, and end the sandbox when the kernel ends.

    This process itself stays outside the sandbox's process namespace: nobody inside can see it.
    """
    try:
        os.setsid()
        _call("setns", sandbox, NEW)
        kernel = os.fork()
        if kernel == 0:
            _become_kernel(request)
        control.send(json.dumps({"pid": kernel}).encode())
        control.close()
        os.waitpid(kernel, 0)
        signal.pidfd_send_signal(sandbox, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except BaseException as error:
        control.send(json.dumps({"fault": f"{type(error).__name__}: {error}"}).encode())
    finally:
        os._exit(0)


def _become_kernel(request: dict[str, Any]) -> NoReturn:
    """Give up every right and every handle, then be an IPython kernel until the end."""
    try:
        null = os.open("/dev/null", os.O_RDWR)  # the sandbox's own
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        os.setsid()
        for name, limit in request["limits"].items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["cwd"])
        give_up_all_rights()
        as_if_new()
        # Nobody's arguments but the kernel's: tracebacks and --help of the kernel quote them.
        sys.argv = ["ipykernel_launcher", "-f", request["connection"]]
        from ipykernel.kernelapp import IPKernelApp

        IPKernelApp.launch_instance(
            ["-f", request["connection"], "--HistoryManager.enabled=False"],
        )
    finally:
        os._exit(1)


def give_up_all_rights() -> None:
    """Drop every capability for good: also those that joining a namespace gave."""
    _call("prctl", SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _call("prctl", CAP_AMBIENT, 4, 0, 0, 0)  # clear all
    for number in range(LAST_CAPABILITY + 1):
        if libc.prctl(CAPBSET_DROP, number, 0, 0, 0) != 0:
            break  # the kernel knows no more of them
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
    _call("capset", header, (ctypes.c_uint32 * 6)())
    # Joining made this process opaque to itself; a kernel reads its own /proc.
    _call("prctl", SET_DUMPABLE, 1, 0, 0, 0)


def as_if_new() -> None:
    """Forget what a new process would not have: random states, caches of folders, signals.

    Python draws a new state for ``random`` at each fork; numpy and torch keep the old one, which
    all learners would share.
    """
    import numpy as np
    import torch

    np.random.seed()
    torch.default_generator.seed()
    importlib.invalidate_caches()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _call(name: str, *arguments: Any) -> None:
    """Call the C library, and raise what it says went wrong."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def main() -> None:
    """Import, then serve."""
    control = socket.socket(fileno=0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C in a terminal is for the grader
    for name in PRELOADED:
        importlib.import_module(name)
    rehearse()
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page
    control.send(b'{"ready": true}')
    serve(control)


if __name__ == "__main__":
    main()
