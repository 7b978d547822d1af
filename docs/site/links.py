"""Links of pages that lead out of this folder: to their page on the site, where they have one."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

from docs.site.places import DOCS

#: Pages of the repository's top -> their page on the site.
ROOT_PAGES = {
    "CONTRIBUTING.md": "made/contributing.md",
    "CHANGELOG.md": "made/changelog.md",
    "SECURITY.md": "made/security.md",
    "CODE_OF_CONDUCT.md": "made/conduct.md",
    "RELEASING.md": "made/releasing.md",
    "README.md": "index.md",
}
#: Pages that have no heading, being made by a program.
_HEADINGS = {"benchmarks-results": "The stored run of the benchmarks"}


def mend_links(app: object, name: str, source: list[str]) -> None:
    """Lead links of a page to the site's pages (an event of Sphinx); a page without a heading gets its own."""
    if name in _HEADINGS:
        source[0] = f"# {_HEADINGS[name]}\n\n{source[0]}"
    source[0] = lead_links(source[0], str(PurePosixPath("docs") / name))


def name_empty_headings(app: object, tree: Any) -> None:
    """Say to readers of the screen that a column has no heading, where a table has none (an event of Sphinx)."""
    # Comes with Sphinx: the rest of this module is used without it.
    from docutils import nodes

    for head in tree.findall(nodes.thead):
        for cell in head.findall(nodes.entry):
            if not cell.astext().strip():
                cell += nodes.paragraph("", "", nodes.inline("", "no heading", classes=["visually-hidden"]))


def lead_links(text: str, place: str, written: str | None = None) -> str:
    """Return a page's text with its links led to pages of the site.

    Parameters
    ----------
    text : str
    place : str
        Where the page lies, from the repository's top, as "docs/learn/page".
    written : str, optional
        Where its links start, if elsewhere.
    """
    start, here = str(PurePosixPath(written or place).parent), str(PurePosixPath(place).parent)

    def lead(found: re.Match[str]) -> str:
        target, hash_, heading = found[2].partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return found[0]
        path = normpath(f"{start}/{target}")
        if path in ROOT_PAGES:
            path = f"docs/{ROOT_PAGES[path]}"
        elif not path.startswith("docs/"):
            # A file of the repository that is no page: its name says where it lies.
            return found[1]
        return f"[{found[1]}]({relpath(path, here)}{hash_}{heading})"

    return re.sub(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)", lead, text)


def list_own_pages() -> list[Path]:
    """Return the pages that lie in `docs` itself, but those that the site's first line names."""
    return sorted(page for page in DOCS.glob("*.md") if page.name not in ("index.md", "try.md"))
