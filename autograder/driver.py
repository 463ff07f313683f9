"""How an exercise is questioned: a driver drives the reference, and every step is written down.

A driver is ordinary code. What it asks of ``ask.subject`` is asked of the reference now and,
word for word, of each learner later, so it must not look at the answers to decide what to ask
next.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Generator, Tensor

from autograder.errors import SpecError
from autograder.spec import Case, Driver, Tolerance
from gradus import wire
from gradus.answer import Desk
from gradus.diagnose import amounts, seen
from gradus.quiz import Bound, Question, Reply, Request
from gradus.wire import Handle, Recipe


class Asked:
    """An object on the other side, and what may be asked of it. Give one as an argument, too."""

    def __init__(self, recorder: "Recorder", number: int, reply: Reply, place: int = -1) -> None:
        self._recorder = recorder
        self.number = number
        self.reply = reply
        self.place = place

    @property
    def value(self) -> Any:
        """The reference's own value, for its shape; never to be sent."""
        return self.reply["value"]

    def __call__(
        self,
        *args: Any,
        about: str = "",
        names: Sequence[str] = (),
        measure: Sequence[str] = (),
        beside: "Asked | None" = None,
        **kwargs: Any,
    ) -> "Asked":
        """Call the object; what comes is compared.

        Args:
            args: Values, recipes, queries, or other objects on the other side.
            about: Which part of the case this is, for the learner.
            names: Those of ``args``, in order: for :meth:`gradients`, and for the check that
                no argument is changed.
            measure: Costs to be counted, of :data:`gradus.costs.MEASURES`, for :meth:`within`.
            beside: What this call is timed against: its ``pace`` is the ratio of the two times.
            kwargs: Arguments by name.
        """
        return self.method(
            "", *args, about=about, names=names, measure=measure, beside=beside, **kwargs
        )

    def method(
        self,
        name: str,
        *args: Any,
        about: str | None = None,
        names: Sequence[str] = (),
        measure: Sequence[str] = (),
        beside: "Asked | None" = None,
        **kwargs: Any,
    ) -> "Asked":
        """Call a method of the object, as in :meth:`__call__`; what comes is compared."""
        request = {
            "verb": "call",
            "of": self.number,
            "method": name,
            "args": list(args),
            "kwargs": kwargs,
            "names": list(names),
        }
        if measure:
            request["measure"] = list(measure)
        return self._recorder.ask(
            request,
            about=(f"{name}()" if name else "") if about is None else about,
            beside=None if beside is None else beside.place,
        )

    def get(self, path: str, about: str | None = None) -> "Asked":
        """Read an attribute, such as ``running_mean`` or ``0.weight.grad``; it is compared."""
        return self._recorder.ask(
            {"verb": "get", "of": self.number, "path": path}, about=about or path
        )

    def set(self, path: str, value: Any) -> None:
        """Write an attribute."""
        self._recorder.ask({"verb": "set", "of": self.number, "path": path, "value": value})

    @property
    def cost(self) -> dict[str, float]:
        """What the reference's call cost, of what was measured."""
        return dict(self.reply.get("cost", {}))

    def within(
        self,
        of: str,
        *,
        because: str,
        at_least: float = -math.inf,
        at_most: float = math.inf,
        key: Any = None,
    ) -> "Asked":
        """Bound a cost of this call, or the quality of its result as measured against ``key``.

        Raises:
            SpecError: If the reference itself is out of bounds.
        """
        self._recorder.bind(self.place, Bound(of, at_least, at_most, because), key)
        return self

    def gradients(self, *inputs: "str | Asked", about: str = "") -> "Asked":
        """Ask for the gradients in arguments (by name) or objects, for a random upstream."""
        upstream = self._upstream(self.value)
        names = ", ".join(one for one in inputs if isinstance(one, str))
        return self._recorder.ask(
            {
                "verb": "gradients",
                "of": self.number,
                "inputs": list(inputs),
                "upstream": upstream,
            },
            about=about or f"gradient in {names} for a random upstream gradient",
            aspect="gradients",
        )

    def _upstream(self, value: Any) -> Any:
        """Return random numbers like ``value``, a tensor or several."""
        if isinstance(value, list | tuple):
            return [self._upstream(one) for one in value]
        return torch.randn(value.shape, generator=self._recorder.rng).to(value.dtype)


