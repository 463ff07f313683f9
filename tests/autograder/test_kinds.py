"""Each kind of answer, on exercises made for the purpose: what tells right from wrong, and how."""

import contextlib
import os
import socket
import threading
import time

import pytest
import torch
from torch import nn
from torch.nn import functional

from autograder import quizzes, rules
from autograder.driver import call_once
from autograder.judge.server import Turn
from autograder.spec import Case, Exercise, Forbidden, Query, Recipe, Tolerance, by_chance
from autograder.verdict import Outcome
from gradus import wire
from gradus.answer import Desk

CLOSE = Tolerance(rtol=1e-4, atol=1e-5, because="a few float32 operations")
X = torch.tensor([[0.5, -1.0], [2.0, 0.25], [1.0, 3.0]])
BOX = Recipe("oracle", {"features": 2, "classes": 3, "seed": 1})


def exercise(reference, inputs, drive=None, tolerance=CLOSE, view="", **more):
    """Return an exercise of one case."""

    def cases(rng):
        yield Case("the case", inputs, precise=False, view=view)

    return Exercise("synthetic", reference, cases, tolerance, drive or call_once(), **more)


def judged(one, subject, code="", seed=1):
    """Return the verdict on ``subject``."""
    quiz = quizzes.quiz_of(one, seed)
    return rules.weigh(quiz, quizzes.replies_of(subject, quiz), code)


def bounded(of, at_most, measure=()):
    """Return a driver that calls once and bounds what the call costs."""

    def drive(ask, inputs):
        beside = ask.make("composed", steps=["exp"])(X) if of == "pace" else None
        result = ask.subject(*inputs.values(), measure=measure, beside=beside)
        result.within(of, at_most=at_most, because="there is a cheaper way")

    return drive


def slow(x):
    """Return what is right, a second late."""
    time.sleep(1)
    return 2 * x


SAVING = exercise(lambda x: 2 * x, {"x": X.clone().requires_grad_()},
                  bounded("saved_bytes", 0, ["saved_bytes"]))  # fmt: skip
COUNTING = exercise(lambda a, b, v: a @ (b @ v),
                    {"a": torch.ones(9, 9), "b": torch.ones(9, 9), "v": torch.ones(9)},
                    bounded("flops", 400, ["flops"]))  # fmt: skip
ASKING = exercise(lambda query, x: query(x), {"query": Query(6, BOX), "x": X},
                  bounded("queries", 3))  # fmt: skip
TIMING = exercise(lambda x: 2 * x, {"x": X}, bounded("pace", 20))


@pytest.mark.parametrize(
    ("one", "cheap", "costly", "what"),
    [
        (SAVING, lambda x: 3 * x, lambda x: 2 * x.exp().log(), "saved bytes: expected at most 0"),
        (COUNTING, lambda a, b, v: v, lambda a, b, v: (a @ b) @ v, "flops: expected at most 400"),
        (ASKING, lambda query, x: query(x) + 1, lambda query, x: query(x) + 0 * query(x),
         "queries: expected at most 3, got 6"),
        (TIMING, lambda x: x, slow, "pace: expected at most 20"),
    ],
    ids=["saved bytes", "flops", "queries", "pace"],
)  # fmt: skip
def test_wrong_but_cheap_and_right_but_costly_are_told_apart(one, cheap, costly, what):
    """The reference is right; a wrong value is wrong by its value, a right one by its price."""
    assert judged(one, one.reference).outcome is Outcome.RIGHT
    assert "values differ" in judged(one, cheap).finding
    found = judged(one, costly)
    assert (found.outcome, what in found.finding) == (Outcome.WRONG, True)
    assert "there is a cheaper way" in found.finding


@pytest.fixture
def turn(tmp_path):
    """Return a turn about a black box of six examples, its ear for the grader, and its end."""
    read, write = os.pipe()
    opened = Turn(ASKING, quizzes.questions_of(ASKING, 1), str(tmp_path / "s"))
    with os.fdopen(read) as control:
        judge = threading.Thread(target=opened.conduct, args=[control])
        judge.start()
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(30)
            channel.connect(str(tmp_path / "s"))
            yield opened, channel, write
        with contextlib.suppress(OSError):
            os.write(write, b"\n")
        judge.join(30)
        assert not judge.is_alive()
    os.close(write)


