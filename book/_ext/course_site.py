"""What the site needs beyond its Sphinx extensions: "Is this note right?" boxes, and tidying up.

A box is everything from a ``note-check`` to the next ``note-answer`` of the same section. The code
cells between the two are ordinary cells, so they are executed and cached like all others; here they
move, with the answer, into a part that stays closed until the reader has committed to a prediction.
"""

import base64
import hashlib
import os
import re
import sys
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

ROOT = Path(__file__).parents[2]
MENDED = {
    # the side bar is no landmark, and its logo would stand outside of all
    '<div id="pst-primary-sidebar"': '<div role="navigation" aria-label="Side bar" '
    'id="pst-primary-sidebar"',
    # two names that are not the words one sees: whoever speaks those to a browser is not heard
    'button-field search-button__button pst-js-only" title="Search" aria-label="Search"': (
        'button-field search-button__button pst-js-only"'
    ),
    '<summary aria-label="Toggle hidden content">': "<summary>",
}
"""What the theme and myst-nb write, and what a screen reader or a voice needs in its place."""

FRAME = re.compile(r"data:image/webp;base64,([A-Za-z0-9+/=]+)")

logger = logging.getLogger(__name__)


class Box(nodes.General, nodes.Element):
    """One claim of the notes, with the reader's choices and the part that is revealed."""


class Choices(nodes.General, nodes.Element):
    """The predictions a reader can commit to."""


class Choice(nodes.General, nodes.Element):
    """One prediction."""


class Reveal(nodes.General, nodes.Element):
    """Closed until the reader has chosen; one click away where there is no JavaScript."""


class Answer(nodes.General, nodes.Element):
    """The text that ends a box."""


class NoteCheck(SphinxDirective):
    """The claim is the argument; the body is a question and, if given, a list of choices."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar = {
        "name": directives.unchanged_required,
        "answer": directives.positive_int,
    }

    def run(self) -> list[nodes.Node]:
        """Return the open half of a box, and its link target."""
        box = Box(group=nodes.make_id(self.options["name"]), answer=self.options["answer"])
        claim, messages = self.state.inline_text(self.arguments[0], self.lineno)
        paragraph = nodes.paragraph(self.arguments[0], "", *claim)
        names = [f"{box['group']}-claim"]
        box += nodes.block_quote("", paragraph, classes=["note-claim"], ids=names)
        body = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, body)
        lists = list(body.findall(nodes.bullet_list))
        texts = [[nodes.Text(text)] for text in ("It is right.", "It is wrong.")]
        if lists:  # a label may hold words, not blocks, so take what is inside the paragraphs
            texts = [item[0].children for item in lists[-1]]
            lists[-1].parent.remove(lists[-1])
        if not 1 <= box["answer"] <= len(texts):
            raise self.error(f"answer is {box['answer']}, but there are {len(texts)} choices")
        box += body.children
        choices = Choices(group=box["group"])
        for place, text in enumerate(texts, 1):
            choices += Choice("", *text, group=box["group"], place=place)
        box += choices
        self.add_name(box)
        self.set_source_info(box)
        return [box, *messages]


class NoteAnswer(SphinxDirective):
    """The last part of a box: what is true, and why the note went wrong."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the closing half of a box."""
        answer = Answer()
        self.set_source_info(answer)
        self.state.nested_parse(self.content, self.content_offset, answer)
        return [answer]


class CloseBoxes(SphinxTransform):
    """Move all that follows a claim, up to its answer, into the claim's box."""

    default_priority = 300

    def apply(self, **_: Any) -> None:
        """Fold each box; one without an end is a warning, and so an error in the build."""
        for box in list(self.document.findall(Box)):
            siblings = box.parent.children
            start = siblings.index(box) + 1
            ends = [i for i, node in enumerate(siblings) if i >= start and isinstance(node, Answer)]
            if not ends:
                logger.warning("note-check has no note-answer in its section", location=box)
                continue
            hidden = siblings[start : ends[0] + 1]
            for node in hidden:
                box.parent.remove(node)
            box += Reveal("", *hidden)


def visit_box(self: HTML5Translator, node: Box) -> None:
    """Open the box with its fixed heading."""
    title = f'<p class="note-title" id="{node["group"]}-title">Is this note right?</p>'
    # no two boxes of a page are called alike
    names = f"{node['group']}-title {node['group']}-claim"
    attributes = {"data-answer": str(node["answer"]), "aria-labelledby": names}
    self.body.append(self.starttag(node, "section", CLASS="note-check", **attributes) + title)


def visit_choices(self: HTML5Translator, node: Choices) -> None:
    """Open the group of radio buttons."""
    self.body.append('<fieldset class="note-choices"><legend>Your prediction</legend>')


