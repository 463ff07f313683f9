# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Problem set 3: finite numbers
#
# A float32 has 24 binary digits and ends at $3.4 \cdot 10^{38}$, which is less than $e^{89}$.
# Formulas that are right on paper return `nan` on the third day of training, and the cause is rarely where the `nan` shows.
# You will write eight functions that nearly every network rests on, so that they stay right at 0, at $\pm 10000$ and in between.
#
# Read [Finite numbers](../../book/1_probability/numbers.md) first; it takes 25 minutes.
# This notebook takes about 95 minutes and is worth 20 points.
#
# After each function, `check` asks it a few practice questions and answers at once.
# Grading asks other questions of the same kind, so an answer that only fits the practice questions earns nothing.
# Stuck? `hint("sigmoid")` in a cell of your own asks a question; called again it says where to read, then works a case by hand. How far it went is kept in the notebook.
#
# `torch` has most of these functions under the same name, and all of `torch` is accepted.
# But the point is to write them from `exp`, `log`, `log1p`, `where`, sums and factorisations: then you will know what to do on the day when `torch` has no such function.
#
# **What counts as right, in the whole set.**
# Inputs are float32 or float64, and results have the dtype of the input.
# Values are right to four digits, gradients, where they are tested, to about $10^{-5}$; where float32 itself must lose more, as with differences of numbers near 10000, grading allows for it.
# A gradient arrives as it does inside a network: times random numbers from the layers above.
# No function changes its arguments.

# %%
import torch
from torch import Tensor

from gradus import check, hint, progress

# %% [markdown]
# A set of study notes explains underflow as a "number too small".
# Is $-10^{40}$ small? Predict three numbers, then run the cell.

# %%
torch.tensor([-1e40, 1e-50, 1 + 1e-8])

# %% [markdown]
# Overflow: a magnitude too large becomes infinite, with either sign.
# Underflow: a magnitude too small is rounded to 0.
# The third loss is rounding: beside 1, anything below $6 \cdot 10^{-8}$ is gone.
# Each of the three will cost you a function below if you let it.

# %% [markdown]
# ## 1. Sigmoid (2 points)
#
# *About 15 minutes. Difficulty 3 of 5, importance 5 of 5.*
#
# $$\sigma(x) = \frac{1}{1 + e^{-x}} = \frac{e^x}{1 + e^x}$$
#
# A model that answers yes or no passes its score through this function.
# A fraud detector that screens a billion payments must tell a chance of $10^{-13}$ from $10^{-8}$, and it must learn from a score of $-1000$ without breaking: one `nan` in one gradient, and every weight is `nan` after the next step.
#
# Typed as it stands, each form is right for one sign of $x$.
# Autograd differentiates all that you compute, even what `where` throws away.


# %% answer="sigmoid"
def sigmoid(x: Tensor) -> Tensor:
    """Return the logistic sigmoid of each number in ``x``.

    Shapes: x any shape, also ``()``, any finite values; returns the shape of x. Small results
    keep their digits: sigmoid(-30) is 9.4e-14, not 0, as long as the dtype can hold it. The
    gradient in x is tested, also at 1000, at -1000 and at exactly 0, where it is 1/4.
    """
    ### BEGIN SOLUTION
    right = x >= 0
    small = torch.where(right, -x, x).exp()  # never above 1; unlike |x|, with a slope at 0
    return torch.where(right, 1.0, small) / (1 + small)
    ### END SOLUTION


# %% [markdown]
# By head: $\sigma(0) = \tfrac12$, and the slope there is $\tfrac14$.
# What do you expect for the two other slopes?

# %%
x = torch.tensor([0.0, 1000.0, -1000.0], requires_grad=True)
y = sigmoid(x)
y, torch.autograd.grad(y.sum(), x)

# %% check="sigmoid" points=2 minutes=15 difficulty=3 importance=5 page="book/1_probability/numbers" section="sigmoid-softplus"
# Tested: values of any shape, results down to 1e-35 (1e-260 in float64), gradients at 0, near 0 and at 1000 and -1000.
check("sigmoid", sigmoid)

