"""Log-density of a Gaussian that is given by its precision."""

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor
from torch.distributions import Normal

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(x: Tensor, mu: Tensor, precision: Tensor) -> Tensor:
    """Goodfellow, Bengio and Courville (2016), eq. 3.22, after taking the logarithm."""
    return 0.5 * (precision.log() - math.log(2 * math.pi) - precision * (x - mu) ** 2)


def with_distributions(x: Tensor, mu: Tensor, precision: Tensor) -> Tensor:
    return Normal(mu, precision.rsqrt()).log_prob(x)


def through_the_variance(x: Tensor, mu: Tensor, precision: Tensor) -> Tensor:
    variance = 1 / precision
    return -((x - mu) ** 2) / (2 * variance) - 0.5 * torch.log(2 * math.pi * variance)


def through_a_standard_score(x: Tensor, mu: Tensor, precision: Tensor) -> Tensor:
    z = (x - mu).mul(precision.sqrt())
    return precision.sqrt().log() - 0.5 * math.log(2 * math.pi) - z.square().div(2)


def number_by_number(x: Tensor, mu: Tensor, precision: Tensor) -> Tensor:
    x, mu, precision = torch.broadcast_tensors(x, mu, precision)
    logs = [
        0.5 * math.log(r / (2 * math.pi)) - 0.5 * r * (one - m) ** 2
        for one, m, r in zip(
            x.flatten().tolist(), mu.flatten().tolist(), precision.flatten().tolist(), strict=True
        )
    ]
    return torch.tensor(logs, dtype=x.dtype).reshape(x.shape)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def takes_precision_for_variance(x, mu, precision):
    """A precise instrument scatters little. Does your density grow wider or narrower as the
    precision grows?
    """
    return Normal(mu, precision.sqrt()).log_prob(x)


def takes_precision_for_sigma(x, mu, precision):
    """Does your density grow wider or narrower as the precision grows? And is precision measured
    in units of x, or of one over x squared?
    """
    return Normal(mu, precision).log_prob(x)


def inverts_without_the_root(x, mu, precision):
    """One over the precision is a spread. Is it the variance or the standard deviation?"""
    return Normal(mu, 1 / precision).log_prob(x)


def forgets_half_of_the_log(x, mu, precision):
    """The area under your density is not 1 unless the precision is. What becomes of the square
    root of the precision under the logarithm?
    """
    return precision.log() - 0.5 * math.log(2 * math.pi) - 0.5 * precision * (x - mu) ** 2


def forgets_half_of_the_square(x, mu, precision):
    """At the mean your value is right; away from it, it falls twice as fast. What stands before
    the square?
    """
    return 0.5 * (precision / (2 * math.pi)).log() - precision * (x - mu) ** 2


def forgets_to_square(x, mu, precision):
    """Is your density the same at one step left of the mean as at one step right of it?"""
    return 0.5 * (precision / (2 * math.pi)).log() - 0.5 * precision * (x - mu)


def forgets_two_pi(x, mu, precision):
    """All your values are too large by 0.919. What makes the area under the bell equal to 1?"""
    return 0.5 * (precision.log() - precision * (x - mu) ** 2)


def narrow_peaks_are_low(x, mu, precision):
    """The area under the bell is always 1. Must a narrow bell be higher or lower than a wide
    one?
    """
    return -0.5 * (precision.log() + math.log(2 * math.pi) + precision * (x - mu) ** 2)


def returns_the_density(x, mu, precision):
    """The task asks for the logarithm of the density. Which of your results could be one, being
    negative?
    """
    return (precision / (2 * math.pi)).sqrt() * torch.exp(-0.5 * precision * (x - mu) ** 2)


def takes_log_of_the_density(x, mu, precision):
    """Far from the mean exp gives exactly 0, and its logarithm is minus infinity. What is the
    logarithm of an exponential, before either is computed?
    """
    density = (precision / (2 * math.pi)).sqrt() * torch.exp(-0.5 * precision * (x - mu) ** 2)
    return density.log()


def expands_the_square(x, mu, precision):
    """Wrong only where x and mu are large and close. How many of the digits of x squared are left
    after you subtract?
    """
    square = x**2 - 2 * x * mu + mu**2
    return 0.5 * (precision.log() - math.log(2 * math.pi) - precision * square)


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    unit = {"mu": torch.tensor(0.0), "precision": torch.tensor(1.0)}
    yield Case("the standard Gaussian", {"x": torch.tensor([0.0, 1.0, -2.0]), **unit})
    x = torch.tensor([0.0, 0.5, -1.0])
    yield Case("mean 0, precision 4", {"x": x, **unit, "precision": torch.tensor(4.0)})
    x, mu = torch.randn(2, 6, generator=rng)
    precision = 0.2 + 0.5 * torch.rand(6, generator=rng)
    yield Case(
        "a mean and a precision below 1 for each point", {"x": x, "mu": mu, "precision": precision}
    )
    mu, precision = torch.randn(3, generator=rng), 1.5 + 2 * torch.rand(3, generator=rng)
    x = torch.randn(4, 1, generator=rng)
    yield Case("four points against three Gaussians", {"x": x, "mu": mu, "precision": precision})
    x = torch.randn(3, 2, generator=rng).T
    yield Case("a transposed table of points", {"x": x, "mu": mu, "precision": precision})
    yield Case(
        "x at -1000 and 1000",
        {"x": torch.tensor([-1000.0, 1000.0]), "mu": mu[0], "precision": precision[0]},
        aspect="extremes",
    )
    yield Case(
        "x and mu both near 10000",
        {
            "x": torch.tensor([9999.5, 10000.25]),
            "mu": torch.tensor(10000.0),
            "precision": torch.tensor(4.0),
        },
        aspect="extremes",
    )
    yield Case(
        "precisions of 0.000001 and 1000000",
        {
            "x": torch.tensor([1.0, 1.0]),
            "mu": torch.tensor(1.5),
            "precision": torch.tensor([1e-6, 1e6]),
        },
        aspect="extremes",
    )
    x, mu = torch.randn(2, 5, generator=rng).double()
    precision = torch.tensor([0.5, 1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    yield Case("in float64", {"x": x, "mu": mu, "precision": precision})
    yield Case("no points", {"x": torch.empty(0), **unit})


exercise = Exercise(
    id="gaussian_logpdf",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-5, atol=1e-4, because="float32 terms of up to a hundred that partly cancel"
    ),
    drive=call_once(),
    also_right=(
        with_distributions,
        through_the_variance,
        through_a_standard_score,
        number_by_number,
    ),
    misconceptions=(
        takes_precision_for_variance,
        takes_precision_for_sigma,
        inverts_without_the_root,
        forgets_half_of_the_log,
        forgets_half_of_the_square,
        forgets_to_square,
        forgets_two_pi,
        narrow_peaks_are_low,
        returns_the_density,
        takes_log_of_the_density,
        expands_the_square,
    ),
    credit={"values": 0.5, "extremes": 0.5},
)
