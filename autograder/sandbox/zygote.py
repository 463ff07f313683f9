"""A process that has imported what notebooks import, and forks a kernel into each new sandbox.

It runs as a script, outside every sandbox, and imports nothing of the grader: whatever is in its
memory, a learner's code can find after the fork. So it holds no spec, no seed and no secret, its
environment is the sandbox's own, and it never touches a GPU. Its standard input is a socket on
which it listens for graders; a grader's request comes with a handle on the first process of a
sandbox that bubblewrap has just made:

    {"connection": path, "cwd": path, "environment": {...}, "limits": {"FSIZE": bytes, ...}}

The answer is ``{"pid": number}``, the kernel as the machine sees it, or ``{"fault": sentence}``.
It ends when the last grader does, and its kernels live and die with their sandboxes, not with it.

It forks a judge, too, which stays outside all sandboxes and would import the same for seconds.
Such a request comes with the judge's standard streams, and the answer with a handle on it:

    {"program": module, "name": word}

The grader's environment may hold a password. So it comes as a fourth handle, which the judge alone
reads: {"path": [folder, ...], "cwd": path, "environment": {...}}. What a judge comes to know is
in its own memory, and no kernel is forked from it.
"""

import contextlib
import ctypes
import functools
import gc
import importlib.util
import json
import os
import resource
import select
import signal
import socket
import sys
import traceback
from types import ModuleType
from typing import Any, NoReturn

PRELOADED = (
    "faulthandler",
    "numpy.ctypeslib",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "encodings.idna",
    "psutil",
    "tornado.platform.asyncio",
    "tornado.queues",
    "gradus.practice",
    "gradus.hints",
    "gradus.standing",
    "gradus.validate",
    "gradus.answer",
)
"""What every kernel needs. The command line names what else this class needs."""

NEW = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000
"""The namespaces of a sandbox: cgroup, uts, ipc, user, pid, net, mount."""

LAST_CAPABILITY = 63
SET_DUMPABLE, SET_NAME, CAPBSET_DROP, SET_NO_NEW_PRIVS, CAP_AMBIENT = 4, 15, 24, 38, 47

libc = ctypes.CDLL(None, use_errno=True)


def import_torch_without_its_compiler() -> None:
    """Import torch so that it runs what must not be compiled without importing its compiler.

    Some operations on the meta device are functions marked so, and the first call of one imports
    the compiler, in a second, to say it to. As long as nothing else has imported it, nothing is
    being compiled, and the mark means nothing; after that, torch's own marks hold.
    """
    package: Any = importlib.util.find_spec("torch")
    path = f"{package.submodule_search_locations[0]}/_compile.py"
    spec: Any = importlib.util.spec_from_file_location("torch._compile", path)
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    mark = module._disable_dynamo

    def mark_lazily(function: Any = None, recursive: bool = True) -> Any:
        if function is None:
            return functools.partial(mark_lazily, recursive=recursive)
        marked = mark(function, recursive)

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            compiling = "torch._dynamo" in sys.modules
            return (marked if compiling else function)(*args, **kwargs)

        return called

    module._disable_dynamo = mark_lazily
    sys.modules[module.__name__] = module  # torch takes it from there
    vars(importlib.import_module("torch"))["_compile"] = module


def rehearse() -> None:
    """Do once what makes torch import another 500 modules at its first use.

    No gradient is taken: that would start threads, and a fork does not take them along.
    """
    import torch

    with torch.device("meta"):
        (torch.ones(2, 2).log() @ torch.ones(2)).sum()


def list_no_modules() -> None:
    """Keep ipykernel from listing all modules for a debugger, which no graded cell has.

    To look at each of 3,000 modules is to copy its page of memory, which the kernel shares with
    the zygote until then: 4,000 of the 10,000 pages that a kernel copied in its life.
    """
    import ipykernel.ipkernel

    seen = ModuleType("sys", sys.__doc__)
    vars(seen).update(vars(sys), modules={})
    vars(ipykernel.ipkernel)["sys"] = seen


