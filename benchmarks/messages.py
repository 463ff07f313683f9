"""Write docs/messages.md: what a learner is told of each mistake in tests/gradus/mistakes.py.

Run it where a message is meant to change, and read the difference as a tired learner would.
"""

import contextlib
import os
import tempfile
from pathlib import Path

from gradus.practice import PACK
from tests.gradus.mistakes import MISTAKES, Mistake, pack, shown

PAGE = Path(__file__).parents[1] / "docs" / "messages.md"
HEAD = f"""# What learners are told

{len(MISTAKES)} mistakes that learners make, and the message that each gets, word for word.
`PYTHONPATH=. python benchmarks/messages.py` writes this page; a test holds every message to it.
"""


def section(mistake: Mistake) -> str:
    """Return the part of the page on one mistake: what was written, and what came."""
    call = mistake.call or f'check("{mistake.exercise}", {mistake.exercise})'
    code = "\n".join(part for part in (mistake.code, call) if part)
    told = shown(mistake)
    return f"## {mistake.name}\n\n```python\n{code}\n```\n\n```text\n{told}\n```\n"


def page() -> str:
    """Return the whole page."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, PACK).write_bytes(pack())
        with contextlib.chdir(folder):
            return "\n".join([HEAD, *(section(mistake) for mistake in MISTAKES)])


if __name__ == "__main__":
    os.environ.pop("GRADUS_JUDGE", None)
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: {len(MISTAKES)} messages")
