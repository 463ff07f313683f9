"""Lift the recursion limit and overflow the stack."""

CAUSE = ("the kernel died",)
CELL = r"""
import sys
sys.setrecursionlimit(10**9)

class Abyss:
    def __getattr__(self, name):
        return getattr(self, name)

def entropy(p, base=2.0):
    return Abyss().bottom
"""
