"""A batch on another device: every tensor moved, everything else as it was."""

from collections.abc import Iterator
from functools import singledispatch
from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._pytree import tree_map

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(batch: Any, device: str) -> Any:
    """Walk through the containers; PyTorch documents ``Tensor.to`` as returning another tensor."""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: reference(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(reference(item, device) for item in batch)
    return batch


def with_tree_map(batch: Any, device: str) -> Any:
    return tree_map(lambda leaf: leaf.to(device) if torch.is_tensor(leaf) else leaf, batch)


def with_match(batch: Any, device: str) -> Any:
    match batch:
        case Tensor():
            return batch.to(device=torch.device(device), non_blocking=True)
        case dict():
            return dict(zip(batch, (with_match(v, device) for v in batch.values()), strict=True))
        case list():
            return [with_match(item, device) for item in batch]
        case tuple():
            return tuple(with_match(item, device) for item in batch)
    return batch


def with_dispatch(batch: Any, device: str) -> Any:
    @singledispatch
    def moved(one):
        return one.to(device) if hasattr(one, "to") else one

    moved.register(dict, lambda one: {key: moved(value) for key, value in one.items()})
    moved.register(list, lambda one: list(map(moved, one)))
    moved.register(tuple, lambda one: tuple(map(moved, one)))
    return moved(batch)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def forgets_what_to_returns(batch, device):
    """Your tensors stayed where they were. Does `t.to(device)` move t, or return another tensor?"""
    if isinstance(batch, Tensor):
        batch.to(device)
    elif isinstance(batch, dict):
        for value in batch.values():
            forgets_what_to_returns(value, device)
    elif isinstance(batch, list | tuple):
        for value in batch:
            forgets_what_to_returns(value, device)
    return batch


def calls_cuda(batch, device):
    """`.cuda()` knows one kind of device. Which method takes the device as an argument?"""
    if isinstance(batch, Tensor):
        return batch.cuda()
    if isinstance(batch, dict):
        return {key: calls_cuda(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(calls_cuda(value, device) for value in batch)
    return batch


def turns_tuples_into_lists(batch, device):
    """A loop over a tuple builds a list as readily. Which type came in, and which went out?"""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: turns_tuples_into_lists(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return [turns_tuples_into_lists(value, device) for value in batch]
    return batch


def turns_lists_into_tuples(batch, device):
    """Lists went in, tuples came out. How can you build the type that you were given?"""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: turns_lists_into_tuples(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return tuple(turns_lists_into_tuples(value, device) for value in batch)
    return batch


def walks_into_strings(batch, device):
    """A string can be looped over, too. What does the loop yield for "a", and what does a loop
    over that yield?
    """
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: walks_into_strings(value, device) for key, value in batch.items()}
    if hasattr(batch, "__iter__"):
        return type(batch)([walks_into_strings(value, device) for value in batch])
    return batch


def moves_everything(batch, device):
    """Not all that a batch holds is a tensor or a container. What has no method `to`?"""
    if isinstance(batch, dict):
        return {key: moves_everything(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(moves_everything(value, device) for value in batch)
    return batch.to(device)


def drops_what_cannot_move(batch, device):
    """A file name has no device, and is still wanted. Where do things that are no tensors end up
    in your function?
    """
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {
            key: drops_what_cannot_move(value, device)
            for key, value in batch.items()
            if isinstance(value, Tensor | dict | list | tuple)
        }
    if isinstance(batch, list | tuple):
        return type(batch)(
            drops_what_cannot_move(value, device)
            for value in batch
            if isinstance(value, Tensor | dict | list | tuple)
        )
    return batch


def returns_none_for_the_rest(batch, device):
    """What does a function return when none of its branches applies, as for a string?"""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: returns_none_for_the_rest(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(returns_none_for_the_rest(value, device) for value in batch)
    return None


def makes_tensors_of_numbers(batch, device):
    """A number needs no device to be used with tensors. What was the epoch before your function
    saw it?
    """
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, int | float):
        return torch.tensor(batch, device=device)
    if isinstance(batch, dict):
        return {key: makes_tensors_of_numbers(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(makes_tensors_of_numbers(value, device) for value in batch)
    return batch


def stops_at_the_first_level(batch, device):
    """A container may hold containers. What does your function do with a list inside a dict?"""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {k: v.to(device) if isinstance(v, Tensor) else v for k, v in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(v.to(device) if isinstance(v, Tensor) else v for v in batch)
    return batch


def knows_dicts_only(batch, device):
    """Datasets yield pairs as often as dicts. What does your function do with a tuple?"""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: knows_dicts_only(value, device) for key, value in batch.items()}
    return batch


def edits_the_callers_batch(batch, device):
    """Your result is right. What does the caller find in the batch that was handed to you?"""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict | list):
        for key in batch if isinstance(batch, dict) else range(len(batch)):
            batch[key] = edits_the_callers_batch(batch[key], device)
        return batch
    if isinstance(batch, tuple):
        return tuple(edits_the_callers_batch(value, device) for value in batch)
    return batch


def makes_floats_on_the_way(batch, device):
    """Labels are whole numbers and index classes. Which dtype do yours have on the other side?"""
    if isinstance(batch, Tensor):
        return batch.to(device, torch.float32)
    if isinstance(batch, dict):
        return {key: makes_floats_on_the_way(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(makes_floats_on_the_way(value, device) for value in batch)
    return batch


def stacks_lists(batch, device):
    """You were asked to move the tensors of a list. Into how many did you put them?"""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: stacks_lists(value, device) for key, value in batch.items()}
    if isinstance(batch, list | tuple):
        moved = [stacks_lists(value, device) for value in batch]
        if isinstance(batch, tuple):
            return tuple(moved)
        shapes = {tuple(item.shape) if isinstance(item, Tensor) else None for item in moved}
        return torch.stack(moved) if len(shapes) == 1 and None not in shapes else moved
    return batch


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    images, labels = torch.rand(4, 3, 2, generator=rng), torch.randint(9, (4,), generator=rng)
    yield case("one tensor", images, aspect="tensors")
    yield case("one tensor of labels, int64", labels, aspect="tensors")
    yield case("one tensor that is there already", images, "cpu", aspect="tensors")
    yield case("a dict of tensors", {"image": images, "label": labels})
    yield case("a pair of images and labels", (images, labels))
    yield case("a pair that is there already", (images, labels), "cpu")
    yield case("a list of two images", [images[0], images[1]])
    yield case("a list of texts of 3, 1 and 2 tokens", [torch.arange(size) for size in (3, 1, 2)])
    yield case("a list of pairs", [(images[0], labels[0]), (images[1], labels[1])])
    deep = {"pair": (images, [labels, {"mask": images > 0.5}]), "nothing": [], "none": ()}
    yield case("a tuple, a list and a dict inside one another", deep)
    with_names = {"image": images, "file": ["a.png", "b.png"], "epoch": 3, "author": None}
    yield case("images with file names, an epoch and None", with_names, aspect="the rest")
    yield case(
        "the same in a tuple, there already",
        (images, "b.png", 0.5, True, None),
        "cpu",
        aspect="the rest",
    )
    yield case("a string alone", "cat", aspect="the rest")
    yield case("a number alone", 7, aspect="the rest")


def case(name: str, batch: Any, device: str = "meta", aspect: str = "containers") -> Case:
    return Case(name, {"batch": batch, "device": device}, aspect=aspect)


exercise = Exercise(
    id="to_device",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=0.0, atol=0.0, because="moving a tensor changes no number"),
    drive=call_once(),
    also_right=(with_tree_map, with_match, with_dispatch),
    misconceptions=(
        forgets_what_to_returns,
        calls_cuda,
        turns_tuples_into_lists,
        turns_lists_into_tuples,
        walks_into_strings,
        moves_everything,
        drops_what_cannot_move,
        returns_none_for_the_rest,
        makes_tensors_of_numbers,
        stops_at_the_first_level,
        knows_dicts_only,
        edits_the_callers_batch,
        makes_floats_on_the_way,
        stacks_lists,
    ),
    credit={"tensors": 1 / 3, "containers": 1 / 3, "the rest": 1 / 3},
)
