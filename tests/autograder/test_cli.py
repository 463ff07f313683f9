"""The command: its verbs, its records, its mistakes."""

import json

import pytest
from typer.testing import CliRunner

from autograder.cli import app, main
from tests.conftest import ROOT

VERBS = [command.name or command.callback.__name__ for command in app.registered_commands]


def run(*words):
    """Run the command in this process."""
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_helps_and_speaks_json(verb):
    """--help tells what the verb does, and every verb has --json."""
    done = run(verb, "--help")
    assert done.exit_code == 0
    assert "--json" in done.output
    assert len(done.output.split()) > 30


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_stands_in_the_readme(verb):
    """The documentation and the program name the same verbs."""
    assert f"gradus {verb}" in (ROOT / "README.md").read_text()


def test_mutants_prints_one_record_an_exercise():
    """The record has the promised form, and the exit status is 0 when all is well."""
    done = run("mutants", "kl", "entropy", "--seeds", "2", "--json")
    assert done.exit_code == 0
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["id"] for record in records] == ["kl", "entropy"]
    assert {"id", "right", "wrong", "killed", "named", "seeds"} <= records[0].keys()
    assert records[0]["seeds"] == 2


def test_mutants_fails_when_the_tests_have_a_hole(monkeypatch):
    """A wrong answer that survives makes the exit status 1."""
    from dataclasses import replace

    from autograder import catalogue

    kl = catalogue.find("kl")

    def right_after_all(p, q, base=2.0):
        """Is it?"""
        return kl.reference(p, q, base)

    holed = replace(kl, misconceptions=(*kl.misconceptions, right_after_all))
    monkeypatch.setattr(catalogue, "find", lambda _: holed)
    done = run("mutants", "kl", "--seeds", "1")
    assert done.exit_code == 1
    assert "right_after_all passes" in done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["grade", "ps99"], "there is no assignment 'ps99'; there are: "),
        (["mutants", "klx"], "found 0; there are: "),
        (["check", "nowhere/ps02.ipynb"], "cannot be read"),
    ],
    ids=["assignment", "exercise", "notebook"],
)
def test_a_mistake_is_one_line_and_status_2(words, message, monkeypatch, capsys):
    """What a person can mend is said without a traceback."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["gradus", *words])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert message in " ".join(said.split())
    assert "Traceback" not in said


def test_outside_a_course_the_command_says_where_it_should_be(tmp_path, monkeypatch, capsys):
    """A wrong folder is named."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["gradus", "build"])
    with pytest.raises(SystemExit):
        main()
    assert "is in no course" in " ".join(capsys.readouterr().err.split())
