"""Models, optimizers, black boxes, chance, costs, quality: from a notebook to the points."""

import pytest

from autograder import catalogue
from autograder.grading.submission import Terms, grade
from autograder.limits import Limits
from autograder.notebooks import build

pytestmark = pytest.mark.slow

RIGHT = {
    "batch_norm_1d": """
class batch_norm_1d(torch.nn.Module):
    def __init__(self, features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = torch.nn.Parameter(torch.ones(features))
        self.bias = torch.nn.Parameter(torch.zeros(features))
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_var", torch.ones(features))

    def forward(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, unbiased=False)
            with torch.no_grad():
                self.running_mean.lerp_(mean, self.momentum)
                self.running_var.lerp_(x.var(0), self.momentum)
        else:
            mean, var = self.running_mean, self.running_var
        return self.weight * (x - mean) / (var + self.eps).sqrt() + self.bias
""",
    "adamw": """
class adamw:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        self.params, self.lr, self.betas = list(params), lr, betas
        self.eps, self.weight_decay = eps, weight_decay
        self.state = {}

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.params):
            if p.grad is None:
                continue
            m, v, t = self.state.get(i, (0.0, 0.0, 0))
            m = self.betas[0] * m + (1 - self.betas[0]) * p.grad
            v = self.betas[1] * v + (1 - self.betas[1]) * p.grad ** 2
            t += 1
            self.state[i] = m, v, t
            a, b = m / (1 - self.betas[0] ** t), v / (1 - self.betas[1] ** t)
            p -= self.lr * (self.weight_decay * p + a / (b.sqrt() + self.eps))
""",
    "fgsm": """
def fgsm(model, x, y, eps):
    probe = x.detach().clone().requires_grad_()
    loss = torch.nn.functional.cross_entropy(model(probe), y)
    (gradient,) = torch.autograd.grad(loss, probe)
    return (x + eps * gradient.sign()).clamp(0, 1)
""",
    "dropout": """
def dropout(x, p, training, generator=None):
    if not training:
        return x
    kept = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * kept / (1 - p)
""",
    "train_fixed": """
def train_fixed(model, x, y, epochs, batch, lr, generator):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(batch):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    model.eval()
""",
    "gan_step": """
import torch
from torch.nn.functional import softplus

def gan_step(G, D, og, od, x, z):
    fake = G(z)
    d_loss = softplus(-D(x)).mean() + softplus(D(fake.detach())).mean()
    od.zero_grad()
    d_loss.backward()
    od.step()
    g_loss = softplus(-D(fake)).mean()
    og.zero_grad()
    g_loss.backward()
    og.step()
    return d_loss.item(), g_loss.item()
""",
    "substitute_labels": """
def substitute_labels(query, x0, rounds, generator):
    x = x0
    for _ in range(rounds):
        x = torch.cat([x, x + torch.randn(x.shape, generator=generator)])
    return x, query(x).argmax(-1)
""",
    "rev_fn": """
class rev_fn(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x1, x2, blocks, *params):
        for block in blocks:
            x1 = x1 + block.f(x2)
            x2 = x2 + block.g(x1)
        ctx.blocks = blocks
        ctx.save_for_backward(x1, x2)
        return x1, x2

    @staticmethod
    def backward(ctx, d1, d2):
        y1, y2 = ctx.saved_tensors
        found = []
        for block in reversed(ctx.blocks):
            with torch.no_grad():
                x2 = y2 - block.g(y1)
                x1 = y1 - block.f(x2)
            with torch.enable_grad():
                a, b = x1.requires_grad_(), x2.requires_grad_()
                z1 = a + block.f(b)
                z2 = b + block.g(z1)
            inputs = [a, b, *block.parameters()]
            d1, d2, *own = torch.autograd.grad((z1, z2), inputs, (d1, d2))
            found = own + found
            y1, y2 = x1.detach(), x2.detach()
        return d1, d2, None, *found
""",
    "saved_bytes": """
def saved_bytes(fn, *xs):
    weights = fn.parameters() if isinstance(fn, torch.nn.Module) else []
    free = {one.untyped_storage().data_ptr() for one in [*xs, *weights]}
    kept = {}
    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in free:
            kept[storage.data_ptr()] = storage.nbytes(), tensor
        return tensor
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        fn(*xs)
    return sum(size for size, _ in kept.values())
""",
}

