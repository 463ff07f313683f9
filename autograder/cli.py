"""The one command: ``gradus``. Each verb prints a table, or with ``--json`` one record a line."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import nbformat
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, track
from rich.table import Table

from autograder import catalogue
from autograder.course import Course
from autograder.errors import GradusError, SubmissionError
from autograder.feedback import card_of
from autograder.grading.submission import Graded, Terms
from autograder.grading.worker import get_ready, judge_notebook, put_away
from autograder.notebooks.build import graded_ids
from autograder.verdict import Outcome, Verdict
from gradus.hand_in import HandInError, hand_in

if TYPE_CHECKING:
    from autograder.gradebook.book import Record

app = typer.Typer(
    help="Build, check and grade the assignments of the Gradus course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# A file or a pipe has no width of its own; 80 columns would fold the hints beyond reading.
# No markup: what a learner's error says in square brackets is text.
# What brings torch, dask or nbgrader is imported by the verb that needs it: they take seconds.
out = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True, highlight=False, markup=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON record a line, nothing else.")]
Unsafe = Annotated[
    bool, typer.Option("--unsafe", help="Run without a sandbox: only code that you trust.")
]
Names = Annotated[
    list[str] | None, typer.Argument(help="Assignments, such as ps02; all when none is named.")
]


@app.command()
def build(
    assignments: Names = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; fail if the release is stale or leaks."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Build the assignments from solutions/ and release them to exercises/.

    With --check nothing under exercises/ changes: every committed file is compared with what
    would be built, and searched for lines of the solutions. Exits with 1 if anything is found.
    """
    from autograder.gradebook import release

    course = Course.here()
    names = assignments or course.assignments()
    found: dict[str, list[str]] = {}
    for name in _progress(names, "checking" if check else "building", quiet=as_json):
        if check:
            found[name] = release.problems(course, name)
        else:
            release.make(course, name)
            found[name] = []
    for name, problems in found.items():
        if as_json:
            print(json.dumps({"assignment": name, "problems": problems}))
        elif problems:
            out.print(*problems, sep="\n")
        else:
            where = course.exercises / name / f"{name}.ipynb"
            out.print(f"{name}: {'up to date' if check else 'released to'} {where}")
    raise typer.Exit(1 if any(found.values()) else 0)


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="A notebook, such as exercises/ps02/ps02.ipynb")],
    into: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to write the page; else beside the class."),
    ] = None,
    as_json: Json = False,
    unsafe: Unsafe = False,
) -> None:
    """Judge one notebook on this machine with hidden questions, as an instructor would.

    Prints the verdicts, and writes the page of feedback that a learner gets in a class.
    The assignment is known by the notebook's name. Exits with 1 if anything is not right.
    """
    course = Course.here()
    source = _instructor_notebook(course, notebook.stem)
    submission = _read_notebook(notebook)
    terms = Terms("self-study", notebook.stem, course.secret(), sandboxed=not unsafe)
    with err.status("judging") if not as_json else _Nothing():
        try:
            get_ready([nbformat.writes(one).encode() for one in (submission, source)])
            from autograder.gradebook.page import page_of  # nbconvert, while torch is imported

            graded = judge_notebook(submission, source, terms)
        finally:
            put_away()
    page = ((into or course.folder / "self-study") / f"{notebook.stem}.html").resolve()
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(page_of(graded.notebook, notebook.stem), encoding="utf-8")
    _print_verdicts(graded, page, as_json)
    right = all(verdict.outcome is Outcome.RIGHT for verdict in graded.verdicts)
    raise typer.Exit(0 if right else 1)


