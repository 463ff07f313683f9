"""Where to read again: the section of the book that explains an exercise.

The notebook says it, in the metadata of the exercise's graded cell.
"""

import json
from dataclasses import dataclass
from pathlib import Path

FIELDS = ("page", "section", "title", "heading")


@dataclass(frozen=True)
class Reading:
    """A section of a page; ``site`` is the book's address, empty while it is not public."""

    page: str
    section: str
    title: str
    heading: str
    site: str = ""

    def __str__(self) -> str:
        return f"“{self.heading}” in {self.title}"

    @property
    def address(self) -> str:
        """The section's address on the web, or nothing while the book is not public.

        >>> Reading("book/kl", "zeros", "Divergence", "Zeros", "https://gradus.org/").address
        'https://gradus.org/book/kl.html#zeros'
        """
        return f"{self.site.rstrip('/')}/{self.page}.html#{self.section}" if self.site else ""


def readings(folder: Path) -> dict[str, Reading]:
    """Return what the notebooks in ``folder`` say of their exercises, by exercise.

    A notebook that cannot be read says nothing: a hint is not worth an error.
    """
    found = {}
    for path in sorted(folder.glob("*.ipynb")):
        try:
            notebook = json.loads(path.read_text(encoding="utf-8"))
            site = notebook["metadata"].get("gradus", {}).get("site", "")
            for cell in notebook["cells"]:
                said = cell["metadata"].get("gradus", {})
                if "section" in said:
                    place = {key: str(said[key]) for key in FIELDS}
                    found[str(said["exercise"])] = Reading(**place, site=site)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return found
