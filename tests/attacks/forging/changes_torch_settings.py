"""Change torch's settings and its generator for whoever comes next."""

CELL = r"""
import torch

torch.use_deterministic_algorithms(True)
torch.set_num_threads(8)
torch.set_printoptions(precision=0)
torch.manual_seed = lambda seed: None
torch.backends.mkldnn.enabled = False


def entropy(p, base=2.0):
    torch.rand(3)
    return p.sum(-1)
"""
