"""A sample class, made from an assignment and its specs: right, wrong, idle, broken, forging.

Nothing here is copied by hand: the right answers are the assignment's solution regions, the
wrong ones are the specs' misconceptions, so the class follows when either changes.
"""

import copy
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.spec import Exercise, Subject

Answers = dict[str, str]
"""What each answer cell of a submission says, by exercise."""


@dataclass(frozen=True)
class Pupil:
    """One made-up learner: a name that says what to expect, and the notebook handed in."""

    name: str
    notebook: NotebookNode


def sample_class(
    released: NotebookNode, source: NotebookNode, exercises: list[Exercise]
) -> Iterator[Pupil]:
    """Yield one pupil of each kind for the assignment whose release is ``released``.

    Each exercise's most typical mistake is the first of its misconceptions that stands alone.
    """
    right = _answers(source)
    for_calls = [exercise for exercise in exercises if not inspect.isclass(exercise.reference)]
    ids = {exercise.id: _handed(source, exercise.id) for exercise in exercises}
    first, second, last = for_calls[0], for_calls[len(for_calls) // 2], for_calls[-1]
    yield Pupil("all_right", filled(released, right))
    for exercise in exercises:
        wrong = next(one for one in exercise.misconceptions if _stands_alone(one))
        answers = {**right, ids[exercise.id][0]: acted_out(wrong, ids[exercise.id][1])}
        yield Pupil(f"{exercise.id}_{wrong.__name__}", filled(released, answers))
    yield Pupil("untouched", copy.deepcopy(released))
    loop = f"def {second.id}(*args, **kwargs):\n    while True:\n        pass"
    yield Pupil("endless_loop", filled(released, {**right, second.id: loop}))
    crash = f"import os\n\n\ndef {first.id}(*args, **kwargs):\n    os._exit(1)"
    yield Pupil("kernel_killer", filled(released, {**right, first.id: crash}))
    yield Pupil("forger", _forger(released, right[last.id], last.id, first.id, second.id))


def _handed(source: NotebookNode, exercise: str) -> tuple[str, str]:
    """Return the grade id of the cell that answers an exercise, and the name it defines."""
    call = rf'hand_in\("{exercise}", (\w+)\)'
    at, name = next(
        (at, found[1])
        for at, cell in enumerate(source.cells)
        if (found := re.search(call, cell.source))
    )
    answers = [
        cell.metadata.nbgrader.grade_id
        for cell in source.cells[:at]
        if cell.metadata.get("nbgrader", {}).get("solution")
    ]
    return answers[-1], name


def filled(released: NotebookNode, answers: Answers) -> NotebookNode:
    """Return ``released`` with each answer cell replaced by its entry in ``answers``."""
    notebook = copy.deepcopy(released)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    return notebook


def acted_out(subject: Subject, name: str) -> str:
    """Return the source of a spec's function as a learner would have written it, as ``name``.

    The functions and constants of the spec's module that it uses come along.
    """
    module = inspect.getmodule(subject)
    assert module is not None
    header = [line for line in inspect.getsource(module).splitlines() if _is_import(line)]
    header.insert(0, "from __future__ import annotations")  # one may be an alias of the module's
    used: list[Subject] = [subject]
    for thing in used:
        for word in sorted(_words(thing)):
            other: Any = getattr(module, word, None)
            ours = inspect.isfunction(other) or inspect.isclass(other)
            if ours and other.__module__ == module.__name__ and other not in used:
                used.append(other)
    constants = [
        f"{word} = {getattr(module, word)!r}"
        for word in sorted({word for thing in used for word in _words(thing)})
        if isinstance(getattr(module, word, None), int | float)
    ]
    bodies = [_plain_source(function) for function in reversed(used)]
    return "\n".join([*header, *constants, "", *bodies, "", f"{name} = {subject.__name__}"])


def _words(thing: Subject) -> set[str]:
    """Return the names that a function, or a class with its methods, looks up when it runs."""
    if inspect.isclass(thing):
        members = [getattr(member, "__func__", member) for member in vars(thing).values()]
        inner = [_words(member) for member in members if inspect.isfunction(member)]
        return {base.__name__ for base in thing.__bases__}.union(*inner)
    return set(thing.__code__.co_names)


def _stands_alone(subject: Subject) -> bool:
    """Return whether the source of a misconception is all of it, as of a plain function."""
    return subject.__qualname__ == subject.__name__ and not getattr(subject, "__closure__", None)


def _is_import(line: str) -> bool:
    return bool(re.match(r"(import|from) ", line)) and "autograder" not in line


def _plain_source(function: Callable[..., object]) -> str:
    source = textwrap.dedent(inspect.getsource(function))
    return re.sub(r'\n\s+""".*?"""', "", source, count=1, flags=re.DOTALL)


def _answers(source: NotebookNode) -> Answers:
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def _forger(
    released: NotebookNode, honest: str, honest_id: str, first: str, second: str
) -> NotebookNode:
    """Return a notebook that forges its score in three ways, and solves one exercise honestly.

    It prints and displays full marks from a patched display hook, rewrites a graded cell and
    its points, and talks to the judge itself, claiming to be right.
    """
    display = "\n".join(
        [
            f"def {first}(*args, **kwargs):",
            "    get_ipython().displayhook(100.0)",
            '    print("score: 100")',
            "    return 100.0",
            "",
            "import gradus.compare",
            "gradus.compare.compare = lambda *args, **kwargs: None",
            "get_ipython().displayhook(100.0)",
        ]
    )
    protocol = "\n".join(
        [
            "import os, socket, threading",
            "from gradus import wire",
            "",
            "def claim():",
            "    while True:",
            "        with socket.socket(socket.AF_UNIX) as channel:",
            "            try:",
            '                channel.connect(os.environ["GRADUS_JUDGE"])',
            "                while True:",
            '                    wire.send(channel, {"value": "right", "share": 1.0})',
            "                    wire.receive(channel)",
            "            except (OSError, KeyError, EOFError, ValueError):",
            "                pass",
            "        if stop.wait(0.01):",
            "            return",
            "",
            "stop = threading.Event()",
            "threading.Thread(target=claim, daemon=True).start()",
            "",
            f"def {second}(*args, **kwargs):",
            "    return None",
        ]
    )
    answers = {first: display, honest_id: honest}
    if second != honest_id:
        answers |= {second: protocol, honest_id: f"stop.set()\n\n{honest}"}
    notebook = filled(released, answers)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{first}-graded":
            cell.source = "100.0"
            cell.metadata.nbgrader.points = 100
    notebook.cells.append(new_code_cell('print("all tests passed")\n100.0', id="forged"))
    return notebook
