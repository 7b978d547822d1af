"""Numbers for the page as bytes: a header in JSON, then arrays, each where the header says.

Layout, little-endian: the eight bytes ``GLUTEAL`` and 1, the header's length (uint32), the header, and from the next
multiple of 8 on the arrays, each aligned to 8. ``header["arrays"]`` lists name, dtype, shape and offset (bytes from
the first array on). ``web/src/container.ts`` reads the same, and refuses what does not add up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

#: The first bytes of every container.
MAGIC = b"GLUTEAL\x01"
#: What an array may be made of.
DTYPES = ("f8", "f4", "u4", "u2", "i2", "u1")


def pack_container(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return header and arrays as bytes; the header must be plain data, without numbers that are not finite.

    Raises
    ------
    ValueError
        Where an array is of a type that the page does not read, or the header holds what is no number.

    >>> made = pack_container({"schema": 1}, {"x": np.array([1.0, 2.0])})
    >>> made[:8] == MAGIC, made[-16:] == np.array([1.0, 2.0]).tobytes()
    (True, True)
    """
    listed, pieces, at = [], [], 0
    for name, array in arrays.items():
        kind = array.dtype.str[1:]
        if kind not in DTYPES:
            raise ValueError(f"The array {name!r} is of {array.dtype}; a page reads {', '.join(DTYPES)}.")
        piece = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        listed.append({"name": name, "dtype": kind, "shape": list(array.shape), "offset": at})
        pieces.append(piece + b"\0" * (-len(piece) % 8))
        at += len(pieces[-1])
    text = json.dumps({**header, "arrays": listed}, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    start = len(MAGIC) + 4 + len(text)
    return MAGIC + len(text).to_bytes(4, "little") + text + b"\0" * (-start % 8) + b"".join(pieces)
