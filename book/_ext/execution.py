"""Pages run before they are read: side by side, each in a warm kernel, into MyST-NB's own cache.

What is in the cache already does not run. MyST-NB then finds every page there, and the result is
the same as if it had run the page itself; `_config.yml` and the cache's keys stay as they are.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.read import create_nb_reader
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from warm_kernel import Nursery, manager_of

logger = logging.getLogger(__name__)


class Page(NamedTuple):
    """A page's source, and its cells."""

    path: str
    notebook: NotebookNode


def pages_with_code(env: BuildEnvironment, names: list[str]) -> Iterator[Page]:
    """Yield those of the pages that hold cells, as MyST-NB reads them."""
    for name in names:
        path = env.doc2path(name)
        text = Path(path).read_text()
        reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
        if reader is not None:
            yield Page(path, reader.read(text))


def is_cached(cache: JupyterCacheAbstract, page: Page) -> bool:
    """Return whether a page with these cells has run before."""
    try:
        cache.match_cache_notebook(page.notebook)
    except KeyError:
        return False
    return True


def run_pages(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Run the pages that are about to be read and are not cached; report all that fail."""
    cache = get_cache(env.mystnb_config.execution_cache_path)
    pages = [page for page in pages_with_code(env, names) if not is_cached(cache, page)]
    if not pages:
        return
    nursery = Nursery()
    kernels = manager_of(nursery)

    def run(page: Page) -> ExecutionResult:
        return single_nb_execution(
            page.notebook,
            cwd=str(Path(page.path).parent),
            timeout=env.mystnb_config.execution_timeout,
            allow_errors=False,
            kernel_manager_class=kernels,
            log=logging.getLogger("nbclient").logger,  # its own announces each page on stderr
        )

    failed = []
    pool = ThreadPoolExecutor(app.parallel)
    try:
        running = {pool.submit(run, page): page for page in pages}
        for number, done in enumerate(as_completed(running), 1):
            page, result = running[done], done.result()
            name = os.path.relpath(page.path, app.srcdir)
            if result.err:
                failed.append(f"{name}: a cell failed\n{result.exc_string}")
                continue
            data = {"execution_seconds": result.time}
            bundle = CacheBundleIn(page.notebook, page.path, data=data)
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            # not through the logger: this is the minute that a reader of `-q` waits for
            print(f"ran {name} in {result.time:.0f} s ({number} of {len(pages)})", flush=True)
    finally:
        nursery.close()  # on Ctrl-C the kernels end with it, and so the threads that wait for them
        pool.shutdown(cancel_futures=True)
    if failed:
        raise ExtensionError("\n".join(failed))


def setup(app: Sphinx) -> dict[str, bool]:
    """Run pages as soon as it is known which ones are to be read."""
    app.connect("env-before-read-docs", run_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
