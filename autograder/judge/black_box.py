"""Black boxes: functions that stay with the judge, and answer so many questions and no more.

An attack on a model that one may only query, a search that pays for each evaluation: what is
inside never enters the sandbox, and the count is the judge's own.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from gradus import zoo
from gradus.wire import Query, Recipe


class BlackBoxes:
    """Those of one request. ``asked`` counts the examples that were answered, over all of them."""

    def __init__(self) -> None:
        self.asked = 0
        self._boxes: list[tuple[Callable[..., Any], int]] = []
        self._spent: list[int] = []

    def hidden(self, value: Any) -> Any:
        """Return ``value`` with each box in it kept here, and a number in its place."""
        if isinstance(value, Query):
            assert value.made_of is not None, "a box without a recipe cannot answer"
            self._boxes.append(
                (zoo.make(value.made_of.name, value.made_of.arguments), value.budget)
            )
            self._spent.append(0)
            return replace(value, made_of=None, number=len(self._boxes) - 1)
        if isinstance(value, Recipe):
            return Recipe(value.name, self.hidden(value.arguments))
        if isinstance(value, list | tuple):
            return type(value)(self.hidden(item) for item in value)
        if isinstance(value, dict):
            return {key: self.hidden(item) for key, item in value.items()}
        return value

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return what a box answers to a message from the sandbox, whatever is in it.

        The right form is ``{"query": number, "args": [tensor]}``. Anything else, and a question
        beyond the budget, is answered with an error that the learner's own code is to see.
        """
        number, arguments = message.get("query"), message.get("args")
        if type(number) is not int or not 0 <= number < len(self._boxes):
            return {"raised": "KeyError", "message": "there is no such black box"}
        if not isinstance(arguments, list) or len(arguments) != 1:
            return {"raised": "TypeError", "message": "a black box takes one tensor"}
        (x,) = arguments
        if not isinstance(x, Tensor) or x.device.type != "cpu":
            return {"raised": "TypeError", "message": f"expected a tensor, got {type(x).__name__}"}
        inside, budget = self._boxes[number]
        count = len(x) if x.dim() else 1
        self._spent[number] += count
        self.asked += count
        if self._spent[number] > budget:
            told = f"{self._spent[number]} examples were asked about; {budget} were granted"
            return {"raised": "BudgetSpent", "message": told}
        try:
            with torch.no_grad():
                return {"value": inside(x)}
        except (RuntimeError, ValueError, TypeError, IndexError) as error:
            return {"raised": type(error).__name__, "message": str(error)[:500]}
