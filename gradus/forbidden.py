"""What an exercise asks to do without, found twice: by reading the code, and by watching it run.

Reading finds a name in a branch that no case enters, and names from other libraries; watching
finds a torch function however it was reached.
"""

import ast
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode


@dataclass(frozen=True)
class Forbidden:
    """Names that an exercise does without, and why: ``("batch_norm", "BatchNorm1d")``.

    A name is the last part of what is called, imported or read, such as ``inv`` of
    ``torch.linalg.inv``; operators of torch's own have theirs, such as ``native_batch_norm``.
    """

    names: tuple[str, ...] = ()
    because: str = ""

    def sentence(self, name: str, line: int = 0) -> str:
        """Return what a learner is told of the first use of a forbidden name."""
        where = f" (line {line} of your cell)" if line else ""
        return f"your code uses {name}{where}; here you do without it: {self.because}"


def read(source: str, names: Iterable[str]) -> tuple[str, int] | None:
    r"""Return the first of ``names`` that Python code uses, and its line; None if there is none.

    >>> read("import torch\ny = torch.linalg.inv(a) @ b", ["inv"])
    ('inv', 2)

    Comments, strings and the code's own variables do not count. What is no Python uses nothing.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    wanted = set(names)
    found = [(line, name) for name, line in _names(tree) if name in wanted]
    if not found:
        return None
    line, name = min(found)
    return name, line


def _names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    own = set(_bound(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in own:
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr, node.lineno
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.name.rpartition(".")[2], node.lineno


def _bound(tree: ast.AST) -> Iterator[str]:
    """Yield the names that the code itself gives to something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


@contextmanager
def watched(names: Iterable[str]) -> Iterator[list[str]]:
    """Collect into the list which of ``names`` torch runs in the block, in order."""
    wanted = set(names)
    used: list[str] = []
    if not wanted:
        yield used
        return

    def note(name: str) -> None:
        if name in wanted and name not in used:
            used.append(name)

    class Functions(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            note(getattr(func, "__name__", ""))
            return func(*args, **(kwargs or {}))

    class Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            note(getattr(func, "overloadpacket", func).__name__)
            return func(*args, **(kwargs or {}))

    with Functions(), Operators():  # type: ignore[no-untyped-call]
        yield used
