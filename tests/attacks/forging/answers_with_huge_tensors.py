"""Answer each question with a tensor near the size that may travel."""

CAUSE = ("case “", "used more than 1 GiB of memory")  # if it is still there when looked at

CELL = r"""
import torch

def entropy(p, base=2.0):
    return torch.zeros(15_000_000, dtype=torch.uint8)
"""
