"""The learner's end: a few verbs, and every outcome a reply."""

import statistics

import torch
from torch import nn

from gradus.answer import Desk
from gradus.wire import Handle, Recipe


def call(*args, keep=1, of=0, method="", names=(), **more):
    """Return a request to call."""
    return {
        "verb": "call",
        "of": of,
        "method": method,
        "args": list(args),
        "kwargs": {},
        "names": list(names),
        "keep": keep,
        **more,
    }


def test_a_value_comes_back_without_its_history():
    """A result is data: its graph stays at the desk."""
    reply = Desk(lambda x: 2 * x).obey(call(torch.ones(2, requires_grad=True)))
    assert reply["value"].tolist() == [2.0, 2.0]
    assert not reply["value"].requires_grad


def test_gradients_use_the_upstream_that_was_sent():
    """The gradient of x squared against upstream 3 is 6x."""
    desk = Desk(lambda x: x**2)
    desk.obey(call(torch.tensor([5.0], requires_grad=True), names=["x"]))
    ask = {"verb": "gradients", "of": 1, "inputs": ["x"], "upstream": torch.tensor([3.0])}
    assert desk.obey(ask)["value"].tolist() == [30.0]


def test_gradients_of_several_results_use_one_upstream_for_each():
    """The gradient of (x squared, 3x) at 5 against upstream (1, 10) is 10 + 30."""
    desk = Desk(lambda x: (x**2, 3 * x))
    desk.obey(call(torch.tensor([5.0], requires_grad=True), names=["x"]))
    upstream = [torch.tensor([1.0]), torch.tensor([10.0])]
    ask = {"verb": "gradients", "of": 1, "inputs": ["x"], "upstream": upstream}
    assert desk.obey(ask)["value"].tolist() == [40.0]


def test_a_reply_keeps_what_it_said():
    """A parameter that a later step changes is still what it was in the reply of before."""
    desk = Desk(nn.Linear)
    desk.obey(call(1, 1, keep=1))
    before = desk.obey({"verb": "get", "of": 1, "path": "weight", "keep": 2})["value"]
    was = before.tolist()
    desk.obey({"verb": "get", "of": 1, "path": "weight.data", "keep": 3})
    desk.obey(call(7.0, of=3, method="fill_", keep=4))
    assert before.tolist() == was != [[7.0]]


def test_objects_stay_and_are_driven_by_handle():
    """A layer is made over there, called, and read by attribute."""
    desk = Desk(nn.Linear)
    assert desk.obey(call(2, 1, keep=1))["object"] == "Linear"
    shape = desk.obey(call(torch.zeros(3, 2), of=1, keep=2))["value"].shape
    assert shape == (3, 1)
    weight = desk.obey({"verb": "get", "of": 1, "path": "weight", "keep": 3})["value"]
    assert weight.shape == (1, 2)
    desk.obey({"verb": "set", "of": 1, "path": "bias.data", "value": torch.tensor([7.0])})
    bias = desk.obey({"verb": "get", "of": 1, "path": "bias", "keep": 4})["value"]
    assert bias.tolist() == [7.0]


def test_recipes_and_handles_are_arguments():
    """A model made from a recipe can be handed over, and stays in reach."""
    desk = Desk(lambda model, x: model(x))
    desk.obey(
        {"verb": "make", "recipe": Recipe("mlp", {"widths": [2, 3, 1], "seed": 1}), "keep": 1}
    )
    reply = desk.obey(call(Handle(1), torch.zeros(4, 2), keep=2))
    assert reply["value"].shape == (4, 1)


def test_an_edited_argument_is_reported():
    """In-place work on an input is seen; work on a copy is not."""
    x = torch.tensor([1.0, float("nan")])
    assert Desk(lambda x: x.add_(1)).obey(call(x.clone(), names=["x"]))["edited"] == ["x"]
    assert "edited" not in Desk(lambda x: x + 1).obey(call(x.clone(), names=["x"]))


def test_an_error_names_the_learners_line():
    """The reply quotes the line of the learner's function, not ours."""

    def fails(x):
        return x / undefined  # noqa: F821

    reply = Desk(fails).obey(call(1))
    assert reply["raised"] == "NameError"
    assert reply["trail"].endswith(": return x / undefined  # noqa: F821")


def scale(x, by):
    """Divide; by zero, too."""
    return [one / by for one in x]


def test_a_chain_of_functions_shows_each_line_and_marks_the_last():
    """How the learner's functions called each other is shown; our lines and torch's are not."""

    def outer(x):
        return scale(x, 0)

    def inside_torch(x):
        return torch.vmap(lambda one: one.nothing)(x)

    def inside_python(x):
        return statistics.mean([])

    lines = Desk(outer).obey(call([1.0]))["trail"].split("\n")
    assert [line.split(": ")[1] for line in lines[:2]] == [
        "return scale(x, 0)",
        "return [one / by for one in x]",
    ]
    assert lines[-1].startswith("> ")
    assert not any(line.startswith("> ") for line in lines[:-1])
    alike = Desk(inside_torch).obey(call(torch.ones(2)))["trail"]
    assert {line.split(": ", 1)[1] for line in alike.split("\n")} == {
        "return torch.vmap(lambda one: one.nothing)(x)"
    }
    assert Desk(inside_python).obey(call(1))["trail"].endswith(": return statistics.mean([])")


def test_a_deep_recursion_shows_its_ends():
    """Thousands of calls are six lines."""

    def endless(x):
        return endless(x)

    assert len(Desk(endless).obey(call(1))["trail"].split("\n")) == 6


def test_exit_is_an_error_like_any_other():
    """A learner's sys.exit() ends the call, not the desk."""

    def leaves():
        raise SystemExit(0)

    assert Desk(leaves).obey(call())["raised"] == "SystemExit"


def test_a_step_after_a_failed_step_is_refused():
    """Asking on about a result that never came is no crash."""
    ask = {"verb": "get", "of": 5, "path": "weight", "keep": 6}
    assert "gave no result" in Desk(len).obey(ask)["refused"]


def test_an_unknown_verb_is_an_error_reply():
    """The set of verbs is closed."""
    assert Desk(len).obey({"verb": "eval", "text": "1"})["raised"] == "KeyError"