# %% [markdown]
# ## 2. Log-sigmoid (2 points)
#
# *About 10 minutes. Difficulty 2 of 5, importance 4 of 5.*
#
# $$\log \sigma(x) = -\log\left(1 + e^{-x}\right)$$
#
# This is the log-probability of a yes, which training adds up over all examples.
# At $x = -1000$ the probability is too small for any float, and yet its logarithm is a plain $-1000$.
# So the logarithm cannot be taken of the sigmoid: the two must become one formula.
# `torch.log1p(t)` is $\log(1 + t)$, and keeps its digits when $t$ is tiny.


# %% answer="logsigmoid"
def logsigmoid(x: Tensor) -> Tensor:
    """Return the natural logarithm of the sigmoid of each number in ``x``.

    Shapes: x any shape, any finite values; returns the shape of x. Small results keep their
    digits: logsigmoid(30) is -9.4e-14, not 0. The gradient in x is tested, also at 1000, at
    -1000 and at exactly 0, where it is 1/2.
    """
    ### BEGIN SOLUTION
    right = x >= 0
    small = torch.where(right, -x, x).exp()
    return torch.where(right, 0.0, x) - torch.log1p(small)
    ### END SOLUTION


# %% [markdown]
# By head: $\log \sigma(0) = -\log 2 \approx -0.693$.

# %%
logsigmoid(torch.tensor([0.0, 30.0, -30.0, -1000.0]))

# %% check="logsigmoid" points=2 minutes=10 difficulty=2 importance=4 page="book/1_probability/numbers" section="sigmoid-softplus"
# Tested: values from -10000 to -1e-35 (-1e-260 in float64), gradients at 0, near 0 and at 1000 and -1000.
check("logsigmoid", logsigmoid)

# %% [markdown]
# ## 3. Softplus (2 points)
#
# *About 8 minutes. Difficulty 2 of 5, importance 3 of 5.*
#
# $$\zeta(x) = \log\left(1 + e^x\right)$$
#
# A network's output may be any number; a standard deviation or a precision must be positive.
# Softplus turns the one into the other.
# A set of study notes says that it is "commonly used for regression": more exactly, it serves where a quantity must be positive, in a regression or not.
# A width that is rounded to 0 divides by zero in the next line, so small results matter here, too.


# %% answer="softplus"
def softplus(x: Tensor) -> Tensor:
    """Return log(1 + exp(x)), natural logarithm, for each number in ``x``.

    Shapes: x any shape, any finite values; returns the shape of x. Small results keep their
    digits: softplus(-30) is 9.4e-14, not 0. The gradient in x is tested, also at 1000, at
    -1000 and at exactly 0, where it is 1/2.
    """
    ### BEGIN SOLUTION
    right = x >= 0
    small = torch.where(right, -x, x).exp()
    return torch.where(right, x, 0.0) + torch.log1p(small)
    ### END SOLUTION


# %% [markdown]
# A right answer satisfies $\zeta(x) - \zeta(-x) = x$ for every $x$. Does yours?

# %%
x = torch.tensor([0.5, 5.0, 50.0, 500.0])
softplus(x) - softplus(-x)

# %% check="softplus" points=2 minutes=8 difficulty=2 importance=3 page="book/1_probability/numbers" section="sigmoid-softplus"
# Tested: values from 1e-35 (1e-260 in float64) to 10000, gradients at 0, near 0 and at 1000 and -1000.
check("softplus", softplus)

# %% [markdown]
# ## 4. Log-sum-exp (3 points)
#
# *About 15 minutes. Difficulty 3 of 5, importance 5 of 5.*
#
# $$\operatorname{LSE}(x) = \log \sum_i e^{x_i} = m + \log \sum_i e^{x_i - m} \qquad \text{for every finite } m$$
#
# Whoever adds probabilities that are kept as logarithms needs it: mixtures, language models, the alignment of speech with text.
# A set of study notes says of overflow that it "needs more bits".
# It needs a better $m$: with the right one, no exponential is above 1 and at least one is not rounded to 0.
#
# A sum without any term is 0, and its logarithm is $-\infty$.
# So a row of nothing but $-\infty$ (no path leads to this state) has the answer $-\infty$, and a single $-\infty$ in a row adds nothing.


# %% answer="logsumexp"
def logsumexp(x: Tensor, dim: int) -> Tensor:
    """Return the natural logarithm of the sum of exp(x) over the axis ``dim``.

    Shapes: x any shape with at least one axis; entries finite or minus infinity; dim may be
    negative. Returns the shape of x without the axis dim. The gradient in x is tested, except in
    rows of nothing but minus infinities.
    """
    ### BEGIN SOLUTION
    top = x.amax(dim, keepdim=True).detach()
    shift = torch.where(top.isfinite(), top, 0.0)
    return (x - shift).exp().sum(dim).log() + shift.squeeze(dim)
    ### END SOLUTION


