"""The practice pack of an assignment: its quizzes on public seeds, as one file of data."""

import math
from dataclasses import is_dataclass
from typing import Any

import numpy as np
import torch

from autograder import quizzes
from autograder.notebooks.build import Catalogue
from autograder.seeds import PRACTICE, seed_of
from gradus import wire
from gradus.diagnose import differs
from gradus.quiz import Question, Quiz, Reply, pack, unpack


def practice_pack(exercises: list[str], catalogue: Catalogue) -> bytes:
    """Return the practice pack that holds one quiz for each of ``exercises``."""
    return pack([quizzes.quiz_of(catalogue[name], seed_of(PRACTICE, name)) for name in exercises])


def same_pack(one: bytes, other: bytes) -> bool:
    """Return whether two packs ask and answer the same.

    Numbers may differ in their last digits: another processor rounds a sum in another order.
    Where a question compares only what a view shows, the rest of an answer may differ, too.
    """
    try:
        mine, theirs = unpack(one), unpack(other)
    except (wire.WireError, KeyError, TypeError):
        return False
    return list(mine) == list(theirs) and all(map(_same_quiz, mine.values(), theirs.values()))


def _same_quiz(one: Quiz, other: Quiz) -> bool:
    if not _same(_without_replies(one), _without_replies(other)):
        return False
    answers = zip(_all_replies(one), _all_replies(other), strict=True)
    return all(
        _same_reply(question, mine, theirs)
        for replies in answers
        for question, mine, theirs in zip(one.questions, *replies, strict=True)
    )


def _without_replies(quiz: Quiz) -> object:
    questions = [{**vars(question), "expected": None} for question in quiz.questions]
    beliefs = [(belief.name, belief.hint) for belief in quiz.beliefs]
    return [quiz.exercise, questions, beliefs, quiz.credit]


def _all_replies(quiz: Quiz) -> list[list[Reply]]:
    expected = [question.expected for question in quiz.questions]
    return [expected, *(list(belief.replies) for belief in quiz.beliefs)]


def _same_reply(question: Question, one: Reply, other: Reply) -> bool:
    return _same(one, other) or differs(question, one, other) is None


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor | np.ndarray) and isinstance(other, type(one)):
        mine, theirs = torch.as_tensor(one), torch.as_tensor(other)
        return (
            mine.shape == theirs.shape
            and mine.dtype == theirs.dtype
            and mine.device == theirs.device
            and (
                mine.device.type == "meta"
                or torch.allclose(
                    mine.double(), theirs.double(), rtol=1e-3, atol=1e-4, equal_nan=True
                )
            )
        )
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-3, abs_tol=1e-4) or (
            math.isnan(one) and math.isnan(other)
        )
    if is_dataclass(one) and type(one) is type(other):
        return _same(vars(one), vars(other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
