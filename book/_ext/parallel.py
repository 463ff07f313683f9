"""What keeps other extensions from a build in parallel or in little time, and is settled here."""

import pickle
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_proof.domain import ProofDomain


def tips_of(app: Sphinx, page: str) -> Path:
    """Return the file that holds a page's hover previews between two builds."""
    return Path(app.doctreedir, page + ".tips")


def keep_tips(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Put aside what sphinx_tippy found on a page: a process that writes pages ends with them."""
    if tree:
        tips_of(app, page).write_bytes(pickle.dumps(app.env.tippy_data["pages"][page]))


def gather_tips(app: Sphinx, exception: Exception | None) -> None:
    """Give sphinx_tippy all pages to write, those of this build and those of earlier ones."""
    if exception or app.builder.format != "html":
        return
    kept = {page: tips_of(app, page) for page in sorted(app.env.all_docs)}
    pages = {page: pickle.loads(path.read_bytes()) for page, path in kept.items()}
    app.env.tippy_data = {"pages": pages, "wiki_titles": set()}
    used = {page["js_path"] for page in pages.values()}
    for script in Path(app.outdir, "_static", "tippy").rglob("*.js"):
        if script not in used:
            script.unlink()


def let_go_of_pages(app: Sphinx, tree: nodes.document) -> None:
    """Keep sphinx_exercise's copies of exercises without the page that each points to.

    They are part of what every build reads first: 0.2 MB in place of 12.
    """
    for kept in getattr(app.env, "sphinx_exercise_registry", {}).values():
        for node in kept["node"].findall():
            node.document = None


def setup(app: Sphinx) -> dict[str, bool]:
    """Declare, merge and keep what the others do not."""
    # It replaces one method at import, and keeps nothing.
    numbering = app.extensions["sphinx_multitoc_numbering"]
    numbering.parallel_read_safe = numbering.parallel_write_safe = True
    # It keeps its proofs beside its domain, and merges those.
    ProofDomain.merge_domaindata = lambda self, pages, other: None
    app.connect("doctree-read", let_go_of_pages)
    app.connect("html-page-context", keep_tips, priority=460)  # sphinx_tippy's is 450
    app.connect("build-finished", gather_tips, priority=400)  # and 500
    return {"parallel_read_safe": True, "parallel_write_safe": True}
