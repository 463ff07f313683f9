"""What the course holds: a page that lists it is read again when it changes, and only then.

A build writes it to a file beside the doctrees, if it is not what it was, and pages depend on that
file. If they depended on the sources, they would be read again after each change of a sentence.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def keep(app: Sphinx, name: str, gather: Callable[[], Any]) -> None:
    """Keep what ``gather`` returns under a name, from the start of each build on."""

    def write(app: Sphinx) -> None:
        # Sphinx goes by the file's age
        path, text = _path(app, name), json.dumps(gather(), default=_plain, indent=1)
        if not path.is_file() or path.read_text() != text:
            path.write_text(text)

    app.connect("builder-inited", write)


def depend(env: BuildEnvironment, name: str) -> None:
    """Have the page that is being read depend on what is kept under ``name``."""
    env.note_dependency(str(_path(env.app, name)))


def _path(app: Sphinx, name: str) -> Path:
    return Path(app.doctreedir, f"{name}.json")


def _plain(one: Any) -> Any:
    """Return a set or a dataclass as JSON knows it, always in the same order."""
    return sorted(one) if isinstance(one, set) else vars(one)
