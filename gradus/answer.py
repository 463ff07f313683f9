"""The learner's end of the wire: holds the learner's object and obeys a few verbs.

Requests and replies are plain values. The judge keeps the references and the expected
answers; what runs here is the learner's own code, and only its results leave.
"""

import os
import socket
import sysconfig
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gradus import wire, zoo
from gradus.cells import SOCKET, running_shell
from gradus.costs import Meter, tensors_in
from gradus.forbidden import watched
from gradus.quiz import Reply, Request
from gradus.wire import Handle, Query, Recipe

Ring = Callable[[int, list[Any]], Any]
"""Puts a query to the one who asked: the number of the black box and the arguments."""

TRAIL, WIDTH = 6, 200
"""Lines of a trail, and characters of each, at most."""


class BudgetSpent(RuntimeError):
    """A black box was asked about more examples than were granted."""


class Desk:
    """Holds the learner's object as number 0, and what came of requests under later numbers.

    The verbs: ``call`` an object held or one of its methods, ``get`` or ``set`` an attribute,
    ``make`` something from :mod:`gradus.zoo`, and ``gradients`` of an earlier result in some of
    its arguments or in objects held, against a given upstream gradient, or one for each of several
    results. A request may name a ``device``; what is held for one device is out of reach on
    another.

    Args:
        subject: The learner's function or class.
        ring: Puts a query to the asker; without it, black boxes are made here from their recipe.
    """

    def __init__(self, subject: Any, ring: Ring | None = None) -> None:
        self._subject = subject
        self._ring = ring
        self._shelves: dict[str, dict[int, Any]] = {}
        self._device = "cpu"
        self._arguments: dict[tuple[str, int], dict[str, Any]] = {}
        self._queries = 0

    def obey(self, request: Request) -> Reply:
        """Do what ``request`` says and return the reply; an error is a reply, too."""
        verbs = {
            "call": self._call,
            "get": self._get,
            "set": self._set,
            "make": self._make,
            "gradients": self._gradients,
        }
        try:
            self._device = request.get("device", "cpu")
            if not self._reaches(self._device):
                return {"absent": self._device}
            self._held = self._shelves.setdefault(self._device, {0: self._subject})
            if "seed" in request:
                torch.manual_seed(request["seed"])
            reply = verbs[request["verb"]](request)
        except wire.WireError as error:
            reply = {"refused": str(error)}
        except (Exception, SystemExit) as error:
            reply = raised(error)
        return reply

    def _call(self, request: Request) -> Reply:
        self._queries = 0
        args = [self._real(value) for value in request["args"]]
        kwargs = {name: self._real(value) for name, value in request["kwargs"].items()}
        arguments = {**dict(zip(request["names"], args, strict=False)), **kwargs}
        before = _traces(arguments)
        called = _attribute(self._object(request["of"]), request.get("method", ""))
        meter = Meter(tuple(request.get("measure", ())), [args, kwargs])
        with watched(request.get("watch", ())) as used, meter.running():
            result = called(*args, **kwargs)
        self._arguments[self._device, request["keep"]] = arguments
        reply = self._keep(request, result)
        after = _traces(arguments)
        edited = [name for name in before if after.get(name) != before[name]]
        cost = meter.read(result)
        if self._queries:
            cost["queries"] = float(self._queries)
        found = {"edited": edited, "used": used, "cost": cost}
        return {**reply, **{name: value for name, value in found.items() if value}}

    def _get(self, request: Request) -> Reply:
        return self._keep(request, _attribute(self._object(request["of"]), request["path"]))

    def _set(self, request: Request) -> Reply:
        *path, name = request["path"].split(".")
        owner = _attribute(self._object(request["of"]), ".".join(path))
        setattr(owner, name, self._real(request["value"]))
        return {"value": None}

    def _make(self, request: Request) -> Reply:
        return self._keep(request, self._real(request["recipe"]))

    def _gradients(self, request: Request) -> Reply:
        result = self._object(request["of"])
        arguments = self._arguments.get((self._device, request["of"]), {})
        inputs = [
            self._object(one.number) if isinstance(one, Handle) else arguments[one]
            for one in request["inputs"]
        ]
        several = isinstance(request["upstream"], list)
        upstreams = request["upstream"] if several else [request["upstream"]]
        results = list(result) if several and isinstance(result, list | tuple) else [result]
        if not all(isinstance(one, Tensor) and one.requires_grad for one in results):
            return {"refused": "the result does not depend on its inputs through autograd"}
        found = torch.autograd.grad(
            results,
            inputs,
            [one.to(to.device) for one, to in zip(upstreams, results, strict=True)],
            allow_unused=True,
            retain_graph=True,
        )
        if len(found) == 1:
            return _described(found[0])
        names = [
            one if isinstance(one, str) else f"input {at}"
            for at, one in enumerate(request["inputs"])
        ]
        return _described(dict(zip(names, found, strict=True)))

    def _keep(self, request: Request, result: Any) -> Reply:
        """Hold ``result``; reply with it if it is plain data, else with the name of its type."""
        self._held[request["keep"]] = result
        value = _detached(result)
        if not wire.travels(value):
            return {"object": type(result).__name__}
        return _described(value)

    def _reaches(self, device: str) -> bool:
        """Return whether tensors can be made on ``device`` here; that they cannot is no mistake."""
        if device in ("cpu", "meta") or device in self._shelves:
            return True
        try:
            torch.empty(0, device=device)
        except (RuntimeError, AssertionError, NotImplementedError):
            return False
        return True

    def _object(self, number: int) -> Any:
        if number not in self._held:
            raise wire.WireError("an earlier step of this case gave no result")
        return self._held[number]

    def _real(self, value: Any) -> Any:
        """Return ``value`` with objects in place of what stands for them, on the device."""
        if isinstance(value, Handle):
            return self._object(value.number)
        if isinstance(value, Recipe):
            arguments = {name: self._real(item) for name, item in value.arguments.items()}
            made = zoo.make(value.name, arguments)
            elsewhere = isinstance(made, nn.Module) and self._device != "cpu"
            return made.to(self._device) if elsewhere else made
        if isinstance(value, Query):
            return self._black_box(value)
        if isinstance(value, list | tuple):
            return type(value)(self._real(item) for item in value)
        if isinstance(value, dict):
            return {key: self._real(item) for key, item in value.items()}
        if isinstance(value, Tensor) and self._device != "cpu" and value.device.type == "cpu":
            return value.detach().to(self._device).requires_grad_(value.requires_grad)
        return value

    def _black_box(self, query: Query) -> Callable[[Tensor], Tensor]:
        """Return the function that a learner's code is handed: one row of ``x``, one query."""
        inside = None if query.made_of is None else self._real(query.made_of)

        def black_box(x: Tensor) -> Tensor:
            if inside is None:  # the one who asked keeps the count, of refused questions, too
                assert self._ring is not None, "a black box without a recipe needs someone to ask"
                answer: Tensor = self._ring(query.number, [_detached(x)])
                return answer.to(x.device)
            self._queries += len(x) if isinstance(x, Tensor) and x.dim() else 1
            if self._queries > query.budget:
                raise BudgetSpent(
                    f"{self._queries} examples were asked about; {query.budget} were granted"
                )
            with torch.no_grad():
                result: Tensor = inside(x)
            return result

        return black_box


