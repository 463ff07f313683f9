"""Thirty things that go wrong between reading a task and solving it, and what is said to each.

Each has a name, the set it belongs to, and cells, which run one after the other in a shell beside
that set's practice pack. ``python -m tests.gradus.typical_errors > docs/messages.md`` writes the
table; a test holds the table to what is said today.
"""

import contextlib
import io
import re
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

from gradus.unwritten import load_ipython_extension

ROOT = Path(__file__).parent.parent.parent
SETUP = (
    "import math\nimport numpy as np\nimport torch\nfrom gradus import check\ntorch.manual_seed(0)"
)


def kl(body):
    """Return a cell that defines kl, and one that checks it."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return ("ps02", [f"def kl(p, q, base=2.0):\n{lines}", 'check("kl", kl)'])


RIGHT = "terms = torch.xlogy(p, p) - torch.xlogy(p, q)\n"
LOG = " / math.log(base)"

ERRORS = {
    "the function is not written": kl('raise NotImplementedError("not yet written")'),
    "no return": kl(f"{RIGHT}divergence = terms.sum(-1){LOG}"),
    "printed, not returned": kl(f"{RIGHT}print(terms.sum(-1){LOG})"),
    "no return in one branch": kl(f"{RIGHT}if p.dim() == 1:\n    return terms.sum(-1){LOG}"),
    "the sum over all rows": kl(f"{RIGHT}return terms.sum(){LOG}"),
    "no sum at all": kl(f"{RIGHT}return terms{LOG}"),
    "the axis kept": kl(f"{RIGHT}return terms.sum(-1, keepdim=True){LOG}"),
    "NumPy in place of torch": kl(f"return np.asarray({'(p * (p / q).log())'}.sum(-1)){LOG}"),
    "a number in place of a tensor": kl(f"{RIGHT}return float(terms.sum()){LOG}"),
    "a list in place of a tensor": kl(f"{RIGHT}return (terms.sum(-1){LOG}).tolist()"),
    "a tuple, by a comma": kl(f"{RIGHT}return terms.sum(-1){LOG},"),
    "float64 throughout": kl(f"p = p.double()\n{RIGHT}return terms.sum(-1){LOG}"),
    "an integer result": kl(f"{RIGHT}return (terms.sum(-1){LOG}).int()"),
    "an argument edited in place": kl(f"{RIGHT}p += 1e-9\nreturn terms.sum(-1){LOG}"),
    "swapped arguments": kl(f"return (torch.xlogy(q, q) - torch.xlogy(q, p)).sum(-1){LOG}"),
    "0 times infinity": kl(f"return (p * (p / q).log()).sum(-1){LOG}"),
    "an argument forgotten": ("ps02", ["def kl(p, q):\n    return p", 'check("kl", kl)']),
    "the cell was not run": ("ps02", ['check("kl", kl)']),
    "the function has another name": (
        "ps02",
        ["def KL(p, q, base=2.0):\n    return p", 'check("kl", kl)'],
    ),
    "called, not handed over": (
        "ps02",
        [
            "def kl(p, q, base=2.0):\n    return (p - q).sum(-1)",
            'check("kl", kl(torch.ones(2), torch.ones(2)))',
        ],
    ),
    "the name of no exercise": ("ps02", ["def kl(p, q): pass", 'check("KL", kl)']),
    "a misspelt method": kl(f"{RIGHT}return terms.sun(-1){LOG}"),
    "a module not imported": kl(f"return scipy.special.rel_entr(p, q).sum(-1){LOG}"),
    "shapes that do not fit": kl(f"{RIGHT}return (terms @ torch.ones(3)){LOG}"),
    "a file that is not there": kl('table = open("table.csv").read()\nreturn p'),
    "recursion without an end": kl("return kl(p, q, base)"),
    "a division by zero": kl(f"{RIGHT}return terms.sum(-1) / (1 // 2 // 1)"),
    "another answer each time": kl(f"{RIGHT}return terms.sum(-1){LOG} + torch.rand(())"),
    "a constant": kl("return torch.tensor(0.737)"),
    "no self": (
        "ps01",
        [
            "class Softplus(torch.autograd.Function):\n"
            "    def forward(x):\n        return x\n"
            "    def backward(grad):\n        return grad",
            'check("softplus_function", Softplus)',
        ],
    ),
    "a graph that was cut": (
        "ps03",
        [
            "def softargmax(z, temp=1.0):\n"
            "    weights = torch.softmax(z.detach() / temp, -1)\n"
            "    return (weights * torch.arange(z.shape[-1])).sum(-1)",
            'check("softargmax", softargmax)',
        ],
    ),
    "a syntax error": ("ps02", ["def kl(p, q, base=2.0)\n    return p", 'check("kl", kl)']),
}


HEAD = """# What is said to whom

Made by `python -m tests.gradus.typical_errors`; a test holds it to what is said today.
Each was typed into a notebook beside its practice pack, and checked.
The line that names the page to read, and the time taken, are left out.
"""


def said(assignment, cells):
    """Return what a notebook shows after the last of ``cells``."""
    shell = InteractiveShell()
    load_ipython_extension(shell)
    told = io.StringIO()
    with (
        contextlib.chdir(ROOT / "exercises" / assignment),
        contextlib.redirect_stdout(told),
        contextlib.redirect_stderr(told),
    ):
        for cell in (SETUP, *cells):
            shell.run_cell(cell)
    text = re.sub(r"\x1b\[[0-9;]*m", "", told.getvalue())
    lines = [line for line in text.splitlines() if line.strip() and "Out[" not in line]
    dull = r"  read  |.* practice questions in |File <|----"
    return "\n".join(line.rstrip() for line in lines if not re.match(dull, line.lstrip("\n")))


def page():
    """Return the page: each error, what was typed, what is said."""
    parts = [HEAD]
    for name, (assignment, cells) in ERRORS.items():
        typed = "\n\n".join(cells)
        parts.append(f"## {name.capitalize()}\n\n```python\n{typed}\n```\n")
        parts.append(f"```text\n{said(assignment, cells)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
