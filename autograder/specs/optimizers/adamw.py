"""AdamW: steps of about one size, and a weight decay that the gradient never sees.

The contract, as the learner's notebook states it: ``AdamW(params, lr=1e-3, betas=(0.9, 0.999),
eps=1e-8, weight_decay=1e-2)`` takes an iterable of parameters, which may be a generator. ``step()``
updates each parameter in place from its ``.grad``, which it leaves as it is, and returns None. The
attribute ``lr`` may be changed between steps, and counts from the next step on.

With gradient g, a parameter's t-th update is: m becomes beta1 m + (1 - beta1) g, and v becomes
beta2 v + (1 - beta2) g squared, both from zeros; the parameter first shrinks by the factor
1 - lr weight_decay; then lr mhat / (sqrt(vhat) + eps) is subtracted, where mhat is
m / (1 - beta1^t) and vhat is v / (1 - beta2^t). A parameter whose ``.grad`` is None sits the step
out: it, its averages and its t stay as they are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Forbidden, Tolerance


class Reference:
    """Loshchilov and Hutter (2019), algorithm 2, with torch's order: decay, then step."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2) -> None:
        self.params = list(params)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]
        self.t = [0 for _ in self.params]

    @torch.no_grad()
    def step(self) -> None:
        for i, p in enumerate(self.params):
            if p.grad is not None:
                self.t[i] += 1
                self.update(i, p, p.grad)

    def update(self, i: int, p: Tensor, g: Tensor) -> None:
        self.average(i, g)
        p -= self.lr * self.weight_decay * p
        p -= self.lr * self.direction(i)

    def average(self, i, g):
        beta1, beta2 = self.betas
        self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
        self.v[i] = beta2 * self.v[i] + (1 - beta2) * g**2

    def direction(self, i):
        mhat = self.m[i] / (1 - self.betas[0] ** self.t[i])
        vhat = self.v[i] / (1 - self.betas[1] ** self.t[i])
        return mhat / (vhat.sqrt() + self.eps)


class InPlace:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        self.lr, self.betas, self.eps, self.decay = lr, betas, eps, weight_decay
        self.state = [{"p": p, "t": 0} for p in params]

    def step(self):
        b1, b2 = self.betas
        for s in self.state:
            g = s["p"].grad
            if g is None:
                continue
            if s["t"] == 0:
                s["m"], s["v"] = torch.zeros_like(g), torch.zeros_like(g)
            s["t"] += 1
            s["m"].mul_(b1).add_(g, alpha=1 - b1)
            s["v"].mul_(b2).addcmul_(g, g, value=1 - b2)
            root = s["v"].sqrt() / (1 - b2 ** s["t"]) ** 0.5
            s["p"].data.mul_(1 - self.lr * self.decay)
            s["p"].data.addcdiv_(s["m"], root + self.eps, value=-self.lr / (1 - b1 ** s["t"]))


class InOneExpression:
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        self.params = tuple(params)
        self.lr, (self.b1, self.b2) = lr, betas
        self.eps, self.weight_decay = eps, weight_decay
        self.memory = {}

    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is None:
                    continue
                m, v, t = self.memory.get(p, (0.0, 0.0, 0))
                m, v, t = torch.lerp(p.grad, m * torch.ones_like(p), self.b1), v, t + 1
                v = v * self.b2 + p.grad.square() * (1 - self.b2)
                self.memory[p] = m, v, t
                step = (m / (1 - self.b1**t)) / (torch.sqrt(v / (1 - self.b2**t)) + self.eps)
                p.copy_(p - self.lr * (step + self.weight_decay * p))


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


class CouplesTheDecay(Reference):
    """You add the decay to the gradient. Whose averages does it pass through then, and what is it
    divided by?
    """

    def update(self, i, p, g):
        self.average(i, g + self.weight_decay * p)
        p -= self.lr * self.direction(i)


class CouplesTheDecayInPlace(Reference):
    """Look at `.grad` after your step. Who else may want to read it, and what does the decay have
    to do with it?
    """

    def update(self, i, p, g):
        g += self.weight_decay * p
        self.average(i, g)
        p -= self.lr * self.direction(i)


