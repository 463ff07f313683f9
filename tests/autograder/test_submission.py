"""One submission: what each kind of trouble costs, and what it does not."""

import pytest

from autograder.verdict import Outcome

RIGHT_KL = """
import torch

def kl(p, q, base=2.0):
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(-1) / torch.tensor(base).log()
"""


def test_right_answers_earn_all_points(graded, submit):
    """The instructor's own solution is right in everything."""
    found = graded(submit())
    assert {name: verdict.points for name, verdict in found.items()} == {"entropy": 2, "kl": 3}


def test_a_misconception_is_named_and_the_rest_counts(graded, submit):
    """KL in the other direction gets its hint; entropy keeps its points."""
    wrong = RIGHT_KL.replace("(p, q, base", "(q, p, base")
    found = graded(submit(kl=wrong))
    assert found["kl"].belief == "reverses_the_arguments"
    assert found["kl"].finding.startswith("case “a fair coin coded as a biased one”: expected")
    assert (found["kl"].points, found["entropy"].points) == (0, 2)


def test_partial_credit_follows_the_aspects(graded, submit):
    """Entropy that is nan at zero earns the half that has no zeros."""
    naive = (
        "def entropy(p, base=2.0):\n    return -(p * p.log()).sum(-1) / torch.tensor(base).log()"
    )
    found = graded(submit(entropy=naive))
    assert (found["entropy"].outcome, found["entropy"].points) == (Outcome.WRONG, 1)
    assert found["entropy"].belief == "takes_log_of_zero"


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        ("def entropy(p, base=2.0):\n    while True: pass", "stopped after 2 seconds"),
        ("def entropy(p, base=2.0):\n    import os; os._exit(0)", "the kernel died"),
        ("def entropy(p, base=2.0:", "entropy is not defined when its turn comes"),
        ("def entropi(p, base=2.0):\n    return p", "entropy is not defined when its turn comes"),
        ("while True: pass", "an earlier cell was stopped after 2 seconds"),
        ("import sys; sys.setrecursionlimit(10**9)\ndef entropy(p, base=2.0):\n"
         "    return entropy(p)", "stopped after 2 seconds"),
        ("def entropy(p, base=2.0):\n    return 1 / 0", "your code raised ZeroDivisionError"),
        ("def entropy():\n    return 1", "your code raised TypeError"),
        ("entropy = 3", "your code raised TypeError"),
        ("", "entropy is not defined when its turn comes"),
    ],
    ids=["loop", "exit", "syntax", "renamed", "loop at top", "recursion", "raises", "signature",
         "no function", "empty"],
)  # fmt: skip
def test_trouble_in_one_exercise_costs_that_exercise(graded, submit, answer, finding):
    """Whatever happens in entropy, kl is judged in full; and the report says what happened."""
    found = graded(submit(entropy=answer), wall=2)
    assert finding in found["entropy"].finding
    assert found["entropy"].points == 0
    assert (found["kl"].outcome, found["kl"].points) == (Outcome.RIGHT, 3), found["kl"]


def test_an_error_shows_the_learners_lines_as_practice_does(graded, submit):
    """From cell to cell, each line of theirs with its number and function; none of ours."""
    entropy = "def scaled(p, by):\n    return p / by\n\ndef entropy(p, base=2.0):\n    return p"
    kl = "def kl(p, q, base=2.0):\n    top = 1\n    return scaled(top, 0)"
    assert graded(submit(entropy=entropy, kl=kl))["kl"].line.split("\n") == [
        "  In[5], line 3 in kl: return scaled(top, 0)",
        "> In[2], line 2 in scaled: return p / by",
    ]


@pytest.mark.parametrize(
    "noise",
    [
        "import sys; print('100.0'); print('error', file=sys.stderr)",
        "import warnings; warnings.warn('careful')",
        "import logging; logging.getLogger().error('oh')",
        "0.0",
        "import sys\nfor n in range(9): print(f'\\r{n}0%|#', end='', file=sys.stderr, flush=True)",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
    ],
    ids=["prints", "warns", "logs", "shows", "progress bar", "figure"],
)
def test_noise_never_changes_a_score(graded, submit, noise):
    """A line on stderr, a warning, a printed number: none of it is a score."""
    found = graded(submit(kl=f"{RIGHT_KL}\n{noise}\n"))
    assert found["kl"].points == 3


def test_the_same_learner_is_asked_the_same_again(graded, submit):
    """A regrade is no new exam."""
    wrong = "def kl(p, q, base=2.0):\n    return (p - q).sum(-1)"
    first, again = (graded(submit(kl=wrong))["kl"] for _ in range(2))
    assert (first.finding, first.expected) == (again.finding, again.expected)
