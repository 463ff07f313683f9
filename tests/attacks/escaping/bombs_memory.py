"""Take memory without end."""

CAUSE = ("used more than 1 GiB of memory",)
CELL = r"""
def entropy(p, base=2.0):
    hoard = []
    while True:
        hoard.append(b"x" * 2**27)
"""
