# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Problem set 1: tensors, images, autograd
#
# Between a picture on disk and a trained model lie three conversions that fail in silence:
# numbers of the wrong scale, axes in the wrong order, gradients divided once too often.
# No error is raised; the model only learns badly, and a week is lost.
# You will write these conversions yourself, and two functions of autograd's from the inside.
#
# Read [Tensors, images and devices](../../book/1_probability/tensors.md) and [The graph](../../book/1_probability/graph.md) first; they take 20 and 25 minutes.
# This notebook takes about 100 minutes and is worth 20 points. Its six parts may be done in any order.
#
# After each part, `check` asks your code a few practice questions and answers at once.
# Grading asks other questions of the same kind, so an answer that only fits the practice questions earns nothing.
# Stuck? `hint("to_tensor")` in a cell of your own asks a question; called again it says where to read, then works a case by hand. How far it went is kept in the notebook.
# All of `torch` and `numpy` is yours to use; `torchvision` is not.

# %%
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd import Function

from gradus import check, hint, progress

# %% [markdown]
# ## 1. From picture to tensor (3 points)
#
# *About 15 minutes. Difficulty 2 of 5, importance 4 of 5.*
#
# A picture in NumPy has the axes `(height, width, channels)`, a convolution wants `(channels, height, width)`.
# And a byte runs from 0 to 255, where a model wants numbers of about size 1. So, for a picture of bytes,
#
# $$t_{c,i,j} = \frac{\text{pic}_{i,j,c}}{255}.$$
#
# Only `uint8` means bytes. An array of any other dtype may hold depths, labels or counts:
# its numbers and its dtype stay as they are, even if they look like bytes.
# (`ToTensor` of torchvision follows the same rule. Many notes say that it always divides.)
#
# A mirrored picture, `pic[:, ::-1]`, is the cheapest way to double a data set.
# It is a view that runs backwards through memory, which NumPy allows and torch does not.


# %% answer="to_tensor"
def to_tensor(pic: np.ndarray) -> Tensor:
    """Return a picture as a tensor with the channels first.

    pic: ``(height, width, channels)``, or ``(height, width)`` for a grey picture, which has one
    channel; of dtype uint8, int16, int32, int64, float32 or float64; of any strides, negative
    ones included. pic itself must not change; whether the result shares its memory is up to you.

    Returns: ``(channels, height, width)``; for uint8 in float32, divided by 255; for every other
    dtype in the same dtype, not scaled.
    """
    ### BEGIN SOLUTION
    planes = torch.from_numpy(np.atleast_3d(pic).copy()).permute(2, 0, 1)  # grey: one channel
    return planes / 255 if planes.dtype == torch.uint8 else planes
    ### END SOLUTION


# %% [markdown]
# Black, half-way, white, in one row: which shape and which numbers do you expect?

# %%
to_tensor(np.array([[0, 51, 255]], dtype=np.uint8))

# %% check="to_tensor" points=3 minutes=15 difficulty=2 importance=4 page="book/1_probability/tensors" section="into-a-tensor"
# Tested: grey and colour pictures of bytes, square and not; five other dtypes; mirrored and turned views.
check("to_tensor", to_tensor)

# %% [markdown]
# ## 2. And back (3 points)
#
# *About 15 minutes. Difficulty 2 of 5, importance 3 of 5.*
#
# You want to look at what a model draws. Its numbers are near $[0, 1]$, but nothing keeps them there. Take
#
# $$\text{pic}_{i,j,c} = \operatorname{round}\bigl(255 \cdot \min(1, \max(0, t_{c,i,j}))\bigr).$$
#
# A plain change of dtype does neither the rounding nor the clamping.
# `ToPILImage` of torchvision leaves it at that: it makes 254 of 0.999, and 24, almost black, of 1.1.


# %% answer="to_uint8"
def to_uint8(t: Tensor) -> np.ndarray:
    """Return a tensor as a picture of bytes, to the nearest byte, with the channels last.

    t: ``(channels, height, width)``, float32 or float64, on the CPU, any number but nan,
    infinities included. It may be the output of a model, and then has ``requires_grad``. t
    itself must not change.

    Returns: a NumPy array of dtype uint8, ``(height, width, channels)``, three axes even for one
    channel. A number half-way between two bytes may become either.
    """
    ### BEGIN SOLUTION
    scaled = t.detach().clamp(0, 1).mul(255).round()
    return scaled.to(torch.uint8).permute(1, 2, 0).numpy()
    ### END SOLUTION


# %% [markdown]
# One row of one channel again. Which four bytes do you expect?

# %%
to_uint8(torch.tensor([[[-0.1, 0.2, 0.999, 1.1]]]))[0, :, 0]

# %% check="to_uint8" points=3 minutes=15 difficulty=2 importance=3 page="book/1_probability/tensors" section="back-to-bytes"
# Tested: grey and colour pictures, every byte there and back, numbers far out of range, a tensor that requires a gradient.
check("to_uint8", to_uint8)

