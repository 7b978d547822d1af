"""Tables of pages: a table stands between two lines that name it, ``<!-- name begin -->`` and ``<!-- name end -->``.

The text around it is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path


def render_table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return a table in Markdown."""
    first = list(head)
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in (first, ["---"] * len(first), *rows))


def put(text: str, name: str, made: str) -> str:
    """Return a page's text with what was made put between the lines that name it; blank lines there stay.

    Raises
    ------
    ValueError
        Where the page does not have these lines, or has them more than once.
    """
    pattern = rf"(<!-- {re.escape(name)} begin -->\s*).*?(\s*<!-- {re.escape(name)} end -->)"
    text, count = re.subn(pattern, lambda m: f"{m[1]}{made}{m[2]}", text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"The page needs one place for {name!r} (<!-- {name} begin -->, then end); it has {count}.")
    return text


def fill(page: Path, tables: Mapping[str, str]) -> None:
    """Put tables by name into a page; it is read only now, as somebody may have written while they were computed."""
    text = page.read_text(encoding="utf-8")
    for name, made in tables.items():
        text = put(text, name, made)
    page.write_text(text, encoding="utf-8")
