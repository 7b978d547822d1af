"""Reads what `gluteal.show.live.container` packs, as the page does."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from gluteal.show.live.container import MAGIC


def unpack_container(data: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of `pack_container`; raises ValueError where the bytes are none of its."""
    if data[: len(MAGIC)] != MAGIC:
        raise ValueError("These bytes do not begin as a scene of gluteal does.")
    length = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 4], "little")
    start = len(MAGIC) + 4
    header: dict[str, Any] = json.loads(data[start : start + length])
    start += length + (-(start + length) % 8)
    arrays = {}
    for entry in header.pop("arrays"):
        kind, shape = np.dtype("<" + entry["dtype"]), tuple(entry["shape"])
        arrays[entry["name"]] = np.frombuffer(
            data, kind, int(np.prod(shape, dtype=int)), start + entry["offset"]
        ).reshape(shape)
    return header, arrays
