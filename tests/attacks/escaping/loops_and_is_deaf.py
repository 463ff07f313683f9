"""Loop without end, and swallow every interrupt."""

WALL = 6  # seconds
CAUSE = ("stopped after 6 seconds",)
CELL = r"""
import time

def entropy(p, base=2.0):
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
"""
