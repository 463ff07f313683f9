"""Hand an assignment in: one file that any learning platform takes and the class can read back.

The file's name says what it holds, because platforms keep names and little else; ``nbgrader
zip_collect`` finds the learner, the time and the checksum there.
"""

import getpass
import hashlib
import io
import json
import re
import zipfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.@-]|_(?!_))*")  # safe in a file name everywhere
STAMP = "%Y%m%dT%H%M%SZ"  # nbgrader reads 2026-11-21-09-20-03 as twelve o'clock


class HandInError(ValueError):
    """A notebook that cannot be handed in: what was expected, what came, what to do."""


@dataclass(frozen=True)
class HandIn:
    """What was handed in: which assignment, by whom, when (UTC), its checksum, the file."""

    assignment: str
    student: str
    when: datetime
    sha256: str
    file: Path

    def to_dict(self) -> dict[str, str]:
        """Return the record in the form of ``--json``."""
        return {key: str(value) for key, value in asdict(self).items()}

    def __str__(self) -> str:
        return (
            f"{self.assignment}: packed for {self.student}, {self.when:%Y-%m-%d %H:%M:%S} UTC, "
            f"checksum {self.sha256[:12]}\n{self.file}\nUpload this file as it is."
        )


def hand_in(notebook: Path, student: str = "", into: Path | None = None) -> HandIn:
    """Pack ``notebook`` into one zip, in the folder ``into`` or beside it, and return what it is.

    Args:
        notebook: The file as it was last saved, such as ``ps02.ipynb``.
        student: The name that the class knows; the login name if none is given.
        into: Where to put the zip; made if it is not there.

    Raises:
        HandInError: If the notebook is none of the course, or has lost a cell that is graded.
        OSError: If the zip cannot be written.
    """
    content, assignment = _read(notebook)
    student = student or getpass.getuser()
    if not NAME.fullmatch(student):
        raise HandInError(
            f"{student!r} cannot be a name in a file name: expected letters, digits, '.', '@', "
            "'-' and single '_', such as --as ada.lovelace"
        )
    when, digest = datetime.now(UTC).replace(microsecond=0), hashlib.sha256(content).hexdigest()
    folder = (into or notebook.parent).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{assignment}__{student}__{when:{STAMP}}__{digest[:12]}.zip"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{assignment}.ipynb", content)
    file.write_bytes(packed.getvalue())
    return HandIn(assignment, student, when, digest, file)


def _read(path: Path) -> tuple[bytes, str]:
    """Return the notebook's bytes and its assignment, if nothing that is graded is missing."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise HandInError(f"{path} cannot be read: {error.strerror}") from error
    try:
        notebook = json.loads(content)
        cells, ours = notebook["cells"], notebook["metadata"]["gradus"]
        assignment, graded = str(ours["assignment"]), list(ours["graded"])
        there = {grade_id: cell["cell_type"] for cell in cells for grade_id in _grade_id(cell)}
    except ValueError as error:
        raise HandInError(
            f"{path} is no notebook: it is not JSON ({error}); save it again in JupyterLab"
        ) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise HandInError(
            f"{path} is no assignment of this course: its metadata name none; "
            "copy your answers into a fresh copy of the assignment's notebook"
        ) from error
    if path.stem != assignment:
        raise HandInError(
            f"{path.name} holds the assignment {assignment}, not {path.stem}: "
            f"expected the name {assignment}.ipynb; rename it if this is what you hand in"
        )
    lost = [name for name in graded if name not in there]
    if lost:
        raise HandInError(
            f"{path.name} has lost {len(lost)} of {len(graded)} cells that are graded: "
            f"{', '.join(lost)}; copy your answers into a fresh copy of the notebook"
        )
    return content, assignment


def _grade_id(cell: Any) -> list[str]:
    grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return [grade_id] if grade_id else []
