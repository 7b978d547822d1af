"""What was read from the package's own texts, kept beside them under a stamp of these texts.

Reading hundreds of small texts costs more than all that is done with them. What is kept holds nothing that the texts
do not: where one byte of them differs from those it was made of, it is not there, and the texts are read.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gluteal.files.outgoing import write_bytes


def stamp_texts(paths: Iterable[Path]) -> str:
    """Return a digest of texts, by name and content, in the order of their names."""
    digest = hashlib.blake2b(digest_size=32)
    for path in sorted(paths, key=lambda path: path.as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()


def read_stamped(path: Path, stamp: str) -> Any | None:
    """Return what is kept under a stamp; None where there is nothing, another stamp, or a spoilt file."""
    try:
        held = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError, zlib.error):
        return None
    return held["held"] if isinstance(held, dict) and held.get("stamp") == stamp and "held" in held else None


def write_stamped(path: Path, stamp: str, held: Any) -> None:
    """Keep plain data under a stamp, the same bytes whenever both are the same."""
    text = json.dumps({"stamp": stamp, "held": held}, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    write_bytes(path, gzip.compress(text.encode(), mtime=0))
