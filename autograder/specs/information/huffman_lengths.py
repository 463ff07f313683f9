"""Huffman's code: the lengths of the code words with the smallest mean."""

import heapq
import math
from collections import deque
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(p: Tensor) -> list[int]:
    """Huffman (1952): merge the two least likely groups until one is left."""
    lengths = [0] * len(p)
    groups = [(chance, [outcome]) for outcome, chance in enumerate(p.tolist())]
    while len(groups) > 1:
        groups.sort()
        (one, left), (other, right) = groups[:2]
        for outcome in left + right:
            lengths[outcome] += 1  # one more bit says which of the two groups
        groups = [*groups[2:], (one + other, left + right)]
    return lengths


def with_a_heap(p: Tensor) -> list[int]:
    """Ties go to the shallowest group, so that the longest word is as short as can be."""
    heap = [(float(chance), 0, number) for number, chance in enumerate(p)]
    heapq.heapify(heap)
    parent, next_number = {}, len(heap)
    while len(heap) > 1:
        (one, deep, left), (other, deeper, right) = heapq.heappop(heap), heapq.heappop(heap)
        parent[left] = parent[right] = next_number
        heapq.heappush(heap, (one + other, max(deep, deeper) + 1, next_number))
        next_number += 1

    def depth(node):
        return 1 + depth(parent[node]) if node in parent else 0

    return [depth(node) for node in range(len(p))]


def by_recursion(p: Tensor) -> list[int]:
    if len(p) == 1:
        return [0]
    order = p.argsort(descending=True).tolist()
    *kept, one, other = order
    merged = torch.cat([p[kept], p[[one, other]].sum().reshape(1)])
    *inner, last = by_recursion(merged)
    lengths = dict(zip(kept, inner, strict=True)) | {one: last + 1, other: last + 1}
    return [lengths[outcome] for outcome in range(len(p))]


def with_two_queues(p: Tensor) -> list[int]:
    """Van Leeuwen (1976): merged groups come out in order, so sorting once is enough."""
    order = p.argsort().tolist()
    leaves, merged = deque((p[i].item(), [i]) for i in order), deque()
    lengths = [0] * len(p)
    while len(leaves) + len(merged) > 1:
        total, members = 0.0, []
        for _ in range(2):
            late = not leaves or (merged and merged[0][0] < leaves[0][0])
            chance, outcomes = (merged if late else leaves).popleft()
            total, members = total + chance, members + outcomes
        for outcome in members:
            lengths[outcome] += 1
        merged.append((total, members))
    return lengths


def in_a_tensor(p: Tensor) -> Tensor:
    chances, member = p.clone(), torch.eye(len(p), dtype=torch.bool)
    lengths = torch.zeros(len(p), dtype=torch.int64)
    for _ in range(len(p) - 1):
        one, other = chances.topk(2, largest=False).indices
        lengths += member[one] | member[other]
        member[one] |= member[other]
        chances[one] += chances[other]
        chances[other] = torch.inf
    return lengths


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def rounds_each_surprise_up(p):
    """These lengths do make a code, with words to spare: is its Kraft sum 1? How long need the
    words for a coin with sides 0.9 and 0.1 be?
    """
    return [math.ceil(-math.log2(chance)) for chance in p.tolist()]


def rounds_up_what_can_happen(p):
    """You give each outcome its own surprise, rounded up, and leave out what never happens. Is that
    code as short as it could be, and how many lengths are due?
    """
    return [math.ceil(-math.log2(chance)) for chance in p.tolist() if chance > 0]


def rounds_the_surprises_up_at_once(p):
    """These lengths do make a code, with words to spare: is its Kraft sum 1? How long need the
    words for a coin with sides 0.9 and 0.1 be?
    """
    return torch.ceil(-torch.log2(p))


def takes_the_surprise_itself(p):
    """Your mean length is the entropy, which is a bound. Can a word have 0.15 bits?"""
    return [-math.log2(chance) for chance in p.tolist()]


def merges_the_two_largest(p):
    """Whoever is merged grows one bit longer. Which outcomes can best afford it?"""
    lengths = [0] * len(p)
    groups = [(chance, [outcome]) for outcome, chance in enumerate(p.tolist())]
    while len(groups) > 1:
        groups.sort(reverse=True)
        (one, left), (other, right) = groups[:2]
        for outcome in left + right:
            lengths[outcome] += 1
        groups = [*groups[2:], (one + other, left + right)]
    return lengths


def counts_the_root(p):
    """Two outcomes need one bit. Does your count of a word's length begin at the root with 0 or
    with 1?
    """
    return [length + 1 for length in reference(p)]


def one_bit_for_a_certain_outcome(p):
    """If only one thing can ever be said, how much must be sent to say it?"""
    return reference(p) if len(p) > 1 else [1]


