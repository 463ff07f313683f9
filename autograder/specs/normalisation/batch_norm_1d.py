"""Batch normalisation of feature vectors, with the statistics that it keeps for evaluation.

The contract, as the learner's notebook states it: ``BatchNorm1d(num_features, eps=1e-5,
momentum=0.1)`` is an ``nn.Module`` with the parameters ``weight`` (ones) and ``bias`` (zeros) and
the registered buffers ``running_mean`` (zeros) and ``running_var`` (ones), all ``(features,)``.
``forward`` takes and returns ``(batch, features)``; in training the batch has two rows or more.

In training each feature is normalised with the mean and the variance of the batch, the variance
divided by the number of rows, ``eps`` added to it under the root; the gradient flows through both.
Each running statistic moves towards that of the batch by the share ``momentum``; the variance that
is kept divides by the number of rows minus one. They are no part of any graph. In evaluation the
running statistics normalise, and stay as they are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor, nn

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Forbidden, Tolerance


class Reference(nn.Module):
    """Ioffe and Szegedy (2015), algorithms 1 and 2, with torch's convention for ``momentum``."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            self.remember(x)
        else:
            mean, var = self.running_mean, self.running_var
        return self.scaled((x - mean) / (var + self.eps).sqrt())

    def remember(self, x):
        with torch.no_grad():
            self.running_mean += self.momentum * (x.mean(0) - self.running_mean)
            self.running_var += self.momentum * (x.var(0) - self.running_var)

    def scaled(self, normalised):
        return self.weight * normalised + self.bias


class ByHand(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x):
        n = x.shape[0]
        if not self.training:
            return (x - self.running_mean) * torch.rsqrt(
                self.running_var + self.eps
            ) * self.weight + self.bias
        mean = x.sum(dim=0, keepdim=True) / n
        var = ((x - mean) ** 2).sum(dim=0, keepdim=True) / n
        keep = 1 - self.momentum
        kept_mean, kept_var = mean.detach().squeeze(0), var.detach().squeeze(0) * n / (n - 1)
        self.running_mean = keep * self.running_mean + self.momentum * kept_mean
        self.running_var = keep * self.running_var + self.momentum * kept_var
        return (x - mean) / torch.sqrt(var + self.eps) * self.weight + self.bias


class WithLerp(ByHand):
    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            var, mean = torch.var_mean(x, 0, correction=0)
            n = len(x)
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_var.data.lerp_(var.detach() * (n / (n - 1)), self.momentum)
        scale = self.weight / (var + self.eps) ** 0.5
        return torch.addcmul(self.bias - mean * scale, x, scale)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


class NeverUpdatesTheVariance(Reference):
    """Look at `running_var` after three steps. What has become of its first value?"""

    def remember(self, x):
        with torch.no_grad():
            self.running_mean += self.momentum * (x.mean(0) - self.running_mean)


class NeverUpdatesTheMean(Reference):
    """Look at `running_mean` after three steps. What has become of its first value?"""

    def remember(self, x):
        with torch.no_grad():
            self.running_var += self.momentum * (x.var(0) - self.running_var)


class KeepsTheBiasedVariance(Reference):
    """Your `running_var` is a little small, most of all after small batches. By what is the
    variance divided that is kept for later examples, and by what the one of this batch?
    """

    def remember(self, x):
        with torch.no_grad():
            self.running_mean += self.momentum * (x.mean(0) - self.running_mean)
            self.running_var += self.momentum * (x.var(0, correction=0) - self.running_var)


class ReversesTheMomentumOfTheVariance(Reference):
    """Your `running_mean` is right. With `momentum` 0.1, how much of the old `running_var` should
    be left after one step?
    """

    def remember(self, x):
        with torch.no_grad():
            self.running_mean += self.momentum * (x.mean(0) - self.running_mean)
            self.running_var += (1 - self.momentum) * (x.var(0) - self.running_var)


class ReversesTheMomentum(Reference):
    """With `momentum` 0.1, how much of a running statistic comes from the latest batch?"""

    def remember(self, x):
        with torch.no_grad():
            self.running_mean += (1 - self.momentum) * (x.mean(0) - self.running_mean)
            self.running_var += (1 - self.momentum) * (x.var(0) - self.running_var)


class IgnoresTheMomentum(Reference):
    """Your running statistics are those of the last batch. What share of them is that batch to
    have?
    """

    def remember(self, x):
        with torch.no_grad():
            self.running_mean.copy_(x.mean(0))
            self.running_var.copy_(x.var(0))


class AddsUpTheStatistics(Reference):
    """Your running statistics grow from step to step. What happens to the old value when a new
    one arrives?
    """

    def remember(self, x):
        with torch.no_grad():
            self.running_mean += self.momentum * x.mean(0)
            self.running_var += self.momentum * x.var(0)


