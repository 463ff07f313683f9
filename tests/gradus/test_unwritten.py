"""What a notebook shows of a function that is not yet written."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from gradus.check import check
from gradus.unwritten import load_ipython_extension


@pytest.fixture
def shell():
    """A shell of its own, with the extension loaded twice, as a notebook may do."""
    made = InteractiveShell()
    made.user_ns["check"] = check
    load_ipython_extension(made)
    load_ipython_extension(made)
    return made


def test_a_stub_says_its_name_and_its_cell_counts_as_run(shell, capsys):
    """The function that was called, not the cell that called it."""
    stub = 'def kl(p, q):\n    raise NotImplementedError("not yet written")\nkl(1, 2) + 1'
    assert shell.run_cell(stub).success
    assert capsys.readouterr().out == "kl: not yet written\n"


def test_other_errors_are_shown_as_ever(shell, capsys):
    """A learner's own NotImplementedError is an error with a traceback."""
    assert not shell.run_cell('raise NotImplementedError("no such mode")').success
    said = capsys.readouterr()
    assert "NotImplementedError" in said.out + said.err
    assert "no such mode" in said.out + said.err


def test_a_check_whose_function_is_not_there_says_what_to_run(shell, capsys):
    """No traceback of one line, but a question; and a name that differs by its case."""
    shell.run_cell("def KL(p, q): pass")
    assert not shell.run_cell('check("kl", kl)').success
    assert capsys.readouterr().out == (
        "kl: could not be judged\n"
        "  finding   `kl` is not defined: has its cell been run since this notebook started?\n"
        "  think     There is a `KL`. Is that your function under another name?\n"
    )
    assert not shell.run_cell("check_it(kl)").success
    assert "Traceback" in capsys.readouterr().out
