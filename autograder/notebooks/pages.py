"""The pages of the book as the assignments see them: titles, sections, and the public address."""

import re
from pathlib import Path

import yaml

from autograder.errors import AuthoringError

LABELLED = re.compile(r"^\(([\w-]+)\)=\n+#+ (.+)$", re.MULTILINE)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    r"""Return the headings of a page that have a label, by label.

    >>> sections("(kl)=\n# Divergence\n\n## Zeros\n")
    {'kl': 'Divergence'}
    """
    return dict(LABELLED.findall(text))


def title(text: str) -> str:
    """Return the title of a page, or nothing if it has none."""
    found = TITLE.search(text)
    return found[1] if found else ""


def site(root: Path) -> str:
    """Return the address at which the site of the course at ``root`` is public, if it is."""
    path = root / "_config.yml"
    config = yaml.safe_load(path.read_text()) if path.is_file() else {}
    return str(config.get("html", {}).get("baseurl", ""))


def reading(root: Path, page: str, section: str) -> dict[str, str]:
    """Return what a notebook says of the section that explains an exercise.

    Raises:
        AuthoringError: If there is no such page, or no section of it has that label.
    """
    path = root / f"{page}.md"
    if not path.is_file():
        raise AuthoringError(f"expected page= to name a page, got {page!r}; there is no {path}")
    text = path.read_text()
    known = sections(text)
    if section not in known:
        labels = ", ".join(known)
        raise AuthoringError(f"{page} has no section {section!r}; its labels are {labels}")
    return {"page": page, "section": section, "title": title(text), "heading": known[section]}