class LeavesOutTheDecay(Reference):
    """With a gradient of 0, should a weight stay where it is? What does the W stand for?"""

    def update(self, i, p, g):
        self.average(i, g)
        p -= self.lr * self.direction(i)


class DecaysWithoutTheRate(Reference):
    """Set the learning rate to 0: should your weights still shrink?"""

    def update(self, i, p, g):
        self.average(i, g)
        p -= self.weight_decay * p
        p -= self.lr * self.direction(i)


class DecaysAfterTheStep(Reference):
    """We differ a little, most of all at a large rate. Does the decay act on the weight before
    the step, or on what the step has made of it?
    """

    def update(self, i, p, g):
        self.average(i, g)
        p -= self.lr * self.direction(i)
        p -= self.lr * self.weight_decay * p


class GrowsTheWeights(Reference):
    """With a gradient of 0, do your weights shrink or grow?"""

    def update(self, i, p, g):
        self.average(i, g)
        p += self.lr * self.weight_decay * p
        p -= self.lr * self.direction(i)


class LeavesOutTheCorrection(Reference):
    """After the first step, m is a tenth of the gradient. Does your first step allow for that?"""

    def direction(self, i):
        return self.m[i] / (self.v[i].sqrt() + self.eps)


class CorrectsTheFirstOnly(Reference):
    """One of your two averages starts at zero and is corrected for it. How does the other start?"""

    def direction(self, i):
        return self.m[i] / (1 - self.betas[0] ** self.t[i]) / (self.v[i].sqrt() + self.eps)


class CorrectsWithoutAPower(Reference):
    """Your first step is right and the later ones are not. Does the share of zeros in m stay the
    same from step to step?
    """

    def direction(self, i):
        mhat, vhat = self.m[i] / (1 - self.betas[0]), self.v[i] / (1 - self.betas[1])
        return mhat / (vhat.sqrt() + self.eps)


class PutsEpsInsideTheRoot(Reference):
    """We agree where gradients are large against eps. Does eps stand under the root, or beside
    it?
    """

    def direction(self, i):
        mhat = self.m[i] / (1 - self.betas[0] ** self.t[i])
        vhat = self.v[i] / (1 - self.betas[1] ** self.t[i])
        return mhat / (vhat + self.eps).sqrt()


class LeavesOutEps(Reference):
    """What is your step for a weight whose gradients have all been 0?"""

    def direction(self, i):
        mhat = self.m[i] / (1 - self.betas[0] ** self.t[i])
        vhat = self.v[i] / (1 - self.betas[1] ** self.t[i])
        return mhat / vhat.sqrt()


class AddsEpsBeforeTheCorrection(Reference):
    """Your eps is divided by the correction, too. Is it added to the root of v, or of vhat?"""

    def direction(self, i):
        root = (1 - self.betas[1] ** self.t[i]) ** 0.5
        mhat = self.m[i] / (1 - self.betas[0] ** self.t[i])
        return mhat * root / (self.v[i].sqrt() + self.eps)


class LeavesOutTheRoot(Reference):
    """Multiply all gradients by 100: do your steps become 100 times smaller? Should they?"""

    def direction(self, i):
        mhat = self.m[i] / (1 - self.betas[0] ** self.t[i])
        vhat = self.v[i] / (1 - self.betas[1] ** self.t[i])
        return mhat / (vhat + self.eps)


class CountsOnceForEachParameter(Reference):
    """With one parameter you are right. With two, what is t after the first step?"""

    def step(self):
        with torch.no_grad():
            for i, p in enumerate(self.params):
                if p.grad is not None:
                    self.t = [max(self.t) + 1] * len(self.t)
                    self.update(i, p, p.grad)


class CountsTheStepsOfAll(Reference):
    """We differ after a parameter has sat a step out. How often has its average been updated?"""

    def step(self):
        with torch.no_grad():
            self.t = [t + 1 for t in self.t]
            for i, p in enumerate(self.params):
                if p.grad is not None:
                    self.update(i, p, p.grad)


