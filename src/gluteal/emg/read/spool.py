"""Numbers on their way from a text file to the reader of one channel, without an hour of them in memory."""

from __future__ import annotations

import tempfile
import weakref
from threading import Lock

import numpy as np

#: Bytes kept in memory before the rest goes to a temporary file, which the system removes when closed.
KEPT_IN_MEMORY = 32 * 2**20


class Spool:
    """A table that grows by blocks of rows and is read by columns.

    Each block is stored column after column, so that reading one column touches only its own bytes.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.rows = 0
        self._blocks: list[tuple[int, int]] = []  # offset in the file, rows
        self._file = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 - closed with the spool
        weakref.finalize(self, self._file.close)
        self._end = 0
        self._lock = Lock()

    def add(self, block: np.ndarray) -> None:
        """Append a block (rows, columns) of numbers."""
        if not block.shape[0]:
            return
        data = np.ascontiguousarray(block.T, dtype=np.float64).tobytes()
        with self._lock:
            self._file.seek(self._end)
            self._file.write(data)
        self._blocks.append((self._end, block.shape[0]))
        self._end += len(data)
        self.rows += block.shape[0]

    def column(self, index: int) -> np.ndarray:
        """Return one column (rows,), float64."""
        out = np.empty(self.rows)
        at = 0
        with self._lock:
            for offset, rows in self._blocks:
                self._file.seek(offset + index * rows * 8)
                out[at : at + rows] = np.frombuffer(self._file.read(rows * 8), dtype=np.float64)
                at += rows
        return out
