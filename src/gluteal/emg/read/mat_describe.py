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
DEPTH = 2
#: Variables of up to this many numbers are told in the answer too.
MOST_NUMBERS = 4096
#: Memory of this process, bytes; a file may expand to 512 MB, and is copied once.
MEMORY = 4 * 2**30


def list_variables(path: str, folder: str) -> list[dict[str, Any]]:
    """Return the variables of a file; numbers go into `folder`."""
    loaded = scipy.io.loadmat(path, squeeze_me=True, struct_as_record=True)
    items: list[dict[str, Any]] = []
    for name, value in loaded.items():
        if not name.startswith("__"):
            add_item(items, name, value, 0, Path(folder))
    return items


def add_item(items: list[dict[str, Any]], name: str, value: Any, depth: int, folder: Path, group: str = "") -> None:
    """Tell a variable, or the parts of a structure with its name as their group; more than one number goes into `folder`."""
    array = np.asarray(value)
    if array.dtype.names is not None:
        if array.size == 1 and depth < DEPTH:
            record = array.reshape(-1)[0]
            for part in array.dtype.names:
                add_item(items, part, record[part], depth + 1, folder, name)
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


if __name__ == "__main__":
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        pass  # not every system can limit memory; the time limit of the caller remains
    json.dump(list_variables(sys.argv[1], sys.argv[2]), sys.stdout)