def serve(listener: socket.socket) -> None:
    """Fork what is asked for until nobody is left to ask."""
    graders: list[socket.socket] = []
    while True:
        for one in select.select([listener, *graders], [], [])[0]:
            if one is listener:
                graders.append(listener.accept()[0])
                with contextlib.suppress(ConnectionError):  # gone already: the next round hears it
                    graders[-1].send(b'{"ready": true}')
            elif not _obey(one):
                one.close()
                graders.remove(one)
        if not graders and not select.select([listener], [], [], 0)[0]:
            return


def _obey(grader: socket.socket) -> bool:
    """Fork for one request; return False if the grader is gone."""
    try:
        message, handles, _, _ = socket.recv_fds(grader, 1 << 16, 4)
        if not message:
            return False
        while _reaped():
            pass
        request = json.loads(message)
        child = os.fork()
        if child == 0:
            if "program" in request:
                _become_program(request, handles)
            _enter(grader, request, handles[0])
        for handle in handles:
            os.close(handle)
        if "program" in request:
            handle = os.pidfd_open(child)
            socket.send_fds(grader, [json.dumps({"pid": child}).encode()], [handle])
            os.close(handle)
    except ConnectionError:
        return False
    return True


def _reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _become_program(request: dict[str, Any], handles: list[int]) -> NoReturn:
    """Be the program of a module's ``main``, as if a new Python had been started for it."""
    try:
        *streams, private = handles
        about = json.loads(os.pread(private, os.fstat(private).st_size, 0))
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, _most_handles())
        os.environ.clear()
        os.environ.update(about["environment"])
        os.chdir(about["cwd"])
        sys.path[:] = about["path"]
        _be_called(request["name"])
        as_if_new()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        importlib.import_module(request["program"]).main()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _be_called(name: str) -> None:
    """Show ``name`` to who lists the machine's processes: the command line is the zygote's."""
    _call("prctl", SET_NAME, name.encode(), 0, 0, 0)


def _enter(grader: socket.socket, request: dict[str, Any], sandbox: int) -> NoReturn:
    """Join the sandbox's namespaces, fork its kernel, and end the sandbox when the kernel ends.

    This process itself stays outside the sandbox's process namespace: nobody inside can see it.
    """
    try:
        os.setsid()
        _call("setns", sandbox, NEW)
        kernel = os.fork()
        if kernel == 0:
            _become_kernel(request)
        grader.send(json.dumps({"pid": kernel}).encode())
        # A grader hears that its zygote is gone when nobody else holds the other end.
        os.closerange(0, sandbox)
        os.closerange(sandbox + 1, _most_handles())
        os.waitpid(kernel, 0)
        signal.pidfd_send_signal(sandbox, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except BaseException as error:
        grader.send(json.dumps({"fault": f"{type(error).__name__}: {error}"}).encode())
    finally:
        os._exit(0)


def _become_kernel(request: dict[str, Any]) -> NoReturn:
    """Give up every right and every handle, then be an IPython kernel until the end."""
    try:
        null = os.open("/dev/null", os.O_RDWR)  # the sandbox's own
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.closerange(3, _most_handles())
        os.setsid()
        for name, limit in request["limits"].items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["cwd"])
        give_up_all_rights()
        as_if_new()
        sys.dont_write_bytecode = True  # as the sandbox's environment says
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


def _most_handles() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def _call(name: str, *arguments: Any) -> None:
    """Call the C library, and raise what it says went wrong."""
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def main() -> None:
    """Import, then serve."""
    _be_called("gradus-zygote")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C in a terminal is for the grader
    gc.disable()  # imports make little garbage, and looking for it is a sixth of their time
    import_torch_without_its_compiler()
    for name in (*PRELOADED, *sys.argv[1:]):
        importlib.import_module(name)
    rehearse()
    list_no_modules()
    gc.freeze()  # a collection in a child would copy every page
    gc.enable()
    serve(socket.socket(fileno=0))


if __name__ == "__main__":
    main()
