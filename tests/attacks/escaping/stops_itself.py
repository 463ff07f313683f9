"""Stop the kernel's process, so that it answers nobody."""

WALL = 6  # seconds
CAUSE = ("stopped after 6 seconds",)
CELL = r"""
import os, signal

def entropy(p, base=2.0):
    os.kill(os.getpid(), signal.SIGSTOP)
"""
