"""Where a page or an assignment can be opened: all of it follows from one repository setting.

``repository: {url, branch}`` in _config.yml. While the address is empty the site offers downloads
only, and no link that would lead nowhere.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

LAB = "http://localhost:8888/lab/tree"
"""What `make lab` opens; JupyterLab's own default."""

Link = tuple[str, str, str]
"""A link's text, its address, and further attributes of the tag."""


@dataclass(frozen=True)
class Repository:
    """A public repository on GitHub, and the branch that the site was built from."""

    url: str
    branch: str

    @property
    def name(self) -> str:
        """Its owner and name, such as ``octo/gradus``."""
        return "/".join(self.url.rstrip("/").split("/")[-2:])


def settings(config: Any) -> Repository | None:
    """Return the repository of Sphinx's configuration, or None while there is none."""
    options = config.html_theme_options
    url = options.get("repository_url", "")
    return Repository(url, options.get("repository_branch") or "main") if url else None


def page_links(repository: Repository | None, page: str) -> list[Link]:
    """Return what a reader can do with the page called ``page``, beside the page itself."""
    file = f"{page.rsplit('/', 1)[-1]}.ipynb"
    links: list[Link] = [("Download as a notebook", file, f' download="{file}"')]
    if repository is None:
        return links
    source = f"{page}.md"
    report = f"issues/new?title={quote(f'A mistake on {page}')}"
    return [
        *links,
        # Colab opens no Markdown: the published site keeps a notebook beside each page.
        ("Colab", _colab(repository, "gh-pages", f"{page}.ipynb"), ""),
        ("Binder", _binder(repository, source), ""),
        ("Edit this page", f"{repository.url}/edit/{repository.branch}/{source}", ""),
        ("Report a mistake", f"{repository.url}/{report}", ""),
    ]


def exercise_links(repository: Repository | None, assignment: str, above: str) -> list[Link]:
    """Return where an assignment can be opened; ``above`` leads from a page to the site's root."""
    file = f"exercises/{assignment}/{assignment}.ipynb"
    bundle = f"exercises/{assignment}.zip"
    links: list[Link] = [
        (f"{assignment}.ipynb", f"{above}{file}", f' download="{assignment}.ipynb"'),
        ("the same with its practice questions", f"{above}{bundle}", " download"),
    ]
    if repository is None:
        return links
    return [
        *links,
        ("Colab", _colab(repository, repository.branch, file), ""),
        ("Binder", _binder(repository, file), ""),
        ("JupyterLab on this machine", f"{LAB}/{assignment}/{assignment}.ipynb", ""),
    ]


def _colab(repository: Repository, branch: str, path: str) -> str:
    return f"https://colab.research.google.com/github/{repository.name}/blob/{branch}/{path}"


def _binder(repository: Repository, path: str) -> str:
    where = quote(f"lab/tree/{path}", safe="")
    return f"https://mybinder.org/v2/gh/{repository.name}/{repository.branch}?urlpath={where}"
