"""Answer each question with a tensor near the size that may travel."""

CELL = r"""
import torch

def entropy(p, base=2.0):
    return torch.zeros(15_000_000, dtype=torch.uint8)
"""
