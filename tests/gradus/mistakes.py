"""Mistakes that learners make, and a way to see what each is told.

Each is the code of a cell; what the check cell below it shows is kept, word for word, on the page
docs/messages.md. The time taken is left out.
"""

import contextlib
import io
import linecache
import traceback
from dataclasses import dataclass, replace
from types import CodeType

from autograder import catalogue
from autograder.notebooks.practice import practice_pack
from gradus.cells import question_about_name
from gradus.feedback import Card
from gradus.practice import check

BEFORE = """
import math
import numpy as np
import torch
from torch.autograd import Function
"""


@dataclass(frozen=True)
class Mistake:
    """What was done, in which exercise, and how the answer reads; ``call`` if it is unusual."""

    name: str
    exercise: str
    code: str
    call: str = ""


def pack() -> bytes:
    """Return a practice pack for every exercise in which a mistake is made."""
    names = sorted({mistake.exercise for mistake in MISTAKES})
    return practice_pack(names, {name: catalogue.find(name) for name in names})


def shown(mistake: Mistake) -> str:
    """Return what the learner reads after running the cell and the check below it.

    The working folder holds the pack. What the code prints is left out. An error outside
    ``check`` is the notebook's own; its last line stands for it.
    """
    names = {"check": check}
    call = mistake.call or f'check("{mistake.exercise}", {mistake.exercise})'
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(BEFORE, names)
            exec(_cell(mistake.code, "the cell"), names)
            card = eval(_cell(call, "the check", "eval"), names)
        if isinstance(card, Card):
            card = replace(card, footer="")
        return repr(card)
    except Exception as error:
        last = traceback.format_exception_only(error)[-1].strip()
        return (
            f"{last}\n{question_about_name(error.name)}" if isinstance(error, NameError) else last
        )


def _cell(code: str, name: str, mode: str = "exec") -> CodeType:
    """Compile ``code`` so that its lines can be quoted, as a notebook does."""
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    return compile(code, name, mode)


