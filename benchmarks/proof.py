"""The page "The tests, tested": every wrong answer tried on many seeds, and what judging takes.

.venv/bin/python benchmarks/proof.py [SEEDS] > book/proof.md
"""

import statistics
import sys
import time

import torch

from autograder import catalogue, mutants, quizzes, rules
from autograder.course import Course
from autograder.notebooks.practice import practice_pack
from gradus.practice import PACK

REPEATS = 5

INTRODUCTION = """(proof)=
# The tests, tested

A hidden test is code, too, and may be wrong.

So each exercise of this course carries answers of two kinds: right ones in several styles, and wrong ones that people really believe.
On every seed tried, all right ones must pass, in float32 and in float64, and each wrong one must fail *and be recognised as itself*, because a hint for the wrong mistake is worse than none.

This page is generated. `gradus mutants` repeats the trial on your machine, and the tests of the project fail when a number here is no longer that of the exercises.

| exercise | questions | right answers | wrong answers | failed | recognised | judged in, ms | practice, kB |
| --- | --- | --- | --- | --- | --- | --- | --- |"""


def seconds(action):
    """Return the median time that ``action`` takes, after one run that does not count."""
    action()
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def judged(exercise):
    """Draw the questions, ask the reference all of them, and weigh, as the judge does."""
    quiz = quizzes.quiz_of(exercise, 1)
    rules.weigh(quiz, quizzes.replies_of(exercise.reference, quiz))


def main(seeds):
    """Print the page; a fault ends it."""
    torch.set_num_threads(1)
    print(INTRODUCTION, flush=True)
    rows, times, sizes = [], [], []
    for name in catalogue.exercise_ids():
        exercise = catalogue.find(name)
        row = mutants.table_row(exercise, seeds)
        if row.faults:
            raise SystemExit(f"{name}: {row.faults[0]}")
        rows.append(row)
        times.append(1000 * seconds(lambda exercise=exercise: judged(exercise)))
        sizes.append(len(practice_pack([name], {name: exercise})) / 1000)
        questions = len(quizzes.quiz_of(exercise, 1).questions)
        numbers = (questions, row.right, row.wrong, row.killed, row.named)
        print(
            f"| `{name}` | " + " | ".join(map(str, numbers)),
            f"| {times[-1]:.0f} | {sizes[-1]:.0f} |",
            flush=True,
        )
    wrong, named = sum(row.wrong for row in rows), sum(row.named for row in rows)
    packs = [
        f"{name} {(Course.here().exercises / name / PACK).stat().st_size / 1000:.0f} kB"
        for name in Course.here().assignments()
    ]
    print(
        f"\n{len(rows)} exercises on {seeds} seeds each: {named} of {wrong} wrong answers "
        "failed and were recognised."
    )
    print(
        f"Judging one exercise takes {statistics.median(times):.0f} ms (median; at most "
        f"{max(times):.0f} ms) on one core, the drawing of its questions included, the learner's "
        "process not."
    )
    print(f"The practice packs of the assignments: {', '.join(packs)}; at most 200 kB are allowed.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
