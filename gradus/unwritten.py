"""What a notebook says of a function that is not yet written, or not yet run.

Calling a stub says so in a line, and the next cell runs: a released notebook runs from top to
bottom before a line of it is written. An IPython extension: ``from gradus import check`` loads it,
as does every kernel that grades.
"""

import difflib
import linecache
import re
import traceback
from types import TracebackType
from typing import Any

from gradus.feedback import Card

STUB = "not yet written"
"""What stands in a stub, as nbgrader leaves it: ``raise NotImplementedError(STUB)``."""


def load_ipython_extension(shell: Any) -> None:
    """Let ``shell`` show a line in place of a stub's traceback, and count its cell as run."""
    if STUB in getattr(shell, "gradus_stubs", ()):
        return
    shell.gradus_stubs = {STUB}
    shell.set_custom_exc((NotImplementedError, NameError), _show)
    shell.events.register("post_run_cell", _excuse)


def _is_stub(error: BaseException | None) -> bool:
    return isinstance(error, NotImplementedError) and str(error) == STUB


def _show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType,
    tb_offset: int | None = None,
) -> None:
    """Display one line for a stub, one for a check without its function; else as ever."""
    frame = list(traceback.walk_tb(trace))[-1][0]
    cell = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    asked = re.match(r"""\s*check\(["'](\w+)["'],\s*(\w+)""", cell)
    if _is_stub(error):
        card = Card(frame.f_code.co_qualname, "unwritten")
    elif isinstance(error, NameError) and asked and error.name == asked[2]:
        finding = f"`{asked[2]}` is not defined: has its cell been run since this notebook started?"
        near = difflib.get_close_matches(
            asked[2].lower(), [name.lower() for name in shell.user_ns if name[0] != "_"], 1
        )
        alike = [name for name in shell.user_ns if [name.lower()] == near]
        card = Card(asked[1], "could not tell", finding, hint=_or_is_it(alike))
    else:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        return
    shell.display_pub.publish({"text/plain": repr(card), "text/html": card._repr_html_()})


def _or_is_it(names: list[str]) -> str:
    return f"There is a `{names[0]}`. Is that your function under another name?" if names else ""


def _excuse(result: Any) -> None:
    """Let a cell that met a stub end well: *Run all* goes on, and so does nbclient."""
    if _is_stub(result.error_in_exec):
        result.error_in_exec = None
