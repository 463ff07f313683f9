"""Hand the right answer to another exercise in."""

CELL = r"""
import torch

def kl(p, q=None, base=2.0):
    q = torch.full_like(p, 1 / p.shape[-1]) if q is None else q
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(-1) / torch.tensor(base).log()

def entropy(p, base=2.0):
    return kl(p, base=base)
"""
