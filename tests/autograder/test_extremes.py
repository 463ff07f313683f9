"""Every numeric exercise meets the inputs that code written in haste has not thought of."""

import pytest
from torch import Tensor

from autograder import catalogue, quizzes

pytestmark = pytest.mark.spread

KINDS = {"float32", "float64", "zero", "large", "an axis of 1", "not contiguous", "empty"}

NO_NUMBERS = "takes containers, counts or pictures, no floating-point tensor"
ROWS = "right answers that go row by row stack the rows, and there is nothing to stack"
PROBABILITIES = "probabilities lie between 0 and 1"

EXEMPT = {
    "accumulate_grads": dict.fromkeys(
        ["float64", "zero", "large", "not contiguous", "empty"],
        "the chunks are examples for a float32 model; what is tested is how they are weighed",
    ),
    "gan_step": dict.fromkeys(
        ["float64", "zero", "large", "not contiguous", "empty"],
        "x and z are examples for float32 models; what is tested is who learns from what",
    ),
    "train_fixed": {"empty": "there is no mean loss of no examples"},
    "fgsm": {"empty": "there is no mean loss of no examples", "large": "pixels are at most 1"},
    "batch_norm_1d": {"empty": "there is no mean of no rows"},
    "adamw": dict.fromkeys(
        ["an axis of 1", "not contiguous", "empty"],
        "each entry of a parameter is moved by itself, whatever the parameter's shape",
    ),
    "substitute_labels": dict.fromkeys(
        ["float64", "zero", "large", "empty"],
        "an attack starts from some examples of the black box's own kind, and adds to them",
    ),
    "beta_update": dict.fromkeys(KINDS, NO_NUMBERS),
    "dag_num_params": dict.fromkeys(KINDS, NO_NUMBERS),
    "to_device": dict.fromkeys(KINDS - {"float32", "empty"}, "moves tensors, computes nothing")
    | {"empty": "an empty container is among the cases; an empty tensor is a tensor"},
    "to_tensor": dict.fromkeys(KINDS, NO_NUMBERS),
    "to_uint8": {"empty": "a picture has pixels"},
    "cond": {"empty": "a condition number needs a matrix", "large": "see the Hilbert matrices"},
    "solve": {"empty": "a system has equations", "large": "see the Hilbert matrices"},
    "cross_entropy": {"empty": "the mean of no rows is not defined"},
    "entropy": {"empty": ROWS, "large": PROBABILITIES},
    "kl": {"empty": ROWS, "large": PROBABILITIES},
    "mutual_information": {"empty": "a table has cells"},
    "huffman_lengths": {
        "empty": "the code of no symbols is not defined",
        "large": PROBABILITIES,
        "not contiguous": "a list of symbols has one axis",
    },
    "gmm_log_prob": {
        "empty": "torch.distributions, a right answer, cannot reshape nothing",
        "not contiguous": "a list of points has one axis",
    },
    "logsumexp": {"empty": ROWS},
    "scaled_add": {"zero": "alpha = 0 is a case; a zero in x or y is added like any number"},
    "softargmax": {"zero": "scores count by their differences alone"},
}
"""What an exercise is not asked, and why not."""


@pytest.mark.parametrize("name", catalogue.exercise_ids())
def test_extreme_inputs_are_among_the_cases(name):
    """float32 and float64, zeros, large numbers, axes of 1 and of 0, strides: or a reason."""
    quiz = quizzes.quiz_of(catalogue.find(name), seed=1)
    sends = ("call", "set")
    calls = [one.request for one in quiz.questions if one.request["verb"] in sends]
    seen = {kind for call in calls for leaf in quizzes.leaves(call) for kind in kinds(leaf)}
    assert KINDS - seen == set(EXEMPT.get(name, {})) - seen
    assert not set(EXEMPT.get(name, {})) & seen, "an exemption that is not needed"


def kinds(value):
    """Return which kinds of input a tensor is an example of."""
    if not isinstance(value, Tensor) or not value.is_floating_point() or value.is_meta:
        return set()
    finite = value[value.isfinite()]
    found = {
        str(value.dtype).removeprefix("torch."): True,
        "empty": value.numel() == 0,
        "zero": bool((value == 0).any()),
        "large": finite.numel() > 0 and finite.abs().max() >= 1e3,
        "an axis of 1": 1 in value.shape,
        "not contiguous": not value.is_contiguous(),
    }
    return {kind for kind, there in found.items() if there}