def raised(error: BaseException) -> Reply:
    """Return the reply that says which error came, and from which lines of the learner's.

    Its ``trail`` shows how the learner's functions called each other until then: the innermost
    line is the last, and marked if there are several.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.line and _is_theirs(frame.filename)]
    reply: Reply = {"raised": type(error).__name__, "message": str(error)[:500]}
    if own:
        reply["trail"] = _trail(own)
    return reply


def _is_theirs(filename: str) -> bool:
    return not filename.startswith(_OURS) and not filename.startswith("<frozen ")


def _trail(own: list[traceback.FrameSummary]) -> str:
    """Return the lines of the frames, each with its number; of a deep recursion only the ends."""
    several = len({frame.filename for frame in own}) > 1
    lines = [f"{_where(frame, several)}: {frame.line}" for frame in own]
    if len(lines) > TRAIL:
        lines[TRAIL - 3 : -2] = ["... and so on"]
    if len(lines) > 1:
        lines = [*(f"  {line}" for line in lines[:-1]), f"> {lines[-1]}"]
    return "\n".join(line[:WIDTH] for line in lines)


def _where(frame: traceback.FrameSummary, several: bool) -> str:
    """Return the number of a frame's line, its function, and its cell where there are several."""
    cell = f"{_place(frame.filename)}, line " if several else ""
    function = "" if frame.name.startswith("<") else f" in {frame.name}"
    return f"{cell}{frame.lineno}{function}"


