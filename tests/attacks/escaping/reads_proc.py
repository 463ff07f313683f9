"""Read other processes' environment, memory and files through /proc."""

CELL = r"""
import os

def entropy(p, base=2.0):
    for pid in filter(str.isdigit, os.listdir("/proc")):
        words = open(f"/proc/{pid}/cmdline").read()
        if "autograder.judge" in words or "gradus grade" in words or "pytest" in words:
            raise AssertionError("FOUND " + words)
    raise LookupError("nothing found")
"""
