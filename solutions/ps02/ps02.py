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
# The eight functions of this set are what that sentence rests on: how much a message tells, which code is shortest, what a wrong model costs, and how data change what is believed.
# You will write them so that they hold at the edges, where the textbook formulas, typed as they stand, return `nan` or minus infinity.
#
# Read [Entropy, cross-entropy and KL divergence](../../book/1_probability/entropy.md) first, and [Distributions](../../book/1_probability/distributions.md) before section 5.
# This notebook takes about 110 minutes and is worth 20 points.
# Sections 1 to 4 are about information, 5 to 8 about models; between them is a good place to rest.
#
# After each function, `check` asks it a few practice questions and answers at once.
# Grading asks other questions of the same kind, so an answer that only fits the practice questions earns nothing.
# Stuck? `hint("entropy")` in a cell of your own asks a question; called again it says where to read, then works a case by hand. How far it went is kept in the notebook.
# `torch` is yours to use in full, and so is Python's standard library.
# Your functions must leave their arguments as they are: assign to a copy, not into `p`.

# %%
import heapq
import math

import torch
from torch import Tensor

from gradus import check, hint, progress

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
fair, certain, equal = torch.tensor([0.5, 0.5]), torch.tensor([0.0, 1.0]), torch.full((8,), 0.125)
entropy(fair), entropy(certain), entropy(equal)

# %% check="entropy" points=2 minutes=10 difficulty=1 importance=5 page="book/1_probability/entropy" section="surprise"
# Tested: one distribution and many at once, outcomes that never happen, bits and other units, float32 and float64.
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

# %% check="kl" points=3 minutes=15 difficulty=2 importance=5 page="book/1_probability/entropy" section="wrong-model"
# Tested: values in bits and other units, many pairs at once, a distribution and itself, zeros in p, in q and in both.
check("kl", kl)

# %% [markdown]
# ## 3. Mutual information (2 points)
#
# *About 12 minutes. Difficulty 2 of 5, importance 3 of 5.*
#
# Does the weather forecast know anything about the weather?
# Count how often each forecast met each weather, and divide by the total: the table is now a joint distribution $p(i, j)$, with the margins $p(i) = \sum_j p(i, j)$ and $p(j) = \sum_i p(i, j)$.
# Were the two independent, the table would be the product of its margins. How far it is from that product is the mutual information,
#
# $$I = \sum_{i, j} p(i, j) \log_b \frac{p(i, j)}{p(i) \, p(j)}.$$
#
# A pair that never occurs adds nothing.
# The table that you are given may hold probabilities or counts: divide it by its total in either case.


# %% answer="mutual_information"
def mutual_information(joint: Tensor, base: float = 2.0) -> Tensor:
    """Return the mutual information of the row and the column, in units set by ``base``.

    Shapes: joint ``(rows, columns)``, floating point, probabilities or counts, non-negative,
    not all zero; cells, rows and columns of zeros allowed; returns a scalar tensor ``()`` in the
    dtype of joint. Gradients are not tested.
    """
    ### BEGIN SOLUTION
    p = joint / joint.sum()
    rows, columns, pairs = (torch.special.entr(one).sum() for one in (p.sum(1), p.sum(0), p))
    return (rows + columns - pairs) / math.log(base)
    ### END SOLUTION


# %% [markdown]
# Two tables to do by head: two fair coins that always agree, seen ten times, and two that ignore each other.

# %%
mutual_information(torch.tensor([[5.0, 0.0], [0.0, 5.0]])), mutual_information(torch.ones(2, 2))

# %% check="mutual_information" points=2 minutes=12 difficulty=2 importance=3 page="book/1_probability/entropy" section="mutual-information"
# Tested: probabilities and counts up to 10000, square and oblong tables, a single column, a transposed table, cells and rows of zeros, bits and other units, float32 and float64.
check("mutual_information", mutual_information)

# %% [markdown]
# ## 4. The best code (2 points)
#
# *About 20 minutes. Difficulty 3 of 5, importance 3 of 5.*
#
# Entropy is a bound. How close does a real code come, if every outcome has a word of its own, made of whole bits, and no word begins with another?
# Huffman found the code with the smallest mean length when he was a student, in place of sitting an exam.
# Begin with one group for each outcome. Merge the two least likely groups into one that is as likely as both together, and go on until one group is left.
# Each merge puts one more bit in front of the word of every outcome in the two groups.
#
# Return the length of each outcome's word, in the order of `p`.
# Where probabilities tie there are several best codes; any of them is right.
# A single outcome needs no bits: its length is 0. If there are several outcomes, all of them get a word, also those with $p_i = 0$.
#
# What is judged: how many lengths you return, their mean $\sum_i p_i \ell_i$, and the Kraft sum $\sum_i 2^{-\ell_i}$, which is 1 for a code that wastes no words.


