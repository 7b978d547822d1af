"""Write ``docs/schemas`` and the tables of ``docs/schemas.md``.

Run from anywhere: ``python docs/make_schemas.py``. A table stands between the two lines that name it
(``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from gluteal.cli.schemas import INPUTS, OUTPUTS, PublishedSchema, json_schemas

HERE = Path(__file__).parent


def schema_files() -> dict[str, str]:
    """Return the text of every file of ``docs/schemas`` by its place there."""
    return {place: f"{json.dumps(schema, indent=1)}\n" for place, schema in json_schemas().items()}


def fill_tables(page: str) -> str:
    """Return the page with its tables."""
    for folder, table in (("input", INPUTS), ("output", OUTPUTS)):
        pattern = rf"(<!-- {folder} begin -->\n).*?(<!-- {folder} end -->)"
        rows = _rows(folder, table)
        page, done = re.subn(pattern, lambda m, rows=rows: f"{m[1]}\n{rows}\n\n{m[2]}", page, flags=re.DOTALL)
        assert done == 1, f"the page has no place for {folder}"
    return page


def _rows(folder: str, table: Mapping[str, PublishedSchema]) -> str:
    lines = [f"| [{name}.json](schemas/{folder}/{name}.json) | {row.what} |" for name, row in table.items()]
    return "\n".join(["| schema | of |", "| --- | --- |", *lines])


def main() -> None:
    """Write everything, and remove schemas of what is no longer there."""
    files = schema_files()
    for old in (HERE / "schemas").rglob("*.json"):
        old.unlink()
    for place, text in files.items():
        target = HERE / "schemas" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    page = HERE / "schemas.md"
    page.write_text(fill_tables(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
