"""Answer with a frame of a few kilobytes that unpacks to a hundred megabytes."""

CAUSE = ("the answer broke off: not a message",)
CELL = r"""
import zlib
import torch
from safetensors.torch import save
from gradus import wire

text = zlib.compress(b"[" + b"[]," * (33 * 10**6) + b"[]]", 9)
FRAME = save({"value": torch.frombuffer(bytearray(text), dtype=torch.uint8)})
real = wire.encode

def forge(value):
    wire.encode = real  # once: the next exercise is honest
    return FRAME

wire.encode = forge


def entropy(p, base=2.0):
    return p.sum(-1)
"""
