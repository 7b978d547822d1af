"""Workbooks (.xlsx), by openpyxl: the fullest sheet is read as the table of text that it would be as CSV."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gluteal.emg.read.contents import Contents
from gluteal.emg.read.library import describe_with
from gluteal.emg.read.text import read_table

#: First bytes of a ZIP archive, which a workbook is.
MAGIC = b"PK\x03\x04"


def read_workbook(path: Path, size: int, *, rate: float | None = None) -> Contents:
    """Return the channels of a workbook's fullest sheet; other sheets are named in a warning.

    `rate`, Hz, is for a sheet that states none, as in `gluteal.emg.read.text.read_csv`.

    Raises
    ------
    MissingEngine
        Without openpyxl.
    InputError
        A damaged workbook, no table in it, or what `gluteal.emg.read.text.read_csv` says of one.
    """
    told, folder = describe_with("workbook", "openpyxl", path, size, "XLSX")
    contents = read_table(path, folder.path / path.resolve().name, "XLSX", rate=rate)
    others = ", ".join(told["others"][:5])
    note = (f"The sheet {told['sheet']!r} of {path.name} was read; there are others: {others}.",) if others else ()
    return replace(contents, warnings=(*note, *contents.warnings), settings={"sheet": told["sheet"]})
