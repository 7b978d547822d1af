"""Tables of numbers: one schema for all, every source a key of the bibliography."""

from __future__ import annotations

from pathlib import Path

import pytest

import gluteal
from gluteal.errors import InputError, UnknownName
from gluteal.sources.published import PUBLISHED
from gluteal.sources.schema import check_rows
from gluteal.sources.tables import TABLES, read_number_table

PACKAGE = Path(gluteal.__file__).parent


@pytest.mark.parametrize("path", TABLES)
def test_every_row_is_of_the_schema(path: str) -> None:
    rows = read_number_table(path)
    assert rows and len(check_rows(rows, path)) == len(rows)


def test_every_table_of_the_package_is_registered() -> None:
    """A CSV file of the package is in the register: none is added without its sources."""
    found = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.csv")}
    assert found == {path for path in TABLES if path.endswith(".csv")}
    assert {f"sources/published/{name}.csv" for name in PUBLISHED} <= set(TABLES)


@pytest.mark.parametrize("path", [path for path, table in TABLES.items() if path.endswith(".csv") and not table.source])
def test_planted_prose_is_refused(path: str) -> None:
    """The citation that stood there before keys did is caught, and its row named."""
    rows = [dict(row) for row in read_number_table(path)]
    rows[-1]["source"] = "Moore 2014 (Clinically Oriented Anatomy, 7th ed.), ch. 4 Back"
    with pytest.raises(InputError, match=rf"{path}, row {len(rows)}, source: The source 'Moore 2014 .* is not one or"):
        check_rows(rows, path)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"muscle": "psoas"}, "mine.csv, row 1, source: Field required"),
        ({"source": "raabe2015"}, "There is no source 'raabe2015'"),
        ({"source": "raabe2016", "locator": ""}, "mine.csv, row 1, locator"),
        ({"source": "raabe2016", "read": "skimmed"}, "mine.csv, row 1, read"),
        ({"source": "gluteal", "note": " "}, "a choice of our own without a reason"),
    ],
)
def test_a_row_says_what_is_wrong_with_it(row: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_rows([row], "mine.csv")


def test_an_unknown_table() -> None:
    with pytest.raises(UnknownName, match=r"There is no table of numbers 'anatomy/muscle\.csv'.*anatomy/muscles\.csv"):
        read_number_table("anatomy/muscle.csv")
