"""What coin flips teach: from a Beta prior to a Beta posterior, beside maximum likelihood."""

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance

Four = tuple[float, float, float, float]


def reference(a: float, b: float, flips: Tensor) -> Four:
    """Gelman et al. (2013), section 2.4: heads add to a, tails to b."""
    heads = int(flips.sum())
    tails = len(flips) - heads
    mle = heads / len(flips) if len(flips) else math.nan
    return a + heads, b + tails, (a + heads) / (a + b + len(flips)), mle


def one_flip_at_a_time(a: float, b: float, flips: Tensor) -> Four:
    start = a
    for flip in flips.tolist():
        if flip:
            a += 1
        else:
            b += 1
    return a, b, a / (a + b), (a - start) / len(flips) if len(flips) else float("nan")


def in_tensors(a: float, b: float, flips: Tensor) -> tuple[Tensor, ...]:
    a = a + (flips == 1).sum().double()
    b = b + (flips == 0).sum().double()
    return a, b, a / (a + b), flips.double().mean()


def as_a_weighted_mean(a: float, b: float, flips: Tensor) -> Four:
    n = flips.numel()
    mle = flips.double().mean().item()  # nan when there are none
    trust = n / (a + b + n)
    mean = (1 - trust) * a / (a + b) + (trust * mle if n else 0.0)
    return a + flips.sum().item(), b + (1 - flips).sum().item(), mean, mle


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def takes_mode_for_mean(a, b, flips):
    """The peak of a lopsided density is not its mean. What is the mean of a Beta(1, 2), and which
    formula gave you yours?
    """
    a, b, _, mle = reference(a, b, flips)
    return a, b, (a - 1) / (a + b - 2), mle


def takes_mode_for_mean_and_some_flips(a, b, flips):
    """Your third number is where the posterior is highest. Is that its mean? And what does your
    fourth do when nobody has flipped yet?
    """
    heads = flips.sum().item()
    n = len(flips)
    return a + heads, b + n - heads, (a + heads - 1) / (a + b + n - 2), heads / n


def swaps_heads_and_tails(a, b, flips):
    """After many heads, do you expect more heads or more tails? Which of a and b counts the
    heads?
    """
    tails = int((flips == 0).sum())
    heads = len(flips) - tails
    mle = heads / len(flips) if len(flips) else math.nan
    return a + tails, b + heads, (a + tails) / (a + b + len(flips)), mle


def swaps_them_everywhere(a, b, flips):
    """After many heads, do you expect more heads or more tails? In `flips`, which of them is a
    1?
    """
    return reference(a, b, 1 - flips)


def puts_the_prior_into_the_mle(a, b, flips):
    """Two people with different priors look at the same flips. Does the likelihood know whose
    prior is whose?
    """
    a, b, mean, _ = reference(a, b, flips)
    return a, b, mean, mean


def forgets_the_prior(a, b, flips):
    """What did the prior count for? Before the first flip, what are a and b?"""
    heads = int(flips.sum())
    tails = len(flips) - heads
    mle = heads / len(flips) if len(flips) else math.nan
    return heads, tails, mle, mle


def adds_all_flips_to_b(a, b, flips):
    """A single head should not make tails more likely. What does b count: flips, or tails?"""
    heads, n = int(flips.sum()), len(flips)
    return a + heads, b + n, (a + heads) / (a + b + heads + n), heads / n if n else math.nan


def returns_the_prior_mean(a, b, flips):
    """Has your mean learned anything from the flips? Which a and b does it use?"""
    after = reference(a, b, flips)
    return after[0], after[1], a / (a + b), after[3]


def returns_the_odds(a, b, flips):
    """After three heads and one tail, is a head 3 times as frequent as a tail, or 3 in how many
    flips?
    """
    after = reference(a, b, flips)
    heads = int(flips.sum())
    tails = len(flips) - heads
    return *after[:3], heads / tails if tails else math.inf


def guesses_zero_without_flips(a, b, flips):
    """Without a flip every coin explains the data equally well. Is 0 the one that explains them
    best?
    """
    after = reference(a, b, flips)
    return after if len(flips) else (*after[:3], 0.0)


def guesses_one_half_without_flips(a, b, flips):
    """Without a flip every coin explains the data equally well. Whose idea is it that the coin is
    fair?
    """
    after = reference(a, b, flips)
    return after if len(flips) else (*after[:3], 0.5)


def returns_none_without_flips(a, b, flips):
    """There is a float that says "no number here", and arithmetic and plots understand it. Which
    one does the task ask for?
    """
    after = reference(a, b, flips)
    return after if len(flips) else (*after[:3], None)


def divides_by_no_flips(a, b, flips):
    """How many flips do you divide by when there are none? Read in the task what to return then."""
    heads = int(flips.sum())
    n = len(flips)
    return a + heads, b + n - heads, (a + heads) / (a + b + n), heads / n


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield case("a uniform prior, two heads and a tail", 1.0, 1.0, [1, 0, 1])
    yield case("a prior that expects tails, three heads", 2.0, 5.0, [1, 1, 1])
    yield case("a prior that expects heads, one tail", 4.0, 1.5, [0])
    yield case("a prior below 1 (a = b = 0.5)", 0.5, 0.5, [1, 0, 0, 0])
    a, b = (0.5 + 5 * torch.rand(2, generator=rng, dtype=torch.float64)).tolist()
    yield case("twenty flips", a, b, draw(rng, 20, 0.3))
    yield case("a thousand flips", b, a, draw(rng, 1000, 0.7))
    yield case("no flips, a prior that expects tails", 2.0, 6.0, [], "no flips")
    yield case("no flips, a uniform prior", 1.0, 1.0, [], "no flips")
    yield case("no flips, a prior of any kind", 1.0 + a, 1.0 + b, [], "no flips")


def case(name: str, a: float, b: float, flips: list[int], aspect: str = "values") -> Case:
    """Return the case in which ``flips`` were seen."""
    inputs = {"a": a, "b": b, "flips": torch.tensor(flips, dtype=torch.int64)}
    return Case(name, inputs, aspect=aspect, view="posterior")


def draw(rng: Generator, count: int, heads: float) -> list[int]:
    """Return ``count`` flips of a coin; the first four make sure of a head and a tail."""
    flips = (torch.rand(count, generator=rng) < heads).long()
    flips[:4] = torch.tensor([1, 0, 0, 0]) if heads < 0.5 else torch.tensor([0, 1, 1, 1])
    return flips.tolist()


exercise = Exercise(
    id="beta_update",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-5, atol=1e-6, because="one division, in float32 at worst"),
    drive=call_once(),
    also_right=(one_flip_at_a_time, in_tensors, as_a_weighted_mean),
    misconceptions=(
        takes_mode_for_mean,
        takes_mode_for_mean_and_some_flips,
        swaps_heads_and_tails,
        swaps_them_everywhere,
        puts_the_prior_into_the_mle,
        forgets_the_prior,
        adds_all_flips_to_b,
        returns_the_prior_mean,
        returns_the_odds,
        guesses_zero_without_flips,
        guesses_one_half_without_flips,
        returns_none_without_flips,
        divides_by_no_flips,
    ),
    credit={"values": 0.75, "no flips": 0.25},
)
