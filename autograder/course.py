"""Where a course keeps its things: sources and releases in the repository, the class beside it."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GradusError
from autograder.seeds import PRACTICE


@dataclass(frozen=True)
class Course:
    """A repository, and the folder of the class: submissions, gradebook, feedback, secret."""

    root: Path
    folder: Path

    @classmethod
    def here(cls) -> "Course":
        """Return the course that the working folder is in; ``GRADUS_COURSE`` moves the class.

        Raises:
            GradusError: If no folder above holds an nbgrader_config.py and solutions/.
        """
        start = Path.cwd()
        for root in (start, *start.parents):
            if (root / "nbgrader_config.py").is_file() and (root / "solutions").is_dir():
                folder = os.environ.get("GRADUS_COURSE")
                return cls(root, Path(folder).resolve() if folder else root / "_course")
        raise GradusError(
            f"{start} is in no course: expected nbgrader_config.py and solutions/ here or above"
        )

    @property
    def solutions(self) -> Path:
        """The instructor's assignments."""
        return self.root / "solutions"

    @property
    def exercises(self) -> Path:
        """The learners' release."""
        return self.root / "exercises"

    @property
    def gradebook(self) -> Path:
        """The database of nbgrader, when it is the default one."""
        return self.folder / "gradebook.db"

    def source(self, assignment: str) -> Path:
        """Return the text that an assignment is built from.

        Raises:
            GradusError: If there is no such assignment; the message lists those there are.
        """
        path = self.solutions / assignment / f"{assignment}.py"
        if not path.is_file():
            names = ", ".join(self.assignments()) or "none"
            raise GradusError(f"there is no assignment {assignment!r}; there are: {names}")
        return path

    def assignments(self) -> list[str]:
        """Return the names of all assignments, sorted."""
        paths = sorted(self.solutions.glob("*/*.py"))
        return [path.stem for path in paths if path.stem == path.parent.name]

    def students(self, assignment: str) -> list[str]:
        """Return who has handed ``assignment`` in, sorted."""
        folders = (self.folder / "submitted").glob(f"*/{assignment}")
        return sorted(folder.parent.name for folder in folders if folder.is_dir())

    def secret(self) -> bytes:
        """Return the course's secret, drawn and kept (mode 0600) on first use."""
        path = self.folder / "secret"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
        secret = path.read_bytes()
        if len(secret) < 16 or secret == PRACTICE:
            raise GradusError(f"{path} is no secret: delete it and grade again")
        return secret
