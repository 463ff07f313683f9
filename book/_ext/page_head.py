"""What stands at the head of a page, the list of its graded functions, and the maps of the parts.

All of it comes from :mod:`course_map`: a page says nothing about itself twice.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import course_map
import holdings
import launch
from course_map import Page, Task
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

ROOT = Path(__file__).parents[2]
OPENING = "After this page you can"


class Head(nodes.General, nodes.Element):
    """The line of facts below a page's title, and what can be done with the page."""


class AddHead(SphinxTransform):
    """Put the head before the promises of a page, and take the reading time out of them."""

    default_priority = 310

    def apply(self, **_: Any) -> None:
        """Add one head to each page that makes promises."""
        for box in list(self.document.findall(nodes.admonition)):
            if box.children and box[0].astext() == OPENING:
                page = course_map.read_page(ROOT, self.env.docname)
                for text in list(box.findall(nodes.Text)):
                    kept = re.sub(r"Reading time: \d+ minutes\.\s*", "", text)
                    text.parent.replace(text, nodes.Text(kept))
                asked = [one for one in _tasks(self.env) if one.page == page.name]
                box.parent.insert(box.parent.index(box), Head(facts=facts(page, asked)))


def facts(page: Page, asked: Sequence[Task]) -> str:
    """Return the facts about a page as HTML: time, difficulty, graded functions."""
    items = [f"{page.minutes} minutes to read"] if page.minutes else []
    if asked:
        levels = [task.difficulty for task in asked]
        low, high = min(levels), max(levels)
        items.append(f"difficulty {low if low == high else f'{low} to {high}'} of 5")
        items.append(f"{counted(len(asked), 'graded function')}: {effort(asked)}")
    line = "".join(f"<li>{item}</li>" for item in items)
    links = "".join(
        f'<li><a href="#{task.section}"><code>{escape(task.subject)}</code></a> '
        f"{effort([task])}</li>"
        for task in asked
    )
    graded = f'<ul class="head-tasks" aria-label="Graded functions">{links}</ul>' if asked else ""
    return f'<ul class="head-facts" aria-label="About this page">{line}</ul>{graded}'


def visit_head(self: HTML5Translator, node: Head) -> None:
    """Write the facts, and the links that suit the site's settings."""
    docname = self.builder.current_docname
    links = launch.page_links(launch.settings(self.config), docname)
    tools = "".join(f"<li>{anchor(link)}</li>" for link in links)
    self.body.append(
        f'<div class="page-head">{node["facts"]}'
        f'<ul class="head-tools" aria-label="This page as a notebook">{tools}</ul></div>'
    )
    raise nodes.SkipNode


class Listing(SphinxDirective):
    """A piece of a page that is made anew from what the course holds."""

    optional_arguments = 1

    def parsed(self, lines: Sequence[str], name: str) -> list[nodes.Node]:
        """Return Markdown ``lines`` as nodes in a container of the class ``name``."""
        inside = nodes.container(classes=[name])
        self.state.nested_parse(StringList(lines, name), self.content_offset, inside)
        return [inside]


class Graded(Listing):
    """The functions that a page's problem sets ask for, with links to read and to write."""

    def run(self) -> list[nodes.Node]:
        """Return a table for each assignment."""
        asked = [one for one in _tasks(self.env) if one.page == self.env.docname]
        found: list[nodes.Node] = []
        for assignment, group in groupby(asked, key=lambda task: task.assignment):
            rows = [
                f"| `{one.subject}` | {points(one.points)} | {one.minutes} minutes "
                f"| {one.difficulty} of 5 | {{ref}}`{one.section}` |"
                for one in group
            ]
            head = [
                "| Function | Worth | Takes about | Difficulty | Explained in |",
                "|" + " --- |" * 5,
            ]
            found += [
                *self.parsed([*head, *rows], "graded-table"),
                nodes.raw("", to_notebook(assignment, self.env, self.config), format="html"),
            ]
        title = nodes.paragraph("", "", nodes.strong("", "Graded functions"))
        return [nodes.container("", title, *found, classes=["graded"], ids=["graded"])]