class IgnoresGainAndBias(Reference):
    """Your output has mean 0 and variance 1 whatever is learned. Which two parameters have no say
    in it?
    """

    def scaled(self, normalised):
        return normalised + 0 * (self.weight + self.bias)


class SwapsGainAndBias(Reference):
    """If `weight` is all 0, what should come out: the bias, or the normalised input?"""

    def scaled(self, normalised):
        return self.bias * normalised + self.weight


class AddsTheBiasFirst(Reference):
    """If `weight` is 2 and `bias` is 1, what should the mean of the output be?"""

    def scaled(self, normalised):
        return self.weight * (normalised + self.bias)


class LeavesOutEps(Reference):
    """We agree except where a feature hardly varies. What do you divide by if it does not vary at
    all?
    """

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            self.remember(x)
        return self.scaled((x - mean) / var.sqrt())


class AddsEpsAfterTheRoot(Reference):
    """We agree where the variance is large. Does eps stand under the root, or beside it?"""

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            self.remember(x)
        return self.scaled((x - mean) / (var.sqrt() + self.eps))


class HoldsTheStatisticsConstant(Reference):
    """Your output is right and your gradient is not. If one example of the batch grows, do mean
    and variance stay the same?
    """

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0).detach(), x.var(0, correction=0).detach()
            self.remember(x)
        return self.scaled((x - mean) / (var + self.eps).sqrt())


class HoldsTheVarianceConstant(Reference):
    """Your output is right and your gradient is not. Which of the two statistics of the batch has
    no gradient?
    """

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0).detach()
            self.remember(x)
        return self.scaled((x - mean) / (var + self.eps).sqrt())


class EvaluatesWithTheBatch(Reference):
    """What does your layer return in evaluation for one example alone? Whose mean do you take?"""

    def forward(self, x):
        if self.training:
            self.remember(x)
        return self.scaled((x - x.mean(0)) / (x.var(0, correction=0) + self.eps).sqrt())


class TrainsWithTheRunningStatistics(Reference):
    """In training your output depends on earlier batches. Whose mean and variance belong to this
    one?
    """

    def forward(self, x):
        if self.training:
            self.remember(x)
        return self.scaled((x - self.running_mean) / (self.running_var + self.eps).sqrt())


class UpdatesInEvaluation(Reference):
    """Ask your layer about the same example twice in evaluation. Why do the answers differ?"""

    def forward(self, x):
        self.remember(x)
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
        return self.scaled((x - mean) / (var + self.eps).sqrt())


class NormalisesWithTheUnbiasedVariance(Reference):
    """Your output is a little small, most of all in small batches. By what is the variance of
    this batch divided?
    """

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0)
            self.remember(x)
        return self.scaled((x - mean) / (var + self.eps).sqrt())


class NormalisesEachRow(Reference):
    """Is the mean of one feature over the batch 0, before gain and bias? Along which axis did you
    average?
    """

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        self.remember(x)
        mean, var = x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)
        return self.scaled((x - mean) / (var + self.eps).sqrt())


class DividesByTheVariance(Reference):
    """Stretch a feature to twice its size: does your output stay the same? Is a variance in the
    units of x?
    """

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            self.remember(x)
        return self.scaled((x - mean) / (var + self.eps))


class StartsTheVarianceAtZero(Reference):
    """Your running variance is too small in the first steps. From which value does it set out?"""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        self.running_var.zero_()


class KeepsPlainAttributes(Reference):
    """Your layer is moved to float64, and its running statistics stay behind. How does a module
    learn that a tensor is a part of it?
    """

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__(num_features, eps, momentum)
        del self.running_mean, self.running_var
        self.running_mean = torch.zeros(num_features)
        self.running_var = torch.ones(num_features)

    def remember(self, x):
        mean, var = x.mean(0).detach().float(), x.var(0).detach().float()
        self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)
        self.running_var = self.running_var + self.momentum * (var - self.running_var)


