"""The tables of "From the notes to the course", made from book/topics.yml at each build.

The build fails when a topic has no home: a part marked as written needs a page for each topic and
a box for each erratum, and every page or exercise that is named must exist.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import course_map
import holdings
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
LABEL = re.compile(r"^\(([\w-]+)\)=\n# ", re.MULTILINE)
BOX = re.compile(r"^:name: note-e(\d+)$", re.MULTILINE)
CHECK = re.compile(r'^# %% check="(\w+)"', re.MULTILINE)


class Homes(NamedTuple):
    """Labels of pages, numbers of boxes, and the set that each exercise with a spec is in."""

    pages: set[str]
    boxes: set[int]
    exercises: dict[str, str]


def find_homes(root: Path, built: set[str] | None = None) -> Homes:
    """Return what stands under ``root``; of the pages only those ``built``, if given."""
    paths = {str(path.relative_to(root))[:-3]: path for path in root.glob("book/**/*.md")}
    kept = paths.keys() if built is None else paths.keys() & built
    text = "\n".join(paths[name].read_text() for name in kept)
    specs = {path.stem for path in root.glob("autograder/specs/*/*.py")}
    sets = {path.stem: CHECK.findall(path.read_text()) for path in root.glob("solutions/*/*.py")}
    asked = {one: name for name, checks in sets.items() for one in checks if one in specs}
    return Homes(set(LABEL.findall(text)), set(map(int, BOX.findall(text))), asked)


def problems(topics: dict[str, Any], homes: Homes) -> Iterator[str]:
    """Yield a line for each topic, exercise or erratum that lacks the home it should have."""
    for part in topics["parts"]:
        for row in part["topics"]:
            name = f"topic '{row['topic']}'"
            due = part.get("written") or not row.keys() & {"planned", "outside"}
            if "page" in row and row["page"] not in homes.pages:
                yield f"{name}: expected a page labelled '{row['page']}', found none"
            elif "page" not in row and due:
                yield f"{name}: expected a page, found none"
            for one in set(row.get("exercises", ())) - homes.exercises.keys():
                yield f"{name}: expected a spec and a check of '{one}', one is missing"
    for row in topics["errata"]:
        due = topics["parts"][row["part"] - 1].get("written") or "planned" not in row
        if due and row["number"] not in homes.boxes:
            yield f"erratum E{row['number']}: expected a box note-e{row['number']}, found none"


def topic_table(part: dict[str, Any], homes: Homes) -> list[str]:
    """Return the topics of a part as the lines of a Markdown table."""
    lines = ["| Topic | In the notes | Page | Exercises |", "| --- | --- | --- | --- |"]
    for row in part["topics"]:
        plan = f"planned: {row['planned']}" if "planned" in row else f"none: {row.get('outside')}"
        page = f"{{ref}}`{row['page']}`" if "page" in row else plan
        tasks = [f"`{one}` ({homes.exercises[one]})" for one in row.get("exercises", ())]
        tasks += [f"planned: `{one}`" for one in row.get("later", ())]
        lines.append(f"| {row['topic']} | {_lines(row)} | {page} | {', '.join(tasks)} |")
    return lines


def errata_table(topics: dict[str, Any], homes: Homes) -> list[str]:
    """Return the errata as the lines of a Markdown table."""
    lines = ["| Number | The notes say | In the notes | Settled |", "| --- | --- | --- | --- |"]
    for row in topics["errata"]:
        box = f"{{ref}}`box E{row['number']} <note-e{row['number']}>`"
        settled = box if row["number"] in homes.boxes else f"planned: {row['planned']}"
        lines.append(f"| E{row['number']} | {row['claim']} | {_lines(row)} | {settled} |")
    return lines


def _lines(row: dict[str, Any]) -> str:
    kept_together = str(row["where"]).replace("-", "\u2060–\u2060").replace(" ", "\u00a0")
    return kept_together.replace(",\u00a0", ", ")


class TopicMap(SphinxDirective):
    """The table of one part, by its number, or of the errata."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        holdings.depend(self.env, "topics")
        topics = course_map.read_yaml((ROOT / "book" / "topics.yml").read_text())
        homes = find_homes(ROOT, set(self.env.found_docs))
        if found := list(problems(topics, homes)):
            raise ExtensionError("\n".join(["book/topics.yml:", *found]))
        which = self.arguments[0]
        if which == "errata":
            lines = errata_table(topics, homes)
        else:
            lines = topic_table(topics["parts"][int(which) - 1], homes)
        table = nodes.container(classes=["topic-map"])
        self.state.nested_parse(StringList(lines, "book/topics.yml"), self.content_offset, table)
        return [table]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive, and what its tables are made of."""

    def made_of() -> Any:
        text = (ROOT / "book" / "topics.yml").read_text()
        return text, find_homes(ROOT, set(course_map.toc(ROOT)))

    holdings.keep(app, "topics", made_of)
    app.add_directive("topic-map", TopicMap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
