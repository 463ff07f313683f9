"""Comparing answers: what counts as the same, and what the learner is told."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gradus.compare import Difference, Tolerance, compare

EXACT = Tolerance(rtol=0.0, atol=0.0, because="no arithmetic takes place")
LOOSE = Tolerance(rtol=0.0, atol=0.5, because="the test asks for a wide margin")
ROW = torch.tensor([1.0, 2.0, 3.0])


def test_equal_tensors_do_not_differ():
    """A tensor agrees with its own copy."""
    assert compare(ROW.clone(), ROW, EXACT) is None


@pytest.mark.parametrize(
    ("answer", "difference"),
    [
        (None, Difference("type", "expected a tensor, got None")),
        (ROW.numpy(), Difference("type", "expected a tensor, got a numpy array")),
        (ROW[:, None], Difference("shape", "expected shape (3,), got (3, 1)")),
        (ROW.double(), Difference("dtype", "expected dtype torch.float32, got torch.float64")),
        (
            ROW.to("meta"),
            Difference("device", "expected a tensor on cpu, got one on meta"),
        ),
        (
            ROW + torch.tensor([0, 0, 4.0]),
            Difference("values", "1 of 3 values differ, by up to 4"),
        ),
        (
            ROW * torch.tensor([1, float("nan"), 1]),
            Difference("values", "1 of 3 values is nan"),
        ),
    ],
    ids=["none", "numpy", "shape", "dtype", "device", "values", "nan"],
)
def test_first_difference_is_reported(answer, difference):
    """The coarsest difference wins, and its message quotes what was expected."""
    assert compare(answer, ROW, EXACT) == difference


def test_broadcastable_shape_is_still_wrong():
    """(3, 1) would broadcast against (3,); the grader must not let it."""
    assert compare(torch.ones(3, 1), torch.ones(3), LOOSE).kind == "shape"


def test_missing_number_is_not_close_to_a_number():
    """NaN where a number belongs is a difference even under a wide margin."""
    assert compare(torch.tensor([float("nan")]), torch.tensor([0.0]), LOOSE).kind == "values"


@pytest.mark.parametrize(
    ("answer", "expected", "text"),
    [
        ((1, 2), [1, 2], "expected a list, got a tuple"),
        ([1], [1, 2], "expected 2 items, got 1"),
        ([1, 3], [1, 2], "item 1: expected 2, got 3"),
        ((1.0, None), (1.0, 2.0), "item 1: expected a float, got None"),
        ({"a": 1}, {"b": 1}, "expected the keys ['b'], got ['a']"),
        ({"a": 1.0}, {"a": 2.0}, "'a': expected 2, got 1"),
        (True, 1, "expected an int, got a truth value (bool)"),
        (1, True, "expected a truth value (bool), got an int"),
        ("x", "y", "expected 'y', got 'x'"),
        (np.arange(2), np.arange(3), "expected shape (3,), got (2,)"),
    ],
    ids=["list", "length", "item", "none", "keys", "key", "bool", "int", "text", "array"],
)
def test_containers_and_plain_values_name_the_place(answer, expected, text):
    """A difference inside a container says where it is."""
    assert compare(answer, expected, EXACT).text == text


@pytest.mark.parametrize(
    ("answer", "expected", "text"),
    [
        (ROW[:2].flip(0), ROW[:2], "2 of 2 values differ, by up to 1; at [0], expected 1, got 2"),
        ([ROW * 0], [ROW], "item 0: 3 of 3 values differ, by up to 3; at [0], expected 1, got 0"),
        (
            torch.tensor([[1, 2], [0, 0]]),
            torch.tensor([[1, 2], [3, 4]]),
            "2 of 4 values differ, by up to 4; at [1, 0], expected 3, got 0",
        ),
        (ROW / 0 * 0, ROW, "3 of 3 values are nan; at [0], expected 1, got nan"),
        (ROW[:2], ROW, "expected shape (3,), got (2,)"),
        (None, ROW, "expected a tensor, got None"),
        (1.0, 2.0, "expected 2, got 1"),
    ],
    ids=["tensor", "item", "matrix", "nan", "shape", "type", "number"],
)
def test_alone_a_difference_quotes_one_expected_value_at_most(answer, expected, text):
    """The judge tells the first number that differs and its place; of a wrong shape, no number."""
    found = compare(answer, expected, EXACT).alone
    assert found.text == text
    assert "," not in found.expected + found.came


def test_whole_number_counts_as_a_float_but_not_the_reverse():
    """2 is a right answer for 2.0; 2.0 is not a count of 2."""
    assert compare(2, 2.0, EXACT) is None
    assert compare(2.0, 2, EXACT).kind == "type"


def test_whole_numbers_are_never_nearly_equal():
    """Tolerance is for rounding, and integers do not round."""
    assert compare(torch.tensor([1000]), torch.tensor([1001]), LOOSE).kind == "values"


def test_a_tensor_without_numbers_is_compared_by_its_shape():
    """On meta there is nothing to quote, and a wrong dtype is still found."""
    found = compare(torch.ones(2, device="meta"), ROW[:2].to("meta", torch.int64), EXACT)
    assert (found.kind, found.expected, found.came) == ("dtype", "", "")


def test_a_view_that_runs_backwards_is_quoted():
    """An array with a negative stride is no tensor, and its numbers can be read all the same."""
    assert compare(np.array([1.0, 2.0])[::-1], ROW[:2], EXACT).came == "2, 1"


@given(st.floats(-0.25, 0.25, width=32))
def test_margin_is_respected(shift):
    """Any shift inside the margin is forgiven."""
    assert compare(ROW + shift, ROW, LOOSE) is None


@given(st.floats(0.75, 100, width=32))
def test_beyond_the_margin_nothing_is_forgiven(shift):
    """Any shift beyond the margin is found."""
    assert compare(ROW + shift, ROW, LOOSE).kind == "values"
