"""Formats that a well-kept library reads: AcqKnowledge, Parquet, R, workbooks; the extra `formats` brings them.

Each is looked into by a process of its own (`gluteal.emg.read.library_describe`), bounded in time and memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.emg.read.contents import check_in_memory
from gluteal.emg.read.isolated import run_program
from gluteal.errors import MissingEngine
from gluteal.files import TemporaryFolder


def describe_with(kind: str, library: str, path: Path, size: int, words: str) -> tuple[dict[str, Any], TemporaryFolder]:
    """Return what a file holds, and the folder in which its columns wait.

    Parameters
    ----------
    kind : str
        Of `library_describe.KINDS`.
    library : str
        The package that reads it.
    path : Path
    size : int
        Bytes.
    words : str
        The format, for people.

    Raises
    ------
    MissingEngine
        Without the library.
    InputError
        A file that is too large or damaged.
    """
    if find_spec(library) is None:
        raise MissingEngine(f"the package {library} (for {words})", "formats")
    check_in_memory(path, size, "export it in parts, or as EDF")
    folder = TemporaryFolder()
    return run_program("library_describe.py", path, kind, str(folder.path), kind=words), folder


class Columns:
    """Columns in files of a temporary folder, read one at a time; as long as the longest of them."""

    def __init__(self, folder: TemporaryFolder, told: Sequence[Mapping[str, Any]]) -> None:
        self._folder, self._files = folder, [str(t["file"]) for t in told]
        self.rows = max((int(t["length"]) for t in told), default=0)

    def column(self, index: int) -> np.ndarray:
        """Return one column (rows,), float64."""
        return np.array(np.load(self._folder.path / self._files[index], allow_pickle=False), dtype=np.float64)

    def reader(self, index: int) -> Callable[[], np.ndarray]:
        """Return a function that reads one column; it keeps the folder alive."""
        return lambda: self.column(index)