MISTAKES = [
    Mistake(
        "the wrong shape",
        "entropy",
        """\
def entropy(p, base=2.0):
    return torch.special.entr(p).sum(-1, keepdim=True) / math.log(base)
""",
    ),
    Mistake(
        "nothing returned",
        "entropy",
        """\
def entropy(p, base=2.0):
    result = torch.special.entr(p).sum(-1) / math.log(base)
""",
    ),
    Mistake(
        "printed, not returned",
        "sigmoid",
        """\
def sigmoid(x):
    print('done')
""",
    ),
    Mistake(
        "no return in one branch",
        "kl",
        """\
def kl(p, q, base=2.0):
    if (p > 0).all():
        return (p * (p / q).log()).sum(-1) / math.log(base)
""",
    ),
    Mistake(
        "NumPy in place of torch",
        "sigmoid",
        """\
def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x.detach().numpy()))
""",
    ),
    Mistake(
        "a list in place of a tensor",
        "entropy",
        """\
def entropy(p, base=2.0):
    return [-(row * row.log()).sum() for row in p]
""",
    ),
    Mistake(
        "a tuple in place of a tensor",
        "entropy",
        """\
def entropy(p, base=2.0):
    return torch.special.entr(p).sum(-1) / math.log(base),
""",
    ),
    Mistake(
        "a float in place of a tensor",
        "entropy",
        """\
def entropy(p, base=2.0):
    return (torch.special.entr(p).sum(-1) / math.log(base)).sum().item()
""",
    ),
    Mistake(
        "float64 in place of float32",
        "sigmoid",
        """\
def sigmoid(x):
    return torch.sigmoid(x.double())
""",
    ),
    Mistake(
        "whole numbers in place of floats",
        "sigmoid",
        """\
def sigmoid(x):
    return torch.sigmoid(x).long()
""",
    ),
    Mistake(
        "an argument edited in place",
        "entropy",
        """\
def entropy(p, base=2.0):
    p[p == 0] = 1.0
    return -(p * p.log()).sum(-1) / math.log(base)
""",
    ),
    Mistake(
        "a tensor made on the CPU",
        "sigmoid",
        """\
def sigmoid(x):
    return torch.sigmoid(x) * torch.ones(x.shape)
""",
    ),
    Mistake(
        "cut from the graph",
        "logsigmoid",
        """\
def logsigmoid(x):
    return torch.nn.functional.logsigmoid(x.detach())
""",
    ),
    Mistake(
        "under no_grad",
        "logsumexp",
        """\
@torch.no_grad()
def logsumexp(x, dim):
    return torch.logsumexp(x, dim)
""",
    ),
    Mistake(
        "the cell was not run",
        "kl",
        "",
    ),
    Mistake(
        "the function renamed",
        "kl",
        """\
def KL(p, q, base=2.0):
    return (p * (p / q).log()).sum(-1)
""",
    ),
    Mistake(
        "called, not named",
        "entropy",
        """\
def entropy(p, base=2.0):
    return torch.special.entr(p).sum(-1) / math.log(base)
""",
        call='check("entropy", entropy(torch.ones(1)))',
    ),
    Mistake(
        "the name in check misspelt",
        "entropy",
        """\
def entropy(p, base=2.0):
    return p
""",
        call='check("entropie", entropy)',
    ),
    Mistake(
        "an argument too few",
        "kl",
        """\
def kl(p):
    return (p * p.log()).sum(-1)
""",
    ),
    Mistake(
        "a misspelt attribute",
        "sigmoid",
        """\
def sigmoid(x):
    return x.sigmod()
""",
    ),
    Mistake(
        "a misspelt variable",
        "sigmoid",
        """\
def sigmoid(x):
    return 1 / (1 + torch.exp(-X))
""",
    ),
    Mistake(
        "an import forgotten",
        "entropy",
        """\
def entropy(p, base=2.0):
    return -F.xlogy(p, p).sum(-1) / math.log(base)
""",
    ),
    Mistake(
        "a line not indented",
        "sigmoid",
        """\
def sigmoid(x):
return torch.sigmoid(x)
""",
    ),
    Mistake(
        "a bracket not closed",
        "sigmoid",
        """\
def sigmoid(x):
    return (1 / (1 + torch.exp(-x))
""",
    ),
    Mistake(
        "recursion without an end",
        "entropy",
        """\
def entropy(p, base=2.0):
    return entropy(p, base)
""",
    ),
    Mistake(
        "a loop without an end, stopped",
        "entropy",
        """\
def entropy(p, base=2.0):
    while True:
        raise KeyboardInterrupt  # the stop button
""",
    ),
    Mistake(
        "arguments exchanged",
        "kl",
        """\
def kl(p, q, base=2.0):
    terms = torch.where(q > 0, q * (q / p).log(), 0.0)
    return terms.sum(-1) / math.log(base)
""",
    ),
    Mistake(
        "divided by zero",
        "beta_update",
        """\
def beta_update(a, b, flips):
    heads = int(flips.sum())
    tails = len(flips) - heads
    mean = (a + heads) / (a + b + len(flips))
    return a + heads, b + tails, mean, heads / len(flips)
""",
    ),
    Mistake(
        "off by one",
        "beta_update",
        """\
def beta_update(a, b, flips):
    heads = int(flips[1:].sum())
    tails = len(flips) - heads
    mean = (a + heads) / (a + b + len(flips))
    return a + heads, b + tails, mean, flips.double().mean().item()
""",
    ),
    Mistake(
        "zeros forgotten",
        "entropy",
        """\
def entropy(p, base=2.0):
    return -(p * p.log()).sum(-1) / math.log(base)
""",
    ),
    Mistake(
        "the unit forgotten",
        "entropy",
        """\
def entropy(p, base=2.0):
    return torch.special.entr(p).sum(-1)
""",
    ),
    Mistake(
        "a file that is not there",
        "entropy",
        """\
def entropy(p, base=2.0):
    return torch.load('entropy.pt')
""",
    ),
    Mistake(
        "a random answer",
        "sigmoid",
        """\
def sigmoid(x):
    torch.manual_seed(0)
    return torch.rand(x.shape)
""",
    ),
    Mistake(
        "shapes that do not fit",
        "solve",
        """\
def solve(A, b):
    return A @ torch.ones(99)
""",
    ),
    Mistake(
        "not differentiable",
        "softplus",
        """\
def softplus(x):
    return torch.tensor(x.exp().add(1).log().tolist())
""",
    ),
    Mistake(
        "self forgotten",
        "softplus_function",
        """\
class Softplus(Function):
    def forward(x):
        return x
    def backward(grad):
        return grad
""",
        call='check("softplus_function", Softplus)',
    ),
]
