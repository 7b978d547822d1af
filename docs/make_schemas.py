"""Write ``docs/schemas`` and the tables of ``docs/schemas.md``.

Run from anywhere: ``python docs/make_schemas.py``. A table stands between the two lines that name it
(``<!-- name begin -->``, ``<!-- name end -->``); the text around it is left alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.marks import put, render_table

from gluteal.cli.schemas import INPUTS, OUTPUTS, PublishedSchema, json_schemas

HERE = Path(__file__).parent


def schema_files() -> dict[str, str]:
    """Return the text of every file of ``docs/schemas`` by its place there."""
    return {place: f"{json.dumps(schema, indent=1)}\n" for place, schema in json_schemas().items()}


def fill_tables(page: str) -> str:
    """Return the page with its tables."""
    for folder, schemas in (("input", INPUTS), ("output", OUTPUTS)):
        page = put(page, folder, _rows(folder, schemas))
    return page


def _rows(folder: str, schemas: Mapping[str, PublishedSchema]) -> str:
    rows = [(f"[{name}.json](schemas/{folder}/{name}.json)", row.what) for name, row in schemas.items()]
    return render_table(("schema", "of"), rows)


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