@app.command()
def submit(
    notebook: Annotated[Path, typer.Argument(help="A notebook, such as exercises/ps02/ps02.ipynb")],
    student: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Your name in the class; else your login.")
    ] = "",
    into: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where to put the zip; else beside it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Pack a saved notebook into one zip that you upload to your course's platform.

    It is refused, with a reason, if it has lost a cell that is graded. The zip's name says the
    assignment, the learner, the time and a checksum; `nbgrader zip_collect` reads them back.
    `python -m gradus submit` does the same where only the exercises are installed.
    """
    try:
        done = hand_in(notebook, student, into)
    except HandInError as error:
        raise SubmissionError(str(error)) from None
    print(json.dumps(done.to_dict())) if as_json else out.print(done, soft_wrap=True)


@app.command()
def grade(
    assignment: Annotated[str, typer.Argument(help="The assignment to grade, such as ps02.")],
    student: Annotated[
        list[str] | None, typer.Option("--student", help="Only this learner; may be repeated.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Submissions judged at a time; by default one per core."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="A dask scheduler that judges, such as tcp://host:8786.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Judge again what is known.")] = False,
    seed: Annotated[
        int | None, typer.Option(help="Ask all the same questions; by default each their own.")
    ] = None,
    as_json: Json = False,
    unsafe: Unsafe = False,
) -> None:
    """Grade all that was handed in, with nbgrader's gradebook and feedback.

    What was judged before is not judged again, unless the submission, its exercise or the grader
    changed. It may be stopped at any moment: the next run does the rest.
    Prints a row for each submission, and a last line of counts for a script.
    Exits with 1 if a submission could not be graded.
    """
    from autograder.gradebook.classwork import Order, grade_class

    course = Course.here()
    _instructor_notebook(course, assignment)
    handed_in = course.students(assignment)
    names = student or handed_in
    for name in names:
        if name not in handed_in:
            where = course.folder / "submitted" / name / assignment
            raise GradusError(f"{name} has handed nothing in: expected a folder {where}")
    if not names:
        raise GradusError(f"nothing to grade: expected {course.folder}/submitted/*/{assignment}/")
    order = Order(workers, scheduler, seed, not unsafe, force)
    with _class_progress(assignment, len(names), quiet=as_json) as told:
        tally = grade_class(course, assignment, names, order, told)
    if as_json:
        for record in tally.records:
            print(json.dumps(record.to_dict()))
    else:
        out.print(_class_table(list(tally.records)))
        out.print(f"gradebook  {course.gradebook}")
        page = f"<student>/{assignment}/{assignment}.html"
        out.print(f"feedback   {course.folder / 'feedback'}/{page}")
        out.print(
            f"{assignment}: submissions={len(names)} judged={tally.judged} failed={tally.failed}"
        )
    raise typer.Exit(1 if tally.failed else 0)


@app.command("mutants")
def mutants_(
    exercises: Annotated[
        list[str] | None, typer.Argument(help="Exercises, such as kl; all when none is named.")
    ] = None,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="How many seeds to try.")] = 20,
    as_json: Json = False,
) -> None:
    """Prove the hidden tests: right answers pass, wrong ones fail and are named as themselves.

    Exits with 1 if a right variant is refused, a wrong one survives, or one is named as another.
    """
    import torch

    from autograder import mutants

    torch.set_num_threads(1)
    names = exercises or catalogue.exercise_ids()
    rows = [
        mutants.table_row(catalogue.find(name), seeds)
        for name in _progress(names, "trying mutants", quiet=as_json)
    ]
    if as_json:
        for row in rows:
            print(json.dumps(row.to_dict()))
    else:
        table = Table("exercise", "right", "wrong", "killed", "named", "seeds")
        for row in rows:
            numbers = (row.right, row.wrong, row.killed, row.named, row.seeds)
            table.add_row(row.id, *map(str, numbers))
        out.print(table)
        for row in rows:
            for fault in row.faults[:10]:
                out.print(f"{row.id}: {fault}")
    raise typer.Exit(1 if any(row.faults for row in rows) else 0)


@app.command()
def sample(
    assignment: Annotated[str, typer.Argument(help="The assignment, such as ps02.")],
    as_json: Json = False,
) -> None:
    """Hand a sample class in: right, wrong, untouched, endless, crashing and forged answers.

    It is made from the assignment and its specs, into submitted/ of the class folder.
    """
    from autograder.sample import sample_class

    course = Course.here()
    source = _instructor_notebook(course, assignment)
    released = _read_notebook(course.exercises / assignment / f"{assignment}.ipynb")
    specs = [catalogue.find(name) for name in graded_ids(course.source(assignment))]
    for pupil in sample_class(released, source, specs):
        path = course.folder / "submitted" / pupil.name / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(pupil.notebook, path)
        print(json.dumps({"student": pupil.name, "path": str(path)})) if as_json else out.print(
            path
        )


@app.command()
def export(
    assignment: Annotated[str, typer.Argument(help="The graded assignment, such as ps02.")],
    to: Annotated[
        list[str], typer.Option("--to", help="csv, canvas, moodle, gradescope or junit.")
    ],
    into: Annotated[
        Path | None, typer.Option(help="The folder to write to; by default in the class folder.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the grades in the form that another system reads; --to may be repeated.

    A table for spreadsheets, Canvas or Moodle, one results.json a learner for Gradescope, or
    JUnit XML. What a person still has to grade is empty or marked, never 0.
    Prints each file, and who has no final score yet. What it wrote before is replaced.
    """
    from autograder.gradebook.exports import FORMATS
    from autograder.gradebook.marks import read_rows
    from autograder.grading.ledger import write_whole

    unknown = [name for name in to if name not in FORMATS]
    if unknown:
        raise GradusError(f"expected --to one of {', '.join(FORMATS)}, got {unknown[0]!r}")
    course = Course.here()
    course.source(assignment)
    rows = read_rows(course, assignment)
    folder = (into or course.folder / "exports").resolve()
    for name in dict.fromkeys(to):
        files = {folder / path: text for path, text in FORMATS[name](assignment, rows).items()}
        for path, text in files.items():
            try:
                write_whole(path, text)
            except OSError as error:
                raise GradusError(f"{path} cannot be written: {error.strerror}") from error
            if as_json:
                print(json.dumps({"format": name, "path": str(path)}))
        if not as_json:
            where = next(iter(files)) if len(files) == 1 else f"{folder}: {len(files)} files"
            out.print(f"{name}  {where}", soft_wrap=True)
    waiting = {row.student: row.status for row in rows if row.score is None}
    if as_json:
        print(json.dumps({"students": len(rows), "without_final_score": waiting}))
    else:
        for student, status in waiting.items():
            out.print(f"no final score: {student} ({status})", soft_wrap=True)
        out.print(f"{assignment}: students={len(rows)} without_final_score={len(waiting)}")


