"""What a page says to people, and which names of the program's or of a model's are in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

#: A name of the program's or of a model's: parts joined by low lines (but the name of a file), a group's short name, or
#: what OpenSim's models shorten.
RAW = re.compile(
    r"(?<![\w/.])[A-Za-z]+\d*(?:_[A-Za-z0-9]+)+\b(?![/]|\.\w)"
    r"|\b(?:glmed|glmax|glmin|tfl|recfem|bflh|semimem|addbrev)\d?\b|\b(?:calcn|mtp|GRF)\b"
)


class Text(HTMLParser):
    """What a page says: all text but scripts, styles, and what is typed (commands)."""

    UNSEEN = frozenset({"script", "style", "pre", "code"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value or "" for name, value in attrs if name in ("alt", "title", "aria-label")]
        if tag in self.UNSEEN:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.UNSEEN and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if not self.open:
            self.said.append(data)


def raw_names(html: str) -> list[str]:
    """Return the names on a page that only the program or a model understands."""
    parser = Text()
    parser.feed(html)
    return sorted(set(RAW.findall(" ".join(parser.said))))
