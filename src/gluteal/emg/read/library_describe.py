"""What files hold that a library of their own reads, as JSON; a program of its own, because the libraries trust them.

Arguments: the file, the kind (of `KINDS`), and a folder for what is too long for an
answer: a ``.npy`` file per column, or the sheet as text. A damaged length or an endless archive ends this process only.
"""

from __future__ import annotations

import csv
import datetime
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

#: Numbers of one file that are unpacked, 512 MB of them.
MOST_NUMBERS = 2**26
#: Bytes to which a workbook may expand.
MOST_BYTES = 2**30
#: Memory of this process, bytes; pyarrow alone reserves more than one.
MEMORY = 6 * 2**30
# What of it may be written to, bytes: what a small file swells to ends here.
_WRITABLE = 7 * 2**28


def describe_acq(path: str, folder: Path) -> dict[str, Any]:
    """Tell the channels of an AcqKnowledge file (bioread), each with its unit and rate, and its markers."""
    import bioread

    file = bioread.read_file(path)
    if sum(int(c.point_count) for c in file.channels) > MOST_NUMBERS:
        raise ValueError("it has more samples than are read at once")
    columns = [
        {
            **_saved(str(c.name), np.asarray(c.data, dtype=np.float64), folder, i),
            "unit": str(c.units),
            "rate": float(c.samples_per_second),
        }
        for i, c in enumerate(file.channels)
    ]
    rate = float(file.samples_per_second)
    marks = [
        {"name": str(m.text).strip() or "marker", "time": float(m.sample_index) / rate}
        for m in file.event_markers or []
    ]
    return {"columns": columns, "events": marks}