class TakesNoneForZero(Reference):
    """A parameter without a gradient moves all the same. What is it to do in such a step?"""

    def step(self):
        with torch.no_grad():
            for i, p in enumerate(self.params):
                self.t[i] += 1
                self.update(i, p, torch.zeros_like(p) if p.grad is None else p.grad)


class DecaysWithoutAGradient(Reference):
    """A parameter without a gradient shrinks all the same. What is it to do in such a step?"""

    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is None:
                    p -= self.lr * self.weight_decay * p
        super().step()


class StopsAtNone(Reference):
    """One parameter has no gradient. What becomes of those that come after it in the list?"""

    def step(self):
        with torch.no_grad():
            for i, p in enumerate(self.params):
                if p.grad is None:
                    return
                self.t[i] += 1
                self.update(i, p, p.grad)


class FailsOnNone(Reference):
    """Which parameters of a model have no gradient after a backward pass, and what is `None`
    squared?
    """

    def step(self):
        with torch.no_grad():
            for i, p in enumerate(self.params):
                self.t[i] += 1
                self.update(i, p, p.grad)


class SwapsTheBetas(Reference):
    """Which of the two averages is to have the longer memory? Which of your betas does it use?"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas[::-1], eps, weight_decay)


class WeighsTheNewByBeta(Reference):
    """With beta1 0.9, how much of m is the latest gradient: a tenth, or nine tenths?"""

    def average(self, i, g):
        beta1, beta2 = self.betas
        self.m[i] = (1 - beta1) * self.m[i] + beta1 * g
        self.v[i] = (1 - beta2) * self.v[i] + beta2 * g**2


class ForgetsToSquare(Reference):
    """Can v become negative? Of what is it an average?"""

    def average(self, i, g):
        beta1, beta2 = self.betas
        self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
        self.v[i] = beta2 * self.v[i] + (1 - beta2) * g


class SquaresTheAverage(Reference):
    """If the gradient is 1, then -1, then 1, what is the average of its square? Which comes
    first?
    """

    def average(self, i, g):
        beta1, beta2 = self.betas
        self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
        self.v[i] = beta2 * self.v[i] + (1 - beta2) * self.m[i] ** 2


class KeepsTheFirstRate(Reference):
    """The rate is changed between two steps. Which one does your second step use?"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)
        self.first = lr

    def step(self):
        asked, self.lr = self.lr, self.first
        super().step()
        self.lr = asked


class ReplacesTheParameters(Reference):
    """After your step the model's own weights are where they were. Which tensors did you change?"""

    def update(self, i, p, g):
        self.average(i, g)
        new = p - self.lr * self.weight_decay * p - self.lr * self.direction(i)
        self.params[i] = new.requires_grad_()
        self.params[i].grad = g


class UsesUpTheGenerator(Reference):
    """`model.parameters()` can be walked through once. What is left of it for your first step?"""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)
        if not isinstance(params, list):
            self.params = []


