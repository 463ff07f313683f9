"""A picture as a tensor: channels first, and bytes as fractions of 255."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Generator, Tensor

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Subject, Tolerance
from gradus.wire import Recipe


def reference(pic: np.ndarray) -> Tensor:
    """What torchvision 0.28 documents for ``ToTensor``, and views with negative strides too."""
    if pic.ndim == 2:
        pic = pic[:, :, None]
    planes = torch.from_numpy(pic.copy()).permute(2, 0, 1)  # (channels, height, width)
    return planes.float() / 255 if planes.dtype == torch.uint8 else planes


def in_numpy_alone(pic: np.ndarray) -> Tensor:
    planes = np.moveaxis(np.atleast_3d(pic), -1, 0)
    if pic.dtype == np.uint8:
        planes = planes.astype(np.float32) * np.float32(1 / 255)
    return torch.tensor(np.ascontiguousarray(planes))


def plane_by_plane(pic: np.ndarray) -> Tensor:
    channels = pic.shape[2] if pic.ndim == 3 else 1
    planes = []
    for channel in range(channels):
        plane = pic if pic.ndim == 2 else pic[..., channel]
        planes.append(torch.from_numpy(np.array(plane, order="C")))
    stacked = torch.stack(planes)
    return stacked.div(255) if stacked.dtype == torch.uint8 else stacked


def with_a_table_of_bytes(pic: np.ndarray) -> Tensor:
    if pic.dtype == np.uint8:
        pic = np.linspace(0, 1, 256, dtype=np.float32)[pic]
    return torch.from_numpy(
        np.ascontiguousarray(pic.reshape(*pic.shape[:2], -1).transpose(2, 0, 1))
    )


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def planes_of(pic):
    return torch.from_numpy(np.atleast_3d(pic).copy()).permute(2, 0, 1)


def always_divides(pic):
    """Bytes run from 0 to 255. Which of the pictures you were given hold bytes, and what became
    of the others?
    """
    return planes_of(pic).float() / 255


def never_divides(pic):
    """A white byte is 255. Which number stands for white in your tensor, and which should?"""
    planes = planes_of(pic)
    return planes.float() if planes.dtype == torch.uint8 else planes


def keeps_bytes(pic):
    """Your tensor still holds whole numbers. Could one of them be a fraction of 255?"""
    return planes_of(pic)


def reshapes(pic):
    """Look at one channel of your tensor: are its numbers all of one colour? What does `reshape`
    do to the order of the numbers, and what should be done to the axes instead?
    """
    height, width = pic.shape[:2]
    planes = torch.from_numpy(pic.copy()).reshape(-1, height, width)
    return planes.float() / 255 if planes.dtype == torch.uint8 else planes


def swaps_height_and_width(pic):
    """The channels are first, as asked. Which of the two axes behind them comes first?"""
    return reference(pic).transpose(1, 2)


def gives_grey_no_channel(pic):
    """A grey picture has one channel. How many axes does your tensor have then?"""
    if pic.ndim == 2:
        planes = torch.from_numpy(pic.copy())
        return planes.float() / 255 if planes.dtype == torch.uint8 else planes
    return reference(pic)


def puts_the_grey_channel_last(pic):
    """A grey picture has one channel. Is that axis the first of your tensor, or the last?"""
    if pic.ndim == 2:
        return reference(pic).permute(1, 2, 0)
    return reference(pic)


def divides_into_float64(pic):
    """Your fractions are right, and take twice the memory. Which dtype does NumPy choose when it
    divides bytes by a number?
    """
    return planes_of(pic / 255) if pic.dtype == np.uint8 else planes_of(pic)


def divides_whole_numbers(pic):
    """Between black and white there are 254 greys. What became of yours, and what does `//` do?"""
    return planes_of(pic // 255).float() if pic.dtype == np.uint8 else planes_of(pic)


def divides_by_256(pic):
    """A white byte should become exactly 1. How many steps lead from byte 0 to byte 255?"""
    planes = planes_of(pic)
    return planes.float() / 256 if planes.dtype == torch.uint8 else planes


def divides_every_whole_number(pic):
    """A dtype of whole numbers is not enough to make a byte of a number. What could a picture in
    int64 hold, other than grey values up to 255?
    """
    planes = planes_of(pic)
    return planes if planes.is_floating_point() else planes.float() / 255


def makes_everything_float32(pic):
    """For bytes you are right. What does the task ask of the dtype of all other pictures?"""
    planes = planes_of(pic)
    return planes.float() / 255 if planes.dtype == torch.uint8 else planes.float()


def guesses_from_the_largest_number(pic):
    """You look at the numbers to decide whether to divide. What happens to a very dark picture,
    and to a measurement that exceeds 1?
    """
    planes = planes_of(pic)
    return planes.float() / 255 if planes.max() > 1 else planes


def guesses_for_bytes_only(pic):
    """A picture of bytes may be almost black. Does the largest byte in it decide over the scale?"""
    planes = planes_of(pic)
    if planes.dtype == torch.uint8:
        return planes.float() / 255 if planes.max() > 1 else planes.float()
    return planes


def stretches_to_the_brightest(pic):
    """Is the brightest byte of each picture white? What becomes of a picture taken at night?"""
    planes = planes_of(pic)
    if planes.dtype == torch.uint8:
        return planes.float() / planes.max().clamp(min=1)
    return planes


def trips_over_mirrored_pictures(pic):
    """The error message names the cause and the cure. Which of your pictures was made by a slice
    that runs backwards?
    """
    planes = torch.from_numpy(np.atleast_3d(pic).transpose(2, 0, 1))
    return planes.float() / 255 if planes.dtype == torch.uint8 else planes


def in_a_first_draft(wrong: Subject) -> Subject:
    """Return ``wrong`` as it stands before its author meets a mirrored picture: it raises there."""

    def draft(pic):
        torch.from_numpy(pic)
        return wrong(pic)

    draft.__name__ = f"{wrong.__name__}_in_a_first_draft"
    draft.__doc__ = wrong.__doc__
    return draft


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    grey = np.array([[0, 128, 255], [51, 102, 204]], dtype=np.uint8)
    yield bytes_case("a grey picture of 2 by 3 bytes", grey)
    yield bytes_case("a colour picture of 2 by 3 bytes", draw(rng, 2, 3, 3))
    yield bytes_case("a square picture: 3 by 3, 3 colours", draw(rng, 3, 3, 3))
    yield bytes_case("a single transparent pixel: 4 channels", draw(rng, 1, 1, 4))
    yield bytes_case("one channel, given as a third axis", draw(rng, 4, 2, 1))
    dark = np.array([[0, 1, 0, 1]], dtype=np.uint8)
    yield bytes_case("almost black: bytes 0 and 1", dark)
    values = torch.rand(3, 2, 3, generator=rng)
    yield other_case("float32 between 0 and 1", values.numpy())
    yield other_case("float32 up to 10,000", (1e4 * values).numpy())
    yield other_case("float64, grey", values[..., 0].double().numpy())
    yield other_case("int64, bytes in another dtype", draw(rng, 2, 3, 3).astype(np.int64))
    yield other_case("int32, 0 and 1 alone", np.array([[0, 1, 1], [1, 0, 0]], dtype=np.int32))
    yield other_case("int16, negative numbers", draw(rng, 3, 2).astype(np.int16) - 200)
    for name, pic in (("colour", draw(rng, 2, 3, 3)), ("grey", draw(rng, 3, 4))):
        view = Recipe("mirrored", {"pic": pic})
        yield Case(f"a mirrored {name} picture, pic[:, ::-1]", {"pic": view}, aspect="views")
    turned = draw(rng, 4, 3, 3).transpose(1, 0, 2)
    yield Case("a turned picture, pic.transpose(1, 0, 2)", {"pic": turned}, aspect="views")


def bytes_case(name: str, pic: np.ndarray) -> Case:
    return Case(name, {"pic": pic}, aspect="bytes")


def other_case(name: str, pic: np.ndarray) -> Case:
    return Case(name, {"pic": pic}, aspect="other dtypes")


def draw(rng: Generator, *shape: int) -> np.ndarray:
    """Return random bytes; two of them neither 0 nor 255, so that every scale shows."""
    pic = torch.randint(0, 256, shape, generator=rng, dtype=torch.uint8)
    pic.view(-1)[:2] = torch.randint(100, 200, (2,), generator=rng, dtype=torch.uint8)
    return pic.numpy()


exercise = Exercise(
    id="to_tensor",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-6, atol=1e-6, because="one float32 division, or a product for it"),
    drive=call_once(),
    also_right=(in_numpy_alone, plane_by_plane, with_a_table_of_bytes),
    misconceptions=(
        always_divides,
        never_divides,
        keeps_bytes,
        reshapes,
        swaps_height_and_width,
        gives_grey_no_channel,
        puts_the_grey_channel_last,
        divides_into_float64,
        divides_whole_numbers,
        divides_by_256,
        divides_every_whole_number,
        makes_everything_float32,
        guesses_from_the_largest_number,
        guesses_for_bytes_only,
        stretches_to_the_brightest,
        trips_over_mirrored_pictures,
        in_a_first_draft(always_divides),
        in_a_first_draft(never_divides),
        in_a_first_draft(keeps_bytes),
        in_a_first_draft(reshapes),
        in_a_first_draft(gives_grey_no_channel),
        in_a_first_draft(divides_every_whole_number),
        in_a_first_draft(makes_everything_float32),
    ),
    credit={"bytes": 1 / 3, "other dtypes": 1 / 3, "views": 1 / 3},
)
