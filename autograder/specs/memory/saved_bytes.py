"""How many bytes a function leaves in memory for its backward pass.

The contract, as the learner's stub states it::

    def saved_bytes(fn, *xs):
        '''Return how many bytes autograd keeps alive for the backward pass of fn(*xs).

        ``fn`` is a module, or a function without parameters; ``xs`` are the tensors that it is
        called with, as they are. Call it once; its result is not needed.

        What counts are storages: the memory behind tensors. A saved view keeps the whole storage
        alive that it looks into, and two saved tensors may share one storage, which is there
        once. Storages of xs and of the parameters of fn are there anyway and do not count,
        whether the tensor itself was saved or a view of it.

        Returns the number of bytes, an int; 0 if nothing is saved. No ``.grad`` is filled,
        nothing is changed.
        '''
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from autograder.driver import Recorder
from autograder.spec import Case, Exercise, Tolerance

Fn = Callable[..., Tensor]


def reference(fn: Fn, *xs: Tensor) -> int:
    """The storages that pass through ``torch.autograd.graph.saved_tensors_hooks``, each once."""
    given = [*xs, *(fn.parameters() if isinstance(fn, nn.Module) else ())]
    free = {tensor.untyped_storage().data_ptr() for tensor in given}
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        fn(*xs)
    return sum(kept[place].untyped_storage().nbytes() for place in kept.keys() - free)


def from_the_graph(fn: Fn, *xs: Tensor) -> int:
    """Walk from the result to the inputs, and look at what each node has saved."""
    result = fn(*xs)
    known = {x.untyped_storage()._cdata for x in xs}
    if hasattr(fn, "parameters"):
        known |= {weight.untyped_storage()._cdata for weight in fn.parameters()}
    total, nodes, visited = 0, [result.grad_fn], set()
    while nodes:
        node = nodes.pop()
        if node is None or node in visited:
            continue
        visited.add(node)
        nodes += [parent for parent, _ in node.next_functions]
        for name in dir(node):
            saved = getattr(node, name) if name.startswith("_saved_") else None
            if isinstance(saved, Tensor) and saved.untyped_storage()._cdata not in known:
                known.add(saved.untyped_storage()._cdata)
                total += saved.untyped_storage().nbytes()
    return total


class Ledger:
    """Storages by the address where they begin, with those that are free of charge."""

    def __init__(self, free):
        self.free = [one.untyped_storage().data_ptr() for one in free]
        self.sizes = {}

    def note(self, tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self.free:
            self.sizes[storage.data_ptr()] = storage.size()
        return tensor


def with_a_ledger(fn: Fn, *xs: Tensor) -> int:
    ledger = Ledger(list(xs) + list(getattr(fn, "parameters", list)()))
    with torch.autograd.graph.saved_tensors_hooks(ledger.note, lambda kept: kept):
        result = fn(*xs)
    del result
    return int(sum(ledger.sizes.values()))


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def saved_by(fn, xs):
    """Return the tensors that autograd saves, in order."""
    kept = []

    def keep(tensor):
        kept.append(tensor)
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        fn(*xs)
    return kept


def place(tensor):
    """Return where the storage of a tensor begins."""
    return tensor.untyped_storage().data_ptr()


def weights(fn):
    """Return the parameters of ``fn``, if it has any."""
    return list(fn.parameters()) if isinstance(fn, nn.Module) else []


def counts_parameters(fn, *xs):
    """Parameters are in memory with or without your function. Do you count them?"""
    free = {place(x) for x in xs}
    kept = {place(one): one.untyped_storage().nbytes() for one in saved_by(fn, xs)}
    return sum(size for where, size in kept.items() if where not in free)


def counts_views_of_parameters(fn, *xs):
    """A linear layer saves its weight transposed. Is that a parameter by its type, or by its
    storage?
    """
    free = {place(x) for x in xs}
    kept = {
        place(one): one.untyped_storage().nbytes()
        for one in saved_by(fn, xs)
        if not isinstance(one, nn.Parameter)
    }
    return sum(size for where, size in kept.items() if where not in free)


def counts_inputs(fn, *xs):
    """The inputs are in memory before your function runs. Do you count them?"""
    free = {place(one) for one in weights(fn)}
    kept = {place(one): one.untyped_storage().nbytes() for one in saved_by(fn, xs)}
    return sum(size for where, size in kept.items() if where not in free)


def counts_everything_saved(fn, *xs):
    """Some of what is saved is in memory anyway. What had been there before your function ran?"""
    kept = {place(one): one.untyped_storage().nbytes() for one in saved_by(fn, xs)}
    return sum(kept.values())


def counts_views_of_inputs(fn, *xs):
    """Half of an input is saved as a view. How much memory does a view need of its own?"""
    free = {place(one) for one in weights(fn)}
    known = {(x.data_ptr(), x.shape) for x in xs}
    kept = {
        place(one): one.untyped_storage().nbytes()
        for one in saved_by(fn, xs)
        if (one.data_ptr(), one.shape) not in known
    }
    return sum(size for where, size in kept.items() if where not in free)


def counts_a_shared_storage_twice(fn, *xs):
    """One operation saves its output, the next one its input, and both are the same memory. How
    often do you count it?
    """
    free = {place(one) for one in [*xs, *weights(fn)]}
    kept = [one for one in saved_by(fn, xs) if place(one) not in free]
    return sum(one.untyped_storage().nbytes() for one in kept)


def adds_up_the_tensors(fn, *xs):
    """You add up the bytes of tensors. Which of them lie in the same storage?"""
    free = {place(one) for one in [*xs, *weights(fn)]}
    kept = [one for one in saved_by(fn, xs) if place(one) not in free]
    return sum(one.numel() * one.element_size() for one in kept)


def compares_first_elements(fn, *xs):
    """Two halves of one tensor begin at different addresses. Do their storages?"""
    free = {place(one) for one in [*xs, *weights(fn)]}
    kept = {
        one.data_ptr(): one.untyped_storage().nbytes()
        for one in saved_by(fn, xs)
        if place(one) not in free
    }
    return sum(kept.values())


def counts_the_view_only(fn, *xs):
    """A column is saved, and nobody else holds the matrix that it is a view of. How much memory
    stays in use?
    """
    free = {place(one) for one in [*xs, *weights(fn)]}
    kept: dict[int, int] = {}
    for one in saved_by(fn, xs):
        size = one.numel() * one.element_size()
        kept[place(one)] = max(size, kept.get(place(one), 0))
    return sum(size for where, size in kept.items() if where not in free)


def counts_elements(fn, *xs):
    """You count numbers. How many bytes does each take, and where does it say so?"""
    free = {place(one) for one in [*xs, *weights(fn)]}
    kept = {
        place(one): one.untyped_storage().nbytes() // one.element_size() for one in saved_by(fn, xs)
    }
    return sum(size for where, size in kept.items() if where not in free)


def assumes_four_bytes(fn, *xs):
    """Not every tensor holds float32. What do a mask, an index and a float64 take?"""
    return 4 * counts_elements(fn, *xs)


def measures_the_result(fn, *xs):
    """A result is what a function returns. What does autograd keep beside it, to differentiate the
    steps in between?
    """
    return fn(*xs).untyped_storage().nbytes()


def measures_without_a_graph(fn, *xs):
    """When does autograd save anything? Under `no_grad`, what is there to be saved for?"""
    with torch.no_grad():
        return len(saved_by(fn, xs))


def detaches_the_inputs(fn, *xs):
    """Whose gradients will the backward pass work out? What does `detach` say about the inputs?"""
    return reference(fn, *(x.detach() for x in xs))


def asks_for_all_gradients(fn, *xs):
    """An input that needs no gradient spares memory. What do you make of it before you call?"""
    return reference(fn, *(x.detach().requires_grad_() for x in xs))


def goes_backward(fn, *xs):
    """Your number is right. What does your function leave behind in `.grad`?"""
    total = reference(fn, *xs)
    result = fn(*xs)
    if result.requires_grad:
        result.sum().backward()
    return total


def answers_in_kilobytes(fn, *xs):
    """Your numbers are smaller by one factor. Which unit is asked for?"""
    return reference(fn, *xs) / 1024


def returns_a_tensor(fn, *xs):
    """A number of bytes is a number. What is the type of yours?"""
    return torch.tensor(reference(fn, *xs))


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield case(rng, "e to the x", ["exp"])
    yield case(rng, "the sine of e to the x", ["exp", "sin"])
    yield case(rng, "sine after sine", ["sin", "sin"])
    yield case(rng, "the sine of -x, in float64", ["negative", "sin"], dtype=torch.float64)
    yield case(rng, "tanh of the positive entries", ["without negatives", "tanh"])
    yield case(rng, "the largest of each row of e to the x", ["exp", "largest"])
    yield case(rng, "an input that needs no gradient", ["exp", "sin"], grad=False)
    yield case(rng, "e to the x, its halves multiplied", ["exp", "product of halves"], "views")
    yield case(rng, "the halves of the input multiplied", ["product of halves"], "views")
    yield case(rng, "the sine of a column of -x", ["negative", "first column", "sin"], "views")
    yield case(
        rng, "a transposed input of large numbers", ["tanh"], "views", scale=1e4, transposed=True
    )
    yield case(rng, "a single row of zeros", ["exp", "sin"], "views", scale=0.0, rows=1)
    yield case(rng, "no rows", ["exp", "sin"], "views", rows=0)
    yield case(rng, "layer normalisation", [4], "models")
    yield case(rng, "a linear layer", [4, 3], "models")
    yield case(rng, "a network with a hidden layer", [4, 5, 2], "models")
    yield case(rng, "a network, and an input that needs no gradient", [4, 3], "models", grad=False)


def case(
    rng: Generator,
    name: str,
    steps: list[Any],
    aspect: str = "functions",
    *,
    grad: bool = True,
    dtype: torch.dtype = torch.float32,
    scale: float = 1.0,
    rows: int | None = None,
    transposed: bool = False,
) -> Case:
    """Draw an input of a random size; ``steps`` are names of functions, or widths of layers."""
    drawn = torch.randint(2, 7, (2,), generator=rng).tolist()
    seed = int(torch.randint(10**6, (), generator=rng))
    rows = drawn[0] if rows is None else rows
    columns = 2 * drawn[1]
    if isinstance(steps[0], int):
        steps = [steps[0], *(width + drawn[1] for width in steps[1:])]
        columns = steps[0]
    shape = (columns, rows) if transposed else (rows, columns)
    x = scale * torch.randn(shape, generator=rng).to(dtype)
    x = x.T if transposed else x
    inputs = {"steps": steps, "seed": seed, "x": x.detach().requires_grad_(grad)}
    return Case(name, inputs, aspect=aspect, precise=False)


def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
    """Make the function, and ask for its bytes."""
    steps = inputs["steps"]
    if len(steps) == 1 and isinstance(steps[0], int):
        fn = ask.make("layer_norm", features=steps[0], seed=inputs["seed"])
    elif isinstance(steps[0], int):
        fn = ask.make("mlp", widths=steps, seed=inputs["seed"])
    else:
        fn = ask.make("composed", steps=steps)
    ask.subject(fn, inputs["x"], names=("fn", "x"))


exercise = Exercise(
    id="saved_bytes",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=0.0, atol=0.0, because="bytes are counted"),
    drive=drive,
    also_right=(from_the_graph, with_a_ledger),
    misconceptions=(
        counts_parameters,
        counts_views_of_parameters,
        counts_inputs,
        counts_everything_saved,
        counts_views_of_inputs,
        counts_a_shared_storage_twice,
        adds_up_the_tensors,
        compares_first_elements,
        counts_the_view_only,
        counts_elements,
        assumes_four_bytes,
        measures_the_result,
        measures_without_a_graph,
        detaches_the_inputs,
        asks_for_all_gradients,
        goes_backward,
        answers_in_kilobytes,
        returns_a_tensor,
    ),
    credit={"functions": 0.5, "views": 0.25, "models": 0.25},
)
