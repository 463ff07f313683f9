"""Answers that are built alike: the structure of the code, whatever its names and comments.

Winnowing, after Schleimer, Wilkerson and Aiken (SIGMOD 2003), on the syntax tree: a function
becomes a row of tokens without names, docstrings and annotations; every few tokens in a row are
one pattern, of which some are kept. What the assignment itself suggests is no sign of anything.
"""

import ast
import builtins
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

LENGTH = 8
"""Tokens of a pattern. Shorter ones are met everywhere, longer ones are broken by one edit."""
WINDOW = 4
"""Of so many patterns in a row one is kept: a copied run of 11 tokens is always noticed."""
LEAST = 24
"""Patterns two answers must share, at least: some seven lines. Shorter answers look alike."""
ALIKE = 0.8
"""The part of the smaller answer's patterns that the other one must have."""
COMMON = 10
"""Learners who may have a pattern before it counts as what everybody writes."""

Patterns = frozenset[str]
Answers = Mapping[str, str]
"""The source of each answer of a submission, by exercise."""
TOGETHER = ""
"""In place of an exercise: all answers of two learners, taken together."""


@dataclass(frozen=True)
class Match:
    """How much two answers share: ``shared`` patterns of the ``of`` that the smaller one has."""

    exercise: str
    shared: int
    of: int

    @property
    def part(self) -> float:
        """The part of the smaller answer that the other one has too."""
        return self.shared / self.of


@dataclass(frozen=True)
class Pair:
    """Two learners whose answers are built alike, and the ``exercises`` whose answers show it."""

    first: str
    second: str
    matches: tuple[Match, ...]
    exercises: tuple[str, ...]


def similar(
    submissions: Mapping[str, Answers], suggested: Mapping[str, Iterable[str]]
) -> list[Pair]:
    """Return the pairs of learners whose answers are built alike, the most alike first.

    Args:
        submissions: The answers of each learner.
        suggested: For each exercise the sources whose patterns prove nothing: the stub, the
            model answer.
    """
    known = {name: _known(sources) for name, sources in suggested.items()}
    kept: dict[str, dict[str, Patterns]] = {}
    for student, answers in submissions.items():
        kept[student] = {
            exercise: fingerprints(source) - known.get(exercise, frozenset())
            for exercise, source in answers.items()
        }
    holders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for student in sorted(kept):
        for exercise, patterns in kept[student].items():
            for pattern in patterns:
                holders[exercise, pattern].append(student)
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    shared: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (exercise, _), students in holders.items():
        if len(students) > COMMON:
            continue
        for student in students:
            sizes[student][exercise] += 1
        for pair in combinations(students, 2):
            shared[pair][exercise] += 1
    found = []
    for (first, second), counts in shared.items():
        places = tuple(exercise for exercise in submissions[first] if counts[exercise])
        apart = [
            Match(one, counts[one], min(sizes[first][one], sizes[second][one])) for one in places
        ]
        whole = Match(TOGETHER, counts.total(), min(sizes[first].total(), sizes[second].total()))
        alike = filter(_is_alike, [whole, *apart] if len(apart) > 1 else apart)
        if matches := tuple(alike):
            named = tuple(match.exercise for match in matches)
            found.append(Pair(first, second, matches, places if TOGETHER in named else named))
    return sorted(found, key=_rank)


def comparable(source: str) -> bool:
    """Return whether an answer can be read as Python, and so compared."""
    return bool(tokens(source))


def fingerprints(source: str) -> Patterns:
    """Return the patterns that winnowing keeps of an answer; none if it is no Python."""
    row = _patterns(tokens(source))
    windows = range(max(1, len(row) - WINDOW + 1)) if row else ()
    return frozenset(min(row[at : at + WINDOW]) for at in windows)


def tokens(source: str) -> list[str]:
    r"""Return the structure of a source as a row of tokens; empty if it is no Python.

    What a learner may rename is "name"; what others named, such as ``.log`` and ``dim=``, stays.

    >>> tokens("def f(x):  # a remark\n    y = x.log()\n    return y + 1")[-4:]
    ['BinOp', 'name', 'Add', 'int']
    >>> tokens("def f(a): return a") == tokens("def g(b: int) -> int: return b")
    True
    """
    try:
        return list(_walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _is_alike(match: Match) -> bool:
    return match.shared >= LEAST and match.part >= ALIKE


def _rank(pair: Pair) -> tuple[int, str, str]:
    return -max(match.shared for match in pair.matches), pair.first, pair.second


def _known(sources: Iterable[str]) -> Patterns:
    """Return every pattern of the sources, kept by winnowing or not."""
    return frozenset(pattern for source in sources for pattern in _patterns(tokens(source)))


def _patterns(row: list[str]) -> list[str]:
    runs = (" ".join(row[at : at + LENGTH]) for at in range(len(row) - LENGTH + 1))
    return [hashlib.blake2b(run.encode(), digest_size=8).hexdigest() for run in runs]


def _walk(node: ast.AST) -> Iterator[str]:
    """Yield the tokens of a syntax tree, in the order in which it is written."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return
        case ast.Name(id=name):
            yield name if hasattr(builtins, name) else "name"
            return
        case ast.Constant(value=value):
            yield repr(value) if value is None or isinstance(value, bool) else type(value).__name__
            return
        case ast.AnnAssign(target=target, value=value):
            yield from _walk(ast.Assign([target], value)) if value is not None else ()
            return
        case ast.arg():
            yield "name"
            return
        case ast.Attribute(attr=attr):
            yield f".{attr}"
        case ast.keyword(arg=arg):
            yield f"{arg}="
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            node.returns = None
            yield type(node).__name__
        case ast.expr_context() | ast.Module():
            pass
        case _:
            yield type(node).__name__
    for child in ast.iter_child_nodes(node):
        yield from _walk(child)
