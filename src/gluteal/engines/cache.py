"""What was computed, kept on disk: the same model doing the same movement is computed once.

What depends on no user comes with the package, in the archive `SHIPPED` (``python docs/make_answers.py`` writes it). An
entry's name is made of everything that makes its numbers, so one that no longer fits is never found, and the answer is
computed as if it had not been there.

All else lies in the user's cache folder (``GLUTEAL_CACHE``, else the system's own place; ``GLUTEAL_CACHE=off`` keeps
nothing). An entry is written under a temporary name and renamed when complete, so that a killed process leaves no half
of one; it begins with a digest of its name and content, so that a spoilt or renamed one is found, ignored and written
again. Whatever goes wrong with the folder, the numbers are computed: a cache may be slow, never wrong and never in the
way.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from gluteal.errors import InputError
from gluteal.files import expand_user, read_kept, read_whole, write_bytes
from gluteal.mechanics.movement import Movement

#: The oldest entries are thrown away when all together are larger than this, bytes.
LARGEST_FOLDER = 1_000_000_000
#: An entry larger than this is not kept, bytes.
LARGEST_ENTRY = LARGEST_FOLDER // 4
#: Raise when the content of entries changes its meaning.
_FORMAT = 2
#: Rooms that make geometry, and what their text is written in.
_ENGINES = ("engines", "kernels/contact.py")
_TEXTS = frozenset({".bib", ".c", ".csv", ".h", ".json", ".py", ".ris", ".toml", ".tsv", ".txt", ".yaml", ".yml"})
#: Ending of an entry's file name.
ENDING = ".gluteal"
_MARK, _DIGEST = b"gluteal cache 1\n", 32
#: What NumPy and zipfile raise on an archive that is none, or holds something else.
_UNREADABLE = (
    *(OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, RuntimeError, MemoryError),
    *(zipfile.BadZipFile, zlib.error),
)

#: Entries that came with the package; read, never written to by its users.
SHIPPED = Path(__file__).parent / "answers.zip"

Arrays = dict[str, np.ndarray]

_log = logging.getLogger(__name__)
_afresh: ContextVar[bool] = ContextVar("afresh", default=False)


@contextmanager
def computed_afresh() -> Iterator[None]:
    """While the block runs, neither read nor write what is kept: everything is computed."""
    token = _afresh.set(True)
    try:
        yield
    finally:
        _afresh.reset(token)


def cache_folder() -> Path | None:
    """Return the folder of entries, which may not exist yet, or None where ``GLUTEAL_CACHE`` is "off"."""
    chosen = os.environ.get("GLUTEAL_CACHE", "").strip()
    if chosen.lower() == "off":
        return None
    if chosen:
        home = chosen
    elif sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        home = "~/Library/Caches"
    else:
        home = os.environ.get("XDG_CACHE_HOME", "")
        home = home if Path(home).is_absolute() else "~/.cache"  # as its specification has it
    try:
        return expand_user(home) / ("" if chosen else "gluteal")
    except InputError:  # somebody without a home, or a folder that can have no name
        return None


def make_key(parts: Iterable[bytes], *, rooms: tuple[str, ...] = _ENGINES) -> str:
    """Return a name that differs where anything that makes the numbers does.

    That is `parts`, in their order, the package's version and the text of its `rooms` (files and folders of the
    package, by default the engines and what they compute with): while the package is worked on its version stands
    still.
    """
    digest = hashlib.blake2b(digest_size=_DIGEST)
    for part in (str(_FORMAT).encode(), version("gluteal").encode(), _own_text(rooms), *parts):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def movement_parts(movement: Movement, coordinates: list[str]) -> list[bytes]:
    """Return everything of a movement that an engine reads, for `make_key`."""
    series = (movement.coordinates, movement.speed, movement.acceleration)
    parts = [_text(coordinates), *(_bytes(s.sel(coordinate=coordinates).to_numpy()) for s in series)]
    for load in movement.loads:
        parts += [_text(load.segment), *map(_bytes, (load.force, load.point, load.torque))]
    for s in movement.supports:
        parts += [_text([s.name, s.segment]), _bytes(np.array([*s.point, *s.normal, s.friction]))]
        parts.append(b"always" if s.active is None else _bytes(np.asarray(s.active, bool)))
    return parts


def remember(key: str, compute: Callable[[], Mapping[str, np.ndarray]]) -> Mapping[str, np.ndarray]:
    """Return the arrays kept under `key`, or compute and keep them; bit for bit the same either way."""
    if _afresh.get():
        return compute()
    shipped = read_shipped(key)
    if shipped is not None:
        _log.info("came with the package, not computed again")
        return shipped
    _log.info("no answer that fits came with the package")
    folder = cache_folder()
    if folder is None:
        return compute()
    path = folder / f"{key}{ENDING}"
    found = read_entry(path)
    if found is not None:
        _log.info("found in %s, not computed again", folder)
        return found
    arrays = compute()
    with suppress(OSError, InputError):  # a full disk or a folder that cannot be written to
        write_entry(path, arrays)
        prune(folder)
    return arrays


def read_shipped(key: str) -> Arrays | None:
    """Return the arrays that came with the package under `key`, or None where there are none or they are spoilt."""
    try:
        with zipfile.ZipFile(SHIPPED) as archive:
            content = archive.read(f"{key}{ENDING}")
    except _UNREADABLE:
        return None
    return _open_entry(key, content)


def read_entry(path: Path) -> Arrays | None:
    """Return the arrays of an entry, or None where there is none or it is not what was written."""
    content = read_kept(path, most=len(_MARK) + _DIGEST + LARGEST_ENTRY)
    arrays = None if content is None else _open_entry(path.stem, content)
    if arrays is not None:
        with suppress(OSError):
            os.utime(path)  # used just now: thrown away last
    return arrays


def _open_entry(key: str, content: bytes) -> Arrays | None:
    start = len(_MARK) + _DIGEST
    if content[: len(_MARK)] != _MARK or content[len(_MARK) : start] != _hash(key, content[start:]):
        return None
    try:
        with np.load(io.BytesIO(content[start:]), allow_pickle=False) as stored:
            return unpack({name: stored[name] for name in stored.files})
    except _UNREADABLE:
        return None


def write_entry(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write an entry whole or not at all; nothing where it would be too large."""
    stream = io.BytesIO()
    # NumPy 2.1 takes allow_pickle for the name of an array; the stubs take every array for allow_pickle.
    np.savez(stream, **pack_arrays(arrays))  # type: ignore[arg-type]
    content = stream.getvalue()
    if len(content) > LARGEST_ENTRY:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, _MARK + _hash(path.stem, content) + content, lasting=False)


