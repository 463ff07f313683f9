"""Dropout: each number is set to 0 by a coin of its own, and the others make up for it.

The contract, as the learner's notebook states it: ``dropout(x, p, training, generator=None)``
returns a tensor of the shape and dtype of ``x``. In training, draw one number for each entry of
``x`` with ``torch.rand(x.shape, generator=generator, device=x.device)``, once and in torch's
default dtype; an entry becomes 0 where its number is below ``p``, and is divided by ``1 - p``
elsewhere. ``p`` is the chance to drop, from 0 up to but not including 1. In evaluation ``x`` comes
back as it is, and nothing is drawn. ``x`` is not edited; gradients flow through what is kept.
Without a generator the numbers come from torch's own, which is not seeded here.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Forbidden, Recipe, Tolerance, by_chance

DRAWS = 64 * 64
ALARMS = 1e-8
"""Two questions of chance to each submission, on the CPU and perhaps on a GPU: with the 4e-10 by
which two honest rows or columns of 64 are alike, a false alarm in less than 1e-7 of all
submissions."""


def reference(x: Tensor, p: float, training: bool, generator: Generator | None = None) -> Tensor:
    """Srivastava et al. (2014), section 10: scaled in training, so that evaluation is plain."""
    if not training:
        return x
    kept = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * kept / (1 - p)


def with_where(x, p, training, generator=None):
    if training:
        u = torch.rand(x.shape, generator=generator, device=x.device)
        x = torch.where(u < p, torch.zeros_like(x), x * (1.0 / (1.0 - p)))
    return x


def with_a_scaled_mask(x, p, training, generator=None):
    if not training:
        return x.clone()
    mask = torch.empty(x.shape, device=x.device).uniform_(generator=generator).ge(p)
    return mask.to(x.dtype).div(1 - p) * x


def with_masked_fill(x, p, training, generator=None):
    if not training or p == 0:
        return x
    dropped = torch.rand(*x.shape, generator=generator, device=x.device).lt(p)
    return x.masked_fill(dropped, 0.0) / (1 - p)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def takes_p_for_the_chance_to_keep(x, p, training, generator=None):
    """With p = 0, what is left of x? Is p the chance to drop an entry, or to keep it?"""
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator, device=x.device) < p) / max(p, 1e-12)


def drops_with_one_chance_and_scales_by_the_other(x, p, training, generator=None):
    """Your mean is not that of x. Which share of the entries is left, and by what do you divide?"""
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator, device=x.device) >= p) / max(p, 1e-12)


def keeps_with_one_chance_and_scales_by_the_other(x, p, training, generator=None):
    """With p = 0, what is left of x? Your scale is that of a chance to drop; is your mask?"""
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator, device=x.device) < p) / (1 - p)


def scales_in_evaluation(x, p, training, generator=None):
    """You scale in evaluation. When does the scaling take place here, and what is evaluation
    then?
    """
    if not training:
        return x * (1 - p)
    return x * (torch.rand(x.shape, generator=generator, device=x.device) >= p)


def scales_in_both_modes(x, p, training, generator=None):
    """In training you have made up for what is dropped. What is left to be done in evaluation?"""
    if not training:
        return x * (1 - p)
    return x * (torch.rand(x.shape, generator=generator, device=x.device) >= p) / (1 - p)


def never_scales(x, p, training, generator=None):
    """Average your output over many masks: is it x? What must those that are left make up for?"""
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator, device=x.device) >= p)


def multiplies_by_one_minus_p(x, p, training, generator=None):
    """Average your output over many masks: is it x? Must what is left grow, or shrink?"""
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator, device=x.device) >= p) * (1 - p)


def one_mask_for_the_batch(x, p, training, generator=None):
    """Compare two rows of your output: which entries are 0 in them? Has each entry a coin of its
    own?
    """
    if not training:
        return x
    return x * (torch.rand(x.shape[1:], generator=generator, device=x.device) >= p) / (1 - p)


def one_coin_for_a_row(x, p, training, generator=None):
    """Your rows are dropped whole. Has each entry a coin of its own?"""
    if not training:
        return x
    coins = torch.rand(x.shape[:1] + (1,) * (x.dim() - 1), generator=generator, device=x.device)
    return x * (coins >= p) / (1 - p)


def drops_the_other_end(x, p, training, generator=None):
    """You drop the right share, of other entries. For which of the numbers that you draw is an
    entry to be dropped?
    """
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator, device=x.device) < 1 - p) / (1 - p)


def draws_with_bernoulli(x, p, training, generator=None):
    """You drop the right share, of other entries. With which function does the task ask you to
    draw?
    """
    if not training:
        return x
    return x * torch.full(x.shape, 1 - p).bernoulli_(generator=generator) / (1 - p)


def draws_twice(x, p, training, generator=None):
    """You drop twice as often as you should, or draw twice as many numbers. How many does an entry
    need?
    """
    if not training:
        return x
    torch.rand(x.shape, generator=generator, device=x.device)
    return x * (torch.rand(x.shape, generator=generator, device=x.device) >= p) / (1 - p)


def draws_in_evaluation(x, p, training, generator=None):
    """Your output is right, and the next one is not. What is left in the generator after an
    evaluation?
    """
    kept = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * kept / (1 - p) if training else x


def drops_in_evaluation(x, p, training, generator=None):
    """Ask for the same prediction twice: why do the answers differ? Which argument have you not
    used?
    """
    return x * (torch.rand(x.shape, generator=generator, device=x.device) >= p) / (1 - p)


def exchanges_the_modes(x, p, training, generator=None):
    """In which of the two modes does your function return x as it is?"""
    return reference(x, p, not training, generator)


def drops_an_exact_share(x, p, training, generator=None):
    """You drop exactly the share p. If each entry has a coin of its own, is the share always the
    same?
    """
    if not training:
        return x
    u = torch.rand(x.shape, generator=generator, device=x.device)
    order = u.flatten().argsort()
    kept = torch.ones(x.numel(), device=x.device)
    kept[order[: round(p * x.numel())]] = 0
    return x * kept.view(x.shape) / (1 - p)


def adds_noise(x, p, training, generator=None):
    """Your noise is added to x. Can a unit not simply grow until it no longer hears it?"""
    if not training:
        return x
    return x - p + (torch.rand(x.shape, generator=generator, device=x.device) < p)


def edits_the_input(x, p, training, generator=None):
    """After your call the caller's x is full of zeros. What does `*=` do to a tensor that someone
    else holds, too?
    """
    if not training:
        return x
    x.data *= (torch.rand(x.shape, generator=generator, device=x.device) >= p) / (1 - p)
    return x


def cuts_the_graph(x, p, training, generator=None):
    """Your numbers are right, and no gradient comes back through them. Which step leaves the
    graph?
    """
    if not training:
        return x
    x = x.detach()
    return x * (torch.rand(x.shape, generator=generator, device=x.device) >= p) / (1 - p)


def returns_the_mask(x, p, training, generator=None):
    """Your output holds two values only. What is it to be multiplied with?"""
    if not training:
        return x
    return (torch.rand(x.shape, generator=generator, device=x.device) >= p).to(x.dtype) / (1 - p)


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; a chance other than 1/2 tells dropping from keeping."""
    yield exact(rng, "two rows of four, p = 0.25", (2, 4), 0.25)
    yield exact(rng, "a batch of three, p = 0.6", (3, 5), 0.6)
    yield exact(rng, "a batch of pictures, p = 0.4", (2, 2, 3, 3), 0.4)
    yield exact(rng, "a transposed matrix in float64, p = 0.3", (5, 4), 0.3, double=True)
    yield exact(rng, "x up to 10,000, p = 0.9", (4, 6), 0.9, scale=1e4)
    yield exact(rng, "one row, and zeros in it, p = 0.5", (1, 8), 0.5, floor=0.0)
    yield exact(rng, "p = 0", (3, 4), 0.0)
    yield exact(rng, "no entries at all, p = 0.5", (0, 4), 0.5)
    yield exact(rng, "evaluation, then training, p = 0.3", (3, 4), 0.3, modes=(False, True))
    yield exact(rng, "training twice, p = 0.7", (3, 4), 0.7, modes=(True, True))
    for least in (0.25, 0.55):
        p = least + 0.1 * float(torch.rand((), generator=rng))
        yield chance(f"{DRAWS:,} ones without a generator, p = {p:.3f}", p, True, "chance")
    yield chance("evaluation of ones without a generator, p = 0.5", 0.5, False, "evaluation")


