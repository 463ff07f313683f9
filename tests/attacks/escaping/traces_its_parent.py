"""Attach to other processes with ptrace."""

CELL = r"""
import ctypes, os

def entropy(p, base=2.0):
    libc = ctypes.CDLL(None, use_errno=True)
    for pid in range(1, 2000):
        if pid != os.getpid() and libc.ptrace(16, pid, 0, 0) == 0 and pid != 1:
            raise AssertionError(f"FOUND {pid}")
    return p.sum(-1)
"""
