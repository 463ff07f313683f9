"""The tests' own test: right answers pass, wrong ones fail and are named, on every seed tried."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from autograder import quizzes, rules
from autograder.seeds import seed_of
from autograder.spec import Exercise, Subject
from autograder.verdict import Outcome
from gradus.quiz import Quiz


@dataclass(frozen=True)
class Row:
    """One exercise of the mutation table. ``faults`` says what went wrong, on which seed."""

    id: str
    right: int
    wrong: int
    killed: int
    named: int
    seeds: int
    faults: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the row in the form of ``gradus mutants --json``."""
        return {**vars(self), "faults": list(self.faults)}


def table_row(exercise: Exercise, seeds: int) -> Row:
    """Return how ``exercise`` does on ``seeds`` seeds.

    An answer counts as killed, or named, when it is so on every seed.
    """
    right = (exercise.reference, *exercise.also_right)
    wrong = (*exercise.misconceptions, unwritten)
    faults: list[str] = []
    survived: set[str] = set()
    misnamed: set[str] = set()
    for number in range(seeds):
        seed = seed_of(b"mutants", str(number))
        quiz = quizzes.quiz_of(exercise, seed)
        faults += [f"seed {number}: {why}" for why in _refused(quiz, right)]
        in_float64 = rules.weigh(quiz, quizzes.precise_replies(exercise.reference, quiz))
        if in_float64.outcome is not Outcome.RIGHT:
            faults.append(f"seed {number}: right in float64, and refused: {in_float64.finding}")
        here = replace(quiz, visits=())  # what is wrong at home need not travel
        for subject in wrong:
            verdict = rules.weigh(here, quizzes.replies_of(subject, here))
            name = subject.__name__
            if verdict.outcome is not Outcome.WRONG:
                survived.add(name)
                faults.append(f"seed {number}: {name} passes")
            elif verdict.belief != ("" if subject is unwritten else name):
                misnamed.add(name)
                named = verdict.belief or "nothing"
                faults.append(f"seed {number}: {name} is named {named} ({verdict.finding})")
    return Row(
        id=exercise.id,
        right=len(right),
        wrong=len(exercise.misconceptions),
        killed=len(exercise.misconceptions) - len(survived - {"unwritten"}),
        named=len(exercise.misconceptions) - len((survived | misnamed) - {"unwritten"}),
        seeds=seeds,
        faults=tuple(faults),
    )


def unwritten(*_: Any, **__: Any) -> None:
    """The stub of every exercise, as it is released."""
    raise NotImplementedError("not yet written")


def _refused(quiz: Quiz, subjects: Iterable[Subject]) -> Iterable[str]:
    for subject in subjects:
        verdict = rules.weigh(quiz, quizzes.replies_of(subject, quiz))
        if verdict.outcome is not Outcome.RIGHT:
            yield f"{subject.__name__} is right, and is refused: {verdict.finding}"
