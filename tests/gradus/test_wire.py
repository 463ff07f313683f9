"""The wire: what goes in comes out, and what is no value is an error, never more."""

import json
import pickle
import socket
import zlib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save

from gradus import wire
from gradus.wire import Handle, Recipe, WireError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=8,
)


def framed(structure: object) -> bytes:
    """Return a message whose structure is ``structure``, as a forger would write it."""
    return packed(json.dumps(structure).encode())


def packed(text: bytes) -> bytes:
    """Return a message whose structure reads ``text``."""
    data = zlib.compress(text)
    return save({"value": torch.frombuffer(bytearray(data), dtype=torch.uint8)})


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor([1.0, float("nan"), float("-inf")]),
        torch.zeros(0, 3, dtype=torch.int64),
        torch.tensor(True),
        torch.tensor(1.5, dtype=torch.bfloat16),
        np.arange(6, dtype=np.uint8).reshape(2, 3),
        np.float32(0.5),
    ],
    ids=["nan", "empty", "scalar", "bfloat16", "array", "numpy scalar"],
)
def test_numbers_keep_type_shape_and_dtype(value):
    """A tensor or array comes back with its type, shape, dtype and values."""
    came = wire.decode(wire.encode({"x": value}))["x"]
    assert type(came) is type(value)
    assert (came.shape, came.dtype) == (value.shape, value.dtype)
    np.testing.assert_array_equal(
        np.asarray(torch.as_tensor(came).double()), np.asarray(torch.as_tensor(value).double())
    )


def test_transposed_tensor_stays_transposed():
    """The order of axes in memory travels, so that a test can hand over a view."""
    came = wire.decode(wire.encode(torch.arange(6.0).reshape(2, 3).T))
    assert came.shape == (3, 2)
    assert not came.is_contiguous()
    assert came.tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]


def test_gradient_wish_and_meta_device_travel():
    """requires_grad comes along, and a tensor without numbers stays one."""
    assert wire.decode(wire.encode(torch.ones(2, requires_grad=True))).requires_grad
    assert wire.decode(wire.encode(torch.ones(2, 3, device="meta"))).device.type == "meta"


def test_handles_and_recipes_travel():
    """Names of things that stay behind, or are made over there, are values."""
    value = (Handle(3), Recipe("linear", {"inputs": 2}))
    assert wire.decode(wire.encode(value)) == value


@pytest.mark.parametrize(
    "value",
    [object(), {1: 2}, {1, 2}, torch.nn.Linear(1, 1), torch.tensor(1j), np.array(["a"])],
    ids=["object", "int key", "set", "module", "complex", "strings"],
)
def test_anything_else_is_refused(value):
    """What is no plain data cannot be sent."""
    with pytest.raises(WireError):
        wire.encode([value])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 64,
        pickle.dumps([1, 2]),
        save({"other": torch.zeros(1)}),
        save({"value": torch.zeros(3)}),
        framed({"tensor": {"name": "7"}}),
        framed({"code": "print()"}),
        framed({"list": 3}),
        framed([1, 2]),
        framed({}),
        wire.encode([1, 2, 3])[:-1],
    ],
    ids=lambda data: str(len(data)),
)
def test_bytes_that_are_no_message_are_an_error(data):
    """Bytes from a stranger are a WireError, whatever they are."""
    with pytest.raises(WireError):
        wire.decode(data)


def test_deep_nesting_is_refused_both_ways():
    """Neither side can be made to recurse without end."""
    deep: list = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(WireError, match="nested"):
        wire.encode(deep)
    for depth in (100, 100_000):
        with pytest.raises(WireError):
            wire.decode(packed(b'{"list":[' * depth + b"]}" * depth))


def test_a_small_message_cannot_grow_without_bound():
    """What is compressed is read up to the limit of a message, and no further."""
    with pytest.raises(WireError):
        wire.decode(packed(b'"' + b" " * (wire.LIMIT + 1) + b'"'))


def test_giant_frame_is_refused_before_it_is_read():
    """A length that no message has ends the reading at once."""
    mine, theirs = socket.socketpair()
    with mine, theirs:
        theirs.sendall((2**40).to_bytes(8, "big"))
        with pytest.raises(WireError, match="at most"):
            wire.receive(mine)


def test_truncated_frame_is_the_end():
    """A frame that stops in the middle is an EOFError, not a value."""
    mine, theirs = socket.socketpair()
    with mine:
        theirs.sendall((100).to_bytes(8, "big") + b"short")
        theirs.close()
        with pytest.raises(EOFError):
            wire.receive(mine)


@given(PLAIN)
def test_plain_values_come_back(value):
    """Any nest of plain values comes back equal."""
    assert wire.decode(wire.encode(value)) == value


@given(st.binary(max_size=400))
def test_random_bytes_never_break_the_reader(data):
    """Whatever the bytes, decode returns or raises WireError."""
    try:
        wire.decode(data)
    except WireError:
        return
