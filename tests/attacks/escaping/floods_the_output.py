"""Print without end."""

CAUSE = ("more than",)
CELL = r"""
def entropy(p, base=2.0):
    while True:
        print("x" * 10_000)
"""
