"""Mutual information: how far a table of two variables is from the product of its margins."""

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(joint: Tensor, base: float = 2.0) -> Tensor:
    """Cover and Thomas (2006), eq. 2.28: the divergence of the table from its margins' product."""
    p = joint / joint.sum()
    product = p.sum(1, keepdim=True) * p.sum(0, keepdim=True)  # (rows, columns)
    ratio = torch.where(p > 0, p, 1.0) / torch.where(p > 0, product, 1.0)
    return (p * ratio.log()).sum() / math.log(base)


def three_entropies(joint: Tensor, base: float = 2.0) -> Tensor:
    p = joint / joint.sum()
    rows, columns, both = (torch.special.entr(one).sum() for one in (p.sum(1), p.sum(0), p))
    return (rows + columns - both) / math.log(base)


def entropy_less_conditional_entropy(joint: Tensor, base: float = 2.0) -> Tensor:
    p = joint / joint.sum()
    given = p / p.sum(1, keepdim=True).clamp(min=1e-30)  # each row a distribution of columns
    conditional = torch.special.entr(given).sum(1) @ p.sum(1)
    return (torch.special.entr(p.sum(0)).sum() - conditional) / math.log(base)


def with_kl_div(joint: Tensor, base: float = 2.0) -> Tensor:
    p = joint / joint.sum()
    product = torch.outer(p.sum(1), p.sum(0))
    happens = p > 0
    log_q = product[happens].log()
    return torch.nn.functional.kl_div(log_q, p[happens], reduction="sum") / math.log(base)


def cell_by_cell(joint: Tensor, base: float = 2.0) -> Tensor:
    cells = joint.tolist()
    total = sum(map(sum, cells))
    columns = [sum(column) for column in zip(*cells, strict=True)]
    bits = 0.0
    for row in cells:
        for cell, column in zip(row, columns, strict=True):
            if cell > 0:
                bits += cell / total * math.log(cell * total / (sum(row) * column), base)
    return torch.tensor(bits, dtype=joint.dtype)


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def takes_counts_for_probabilities(joint, base=2.0):
    """Count ten times as many pairs in the same proportions: should the variables share more? What
    must the cells add up to before they are probabilities?
    """
    product = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True)
    ratio = torch.where(joint > 0, joint / product, 1.0)
    return (joint * ratio.log()).sum() / math.log(base)


def adds_the_margins(joint, base=2.0):
    """Two fair coins that ignore each other show two heads with probability 1/4. How is 1/4 made
    of 1/2 and 1/2?
    """
    p = joint / joint.sum()
    margins = p.sum(1, keepdim=True) + p.sum(0, keepdim=True)
    return torch.xlogy(p, torch.where(p > 0, p / margins, 1.0)).sum() / math.log(base)


def what_is_left_of_the_columns(joint, base=2.0):
    """For two independent variables you should get 0. Is your result what knowing the row tells
    about the column, or what it leaves open?
    """
    p = joint / joint.sum()
    both, rows = torch.special.entr(p).sum(), torch.special.entr(p.sum(1)).sum()
    return (both - rows) / math.log(base)


def what_is_left_of_the_rows(joint, base=2.0):
    """For two independent variables you should get 0. Is your result what knowing the column tells
    about the row, or what it leaves open?
    """
    p = joint / joint.sum()
    both, columns = torch.special.entr(p).sum(), torch.special.entr(p.sum(0)).sum()
    return (both - columns) / math.log(base)


def entropy_of_the_pair(joint, base=2.0):
    """Two coins that ignore each other have nothing in common. Your result for them is 2 bits;
    what does it measure?
    """
    p = joint / joint.sum()
    return torch.special.entr(p).sum() / math.log(base)


def takes_log_of_zero(joint, base=2.0):
    """A pair that never occurs adds nothing. What is 0 times the logarithm of 0 in floating
    point?
    """
    p = joint / joint.sum()
    product = p.sum(1, keepdim=True) * p.sum(0, keepdim=True)
    return (p * (p / product).log()).sum() / math.log(base)


def takes_probabilities_above_zero_for_granted(joint, base=2.0):
    """Two things are left to do. What must the cells add up to before they are probabilities, and
    what is 0 times the logarithm of 0?
    """
    rows, columns = joint.sum(1, keepdim=True), joint.sum(0, keepdim=True)
    return (joint * (joint / (rows * columns)).log()).sum() / math.log(base)


