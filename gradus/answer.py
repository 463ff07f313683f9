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

from gradus import wire
from gradus.quiz import Reply, Request

SOCKET = "GRADUS_JUDGE"
"""The environment variable that says where the judge listens."""


class Desk:
    """Holds one object of the learner's, and what its calls returned, under numbers.

    The verbs are ``call`` (an object held, with arguments) and ``gradients`` (of an earlier
    result in some of its arguments, against a given upstream gradient).
    """

    def __init__(self, subject: Any) -> None:
        self._held: dict[int, Any] = {0: subject}
        self._arguments: dict[int, dict[str, Any]] = {}

    def obey(self, request: Request) -> Reply:
        """Do what ``request`` says and return the reply; an error is a reply, too."""
        verbs = {"call": self._call, "gradients": self._gradients}
        started = time.perf_counter()
        try:
            reply = verbs[request["verb"]](request)
        except wire.WireError as error:
            reply = {"refused": str(error)}
        except (Exception, SystemExit) as error:
            reply = raised(error)
        return {**reply, "seconds": time.perf_counter() - started}

    def _call(self, request: Request) -> Reply:
        device = request.get("device", "cpu")
        arguments = {name: _placed(value, device) for name, value in request["arguments"].items()}
        before = {name: _snapshot(value) for name, value in arguments.items()}
        result = self._held[request["of"]](**arguments)
        self._held[request["keep"]] = result
        self._arguments[request["keep"]] = arguments
        edited = [name for name, value in arguments.items() if _changed(before[name], value)]
        wire.encode(result)  # a value that cannot travel is refused here, by name
        return {"value": _detached(result), "edited": edited, "device": _device_of(result, device)}

    def _gradients(self, request: Request) -> Reply:
        if request["of"] not in self._held:
            return {"refused": "there is no result to differentiate"}
        result, arguments = self._held[request["of"]], self._arguments[request["of"]]
        if not isinstance(result, Tensor) or not result.requires_grad:
            return {"refused": "the result does not depend on its inputs through autograd"}
        inputs = [arguments[name] for name in request["inputs"]]
        found = torch.autograd.grad(
            result,
            inputs,
            request["upstream"].to(result.device),
            allow_unused=True,
            retain_graph=True,
        )
        return {"value": dict(zip(request["inputs"], found, strict=True))}


def raised(error: BaseException) -> Reply:
    """Return the reply that says which error came, and from which line of the learner's."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_OURS)]
    own = [frame for frame in theirs if "site-packages" not in frame.filename] or theirs
    last = own[-1] if own else None
    return {
        "raised": type(error).__name__,
        "message": str(error)[:500],
        "line": (last.line or "")[:200] if last else "",
        "number": last.lineno or 0 if last else 0,
    }


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
            reply = desk.obey(request)
            try:
                wire.send(channel, reply)
            except wire.WireError as error:
                wire.send(channel, {"refused": str(error)})


_OURS = os.path.dirname(__file__)


def _snapshot(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else None


def _changed(before: Any, value: Any) -> bool:
    return isinstance(value, Tensor) and not (
        before.shape == value.shape and torch.equal(before.nan_to_num(), value.nan_to_num())
    )


def _placed(value: Any, device: str) -> Any:
    """Return ``value`` on ``device``, as a leaf that asks for gradients where it did."""
    if not isinstance(value, Tensor) or value.device.type == device:
        return value
    return value.detach().to(device).requires_grad_(value.requires_grad)


def _device_of(result: Any, otherwise: str) -> str:
    return result.device.type if isinstance(result, Tensor) else otherwise


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else value
