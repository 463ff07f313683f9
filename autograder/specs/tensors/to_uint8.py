"""A tensor as a picture: clamp, scale, round, and put the channels last."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Generator, Tensor

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Subject, Tolerance


def reference(t: Tensor) -> np.ndarray:
    """The inverse of ``to_tensor``; torchvision's ``ToPILImage`` truncates and wraps instead."""
    scaled = (t.detach().clamp(0, 1) * 255).round()  # (channels, height, width)
    return scaled.to(torch.uint8).permute(1, 2, 0).numpy()


def rounds_half_up(t: Tensor) -> np.ndarray:
    """The way of torchvision's ``save_image``."""
    with torch.no_grad():
        scaled = t.mul(255).add_(0.5).clamp_(0, 255)
    return scaled.permute(1, 2, 0).to("cpu", torch.uint8).numpy()


def in_numpy_alone(t: Tensor) -> np.ndarray:
    planes = t.detach().numpy().transpose(1, 2, 0)
    return np.clip(np.rint(planes * 255), 0, 255).astype(np.uint8)


def with_the_nearest_of_256(t: Tensor) -> np.ndarray:
    levels = torch.arange(256, dtype=torch.float64) / 255
    middles = (levels[1:] + levels[:-1]) / 2
    picture = t.detach().double().movedim(0, -1).contiguous()
    return torch.bucketize(picture, middles).byte().numpy()


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def picture_of(scaled):
    return scaled.detach().permute(1, 2, 0).to(torch.uint8).numpy()


def truncates(t):
    """0.999 is nearer to white than to the grey beside it. What does the change of dtype do to
    254.7?
    """
    return picture_of(t.clamp(0, 1) * 255)


def rounds_up(t):
    """Which byte is nearest to 100.2? Yours is another one."""
    return picture_of((t.clamp(0, 1) * 255).ceil())


def never_clamps(t):
    """Brighter than white came out dark. Which byte is left of 280 when 256 is one too many?"""
    return picture_of((t * 255).round())


def truncates_and_never_clamps(t):
    """Two things happen when a number becomes a byte: what does it do to 254.7, and what to 280?"""
    return picture_of(t * 255)


def clamps_the_top_only(t):
    """White is right. What became of numbers below black?"""
    return picture_of((t.clamp(max=1) * 255).round())


def clamps_before_scaling(t):
    """A clamp to 0 and 255 belongs to bytes. What is the range of the numbers at the moment when
    you clamp them?
    """
    return picture_of((t.clamp(0, 255) * 255).round())


def forgets_the_scale(t):
    """Every byte of yours is 0 or 1. Which byte is white?"""
    return picture_of(t.clamp(0, 1).round())


def rounds_before_scaling(t):
    """Your pictures are black and white, without a grey. When do you round: before or after
    multiplying?
    """
    return picture_of(t.clamp(0, 1).round() * 255)


def scales_by_256(t):
    """White is 255, and black is 0. How many steps lead from the one to the other?"""
    return picture_of((t.clamp(0, 1) * 256).round().clamp(max=255))


def stretches_the_contrast(t):
    """Is the darkest pixel of every picture black, and the brightest one white? Then 0.5 would be
    grey in one picture and white in another.
    """
    t = t.detach()
    spread = (t.max() - t.min()).clamp(min=1e-8)
    return picture_of(((t - t.min()) / spread * 255).round())


def squashes_with_sigmoid(t):
    """Your function keeps every number in range. What does it make of 0, which is black already?"""
    return picture_of((t.sigmoid() * 255).round())


def reshapes(t):
    """Look at one pixel of your picture: are its numbers those of one place? What does `reshape`
    do to the order of the numbers, and what should be done to the axes instead?
    """
    channels, height, width = t.shape
    return (
        (t.detach().clamp(0, 1) * 255)
        .round()
        .to(torch.uint8)
        .reshape(height, width, channels)
        .numpy()
    )


def leaves_channels_first(t):
    """Your bytes are right. Which axis does a picture in NumPy keep its colours on?"""
    return (t.detach().clamp(0, 1) * 255).round().to(torch.uint8).numpy()


def transposes_the_picture(t):
    """Your pictures are mirrored at their diagonal. Which axis comes first, height or width?"""
    return reference(t).transpose(1, 0, 2)


def drops_the_grey_channel(t):
    """You dropped an axis. How many axes does the task ask for, whatever the number of channels?"""
    pic = reference(t)
    return pic[:, :, 0] if pic.shape[2] == 1 else pic


