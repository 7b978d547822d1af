"""Write what `gluteal ask` finds: every claim with its plain answer, every task, every page.

Run after any change to claims, studies, the rule, the tasks or a page's headings: ``python docs/make_ask.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from gluteal.files import write_text
from gluteal.ledger.ask.known import KEPT, Known, gather_known, known_mark

DOCS = Path(__file__).parent
TARGET = DOCS.parent / "src" / "gluteal" / "ledger" / "ask" / KEPT
#: Folders of the site's own pages beside those in docs itself.
FOLDERS = ("learn", "guides")


def list_pages() -> list[Known]:
    """Return every page with its title and the headings under it."""
    found = []
    for path in sorted([*DOCS.glob("*.md"), *(p for folder in FOLDERS for p in (DOCS / folder).glob("*.md"))]):
        text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        titles = [re.sub(r"[`*]", "", title) for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
        if titles and path.name != "index.md":
            found.append(Known("page", f"docs/{path.relative_to(DOCS).as_posix()}", titles[0], " ".join(titles[1:])))
    return found


def render_known(known: Sequence[Known]) -> str:
    """Return the file of what is kept: its mark, then a line for each."""
    rows = [vars(one) for one in known]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in (known_mark(), *rows)) + "\n"


def main() -> None:
    """Write the file."""
    write_text(TARGET, render_known([*gather_known(), *list_pages()]))


if __name__ == "__main__":
    main()
