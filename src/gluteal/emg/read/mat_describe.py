"""What a MATLAB file of version 5 to 7 holds, as JSON; a program of its own, because SciPy trusts the file.

A damaged length ends the whole process there. Arguments: the file, and a folder that gets one ``.npy`` file for each
variable of more than one number.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io

#: Structures inside structures that are opened.
DEPTH = 4
#: Structures of one array that are opened.
MOST_RECORDS = 512
#: Variables of up to this many numbers are told in the answer too.
MOST_NUMBERS = 4096
#: Memory of this process, bytes; a file may expand to 512 MB, and is copied once.
MEMORY = 4 * 2**30
# What of it may be written to, bytes: what a small file swells to ends here.
_WRITABLE = 7 * 2**28


def list_variables(path: str, folder: str) -> list[dict[str, Any]]:
    """Return the variables of a file; numbers go into `folder`."""
    loaded = scipy.io.loadmat(path, squeeze_me=True, struct_as_record=True)
    items: list[dict[str, Any]] = []
    for name, value in loaded.items():
        if not name.startswith("__"):
            add_item(items, name, value, 0, Path(folder))
    return items


def add_item(items: list[dict[str, Any]], name: str, value: Any, depth: int, folder: Path, group: str = "") -> None:
    """Tell a variable; of a structure its parts, with its name as their group.

    More than one number goes into `folder`. Cells with lines of one length are the columns of a matrix.
    """
    array = np.asarray(value)
    if array.dtype.names is not None:
        for i, record in enumerate(array.reshape(-1)[:MOST_RECORDS] if depth < DEPTH else ()):
            named = name if array.size == 1 else f"{name}({i + 1})"
            for part in array.dtype.names:
                add_item(items, part, record[part], depth + 1, folder, named)
    elif array.dtype.kind == "O" and array.size and (lines := _lines_of(array)) is not None:
        add_item(items, name, lines, depth, folder, group)
    elif array.dtype.kind in "US" or (array.dtype.kind == "O" and all(isinstance(v, str) for v in array.flat)):
        items.append({"name": name, "group": group, "texts": [str(v).strip() for v in array.reshape(-1)]})
    elif array.dtype.kind in "iuf" and array.ndim <= 2 and array.size:
        told: dict[str, Any] = {"name": name, "group": group, "shape": list(array.shape)}
        if array.size <= MOST_NUMBERS:
            told["numbers"] = [float(x) for x in array.reshape(-1)]
        if array.size > 1:
            told["file"] = f"{len(items)}.npy"
            np.save(folder / told["file"], array, allow_pickle=False)
        items.append(told)


def _lines_of(cells: np.ndarray) -> np.ndarray | None:
    """Return cells with numbers of one length as a matrix (length, cells); None where they are anything else."""
    lines = [np.squeeze(np.asarray(c)) for c in cells.reshape(-1)]
    even = all(v.ndim == 1 and v.dtype.kind in "iuf" and v.size == lines[0].size for v in lines)
    return np.column_stack(lines) if even and lines[0].size > 1 else None


if __name__ == "__main__":
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_DATA, (_WRITABLE, _WRITABLE))
    except (ImportError, ValueError, OSError):
        pass  # not every system can limit memory; the time limit of the caller remains
    json.dump(list_variables(sys.argv[1], sys.argv[2]), sys.stdout)
