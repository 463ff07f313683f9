"""Write files until the disk is full."""

CELL = r"""
import os

def entropy(p, base=2.0):
    total = 0
    try:
        for number in range(100):
            with open(f"big{number}", "wb") as file:
                for _ in range(8):
                    total += file.write(b"x" * 2**24)
            if total > 2**29:
                raise AssertionError("FOUND half a gigabyte")
    except OSError:
        pass
    return p.sum(-1)
"""
