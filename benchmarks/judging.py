"""What the README's figures come from: how long judging takes, and how large practice packs are.

All figures are medians of one run on this machine; compare them with each other, not with
another machine's.
"""

import statistics
import time

import nbformat
import torch
from rich.console import Console
from rich.table import Table

from autograder import catalogue, quizzes, rules
from autograder.course import Course
from autograder.grading.submission import Terms, grade
from autograder.judge.client import Judges
from gradus.practice import PACK

REPEATS = 5


def seconds(action, repeats=REPEATS):
    """Return the median time that ``action`` takes, after one run that does not count."""
    action()
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def judging(name):
    """Return the seconds for drawing the questions of an exercise, and for asking and weighing."""
    exercise = catalogue.find(name)
    quiz = quizzes.quiz_of(exercise, 1)
    drawing = seconds(lambda: quizzes.quiz_of(exercise, 1))
    weighing = seconds(lambda: rules.weigh(quiz, quizzes.replies_of(exercise.reference, quiz)))
    return len(quiz.questions), drawing, weighing


def submission(course, assignment):
    """Return the seconds for one right submission, from a cold sandboxed kernel to its record."""
    path = course.source(assignment).with_suffix(".ipynb")
    source = nbformat.read(path, as_version=4)
    with Judges() as judges:
        return seconds(
            lambda: grade(source, source, judges, Terms("ada", assignment, b"x" * 16)), 3
        )


def main():
    """Print the tables."""
    torch.set_num_threads(1)
    course = Course.here()
    console = Console()
    table = Table("exercise", "questions", "draw, ms", "ask and weigh, ms", title="one exercise")
    taken = []
    for name in catalogue.exercise_ids():
        questions, drawing, weighing = judging(name)
        taken.append(drawing + weighing)
        table.add_row(name, str(questions), f"{1000 * drawing:.0f}", f"{1000 * weighing:.0f}")
    console.print(table)
    console.print(f"median over {len(taken)} exercises: {1000 * statistics.median(taken):.0f} ms")
    table = Table("assignment", "one submission, s", "practice pack, kB", title="one submission")
    for name in course.assignments():
        size = (course.exercises / name / PACK).stat().st_size / 1000
        table.add_row(name, f"{submission(course, name):.1f}", f"{size:.0f}")
    console.print(table)


if __name__ == "__main__":
    main()