def test_what_is_in_a_black_box_stays_with_the_judge(turn):
    """The learner's process gets a budget and a number: no recipe, no seed, no weights."""
    request = wire.receive(turn[1])
    assert request["args"][0] == Query(6, None, 0)
    assert "oracle" not in repr(request)


def test_the_budget_is_kept_by_the_judge(turn):
    """A client that keeps no count is refused at the seventh example, and after that."""
    wire.receive(turn[1])
    answers = []
    for _ in range(3):
        wire.send(turn[1], {"query": 0, "args": [X]})
        answers.append(wire.receive(turn[1]))
    assert answers[0]["value"].shape == (3, 3)
    assert "value" in answers[1]
    assert answers[2] == {
        "raised": "BudgetSpent",
        "message": "9 examples were asked about; 6 were granted",
    }


def test_the_count_is_the_judges_whatever_the_client_says(turn):
    """Two questions about three examples each cost six, though the reply claims none."""
    opened, channel, _ = turn
    wire.receive(channel)
    for _ in range(2):
        wire.send(channel, {"query": 0, "args": [X]})
        right = wire.receive(channel)["value"]
    wire.send(channel, {"value": right, "cost": {"queries": 0.0}})
    assert wire.receive(channel) is None
    assert "queries: expected at most 3, got 6" in opened.close("").finding


HOSTILE = {
    "another number": ({"query": 7, "args": [X]}, "KeyError"),
    "a negative number": ({"query": -1, "args": [X]}, "KeyError"),
    "no number": ({"query": "0", "args": [X]}, "KeyError"),
    "truth for a number": ({"query": False, "args": [X]}, "KeyError"),
    "no arguments": ({"query": 0}, "TypeError"),
    "two tensors": ({"query": 0, "args": [X, X]}, "TypeError"),
    "a word": ({"query": 0, "args": ["weights"]}, "TypeError"),
    "no numbers": ({"query": 0, "args": [torch.ones(1, 2, device="meta")]}, "TypeError"),
    "another shape": ({"query": 0, "args": [torch.ones(1, 5)]}, "ValueError"),
    "a single number": ({"query": 0, "args": [torch.tensor(1.0)]}, "ValueError"),
    "truth values": ({"query": 0, "args": [torch.ones(1, 2, dtype=torch.bool)]}, "RuntimeError"),
    "nan": ({"query": 0, "args": [torch.full((1, 2), torch.nan)]}, "value"),
    "no rows": ({"query": 0, "args": [torch.ones(0, 2)]}, "value"),
    "ten million rows": ({"query": 0, "args": [torch.ones(10**7, 1)]}, "BudgetSpent"),
}


@pytest.mark.parametrize(("message", "outcome"), HOSTILE.values(), ids=HOSTILE)
def test_a_black_box_survives_whatever_it_is_asked(turn, message, outcome):
    """A senseless question is an error for the one who asked; the next one is answered."""
    _, channel, _ = turn
    wire.receive(channel)
    wire.send(channel, message)
    answer = wire.receive(channel)
    assert answer.get("raised", "value") == outcome
    wire.send(channel, {"query": 0, "args": [X]})
    spent = outcome == "BudgetSpent"
    assert ("value" in wire.receive(channel)) is not spent


def test_endless_questions_end_when_the_grader_says_so(turn):
    """Who asks on and on, budget or not, is heard until the grader says that time is up."""
    opened, channel, write = turn
    wire.receive(channel)
    asking = threading.Thread(target=ask_on_and_on, args=[channel])
    asking.start()
    time.sleep(0.2)
    assert asking.is_alive()
    os.write(write, b"\n")
    asking.join(5)
    assert not asking.is_alive()
    assert opened.close("stopped after 2 seconds").finding == "stopped after 2 seconds"


def ask_on_and_on(channel):
    """Ask the same again and again until the other side is gone."""
    with contextlib.suppress(OSError, EOFError):
        while True:
            wire.send(channel, {"query": 0, "args": [X]})
            wire.receive(channel)


RELU = exercise(
    lambda x: x.clamp(min=0),
    {"x": X},
    forbidden=Forbidden(("relu", "ReLU"), "to write it is the exercise"),
)


