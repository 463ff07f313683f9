"""Log-density of a mixture of Gaussians, right where every component is negligible."""

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor
from torch.distributions import Categorical, MixtureSameFamily, Normal

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance

HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)

FAR = Tolerance(
    rtol=1e-4, atol=1e-2, because="float32 gradients of about 1000 at two points may cancel"
)


def reference(x: Tensor, logits: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    """Goodfellow, Bengio and Courville (2016), eq. 3.29 to 3.30 with section 4.1's shift."""
    z = (x[:, None] - mu) / log_sigma.exp()  # (batch, components)
    log_density = -0.5 * z**2 - log_sigma - HALF_LOG_TWO_PI
    return torch.logsumexp(logits.log_softmax(0) + log_density, -1)  # (batch,)


def with_distributions(x: Tensor, logits: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    mixture = MixtureSameFamily(Categorical(logits=logits), Normal(mu, log_sigma.exp()))
    return mixture.log_prob(x)


def with_a_shift_by_hand(x: Tensor, logits: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    terms = logits - logits.logsumexp(0) - log_sigma - HALF_LOG_TWO_PI
    terms = terms - 0.5 * ((x.unsqueeze(-1) - mu) * (-log_sigma).exp()).square()
    top = terms.amax(-1, keepdim=True).detach()
    return (terms - top).exp().sum(-1).log() + top.squeeze(-1)


def with_a_loop(x: Tensor, logits: Tensor, mu: Tensor, log_sigma: Tensor) -> Tensor:
    log_weights = torch.log_softmax(logits, dim=0)
    total = None
    for weight, m, s in zip(log_weights, mu, log_sigma, strict=True):
        term = weight + Normal(m, s.exp()).log_prob(x)
        total = term if total is None else torch.logaddexp(total, term)
    return total


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def densities(x, mu, log_sigma):
    return Normal(mu, log_sigma.exp()).log_prob(x[:, None])


def averages_the_logs(x, logits, mu, log_sigma):
    """A mixture adds densities, then takes one logarithm. In which order did you do the two?"""
    return (logits.softmax(0) * densities(x, mu, log_sigma)).sum(-1)


def underflows_in_the_tails(x, logits, mu, log_sigma):
    """Far from every mean each density is rounded to 0. What is the logarithm of 0, and what could
    you factor out before exp?
    """
    return (logits.softmax(0) * densities(x, mu, log_sigma).exp()).sum(-1).log()


def shifts_all_points_alike(x, logits, mu, log_sigma):
    """Right as long as all points are about equally likely. Whose largest term must be subtracted
    before exp: that of the whole batch, or each point's own?
    """
    terms = logits.log_softmax(0) + densities(x, mu, log_sigma)
    top = terms.max()
    return (terms - top).exp().sum(-1).log() + top


def asks_the_likeliest_component_only(x, logits, mu, log_sigma):
    """Near one mean alone you are right. Halfway between two equal peaks, how much more likely is x
    than one of them makes it?
    """
    return (logits.log_softmax(0) + densities(x, mu, log_sigma)).amax(-1)


def leaves_weights_unnormalised(x, logits, mu, log_sigma):
    """Does your density integrate to 1? Logits may be any numbers at all; what makes weights of
    them?
    """
    return torch.logsumexp(logits + densities(x, mu, log_sigma), -1)


def takes_logits_for_probabilities(x, logits, mu, log_sigma):
    """Logits may be negative, a weight may not. Which function turns the one into the other?"""
    return torch.logsumexp(logits.log() + densities(x, mu, log_sigma), -1)


def divides_logits_by_their_sum(x, logits, mu, log_sigma):
    """Logits may be negative, a weight may not. Which function makes them positive before they
    are divided by their sum?
    """
    return torch.logsumexp((logits / logits.sum()).log() + densities(x, mu, log_sigma), -1)


def takes_log_of_softmax(x, logits, mu, log_sigma):
    """A component with a tiny weight can still be the only one near x. What is e to the power of
    -200 in float32, and is there a way that never leaves the logarithms?
    """
    return torch.logsumexp(logits.softmax(0).log() + densities(x, mu, log_sigma), -1)


def takes_variance_for_sigma(x, logits, mu, log_sigma):
    """Your peaks have the wrong width. Is exp(log_sigma) the standard deviation or the variance?"""
    return torch.logsumexp(logits.log_softmax(0) + densities(x, mu, 0.5 * log_sigma), -1)


def forgets_the_width_in_the_norm(x, logits, mu, log_sigma):
    """A narrow peak must be a high one, or its area is not 1. Which term of the log-density says
    so?
    """
    z = (x[:, None] - mu) / log_sigma.exp()
    return torch.logsumexp(logits.log_softmax(0) - 0.5 * z**2 - HALF_LOG_TWO_PI, -1)


def gives_a_wide_peak_more(x, logits, mu, log_sigma):
    """A narrow peak must be a high one, or its area is not 1. Does your log-density grow or fall
    with the width at x = mu?
    """
    z = (x[:, None] - mu) / log_sigma.exp()
    log_density = -0.5 * z**2 + log_sigma - HALF_LOG_TWO_PI
    return torch.logsumexp(logits.log_softmax(0) + log_density, -1)


def forgets_two_pi(x, logits, mu, log_sigma):
    """All your values are too large by 0.919. What makes the area under a bell equal to 1?"""
    return reference(x, logits, mu, log_sigma) + HALF_LOG_TWO_PI


def averages_the_parameters(x, logits, mu, log_sigma):
    """A mixture has a peak near each mean, and yours has only one. Did you mix the densities, or
    the means and the widths?
    """
    weights = logits.softmax(0)
    mean, sigma = (weights * mu).sum(), (weights * log_sigma.exp()).sum()
    return Normal(mean, sigma).log_prob(x)


def returns_the_density(x, logits, mu, log_sigma):
    """The task asks for the logarithm of the density. Which of your results could be one, being
    negative?
    """
    return torch.logsumexp(logits.log_softmax(0) + densities(x, mu, log_sigma), -1).exp()


def cuts_the_graph(x, logits, mu, log_sigma):
    """Your values are right, but nothing can be learned from them. Where does the result leave
    autograd?
    """
    return reference(x, logits, mu, log_sigma).detach()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    one = {"logits": torch.tensor([1.5]), "mu": torch.tensor([1.0])}
    yield Case(
        "one component: a plain Gaussian",
        {"x": torch.tensor([1.0, 2.0]), **one, "log_sigma": torch.tensor([0.5])},
    )
    components = {
        "logits": torch.randn(3, generator=rng),
        "mu": torch.tensor([-2.0, 0.0, 3.0]) + 0.1 * torch.randn(3, generator=rng),
        "log_sigma": torch.tensor([-0.7, 0.4, 0.8]),
    }
    x = 2 * torch.randn(6, generator=rng)
    yield Case("three components", {"x": x, **components})
    yield Case("as many points as components", {"x": torch.randn(3, generator=rng), **components})
    yield Case(
        "x at -60 and 60",
        {"x": torch.tensor([-60.0, 60.0]), **components},
        aspect="tails",
        tolerance=FAR,
    )
    yield Case(
        "one x at 0, another at 60", {"x": torch.tensor([0.0, 60.0]), **components}, aspect="tails"
    )
    yield Case("x at 10000", {"x": torch.tensor([10000.0]), **components}, aspect="tails")
    yield Case(
        "a component of tiny weight, and x near it alone",
        {
            "x": torch.tensor([59.0, 60.5]),
            "logits": torch.tensor([-200.0, 0.0]),
            "mu": torch.tensor([60.0, 0.0]),
            "log_sigma": torch.tensor([0.0, 0.5]),
        },
        aspect="tails",
    )
    yield Case(
        "logits far from 0",
        {"x": x, **components, "logits": torch.tensor([-200.0, 1.0, 100.0])},
        aspect="tails",
    )
    yield Case(
        "in float64", {name: value.double() for name, value in {"x": x, **components}.items()}
    )


exercise = Exercise(
    id="gmm_log_prob",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-4, atol=1e-4, because="float32 squares of numbers up to 60 over widths of one half"
    ),
    drive=call_once("logits", "mu", "log_sigma"),
    also_right=(with_distributions, with_a_shift_by_hand, with_a_loop),
    misconceptions=(
        averages_the_logs,
        underflows_in_the_tails,
        shifts_all_points_alike,
        asks_the_likeliest_component_only,
        leaves_weights_unnormalised,
        takes_logits_for_probabilities,
        divides_logits_by_their_sum,
        takes_log_of_softmax,
        takes_variance_for_sigma,
        forgets_the_width_in_the_norm,
        gives_a_wide_peak_more,
        forgets_two_pi,
        averages_the_parameters,
        returns_the_density,
        cuts_the_graph,
    ),
    credit={"values": 0.5, "tails": 0.25, "gradients": 0.25},
)
