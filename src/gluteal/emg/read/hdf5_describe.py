"""What an HDF5 file holds, as JSON; run as a program of its own, because the library trusts the file.

A damaged length in the file can make libhdf5 ask for gigabytes, never return or end the process. So the parts of
a file that are not plain numbers are read here, in a process with little memory that may be ended;
`gluteal.emg.read.hdf5` starts it and then reads nothing but numbers. Links to other files are not followed, and a
data set whose samples lie in another file is named and not read: it could show any file of the machine.
"""

import json
import sys
from typing import Any

import h5py
import numpy as np

#: Groups inside groups that are looked into, and items looked at.
DEPTH, MOST_ITEMS = 3, 20_000
#: Largest attribute, list of texts and small data set whose values are read.
MOST_VALUES = 4096
#: Memory of this process, bytes.
MEMORY = 2 * 2**30


def list_items(path: str) -> list[dict[str, Any]]:
    """Return the data sets and groups of a file with their attributes, shapes and small contents."""
    items: list[dict[str, Any]] = []
    with h5py.File(path, "r") as file:
        _walk(file, file, 1, items)
    return items


def _walk(file: h5py.File, group: h5py.Group, depth: int, items: list[dict[str, Any]]) -> None:
    for name in group:
        if len(items) >= MOST_ITEMS:
            return
        if name.startswith("#") or not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        item = group[name]
        if isinstance(item, h5py.Group):
            items.append({"name": item.name, "group": True, "attributes": _attributes(item)})
            if depth < DEPTH:
                _walk(file, item, depth + 1, items)
        elif isinstance(item, h5py.Dataset):
            items.append(_data_set(file, item))


def _data_set(file: h5py.File, data: h5py.Dataset) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": data.name,
        "group": False,
        "attributes": _attributes(data),
        "shape": [int(n) for n in data.shape or ()],
        "type": str(data.dtype),
        "kind": data.dtype.kind,
        "item_bytes": data.dtype.itemsize,
        "chunked": data.chunks is not None,
        "elsewhere": _lies_elsewhere(data),
    }
    if told["elsewhere"]:
        return told
    matlab = told["attributes"].get("MATLAB_class")
    if matlab == "char":
        told["texts"] = [_characters(data)]
    elif matlab == "cell" and data.dtype == h5py.ref_dtype and data.size <= MOST_VALUES:
        told["texts"] = [_characters(file[r]) for r in np.ravel(data[()]) if r]
    elif data.dtype.kind in "iuf" and data.shape is not None and 0 < data.size <= MOST_VALUES:
        told["numbers"] = [float(x) for x in np.ravel(data[()])]
    return told


def _lies_elsewhere(data: h5py.Dataset) -> bool:
    """Whether the samples are taken from other files (external storage, virtual data sets)."""
    return bool(data.external) or data.is_virtual


def _attributes(item: h5py.Group | h5py.Dataset) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in item.attrs:
        if item.attrs.get_id(name).get_storage_size() > MOST_VALUES:
            continue
        value = np.asarray(item.attrs[name])
        if value.dtype.kind in "iuf":
            found[name] = [float(x) for x in value.reshape(-1)]
        elif value.ndim == 0:
            text = value.item()
            found[name] = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return found


def _characters(data: Any) -> str:
    """Return a MATLAB text, which is stored as the numbers of its characters."""
    if not isinstance(data, h5py.Dataset) or data.dtype.kind not in "iu" or data.size > MOST_VALUES:
        return ""
    if _lies_elsewhere(data):
        return ""
    return "".join(chr(int(c)) for c in np.ravel(data[()]) if 0 < int(c) < 0xD800).strip()


if __name__ == "__main__":
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        pass  # not every system can limit memory; the time limit of the caller remains
    json.dump(list_items(sys.argv[1]), sys.stdout)
