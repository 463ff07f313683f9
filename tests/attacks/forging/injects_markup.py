"""Raise an error that speaks to terminals, to pages and to tables."""

CELL = r"""
class Error(Exception):
    pass

Error.__name__ = "<img src=x onerror=alert(1)>"

def entropy(p, base=2.0):
    codes = "[/red] \x1b[2J\x1b]0;owned\x07 \ud800 \u202e"
    raise Error(codes + "<script>alert(1)</script>" + "x" * 10**6)
"""
