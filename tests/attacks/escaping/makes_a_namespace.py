"""Become root in a user namespace of its own, and mount."""

CELL = r"""
import ctypes

def entropy(p, base=2.0):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000) == 0:
        raise AssertionError("FOUND a new user namespace")
    if libc.mount(b"x", b"/tmp", b"tmpfs", 0, None) == 0 or libc.umount2(b"/proc", 2) == 0:
        raise AssertionError("FOUND a mount")
    return p.sum(-1)
"""
