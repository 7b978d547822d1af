"""Small tables beside their room, read row by row without their comments; values made plain for JSON."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


def read_table_text(package: str | None, name: str) -> str:
    """Return the text of a table that stands beside its room; `package` is the room's ``__package__``."""
    assert package is not None, "only modules of a package have tables beside them"
    return files(package).joinpath(name).read_text(encoding="utf-8")


def read_package_bytes(package: str | None, name: str) -> bytes:
    """Return a file of the package as bytes; `package` as `read_table_text`."""
    assert package is not None, "only modules of a package have files beside them"
    return files(package).joinpath(name).read_bytes()


def without_comments(text: str) -> list[str]:
    """Return the lines of a table that are not comments, which begin with ``#``."""
    return [line for line in text.splitlines() if not line.startswith("#")]


def read_number(text: str) -> float:
    """Return a number as files and people write it; ValueError for what only Python takes for one (``1_0.5``).

    >>> read_number(" 1.5e3 ")
    1500.0
    >>> read_number("1_0.5")
    Traceback (most recent call last):
    ...
    ValueError: '1_0.5' is no number
    """
    if "_" in text or not text.isascii():
        raise ValueError(f"{text!r} is no number")
    return float(text)


def read_rows(text: str) -> list[dict[str, str]]:
    r"""Read a table of comma-separated values whose first line names the columns; comments are left out.

    >>> read_rows("# where it comes from\nmuscle,n\npsoas,2\n")
    [{'muscle': 'psoas', 'n': '2'}]
    """
    return list(csv.DictReader(without_comments(text)))


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: NumPy and tuples gone, numbers that are none as None.

    >>> import numpy as np
    >>> plain({"a": (np.float64(1.5), float("nan")), "b": np.arange(2)})
    {'a': [1.5, None], 'b': [0, 1]}
    """
    import numpy as np  # asking the command line for help takes no NumPy

    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