# %% [markdown]
# ## 3. A batch on its way to another device (3 points)
#
# *About 15 minutes. Difficulty 2 of 5, importance 4 of 5.*
#
# `model.to(device)` moves a model where it stands. A batch is a dict, a pair, or a list of dicts, and has no method `to`;
# the tensors in it have one, but theirs does something else than the model's.
# Write the function that each training loop calls once per batch.
#
# You need no GPU: the device `meta` holds shapes and dtypes without numbers, and every machine has it.
# What is moved there has arrived, and whatever stayed behind shows.


# %% answer="to_device"
def to_device(batch: Any, device: str) -> Any:
    """Return ``batch`` with every tensor in it on ``device``.

    batch: a tensor, or a dict, list or tuple of batches, nested at will, plain ones and no
    subclasses of them; anything else (strings, numbers, None) is returned as it is. device: a
    name such as ``"cpu"`` or ``"meta"``.

    Returns: the same structure, of the same types; dtypes are kept. The caller's containers must
    not change. Gradients are not tested.
    """
    ### BEGIN SOLUTION
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: to_device(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(to_device(item, device) for item in batch)
    return batch
    ### END SOLUTION


# %% [markdown]
# What should come back as it went, and what should have moved?

# %%
to_device({"image": torch.zeros(2, 3), "size": (2, 3), "file": "cat.png"}, "meta")

# %% check="to_device" points=3 minutes=15 difficulty=2 importance=4 page="book/1_probability/tensors" section="devices"
# Tested: one tensor, dicts, lists and tuples inside one another, strings, numbers and None among them, cpu and meta.
check("to_device", to_device)

# %% [markdown]
# ## 4. A function with a slope of its own (4 points)
#
# *About 20 minutes. Difficulty 3 of 5, importance 4 of 5.*
#
# Autograd knows the slope of every operation of torch's. For one of your own you write both passes:
# `forward` computes the result and leaves in `ctx` what `backward` will need;
# `backward` receives the gradient `g` of the loss in the result, and returns the gradient of the loss in each argument of `forward`, in order.
# An argument that is a plain number gets `None`.
# Tensors are kept with `ctx.save_for_backward(...)` and found again in `ctx.saved_tensors`; a number is kept as an attribute of `ctx`.
#
# Take softplus, a ReLU without the kink:
#
# $$\varsigma_\beta(x) = \frac{1}{\beta} \log\bigl(1 + e^{\beta x}\bigr), \qquad \varsigma_\beta'(x) = \sigma(\beta x) = \frac{1}{1 + e^{-\beta x}}.$$
#
# The formula, typed as it stands, is infinite at $x = 100$ in float32, and its slope `nan`. Yours should be finite at 10,000.
#
# A function of this kind is not called by its passes, but as `Softplus.apply(x, beta)`; `apply` comes from `torch.autograd.Function`.
# (One set of notes calls it `torch.nn.function.apply`. There is no such thing.)


# %% answer="softplus_function"
class Softplus(Function):
    """Softplus of ``x``: ``Softplus.apply(x, beta)``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, beta: float) -> Tensor:
        """Return softplus of each number in ``x``.

        x: any shape, float32 or float64, finite. beta: a plain number, above 0. Returns the shape
        and dtype of x. All of torch is allowed, its own softplus included.
        """
        ### BEGIN SOLUTION
        ctx.save_for_backward(x)
        ctx.beta = beta
        return torch.logaddexp(beta * x, torch.zeros_like(x)) / beta
        ### END SOLUTION

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        """Return the gradient of the loss in x, and None for beta.

        g: the gradient of the loss in the result, of the same shape. Gradients of gradients are
        not tested.
        """
        ### BEGIN SOLUTION
        (x,) = ctx.saved_tensors
        return g * torch.sigmoid(ctx.beta * x), None
        ### END SOLUTION


# %% [markdown]
# At 0, softplus is $\log 2 \approx 0.693$ and its slope is one half. At 100, what are both, nearly?
# The loss is three times the sum, so what will `x.grad` be?

# %%
x = torch.tensor([0.0, 100.0], requires_grad=True)
y = Softplus.apply(x, 1.0)
(3 * y).sum().backward()
y, x.grad

# %% check="softplus_function" points=4 minutes=20 difficulty=3 importance=4 page="book/1_probability/graph" section="own-function"
# Tested through apply: values and gradients for a random upstream, betas from 0.5 to 100, x up to 10,000, float32 and float64.
check("softplus_function", Softplus)

# %% [markdown]
# ## 5. Broadcasting, backwards (4 points)
#
# *About 20 minutes. Difficulty 4 of 5, importance 3 of 5.*
#
# Add $\alpha$ times $y$ to $x$, where either may be broadcast to the other's shape, or both may be stretched:
#
# $$z = x + \alpha \, y.$$
#
# A bias of shape `(3,)` that is added to four rows is used four times. A small change of it acts four times,
# so its gradient is the sum of four. What was copied on the way forward is summed on the way back, and
# each gradient has exactly the shape of its input: `(3,)` for `(3,)`, and `(4, 1)` for `(4, 1)`.
#
# Autograd is lenient here: it sums some gradients that come back too large. JAX, for one, raises an error.
# So your two passes are also called directly, with a `ctx` that keeps what you leave in it.


# %% answer="scaled_add"
class ScaledAdd(Function):
    """The sum of ``x`` and ``alpha`` times ``y``: ``ScaledAdd.apply(x, y, alpha)``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, alpha: float) -> Tensor:
        """Return ``x + alpha * y``, broadcast as usual.

        x and y: any two shapes that broadcast, of one floating dtype. alpha: a plain number. ctx
        takes attributes and has ``save_for_backward``. x and y must not change.
        """
        ### BEGIN SOLUTION
        ctx.shapes = x.shape, y.shape
        ctx.alpha = alpha
        return x + alpha * y
        ### END SOLUTION

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, Tensor, None]:
        """Return a tuple of three: the gradients of the loss in x and in y, and None for alpha.

        g: the gradient of the loss in the result, of the result's shape. Each gradient has the
        shape of its input, also when backward is called directly.
        """
        ### BEGIN SOLUTION
        x_shape, y_shape = ctx.shapes
        return g.sum_to_size(x_shape), ctx.alpha * g.sum_to_size(y_shape), None
        ### END SOLUTION


