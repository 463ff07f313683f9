# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Problem set 2: probability and information
#
# A code for messages that come from one source and is made for another wastes length.
# Training a classifier is the search for the code that wastes least.
# You will write the three functions that this sentence rests on, so that they hold at the edges
# where the textbook formulas, typed as they stand, return `nan` or minus infinity.
#
# Read [Entropy, cross-entropy and KL divergence](../../book/1_probability/entropy.md) first; it takes 20 minutes.
# This notebook takes about 50 minutes and is worth 11 points.
#
# After each function, `check` asks it a few practice questions and answers at once.
# Grading asks other questions of the same kind, so an answer that only fits the practice questions earns nothing.
# `torch` is yours to use in full.

# %%
import math

import torch
from torch import Tensor

from gradus import check

# %% [markdown]
# ## 1. Entropy (2 points)
#
# *About 10 minutes. Difficulty 1 of 5, importance 5 of 5.*
#
# The entropy of a distribution $p$ over finitely many outcomes is its mean surprise,
#
# $$H(p) = -\sum_i p_i \log_b p_i,$$
#
# where an outcome with $p_i = 0$ adds nothing, and the base $b$ sets the unit: bits for 2, nats for $e$.
#
# Each row of `p` is a distribution; return one entropy per row.


# %% answer="entropy"
def entropy(p: Tensor, base: float = 2.0) -> Tensor:
    """Return the entropy of each distribution in ``p``, in units set by ``base``.

    Shapes: p ``(..., outcomes)``, floating point, non-negative, each row adding up to 1, zeros
    allowed; returns ``(...)`` in the dtype of p. Gradients are not tested.
    """
    ### BEGIN SOLUTION
    logs = torch.where(p > 0, p, torch.ones_like(p)).log()  # log 1 = 0 where p = 0
    return -(p * logs).sum(-1) / math.log(base)
    ### END SOLUTION


# %% [markdown]
# Try it on distributions you can do by head: a fair coin, a certain outcome, eight equal outcomes.

# %%
entropy(torch.tensor([0.5, 0.5])), entropy(torch.tensor([0.0, 1.0])), entropy(torch.full((8,), 0.125))

# %% check="entropy" points=2 minutes=10 difficulty=1 importance=5
# Tested: one distribution and many at once, outcomes that never happen, bits and nats, float32 and float64.
check("entropy", entropy)

# %% [markdown]
# ## 2. Kullback-Leibler divergence (3 points)
#
# *About 15 minutes. Difficulty 2 of 5, importance 5 of 5.*
#
# Outcomes come from $p$, but the code was made for $q$. What is paid on top of the entropy is
#
# $$D(p \,\|\, q) = \sum_i p_i \log_b \frac{p_i}{q_i}.$$
#
# An outcome with $p_i = 0$ adds nothing, whatever $q_i$ is.
# If $q_i = 0 < p_i$ for some outcome, the divergence is infinite, and your function returns `inf`.


# %% answer="kl"
def kl(p: Tensor, q: Tensor, base: float = 2.0) -> Tensor:
    """Return the divergence of each distribution in ``p`` from its partner in ``q``.

    Shapes: p and q ``(..., outcomes)``, the same for both, floating point, each row adding up
    to 1, zeros allowed; returns ``(...)`` in the dtype of p, in units set by ``base`` as in
    `entropy`. Gradients are not tested.
    """
    ### BEGIN SOLUTION
    happens = p > 0
    ratio = torch.where(happens, p, 1.0) / torch.where(happens, q, 1.0)  # inf where q = 0 < p
    return torch.where(happens, p * ratio.log(), 0.0).sum(-1) / math.log(base)
    ### END SOLUTION


# %% [markdown]
# A set of study notes gives 0.36 for the example below, "in the usual unit".
# Which unit would that be, and which question does 0.36 answer?

# %%
fair, biased = torch.tensor([0.5, 0.5]), torch.tensor([0.9, 0.1])
kl(fair, biased), kl(fair, biased, base=math.e)

# %% check="kl" points=3 minutes=15 difficulty=2 importance=5
# Tested: values in bits and nats, many pairs at once, a distribution and itself, zeros in p, in q and in both.
check("kl", kl)

# %% [markdown]
# ## 3. A mixture of Gaussians, far from home (4 points)
#
# *About 20 minutes. Difficulty 3 of 5, importance 4 of 5.*
#
# A mixture of $K$ Gaussians on the line has the density
#
# $$p(x) = \sum_{k=1}^{K} w_k \, \mathcal{N}(x; \mu_k, \sigma_k^2), \qquad w = \operatorname{softmax}(\text{logits}), \qquad \sigma_k = e^{\texttt{log\_sigma}_k}.$$
#
# Return $\log p(x)$ in nats for every $x$.
# At $x = 60$ each density is far below the smallest number that float32 can hold, and yet its logarithm is an ordinary number.
# A model that is fitted by gradient descent meets such points on the first day.


# %% answer="gmm_log_prob"
def gmm_log_prob(x: Tensor, logits: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    """Return the log-density of a mixture of Gaussians at each point, in nats.

    Shapes: x ``(batch,)``; logits, mu and log_sigma ``(components,)``; all of one floating
    dtype; returns ``(batch,)`` in that dtype. Gradients in logits, mu and log_sigma are tested.
    """
    ### BEGIN SOLUTION
    z = (x[:, None] - mu) * torch.exp(-log_sigma)  # (batch, components)
    log_normal = -0.5 * (z * z + math.log(2 * math.pi)) - log_sigma
    return (torch.log_softmax(logits, 0) + log_normal).logsumexp(-1)
    ### END SOLUTION


# %% [markdown]
# One component with mean 0 and width 1 is the standard Gaussian: the log-density at 0 is $-\tfrac12 \log 2\pi \approx -0.919$.

# %%
gmm_log_prob(torch.tensor([0.0, 60.0]), torch.zeros(1), torch.zeros(1), torch.zeros(1))

# %% check="gmm_log_prob" points=4 minutes=20 difficulty=3 importance=4
# Tested: one and three components, logits of any size, points 60 away from everything, gradients, float32 and float64.
check("gmm_log_prob", gmm_log_prob)

# %% [markdown]
# ## 4. Which direction? (2 points)
#
# *About 5 minutes. Difficulty 2 of 5, importance 4 of 5.*
#
# You fit one Gaussian $q$ to data $p$ with two well separated peaks, once by minimising $D(p \,\|\, q)$, once by minimising $D(q \,\|\, p)$.
# What will the two fits look like, and which term of the sum forces each to look so?
# Three or four sentences.

# %% [markdown] written="which_direction" points=2 minutes=5 difficulty=2 importance=4
# Minimising D(p||q) spreads q over both peaks: where p has mass and q has almost none, the term p log(p/q) grows without bound, so q must cover all that p covers, and puts mass between the peaks.
# Minimising D(q||p) picks one peak: now the weight is q, so places where q is zero cost nothing, but any mass q puts into the valley where p is almost zero is charged log(q/p).
