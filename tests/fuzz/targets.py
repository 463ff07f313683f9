"""The readers of what a sandbox sends, each as a function of bytes that must not raise.

Hypothesis, atheris and the kept corpus all drive these. A :class:`WireError` is the promised
refusal and passes; whatever else comes out is a fault of ours.
"""

import functools
import json
import zlib
from typing import Any

import nbformat
import torch
from safetensors.torch import save

from autograder import catalogue, quizzes, rules
from autograder.judge.black_box import BlackBoxes
from autograder.judge.server import _reply
from autograder.sandbox.kernel import _output
from gradus import wire
from gradus.quiz import Quiz
from gradus.wire import Query, Recipe, WireError

EXERCISES = ("kl", "huffman_lengths", "beta_update", "dag_num_params", "solve", "to_tensor")

ATOMS = [
    *("list", "tuple", "dict", "tensor", "array", "handle", "recipe", "query"),
    *("name", "grad", "meta", "order", "scalar", "0", "1", "2", "3", "4", "5", "6", "-1"),
    *("value", "raised", "message", "trail", "refused", "object", "edited", "device", "cost"),
    *("used", "saved", "ValueError", "NotImplementedError", "mlp", "cpu", "cuda"),
    *("header", "parent_header", "msg_type", "content", "metadata", "data", "transient", "text"),
    *("stream", "display_data", "execute_result", "error", "status", "update_display_data"),
    *("stdout", "execution_count", "ename", "evalue", "traceback", "text/plain", "text/html"),
    *("image/png", "application/json", "execution_state", "idle", "output_type"),
    *(None, True, False, 0, 1, 2, 3, -1, 0.5, 2**63, 10**400, -(10**4000), 1e308),
    *(float("nan"), float("inf"), "", "\ud800", "\x1b[2J", "[/red]", "<script>", "é" * 600),
    *("args", "flops", "saved_bytes"),  # new ones go last: the corpus counts from the front
]


def structure(data: bytes) -> Any:
    """Return the nest of lists, dicts and atoms that ``data`` describes: any bytes describe one.

    A byte below 128 pushes an atom. Above, the low three bits say how many of the last things
    become a list; with bit 6, how many pairs become a dict.
    """
    stack: list[Any] = []
    for byte in data[:2000]:
        if byte < 128:
            stack.append(ATOMS[byte % len(ATOMS)])
            continue
        pairs = bool(byte & 64)
        count = min((byte & 7) * (1 + pairs), len(stack) // (1 + pairs) * (1 + pairs))
        taken = stack[len(stack) - count :]
        del stack[len(stack) - count :]
        stack.append(
            {_key(key): item for key, item in zip(taken[::2], taken[1::2], strict=True)}
            if pairs
            else taken
        )
    return stack[-1] if stack else None


def message(text: bytes) -> bytes:
    """Return a message whose structure reads ``text``, beside tensors of several kinds."""
    packed = bytearray(zlib.compress(text, 1))
    tensors = {
        "value": torch.frombuffer(packed, dtype=torch.uint8),
        "0": torch.tensor([0.5, float("nan")]),
        "1": torch.zeros(2, 3, dtype=torch.int64),
        "2": torch.tensor(1.0, dtype=torch.float64),
        "3": torch.tensor([], dtype=torch.bfloat16),
        "4": torch.tensor([True]),
        "5": torch.tensor([1.0]).to(torch.float8_e4m3fn),
        "6": torch.tensor([3], dtype=torch.uint16),
        "-1": torch.tensor([1j]),
    }
    return save(tensors)


def reads_a_message(data: bytes) -> None:
    """Decode ``data`` itself, and messages whose structure it is, as text and as a program."""
    for frame in (data, message(data), message(_text(structure(data)))):
        try:
            value = wire.decode(frame)
        except WireError:
            continue
        wire.decode(wire.encode(value))  # what was let in can go out again


def weighs_a_reply(data: bytes) -> None:
    """Let every question of an exercise be answered with what ``data`` describes."""
    quiz = _quiz(EXERCISES[data[0] % len(EXERCISES)] if data else EXERCISES[0])
    try:
        reply = _reply(wire.decode(message(_text(structure(data[1:])))))
    except WireError:
        return
    _writable(rules.weigh(quiz, [reply] * len(quiz.steps)).to_dict())


def shows_an_output(data: bytes) -> None:
    """Make a notebook's output of the iopub message that ``data`` describes."""
    output = _output(structure(data))
    if output is not None:
        cell = nbformat.v4.new_code_cell(outputs=[output])
        notebook = nbformat.v4.new_notebook(cells=[cell])
        nbformat.validate(notebook)
        _writable(notebook)


def answers_a_query(data: bytes) -> None:
    """Put the query that ``data`` describes to a black box of the judge's."""
    boxes = BlackBoxes()
    boxes.hidden([Query(4, Recipe("linear", {"inputs": 2, "outputs": 3, "seed": 1}))])
    try:
        message_ = wire.decode(message(_text(structure(data))))
    except WireError:
        return
    if isinstance(message_, dict):
        wire.encode(boxes.answer(message_))


_ALL = (reads_a_message, weighs_a_reply, shows_an_output, answers_a_query)
TARGETS = {one.__name__: one for one in _ALL}


def _key(value: Any) -> str:
    return value if isinstance(value, str) else "key"


def _text(value: Any) -> bytes:
    return json.dumps(value).encode()


def _writable(value: Any) -> None:
    json.dumps(value, ensure_ascii=False).encode()  # as nbformat writes it


@functools.cache
def _quiz(name: str) -> Quiz:
    return quizzes.quiz_of(catalogue.find(name), 7)
