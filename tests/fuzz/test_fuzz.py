"""Whatever bytes a sandbox sends, our readers return or refuse: soon, and nothing else."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradus import wire
from gradus.wire import Handle, Recipe, WireError
from tests.fuzz.targets import ATOMS, TARGETS, message, reads_a_message, structure

CORPUS = Path(__file__).parent / "corpus"
KEPT = sorted(CORPUS.glob("*/*"))

plain = st.none() | st.booleans() | st.floats() | st.text() | st.integers(-(2**64), 2**64)
tensors = arrays.arrays(
    st.sampled_from(["f4", "f8", "i8", "u1", "?"]), arrays.array_shapes(min_dims=0, min_side=0)
)
values = st.recursive(
    plain | tensors | tensors.map(torch.from_numpy) | st.builds(Handle, st.integers(0, 99)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.builds(Recipe, st.text(), st.dictionaries(st.text(), inner, max_size=2))
    ),
    max_leaves=8,
)
programs = st.binary(max_size=300) | st.lists(
    st.integers(0, len(ATOMS) - 1) | st.integers(128, 255), max_size=60
).map(bytes)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_once_led_somewhere_new_still_breaks_nothing(path):
    """The kept corpus: inputs that reached new code, and those that once broke a reader."""
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@given(data=programs)
@settings(max_examples=150, deadline=2000)
def test_no_bytes_break_a_reader(name, data):
    """Random programs of hostile values: each reader returns within two seconds."""
    TARGETS[name](data)


@given(values)
@settings(max_examples=150, deadline=2000)
def test_every_value_that_travels_comes_back(value):
    """Type, shape, dtype and bits: what comes back is written as what was sent."""
    sent = wire.encode(value)
    came = wire.decode(sent)
    assert type(came) is type(value)
    assert wire.encode(came) == sent


@given(values, st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
@settings(max_examples=150, deadline=2000)
def test_a_damaged_message_is_refused_or_read(value, at, patch):
    """A message with some of its bytes overwritten, or cut short, breaks nothing."""
    sent = bytearray(wire.encode(value))
    at %= len(sent)
    sent[at : at + len(patch)] = patch
    reads_a_message(bytes(sent))
    reads_a_message(bytes(sent[:at]))


def test_the_fuzzer_writes_any_structure():
    """The programs can spell a reply: without that the searches above would search nothing."""
    program = bytes(ATOMS.index(name) for name in ("value", "0", "device", "cpu")) + b"\xc2"
    assert structure(program) == {"value": "0", "device": "cpu"}
    with pytest.raises(WireError):
        wire.decode(message(b'{"tensor": {"name": "-1"}}'))