@app.command()
def report(
    assignment: Annotated[str, typer.Argument(help="The graded assignment, such as ps02.")],
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Where to write the page; else reports/ in the class folder."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Write one page on a graded class, for its instructor: what to teach again, whom to look at.

    Scores, each exercise's difficulty and discrimination, which misconception how many learners
    had, what waits for a person and why, and submissions that are built alike. The page names
    learners and quotes their code. It needs no network, and each run writes it anew.
    """
    from autograder.grading.ledger import write_whole
    from autograder.report.classroom import read_report
    from autograder.report.page import links_from, page_of

    course = Course.here()
    found = read_report(course, assignment)
    folder = (into or course.folder / "reports").resolve()
    page = folder / f"{assignment}.html"
    try:
        write_whole(page, page_of(found, links_from(folder, course, found)))
    except OSError as error:
        raise GradusError(f"{page} cannot be written: {error.strerror}") from error
    if as_json:
        for record in [*found.records(), {"path": str(page), **found.counts()}]:
            print(json.dumps(record))
        return
    table = Table("learners", "exercise", "misconception", "ask")
    for one in found.misconceptions:
        name = one.name.replace("_", " ")
        table.add_row(str(len(one.students)), one.exercise, name, one.question)
    if found.misconceptions:
        out.print(table)
    out.print(f"report  {page}", soft_wrap=True)
    counts = " ".join(f"{name}={number}" for name, number in found.counts().items())
    out.print(f"{assignment}: {counts}")


def main() -> None:
    """Run the command; a mistake that a person can mend is one line, not a traceback."""
    try:
        app()
    except GradusError as error:
        err.print(f"gradus: {error}", soft_wrap=True)
        raise SystemExit(2) from None


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _progress(names: list[str], doing: str, *, quiet: bool) -> Iterable[str]:
    return names if quiet else track(names, doing, console=err)


@contextlib.contextmanager
def _class_progress(
    assignment: str, total: int, *, quiet: bool
) -> Iterator[Callable[[str, str], None]]:
    """Show how many are done, failed and left, and for how long; yield what to tell it."""
    columns = (
        TextColumn("grading {task.description}"),
        BarColumn(),
        TextColumn("{task.completed} done, {task.fields[failed]} failed, {task.remaining:g} left"),
        TimeRemainingColumn(),
    )
    failed = 0
    with Progress(*columns, console=err, disable=quiet) as progress:
        bar = progress.add_task(assignment, total=total, failed=0)

        def told(_: str, problem: str) -> None:
            nonlocal failed
            failed += bool(problem)
            progress.update(bar, advance=1, failed=failed)

        yield told


def _instructor_notebook(course: Course, assignment: str) -> Any:
    path = course.source(assignment).with_suffix(".ipynb")
    if not path.is_file():
        raise GradusError(f"{assignment} is not built: run `gradus build {assignment}` first")
    return nbformat.read(path, as_version=4)


def _read_notebook(path: Path) -> Any:
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise SubmissionError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError) as error:
        raise SubmissionError(f"{path} is no notebook: {error}") from error


def _print_verdicts(graded: Graded, page: Path, as_json: bool) -> None:
    if as_json:
        for verdict in graded.verdicts:
            record = {**verdict.to_dict(), "points": verdict.points, "report": str(page)}
            print(json.dumps(record))
        return
    for verdict in graded.verdicts:
        print(card_of(verdict, graded.sandbox), end="\n\n")
    points = sum(verdict.points for verdict in graded.verdicts)
    print(f"{points:g} of {sum(v.max_points for v in graded.verdicts):g} points")
    print(f"report  {page}")


def _class_table(records: list["Record"]) -> Table:
    """Return a row for each exercise that is not right; what is right needs no words."""
    table = Table("student", "score", "exercise", "points", "why")
    for record in records:
        score = f"{record.score:g}/{record.max_score:g}"
        rows = _rows(record)
        if record.to_read:
            rows.append((f"{record.to_read} to read", "", "a person gives these points"))
        for number, row in enumerate(rows):
            who = (record.student, score) if number == 0 else ("", "")
            table.add_row(*who, *row)
        table.add_section()
    return table


def _rows(record: "Record") -> list[tuple[str, str, str]]:
    if record.problem:
        return [("", "", record.problem)]
    wrong = [verdict for verdict in record.verdicts if verdict.outcome is not Outcome.RIGHT]
    idle = [verdict.exercise for verdict in wrong if verdict.finding.endswith("not yet written")]
    rows = [_row(verdict) for verdict in wrong if verdict.exercise not in idle]
    if idle:
        rows.append((f"{len(idle)} of {len(record.verdicts)}", "0", "not yet written"))
    right = len(record.verdicts) - len(wrong)
    rows += [_row(one) for one in record.verdicts if one.note and one not in wrong]
    if right:
        rows.append((f"{right} of {len(record.verdicts)}", "all", "right"))
    return rows


def _row(verdict: Verdict) -> tuple[str, str, str]:
    outcome = "could not tell" if verdict.outcome is Outcome.COULD_NOT_TELL else ""
    why = filter(None, [outcome, verdict.note, verdict.hint or verdict.finding])
    return verdict.exercise, f"{verdict.points:g}/{verdict.max_points:g}", "; ".join(why)


if __name__ == "__main__":
    main()
