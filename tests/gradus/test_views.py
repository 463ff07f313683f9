"""Views: what is compared of an answer where several answers are right."""

import math

import pytest
import torch

from gradus.views import see

P = torch.tensor([0.5, 0.25, 0.25])


@pytest.mark.parametrize(
    "lengths",
    [[1, 2, 2], (1, 2, 2), torch.tensor([1, 2, 2]), torch.tensor([1.0, 2.0, 2.0])],
    ids=["list", "tuple", "whole numbers", "floats"],
)
def test_code_lengths_in_any_container_are_the_same(lengths):
    """A code is judged by its lengths, not by what holds them."""
    assert see("code_lengths", lengths, [P]) == {
        "number of lengths": 3,
        "mean length": 1.5,
        "Kraft sum": 1.0,
    }


def test_a_code_that_wastes_words_shows():
    """One bit too many for each word keeps a code, and halves the Kraft sum."""
    assert see("code_lengths", [2, 3, 3], [P])["Kraft sum"] == 0.5


def test_fractional_lengths_are_not_rounded():
    """A surprise that is handed in as a length shows as the fraction that it is."""
    assert see("code_lengths", [0.5, 2, 2], [P])["mean length"] == 1.25


def test_too_few_lengths_show_as_such():
    """The count comes first; a mean over other outcomes would mean nothing."""
    seen = see("code_lengths", [1, 1], [P])
    assert seen["number of lengths"] == 2
    assert math.isnan(seen["mean length"])


def test_a_posterior_may_come_as_numbers_or_tensors():
    """Four numbers, scalar tensors or one tensor of four say the same."""
    named = {"a": 3.0, "b": 2.0, "mean": 0.5, "mle": 1.0}
    assert see("posterior", (3, 2.0, 0.5, 1.0), []) == named
    assert see("posterior", [torch.tensor(3), 2, torch.tensor(0.5), 1], []) == named
    assert see("posterior", torch.tensor([3, 2, 0.5, 1]), []) == named


def test_a_posterior_of_three_numbers_is_refused():
    """What does not have the form that the view looks for raises, and is compared as it came."""
    with pytest.raises(ValueError, match="shorter"):
        see("posterior", (3.0, 2.0, 0.5), [])