def describe_parquet(path: str, folder: Path) -> dict[str, Any]:
    """Tell the columns of a Parquet file (pyarrow)."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    if file.metadata.num_rows * file.metadata.num_columns > MOST_NUMBERS:
        raise ValueError("it has more samples than are read at once")
    told = {
        k.decode("utf-8", "replace"): v.decode("utf-8", "replace") for k, v in (file.metadata.metadata or {}).items()
    }
    rates = [
        v
        for k, v in told.items()
        if k.lower() in ("fs", "rate", "sampling_rate", "sampling rate", "sampling_frequency")
    ]
    # Each column is handed over and let go of, so that no more than one is held twice.
    frame = file.read().to_pandas(split_blocks=True, self_destruct=True)
    return {"columns": _columns(frame, folder), "rate": rates[0] if rates else None}


def describe_r(path: str, folder: Path) -> dict[str, Any]:
    """Tell what an R file holds (rdata): its one data frame by columns, else vectors, matrices and numbers by name."""
    import rdata

    loaded = rdata.read_rds(path) if path.lower().endswith(".rds") else rdata.read_rda(path)
    return _values(dict(loaded) if isinstance(loaded, Mapping) else {"data": loaded}, folder)


def describe_matlab(path: str, folder: Path) -> dict[str, Any]:
    """Tell the one table or timetable of a MATLAB file (mat-io), which SciPy and h5py cannot open."""
    import matio

    return _values(matio.load_from_mat(path), folder)


def describe_feather(path: str, folder: Path) -> dict[str, Any]:
    """Tell the columns of a Feather file (pyarrow)."""
    import pyarrow.feather

    table = pyarrow.feather.read_table(path, memory_map=False)
    if table.num_rows * table.num_columns > MOST_NUMBERS:
        raise ValueError("it has more samples than are read at once")
    return {"columns": _columns(table.to_pandas(), folder), "rate": None}


def describe_numpy(path: str, folder: Path) -> dict[str, Any]:
    """Tell the arrays of a NumPy file (.npz by their names, .npy as "data"); nothing pickled is opened."""
    from gluteal.emg.read.mat_describe import add_item

    loaded = np.load(path, allow_pickle=False)
    values = {"data": loaded} if isinstance(loaded, np.ndarray) else {}
    if not values:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
                raise ValueError("it expands to more than a gigabyte")
        values = {name: loaded[name] for name in loaded.files}
    items: list[dict[str, Any]] = []
    for name, value in values.items():
        add_item(items, str(name), np.squeeze(value), 0, folder)
    return {"items": items}


def _values(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    import pandas as pd

    frames = [v for v in values.values() if isinstance(v, pd.DataFrame)]
    if len(frames) == 1:
        rates = [v for k, v in values.items() if k.lower() in ("fs", "rate", "srate") and np.size(v) == 1]
        return {"columns": _columns(frames[0], folder), "rate": float(np.ravel(rates[0])[0]) if rates else None}
    from gluteal.emg.read.mat_describe import add_item

    items: list[dict[str, Any]] = []
    for name, value in values.items():
        parts = value.items() if isinstance(value, Mapping) else [(name, value)]
        for part, what in parts:
            add_item(items, str(part), np.asarray(what), 0, folder)
    return {"items": items}


def describe_workbook(path: str, folder: Path) -> dict[str, Any]:
    """Write the fullest sheet of a workbook (openpyxl) as text, tab-separated, a line per row."""
    import openpyxl

    with zipfile.ZipFile(path) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
            raise ValueError("it expands to more than a gigabyte")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    sheets = [s for s in book.worksheets if (s.max_row or 2) > 1] or list(book.worksheets)
    sheet = max(sheets, key=lambda s: (s.max_row or 0) * (s.max_column or 0))
    cells = 0
    with (folder / Path(path).name).open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file, delimiter="\t", lineterminator="\n")
        for row in sheet.iter_rows(values_only=True):
            cells += len(row)
            if cells > MOST_NUMBERS:
                raise ValueError("it has more cells than are read at once")
            write.writerow([_cell(value) for value in row])
    return {"sheet": str(sheet.title), "others": [s.title for s in book.worksheets if s is not sheet]}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, datetime.time):
        return value.isoformat(timespec="microseconds")
    return repr(float(value)) if isinstance(value, float) else " ".join(str(value).split())


def _columns(frame: Any, folder: Path) -> list[dict[str, Any]]:
    """Save the columns of numbers of a table; stamps become seconds since the first."""
    columns = []
    index = frame.index
    pairs: Iterable[tuple[Any, Any]] = [(name, frame[name]) for name in frame.columns]
    if index.dtype.kind in "mM" or index.name is not None:
        pairs = [(index.name or "time", index.to_series()), *pairs]
    for i, (name, column) in enumerate(pairs):
        values = np.asarray(column)
        if values.dtype.kind in "mM":
            told = _saved("time (s)", (values - values[0]) / np.timedelta64(1, "s"), folder, i)
        elif values.dtype.kind in "iuf":
            told = _saved(str(name), values.astype(np.float64, copy=False), folder, i)
        else:
            told = {"name": str(name), "words": True}
        columns.append(told)
    return columns


def _saved(name: str, values: np.ndarray, folder: Path, i: int) -> dict[str, Any]:
    np.save(folder / f"{i}.npy", values, allow_pickle=False)
    return {"name": name, "file": f"{i}.npy", "length": int(values.size)}


KINDS: Mapping[str, Callable[[str, Path], dict[str, Any]]] = {
    "acq": describe_acq, "parquet": describe_parquet, "r": describe_r, "matlab": describe_matlab,
    "workbook": describe_workbook, "feather": describe_feather, "numpy": describe_numpy,
}  # fmt: skip

if __name__ == "__main__":
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_DATA, (_WRITABLE, _WRITABLE))
    except (ImportError, ValueError, OSError):
        pass  # not every system can limit memory; the time limit of the caller remains
    # The folder of this program stands first on the path, and its modules would hide packages of the same names.
    sys.path.pop(0)
    json.dump(KINDS[sys.argv[2]](sys.argv[1], Path(sys.argv[3])), sys.stdout)
