"""The expected index under a softmax: the position of the peak, with a gradient."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from autograder.spec import Case, Exercise, Tolerance
from autograder.specs.finite_numbers import call_and_differentiate


def reference(z: Tensor, temp: float) -> Tensor:
    """Levine et al. (2016), section 5.1, there in two dimensions, as feature points."""
    index = torch.arange(z.shape[-1], dtype=z.dtype, device=z.device)
    return ((z / temp).softmax(-1) * index).sum(-1)


def with_a_product(z: Tensor, temp: float) -> Tensor:
    return torch.softmax(z / temp, dim=-1) @ torch.arange(z.shape[-1]).to(z)


def with_a_shift_by_hand(z: Tensor, temp: float) -> Tensor:
    weights = torch.exp((z - z.max(-1, keepdim=True).values) / temp)
    index = torch.arange(z.shape[-1], dtype=z.dtype, device=z.device)
    return torch.einsum("...i,i->...", weights, index) / weights.sum(-1)


def with_a_loop(z: Tensor, temp: float) -> Tensor:
    log_p = torch.log_softmax(z / temp, -1)
    total = torch.zeros(z.shape[:-1], dtype=z.dtype, device=z.device)
    for i in range(z.shape[-1]):
        total = total + i * log_p[..., i].exp()
    return total


def adds_up_the_tails(z: Tensor, temp: float) -> Tensor:
    p = (z / temp).softmax(-1)  # E[i] is the sum over k >= 1 of P(i >= k)
    return p.flip(-1).cumsum(-1)[..., :-1].sum(-1)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def picks_the_winner(z, temp):
    """You return a whole number. What is the expected index of two equal scores, and how does
    argmax change when a score changes a little?
    """
    return z.argmax(-1)


def picks_the_winner_as_a_float(z, temp):
    """You return whole numbers. What is the expected index of two equal scores, and how does argmax
    change when a score changes a little?
    """
    return z.argmax(-1).to(z.dtype)


def multiplies_by_the_temperature(z, temp):
    """Cold means decided: at a low temperature the highest score takes all. What do yours do at a
    low temperature?
    """
    return reference(z, 1 / temp)


def ignores_the_temperature(z, temp):
    """Does your answer change with `temp`?"""
    return reference(z, 1.0)


def scales_the_result(z, temp):
    """The temperature decides how sharp the distribution is. Can dividing do that once the softmax
    is done?
    """
    return reference(z, 1.0) / temp


def averages_the_values(z, temp):
    """You return a soft maximum: how high the peak is. Where is it?"""
    return ((z / temp).softmax(-1) * z).sum(-1)


def counts_from_one(z, temp):
    """Every answer is too large by one. Where does Python begin to count?"""
    return reference(z, temp) + 1


def measures_in_fractions(z, temp):
    """You return a place between 0 and 1. What is the index of the last of four scores?"""
    return reference(z, temp) / z.shape[-1]


def normalises_over_the_batch(z, temp):
    """One row of scores must become one distribution. Along which axis do your weights add up to
    1?
    """
    return ((z / temp).softmax(0) * torch.arange(z.shape[-1])).sum(-1)


def sums_the_whole_batch(z, temp):
    """Each row has a peak of its own. How many numbers should come back for three rows?"""
    return reference(z, temp).sum()


def exponentiates_unshifted_scores(z, temp):
    """What is exp(10000) in floating point? The weights do not change when all scores of a row go
    down by the same amount; by how much would you lower them?
    """
    weights = torch.exp(z / temp)
    return (weights * torch.arange(z.shape[-1])).sum(-1) / weights.sum(-1)


def forgets_to_normalise(z, temp):
    """Weights of a mean add up to 1. What do yours add up to?"""
    return (torch.exp(z / temp) * torch.arange(z.shape[-1])).sum(-1)


def leaves_autograd(z, temp):
    """Your values are right, but nothing can be learned from them. Where does the result leave
    autograd?
    """
    return reference(z, temp).detach()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield Case("two equal scores", {"z": torch.tensor([3.0, 3.0]), "temp": 2.0})
    z = torch.randn(5, generator=rng)
    yield Case("five scores at temperature 1", {"z": z.requires_grad_(), "temp": 1.0})
    yield Case("the same at temperature 3", {"z": z, "temp": 3.0})
    z = torch.randn(3, 4, generator=rng)
    yield Case("three rows at temperature 0.5", {"z": z.requires_grad_(), "temp": 0.5})
    z = torch.randn(4, 4, generator=rng).T
    yield Case("a transposed square", {"z": z, "temp": 1.5})
    yield Case("rows of one score", {"z": torch.randn(3, 1, generator=rng), "temp": 1.0})
    z = torch.randn(2, 3, 4, generator=rng, dtype=torch.float64)
    yield Case("three axes in float64", {"z": z.requires_grad_(), "temp": 0.7}, tolerance=DOUBLE)
    yield Case("no rows", {"z": torch.empty(0, 3), "temp": 1.0})
    z = torch.tensor([[1e4, 1e4 - 2, -1e4], [-1e4, -1e4 - 1, -1e4 - 2]])
    yield Case(
        "scores near 10000 and -10000", {"z": z.requires_grad_(), "temp": 1.0}, "extremes", FAR
    )
    z = torch.tensor([0.0, 1.0, 1.005, -1.0]) + torch.rand(1, generator=rng)
    yield Case("temperature 0.01", {"z": z.requires_grad_(), "temp": 0.01}, "extremes", COLD)
    z = torch.randn(4, generator=rng)
    yield Case("temperature 10000", {"z": z.requires_grad_(), "temp": 1e4}, "extremes")


FAR = Tolerance(rtol=1e-4, atol=2e-3, because="float32 keeps 10000 to the nearest thousandth")
COLD = Tolerance(
    rtol=1e-3, atol=1e-4, because="float32 keeps 4 to 5 decimals of scores near 100, then takes exp"
)
SINGLE = Tolerance(rtol=1e-4, atol=1e-5, because="float32 sums of a few terms")
DOUBLE = Tolerance(rtol=1e-9, atol=1e-11, because="float64 sums of four terms")

exercise = Exercise(
    id="softargmax",
    reference=reference,
    cases=cases,
    tolerance=SINGLE,
    drive=call_and_differentiate,
    also_right=(with_a_product, with_a_shift_by_hand, with_a_loop, adds_up_the_tails),
    misconceptions=(
        picks_the_winner,
        picks_the_winner_as_a_float,
        multiplies_by_the_temperature,
        ignores_the_temperature,
        scales_the_result,
        averages_the_values,
        counts_from_one,
        measures_in_fractions,
        normalises_over_the_batch,
        sums_the_whole_batch,
        exponentiates_unshifted_scores,
        forgets_to_normalise,
        leaves_autograd,
    ),
    credit={"values": 1 / 3, "extremes": 1 / 3, "gradients": 1 / 3},
)