def no_word_for_the_impossible(p):
    """Every outcome is to have a word of its own, even one of probability 0. Can an empty word
    stand beside others, if no word may begin with another?
    """
    possible = p > 0
    inner = iter(reference(p[possible]))
    return [next(inner) if one else 0 for one in possible.tolist()]


def sorts_only_once(p):
    """A merged group may be more likely than others that still wait. Where in the order does it
    belong?
    """
    lengths = [0] * len(p)
    order = sorted(range(len(p)), key=lambda outcome: p[outcome].item())
    members = order[:1]
    for outcome in order[1:]:
        members = [*members, outcome]
        for one in members:
            lengths[one] += 1
    return lengths


def lengths_in_order_of_size(p):
    """Your lengths are right, but whose are they? The first must be that of the first outcome, not
    of the likeliest.
    """
    return sorted(reference(p))


def the_same_for_all(p):
    """Equally long words are best for equally likely outcomes. What do you gain if a likely
    outcome has a shorter word?
    """
    return [math.ceil(math.log2(len(p)))] * len(p)


def splits_from_the_top(p):
    """Halving the outcomes is best for the first bit alone. Which two outcomes can always be put
    side by side without regret?
    """
    lengths = [0] * len(p)

    def split(outcomes):
        if len(outcomes) < 2:
            return
        for outcome in outcomes:
            lengths[outcome] += 1
        chances = p[outcomes]
        gaps = (2 * chances.cumsum(0)[:-1] - chances.sum()).abs()
        cut = int(gaps.argmin()) + 1
        split(outcomes[:cut])
        split(outcomes[cut:])

    split(p.argsort(descending=True).tolist())
    return lengths


def one_bit_a_merge_for_the_new(p):
    """When a group is merged, all its outcomes move down a level, not the newest one only. How
    many bits does the word of a much-merged outcome have?
    """
    lengths = [0] * len(p)
    groups = [(chance, outcome) for outcome, chance in enumerate(p.tolist())]
    while len(groups) > 1:
        groups.sort()
        (one, left), (other, right) = groups[:2]
        lengths[left] += 1
        lengths[right] += 1
        groups = [*groups[2:], (one + other, right)]
    return lengths


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    for name, p in (
        ("a fair coin", [0.5, 0.5]),
        ("a biased coin", [0.1, 0.9]),
        ("powers of one half, unsorted", [0.125, 0.5, 0.125, 0.25]),
        ("three equal outcomes", [1 / 3, 1 / 3, 1 / 3]),  # fixed lengths would need 2 bits each
        ("eight equal outcomes", [0.125] * 8),  # a merged group waits its turn
        ("ties with several best codes", [0.2, 0.1, 0.4, 0.1, 0.2]),
        ("one outcome twice as likely as any other", [0.17, 0.35, 0.15, 0.16, 0.17]),  # Fano: 2.31
        ("Fibonacci numbers over 54", [n / 54 for n in (8, 1, 21, 2, 3, 13, 5, 1)]),  # a long chain
    ):
        yield case(name, torch.tensor(p))
    yield case("six outcomes", draw(rng, 6))
    yield case("thirty outcomes in float64", draw(rng, 30).double())
    yield case("one outcome", torch.tensor([1.0]), "edges")
    yield case("outcomes that never happen", torch.tensor([0.0, 0.5, 0.0, 0.3, 0.2]), "edges")
    yield case("six outcomes, the last of which never happens", never_last(draw(rng, 6)), "edges")


def case(name: str, p: Tensor, aspect: str = "values") -> Case:
    """Return the case in which the lengths for ``p`` are judged by their mean and Kraft sum."""
    return Case(name, {"p": p}, aspect=aspect, view="code_lengths")


def draw(rng: Generator, outcomes: int) -> Tensor:
    """Return a random distribution with likely and unlikely outcomes."""
    return (2 * torch.randn(outcomes, generator=rng)).softmax(0)


def never_last(p: Tensor) -> Tensor:
    """Return ``p`` with the chance of its last outcome given to the first."""
    return torch.cat([p[:1] + p[-1:], p[1:-1], torch.zeros(1)])


exercise = Exercise(
    id="huffman_lengths",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-5, atol=1e-5, because="float32 sums that are nearly ties may be broken either way"
    ),
    drive=call_once(),
    also_right=(with_a_heap, by_recursion, with_two_queues, in_a_tensor),
    misconceptions=(
        rounds_each_surprise_up,
        rounds_up_what_can_happen,
        rounds_the_surprises_up_at_once,
        takes_the_surprise_itself,
        merges_the_two_largest,
        counts_the_root,
        one_bit_for_a_certain_outcome,
        no_word_for_the_impossible,
        sorts_only_once,
        lengths_in_order_of_size,
        the_same_for_all,
        splits_from_the_top,
        one_bit_a_merge_for_the_new,
    ),
    credit={"values": 0.75, "edges": 0.25},
)