class Recorder:
    """Puts requests to the reference and keeps them as questions. ``subject`` is the reference."""

    def __init__(
        self,
        desk: Desk,
        case: Case,
        rng: Generator,
        tolerance: Tolerance,
        first: int = 1,
        forbidden: Sequence[str] = (),
    ) -> None:
        self.rng = rng
        self.questions: list[Question] = []
        self._forbidden = list(forbidden)
        self._raw: list[Reply] = []
        self.subject = Asked(self, 0, {})
        self._desk = desk
        self._case = case
        self._tolerance = case.tolerance or tolerance
        self._first = self._next = first

    def make(self, recipe: str, **arguments: Any) -> Asked:
        """Make something from :mod:`gradus.zoo` on the other side."""
        return self.ask({"verb": "make", "recipe": Recipe(recipe, arguments)}, about=recipe)

    def ask(
        self, request: Request, *, about: str = "", aspect: str = "", beside: int | None = None
    ) -> Asked:
        """Put ``request`` to the reference, write it down, and return what came."""
        request = {**_sendable(request), "keep": self._next}
        if self._forbidden and request["verb"] == "call":
            request["watch"] = self._forbidden
        if request.get("measure") and self._case.precise:
            raise SpecError(
                f"the case {self._case.name!r} measures a cost: say precise=False, so that the "
                "reference pays it in the learner's dtype"
            )
        self._next += 1
        reply = self._reference_reply(request)
        self._raw.append(reply)
        question = Question(
            case=self._case.name,
            aspect=aspect or self._case.aspect,
            about=about,
            request=request,
            expected=reply,
            tolerance=self._tolerance,
            view=self._case.view if request["verb"] == "call" else "",
            beside=None if beside is None else beside + self._first - 1,
        )
        self.questions.append(replace(question, expected=seen(question, reply)))
        return Asked(self, request["keep"], reply, len(self.questions) - 1)

    def bind(self, place: int, bound: Bound, key: Any) -> None:
        """Add a bound to the question at ``place`` of this case."""
        old = self.questions[place]
        question = replace(old, bounds=(*old.bounds, bound), key=old.key if key is None else key)
        for one, number in amounts(question, self._raw[place]):
            if one is bound and bound.of != "pace" and not bound.admits(number):
                raise SpecError(
                    f"the reference, in the case {self._case.name!r}, is out of bounds: its "
                    f"{bound.of} is {number:g}"
                )
        self.questions[place] = replace(question, expected=seen(question, self._raw[place]))

    def _reference_reply(self, request: Request) -> Reply:
        if not self._case.precise:
            return self._checked(self._desk.obey(fresh(request)))
        dtype = _working_dtype(self._case.inputs)
        reply = self._desk.obey(cast(fresh(request), dtype, torch.float64))
        back: Reply = cast(self._checked(reply), torch.float64, dtype)
        return back

    def _checked(self, reply: Reply) -> Reply:
        if reply.get("raised") != self._case.raises:
            raise SpecError(
                f"the reference, in the case {self._case.name!r}, was expected to raise "
                f"{self._case.raises} and gave {reply}"
            )
        if reply.get("used"):
            raise SpecError(f"the reference itself uses what is forbidden: {reply['used'][0]}")
        if "raised" in reply:
            return {"raised": reply["raised"]}
        return reply


def call_once(*gradients: str) -> Driver:
    """Return the driver of a plain function: one call, and the gradients in ``gradients``."""

    def drive(ask: Recorder, inputs: Mapping[str, Any]) -> None:
        args = [_wants_gradient(value, name in gradients) for name, value in inputs.items()]
        result = ask.ask(
            {"verb": "call", "of": 0, "args": args, "kwargs": {}, "names": list(inputs)}
        )
        if gradients and isinstance(result.reply.get("value"), Tensor):
            result.gradients(*gradients)

    return drive


def fresh(request: Request) -> Request:
    """Return a copy that shares no memory, just as a learner would receive it."""
    copy: Request = wire.decode(wire.encode(request))
    return copy


def _sendable(value: Any) -> Any:
    """Replace objects on the other side by their handles."""
    if isinstance(value, Asked):
        return Handle(value.number)
    if isinstance(value, dict):
        return {key: _sendable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_sendable(item) for item in value)
    if isinstance(value, Recipe):
        return Recipe(value.name, _sendable(value.arguments))
    return value


def _working_dtype(inputs: Mapping[str, Any]) -> torch.dtype:
    found = {
        value.dtype
        for value in inputs.values()
        if isinstance(value, Tensor) and value.is_floating_point()
    }
    return found.pop() if len(found) == 1 else torch.float64


def cast(value: Any, source: torch.dtype, target: torch.dtype) -> Any:
    """Return ``value`` with each tensor of dtype ``source`` in it cast to ``target``."""
    if isinstance(value, dict):
        return {key: cast(item, source, target) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(cast(item, source, target) for item in value)
    if isinstance(value, Tensor) and value.dtype == source:
        return value.detach().to(target).requires_grad_(value.requires_grad)
    return value


def _wants_gradient(value: Any, wanted: bool) -> Any:
    return value.detach().clone().requires_grad_() if wanted else value
