"""The nouns of an exercise: cases, tolerance, reference, misconceptions.

A spec file under ``autograder/specs`` ends in one :class:`Exercise`. Its parts are plain
functions, so that a test can call them and a reader can read them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Generator

from autograder.limits import Limits
from gradus.compare import Tolerance, by_chance
from gradus.forbidden import Forbidden
from gradus.wire import Query, Recipe

__all__ = [
    "Case",
    "Cases",
    "Driver",
    "Exercise",
    "Forbidden",
    "Limits",
    "Query",
    "Recipe",
    "Subject",
    "Tolerance",
    "by_chance",
]

Subject = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """What one case hands to the driver, by name, and the aspect of the exercise it tests.

    The name completes the sentence "wrong in the case ...", so it describes the input. With the
    driver of plain functions the inputs are the call's arguments, in the order of the signature.

    Args:
        name: A few words that a learner understands without the numbers.
        inputs: Values, tensors, arrays, recipes of :mod:`gradus.zoo`, or queries: black boxes
            that stay with the judge.
        aspect: The share of the credit that the case decides over.
        tolerance: Another tolerance than the exercise's.
        view: What of the result is compared, a name in :mod:`gradus.views`; empty for all.
        raises: The name of the error that is the right answer here.
        precise: Whether the reference computes in float64 whatever the dtype of the inputs.
    """

    name: str
    inputs: Mapping[str, Any]
    aspect: str = "values"
    tolerance: Tolerance | None = None
    view: str = ""
    raises: str | None = None
    precise: bool = True


Cases = Callable[[Generator], Iterator[Case]]

Driver = Callable[[Any, Mapping[str, Any]], None]
"""Asks all that is asked in one case: called with an :class:`autograder.driver.Recorder` and the
inputs of the case."""


@dataclass(frozen=True)
class Exercise:
    """One graded function.

    Args:
        id: The name a notebook uses: ``check("kl", kl)``.
        reference: The slow, plain, right answer. Floating-point inputs are promoted to float64
            for it, and its results are cast back, so its own rounding does not count; unless the
            case says ``precise=False``.
        cases: Yields the cases, easiest to read first; draws from the generator alone.
        tolerance: How far is near enough, and why.
        also_right: Other right answers, each written in another style.
        misconceptions: Wrong answers: the name is the belief, the docstring the hint.
        drive: What is asked in each case: :func:`autograder.driver.call_once` with the names
            of the arguments in which the result is differentiated (an aspect of its own,
            ``gradients``), or code of the spec's own for a class, a model, a sequence of steps.
        credit: The share of the points that each aspect earns, adding up to 1; empty means all
            or nothing.
        forbidden: What the exercise does without, where writing it is the exercise.
        limits: What its cells may use, such as ``Limits(wall=60)``; None for the defaults.
    """

    id: str
    reference: Subject
    cases: Cases
    tolerance: Tolerance
    drive: Driver
    also_right: tuple[Subject, ...] = ()
    misconceptions: tuple[Subject, ...] = ()
    credit: Mapping[str, float] = field(default_factory=dict)
    forbidden: Forbidden = field(default_factory=Forbidden)
    limits: Limits | None = None
