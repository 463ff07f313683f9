"""A training loop with its bugs out: judged by what it learns, and by its first steps.

The contract, as the learner's notebook states it: ``train_fixed(model, x, y, epochs, batch, lr,
generator)`` trains a classifier that returns logits ``(examples, classes)`` on ``x``
``(examples, features)`` and the true classes ``y`` ``(examples,)``, and returns nothing. In each
epoch ``torch.randperm(len(x), generator=generator)`` gives the order of the examples; it is cut
into batches of ``batch``, the last of which may be smaller. Each batch is one step of plain
gradient descent, ``p -= lr * gradient``, on the batch's mean cross-entropy. The model may come in
either mode, and with gradients that somebody left in it; it is trained in training mode, and goes
back ready to predict, in evaluation mode. The notebook's loop runs without an error and its model
predicts no better than chance; the task is to find out why.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Tolerance

FEATURES = 6


def reference(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    epochs: int,
    batch: int,
    lr: float,
    generator: Generator,
) -> None:
    """Goodfellow, Bengio and Courville (2016), algorithm 8.1, without replacement."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(batch):
            optimizer.zero_grad()
            functional.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
    model.eval()


def by_hand(model, x, y, epochs, batch, lr, generator):
    model.train()
    parameters = list(model.parameters())
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator)
        x_now, y_now = x[order], y[order]
        for start in range(0, len(x), batch):
            log_probs = model(x_now[start : start + batch]).log_softmax(-1)
            wanted = y_now[start : start + batch]
            loss = -log_probs[torch.arange(len(wanted)), wanted].mean()
            model.zero_grad()
            loss.backward()
            with torch.no_grad():
                for parameter in parameters:
                    parameter -= lr * parameter.grad
    model.eval()


def with_a_loader(model, x, y, epochs, batch, lr, generator):
    criterion = nn.NLLLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr)
    optimizer.zero_grad(set_to_none=False)
    for _ in range(epochs):
        model.train(True)
        order = torch.randperm(len(x), generator=generator)
        chosen = torch.utils.data.Subset(torch.utils.data.TensorDataset(x, y), order.tolist())
        for inputs, targets in torch.utils.data.DataLoader(chosen, batch_size=batch):
            loss = criterion(functional.log_softmax(model(inputs), dim=1), targets)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
    model.train(False)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def loop(model, x, y, epochs, batch, lr, generator, bugs):
    """Train with the named bugs."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    if "stays in its mode" not in bugs:
        model.train()
    if "clears once" in bugs:
        optimizer.zero_grad()
    for _ in range(1 if "one epoch" in bugs else epochs):
        order = torch.randperm(len(x), generator=generator)
        if "in order" in bugs:
            order = torch.arange(len(x))
        if "clears in each epoch" in bugs:
            optimizer.zero_grad()
        for rows in order.split(batch):
            if "no last batch" in bugs and len(rows) < batch:
                break
            if "clears first" in bugs:
                optimizer.zero_grad()
            inputs = x[: len(rows)] if "first rows" in bugs else x[rows]
            wanted = y.roll(1)[rows] if "rolls" in bugs else y[rows]
            scores = model(inputs)
            if "softmax" in bugs:
                scores = scores.softmax(-1)
            sums = "sum" if "sum" in bugs else "mean"
            loss = functional.cross_entropy(scores, wanted, reduction=sums)
            (-loss if "uphill" in bugs else loss).backward()
            if "clears before the step" in bugs:
                optimizer.zero_grad()
            optimizer.step()
            if "clears after the step" in bugs:
                optimizer.zero_grad()
    if "never evaluates" not in bugs:
        model.eval()


def never_clears_the_gradients(model, x, y, epochs, batch, lr, generator):
    """Print the gradient's norm after each backward pass. What does backward() do with the
    gradients that are there already?
    """
    loop(model, x, y, epochs, batch, lr, generator, {})


def clears_the_gradients_once(model, x, y, epochs, batch, lr, generator):
    """The first step is right and the second is not. What is in .grad when the second backward
    pass begins?
    """
    loop(model, x, y, epochs, batch, lr, generator, {"clears once"})


def clears_the_gradients_in_each_epoch(model, x, y, epochs, batch, lr, generator):
    """With one batch to an epoch your loop is right. What is in .grad when the second batch of an
    epoch begins?
    """
    loop(model, x, y, epochs, batch, lr, generator, {"clears in each epoch"})


def clears_the_gradients_after_the_step_only(model, x, y, epochs, batch, lr, generator):
    """Who says that the model comes without gradients? Look at the very first step."""
    loop(model, x, y, epochs, batch, lr, generator, {"clears after the step"})


def clears_the_gradients_before_the_step(model, x, y, epochs, batch, lr, generator):
    """Compare a weight before and after your training. Which gradient does step() find?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears before the step"})


def takes_softmax_twice(model, x, y, epochs, batch, lr, generator):
    """Between which numbers can the loss lie now? What does cross_entropy() do first with what it
    is given?
    """
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "softmax"})


def parts_inputs_from_labels(model, x, y, epochs, batch, lr, generator):
    """Take three examples of one of your batches: is each with its own class?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "first rows"})


def shifts_the_labels_by_one(model, x, y, epochs, batch, lr, generator):
    """Whose class does the first example of a batch carry: its own, or its neighbour's?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "rolls"})


def never_evaluates(model, x, y, epochs, batch, lr, generator):
    """What will a layer of batch norm do when your model is asked about a single example?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "never evaluates"})


def never_trains(model, x, y, epochs, batch, lr, generator):
    """In which mode does the model come? Compare a batch norm's running mean before and after."""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "stays in its mode"})


