"""What the feedback of every exercise tells a learner, and what it never does."""

import html
import inspect
import re
from dataclasses import replace
from functools import cache
from numbers import Real

import nbformat
import numpy as np
import pytest
import torch
from torch import Tensor

from autograder import catalogue, quizzes, rules
from autograder.course import Course
from autograder.feedback import outputs_of
from autograder.gradebook.page import page_of
from autograder.notebooks import build
from gradus import wire
from gradus.compare import compare
from gradus.diagnose import misses
from tests.conftest import ROOT

SETS = Course(ROOT, ROOT / "_course").assignments()


@cache
def graded_cells():
    """Return the graded cells of all assignments by exercise, hidden regions and all."""
    found = {}
    for name in SETS:
        path = ROOT / "solutions" / name / f"{name}.py"
        specs = {each: catalogue.find(each) for each in build.graded_ids(path)}
        found |= build.exercises_of(build.build(path, specs))
    return found


def twisted(value):
    """Return ``value`` with every number in it changed, and its form kept."""
    if isinstance(value, np.ndarray | np.generic):
        return twisted(torch.from_numpy(np.array(value))).numpy()
    if isinstance(value, Tensor):
        return (value * 1.5 + 0.321 if value.is_floating_point() else value + 1).to(value.dtype)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * 1.5 + 0.321
    if isinstance(value, dict):
        return {key: twisted(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(twisted(one) for one in value)
    return value


def numbers(value):
    """Return the numbers in ``value`` that nobody guesses, as a card would write them."""
    if isinstance(value, Tensor | np.ndarray):
        flat = [] if getattr(value, "is_meta", False) else value.flatten().tolist()
        return set().union(*map(numbers, flat))
    if isinstance(value, dict):
        return set().union(*map(numbers, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(numbers, value))
    text = f"{value:.5g}" if isinstance(value, Real) else ""
    return {text} if len(re.sub(r"e.*|\D", "", text).strip("0")) >= 4 else set()


def beyond(answer, expected, tolerance):
    """Return ``expected`` with every number changed but those up to the first that differs."""
    if isinstance(expected, np.ndarray | np.generic):
        changed = beyond(torch.tensor(answer), torch.tensor(expected), tolerance).numpy()
        return changed if isinstance(expected, np.ndarray) else changed[()]
    if isinstance(expected, dict) and isinstance(answer, dict) and set(answer) == set(expected):
        items = beyond([answer[key] for key in expected], list(expected.values()), tolerance)
        return dict(zip(expected, items, strict=True))
    alike = type(answer) is type(expected)
    if isinstance(expected, list | tuple) and alike and len(answer) == len(expected):
        first = first_that_differs(answer, expected, tolerance)
        item = beyond(answer[first], expected[first], tolerance)
        return type(expected)([*expected[:first], item, *map(twisted, expected[first + 1 :])])
    if isinstance(expected, Tensor):
        if compare(answer, expected, tolerance).kind != "values":
            return twisted(expected)
        theirs = expected.flatten()
        first = first_that_differs(answer.flatten(), theirs, tolerance)
        kept = torch.arange(len(theirs)) <= first
        return torch.where(kept, theirs, twisted(theirs)).reshape(expected.shape)
    return twisted(expected) if isinstance(expected, dict | list | tuple) else expected


def first_that_differs(answer, expected, tolerance):
    """Return the place of the first item of ``answer`` that differs from that of ``expected``."""
    pairs = zip(answer, expected, strict=True)
    return next(at for at, pair in enumerate(pairs) if compare(*pair, tolerance))


def with_other_answers(quiz, replies):
    """Return ``quiz`` with other right answers, the same up to the first value that is missed."""
    missed = [bool(misses(*pair, quiz.forbidden)) for pair in zip(quiz.steps, replies, strict=True)]
    first, questions = missed.index(True), []
    for at, question in enumerate(quiz.questions):
        value = question.expected.get("value")
        if at == first and misses(quiz.steps[at], replies[at], quiz.forbidden).kind != "cost":
            value = beyond(replies[at].get("value"), value, question.tolerance)
        elif at > first:
            value = twisted(value)
        expected = {**question.expected, "value": value} if "value" in question.expected else {}
        questions.append(replace(question, expected=expected or question.expected))
    return replace(quiz, questions=tuple(questions))


def without_the_gap(text):
    """Return ``text`` without how many values differ, and how far they are apart."""
    text = re.sub(r"\d+ of (\d+) values (is|are) nan", r"of \1 values are nan", text)
    return re.sub(r"\d+ of (\d+) values differ, by up to [\w.+-]+", r"of \1 values differ", text)


def shown(exercise, verdict):
    """Return the text of a feedback page with the graded cell of ``exercise`` and its card."""
    cell = nbformat.from_dict(graded_cells()[exercise])
    verdict = replace(verdict, devices=("cpu",), absent=("cuda",)).worth(3)
    cell.outputs = outputs_of(verdict, "bubblewrap, warm")
    cell.metadata.gradus = verdict.to_dict()
    page = page_of(nbformat.v4.new_notebook(cells=[cell]), "ps00")
    return html.unescape(re.sub("<[^>]*>", "", page.partition("<body")[2]))


def answers(exercise, quiz):
    """Yield replies that are wrong in every case, and those of a known misconception."""
    right = [dict(step.expected) for step in quiz.steps]
    yield tuple({**one, "value": twisted(one["value"])} if "value" in one else one for one in right)
    yield quizzes.replies_of(exercise.misconceptions[0], quiz)


@pytest.mark.parametrize("name", sorted(graded_cells()))
def test_feedback_tells_the_first_difference_and_no_more(name):
    """Outcome, case, hint and devices; no number of a right answer but the first that differs."""
    exercise = catalogue.find(name)
    quiz = replace(quizzes.quiz_of(exercise, 7), visits=())
    code = inspect.getsource(exercise.reference).splitlines()
    secret = {line.strip() for line in code if " = " in line or "return " in line}
    for replies in answers(exercise, quiz):
        verdict = rules.weigh(quiz, replies)
        text = shown(name, verdict)
        pairs = zip(quiz.steps, replies, strict=True)
        wrong = [step for step, reply in pairs if misses(step, reply, quiz.forbidden)]
        assert f"{name}: not right yet" in text
        assert f"case “{wrong[0].question.case}”" in text
        assert verdict.hint.replace("`", "") in text
        assert "of 3 points. Ran on cpu; CUDA was not available; sandbox: bubblewrap" in text
        own = numbers(list(map(dict, replies))) | numbers(verdict.hint.split())
        first = numbers(wrong[0].expected)
        later = set().union(*(numbers(step.expected) for step in wrong[1:])) - first - own
        said = set(re.findall(r"[\d.]+(?:e[-+]\d+)?", text))
        assert not said & later
        assert len(said & (first - own)) <= 1
        assert [line for line in secret | {"hand_in", "HIDDEN"} if line in text] == []


@pytest.mark.parametrize("name", sorted(graded_cells()))
def test_feedback_does_not_depend_on_what_it_may_not_tell(name):
    """Had all values behind the first difference been others, a learner would read the same.

    This holds small whole numbers to the rule, which no search of the page could tell apart.
    """
    exercise = catalogue.find(name)
    quiz = replace(quizzes.quiz_of(exercise, 7), visits=())
    changed = 0
    for replies in answers(exercise, quiz):
        other = with_other_answers(quiz, replies)
        changed += wire.encode(other.to_value()) != wire.encode(quiz.to_value())
        verdicts = [replace(rules.weigh(one, replies), share=0.5) for one in (quiz, other)]
        pages = [without_the_gap(shown(name, verdict)) for verdict in verdicts]
        assert pages[0] == pages[1]
    assert changed
