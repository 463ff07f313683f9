"""Replace the kernel's process by another program, with a library loaded first."""

CAUSE = ("the kernel died",)
CELL = r"""
import os

def entropy(p, base=2.0):
    os.execve("/bin/sh", ["sh", "-c", "echo 2.0; exit 0"], {"LD_PRELOAD": "/tmp/evil.so"})
"""
