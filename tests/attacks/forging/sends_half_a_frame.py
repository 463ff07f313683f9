"""Begin an answer, and never finish it."""

RACE = True
CELL = r"""
import socket
from gradus import wire

real = wire.send

def send(channel, value):
    wire.send = real  # once: the next exercise is honest
    channel.sendall((1000).to_bytes(8, "big") + b"half")
    channel.shutdown(socket.SHUT_WR)

wire.send = send


def entropy(p, base=2.0):
    return p.sum(-1)
"""