@pytest.mark.parametrize(
    "code",
    [
        "from torch.nn.functional import relu as r\ndef f(x):\n    return r(x)",
        "import torch\ndef f(x):\n    return torch.relu(x)",
        "from torch import nn\ndef f(x):\n    return x if True else nn.ReLU()(x)",
    ],
    ids=["alias", "attribute", "a branch that no case enters"],
)
def test_a_forbidden_name_is_read_in_the_code(code):
    """The answer itself is right; the name in its cell is quoted, with its line and the reason."""
    finding = judged(RELU, RELU.reference, code).finding
    assert finding.startswith(("your code uses relu (line ", "your code uses ReLU (line "))
    assert finding.endswith("here you do without it: to write it is the exercise")


@pytest.mark.parametrize(
    "subject",
    [
        lambda x: functional.relu(x),
        lambda x: nn.ReLU()(x),
        lambda x: torch.ops.aten.relu(x),
        lambda x: getattr(torch, "re" + "lu")(x),
        lambda x: x.relu(),
    ],
    ids=["functional", "module", "operator", "spelt out", "method"],
)
def test_a_forbidden_function_is_seen_as_it_runs(subject):
    """However torch's function was reached, the message says what and why."""
    finding = judged(RELU, subject, "def f(x):\n    return getattr(torch, 're' + 'lu')(x)").finding
    assert "your code uses relu; here you do without it: to write it is the exercise" in finding


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    relu = x > 0\n    return x * relu",
        "def relu(x):\n    return x * (x > 0)\nf = relu",
        "def f(x):  # not relu\n    'relu by hand'\n    return x * (x > 0)",
    ],
    ids=["variable", "function", "comment"],
)
def test_a_name_of_the_learners_own_is_no_offence(code):
    """Whoever calls a variable of theirs by that name has not used torch's."""
    assert judged(RELU, lambda x: x * (x > 0), code).outcome is Outcome.RIGHT


SHIFT = exercise(lambda x: x + torch.ones(2, device=x.device), {"x": X})


def test_a_tensor_made_without_its_device_is_caught_without_a_gpu():
    """On the meta device an addition with a tensor of the CPU fails, and the finding says why."""
    found = judged(SHIFT, lambda x: x + torch.ones(2))
    assert found.outcome is Outcome.WRONG
    assert "is a tensor made without device=?" in found.finding


def test_a_result_that_stays_behind_is_caught_without_a_gpu():
    """Numbers that come out on the CPU, whatever device they went in on, are found."""
    found = judged(SHIFT, lambda x: torch.tensor([[1.5, 0.0], [3.0, 1.25], [2.0, 4.0]]))
    assert (
        "with its arguments on another device, expected the result there, got it on cpu"
        in found.finding
    )


@pytest.mark.parametrize(
    "subject",
    [
        lambda x: x + max(1, -abs(x.sum().item())),
        lambda x: torch.tensor([[one + 1 for one in row] for row in x.tolist()], device=x.device),
        lambda x: x + 1 if (x > 0).any() else x,
    ],
    ids=["item", "tolist", "if"],
)
def test_code_that_looks_at_its_numbers_is_not_accused(subject):
    """A device without numbers cannot show them; that is no mistake of the learner's."""
    assert judged(SHIFT, subject).outcome is Outcome.RIGHT


@pytest.mark.parametrize(
    ("subject", "finding"),
    [
        (lambda x: x.double()[:2].tolist(), "expected a tensor, got a list"),
        (lambda x: x.double()[:2].to("meta"), "expected shape (3, 2), got (2, 2)"),
        (lambda x: x.double().to("meta"), "expected dtype torch.float32, got torch.float64"),
        (lambda x: (x + 9).to("meta"), "expected a tensor on cpu, got one on meta"),
        (lambda x: x.add_(9), "6 of 6 values differ, by up to 8"),
        (lambda x: x.add_(1), "your code changed its argument x in place"),
    ],
    ids=["type", "shape", "dtype", "device", "values", "edits"],
)
def test_differences_come_in_order(subject, finding):
    """Type, shape, dtype, device, values, edits: of several differences the coarsest is told."""
    assert finding in judged(SHIFT, subject).finding


def on_a_model(ask, inputs):
    """Hand over a model that has gradients, buffers and a mode."""
    model = ask.make("batch_normed", seed=3)
    model.set("0.weight.grad", torch.ones(2, 2))
    ask.subject(model, inputs["x"], names=("model", "x"))


LOOKING = exercise(lambda model, x: model[0](x), {"x": X}, on_a_model)


def trains(model, x):
    """Take a step."""
    with torch.no_grad():
        model[0].weight -= 0.1
    return model[0](x) + x.new_tensor([0.1]) * x.sum(-1, keepdim=True)


