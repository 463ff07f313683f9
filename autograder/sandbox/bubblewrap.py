"""The command that starts a program in a bubblewrap sandbox, and what the sandbox may see.

Read-only: the system's libraries, the Python environment, ``gradus/``. Writable: a working
folder and /tmp, in memory, of limited size, gone with the sandbox. No network, no home, no other
process, no settings of the system's, and of the environment only what is listed here. bubblewrap,
because it is in every distribution, needs no root and no daemon, and its namespaces die with its
first process.
"""

import importlib.util
import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import autograder
from autograder.errors import SandboxError
from autograder.limits import Limits

TIER = "bubblewrap"
"""The name of this tier in every report."""

WARM_TIER = "bubblewrap, warm"
"""The same sandbox, around a kernel that a zygote forked: see :mod:`autograder.sandbox.warm`."""

NO_TIER = "none"
"""The name of the tier without a sandbox, which exists behind ``--unsafe`` alone."""


ACCELERATORS = ("nvidia*", "dri", "kfd")
"""What of /dev a program needs that computes on an accelerator of NVIDIA's, Intel's or AMD's."""


@dataclass(frozen=True)
class Place:
    """The folders of one submission: its working copy, its kernel's sockets, the judge's.

    ``beside`` are files and folders that its code finds in the working folder, and only reads.
    """

    work: Path
    kernel: Path
    judge: Path
    beside: tuple[Path, ...] = ()

    @property
    def socket(self) -> Path:
        """Where the judge listens during a turn."""
        return self.judge / "socket"


def command(
    argv: list[str], place: Place, disk: int = Limits.disk, *, info: int | None = None
) -> list[str]:
    """Return the command line that runs ``argv`` in a sandbox over ``place``.

    Each writable folder inside holds at most ``disk`` bytes.
    ``info`` is the number of a file on which bubblewrap tells about the sandbox it has made;
    then ``argv`` is the sandbox's first process itself.

    Raises:
        SandboxError: If bubblewrap is not installed, or temporary files, among them the graders'
            sockets, lie where the sandbox could see them; the message says what to do.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError(
            "bubblewrap is not installed, and no submission runs outside a sandbox: "
            "type `sudo apt install bubblewrap` (or pass --unsafe for code you trust)"
        )
    temporary = Path(tempfile.gettempdir()).resolve()
    for seen in map(Path.resolve, (*_system(), *_python())):
        if seen in (temporary, *temporary.parents):
            raise SandboxError(
                f"temporary files lie in {temporary}, and a sandbox sees all of {seen}: "
                "set TMPDIR to a folder outside of it, such as /tmp"
            )
    words = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    words += [] if info is None else ["--as-pid-1", "--info-fd", str(info)]
    # A user namespace inside this one would bring capabilities back, and mounts without limits.
    words += ["--unshare-user", "--disable-userns", "--hostname", "sandbox"]
    # What root outside starts may write the kernel's settings, with no capability at all.
    words += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
    for path in _accelerators():
        words += ["--dev-bind", str(path), str(path)]
    for folder in ("/tmp", "/dev/shm", str(place.work)):  # memory that no process is charged for
        words += ["--size", str(disk), "--tmpfs", folder]
    for path in _system():
        words += (
            ["--symlink", os.readlink(path), str(path)]
            if path.is_symlink()
            else ["--ro-bind", str(path), str(path)]
        )
    for path in _python():
        words += ["--ro-bind", str(path), str(path)]
    for path in _secret():
        words += ["--tmpfs", str(path)]
    for path in place.beside:
        words += ["--ro-bind", str(path), str(place.work / path.name)]
    words += ["--bind", str(place.kernel), str(place.kernel)]
    words += ["--ro-bind", str(place.judge), str(place.judge)]
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--clearenv"]
    for name, value in environment(place).items():
        words += ["--setenv", name, value]
    return [*words, "--chdir", str(place.work), "--", *argv]


def environment(place: Place) -> dict[str, str]:
    """Return the whole environment of a sandboxed program."""
    return {
        "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
        "HOME": str(place.work),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(learners_package().parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "IPYTHONDIR": "/tmp/ipython",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "MPLBACKEND": "agg",
        "OMP_NUM_THREADS": "1",
        "NBGRADER_EXECUTION": "autograde",  # what tests written for nbgrader may ask for
        "GRADUS_JUDGE": str(place.socket),
    }


def restrict(limits: Limits) -> Callable[[], None]:
    """Return what the child does before it becomes the sandbox: take the system's own limits."""

    def apply() -> None:
        for name, limit in limits.of_system().items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (limit, limit))

    return apply


def _system() -> list[Path]:
    names = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives"]
    names += ["/etc/ld.so.cache", "/etc/fonts", "/etc/ssl/certs"]
    return [path for path in map(Path, names) if path.exists()]


def _accelerators() -> list[Path]:
    return sorted(path for pattern in ACCELERATORS for path in Path("/dev").glob(pattern))


def _python() -> list[Path]:
    """Return the interpreter, the environment and the learner's package, outermost first."""
    paths = [Path(sys.base_prefix), Path(sys.prefix), learners_package()]
    inside_usr = [path for path in paths if Path("/usr") in path.parents]
    return [path for path in dict.fromkeys(paths) if path not in inside_usr]


def _secret() -> list[Path]:
    """Return what lies inside a bound folder and must not be seen: the grader, if installed so."""
    ours = Path(autograder.__file__).resolve().parent
    return [ours] if any(path in ours.parents for path in (*_python(), Path("/usr"))) else []


def learners_package() -> Path:
    """Return the folder of ``gradus``, without importing it: torch would come along."""
    found = importlib.util.find_spec("gradus")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).resolve().parent
