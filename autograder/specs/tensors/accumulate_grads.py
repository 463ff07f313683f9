"""The gradient of a large batch, from chunks that fit into memory."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor, nn

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Subject, Tolerance

Loss = Callable[[Tensor, Tensor], Tensor]
Chunks = list[tuple[Tensor, Tensor]]


def reference(model: nn.Module, loss_fn: Loss, chunks: Chunks) -> float:
    """A mean over all examples is the sum of the chunks' means, each times its share."""
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    mean = 0.0
    for x, y in chunks:
        share = loss_fn(model(x), y) * (len(x) / total)
        share.backward()
        mean += share.item()
    return mean


def divides_at_the_end(model: nn.Module, loss_fn: Loss, chunks: Chunks) -> float:
    for parameter in model.parameters():
        parameter.grad = None
    seen, loss_sum = 0, 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y) * x.shape[0]
        loss.backward()
        seen += x.shape[0]
        loss_sum += float(loss.detach())
    for parameter in model.parameters():
        parameter.grad /= seen
    return loss_sum / seen


def with_autograd_grad(model: nn.Module, loss_fn: Loss, chunks: Chunks) -> float:
    parameters = list(model.parameters())
    sizes = torch.tensor([len(y) for _, y in chunks], dtype=torch.float32)
    sums = [torch.zeros_like(parameter) for parameter in parameters]
    mean = 0.0
    for weight, (x, y) in zip((sizes / sizes.sum()).tolist(), chunks, strict=True):
        loss = loss_fn(model(x), y)
        for total, grad in zip(sums, torch.autograd.grad(loss, parameters), strict=True):
            total += weight * grad
        mean += weight * loss.item()
    for parameter, total in zip(parameters, sums, strict=True):
        parameter.grad = total
    return mean


def as_a_running_mean(model: nn.Module, loss_fn: Loss, chunks: Chunks) -> float:
    model.zero_grad(set_to_none=False)
    seen, mean = 0, 0.0
    for x, y in chunks:
        before = seen / (seen + len(x))
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad.mul_(before)
        loss = loss_fn(model(x), y)
        loss.backward(torch.tensor(1 - before))
        mean = before * mean + (1 - before) * loss.item()
        seen += len(x)
    return mean


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def divides_twice(model, loss_fn, chunks):
    """You divide by the number of examples. By what has the loss of a chunk been divided before?"""
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    mean = 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y) / total
        loss.backward()
        mean += loss.item()
    return mean


def divides_each_chunk_again(model, loss_fn, chunks):
    """The loss of a chunk is a mean already. What does another division by the chunk's length
    make of it?
    """
    model.zero_grad()
    mean = 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y) / len(x)
        loss.backward()
        mean += loss.item()
    return mean


def never_divides(model, loss_fn, chunks):
    """Cut the same batch into twice as many chunks: what becomes of your gradient? What should?"""
    model.zero_grad()
    mean = 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y)
        loss.backward()
        mean += loss.item()
    return mean


def multiplies_by_the_length_only(model, loss_fn, chunks):
    """Times its length, a chunk's mean is a sum again. Is the sum over all examples the mean?"""
    model.zero_grad()
    mean = 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y) * len(x)
        loss.backward()
        mean += loss.item()
    return mean


def gives_every_chunk_the_same_weight(model, loss_fn, chunks):
    """With equal chunks you are right. In a chunk of one example, how much does that example
    count, next to one that shares its chunk with others?
    """
    model.zero_grad()
    mean = 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y) / len(chunks)
        loss.backward()
        mean += loss.item()
    return mean


def weighs_by_the_first_chunk(model, loss_fn, chunks):
    """With equal chunks you are right. Whose length do you take for the last one?"""
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    mean = 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y) * len(chunks[0][0]) / total
        loss.backward()
        mean += loss.item()
    return mean


def divides_the_loss_only(model, loss_fn, chunks):
    """The loss you return is right, and your gradients are all too large by one factor. Which of
    the two did you divide?
    """
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    loss_sum = 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y) * len(x)
        loss.backward()
        loss_sum += loss.item()
    return loss_sum / total


def clears_in_the_loop(model, loss_fn, chunks):
    """`backward` adds to what it finds in `.grad`. What does it find there, the second time
    through your loop?
    """
    total = sum(len(x) for x, _ in chunks)
    mean = 0.0
    for x, y in chunks:
        model.zero_grad()
        loss = loss_fn(model(x), y) * len(x) / total
        loss.backward()
        mean += loss.item()
    return mean


def adds_to_old_gradients(model, loss_fn, chunks):
    """`backward` adds to what it finds in `.grad`. What may be there when your function begins?"""
    total = sum(len(x) for x, _ in chunks)
    mean = 0.0
    for x, y in chunks:
        loss = loss_fn(model(x), y) * len(x) / total
        loss.backward()
        mean += loss.item()
    return mean


def joins_the_chunks(model, loss_fn, chunks):
    """Your gradient is right where memory allows. Why had the batch been cut into chunks?"""
    model.zero_grad()
    x, y = torch.cat([x for x, _ in chunks]), torch.cat([y for _, y in chunks])
    loss = loss_fn(model(x), y)
    loss.backward()
    return loss.item()


def goes_backward_once(model, loss_fn, chunks):
    """Your gradient is right where memory allows. Until when does each chunk's graph stay in
    memory?
    """
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    loss = sum(loss_fn(model(x), y) * len(x) / total for x, y in chunks)
    loss.backward()
    return loss.item()