def runs_it_all(model, x):
    """Run the whole model in training mode."""
    model(x)
    return model[0](x)


def goes_backward(model, x):
    """Leave gradients behind."""
    model[0](x).sum().backward()
    return model[0](x)


def changes_the_mode(model, x):
    """Leave a part in another mode."""
    model[1].eval()
    return model[0](x)


@pytest.mark.parametrize(
    ("subject", "part"),
    [
        (trains, "parameters"),
        (runs_it_all, "buffers"),
        (goes_backward, "gradients"),
        (changes_the_mode, "mode"),
    ],
)
def test_what_a_model_is_left_with_is_named(monkeypatch, subject, part):
    """The numbers returned are right; what was changed about the model is not to be changed."""
    from gradus import zoo

    def batch_normed(seed):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))

    monkeypatch.setitem(zoo.RECIPES, "batch_normed", batch_normed)
    assert judged(LOOKING, LOOKING.reference).outcome is Outcome.RIGHT
    finding = judged(LOOKING, subject).finding
    assert finding.endswith(f"your code changed the {part} of model, and left it so")


def test_false_alarms_are_rarer_than_stated():
    """Of 2,000 pairs of honest samples, fewer than the 5 % that the tolerance allows lie apart."""
    rng = torch.Generator().manual_seed(1)
    means = torch.rand(2, 2000, 400, generator=rng).lt(0.5).double().mean(-1)
    apart = (means[0] - means[1]).abs() > by_chance(400, alarms=0.05).atol
    assert apart.double().mean() < 0.05


def dropout(x, p):
    """Return x with each entry dropped with probability p, and the others scaled."""
    return x * (torch.rand(x.shape, device=x.device) >= p) / (1 - p)


def test_chance_has_the_power_to_tell():
    """On each of 200 seeds dropout is right, and dropout that keeps with p is wrong."""
    chance = exercise(
        dropout,
        {"x": torch.ones(64, 64), "p": 0.3},
        tolerance=by_chance(64 * 64, alarms=1e-8),
        view="masked_rows",
    )
    for seed in range(200):
        quiz = quizzes.quiz_of(chance, seed, devices=())
        right, wrong = (
            rules.weigh(quiz, [Desk(one).obey(quiz.steps[0].request)])
            for one in (dropout, lambda x, p: dropout(x, 1 - p))
        )
        assert (right.outcome, wrong.outcome) == (Outcome.RIGHT, Outcome.WRONG)


def test_cases_that_differ_in_numbers_alone_are_asked_once_where_there_are_none():
    """On meta a shape of another kind, a stride, a dtype or an option is a question of its own."""
    inputs = {
        "first": (torch.rand(3), 1),
        "other numbers": (torch.rand(3), 1),
        "more of them": (torch.rand(5), 1),
        "one": (torch.rand(1), 1),
        "none": (torch.rand(0), 1),
        "two axes": (torch.rand(3, 2), 1),
        "transposed": (torch.rand(2, 3).T, 1),
        "float64": (torch.rand(3).double(), 1),
        "another option": (torch.rand(3), 2),
    }

    def cases(rng):
        for name, (x, n) in inputs.items():
            yield Case(name, {"x": x, "n": n}, precise=False)

    one = Exercise("synthetic", lambda x, n: n * x, cases, CLOSE, call_once())
    quiz = quizzes.questions_of(one, 1, ("meta", "cpu"))
    asked = {
        visit.device: [quiz.questions[number].case for number, _ in visit.places]
        for visit in quiz.visits
    }
    repeated = ("other numbers", "more of them")
    assert asked["meta"] == [name for name in inputs if name not in repeated]
    assert asked["cpu"] == list(inputs)


def test_where_there_are_no_numbers_the_reference_is_asked_once_for_a_class():
    """A later learner's numbers change nothing there; a size that the reference minds does."""
    on_meta = []

    def odd(x):
        if x.device.type == "meta":
            on_meta.append(len(x))
            assert len(x) % 2, "no answer to an even number of them"
        return x

    def cases(rng):
        yield Case("some", {"x": torch.rand(sizes.pop(0), generator=rng)}, precise=False)

    sizes = [3, 3, 4, 3, 4]
    one = Exercise("synthetic", odd, cases, CLOSE, call_once())
    found = [bool(quizzes.questions_of(one, seed).visits) for seed in range(5)]
    assert found == [True, True, False, True, False]
    assert on_meta == [3, 4]
