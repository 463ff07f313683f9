"""The learner's end of the wire: holds the learner's object and obeys a few verbs.

Requests and replies are plain values. The judge keeps the references and the expected
answers; what runs here is the learner's own code, and only its results leave.
"""

import os
import socket
import time
import traceback
from typing import Any

import torch
from torch import Tensor

from gradus import wire, zoo
from gradus.quiz import Reply, Request
from gradus.wire import Handle, Recipe

SOCKET = "GRADUS_JUDGE"
"""The environment variable that says where the judge listens."""


class Desk:
    """Holds the learner's object as number 0, and what came of requests under later numbers.

    The verbs: ``call`` an object held or one of its methods, ``get`` or ``set`` an attribute,
    ``make`` something from :mod:`gradus.zoo`, and ``gradients`` of an earlier result in some of
    its arguments or in objects held, against a given upstream gradient.
    """

    def __init__(self, subject: Any) -> None:
        self._held: dict[int, Any] = {0: subject}
        self._arguments: dict[int, dict[str, Any]] = {}

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
            if "seed" in request:
                torch.manual_seed(request["seed"])
            reply = verbs[request["verb"]](request)
        except wire.WireError as error:
            reply = {"refused": str(error)}
        except (Exception, SystemExit) as error:
            reply = raised(error)
        return reply

    def _call(self, request: Request) -> Reply:
        device = request.get("device", "cpu")
        args = [self._real(value, device) for value in request["args"]]
        kwargs = {name: self._real(value, device) for name, value in request["kwargs"].items()}
        arguments = {**dict(zip(request["names"], args, strict=False)), **kwargs}
        before = {name: _fingerprint(value) for name, value in arguments.items()}
        called = _attribute(self._object(request["of"]), request.get("method", ""))
        result = called(*args, **kwargs)
        self._arguments[request["keep"]] = arguments
        reply = self._keep(request, result)
        edited = [name for name, value in arguments.items() if _fingerprint(value) != before[name]]
        if edited:
            reply["edited"] = edited
        if isinstance(result, Tensor) and result.device.type != "cpu":
            reply["device"] = result.device.type
        return reply

    def _get(self, request: Request) -> Reply:
        return self._keep(request, _attribute(self._object(request["of"]), request["path"]))

    def _set(self, request: Request) -> Reply:
        *path, name = request["path"].split(".")
        owner = _attribute(self._object(request["of"]), ".".join(path))
        setattr(owner, name, self._real(request["value"], "cpu"))
        return {"value": None}

    def _make(self, request: Request) -> Reply:
        return self._keep(request, self._real(request["recipe"], "cpu"))

    def _gradients(self, request: Request) -> Reply:
        result = self._object(request["of"])
        arguments = self._arguments.get(request["of"], {})
        inputs = [
            self._object(one.number) if isinstance(one, Handle) else arguments[one]
            for one in request["inputs"]
        ]
        if not isinstance(result, Tensor) or not result.requires_grad:
            return {"refused": "the result does not depend on its inputs through autograd"}
        found = torch.autograd.grad(
            result,
            inputs,
            request["upstream"].to(result.device),
            allow_unused=True,
            retain_graph=True,
        )
        if len(found) == 1:
            return {"value": found[0]}
        names = [
            one if isinstance(one, str) else f"input {at}"
            for at, one in enumerate(request["inputs"])
        ]
        return {"value": dict(zip(names, found, strict=True))}

    def _keep(self, request: Request, result: Any) -> Reply:
        """Hold ``result``; reply with it if it is plain data, else with the name of its type."""
        self._held[request["keep"]] = result
        value = _detached(result)
        if not wire.travels(value):
            return {"object": type(result).__name__}
        return {"value": value}

    def _object(self, number: int) -> Any:
        if number not in self._held:
            raise wire.WireError("an earlier step of this case gave no result")
        return self._held[number]

    def _real(self, value: Any, device: str) -> Any:
        """Return ``value`` with handles and recipes replaced by objects, tensors on ``device``."""
        if isinstance(value, Handle):
            return self._object(value.number)
        if isinstance(value, Recipe):
            arguments = {name: self._real(item, device) for name, item in value.arguments.items()}
            return zoo.make(value.name, arguments)
        if isinstance(value, list | tuple):
            return type(value)(self._real(item, device) for item in value)
        if isinstance(value, dict):
            return {key: self._real(item, device) for key, item in value.items()}
        if isinstance(value, Tensor) and device != "cpu" and value.device.type == "cpu":
            return value.detach().to(device).requires_grad_(value.requires_grad)
        return value


def raised(error: BaseException) -> Reply:
    """Return the reply that says which error came, and from which line of the learner's."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_OURS)]
    own = [frame for frame in theirs if "site-packages" not in frame.filename]
    reply: Reply = {"raised": type(error).__name__, "message": str(error)[:500]}
    if own:
        reply |= {"line": (own[-1].line or "")[:200], "number": own[-1].lineno or 0}
    return reply


def hand_in(exercise: str, subject: Any) -> None:
    """Put ``subject`` at the judge's disposal for one exercise, until it has asked all it wants.

    Nothing comes back: the judge keeps the record. ``exercise`` is for the reader of the
    notebook; the judge knows which exercise is due.

    Raises:
        ConnectionError: If no judge is waiting for an answer here and now.
    """
    with socket.socket(socket.AF_UNIX) as channel:
        channel.connect(os.environ[SOCKET])
        desk = Desk(subject)
        while (request := wire.receive(channel)) is not None:
            started = time.perf_counter()
            reply = desk.obey(request)
            wire.send(channel, {**reply, "seconds": time.perf_counter() - started})


_OURS = os.path.dirname(__file__)


def _attribute(owner: Any, path: str) -> Any:
    """Return the attribute at a dotted path; numbers index, as in ``0.weight``."""
    for name in path.split(".") if path else []:
        owner = owner[int(name)] if name.isdigit() else getattr(owner, name)
    return owner


def _fingerprint(value: Any) -> bytes | None:
    """Return something that changes when plain data is edited in place, None for other things."""
    if value is None or isinstance(value, bool | int | float | str):
        return b""
    if isinstance(value, Tensor) and value.device.type == "cpu" and value.dtype in _AS_BYTES:
        return repr(value.shape).encode() + value.detach().numpy().tobytes()
    return wire.encode(value) if wire.travels(value) else None


_AS_BYTES = {torch.float32, torch.float64, torch.int64}


def _detached(value: Any) -> Any:
    """Return ``value`` with its tensors cut from the graph: a reply shares no history."""
    if isinstance(value, Tensor):
        return value.detach()
    if type(value) in (list, tuple):
        return type(value)(_detached(item) for item in value)
    if type(value) is dict:
        return {key: _detached(item) for key, item in value.items()}
    return value
