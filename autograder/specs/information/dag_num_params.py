"""How many numbers a directed graphical model of discrete variables must store."""

import functools
import math
from collections.abc import Iterator

import torch
from torch import Generator

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(parents: list[list[int]], card: list[int]) -> int:
    """Koller and Friedman (2009), section 3.2: one free distribution a row of each table."""
    total = 0
    for node, its_parents in enumerate(parents):
        rows = 1
        for parent in its_parents:
            rows *= card[parent]
        total += rows * (card[node] - 1)
    return total


def in_one_line(parents: list[list[int]], card: list[int]) -> int:
    return sum(
        (k - 1) * math.prod(card[i] for i in pa) for k, pa in zip(card, parents, strict=True)
    )


def by_reduction(parents: list[list[int]], card: list[int]) -> int:
    def table(node: int) -> int:
        free = card[node] - 1
        return functools.reduce(lambda size, parent: size * card[parent], parents[node], free)

    return sum(map(table, range(len(parents))))


def with_tensors(parents: list[list[int]], card: list[int]) -> int:
    sizes = torch.tensor(card, dtype=torch.int64)
    rows = [sizes[torch.tensor(one, dtype=torch.int64)].prod() for one in parents]
    return int(sum(row * (size - 1) for row, size in zip(rows, sizes, strict=True)))


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def fills_the_full_table(parents, card):
    """Your number does not depend on the arrows. What does a missing arrow save?"""
    return math.prod(card) - 1


def stores_what_follows(parents, card):
    """A coin needs one number, not two: the probability of tails follows. How many of the numbers
    in one row of a table are free?
    """
    return sum(card[i] * math.prod(card[j] for j in parents[i]) for i in range(len(card)))


def adds_the_parents(parents, card):
    """For two parents with 3 values each, list the cases in which the child needs a distribution.
    How many are there, and how many without any parent?
    """
    return sum((card[i] - 1) * sum(card[j] for j in parents[i]) for i in range(len(card)))


def adds_the_parents_but_not_for_roots(parents, card):
    """For two parents with 3 values each, list the cases in which the child needs a distribution.
    How many are there?
    """
    return sum(
        (card[i] - 1) * (sum(card[j] for j in parents[i]) if parents[i] else 1)
        for i in range(len(card))
    )


def forgets_the_roots(parents, card):
    """Does a lone coin that may be biased need no number? In how many cases does a variable
    without parents need a distribution?
    """
    return sum(
        (card[i] - 1) * math.prod(card[j] for j in parents[i])
        for i in range(len(card))
        if parents[i]
    )


def subtracts_one_in_all(parents, card):
    """Each row of a table adds up to 1 by itself. How many rows are there, and so how many numbers
    follow from the others?
    """
    return sum(card[i] * math.prod(card[j] for j in parents[i]) for i in range(len(card))) - 1


def subtracts_one_a_table(parents, card):
    """Not the whole table of a variable adds up to 1, but each of its rows. How many numbers follow
    from the others?
    """
    return sum(card[i] * math.prod(card[j] for j in parents[i]) - 1 for i in range(len(card)))


def takes_all_for_binary(parents, card):
    """A parent with three values gives its child three cases. Where does your count use the number
    of values of a parent?
    """
    return sum((card[i] - 1) * 2 ** len(parents[i]) for i in range(len(card)))


def takes_free_values_of_parents(parents, card):
    """A parent's last value is a case like its others, though its probability need not be stored.
    In how many cases does the child need a distribution?
    """
    return sum((card[i] - 1) * math.prod(card[j] - 1 for j in parents[i]) for i in range(len(card)))


def reverses_the_arrows(parents, card):
    """`parents[i]` lists who points at i. Whose table grows when an arrow goes from j to i?"""
    rows = [1] * len(card)
    for i in range(len(card)):
        for j in parents[i]:
            rows[j] *= card[i]
    return sum((card[i] - 1) * rows[i] for i in range(len(card)))


def multiplies_the_tables(parents, card):
    """The probabilities of the variables are multiplied; are the numbers that must be stored for
    them, too?
    """
    return math.prod(
        (card[i] - 1) * math.prod(card[j] for j in parents[i]) for i in range(len(card))
    )


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    for name, parents, card in (
        ("two coins without arrows", [[], []], [2, 2]),
        ("a die that decides on a coin", [[], [0]], [6, 2]),
        ("three causes of one effect", [[], [], [], [0, 1, 2]], [2, 3, 4, 5]),
        ("one cause of three effects", [[], [0], [0], [0]], [2, 3, 4, 5]),
        ("a chain of five dice", [[], [0], [1], [2], [3]], [6] * 5),
        ("children listed before their parents", [[2, 3], [0], [], [2]], [3, 2, 4, 2]),
        ("one variable that has one value", [[]], [1]),
        ("no variables", [], []),
        ("a chain of a hundred coins", [[], *([i] for i in range(99))], [2] * 100),
    ):
        yield Case(name, {"parents": parents, "card": card})
    for nodes in (5, 8):
        parents, card = draw(rng, nodes)
        yield Case(f"a random graph of {nodes} variables", {"parents": parents, "card": card})


def draw(rng: Generator, nodes: int) -> tuple[list[list[int]], list[int]]:
    """Return a random acyclic graph in random order, up to three parents each, and its card."""
    order = torch.randperm(nodes, generator=rng).tolist()
    parents: list[list[int]] = [[] for _ in range(nodes)]
    for place, node in enumerate(order):
        count = min(place, int(torch.randint(1, 4, (1,), generator=rng)))
        chosen = torch.randperm(place, generator=rng)[:count].tolist()
        parents[node] = [order[one] for one in chosen]
    return parents, torch.randint(2, 6, (nodes,), generator=rng).tolist()


exercise = Exercise(
    id="dag_num_params",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(rtol=0.0, atol=0.0, because="whole numbers are counted exactly"),
    drive=call_once(),
    also_right=(in_one_line, by_reduction, with_tensors),
    misconceptions=(
        fills_the_full_table,
        stores_what_follows,
        adds_the_parents,
        adds_the_parents_but_not_for_roots,
        forgets_the_roots,
        subtracts_one_in_all,
        subtracts_one_a_table,
        takes_all_for_binary,
        takes_free_values_of_parents,
        reverses_the_arrows,
        multiplies_the_tables,
    ),
)