def averages_the_reported_loss(model, loss_fn, chunks):
    """Your gradients are right. Are the chunks' losses weighed in the number you return, too?"""
    loss_sum = 0.0
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    for x, y in chunks:
        loss = loss_fn(model(x), y)
        (loss * len(x) / total).backward()
        loss_sum += loss.item()
    return loss_sum / len(chunks)


def reports_the_last_loss(model, loss_fn, chunks):
    """Your gradients are right. Which examples does the loss that you return belong to?"""
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    for x, y in chunks:
        loss = loss_fn(model(x), y)
        (loss * len(x) / total).backward()
    return loss.item()


def returns_a_tensor(model, loss_fn, chunks):
    """A loss that is a tensor keeps its history alive. Which method makes a number of it?"""
    total = sum(len(x) for x, _ in chunks)
    model.zero_grad()
    mean = torch.zeros(())
    for x, y in chunks:
        loss = loss_fn(model(x), y) * len(x) / total
        loss.backward()
        mean = mean + loss.detach()
    return mean


def takes_a_step(model, loss_fn, chunks):
    """Your gradients are right. What else did you change about the model, and who asked for it?"""
    mean = reference(model, loss_fn, chunks)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter -= 0.1 * parameter.grad
    return mean


def in_a_first_draft(wrong: Subject) -> Subject:
    """Return ``wrong`` as it stands before its author thinks of old gradients: it adds to them."""

    def draft(model, loss_fn, chunks):
        old = [parameter.grad for parameter in model.parameters()]
        loss = wrong(model, loss_fn, chunks)
        for parameter, grad in zip(model.parameters(), old, strict=True):
            if grad is not None:
                parameter.grad += grad
        return loss

    draft.__name__ = f"{wrong.__name__}_in_a_first_draft"
    draft.__doc__ = wrong.__doc__
    return draft


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield case(rng, "one chunk of 4", [4], "equal chunks")
    yield case(rng, "two chunks of 3", [3, 3], "equal chunks")
    yield case(
        rng, "a network with a hidden layer, three chunks of 2", [2, 2, 2], "equal chunks", 3
    )
    yield case(rng, "chunks of 3, 3 and 1", [3, 3, 1], "ragged chunks")
    yield case(rng, "a classifier, chunks of 1 and 5", [1, 5], "ragged chunks", 3)
    yield case(rng, "old gradients in the model, two chunks of 2", [2, 2], "housekeeping", old=True)
    yield case(
        rng, "a model with room for 3 examples, chunks of 3 and 2", [3, 2], "housekeeping", room=3
    )


def case(
    rng: Generator,
    name: str,
    lengths: list[int],
    aspect: str,
    classes: int = 0,
    old: bool = False,
    room: int = 0,
) -> Case:
    """Draw a regression, or with ``classes`` a classification, in chunks of ``lengths``."""
    chunks = []
    for length in lengths:
        x = torch.randn(length, 4, generator=rng)
        if classes:
            y = torch.randint(classes, (length,), generator=rng)
        else:
            y = torch.randn(length, 2, generator=rng)
        chunks.append((x, y))
    seed = int(torch.randint(10**6, (), generator=rng))
    old_grad = torch.randn(2, 4, generator=rng) if old else None
    inputs = {"chunks": chunks, "classes": classes, "seed": seed, "old": old_grad, "room": room}
    return Case(name, inputs, aspect=aspect, precise=False)


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Make a model and a loss, accumulate, and look at what the model's parameters hold."""
    seed, classes = inputs["seed"], inputs["classes"]
    if classes:
        model = ask.make("mlp", widths=[4, 3, classes], seed=seed)
        parameters = ["0.weight", "0.bias", "2.weight", "2.bias"]
    elif inputs["room"]:
        model = ask.make("cramped", inputs=4, outputs=2, seed=seed, room=inputs["room"])
        parameters = ["model.weight", "model.bias"]
    else:
        model = ask.make("linear", inputs=4, outputs=2, seed=seed)
        parameters = ["weight", "bias"]
    loss_fn = ask.make("cross_entropy" if classes else "mse")
    if inputs["old"] is not None:
        model.set("weight.grad", inputs["old"])
    ask.subject(model, loss_fn, inputs["chunks"], about="loss returned")
    for path in parameters:
        model.get(f"{path}.grad")
    model.get(parameters[0], about=f"{parameters[0]} afterwards")
    if inputs["room"]:
        model.get("held", about="examples that still wait for their backward pass")


exercise = Exercise(
    id="accumulate_grads",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=1e-4, atol=1e-5, because="float32 sums over at most seven examples"),
    drive=drive,
    also_right=(divides_at_the_end, with_autograd_grad, as_a_running_mean),
    misconceptions=(
        divides_twice,
        divides_each_chunk_again,
        never_divides,
        multiplies_by_the_length_only,
        divides_the_loss_only,
        gives_every_chunk_the_same_weight,
        weighs_by_the_first_chunk,
        clears_in_the_loop,
        adds_to_old_gradients,
        joins_the_chunks,
        goes_backward_once,
        averages_the_reported_loss,
        reports_the_last_loss,
        returns_a_tensor,
        takes_a_step,
        in_a_first_draft(divides_twice),
        in_a_first_draft(divides_each_chunk_again),
        in_a_first_draft(never_divides),
        in_a_first_draft(gives_every_chunk_the_same_weight),
        in_a_first_draft(returns_a_tensor),
    ),
    credit={"equal chunks": 1 / 3, "ragged chunks": 1 / 3, "housekeeping": 1 / 3},
)