class PartMap(Listing):
    """A part's pages in order: how long, what for, and what is graded; then its problem sets."""

    def run(self) -> list[nodes.Node]:
        """Return the map of the part whose number is the argument."""
        holdings.depend(self.env, "course")
        part = course_map.parts(ROOT)[int(self.arguments[0]) - 1]
        asked = course_map.tasks(ROOT)
        found = self.parsed(list(stations(part.pages, asked)), "part-map")
        sets = sorted({task.assignment for task in asked if task.page in part.pages})
        lines = "".join(
            f"<li><strong>{name}</strong> {effort([t for t in asked if t.assignment == name])}"
            f"{to_notebook(name, self.env, self.config)}</li>"
            for name in sets
        )
        title = nodes.rubric("", "Problem sets")
        html = f'<ul class="part-sets">{lines}</ul>'
        return [*found, title, nodes.raw("", html, format="html")]


class CourseMap(Listing):
    """The parts of the course: those that are written with their size, the others as planned."""

    def run(self) -> list[nodes.Node]:
        """Return one line for each part."""
        holdings.depend(self.env, "course")
        parts, asked = course_map.parts(ROOT), course_map.tasks(ROOT)
        lines = []
        for part in parts:
            if part.page:
                pages = [course_map.read_page(ROOT, name) for name in part.pages]
                mine = [task for task in asked if task.page in part.pages]
                minutes = sum(page.minutes or 0 for page in pages)
                size = f"{counted(len(pages), 'page')}, {minutes} minutes to read; "
                size += f"{counted(len(mine), 'graded function')}, {effort(mine)}"
                lines.append(f'1. {{doc}}`/{part.page}` <span class="size">{size}</span>')
            else:
                lines.append(f'1. {part.title} <span class="size">planned</span>')
        return self.parsed(lines, "course-map")


def stations(pages: Sequence[str], asked: Sequence[Task]) -> Iterator[str]:
    """Yield Markdown for the pages of a part, a numbered item each."""
    for name in pages:
        page = course_map.read_page(ROOT, name)
        mine = [task for task in asked if task.page == name]
        yield from (f"1. {{doc}}`/{name}`", "", f"   *{page.lead}*", "")
        time = [f"{page.minutes} minutes to read"] if page.minutes else []
        yield from ("   " + "; ".join([*time, *graded_words(mine)]) + ".", "")
        yield from (f"   - {promise}" for promise in page.promises)
        yield ""


def graded_words(asked: Sequence[Task]) -> list[str]:
    """Return the names of the graded functions, with what they are worth together."""
    names = ", ".join(f"`{task.subject}`" for task in asked)
    return [f"graded: {names} ({effort(asked)})"] if asked else []


def to_notebook(assignment: str, env: BuildEnvironment, config: Any) -> str:
    """Return the links to an assignment's notebook as HTML, relative to the page being read."""
    above = "../" * env.docname.count("/")
    links = launch.exercise_links(launch.settings(config), assignment, above)
    items = ", ".join(map(anchor, links))
    return f'<p class="to-notebook">Write them in {items}.</p>'


def anchor(link: launch.Link) -> str:
    """Return a link as HTML."""
    text, url, rest = link
    return f'<a href="{escape(url)}"{rest}>{text}</a>'


def effort(asked: Sequence[Task]) -> str:
    """Return what these are worth together, and how long they take.

    >>> effort([Task("kl", "kl", "ps02", 3.0, 15, 2, "", "")])
    '3 points, 15 minutes'
    """
    return (
        f"{points(sum(one.points for one in asked))}, {sum(one.minutes for one in asked)} minutes"
    )


def points(number: float) -> str:
    """Return a number of points in words.

    >>> points(1.0), points(2.5)
    ('1 point', '2.5 points')
    """
    return "1 point" if number == 1 else f"{number:g} points"


def counted(number: int, thing: str) -> str:
    """Return a number of things in words."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _tasks(env: BuildEnvironment) -> list[Task]:
    """Return all graded functions; the page being read is read again when they change."""
    holdings.depend(env, "tasks")
    return course_map.tasks(ROOT)


def check_links(app: Sphinx) -> None:
    """Stop the build when a page and an exercise do not know of each other."""
    if found := list(course_map.dangling(ROOT)):
        raise ValueError("\n".join(["links between pages and exercises:", *found]))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives, the head and the check, and what they are made of."""

    def course() -> Any:
        pages = [course_map.read_page(ROOT, name) for name in course_map.toc(ROOT)]
        return pages, course_map.parts(ROOT), course_map.tasks(ROOT)

    holdings.keep(app, "course", course)
    holdings.keep(app, "tasks", lambda: course_map.tasks(ROOT))
    app.add_directive("graded", Graded)
    app.add_directive("part-map", PartMap)
    app.add_directive("course-map", CourseMap)
    app.add_node(Head, html=(visit_head, None))
    app.add_transform(AddHead)
    app.connect("builder-inited", check_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
