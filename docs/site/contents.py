"""What the site holds, under headings; a page that nobody put under one appears by itself under the last."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

from docs.site.links import ROOT_PAGES, lead_links, list_own_pages
from docs.site.places import DOCS, MADE, ROOT

TABLE = Path(__file__).with_name("contents.toml")


def make_root_pages() -> None:
    """Take over the pages of the repository's top but the README, whose part the first page has."""
    for name, page in ROOT_PAGES.items():
        if name != "README.md" and (ROOT / name).exists():
            text = (ROOT / name).read_text(encoding="utf-8")
            (DOCS / page).write_text(lead_links(text, f"docs/{page}", name), encoding="utf-8")


def make_contents() -> None:
    """Make the pages that list other pages: one a heading of the table."""
    left = [page.stem for page in list_own_pages()]
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))["heading"]
    for heading in table:
        own = [name for pattern in heading["pages"] for name in sorted(left) if fnmatch(name, pattern)]
        left = [name for name in left if name not in own]
        heading["own"] = own
    table[-1]["own"] += left
    for heading in table:
        entries = [f"../{name}" for name in heading["own"]] + [f"../{name}" for name in heading.get("further", ())]
        text = f"# {heading['title']}\n\n{heading['words']}\n\n```{{toctree}}\n:maxdepth: 1\n:glob:\n\n"
        (MADE / f"{heading['name']}.md").write_text(text + "\n".join(entries) + "\n```\n", encoding="utf-8")
