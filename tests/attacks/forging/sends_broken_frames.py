"""Answer with tensors whose axes do not exist, under names that are not ours."""

CAUSE = ("the answer broke off: not a message",)
CELL = r"""
import json, zlib
import torch
from safetensors.torch import save
from gradus import wire

def frame(entry):
    text = zlib.compress(json.dumps({"dict": [["value", {"tensor": entry}]]}).encode())
    return save({
        "value": torch.frombuffer(bytearray(text), dtype=torch.uint8),
        "-1": torch.tensor([1j]), "0": torch.zeros(2),
    })

real = wire.encode

def forge(value):
    wire.encode = real  # once: the next exercise is honest
    return frame({"name": "0", "order": [7, 9]})

wire.encode = forge


def entropy(p, base=2.0):
    return p.sum(-1)
"""