class ClearsTheGradients(Reference):
    """Your parameters are right. What is left of their gradients, and who asked for that?"""

    def step(self):
        super().step()
        for p in self.params:
            p.grad = None


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; a large rate, decay and eps show where each of them stands."""
    strong = {"lr": 0.1, "betas": (0.8, 0.9), "eps": 0.1, "weight_decay": 0.5}
    yield case(rng, "one step, eps = 0.1", "steps", strong, [[0.5]])
    yield case(rng, "three steps, eps = 0.1", "steps", strong, [[0.5], [1], [0.2]])
    yield case(rng, "no arguments but the parameters", "steps", {}, [[1, 1], [1, 1]])
    plain = {"lr": 0.2, "weight_decay": 0.3, "eps": 0.1}
    yield case(rng, "gradients up to 10,000, and of 0", "steps", plain, [[1e4], [0], [1]])
    yield case(rng, "gradients of 0 from the start", "steps", plain, [[0], [0]])
    yield case(rng, "two steps in float64", "steps", plain, [[1, 1], [0.1, 1]], double=True)
    options = {"lr": 0.1, "betas": (0.7, 0.95), "eps": 0.1, "weight_decay": 0.4}
    yield case(
        rng,
        "a rate that is changed twice",
        "rate",
        options,
        [[1], [1], [1]],
        rates=(0.1, 0.3, 0.02),
    )
    yield case(rng, "two parameters", "parameters", options, [[1, 0.3], [0.5, 1]])
    yield case(
        rng,
        "the first of two parameters without a gradient in step 2",
        "parameters",
        options,
        [[1, 1], [None, 1], [1, 1]],
    )
    yield case(
        rng, "a generator of parameters", "parameters", options, [[1, 1], [1, 1]], generator=True
    )


def case(
    rng: Generator,
    name: str,
    aspect: str,
    options: dict[str, Any],
    sizes: list[list[float | None]],
    rates: tuple[float, ...] = (),
    double: bool = False,
    generator: bool = False,
) -> Case:
    """Draw gradients: ``sizes`` gives for each step how large each parameter's is, if any."""
    shapes = ((3, 2), (3,))
    dtype = torch.float64 if double else torch.float32
    grads = [
        [
            None if size is None else (size * torch.randn(shape, generator=rng)).to(dtype)
            for size, shape in zip(row, shapes, strict=False)
        ]
        for row in sizes
    ]
    inputs = {
        "seed": int(torch.randint(10**6, (), generator=rng)),
        "options": options,
        "grads": grads,
        "rates": rates,
        "double": double,
        "generator": generator,
    }
    return Case(name, inputs, aspect=aspect, precise=False)


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Make an optimizer for the parameters of a layer, and take steps with given gradients."""
    model = ask.make("linear", inputs=2, outputs=3, seed=inputs["seed"])
    if inputs["double"]:
        model.method("double")
    names = ["weight", "bias"][: len(inputs["grads"][0])]
    params = [model.get(name, about=f"{name} before") for name in names]
    given = model.method("parameters") if inputs["generator"] else params
    optimizer = ask.subject(given, **inputs["options"])
    for step, grads in enumerate(inputs["grads"], 1):
        if inputs["rates"]:
            optimizer.set("lr", inputs["rates"][step - 1])
        for param, grad in zip(params, grads, strict=True):
            param.set("grad", grad)
        optimizer.method("step", about=f"step {step}")
        for name, param in zip(names, params, strict=True):
            param.get("data", about=f"{name} after step {step}")
    params[-1].get("grad", about=f"gradient of {names[-1]} afterwards")


exercise = Exercise(
    id="adamw",
    reference=Reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-4, atol=1e-6, because="a few float32 operations in each of at most three steps"
    ),
    drive=drive,
    also_right=(InPlace, InOneExpression),
    misconceptions=(
        CouplesTheDecay,
        CouplesTheDecayInPlace,
        LeavesOutTheDecay,
        DecaysWithoutTheRate,
        DecaysAfterTheStep,
        GrowsTheWeights,
        LeavesOutTheCorrection,
        CorrectsTheFirstOnly,
        CorrectsWithoutAPower,
        PutsEpsInsideTheRoot,
        LeavesOutEps,
        AddsEpsBeforeTheCorrection,
        LeavesOutTheRoot,
        CountsOnceForEachParameter,
        CountsTheStepsOfAll,
        TakesNoneForZero,
        DecaysWithoutAGradient,
        StopsAtNone,
        FailsOnNone,
        SwapsTheBetas,
        WeighsTheNewByBeta,
        ForgetsToSquare,
        SquaresTheAverage,
        KeepsTheFirstRate,
        ReplacesTheParameters,
        UsesUpTheGenerator,
        ClearsTheGradients,
    ),
    credit={"steps": 0.5, "rate": 0.2, "parameters": 0.3},
    forbidden=Forbidden(
        names=("AdamW", "Adam", "NAdam", "RAdam", "adamw", "adam", "_fused_adamw_", "_fused_adam_"),
        because="the rule that it hides is what you write here",
    ),
)