def squeezes(t):
    """You removed every axis of length 1. Was each of them the channel, and was any to go?"""
    return reference(t).squeeze()


def stays_a_tensor(t):
    """Your numbers are right. What type does the signature promise?"""
    return torch.from_numpy(reference(t))


def stays_in_int64(t):
    """Your numbers are right, and take eight bytes each. Which dtype holds a byte?"""
    return reference(t).astype(np.int64)


def trips_over_the_graph(t):
    """The error message names the cause and the cure. Where may a tensor that wants a gradient
    come from, and does a picture want one?
    """
    return (t.clamp(0, 1) * 255).round().permute(1, 2, 0).numpy().astype(np.uint8)


def in_a_first_draft(wrong: Subject) -> Subject:
    """Return ``wrong`` as it stands before its author meets a graph: `numpy` raises there."""

    def draft(t):
        t.numpy()
        return wrong(t)

    draft.__name__ = f"{wrong.__name__}_in_a_first_draft"
    draft.__doc__ = wrong.__doc__
    return draft


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision.

    No number times 255 is near a half, where right ways of rounding differ.
    """
    yield within("black, 0.2, 0.999 and white in one row", torch.tensor([[[0, 0.2, 0.999, 1]]]))
    yield within("a colour picture of 2 by 3", draw(rng, 3, 2, 3))
    yield within("a square picture: 3 by 3, 3 colours", draw(rng, 3, 3, 3))
    yield within("a grey picture of 4 by 2", draw(rng, 1, 4, 2))
    yield within("four channels, one pixel, in float64", draw(rng, 4, 1, 1).double())
    yield within("a turned picture, t.transpose(1, 2)", draw(rng, 3, 4, 2).transpose(1, 2))
    levels = torch.arange(256, dtype=torch.float32)[torch.randperm(256, generator=rng)] / 255
    yield within("every byte there is, divided by 255", levels.view(1, 16, 16))
    beyond = torch.tensor([-1e4, -1.0, -0.1, 0.6, 1.1, 2.0, 1e4]).view(1, 1, 7)
    yield outside("a little and far out of range", beyond)
    yield outside("only too bright: 1.1", torch.full((1, 1, 2), 1.1))
    yield outside("only too dark: -0.1", torch.full((1, 1, 2), -0.1))
    infinite = torch.tensor([torch.inf, -torch.inf, 0.5 + 0.1 / 255]).view(3, 1, 1)
    yield outside("plus and minus infinity", infinite)
    random = 3 * draw(rng, 3, 2, 5) - 1
    yield outside("a random picture, contrast times 3", nudged(random))
    learned = draw(rng, 3, 2, 4).requires_grad_()
    yield Case("the output of a model: requires_grad", {"t": learned}, aspect="requires_grad")


def within(name: str, t: Tensor) -> Case:
    return Case(name, {"t": t}, aspect="in range")


def outside(name: str, t: Tensor) -> Case:
    return Case(name, {"t": t}, aspect="out of range")


def draw(rng: Generator, *shape: int) -> Tensor:
    """Return numbers in [0, 1], the first three of which show how bytes are rounded and scaled."""
    t = torch.rand(shape, generator=rng)
    t.view(-1)[:3] = torch.tensor([100.2, 63.8, 200.3]) / 255
    return nudged(t)


def nudged(t: Tensor) -> Tensor:
    """Return ``t`` with what lies near the middle between two bytes moved a little."""
    steps = t.double() * 255
    near = (steps - steps.floor() - 0.5).abs() < 0.1
    return torch.where(near, (steps.floor() + 0.2) / 255, t.double()).float()


exercise = Exercise(
    id="to_uint8",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=0.0, atol=0.0, because="bytes are equal or they are not"),
    drive=call_once(),
    also_right=(rounds_half_up, in_numpy_alone, with_the_nearest_of_256),
    misconceptions=(
        truncates,
        rounds_up,
        never_clamps,
        truncates_and_never_clamps,
        clamps_the_top_only,
        clamps_before_scaling,
        forgets_the_scale,
        rounds_before_scaling,
        scales_by_256,
        stretches_the_contrast,
        squashes_with_sigmoid,
        reshapes,
        leaves_channels_first,
        transposes_the_picture,
        drops_the_grey_channel,
        squeezes,
        stays_a_tensor,
        stays_in_int64,
        trips_over_the_graph,
        in_a_first_draft(truncates),
        in_a_first_draft(never_clamps),
        in_a_first_draft(truncates_and_never_clamps),
    ),
    credit={"in range": 1 / 3, "out of range": 1 / 3, "requires_grad": 1 / 3},
)
