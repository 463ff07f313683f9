"""Ask a helper outside for the answer."""

CELL = r"""
import socket

def entropy(p, base=2.0):
    for address in (("1.1.1.1", 80), ("127.0.0.1", 22)):
        try:
            socket.create_connection(address, 1)
        except OSError:
            continue
        raise AssertionError("FOUND a network")
    raise LookupError("nothing found")
"""