def _place(filename: str) -> str:
    """Return what a learner calls the place of some code: the number of a cell, or a file."""
    shell = running_shell()
    named = shell.compile.format_code_name(filename) if shell else None
    return named[1] if named else os.path.basename(filename)


def hand_in(exercise: str, subject: Any) -> None:
    """Put ``subject`` at the judge's disposal for one exercise, until it has asked all it wants.

    Nothing comes back: the judge keeps the record. ``exercise`` is for the reader of the
    notebook; the judge knows which exercise is due.

    Raises:
        ConnectionError: If no judge is waiting for an answer here and now.
    """
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(os.environ[SOCKET])

        def ring(number: int, arguments: list[Any]) -> Any:
            wire.send(channel, {"query": number, "args": arguments})
            answer = wire.receive(channel)
            if "raised" in answer:
                kinds = {"BudgetSpent": BudgetSpent}
                raise kinds.get(answer["raised"], RuntimeError)(answer["message"])
            return answer["value"]

        desk = Desk(subject, ring)
        while (request := wire.receive(channel)) is not None:
            wire.send(channel, desk.obey(request))


_OURS = (
    os.path.dirname(__file__) + os.sep,
    *(sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")),
)
"""Where code lies that a learner did not write: this package, Python's library, and others."""


def _attribute(owner: Any, path: str) -> Any:
    """Return the attribute at a dotted path; numbers index, as in ``0.weight``."""
    for name in path.split(".") if path else []:
        owner = owner[int(name)] if name.isdigit() else getattr(owner, name)
    return owner


def _traces(arguments: dict[str, Any]) -> dict[str, bytes]:
    """Return, by what it is called, something of each argument that changes with the argument.

    A model has parts: it may be trained without losing its mode, or run and keep gradients.
    """
    found: dict[str, bytes] = {}
    for name, value in arguments.items():
        if isinstance(value, nn.Module):
            grads = [weight.grad for weight in value.parameters()]
            modes = [part.training for part in value.modules()]
            found[f"the parameters of {name}"] = _bytes(list(value.parameters()))
            found[f"the buffers of {name}"] = _bytes(list(value.buffers()))
            found[f"the gradients of {name}"] = _bytes(grads)
            found[f"the mode of {name}"] = repr(modes).encode()
        elif wire.travels(value):
            found[name] = _bytes(value)
    return found


def _bytes(value: Any) -> bytes:
    if value is None or isinstance(value, bool | int | float | str):
        return b""
    if isinstance(value, Tensor) and value.device.type == "cpu" and value.dtype in _AS_BYTES:
        return repr(value.shape).encode() + value.detach().numpy().tobytes()
    return wire.encode(_detached(value))


_AS_BYTES = {torch.float32, torch.float64, torch.int64}


def _described(value: Any) -> Reply:
    """Return the reply that holds ``value`` as it is now, and where its tensors are if elsewhere.

    What is held may change in a later step; a reply that was given may not.
    """
    devices = sorted({tensor.device.type for tensor in tensors_in(value)})
    elsewhere = {"device": ", ".join(devices)} if devices not in ([], ["cpu"]) else {}
    return {"value": _copied(_detached(value)), **elsewhere}


def _copied(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, np.ndarray):
        return value.copy(order="K")
    if type(value) in (list, tuple):
        return type(value)(_copied(item) for item in value)
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return value


def _detached(value: Any) -> Any:
    """Return a copy of ``value`` with its tensors cut from the graph.

    A reply shares no history and no memory: a later step may change what is held in place.
    """
    if isinstance(value, Tensor):
        return value.detach().clone()
    if type(value) in (list, tuple):
        return type(value)(_detached(item) for item in value)
    if type(value) is dict:
        return {key: _detached(item) for key, item in value.items()}
    return value
