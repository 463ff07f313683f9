"""The condition number of a matrix: by how much it can magnify a relative error."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor, linalg

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(A: Tensor) -> Tensor:
    """Trefethen and Bau (1997), lecture 12; Golub and Van Loan (2013), section 2.6.2."""
    values = linalg.svdvals(A)  # in descending order
    return values[0] / values[-1]


def builtin(A: Tensor) -> Tensor:
    return linalg.cond(A)


def with_two_norms(A: Tensor) -> Tensor:
    return linalg.matrix_norm(A, 2) / linalg.matrix_norm(A, -2)


def with_numpy(A: Tensor) -> Tensor:
    values = torch.from_numpy(linalg.svdvals(A).numpy())
    return values.max() / values.min()


def with_a_symmetric_block(A: Tensor) -> Tensor:
    rows, columns = A.shape
    block = torch.zeros(rows + columns, rows + columns, dtype=A.dtype)
    block[:rows, rows:], block[rows:, :rows] = A, A.T
    values = linalg.eigvalsh(block)[-min(rows, columns) :]
    return values[-1] / values[0]


def after_qr(A: Tensor) -> Tensor:
    R = linalg.qr(A if A.shape[0] >= A.shape[1] else A.T).R
    _, values, _ = torch.svd(R)
    return values.max() / values.min()


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def compares_eigenvalues(A):
    """Both eigenvalues of the shear [[1, 100], [0, 1]] are 1. How long does it make a vector of
    length 1, at most and at least?
    """
    sizes = linalg.eigvals(A).abs()
    return sizes.max() / sizes.min()


def takes_the_determinant(A):
    """A tenth of the identity magnifies no relative error: its condition number is 1. What is its
    determinant?
    """
    return 1 / linalg.det(A).abs()


def uses_the_one_norm(A):
    """You measure in another norm. Which one measures the length of a vector as you would with a
    ruler?
    """
    return linalg.norm(A, 1) * linalg.norm(linalg.inv(A), 1)


def uses_the_frobenius_norm(A):
    """What is the condition number of the identity, and what do you return for it? Is the norm you
    take the largest stretch, or a sum of all of them?
    """
    return linalg.norm(A) * linalg.norm(linalg.inv(A))


def squares_the_numbers(A):
    """The eigenvalues of A^T A are the squares of what you want. What do 1e-9 and 1e-25 become when
    they are squared, and what is left of them beside 1?
    """
    squares = linalg.eigvalsh(A.T @ A)
    return (squares[-1] / squares[0]).sqrt()


def forgets_the_root(A):
    """Your results are the squares of the right ones. What are the eigenvalues of A^T A to the
    singular values of A?
    """
    squares = linalg.eigvalsh(A.T @ A)
    return squares[-1] / squares[0]


def turns_the_ratio_over(A):
    """No matrix has a condition number below 1. Which of your two numbers is the larger?"""
    values = linalg.svdvals(A)
    return values[-1] / values[0]


def compares_entries(A):
    """Two columns that are almost the same make a matrix ill-conditioned. Do its largest and
    smallest entry show it?
    """
    return A.abs().max() / A.abs().min()


def inverts_the_matrix(A):
    """A matrix need not have an inverse to have a condition number. Which factorisation does every
    matrix have?
    """
    return linalg.norm(A, 2) * linalg.norm(linalg.inv(A), 2)


def inverts_what_it_can(A):
    """A direction that the matrix flattens to 0 makes the condition number infinite. What does the
    pseudo-inverse do with that direction?
    """
    return linalg.norm(A, 2) * linalg.norm(linalg.pinv(A), 2)


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    yield Case("a diagonal of 1 and 4", {"A": torch.tensor([[1.0, 0.0], [0.0, 4.0]])})
    yield Case("a tenth of the identity", {"A": 0.1 * torch.eye(3)})
    shear = torch.tensor([[1.0, 100.0], [0.0, 1.0]], dtype=torch.float64)
    yield Case("a shear by 100", {"A": shear})
    yield Case("a random square matrix", {"A": draw(rng, 4, 4)})
    yield Case("a random square matrix in float64, transposed", {"A": draw(rng, 5, 5).double().T})
    yield Case("more rows than columns", {"A": draw(rng, 5, 3)}, "shapes")
    yield Case("one column", {"A": torch.tensor([[3.0], [4.0]])}, "shapes")
    A = torch.zeros(2, 3)  # sparse, so that A^T A is singular to the last bit
    A[0, 0], A[1, 2] = 1 + 4 * torch.rand(2, generator=rng)
    yield Case("more columns than rows", {"A": A}, "shapes")
    diagonal = torch.rand(3, generator=rng) + 1
    diagonal[1] = 0
    yield Case("a diagonal with a 0 in it", {"A": diagonal.diag()}, "limits")
    small = 2e-9 + 5e-9 * float(torch.rand((), generator=rng))
    A = torch.tensor([[1.0, 1.0], [small, 0.0], [0.0, small]], dtype=torch.float64)
    yield Case("two columns that are almost the same, in float64", {"A": A}, "limits", NEAR)
    yield Case("entries near 1e-25", {"A": 1e-25 * draw(rng, 3, 3)}, "limits")


def draw(rng: Generator, rows: int, columns: int) -> Tensor:
    """Return a random matrix whose singular values run from 1 to 4."""
    size = min(rows, columns)
    left = linalg.qr(torch.randn(rows, size, generator=rng, dtype=torch.float64)).Q
    right = linalg.qr(torch.randn(columns, size, generator=rng, dtype=torch.float64)).Q
    values = torch.linspace(1, 4, size, dtype=torch.float64)
    return (left * values @ right.T).float()


NEAR = Tolerance(rtol=1e-5, atol=0.0, because="float64 keeps 7 digits of a value 1e9 below another")

exercise = Exercise(
    id="cond",
    reference=reference,
    cases=cases,
    tolerance=Tolerance(
        rtol=1e-4, atol=0.0, because="float32 singular values within a factor of 4 of each other"
    ),
    drive=call_once(),
    also_right=(builtin, with_two_norms, with_numpy, with_a_symmetric_block, after_qr),
    misconceptions=(
        compares_eigenvalues,
        takes_the_determinant,
        uses_the_one_norm,
        uses_the_frobenius_norm,
        squares_the_numbers,
        forgets_the_root,
        turns_the_ratio_over,
        compares_entries,
        inverts_the_matrix,
        inverts_what_it_can,
    ),
    credit={"values": 1 / 3, "shapes": 1 / 3, "limits": 1 / 3},
)
