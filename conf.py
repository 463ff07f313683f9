"""What `_config.yml` says, for Sphinx itself: `jb build` reads one page after the other."""

import gc
from pathlib import Path

from jupyter_book.config import get_final_config
from sphinx.application import Sphinx

ROOT = Path(__file__).parent

# A build makes many small objects and keeps most of them: looking for garbage every 700 of them
# takes a tenth of it.
gc.set_threshold(200_000, 20, 100)

settings, _ = get_final_config(
    user_yaml=ROOT / "_config.yml", cli_config={"latex_individualpages": False}, sourcedir=ROOT
)
# It is for LaTeX, which we do not write, and one extension unsafe in parallel makes a build serial.
settings["extensions"].remove("sphinx_jupyterbook_latex")
settings["extensions"] += ["parallel", "execution"]
globals().update(settings)


def write_door(app: Sphinx, exception: Exception | None) -> None:
    """Send who opens the site's folder on to the first page, as `jb build` does."""
    if exception is None and app.builder.format == "html":
        page = app.builder.get_target_uri(app.config.root_doc)
        text = f'<meta http-equiv="Refresh" content="0; url={page}" />\n'
        Path(app.outdir, "index.html").write_text(text)


def setup(app: Sphinx) -> None:
    """Do what Jupyter Book does around Sphinx."""
    app.connect("build-finished", write_door)
