"""What a call costs besides its value: bytes kept for the backward pass, floating-point operations.

The numbers are counted, not timed, so they are the same on every machine.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

Costs = dict[str, float]

MEASURES = ("saved_bytes", "flops")
"""What can be counted."""


class Meter:
    """Counts while code runs inside :meth:`running`; :meth:`read` adds what its result keeps."""

    def __init__(self, measures: tuple[str, ...], given: Any) -> None:
        self._measures = measures
        counts_bytes = "saved_bytes" in measures
        self._free = {_storage(tensor) for tensor in tensors_in(given)} if counts_bytes else set()
        self._kept: dict[int, int] = {}
        self._flops = FlopCounterMode(display=False) if "flops" in measures else None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count what happens in the block."""
        with ExitStack() as stack:
            if "saved_bytes" in self._measures:
                stack.enter_context(saved_tensors_hooks(self._keep, _same))
            if self._flops is not None:
                stack.enter_context(self._flops)
            yield

    def read(self, result: Any) -> Costs:
        """Return the counts by name.

        ``saved_bytes`` is the size of the distinct storages that the graph of ``result`` keeps
        alive, whether through ``save_for_backward`` or as attributes of ``ctx``; those of the
        arguments and of parameters are alive anyway and do not count.
        """
        found: Costs = {}
        if "saved_bytes" in self._measures:
            for tensor in tensors_in(result):
                for held in _held_by_contexts(tensor.grad_fn):
                    self._keep(held)
            found["saved_bytes"] = float(sum(self._kept.values()))
        if self._flops is not None:
            found["flops"] = float(self._flops.get_total_flops())
        return found

    def _keep(self, tensor: Tensor) -> Tensor:
        place = _storage(tensor)
        if place not in self._free and not isinstance(tensor, nn.Parameter):
            self._kept[place] = tensor.untyped_storage().nbytes()
        return tensor


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in a nest of containers, and the parameters and buffers of modules."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, nn.Module):
        yield from value.parameters()
        yield from value.buffers()
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)


def _held_by_contexts(node: Any) -> Iterator[Tensor]:
    """Yield what the functions of a graph keep as attributes of their ``ctx``, unseen by hooks."""
    seen: set[Any] = set()
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield from tensors_in(getattr(node, "__dict__", {}))
        waiting += [parent for parent, _ in node.next_functions]


def _storage(tensor: Tensor) -> int:
    place: Callable[[], int] = tensor.untyped_storage().data_ptr
    return place()


def _same(tensor: Tensor) -> Tensor:
    return tensor