# %% answer="huffman_lengths"
def huffman_lengths(p: Tensor) -> list[int]:
    """Return the number of bits that Huffman's code gives to each outcome, in the order of ``p``.

    Shapes: p ``(outcomes,)``, floating point, at least one outcome, non-negative, adding up to 1,
    zeros allowed; returns a list of as many whole numbers (a tensor of them will do).
    """
    ### BEGIN SOLUTION
    lengths = [0] * len(p)
    heap = [(chance, [outcome]) for outcome, chance in enumerate(p.tolist())]
    heapq.heapify(heap)
    while len(heap) > 1:
        (one, left), (other, right) = heapq.heappop(heap), heapq.heappop(heap)
        for outcome in left + right:
            lengths[outcome] += 1
        heapq.heappush(heap, (one + other, left + right))
    return lengths
    ### END SOLUTION


# %% [markdown]
# Draw the tree for 1/8, 1/2, 1/8, 1/4 on paper first. How long should the mean word be, and what is the entropy?
# Then take a coin with sides 0.9 and 0.1: its entropy is 0.469 bits.

# %%
huffman_lengths(torch.tensor([0.125, 0.5, 0.125, 0.25])), huffman_lengths(torch.tensor([0.9, 0.1]))

# %% check="huffman_lengths" points=2 minutes=20 difficulty=3 importance=3 page="book/1_probability/entropy" section="shortest-codes"
# Tested: two to thirty outcomes in any order, ties, long and short trees, one outcome, outcomes of probability 0.
check("huffman_lengths", huffman_lengths)

# %% [markdown]
# ## 5. A Gaussian by its precision (2 points)
#
# *About 8 minutes. Difficulty 1 of 5, importance 4 of 5.*
#
# Two thermometers disagree. To combine them you weigh each by its precision $r = 1 / \sigma^2$, because precisions simply add up.
# In this parameter the Gaussian density is
#
# $$\mathcal{N}(x; \mu, r^{-1}) = \sqrt{\frac{r}{2 \pi}} \, \exp\!\left(-\tfrac12 r (x - \mu)^2\right).$$
#
# Return its natural logarithm, so that it is an ordinary number where the density itself is rounded to 0, and right also where $x$ and $\mu$ are both large.


# %% answer="gaussian_logpdf"
def gaussian_logpdf(x: Tensor, mu: Tensor, precision: Tensor) -> Tensor:
    """Return the log-density at ``x`` of a Gaussian with mean ``mu``, in nats.

    Shapes: x, mu and precision may be of any shapes that broadcast against one another, and
    the result has the shape that comes of it; all of one floating dtype, which is also the
    result's. Every precision is positive. Gradients are not tested.
    """
    ### BEGIN SOLUTION
    return 0.5 * (torch.log(precision / (2 * math.pi)) - precision * (x - mu) ** 2)
    ### END SOLUTION


# %% [markdown]
# With precision $2\pi$ the factor in front is 1. What are the log-densities at the mean, and one unit away from it?

# %%
gaussian_logpdf(torch.tensor([0.0, 1.0]), torch.tensor(0.0), torch.tensor(2 * math.pi))

# %% check="gaussian_logpdf" points=2 minutes=8 difficulty=1 importance=4 page="book/1_probability/distributions" section="bell"
# Tested: precisions from 0.000001 to 1000000, shapes that broadcast, points 1000 away from the mean, mean and points near 10000, float32 and float64.
check("gaussian_logpdf", gaussian_logpdf)

# %% [markdown]
# ## 6. A mixture of Gaussians, far from home (3 points)
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

# %% check="gmm_log_prob" points=3 minutes=20 difficulty=3 importance=4 page="book/1_probability/distributions" section="log-densities"
# Tested: one to three components, logits of any size, points 60 and 10000 away from everything, gradients, float32 and float64.
check("gmm_log_prob", gmm_log_prob)

# %% [markdown]
# ## 7. What an arrow costs (2 points)
#
# *About 8 minutes. Difficulty 2 of 5, importance 3 of 5.*
#
# Twenty symptoms with two values each have a joint table of $2^{20}$ cells, more than there are patients to fill them.
# A directed graph without cycles says which variable depends directly on which, and the joint distribution becomes a product,
#
# $$p(x_1, \dots, x_n) = \prod_{i} p(x_i \mid x_{\text{parents of } i}).$$
#
# Each factor is a table with one row for each combination of values of the parents, and each row is a distribution of $x_i$, so that its last entry follows from the others.
# How many numbers must be stored in all?