def prune(folder: Path) -> None:
    """Throw away the oldest entries beyond `LARGEST_FOLDER`; what killed processes left goes with the next writing."""
    entries = []
    for path in folder.glob(f"[!.]*{ENDING}"):
        with suppress(OSError):
            found = path.stat()
            entries.append((found.st_mtime, found.st_size, path))
    total = sum(size for _, size, _ in entries)
    for _, size, path in sorted(entries):
        if total <= LARGEST_FOLDER:
            break
        with suppress(OSError):
            path.unlink()
            total -= size


def pack_arrays(arrays: Mapping[str, np.ndarray]) -> Arrays:
    """Leave out the columns of each (T, ...) array that are zero in every frame: most muscles cross few joints."""
    packed = {}
    for name, array in arrays.items():
        if array.ndim < 3 or not array.size:
            packed[name] = array
        else:
            used = (array != 0.0).any(axis=0) | np.signbit(array).any(axis=0) | np.isnan(array).any(axis=0)
            packed |= {f"{name}:values": array[:, used], f"{name}:used": used}
    return packed


def unpack(packed: Mapping[str, np.ndarray]) -> Arrays:
    """Undo `pack`."""
    arrays = {name: array for name, array in packed.items() if ":" not in name}
    for name, values in packed.items():
        if name.endswith(":values"):
            plain = name.removesuffix(":values")
            used = packed[f"{plain}:used"]
            arrays[plain] = np.zeros((len(values), *used.shape), values.dtype)
            arrays[plain][:, used] = values
    return arrays


def _hash(key: str, content: bytes) -> bytes:
    digest = hashlib.blake2b(key.encode(), digest_size=_DIGEST)
    digest.update(content)
    return digest.digest()


def _bytes(array: np.ndarray) -> bytes:
    array = np.ascontiguousarray(array)
    return f"{array.dtype.str}{array.shape}".encode() + array.tobytes()


def _text(words: object) -> bytes:
    return repr(words).encode()


@cache
def _own_text(rooms: tuple[str, ...]) -> bytes:
    """The digest of the text and tables of rooms, in the order of their names."""
    package, digest = Path(__file__).parent.parent, hashlib.blake2b(digest_size=_DIGEST)
    for room in rooms:
        paths = sorted((package / room).rglob("*")) if (package / room).is_dir() else [package / room]
        for path in paths:
            if path.suffix in _TEXTS and path.is_file():
                digest.update(f"{path.relative_to(package).as_posix()} {path.stat().st_size} ".encode())
                digest.update(read_whole(path))
    return digest.digest()
