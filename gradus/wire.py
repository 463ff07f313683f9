"""Values as bytes, and back: numbers, strings, containers, arrays, tensors. Nothing that can run.

One message is one safetensors file in memory. Its tensor ``value`` holds the structure as
compressed JSON; every tensor or array in the structure is a numbered entry beside it. Neither
format can name code, so a message from an untrusted process is data or an error, never more.
"""

import json
import socket
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor

LIMIT = 64 * 2**20
"""Bytes in one message, at most."""

STRUCTURE = 4 * 2**20
"""Characters of structure in one message, at most: ten of them can be a container of 64 bytes."""

DEPTH = 24
"""Containers inside containers, at most."""

BITS = 4096
"""Bits of a whole number, at most: Python refuses to read or write much longer ones as text."""

DTYPES = {
    *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
    *(torch.uint16, torch.uint32, torch.uint64),
    *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
}
"""What a tensor may hold; safetensors knows others, which no comparison is made for."""


class WireError(ValueError):
    """A value that cannot travel, or bytes that are no value."""


@dataclass(frozen=True)
class Handle:
    """Stands for an object that stays with the learner: the number it is held under."""

    number: int


@dataclass(frozen=True)
class Recipe:
    """Stands for an object to be made on the learner's side: a name in :mod:`gradus.zoo`."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Query:
    """Stands for a black box: a function that may be called on ``budget`` examples and no more.

    ``made_of`` says what answers, where that is no secret (practice); otherwise it is None, and
    the questions are put to the one who asked, who knows the box by ``number``.
    """

    budget: int
    made_of: Recipe | None = None
    number: int = 0


def encode(value: Any) -> bytes:
    """Return ``value`` as bytes that :func:`decode` turns back.

    >>> decode(encode({"p": (1, None, "two")}))
    {'p': (1, None, 'two')}

    Args:
        value: None, a bool, int, float or str, a list, tuple or dict of values with str keys,
            a numpy array or scalar, a dense real tensor of any device, a handle, a recipe or a
            query.

    Raises:
        WireError: If anything else is in it; the message names its type.
    """
    tensors: dict[str, Tensor] = {}
    structure = _flatten(value, tensors, 0)
    text = json.dumps(structure, separators=(",", ":")).encode()
    if len(text) > STRUCTURE:
        raise WireError(f"{len(text)} characters of plain values: {STRUCTURE} may travel")
    text = zlib.compress(text)
    tensors["value"] = torch.frombuffer(bytearray(text), dtype=torch.uint8)
    return save(tensors)


def decode(data: bytes) -> Any:
    """Return the value that :func:`encode` made ``data`` from.

    Raises:
        WireError: If ``data`` is anything else, whoever made it.
    """
    try:
        tensors = load(data)
        packed = bytes(tensors.pop("value").numpy())
        text = zlib.decompressobj().decompress(packed, STRUCTURE)
        return _build(json.loads(text), tensors, 0)
    except WireError:
        raise
    except Exception as error:  # a stranger chose the bytes: whatever they broke, they are no value
        raise WireError(f"not a message: {type(error).__name__}") from None


def travels(value: Any) -> bool:
    """Return whether :func:`encode` would take ``value``."""
    try:
        _flatten(value, {}, 0)
    except WireError:
        return False
    return True


def send(channel: socket.socket, value: Any) -> None:
    """Write ``value`` as one frame: eight bytes of length, then the message."""
    data = encode(value)
    if len(data) > LIMIT:
        raise WireError(f"{len(data)} bytes are too many: a message holds at most {LIMIT}")
    channel.sendall(len(data).to_bytes(8, "big") + data)


def receive(channel: socket.socket) -> Any:
    """Read one frame and return its value.

    Raises:
        WireError: If the frame is too long or no message.
        EOFError: If the other side closed before a whole frame came.
    """
    length = int.from_bytes(_exactly(channel, 8), "big")
    if length > LIMIT:
        raise WireError(f"a frame of {length} bytes: a message holds at most {LIMIT}")
    return decode(_exactly(channel, length))


def _exactly(channel: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = channel.recv(min(count - len(parts), 2**20))
        if not part:
            raise EOFError("the other side closed the connection")
        parts += part
    return bytes(parts)


def _flatten(value: Any, tensors: dict[str, Tensor], depth: int) -> Any:
    """Replace each container and tensor by a one-key dict that says what it was."""
    if depth > DEPTH:
        raise WireError(f"containers nested more than {DEPTH} deep")
    inner = depth + 1
    if type(value) is int:
        return _short(value)
    if value is None or type(value) in (bool, float, str):
        return value
    if type(value) is list:
        return {"list": [_flatten(item, tensors, inner) for item in value]}
    if type(value) in (tuple, torch.Size):
        return {"tuple": [_flatten(item, tensors, inner) for item in value]}
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            raise WireError("a dict whose keys are not all strings")
        return {"dict": [[key, _flatten(item, tensors, inner)] for key, item in value.items()]}
    if isinstance(value, Tensor):
        return {"tensor": _store_tensor(value, tensors)}
    if isinstance(value, np.ndarray | np.generic):
        entry = _store_tensor(_from_numpy(value), tensors)
        return {"array": {**entry, "scalar": True} if isinstance(value, np.generic) else entry}
    if isinstance(value, Handle):
        return {"handle": value.number}
    if isinstance(value, Recipe):
        return {"recipe": [value.name, _flatten(value.arguments, tensors, inner)]}
    if isinstance(value, Query):
        return {"query": [value.budget, _flatten(value.made_of, tensors, inner), value.number]}
    raise WireError(f"a {type(value).__name__} cannot travel")


def _short(number: int) -> int:
    if number.bit_length() > BITS:
        raise WireError(f"a whole number of {number.bit_length()} bits cannot travel")
    return number


def _from_numpy(value: Any) -> Tensor:
    try:
        return torch.from_numpy(np.array(value))
    except TypeError:
        raise WireError(f"an array of dtype {np.asarray(value).dtype} cannot travel") from None


def _store_tensor(tensor: Tensor, tensors: dict[str, Tensor]) -> dict[str, Any]:
    if tensor.layout is not torch.strided or tensor.dtype not in DTYPES:
        raise WireError(f"a {tensor.layout} tensor of {tensor.dtype} cannot travel")
    plain = tensor.detach().as_subclass(Tensor)
    device = plain.device.type
    if device == "meta":  # a shape without numbers
        plain = torch.zeros(plain.shape, dtype=plain.dtype)
    plain = plain.cpu().resolve_neg()
    # Which axis varies slowest: a transposed input stays transposed on the other side.
    strides = plain.stride()
    order = sorted(range(plain.dim()), key=lambda axis: -strides[axis])
    name = str(len(tensors))
    tensors[name] = plain.clone(memory_format=torch.contiguous_format)
    entry: dict[str, Any] = {"name": name}
    if device == "meta":
        entry["meta"] = True
    if tensor.requires_grad:
        entry["grad"] = True
    if order != sorted(order):
        entry["order"] = order
    return entry


def _build(structure: Any, tensors: dict[str, Tensor], depth: int) -> Any:
    if depth > DEPTH:
        raise WireError(f"containers nested more than {DEPTH} deep")
    inner = depth + 1
    if type(structure) is int:
        return _short(structure)
    if structure is None or isinstance(structure, bool | float | str):
        return structure
    ((kind, content),) = structure.items()
    if kind == "list":
        return [_build(item, tensors, inner) for item in content]
    if kind == "tuple":
        return tuple(_build(item, tensors, inner) for item in content)
    if kind == "dict":
        return {str(key): _build(item, tensors, inner) for key, item in content}
    if kind == "tensor":
        return _load_tensor(content, tensors)
    if kind == "array":
        array = _load_tensor(content, tensors).numpy()
        return array[()] if content.get("scalar") else array
    if kind == "handle":
        return Handle(int(content))
    if kind == "recipe":
        name, arguments = content
        return Recipe(str(name), _build(arguments, tensors, inner))
    if kind == "query":
        budget, made_of, number = content
        return Query(int(budget), _build(made_of, tensors, inner), int(number))
    raise WireError(f"no value is called {kind!r}")


def _load_tensor(entry: dict[str, Any], tensors: dict[str, Tensor]) -> Tensor:
    tensor = tensors[entry["name"]]
    if tensor.dtype not in DTYPES:
        raise WireError(f"a tensor of {tensor.dtype} cannot travel")
    if entry.get("meta"):
        return torch.empty_like(tensor, device="meta")
    if "order" in entry:
        order = [int(axis) for axis in entry["order"]]
        back = sorted(range(len(order)), key=order.__getitem__)
        tensor = tensor.permute(order).contiguous().permute(back)
    return tensor.requires_grad_(bool(entry.get("grad")))