def chance(name: str, p: float, training: bool, aspect: str) -> Case:
    """Ones, and no generator: what comes is judged by how often it is 0."""
    return Case(
        name,
        {"x": torch.ones(64, 64), "p": p, "modes": (training,), "generator": None},
        aspect=aspect,
        view="masked_rows",
        tolerance=by_chance(DRAWS, alarms=ALARMS),
    )


def exact(
    rng: Generator,
    name: str,
    shape: tuple[int, ...],
    p: float,
    modes: tuple[bool, ...] = (True,),
    scale: float = 1.0,
    double: bool = False,
    floor: float = -math.inf,
) -> Case:
    """Draw ``x``, and a generator whose numbers drop some entries and not others."""
    x = (scale * torch.randn(shape, generator=rng)).clamp(min=floor)
    x = x.double().T if double else x
    while True:
        seed = int(torch.randint(10**6, (), generator=rng))
        shares = (torch.rand(x.shape, generator=Generator().manual_seed(seed)) < p).double()
        if p == 0 or not x.numel() or 0 < shares.mean() < 1:
            break
    inputs = {"x": x, "p": p, "modes": modes, "generator": Recipe("generator", {"seed": seed})}
    return Case(name, inputs, aspect="evaluation" if False in modes else "training")


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Call once in each mode, with one generator for all; ask for the gradient in training."""
    recipe, x = inputs["generator"], inputs["x"]
    generator = recipe and ask.make(recipe.name, **recipe.arguments)
    for step, training in enumerate(inputs["modes"], 1):
        differentiate = training and generator is not None
        given = x.detach().clone().requires_grad_(differentiate)
        about = f"call {step} with training={training}" if len(inputs["modes"]) > 1 else ""
        result = ask.subject(
            given,
            inputs["p"],
            training,
            generator,
            about=about,
            names=("x", "p", "training", "generator"),
        )
        if differentiate:
            result.gradients("x")


exercise = Exercise(
    id="dropout",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-5, atol=1e-7, because="one product and one quotient in float32"),
    drive=drive,
    also_right=(with_where, with_a_scaled_mask, with_masked_fill),
    misconceptions=(
        takes_p_for_the_chance_to_keep,
        drops_with_one_chance_and_scales_by_the_other,
        keeps_with_one_chance_and_scales_by_the_other,
        scales_in_evaluation,
        scales_in_both_modes,
        never_scales,
        multiplies_by_one_minus_p,
        one_mask_for_the_batch,
        one_coin_for_a_row,
        drops_the_other_end,
        draws_with_bernoulli,
        draws_twice,
        draws_in_evaluation,
        drops_in_evaluation,
        exchanges_the_modes,
        drops_an_exact_share,
        adds_noise,
        edits_the_input,
        cuts_the_graph,
        returns_the_mask,
    ),
    credit={"training": 0.3, "evaluation": 0.2, "chance": 0.2, "gradients": 0.3},
    forbidden=Forbidden(
        names=("dropout", "dropout_", "Dropout", "Dropout1d", "native_dropout", "alpha_dropout"),
        because="the mask and the scale that it hides are what you write here",
    ),
)
