"""End the kernel's process in the judged call."""

CAUSE = ("the kernel died",)
CELL = r"""
import os

def entropy(p, base=2.0):
    os._exit(0)
"""
