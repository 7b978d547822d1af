"""Tables of pages are put between the lines that name them, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs.marks import fill, put, render_table

PAGE = (
    "Before <!-- no mark -->\n<!-- a b begin -->\n\nold | table\n\n<!-- a b end -->\nbetween\n"
    "<!-- c begin -->\nx\n<!-- c end -->\n"
)


def test_a_table_replaces_the_one_between_its_lines(tmp_path: Path) -> None:
    r"""Blank lines about it and all text around it stay; a \ in it is no sign of its own."""
    made = render_table(["what", "n"], [[r"C:\1", 3]])
    assert made == "| what | n |\n| --- | --- |\n| C:\\1 | 3 |"
    assert put(PAGE, "a b", made) == PAGE.replace("old | table", made)
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    fill(tmp_path / "page.md", {"a b": "1", "c": "2"})
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == PAGE.replace("old | table", "1").replace("x\n", "2\n")


@pytest.mark.parametrize(("page", "count"), [(PAGE.replace("<!-- c end -->", ""), 0), (PAGE + PAGE, 2)])
def test_a_page_without_the_place_is_refused(page: str, count: int) -> None:
    with pytest.raises(ValueError, match=rf"one place for 'c' .* it has {count}"):
        put(page, "c", "2")
