"""What has been judged already: verdicts by the content they were made from, one file a submission.

A file is written whole or not at all, so a grader that was killed leaves nothing half. What is
in doubt is judged again: a key covers everything that an answer's verdict depends on.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import autograder
from autograder.catalogue import SPECS
from autograder.sandbox.bubblewrap import learners_package
from autograder.verdict import Outcome, Verdict

PINS = ("torch", "numpy", "ipykernel", "nbformat", "nbgrader")
"""The packages whose versions a verdict depends on."""


@dataclass(frozen=True)
class Result:
    """What judging a submission gave: for each notebook its graded form, as JSON, or a problem.

    ``key`` is what the submission as a whole depends on, ``keys`` what each exercise does.
    """

    key: str
    keys: dict[str, str]
    verdicts: dict[str, Verdict]
    notebooks: dict[str, str]
    problem: str = ""

    @property
    def lasting(self) -> bool:
        """Whether the result may be used again: not if the grader itself failed somewhere."""
        return not self.problem and all(
            verdict.outcome is not Outcome.COULD_NOT_TELL for verdict in self.verdicts.values()
        )

    def known(self, keys: dict[str, str]) -> dict[str, Verdict]:
        """Return the verdicts that still hold for exercises with these keys."""
        return {
            name: verdict
            for name, verdict in self.verdicts.items()
            if self.keys.get(name, "") == keys.get(name)
            and verdict.outcome
            in (
                Outcome.RIGHT,
                Outcome.WRONG,
            )
        }


@dataclass(frozen=True)
class Ledger:
    """The results of one assignment, in a folder of their own in the class folder."""

    folder: Path

    def read(self, student: str) -> Result | None:
        """Return what is known of a submission; None if nothing is, or it cannot be read."""
        try:
            values = json.loads((self.folder / f"{student}.json").read_text())
            verdicts = {
                name: Verdict.from_dict(found) for name, found in values["verdicts"].items()
            }
            return Result(**{**values, "verdicts": verdicts})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, student: str, result: Result) -> None:
        """Keep ``result``, all of it or nothing."""
        verdicts = {name: verdict.to_dict() for name, verdict in result.verdicts.items()}
        values = {**vars(result), "verdicts": verdicts}
        write_whole(self.folder / f"{student}.json", json.dumps(values))

    def recorded(self, student: str) -> str:
        """Return the key of the result that the gradebook has, empty if it has none."""
        path = self.folder / f"{student}.recorded"
        return path.read_text() if path.is_file() else ""

    def record(self, student: str, key: str) -> None:
        """Note that the gradebook, the notebook and the feedback are written for ``key``."""
        write_whole(self.folder / f"{student}.recorded", key)

    def unrecord(self, student: str) -> None:
        """Record this submission anew: the gradebook is about to hold something else of it."""
        (self.folder / f"{student}.recorded").unlink(missing_ok=True)

    def forget(self, student: str) -> None:
        """Judge and record this submission anew."""
        (self.folder / f"{student}.json").unlink(missing_ok=True)
        self.unrecord(student)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that at any moment it is there in full or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def keys_of(parts: Iterable[bytes], exercises: Iterable[str], sandboxed: bool) -> dict[str, str]:
    """Return the key of each exercise of a submission.

    Args:
        parts: What the answers depend on: the submission, the instructor's notebook, the seed.
        exercises: The ids of the exercises in it.
        sandboxed: Whether the code runs in a sandbox.
    """
    about = [*parts, engine().encode(), str(sandboxed).encode()]
    return {name: _digest([*about, name.encode(), _spec(name)]) for name in exercises}


def key_of(keys: dict[str, str], parts: Iterable[bytes]) -> str:
    """Return the key of a submission as a whole."""
    return _digest([*parts, json.dumps(keys, sort_keys=True).encode()])


@cache
def engine() -> str:
    """Return the digest of the grader's own code, but for the specs, and of what it stands on."""
    roots = (Path(autograder.__file__).parent, learners_package())
    paths = sorted(path for root in roots for path in root.rglob("*.py"))
    parts = [path.read_bytes() for path in paths if not _is_a_spec(path)]
    pins = [f"{name} {metadata.version(name)}" for name in PINS]
    return _digest([*parts, platform.python_version().encode(), *(pin.encode() for pin in pins)])


def _is_a_spec(path: Path) -> bool:
    return SPECS in path.parents


def _spec(exercise: str) -> bytes:
    """Return the text of a spec, and of what its folder shares; empty if there is none."""
    found = sorted(SPECS.glob(f"*/{exercise}.py"))
    shared = [path.with_name("__init__.py") for path in found]
    return b"".join(path.read_bytes() for path in [*found, *shared] if path.is_file())


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