# %% [markdown]
# By head: two equal numbers $a$ give $a + \log 2$, whatever $a$ is.

# %%
equal = torch.tensor([[0.0, 0.0], [1e4, 1e4], [-1e4, -1e4], [-torch.inf, -torch.inf]])
logsumexp(equal, dim=1)

# %% check="logsumexp" points=3 minutes=15 difficulty=3 importance=5 page="book/1_probability/numbers" section="max-shift"
# Tested: any axis of one, two or three; rows near 10000 beside rows near -10000; minus infinities; gradients.
check("logsumexp", logsumexp)

# %% [markdown]
# ## 5. Cross-entropy (3 points)
#
# *About 15 minutes. Difficulty 3 of 5, importance 5 of 5.*
#
# A classifier gives each class a score, a logit; the softmax makes probabilities of a row of them.
# The loss is the mean surprise, in nats, of the classes that came true:
#
# $$L = \frac1n \sum_{r=1}^{n} -\log \frac{e^{z_{r, y_r}}}{\sum_j e^{z_{r, j}}}$$
#
# When a confident model is wrong by 1000, the loss is 1000, and its gradient is what leads the model back; `inf` and `nan` lead nowhere.
# A logit of $-\infty$ rules a class out, as a language model does with words that must not come next.


# %% answer="cross_entropy"
def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """Return the mean surprise of the true classes, in nats, as one number.

    Shapes: logits ``(batch, classes)``, finite or minus infinity, batch and classes at least 1;
    y ``(batch,)``, int64, the true class of each row, never one that is ruled out; returns
    ``()`` in the dtype of logits. The gradient in logits is tested.
    """
    ### BEGIN SOLUTION
    log_p = logits - torch.logsumexp(logits, 1, keepdim=True)  # (batch, classes)
    return -log_p.gather(1, y[:, None]).mean()
    ### END SOLUTION


# %% [markdown]
# By head: a blind guess between ten classes costs $\log 10 \approx 2.303$.

# %%
cross_entropy(torch.zeros(2, 10), torch.tensor([3, 7]))

# %% check="cross_entropy" points=3 minutes=15 difficulty=3 importance=5 page="book/1_probability/numbers" section="max-shift"
# Tested: one row and many, one class and many, logits of 10000 and -10000, right and wrong, classes ruled out, gradients.
check("cross_entropy", cross_entropy)

# %% [markdown]
# ## 6. Condition number (3 points)
#
# *About 12 minutes. Difficulty 3 of 5, importance 4 of 5.*
#
# A matrix stretches a vector of length 1 to a length between $\sigma_{\min}$ and $\sigma_{\max}$, its smallest and largest singular value.
# Its condition number is
#
# $$\kappa(A) = \frac{\sigma_{\max}(A)}{\sigma_{\min}(A)} .$$
#
# It says by how much $A$ can magnify a relative error, so $\log_{10} \kappa$ digits may be lost before any algorithm starts.
# Some books divide the largest eigenvalue by the smallest instead, in absolute value, which is the same for symmetric matrices only.
# Which number would that give for the example below?


# %% answer="cond"
def cond(A: Tensor) -> Tensor:
    """Return the ratio of the largest to the smallest singular value of ``A``.

    Shapes: A ``(rows, columns)``, any two sizes, finite and not all 0; it has
    min(rows, columns) singular values. Returns ``()`` in the dtype of A, and ``inf`` when the
    smallest comes out as 0. Right to 4 digits up to 10 in float32 and up to 1e9 in float64, also
    when all entries are tiny. Gradients are not tested.
    """
    ### BEGIN SOLUTION
    values = torch.linalg.svdvals(A)  # in descending order
    return values[0] / values[-1]
    ### END SOLUTION


# %% [markdown]
# A shear: it moves $(0, 1)$ to $(100, 1)$, and hardly keeps apart what it moves.
# The condition number is close to $100^2$.

# %%
cond(torch.tensor([[1.0, 100.0], [0.0, 1.0]], dtype=torch.float64))

# %% check="cond" points=3 minutes=12 difficulty=3 importance=4 page="book/1_probability/numbers" section="conditioning"
# Tested: symmetric and other matrices, square and not, singular ones, nearly equal columns, entries near 1e-25.
check("cond", cond)

