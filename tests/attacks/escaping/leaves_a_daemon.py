"""Leave a process behind that would tamper with later exercises."""

CELL = r"""
import os

if os.fork() == 0:
    os.setsid()
    import time
    while True:
        time.sleep(1)


def entropy(p, base=2.0):
    return p.sum(-1)
"""
