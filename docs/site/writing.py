"""Writing generated pages, and checking built ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlparse


def markdown(text: str) -> str:
    """Return words as Markdown that shows them as they are."""
    return re.sub(r"([\\`*_\[\]<>$|#])", r"\\\1", text)


def raw_html(text: str) -> str:
    """Return HTML as a block of a page."""
    return f"```````{{raw}} html\n{text}\n```````\n"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.fetched: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.targets.append(value)
                if name == "src" or (tag == "link" and "stylesheet" in (dict(attrs).get("rel") or "")):
                    self.fetched.append(value)
            elif name in ("id", "name") and value:
                self.names.add(value)


def check_pages(folder: Path) -> list[str]:
    """Return every link within the site that leads nowhere, and everything that a page would fetch from elsewhere."""
    pages = {page.resolve(): _read(page) for page in folder.rglob("*.html") if "_static" not in page.parts}
    return sorted({fault for page, read in pages.items() for fault in _faults(folder.resolve(), page, read, pages)})


def _read(page: Path) -> _Links:
    links = _Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


def _faults(folder: Path, page: Path, read: _Links, pages: dict[Path, _Links]) -> Iterator[str]:
    here = page.relative_to(folder)
    for target in read.fetched:
        if urlparse(target).netloc:
            yield f"{here}: {target} is fetched from elsewhere"
    for target in read.targets:
        url = urlparse(target)
        if url.scheme or url.netloc or target.startswith("#/"):
            continue
        path = (page.parent / unquote(url.path)).resolve() if url.path else page
        if not path.exists():
            yield f"{here}: {target} is not there"
        # The live page keeps its state after the #.
        elif (
            url.fragment
            and path in pages
            and path.name != "live.html"
            and unquote(url.fragment) not in pages[path].names
        ):
            yield f"{here}: {target}: the page has no such place"