def goes_uphill(model, x, y, epochs, batch, lr, generator):
    """Does your loss go down?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "uphill"})


def sums_the_loss(model, x, y, epochs, batch, lr, generator):
    """Double the batch: should a step then become twice as long?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "sum"})


def drops_the_last_batch(model, x, y, epochs, batch, lr, generator):
    """Count the examples that an epoch of yours has seen. Are those all?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "no last batch"})


def keeps_the_order(model, x, y, epochs, batch, lr, generator):
    """Which examples make your second batch, and which ones does the drawn order name?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "in order"})


def trains_for_one_epoch(model, x, y, epochs, batch, lr, generator):
    """How often has your loop seen each example, and how often was it asked to?"""
    loop(model, x, y, epochs, batch, lr, generator, {"clears first", "one epoch"})


def cases(rng: Generator) -> Iterator[Case]:
    """Few steps, where weights are compared; many, where only what was learnt counts."""
    yield case(rng, "one step on all 7 examples", "steps", rows=7)
    yield case(rng, "one epoch, batches of 3, 3 and 2", "steps", rows=8, batch=3)
    yield case(rng, "two epochs of one batch", "steps", rows=5, epochs=2)
    yield case(rng, "gradients left in the model", "steps", rows=5, old=True)
    yield case(rng, "a transposed x in float64", "steps", rows=6, batch=4, double=True)
    yield case(rng, "one example, and inputs of size 10,000", "steps", rows=1, scale=1e4, lr=1e-6)
    yield case(rng, "inputs that are all 0", "steps", rows=4, batch=2, scale=0)
    yield case(rng, "no epochs at all", "mode", rows=4, epochs=0)
    yield case(rng, "a batch norm that comes in evaluation mode", "mode", rows=6, norm=True)
    yield quality(rng, "ten classes, batches of 20, predictions of 100 new examples")


def case(
    rng: Generator,
    name: str,
    aspect: str,
    rows: int,
    batch: int | None = None,
    epochs: int = 1,
    lr: float = 0.3,
    scale: float = 1.0,
    double: bool = False,
    old: bool = False,
    norm: bool = False,
) -> Case:
    """Draw a few examples and their classes."""
    dtype = torch.float64 if double else torch.float32
    inputs = {
        "x": scale * torch.randn(FEATURES, rows, generator=rng).to(dtype).T,
        "y": torch.randint(3, (rows,), generator=rng),
        "epochs": epochs,
        "batch": batch or rows,
        "lr": lr,
        "seed": _seed(rng),
        "widths": [FEATURES, 5, 3],
        "old": torch.randn(5, FEATURES, generator=rng) if old else None,
        "norm": norm,
        "new": None,
        "key": None,
    }
    return Case(name, inputs, aspect=aspect, precise=False)


def quality(rng: Generator, name: str) -> Case:
    """Draw examples around ten centres at right angles to each other, half of them to train on."""
    centres = torch.linalg.qr(torch.randn(10, 10, generator=rng)).Q
    y = (torch.arange(200) % 10)[torch.randperm(200, generator=rng)]
    x = 3 * centres[y] + 0.5 * torch.randn(200, 10, generator=rng)
    inputs = {
        "x": x[:100],
        "y": y[:100],
        "epochs": 6,
        "batch": 20,
        "lr": 0.5,
        "seed": _seed(rng),
        "widths": [10, 10],
        "old": None,
        "norm": False,
        "new": x[100:],
        "key": y[100:],
    }
    return Case(name, inputs, aspect="what was learnt", view="form", precise=False)


def _seed(rng: Generator) -> int:
    return int(torch.randint(10**6, (), generator=rng))


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Make a model, have it trained, and look at its weights, its mode, or what it predicts."""
    seed = inputs["seed"]
    model = ask.make("mlp", widths=inputs["widths"], seed=seed, norm=inputs["norm"])
    if inputs["x"].dtype == torch.float64:
        model.method("double")
    if inputs["old"] is not None:
        model.set("0.weight.grad", inputs["old"])
    if inputs["norm"]:
        model.method("eval")
    values = [inputs[name] for name in ("x", "y", "epochs", "batch", "lr")]
    generator = ask.make("generator", seed=seed)
    ask.subject(model, *values, generator, names=("model", "x", "y"))
    model.get("training", about="whether the model is in training mode afterwards")
    if inputs["key"] is None:
        model.get("0.weight", about="the first layer's weights")
        if inputs["norm"]:
            model.get("1.running_mean", about="the running mean of the batch norm")
        return
    model(inputs["new"], about="predictions").within(
        "accuracy",
        at_least=0.85,
        key=inputs["key"],
        because="the loop without its bugs gets nine in ten of these new examples right, or more",
    )


exercise = Exercise(
    id="train_fixed",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-5, because="a few steps of a small model in float32"),
    drive=drive,
    also_right=(by_hand, with_a_loader),
    misconceptions=(
        never_clears_the_gradients,
        clears_the_gradients_once,
        clears_the_gradients_in_each_epoch,
        clears_the_gradients_after_the_step_only,
        clears_the_gradients_before_the_step,
        takes_softmax_twice,
        parts_inputs_from_labels,
        shifts_the_labels_by_one,
        never_evaluates,
        never_trains,
        goes_uphill,
        sums_the_loss,
        drops_the_last_batch,
        keeps_the_order,
        trains_for_one_epoch,
    ),
)