# %% [markdown]
# ## 7. Linear systems (2 points)
#
# *About 10 minutes. Difficulty 2 of 5, importance 4 of 5.*
#
# $$A x = b$$
#
# On paper $x = A^{-1} b$.
# In floating point it is better never to form $A^{-1}$, but to factorise $A$ and to substitute, as with $A = QR$: $R x = Q^\top b$.
#
# A set of study notes says that a decomposition "avoids poor conditioning".
# The Hilbert matrix, with entries $1 / (i + j + 1)$, shows what it can and cannot do.
# At size 10 its condition number is $1.6 \cdot 10^{13}$, and every method loses most digits of $x$: that lies in the problem.
# But a factorisation finds an $x$ that satisfies the equations to the last digit, and $A^{-1} b$ does not.


# %% answer="solve"
def solve(A: Tensor, b: Tensor) -> Tensor:
    """Return the vector ``x`` with ``A @ x = b``.

    Shapes: A ``(n, n)`` with an inverse, however badly scaled or conditioned; b ``(n,)``; both
    of one dtype. Returns ``(n,)`` in that dtype. Where A is so ill-conditioned that no method
    finds x itself, ``A @ x`` must be within 1e-12 of b. Gradients are not tested.
    """
    ### BEGIN SOLUTION
    Q, R = torch.linalg.qr(A)
    return torch.linalg.solve_triangular(R, (Q.T @ b)[:, None], upper=True)[:, 0]
    ### END SOLUTION


# %% [markdown]
# The true solution is 1 everywhere. How many digits are right, and how far is $A x$ from $b$?

# %%
i = torch.arange(10, dtype=torch.float64)
hilbert = 1 / (i[:, None] + i + 1)
b = hilbert.sum(1)  # so that x is 1 everywhere
x = solve(hilbert, b)
(x - 1).abs().max(), (hilbert @ x - b).abs().max()

# %% check="solve" points=2 minutes=10 difficulty=2 importance=4 page="book/1_probability/numbers" section="conditioning"
# Tested: small systems, one that needs its rows swapped, one with a tiny equation, Hilbert's matrix and others like it.
check("solve", solve)

# %% [markdown]
# ## 8. Soft argmax (3 points)
#
# *About 10 minutes. Difficulty 2 of 5, importance 3 of 5.*
#
# A network marks where the elbow is in a picture by one score for each pixel of a row.
# `argmax` names the best pixel, but its slope is 0 everywhere, and between two pixels it cannot point.
# The expected index under the softmax at temperature $T$ does both:
#
# $$\operatorname{softargmax}(z, T) = \sum_{i=0}^{n-1} i \, p_i, \qquad p = \operatorname{softmax}(z / T)$$
#
# When $T$ goes to 0 it becomes `argmax`; when $T$ grows it forgets the scores.
# Mind the names: the softmax is a soft *argmax*, one weight for each place; the soft *maximum* is log-sum-exp.


# %% answer="softargmax"
def softargmax(z: Tensor, temp: float) -> Tensor:
    """Return the expected index along the last axis under the softmax of ``z / temp``.

    Shapes: z ``(..., n)`` with n at least 1, any finite values; each row is a set of scores of
    its own; temp above 0. Returns ``(...)`` in the dtype and on the device of z; indices
    count from 0. The gradient in z is tested.
    """
    ### BEGIN SOLUTION
    index = torch.arange(z.shape[-1], dtype=z.dtype, device=z.device)
    return torch.softmax(z / temp, -1) @ index
    ### END SOLUTION


# %% [markdown]
# By head: two equal peaks at 1 and 2 have their middle at 1.5 when it is cold.
# And what is left of a peak when it is very hot?

# %%
softargmax(torch.tensor([0.0, 1.0, 1.0, 0.0]), 0.01), softargmax(torch.tensor([0.0, 9.0, 0.0]), 1e6)

# %% check="softargmax" points=3 minutes=10 difficulty=2 importance=3 page="book/1_probability/numbers" section="soft-argmax"
# Tested: one row and many, temperatures from 0.01 to 10000, scores of 10000 and -10000, gradients.
check("softargmax", softargmax)

# %% [markdown]
# ## How far am I?
#
# What practice says so far. The file that it writes is for the book's page of progress.

# %%
progress()
