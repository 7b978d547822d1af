"""Tables without lines above them (Parquet, R, MATLAB): what the columns are stands in their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gluteal.emg.read.contents import Contents, check_rate
from gluteal.emg.read.isolated import damaged
from gluteal.emg.read.library import Columns
from gluteal.emg.read.text import arrange_table
from gluteal.emg.read.text_header import read_frame_header
from gluteal.files import TemporaryFolder


def arrange_frame(
    path: Path, told: Mapping[str, Any], folder: TemporaryFolder, kind: str, *, rate: float | None = None
) -> Contents:
    """Return the channels of a table whose columns wait in a folder; errors as `arrange_table`.

    `rate`, Hz, is for a table that neither states one nor has a time column.
    """
    try:
        stated = float(told["rate"]) if told.get("rate") is not None else None
    except ValueError:
        raise damaged(path, kind, f"its sampling rate is {told['rate']!r}") from None
    columns = [c for c in told["columns"] if "words" not in c]
    words = tuple((str(c["name"]), "it holds words, not numbers") for c in told["columns"] if "words" in c)
    header = read_frame_header([c["name"] for c in columns], stated)
    if rate is not None and stated is None and not any(c.time_unit for c in header.columns):
        header = replace(header, rate=check_rate(path, rate))
    contents = arrange_table(path, header, Columns(folder, columns), kind)
    return replace(contents, dropped=(*contents.dropped, *words))