def divides_zero_by_zero(joint, base=2.0):
    """Your zeros are well treated, until a whole row is empty. What is the product of the margins
    there, and what do you divide by it?
    """
    p = joint / joint.sum()
    product = p.sum(1, keepdim=True) * p.sum(0, keepdim=True)
    return torch.xlogy(p, p / product).sum() / math.log(base)


def answers_in_nats(joint, base=2.0):
    """Two fair coins that always agree share one bit. How much does your function give them, and
    what is `base` for?
    """
    return reference(joint, math.e)


def reverses_the_divergence(joint, base=2.0):
    """You measured from the product to the table. Which of the two do the pairs come from, and
    which one weighs your terms?
    """
    p = joint / joint.sum()
    product = p.sum(1, keepdim=True) * p.sum(0, keepdim=True)
    return (torch.xlogy(product, product) - torch.xlogy(product, p)).sum() / math.log(base)


def makes_each_row_a_distribution(joint, base=2.0):
    """Which cells must add up to 1: those of each row, or all of them? Did you divide by one sum,
    or by many?
    """
    p = joint / joint.sum(1, keepdim=True)
    product = p.sum(1, keepdim=True) * p.sum(0, keepdim=True)
    ratio = torch.where(p > 0, p / product, 1.0)
    return (torch.where(p > 0, p, 0.0) * ratio.log()).sum() / math.log(base)


def weighs_all_cells_alike(joint, base=2.0):
    """A common pair should count more than a rare one. What does the weighing in the sum over the
    cells?
    """
    p = joint / joint.sum()
    product = p.sum(1, keepdim=True) * p.sum(0, keepdim=True)
    ratio = torch.where(p > 0, p, 1.0) / torch.where(p > 0, product, 1.0)
    return ratio.log().sum() / math.log(base)


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield Case("two coins that mostly agree", {"joint": torch.tensor([[0.45, 0.05], [0.05, 0.45]])})
    rows, columns = draw(rng, 2), draw(rng, 3)
    yield Case("two independent variables", {"joint": torch.outer(rows, columns)})
    table = draw(rng, 3, 4)
    yield Case("three rows and four columns", {"joint": table})
    yield Case("the same, in nats", {"joint": table, "base": math.e})
    yield Case(
        "as many rows as columns, in decimal digits", {"joint": draw(rng, 3, 3), "base": 10.0}
    )
    yield Case("one column", {"joint": draw(rng, 4, 1)})
    counts = torch.randint(1, 50, (3, 4), generator=rng).float()
    counts[0, 0] += 100  # whatever was drawn, the two variables have something in common
    yield Case("a table of counts", {"joint": counts}, aspect="counts")
    counts = torch.randint(1, 1000, (2, 5), generator=rng).float()
    counts[1, 4] += 10000
    yield Case("counts of ten thousand", {"joint": counts}, aspect="counts")
    yield Case(
        "two coins that always agree", {"joint": torch.tensor([[0.5, 0.0], [0.0, 0.5]])}, "zeros"
    )
    table = torch.tensor([[0.0, 0.2, 0.1], [0.0, 0.0, 0.0], [0.3, 0.0, 0.4]])
    yield Case("a row that never occurs", {"joint": table}, aspect="zeros")
    table = draw(rng, 3, 4) * (1 - torch.eye(3, 4))
    yield Case("three cells that never occur", {"joint": table / table.sum()}, aspect="zeros")
    yield Case("a transposed table", {"joint": draw(rng, 5, 2).T})
    yield Case("twenty rows and thirty columns in float64", {"joint": draw(rng, 20, 30).double()})


def draw(rng: Generator, *shape: int) -> Tensor:
    """Return a random table that adds up to 1, no cell more than 11 times another."""
    weights = torch.rand(shape, generator=rng) + 0.1
    return weights / weights.sum()


exercise = Exercise(
    id="mutual_information",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-4, atol=1e-5, because="float32 sums of a dozen terms of about 1 that partly cancel"
    ),
    drive=call_once(),
    also_right=(three_entropies, entropy_less_conditional_entropy, with_kl_div, cell_by_cell),
    misconceptions=(
        takes_counts_for_probabilities,
        adds_the_margins,
        what_is_left_of_the_columns,
        what_is_left_of_the_rows,
        entropy_of_the_pair,
        takes_log_of_zero,
        takes_probabilities_above_zero_for_granted,
        divides_zero_by_zero,
        answers_in_nats,
        reverses_the_divergence,
        makes_each_row_a_distribution,
        weighs_all_cells_alike,
    ),
    credit={"values": 0.5, "counts": 0.25, "zeros": 0.25},
)