def depart_choices(self: HTML5Translator, node: Choices) -> None:
    """Close the group with the button that commits, and the place for the verdict."""
    button = '<button type="button" disabled>Commit and look</button>'
    self.body.append(f'{button}</fieldset><p class="note-verdict" role="status"></p>')


def visit_choice(self: HTML5Translator, node: Choice) -> None:
    """Open one radio button with its label."""
    radio = f'<input type="radio" name="{node["group"]}" value="{node["place"]}">'
    self.body.append(f'<div class="note-choice"><label>{radio} <span>')


def visit_reveal(self: HTML5Translator, node: Reveal) -> None:
    """Open the part that stays closed."""
    self.body.append('<details class="note-reveal"><summary>What happens</summary>')


def closing(tags: str) -> Any:
    """Return a function that writes these closing tags."""
    return lambda self, node: self.body.append(tags)


def nothing(self: Any, node: nodes.Node) -> None:
    """Write the children alone."""


def prepare_kernels(app: Sphinx, config: Any) -> None:
    """Run pages in this environment's own kernel, afresh when the code they import changes."""
    kernels = str(Path(sys.prefix, "share", "jupyter"))
    for name, first in (("JUPYTER_PATH", kernels), ("PYTHONPATH", str(ROOT))):
        rest = os.environ.get(name)
        os.environ[name] = f"{first}{os.pathsep}{rest}" if rest else first
    os.environ["GRADUS_BOOK"] = "1"
    sources = [*ROOT.glob("gradus/*.py"), *ROOT.glob("exercises/*/practice.safetensors")]
    code = b"".join(path.read_bytes() for path in sorted(sources))  # what pages import and read
    cache = Path(app.outdir).parent / ".jupyter_cache" / hashlib.sha256(code).hexdigest()[:12]
    config.nb_execution_cache_path = str(cache)
    # the head of each page offers its notebook; a browser can print, and fill its screen
    config.html_theme_options |= {"use_download_button": False, "use_fullscreen_button": False}


def tidy_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the frames of interactive figures into files, and mend two attributes."""
    if "body" not in context:
        return
    folder = Path(app.outdir) / "_images"
    above = "../" * page.count("/")

    def to_file(match: re.Match[str]) -> str:
        frame = base64.b64decode(match[1])
        name = f"frame-{hashlib.sha256(frame).hexdigest()[:16]}.webp"
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(frame)
        return f"{above}_images/{name}"

    body = FRAME.sub(to_file, context["body"])
    first = f'src="{above}_images/frame-'  # of a figure far down, no part of the first view
    body = body.replace(f"<img {first}", f'<img loading="lazy" {first}')
    # docutils puts a doc-biblioentry into a list, where only a listitem may be
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def name_toggles(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Name the arrows that fold the parts of the contents; to a screen reader they are blank."""
    contents = context.get("generate_toctree_html")
    if contents is not None:

        def named(*args: Any, **options: Any) -> str:
            return str(contents(*args, **options)).replace(
                "<summary>", '<summary aria-label="Pages of this part">'
            )

        context["generate_toctree_html"] = named


def tidy_site(app: Sphinx, exception: Exception | None) -> None:
    """Drop frames, cards and previews that no page shows any more, and the icons' script.

    Icons come from the theme's style sheet without the script, at half the weight.
    """
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    pages = ""
    for page in site.rglob("*.html"):
        text = mended = page.read_text()
        for old, new in MENDED.items():
            mended = mended.replace(old, new)
        if mended != text:
            page.write_text(mended)
        pages += mended
    images, previews = site / "_images", site / "_static" / "tippy"
    for file in [*images.glob("frame-*.webp"), *images.glob("card-*.png"), *previews.rglob("*.js")]:
        if file.name not in pages:
            file.unlink()
    (site / "_static" / "scripts" / "fontawesome.js").write_text("")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register all of it."""
    app.add_directive("note-check", NoteCheck)
    app.add_directive("note-answer", NoteAnswer)
    app.add_transform(CloseBoxes)
    written = {
        Box: (visit_box, closing("</section>")),
        Choices: (visit_choices, depart_choices),
        Choice: (visit_choice, closing("</span></label></div>")),
        Reveal: (visit_reveal, closing("</details>")),
        Answer: (nothing, nothing),
    }
    for node, functions in written.items():
        plain = (nothing, nothing)
        app.add_node(node, html=functions, latex=plain, text=plain, man=plain, texinfo=plain)
    app.connect("config-inited", prepare_kernels)
    # before sphinx_tippy (450), or each preview of a figure would hold all its frames once more
    app.connect("html-page-context", tidy_page, priority=440)
    app.connect("html-page-context", name_toggles, priority=900)  # after the theme's own
    app.connect("build-finished", tidy_site)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