# %% [markdown]
# The loss is the sum of all six numbers of the result. What is its gradient in each of the three numbers of `y`?

# %%
x, y = torch.zeros(2, 3, requires_grad=True), torch.ones(3, requires_grad=True)
ScaledAdd.apply(x, y, 10.0).sum().backward()
x.grad, y.grad

# %% check="scaled_add" points=4 minutes=20 difficulty=4 importance=3 page="book/1_probability/graph" section="own-function"
# Tested: equal shapes, x or y or both broadcast, axes added in front and axes of length 1, alpha 0 and below; the same with both passes called directly.
check("scaled_add", ScaledAdd)

# %% [markdown]
# ## 6. A batch that does not fit (3 points)
#
# *About 15 minutes. Difficulty 3 of 5, importance 5 of 5.*
#
# The paper used batches of 512, your memory ends at 48. So the batch is cut into chunks, the last of which may be shorter,
# and each chunk goes through the model alone. The gradient should be that of the whole batch.
# With chunks of $n_1, \dots, n_K$ examples, $n$ in all, and mean losses $L_1, \dots, L_K$,
#
# $$L = \sum_{k=1}^{K} \frac{n_k}{n} \, L_k .$$
#
# A set of study notes gives the advice to "divide the gradient by the size of the minibatch".
# Before you follow it, ask what the losses here have been divided by.


# %% answer="accumulate_grads"
def accumulate_grads(
    model: nn.Module,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    chunks: list[tuple[Tensor, Tensor]],
) -> float:
    """Leave in ``.grad`` the gradient of the mean loss over all examples of all chunks.

    chunks: a list of pairs ``(x, y)``, the examples of one chunk along the first axis of both,
    at least one. ``loss_fn(model(x), y)`` is the mean loss over the examples of a chunk.

    Afterwards each parameter's ``.grad`` is that of the whole batch; what was in it before the
    call does not count. The parameters themselves do not change. A chunk goes through the model
    once, and back before the next one: the memory holds the graph of one chunk.

    Returns: the mean loss over all examples, as a plain float.
    """
    ### BEGIN SOLUTION
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    mean = 0.0
    for x, y in chunks:
        share = loss_fn(model(x), y) * len(x) / total
        share.backward()  # adds to .grad, and lets the chunk's graph go
        mean += share.item()
    return mean
    ### END SOLUTION


# %% [markdown]
# A model that returns 0, for targets 1, 1 and 4. The squared errors are 1, 1 and 16: their mean is 6, however they are cut.
# The mean of $-2y$ is the gradient in the weight: which number?

# %%
zero = nn.Linear(1, 1, bias=False)
nn.init.zeros_(zero.weight)
chunks = [(torch.ones(2, 1), torch.ones(2, 1)), (torch.ones(1, 1), torch.full((1, 1), 4.0))]
accumulate_grads(zero, nn.MSELoss(), chunks), zero.weight.grad

# %% check="accumulate_grads" points=3 minutes=15 difficulty=3 importance=5 page="book/1_probability/graph" section="what-is-added-up"
# Tested: equal chunks, ragged chunks, two kinds of models and losses; then housekeeping: old gradients, a model with room for one chunk only.
check("accumulate_grads", accumulate_grads)

# %% [markdown]
# ## How far am I?
#
# What practice says so far. The file that it writes is for the book's page of progress.

# %%
progress()
