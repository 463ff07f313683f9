"""The nouns of an exercise: cases, tolerance, reference, misconceptions.

A spec file under ``autograder/specs`` ends in one :class:`Exercise`. Its parts are plain
functions, so that a test can call them and a reader can read them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Generator

from gradus.compare import Tolerance

__all__ = ["Case", "Cases", "Exercise", "Subject", "Tolerance"]

Subject = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """Arguments for one call, by name, and the aspect of the exercise that the call tests.

    The name completes the sentence "wrong in the case ...", so it describes the input.
    """

    name: str
    inputs: Mapping[str, Any]
    aspect: str = "values"


Cases = Callable[[Generator], Iterator[Case]]


@dataclass(frozen=True)
class Exercise:
    """One graded function.

    Args:
        id: The name a notebook uses: ``check("kl", kl)``.
        reference: The slow, plain, right answer. Floating-point inputs are promoted to float64
            for it, and its results are cast back, so its own rounding does not count.
        cases: Yields the cases, easiest to read first; draws from the generator alone.
        tolerance: How far is near enough, and why.
        also_right: Other right answers, each written in another style.
        misconceptions: Wrong answers: the name is the belief, the docstring the hint.
        gradients: Arguments in which the result is differentiated, against a random upstream
            gradient. It is an aspect of its own, ``gradients``.
        credit: The share of the points that each aspect earns, adding up to 1; empty means all
            or nothing.
    """

    id: str
    reference: Subject
    cases: Cases
    tolerance: Tolerance
    also_right: tuple[Subject, ...] = ()
    misconceptions: tuple[Subject, ...] = ()
    gradients: tuple[str, ...] = ()
    credit: Mapping[str, float] = field(default_factory=dict)
