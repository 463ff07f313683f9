"""The icons' font, cut down to those that the site shows: 156 KB of a first view become 3."""

import hashlib
import re
from pathlib import Path

from sphinx.application import Sphinx

RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
NAMED = re.compile(r"\.fa-([\w-]+)::?before")
ESCAPE = re.compile(r"\\([ef][0-9a-f]{3})\b")
LITERAL = re.compile("[\ue000-\uf8ff]")
USED = re.compile(r"\bfa-([a-z0-9-]+)")


def characters(styles: str, pages: str) -> set[int]:
    """Return the icons that pages and scripts name, and those that rules of a style sheet draw."""
    used = set(USED.findall(pages))
    found = {ord(one) for one in LITERAL.findall(styles + pages)}
    for selector, body in RULE.findall(styles):
        names = set(NAMED.findall(selector))
        if not names or names & used:
            found |= {int(code, 16) for code in ESCAPE.findall(body)}
    return found


def cut_icons(app: Sphinx, exception: Exception | None) -> None:
    """Replace the font by one that holds only the icons in use, kept from build to build."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    pages = [*Path(app.outdir).rglob("*.html"), *static.glob("*.js"), *static.glob("scripts/*.js")]
    styles = "".join(path.read_text() for path in static.rglob("*.css"))
    wanted = sorted(characters(styles, "".join(path.read_text() for path in pages)))
    for font in static.glob("vendor/fontawesome/webfonts/*.woff2"):
        whole = font.read_bytes()
        key = hashlib.sha256(repr(wanted).encode() + whole).hexdigest()[:16]
        kept = Path(app.doctreedir, f"{key}.woff2")
        if not kept.exists():
            options = [str(font), f"--unicodes={','.join(f'{one:x}' for one in wanted)}"]
            from fontTools import subset  # a fifth of a second, for a font that is kept

            subset.main([*options, "--flavor=woff2", f"--output-file={kept}"])
        font.write_bytes(kept.read_bytes())


def setup(app: Sphinx) -> dict[str, bool]:
    """Cut the font when all pages are written."""
    app.connect("build-finished", cut_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