class KeepsTheGraph(Reference):
    """Your numbers are right, and each step makes the memory fuller. What history does
    `running_mean` carry along?
    """

    def remember(self, x):
        self.running_mean = self.running_mean + self.momentum * (x.mean(0) - self.running_mean)
        self.running_var = self.running_var + self.momentum * (x.var(0) - self.running_var)


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; eps = 0.1 shows where it stands, small batches what n stands for."""
    yield case(rng, "a batch of 4, eps = 0.1", "training", [4])
    yield case(rng, "as many rows as features, eps = 0.1", "training", [3])
    yield case(rng, "features that hardly vary", "training", [4], scale=1e-2)
    yield case(rng, "a batch of two rows", "training", [2])
    yield case(rng, "features that are always 0", "training", [4], scale=0.0)
    yield case(rng, "x up to 10,000 in float64", "training", [3], scale=1e4, double=True)
    yield case(rng, "no arguments but the width", "training", [4], eps=None, momentum=None)
    yield case(rng, "three steps, momentum = 0.3", "running statistics", [4, 3, 4], momentum=0.3)
    yield case(rng, "two steps in float64", "running statistics", [3, 4], double=True)
    yield case(rng, "one feature, momentum = 0.9", "running statistics", [3], 1, momentum=0.9)
    yield case(rng, "one example after three steps", "evaluation", [3, 4, 3], alone=1)
    yield case(rng, "four examples after one step", "evaluation", [4], alone=4)
    yield case(rng, "a transposed batch without training", "evaluation", [], alone=-4)


def case(
    rng: Generator,
    name: str,
    aspect: str,
    batches: list[int],
    features: int = 3,
    scale: float = 1.0,
    double: bool = False,
    eps: float | None = 0.1,
    momentum: float | None = 0.1,
    alone: int = 0,
) -> Case:
    """Draw batches of the given sizes, a gain and a bias; ``alone`` examples for evaluation."""
    dtype = torch.float64 if double else torch.float32

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=rng).to(dtype)

    options = {"eps": eps, "momentum": momentum}
    x = draw(features, -alone).T if alone < 0 else draw(alone, features)
    inputs = {
        "features": features,
        "options": {key: value for key, value in options.items() if value is not None},
        "gain": 1.5 + draw(features).abs(),
        "bias": draw(features) - 1,
        "batches": [scale * (draw(size, features) + 0.5) for size in batches],
        "alone": x,
    }
    view = "form" if aspect == "running statistics" else ""
    return Case(name, inputs, aspect=aspect, view=view)


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Train on each batch, look at what is kept, and evaluate where there is something to."""
    layer = ask.subject(inputs["features"], **inputs["options"])
    layer.method("to", inputs["gain"])
    layer.set("weight.data", inputs["gain"])
    layer.set("bias.data", inputs["bias"])
    evaluates = len(inputs["alone"]) > 0
    training = not evaluates and len(inputs["batches"]) == 1 and inputs["features"] > 1
    for step, batch in enumerate(inputs["batches"], 1):
        x = batch.clone().requires_grad_(not evaluates)
        result = layer.method("forward", x, about=f"step {step}", names=("x",))
        if training:
            gain, bias = layer.get("weight"), layer.get("bias")
            result.gradients("x", gain, bias, about="gradients in x, weight and bias")
        elif not evaluates:
            for name in ("running_mean", "running_var"):
                layer.get(name, about=f"{name} after step {step}")
                layer.get(f"{name}.requires_grad", about=f"whether {name} has a graph")
    if evaluates:
        layer.method("eval")
        layer.method("forward", inputs["alone"], about="in evaluation", names=("x",))
        layer.get("running_mean", about="running_mean after evaluation")
        layer.get("running_var", about="running_var after evaluation")


exercise = Exercise(
    id="batch_norm_1d",
    reference=Reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-3, atol=1e-4, because="float32 means of at most four rows, and quotients of them"
    ),
    drive=drive,
    also_right=(ByHand, WithLerp),
    misconceptions=(
        NeverUpdatesTheVariance,
        NeverUpdatesTheMean,
        KeepsTheBiasedVariance,
        ReversesTheMomentumOfTheVariance,
        ReversesTheMomentum,
        IgnoresTheMomentum,
        AddsUpTheStatistics,
        IgnoresGainAndBias,
        SwapsGainAndBias,
        AddsTheBiasFirst,
        LeavesOutEps,
        AddsEpsAfterTheRoot,
        HoldsTheStatisticsConstant,
        HoldsTheVarianceConstant,
        EvaluatesWithTheBatch,
        TrainsWithTheRunningStatistics,
        UpdatesInEvaluation,
        NormalisesWithTheUnbiasedVariance,
        NormalisesEachRow,
        DividesByTheVariance,
        StartsTheVarianceAtZero,
        KeepsPlainAttributes,
        KeepsTheGraph,
    ),
    credit={
        "training": 0.25,
        "gradients": 0.25,
        "running statistics": 0.25,
        "evaluation": 0.25,
    },
    forbidden=Forbidden(
        names=(
            "batch_norm",
            "BatchNorm1d",
            "BatchNorm2d",
            "BatchNorm3d",
            "LazyBatchNorm1d",
            "SyncBatchNorm",
            "native_batch_norm",
            "_native_batch_norm_legit",
            "_batch_norm_with_update",
            "_batch_norm_impl_index",
            "cudnn_batch_norm",
            "instance_norm",
            "layer_norm",
            "native_layer_norm",
            "group_norm",
            "native_group_norm",
        ),
        because="what it does in one call is what you write here",
    ),
)
