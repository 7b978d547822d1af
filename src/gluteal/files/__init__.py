"""Files: one door in (`incoming`), one door out (`outgoing`), and what is put into them.

In: paths that people name, tables beside rooms. Out: what the files mean.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.files.incoming import MOST_EXPANSION as MOST_EXPANSION
from gluteal.files.incoming import measure_text as measure_text
from gluteal.files.incoming import one_run as one_run
from gluteal.files.incoming import open_text as open_text
from gluteal.files.incoming import read_bytes as read_bytes
from gluteal.files.incoming import take_input as take_input
from gluteal.files.outgoing import check_target as check_target
from gluteal.files.outgoing import write_text as write_text
from gluteal.files.outgoing import written_whole as written_whole

if TYPE_CHECKING:
    import pandas as pd

#: Characters with which a cell begins that a spreadsheet takes for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(table: pd.DataFrame, **options: Any) -> str:
    r"""Return a table as comma-separated values that a spreadsheet shows and does not run.

    Texts that begin like a formula get an apostrophe before them; numbers stay numbers. `options` as pandas's
    ``to_csv``.

    >>> import pandas as pd
    >>> csv_text(pd.DataFrame({"label": ["=1+1", "glut"], "x": [-1.5, 2.0]}))
    "label,x\n'=1+1,-1.5\nglut,2.0\n"
    """

    def shown(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) and not _is_number(value) else value

    safe = table.rename(columns=shown)
    for i, kind in enumerate(safe.dtypes):
        if not np.issubdtype(kind, np.number) if isinstance(kind, np.dtype) else True:
            safe.isetitem(i, safe.iloc[:, i].map(shown).to_numpy())
    text: str = safe.to_csv(index=False, lineterminator="\n", **options)
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_table_text(package: str | None, name: str) -> str:
    """Return the text of a table that stands beside its room; `package` is the room's ``__package__``."""
    assert package is not None, "only modules of a package have tables beside them"
    return files(package).joinpath(name).read_text(encoding="utf-8")


def without_comments(text: str) -> list[str]:
    """Return the lines of a table that are not comments, which begin with ``#``."""
    return [line for line in text.splitlines() if not line.startswith("#")]


def read_rows(text: str) -> list[dict[str, str]]:
    r"""Read a table of comma-separated values whose first line names the columns; comments are left out.

    >>> read_rows("# where it comes from\nmuscle,n\npsoas,2\n")
    [{'muscle': 'psoas', 'n': '2'}]
    """
    return list(csv.DictReader(without_comments(text)))


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: NumPy and tuples gone, numbers that are none as None.

    >>> plain({"a": (np.float64(1.5), float("nan")), "b": np.arange(2)})
    {'a': [1.5, None], 'b': [0, 1]}
    """
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
