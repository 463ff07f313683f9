"""Solve a square system of linear equations, without forming the inverse."""

from collections.abc import Iterator
from fractions import Fraction

import torch
from torch import Generator, Tensor, linalg

from autograder.driver import call_once
from autograder.spec import Case, Exercise, Tolerance


def reference(A: Tensor, b: Tensor) -> Tensor:
    """Gaussian elimination in exact fractions; Golub and Van Loan (2013), section 3.2."""
    rows = [
        [Fraction(entry) for entry in (*row, right)]
        for row, right in zip(A.tolist(), b.tolist(), strict=True)
    ]
    size = len(rows)
    for step in range(size):
        pivot = next(row for row in range(step, size) if rows[row][step] != 0)
        rows[step], rows[pivot] = rows[pivot], rows[step]
        rows[step] = [entry / rows[step][step] for entry in rows[step]]
        for row in range(size):
            if row != step:
                times = rows[row][step]
                pairs = zip(rows[row], rows[step], strict=True)
                rows[row] = [mine - times * theirs for mine, theirs in pairs]
    return torch.tensor([float(row[-1]) for row in rows], dtype=A.dtype)


def builtin(A: Tensor, b: Tensor) -> Tensor:
    return linalg.solve(A, b)


def with_lu(A: Tensor, b: Tensor) -> Tensor:
    factors, pivots = linalg.lu_factor(A)
    return linalg.lu_solve(factors, pivots, b[:, None]).squeeze(1)


def with_qr(A: Tensor, b: Tensor) -> Tensor:
    Q, R = linalg.qr(A)
    return linalg.solve_triangular(R, (Q.T @ b)[:, None], upper=True)[:, 0]


def with_svd(A: Tensor, b: Tensor) -> Tensor:
    U, values, V = linalg.svd(A)
    return V.T @ ((U.T @ b) / values)


def by_elimination(A: Tensor, b: Tensor) -> Tensor:
    rows, size = torch.cat([A, b[:, None]], 1), len(b)
    for step in range(size):
        pivot = step + int(rows[step:, step].abs().argmax())
        rows[[step, pivot]] = rows[[pivot, step]]
        for row in range(step + 1, size):
            rows[row] = rows[row] - rows[row, step] / rows[step, step] * rows[step]
    x = torch.zeros_like(b)
    for row in reversed(range(size)):
        x[row] = (rows[row, -1] - rows[row, row + 1 : size] @ x[row + 1 :]) / rows[row, row]
    return x


# Wrong answers: the name is the belief, the body acts it out, the docstring is the hint.


def multiplies_by_the_inverse(A, b):
    """Put your x back into A x: on the Hilbert matrix it is not b. Which step is fragile there: an
    inverse, a determinant, columns that are not quite orthogonal?
    """
    return linalg.inv(A) @ b


def multiplies_by_the_pseudo_inverse(A, b):
    """The pseudo-inverse treats small singular values as if they were 0. Is an equation in small
    units worth less than one in large units?
    """
    return linalg.pinv(A) @ b


def solves_the_normal_equations(A, b):
    """If A has condition number 1e9, which has A^T A? Was there a need to make A symmetric?"""
    return linalg.solve(A.T @ A, A.T @ b)


def asks_for_least_squares(A, b):
    """Least squares drops directions that it takes for rounding errors. Is an equation in small
    units worth less than one in large units?
    """
    return linalg.lstsq(A, b[:, None]).solution[:, 0]


def transposes_the_triangle(A, b):
    """You solve with R^T where R belongs. With A = QR, which triangular system is left once Q has
    moved to the other side?
    """
    Q, R = linalg.qr(A)
    return linalg.solve_triangular(R.T, (Q.T @ b)[:, None], upper=False)[:, 0]


def reads_the_other_triangle(A, b):
    """Half of R is 0. Which half does your triangular solver read, the one that `upper` names?"""
    Q, R = linalg.qr(A)
    return linalg.solve_triangular(R, (Q.T @ b)[:, None], upper=False)[:, 0]


def forgets_to_transpose_q(A, b):
    """With A = QR, R x = Q^-1 b. What is the inverse of a matrix with orthonormal columns?"""
    Q, R = linalg.qr(A)
    return linalg.solve_triangular(R, (Q @ b)[:, None], upper=True)[:, 0]


def projects_the_original_columns(A, b):
    """Are the columns of your Q orthogonal? Look at Q^T Q for nearly parallel columns of A: from
    which vector do you subtract the next projection?
    """
    Q = torch.zeros_like(A)
    for j in range(len(b)):
        v = A[:, j] - sum((Q[:, k] @ A[:, j]) * Q[:, k] for k in range(j))
        Q[:, j] = v / v.norm()
    return linalg.solve_triangular(Q.T @ A, (Q.T @ b)[:, None], upper=True)[:, 0]


def solves_the_transposed_system(A, b):
    """Is entry i of A @ x the product of x with row i of A, or with column i?"""
    return linalg.solve(A.T, b)


