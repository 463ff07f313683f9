"""Where to compute, and how to get the same numbers again."""

import random

import numpy as np
import torch


def device() -> torch.device:
    """Return the accelerator that torch can use here, or the CPU when there is none.

    >>> torch.ones(2, device=device()).sum().item()
    2.0

    Returns:
        The current accelerator (CUDA, MPS, ...), else ``torch.device("cpu")``.
    """
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    return accelerator or torch.device("cpu")


def seed(number: int, threads: int = 1) -> None:
    """Make what follows repeatable: seed torch, NumPy and Python, and fix the thread count.

    The number of threads belongs to a seed, because it decides in which order a sum is taken.
    One thread is also the fastest for small models: a second one spends its time waiting.

    >>> seed(0)
    >>> first = torch.rand(2)
    >>> seed(0)
    >>> torch.equal(torch.rand(2), first)
    True

    Args:
        number: The seed, not negative.
        threads: Threads for one torch operation, at least 1. Raise it for large matrices.
    """
    random.seed(number)
    np.random.seed(number)
    torch.manual_seed(number)
    torch.set_num_threads(threads)