# %% answer="dag_num_params"
def dag_num_params(parents: list[list[int]], card: list[int]) -> int:
    """Return how many free numbers the tables of a directed graphical model hold.

    ``parents[i]`` lists the parents of variable i, in any order, and is empty if it has none;
    ``card[i]``, at least 1, is the number of values of variable i. Variables come in any order,
    a child perhaps before its parents; there may be none at all, which takes 0 numbers.
    Returns an ``int``, neither a float nor a tensor.
    """
    ### BEGIN SOLUTION
    rows = [math.prod(card[parent] for parent in each) for each in parents]
    return sum(row * (values - 1) for row, values in zip(rows, card, strict=True))
    ### END SOLUTION


# %% [markdown]
# A die decides which of six coins is tossed: 5 numbers for the die, and one for each coin.
# How many would it take without the arrow?

# %%
dag_num_params([[], [0]], [6, 2]), dag_num_params([[], []], [6, 2])

# %% check="dag_num_params" points=2 minutes=8 difficulty=2 importance=3 page="book/1_probability/distributions" section="many-variables"
# Tested: no arrows, chains, common causes and common effects, random graphs in random order, variables with one to six values, no variables.
check("dag_num_params", dag_num_params)

# %% [markdown]
# ## 8. What a few flips teach (2 points)
#
# *About 10 minutes. Difficulty 1 of 5, importance 4 of 5.*
#
# Three visitors clicked, none left. Is the page perfect?
# Maximum likelihood says so: of all chances of a click, 1 explains three clicks in three visits best.
# A Bayesian starts from a belief, here a Beta distribution with parameters $a$ and $b$ over the chance $\theta$ of heads,
#
# $$p(\theta) \propto \theta^{a - 1} (1 - \theta)^{b - 1},$$
#
# and multiplies it by the likelihood of the flips, $\theta^{\text{heads}} (1 - \theta)^{\text{tails}}$. The product is a Beta distribution again; read its parameters off.
# The mean of a Beta distribution is $a / (a + b)$.
#
# Without flips the posterior is the prior, and there is no maximum likelihood estimate: return `nan` in its place.


# %% answer="beta_update"
def beta_update(a: float, b: float, flips: Tensor) -> tuple[float, float, float, float]:
    """Return what is believed after ``flips``: the posterior's a, b and mean, and the mle.

    Shapes: flips ``(flips,)``, int64, 1 for heads and 0 for tails, perhaps none; a and b are
    positive floats. Returns four numbers (scalar tensors will do): the parameters a and b of the
    posterior, its mean, and the maximum likelihood estimate of the chance of heads, which is
    ``nan`` if there are no flips.
    """
    ### BEGIN SOLUTION
    heads = flips.sum().item()
    tails = len(flips) - heads
    a, b = a + heads, b + tails
    return a, b, a / (a + b), flips.double().mean().item()
    ### END SOLUTION


# %% [markdown]
# Three heads in three flips, seen by someone who believed in all coins alike: what would that person bet on the next flip?

# %%
beta_update(1.0, 1.0, torch.tensor([1, 1, 1]))

# %% check="beta_update" points=2 minutes=10 difficulty=1 importance=4 page="book/1_probability/distributions" section="coin"
# Tested: priors above, at and below 1, one to a thousand flips, heads only, tails only, no flips.
check("beta_update", beta_update)

# %% [markdown]
# ## 9. Which direction? (2 points)
#
# *About 5 minutes. Difficulty 2 of 5, importance 4 of 5.*
#
# You fit one Gaussian $q$ to data $p$ with two well separated peaks, once by minimising $D(p \,\|\, q)$, once by minimising $D(q \,\|\, p)$.
# What will the two fits look like, and which term of the sum forces each to look so?
# Three or four sentences.

# %% [markdown] written="which_direction" points=2 minutes=5 difficulty=2 importance=4
# Minimising D(p||q) spreads q over both peaks: where p has mass and q has almost none, the term p log(p/q) grows without bound, so q must cover all that p covers, and puts mass between the peaks.
# Minimising D(q||p) picks one peak: now the weight is q, so places where q is zero cost nothing, but any mass q puts into the valley where p is almost zero is charged log(q/p).

# %% [markdown]
# ## How far am I?
#
# What practice says so far. The file that it writes is for the book's page of progress.

# %%
progress()