HEAD = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---"""

WRONG = {
    "batch_norm_1d": ("x.var(0), self.m", "var, self.m", "KeepsTheBiasedVariance"),
    "adamw": (
        "p -= self.lr * (self.weight_decay * p + a",
        "p -= self.lr * (a",
        "LeavesOutTheDecay",
    ),
    "fgsm": ("gradient.sign()", "gradient", "adds_the_gradient"),
    "dropout": ("    return x * kept / (1 - p)", "    return x * kept", "never_scales"),
    "train_fixed": ("            optimizer.zero_grad()\n", "", "never_clears_the_gradients"),
    "gan_step": ("    od.zero_grad()\n", "", "clears_the_generator_alone"),
    "substitute_labels": (
        "query(x).argmax(-1)",
        "query(x).argmin(-1)",
        "takes_the_smallest_score",
    ),
    "rev_fn": ("None, *found", "None, *(None for _ in found)", "LosesTheGradientsOfTheParameters"),
    "saved_bytes": ("[*xs, *weights]", "[*weights]", "counts_inputs"),
}

IGNORES_THE_REFUSAL = RIGHT["substitute_labels"].replace(
    "    return x, query(x).argmax(-1)",
    """    y = query(x).argmax(-1)
    try:
        query(x)
    except RuntimeError:
        pass
    return x, y""",
)

SPENDS_TOO_MUCH = RIGHT["substitute_labels"].replace("query(x)", "(query(x) + query(x))")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """The instructor's notebook of all of them."""
    cells = [HEAD, "# %%\nimport torch\n\nfrom gradus import check"]
    for name, code in RIGHT.items():
        lines = [f"    {line}".rstrip() for line in code.strip().splitlines()]
        body = "\n".join(["if True:", "    ### BEGIN SOLUTION", *lines, "    ### END SOLUTION"])
        cells.append(f'# %% answer="{name}"\n{body}')
        cells.append(
            f'# %% check="{name}" points=2 minutes=9 difficulty=1 importance=5\n'
            f'# Tested: the contract.\ncheck("{name}", {name})'
        )
    path = tmp_path_factory.mktemp("kinds") / "kinds.py"
    path.write_text("\n\n".join(cells) + "\n")
    return build.build(path, {name: catalogue.find(name) for name in RIGHT})


def verdicts(notebook, judges, answers):
    """Return the verdicts on ``answers``, graded in a real sandbox."""
    handed_in = notebook.copy()
    handed_in.cells = [cell.copy() for cell in notebook.cells]
    for cell in handed_in.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    terms = Terms("ada", "kinds", b"a secret of the tests", Limits(wall=30))
    return {one.exercise: one for one in grade(handed_in, notebook, judges, terms).verdicts}


def test_right_answers_earn_all_points(notebook, judges):
    """Models, optimizers, a black box and costs cross the wire, and come back right."""
    found = verdicts(notebook, judges, RIGHT)
    assert {name: (one.finding, one.points) for name, one in found.items()} == dict.fromkeys(
        RIGHT, ("", 2)
    )


def test_one_wrong_answer_in_each_is_named(notebook, judges):
    """One slip in each exercise, each recognised for what it is."""
    answers = {name: RIGHT[name].replace(old, new) for name, (old, new, _) in WRONG.items()}
    found = verdicts(notebook, judges, answers)
    assert {name: one.belief for name, one in found.items()} == {
        name: belief for name, (*_, belief) in WRONG.items()
    }


def test_a_budget_that_is_spent_is_an_error_in_the_learners_code(notebook, judges):
    """Each example asked about twice: the judge refuses, and the finding says why."""
    answers = {**RIGHT, "substitute_labels": SPENDS_TOO_MUCH}
    found = verdicts(notebook, judges, answers)["substitute_labels"]
    assert found.belief == "asks_twice_about_each_point"
    assert "BudgetSpent: 16 examples were asked about; 8 were granted" in found.finding


def test_a_refused_question_is_counted_by_the_judge(notebook, judges):
    """Whoever catches the error and answers right has asked too much all the same."""
    answers = {**RIGHT, "substitute_labels": IGNORES_THE_REFUSAL}
    found = verdicts(notebook, judges, answers)["substitute_labels"]
    assert found.belief == "ignores_the_refusal"
    assert "queries: expected at most 8, got 16" in found.finding
