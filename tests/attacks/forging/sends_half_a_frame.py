"""Begin an answer, and never finish it."""

CAUSE = "the cell ended with EOFError"
CELL = r"""
import socket
from gradus import wire

def send(channel, value):
    channel.sendall((1000).to_bytes(8, "big") + b"half")
    channel.shutdown(socket.SHUT_WR)

wire.send = send


def entropy(p, base=2.0):
    return p.sum(-1)
"""
