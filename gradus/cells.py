"""What a notebook says where a function is not yet written, or not yet there.

A stub raises ``NotImplementedError("not yet written")``. To Python that is an error, and a
notebook stops there; to a learner with eight functions to write it is where the day begins. So
it gets one line, and the notebook runs on. A name that has no value stays an error, and gets
a question.
"""

import sys
from types import TracebackType
from typing import Any

SOCKET = "GRADUS_JUDGE"
"""The environment variable that says where the judge listens."""

STUB = "not yet written"
"""The message of a stub's error, by which it is told from any other NotImplementedError."""

OURS = (NotImplementedError, NameError)
CELL = "this cell"


def say_so(shell: Any) -> None:
    """From now on, let a cell of ``shell`` that meets a stub say so and count as run.

    A NameError is shown as before, with :func:`question_about_name` below it.

    Args:
        shell: The running IPython; None, outside a notebook, changes nothing.
    """
    if shell is None or getattr(shell, "custom_exceptions", ()) == OURS:
        return

    def show(
        shell: Any,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        if isinstance(error, NotImplementedError) and str(error) == STUB:
            print(f"{_raiser(trace)} is {STUB}")
        else:
            if isinstance(error, NameError) and error.name and _raiser(trace) == CELL:
                error.add_note(question_about_name(error.name))
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    def pardon(result: Any) -> None:
        """Let "Run all" go on: it stops at a cell whose result holds an error."""
        error = result.error_in_exec
        if type(error) is NotImplementedError and str(error) == STUB:
            result.error_in_exec = None

    shell.set_custom_exc(OURS, show)
    shell.events.register("post_run_cell", pardon)


def question_about_name(name: str) -> str:
    """Return what to ask oneself when a cell finds no such name.

    >>> question_about_name("kl")
    'Has the cell that defines kl been run, and is it called kl there?'
    """
    return f"Has the cell that defines {name} been run, and is it called {name} there?"


def running_shell() -> Any:
    """Return the IPython that runs this, None if none does."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _raiser(trace: TracebackType) -> str:
    """Return the name of the innermost function of a traceback, as the learner wrote it."""
    while trace.tb_next:
        trace = trace.tb_next
    name = trace.tb_frame.f_code.co_qualname
    return CELL if name == "<module>" else name
