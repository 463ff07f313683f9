"""Write until the disk is full."""

CELL = r"""
try:
    with open("big", "wb") as file:
        while True:
            file.write(b"x" * 2**24)
except OSError:
    pass


def entropy(p, base=2.0):
    return p.sum(-1)
"""