def never_swaps_rows(A, b):
    """The system with the rows [0, 2] and [1, 1] has a solution. By which number does your first
    step divide?
    """
    rows, size = torch.cat([A, b[:, None]], 1), len(b)
    for step in range(size):
        for row in range(step + 1, size):
            rows[row] = rows[row] - rows[row, step] / rows[step, step] * rows[step]
    x = torch.zeros_like(b)
    for row in reversed(range(size)):
        x[row] = (rows[row, -1] - rows[row, row + 1 : size] @ x[row + 1 :]) / rows[row, row]
    return x


def forgets_the_permutation(A, b):
    """`linalg.lu` returns three factors, A = P L U. What does P do to the rows, and so to b?"""
    _, L, U = linalg.lu(A)
    y = linalg.solve_triangular(L, b[:, None], upper=False)
    return linalg.solve_triangular(U, y, upper=True)[:, 0]


def trusts_cholesky(A, b):
    """Which matrices have a Cholesky factorisation? Is every matrix with an inverse one of them?"""
    return torch.cholesky_solve(b[:, None], linalg.cholesky(A))[:, 0]


def keeps_a_column(A, b):
    """The right-hand side has one axis. How many has your solution?"""
    return linalg.solve(A, b[:, None])


def cases(rng: Generator) -> Iterator[Case]:
    """Easiest to read first; each case is there to expose one wrong decision."""
    A, b = torch.tensor([[2.0, 1.0], [1.0, 3.0]]), torch.tensor([4.0, 7.0])
    yield Case("two equations with the solution 1, 2", {"A": A, "b": b})
    A, b = torch.tensor([[0.0, 2.0], [1.0, 1.0]]), torch.tensor([2.0, 3.0])
    yield Case("a matrix with 0 in its first corner", {"A": A, "b": b})
    A, b = draw(rng, 3), torch.randn(3, generator=rng)
    yield Case("three random equations", {"A": A, "b": b})
    A, b = draw(rng, 5).double().T, torch.randn(5, generator=rng, dtype=torch.float64)
    yield Case("five random equations in float64, A transposed", {"A": A, "b": b}, tolerance=DOUBLE)
    yield Case("one equation", {"A": torch.tensor([[4.0]]), "b": torch.tensor([2.0])})
    small = 2e-9 + 5e-9 * float(torch.rand((), generator=rng))
    A = torch.tensor([[1, 1, 1], [small, 0, 0], [0, small, 0]], dtype=torch.float64)
    b = torch.tensor([3, small, small], dtype=torch.float64)
    yield Case("three equations of which two are tiny", {"A": A, "b": b}, "conditioning")
    A = torch.tensor([[2.0, 0.0], [0.0, small * 1e-12]], dtype=torch.float64)
    b = torch.tensor([2.0, small * 1e-12], dtype=torch.float64)
    yield Case("one equation in units of 1e-20", {"A": A, "b": b}, "conditioning")
    nodes = torch.arange(10, dtype=torch.float64)
    yield hilbert_like("the Hilbert matrix of size 10, all x are 1", nodes + 1, nodes, nodes**0)
    shifts = torch.rand(3, 10, generator=rng, dtype=torch.float64)
    yield hilbert_like(
        "the matrix of 1 / (s_i + t_j), much like Hilbert's",
        nodes + 1 + 0.2 * shifts[0],
        nodes + 0.2 * shifts[1],
        0.5 + shifts[2],
    )


def hilbert_like(name: str, s: Tensor, t: Tensor, x: Tensor) -> Case:
    """Return a case of condition 1e13 or so whose solution has entries near 1."""
    A = 1 / (s[:, None] + t)
    b = [
        sum(Fraction(a) * Fraction(w) for a, w in zip(row, x.tolist(), strict=True))
        for row in A.tolist()
    ]
    right = torch.tensor([float(value) for value in b], dtype=torch.float64)
    return Case(name, {"A": A, "b": right}, "conditioning", view="residual")


def draw(rng: Generator, size: int) -> Tensor:
    """Return a random matrix whose singular values run from 1 to 4."""
    left, right = linalg.qr(torch.randn(2, size, size, generator=rng)).Q
    return left * torch.linspace(1, 4, size) @ right.T


SINGLE = Tolerance(rtol=1e-4, atol=1e-5, because="float32 systems of a condition number below 10")
DOUBLE = Tolerance(rtol=1e-9, atol=1e-11, because="float64 systems of a condition number below 10")

exercise = Exercise(
    id="solve",
    reference=reference,
    cases=cases,
    tolerance=SINGLE,
    drive=call_once(),
    also_right=(builtin, with_lu, with_qr, with_svd, by_elimination),
    misconceptions=(
        multiplies_by_the_inverse,
        multiplies_by_the_pseudo_inverse,
        solves_the_normal_equations,
        asks_for_least_squares,
        transposes_the_triangle,
        reads_the_other_triangle,
        forgets_to_transpose_q,
        projects_the_original_columns,
        solves_the_transposed_system,
        never_swaps_rows,
        forgets_the_permutation,
        trusts_cholesky,
        keeps_a_column,
    ),
    credit={"values": 0.5, "conditioning": 0.5},
)
