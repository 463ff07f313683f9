"""Return giant numbers, giant texts, deep nests and crowded dicts, one after another."""

CELL = r"""
import itertools

def deep(levels):
    nest = []
    for _ in range(levels):
        nest = [nest]
    return nest

MONSTERS = itertools.cycle([
    10**400, -10**1200, float("nan"), "x" * 10**6, deep(20), deep(500), {"k" * 10**5: 1},
    {str(n): n for n in range(50_000)}, [None] * 200_000, 10**5000, b"bytes", "\ud800",
])

def entropy(p, base=2.0):
    return next(MONSTERS)
"""
