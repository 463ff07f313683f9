"""Cross-entropy of a classifier's scores, for scores of any size and classes ruled out."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor, inf
from torch.nn import functional

from autograder.spec import Case, Exercise, Tolerance
from autograder.specs.finite_numbers import call_and_differentiate


def reference(logits: Tensor, y: Tensor) -> Tensor:
    """Goodfellow, Bengio and Courville (2016), eq. 6.30, as a mean over the rows."""
    picked = logits.gather(1, y[:, None]).squeeze(1)  # (batch,)
    return (logits.logsumexp(1) - picked).mean()


def builtin(logits: Tensor, y: Tensor) -> Tensor:
    return functional.cross_entropy(logits, y)


def with_log_softmax(logits: Tensor, y: Tensor) -> Tensor:
    return -torch.log_softmax(logits, -1)[range(len(y)), y].mean()


def with_a_shift_by_hand(logits: Tensor, y: Tensor) -> Tensor:
    z = logits - logits.max(1, keepdim=True).values
    return (torch.exp(z).sum(1).log() - z[torch.arange(len(y)), y]).sum() / len(y)


def row_by_row(logits: Tensor, y: Tensor) -> Tensor:
    losses = [torch.logsumexp(row - row[label], 0) for row, label in zip(logits, y, strict=True)]
    return torch.stack(losses).mean()


def with_a_mask(logits: Tensor, y: Tensor) -> Tensor:
    log_p = logits - torch.logsumexp(logits, 1, keepdim=True)
    true_class = functional.one_hot(y, logits.shape[1]).bool()
    return -log_p.masked_fill(~true_class, 0.0).sum() / len(y)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def takes_log_of_softmax(logits, y):
    """What does the softmax give a class whose score is 1000 below the best, and what is the
    logarithm of that?
    """
    p = logits.softmax(1)
    return -p[torch.arange(len(y)), y].log().mean()


def exponentiates_unshifted_scores(logits, y):
    """What is exp(10000) in floating point? The softmax does not change when all scores of a row go
    down by the same amount; by how much would you lower them?
    """
    p = logits.exp() / logits.exp().sum(1, keepdim=True)
    return -p[torch.arange(len(y)), y].log().mean()


def adds_a_small_number(logits, y):
    """Your loss never exceeds a certain size, however wrong the scores are. What does the small
    number inside your logarithm do?
    """
    p = logits.softmax(1)
    return -(p[torch.arange(len(y)), y] + 1e-8).log().mean()


def answers_in_bits(logits, y):
    """Your loss of a blind guess between two classes is 1. In which unit is that, and which one is
    asked for?
    """
    return functional.cross_entropy(logits, y) / torch.tensor(2.0).log()


def applies_softmax_twice(logits, y):
    """Even for perfect scores your loss stays away from 0. How many times do the scores pass
    through a softmax?
    """
    return functional.cross_entropy(logits.softmax(1), y)


def averages_over_the_classes(logits, y):
    """Your loss is too small, by the number of classes. Over what should the mean run?"""
    return functional.cross_entropy(logits, y) / logits.shape[1]


def normalises_over_the_batch(logits, y):
    """One row of scores must become one distribution. Along which axis do your probabilities add
    up to 1?
    """
    log_p = logits.log_softmax(0)
    return -log_p.gather(1, y[:, None]).mean()


def sums_over_the_batch(logits, y):
    """Twice as many rows of the same kind double your loss. Should they?"""
    return functional.cross_entropy(logits, y, reduction="sum")


def keeps_one_loss_per_row(logits, y):
    """A training step minimises one number. How many do you return for three rows?"""
    return functional.cross_entropy(logits, y, reduction="none")


def pairs_every_row_with_every_label(logits, y):
    """Look at the shape of what you pick out of the matrix: how many numbers are there for three
    rows and three labels?
    """
    return -logits.log_softmax(1)[:, y].mean()


def forgets_the_sign(logits, y):
    """Can a surprise be negative? What is the sign of the logarithm of a probability?"""
    return -functional.cross_entropy(logits, y)


def forgets_to_normalise(logits, y):
    """Your loss gets better when all scores of a row grow by the same amount. What is missing
    between a score and a log-probability?
    """
    return -logits.gather(1, y[:, None]).mean()


def multiplies_by_a_one_hot(logits, y):
    """You multiply by 0 what should not count. What is 0 times minus infinity in floating point?"""
    one_hot = functional.one_hot(y, logits.shape[1])
    return -(one_hot * logits.log_softmax(1)).sum(1).mean()


def leaves_autograd(logits, y):
    """Your values are right, but nothing can be learned from them. Where does the result leave
    autograd?
    """
    return reference(logits, y).detach()


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    logits, y = torch.tensor([[0.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1])
    yield Case("two blind guesses between two classes", {"logits": logits, "y": y})
    logits, y = torch.randn(1, 3, generator=rng), torch.tensor([2])
    yield Case("one row of three classes", {"logits": logits.requires_grad_(), "y": y})
    yield Case("three rows, three classes", {**draw(rng, 3, 3), "y": torch.tensor([2, 0, 0])})
    yield Case("four rows, five classes", draw(rng, 4, 5))
    logits = torch.randn(3, 4, generator=rng).T
    yield Case(
        "transposed scores",
        {"logits": logits.requires_grad_(), "y": torch.tensor([0, 2, 1, 2])},
    )
    yield Case(
        "one class only", {"logits": torch.randn(2, 1, generator=rng), "y": torch.zeros(2).long()}
    )
    logits, y = draw(rng, 6, 4).values()
    yield Case(
        "in float64",
        {"logits": logits.detach().double().requires_grad_(), "y": y},
        tolerance=DOUBLE,
    )
    logits = torch.tensor([[1e4, 0.0, -1e4], [0.0, 1e4, -1e4]])
    yield Case(
        "scores of 10000 and -10000, the true class is best",
        {"logits": logits.requires_grad_(), "y": torch.tensor([0, 1])},
        "extremes",
    )
    logits = torch.tensor([[1000.0, 0.0, -1000.0], [0.0, 200.0, 50.0]])
    yield Case(
        "scores of 1000 and -1000, the true class is not best",
        {"logits": logits.requires_grad_(), "y": torch.tensor([2, 0])},
        "extremes",
    )
    logits = 1e4 + torch.randn(2, 3, generator=rng)
    yield Case(
        "all scores near 10000",
        {"logits": logits.requires_grad_(), "y": torch.tensor([1, 2])},
        "extremes",
        FAR,
    )
    logits = torch.randn(3, 4, generator=rng)
    logits[0, 1] = logits[0, 3] = logits[2, 0] = -inf
    yield Case(
        "classes ruled out by a score of minus infinity",
        {"logits": logits.requires_grad_(), "y": torch.tensor([2, 0, 3])},
        "extremes",
    )


def draw(rng: Generator, batch: int, classes: int) -> dict[str, Tensor]:
    """Return random scores and true classes."""
    logits = 2 * torch.randn(batch, classes, generator=rng)
    return {
        "logits": logits.requires_grad_(),
        "y": torch.randint(classes, (batch,), generator=rng),
    }


FAR = Tolerance(rtol=1e-4, atol=2e-3, because="float32 keeps 10000 to the nearest thousandth")
SINGLE = Tolerance(rtol=1e-4, atol=1e-5, because="float32 sums of a few terms")
DOUBLE = Tolerance(rtol=1e-9, atol=1e-11, because="float64 sums of a few terms")

exercise = Exercise(
    id="cross_entropy",
    reference=reference,
    cases=cases,
    tolerance=SINGLE,
    drive=call_and_differentiate,
    also_right=(builtin, with_log_softmax, with_a_shift_by_hand, row_by_row, with_a_mask),
    misconceptions=(
        takes_log_of_softmax,
        exponentiates_unshifted_scores,
        adds_a_small_number,
        answers_in_bits,
        applies_softmax_twice,
        averages_over_the_classes,
        normalises_over_the_batch,
        sums_over_the_batch,
        keeps_one_loss_per_row,
        pairs_every_row_with_every_label,
        forgets_the_sign,
        forgets_to_normalise,
        multiplies_by_a_one_hot,
        leaves_autograd,
    ),
    credit={"values": 1 / 3, "extremes": 1 / 3, "gradients": 1 / 3},
)
