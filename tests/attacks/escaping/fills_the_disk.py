"""Write files until the disk is full."""

CELL = r"""
written = 0
try:
    for number in range(100):
        with open(f"big{number}", "wb") as file:
            written += file.write(b"x" * 2**24)
except OSError:
    pass


def entropy(p, base=2.0):
    if written > 2**29:
        raise AssertionError("FOUND half a gigabyte")
    return p.sum(-1)
"""
