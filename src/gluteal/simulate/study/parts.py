"""Units of a study that are done, kept in a folder beside the result until all of them are.

Every part says which plan and unit it belongs to and carries a digest of its content, so that a damaged or foreign one
is found and its unit solved again. The folder belongs to one run at a time, and nothing in it that a study did not
write is ever touched.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np

from gluteal.errors import InputError
from gluteal.files import read_kept, write_text, written_whole

try:
    import fcntl
except ImportError:  # Windows: two runs at once are not noticed there
    fcntl = None  # type: ignore[assignment]

LABEL, LOCK = "study.json", "lock"
#: Everything a study writes into its folder, half-written files of killed runs (`gluteal.files`) among it.
_OURS = re.compile(r"study\.json|lock|part-\d{6,}\.npz|\.gluteal-[\da-f-]+\.(npz|json)")
_PART = re.compile(r"part-\d{6,}\.npz")
#: A label is some hundred bytes; no more than this is read.
_LONGEST_LABEL = 2**20
#: What a part says of itself, beside its arrays.
_IDENTITY, _UNIT, _DIGEST = "study", "unit", "digest"
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError, MemoryError)

_log = logging.getLogger(__name__)


@final
@dataclass(frozen=True)
class Parts:
    """The folder of one study's units, held by this process.

    Attributes
    ----------
    folder : Path
    identity : dict
        Fingerprint of the plan and versions of the programs, see `run_study`.
    units : sequence of (case, first person, past the last person)
    """

    folder: Path
    identity: Mapping[str, Any]
    units: Sequence[tuple[int, int, int]]

    def path(self, number: int) -> Path:
        """Return the file of a unit."""
        return self.folder / f"part-{number:06d}.npz"

    def store(self, number: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Write a unit whole or not at all."""
        with written_whole(self.path(number), lasting=False) as file:
            # NumPy 2.1 takes allow_pickle for the name of an array; the stubs take every array for allow_pickle.
            np.savez(file, **arrays, **self._marks(number, arrays))  # type: ignore[arg-type]

    def load(self, number: int) -> dict[str, np.ndarray] | None:
        """Return the arrays of a unit, or None where they are missing, damaged or another study's."""
        content = read_kept(self.path(number))
        if content is None:
            return None
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(member.file_size for member in archive.infolist()) > len(content):
                    return None  # packed: not written here, and may swell without end
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            marks = {name: arrays.pop(name) for name in (_IDENTITY, _UNIT, _DIGEST)}
        except (*_UNREADABLE, zipfile.BadZipFile, zlib.error):
            return None
        wanted = self._marks(number, arrays)
        return arrays if all(np.array_equal(marks[name], wanted[name]) for name in wanted) else None

    def find_missing(self) -> list[int]:
        """Return the units still to be solved; a part that is not this study's is said and thrown away."""
        missing, spoilt = [], []
        for number in range(len(self.units)):
            path = self.path(number)
            if not os.path.lexists(path):
                missing.append(number)
            elif self.load(number) is None:
                missing.append(number)
                spoilt.append(path.name)
                try:
                    path.unlink()  # a link goes, not what it points at
                except OSError as error:
                    raise InputError(
                        f"{path.name} in {self.folder.name} is in the way ({error.strerror}); remove it, then resume."
                    ) from error
        if spoilt:
            named = ", ".join(spoilt[:3]) + (f" and {len(spoilt) - 3} more" if len(spoilt) > 3 else "")
            _log.warning("Damaged, or of another study, and solved again: %s in %s.", named, self.folder.name)
        return missing

    def any_done(self) -> bool:
        """Whether at least one unit is there."""
        return any(_PART.fullmatch(name) for name in _list(self.folder))

    def remove(self) -> None:
        """Delete what the study wrote, and the folder where nothing else is in it; nothing behind a link."""
        if self.folder.is_symlink():  # somebody swapped it for another meanwhile
            return
        for name in _list(self.folder):
            if _OURS.fullmatch(name) and name != LOCK:
                with suppress(OSError):
                    (self.folder / name).unlink()
        with suppress(OSError):
            (self.folder / LOCK).unlink()
        left = sorted(_list(self.folder))
        if left:
            _log.warning("%s stays: %s in it is not from this study.", self.folder, ", ".join(left[:3]))
        else:
            with suppress(OSError):
                self.folder.rmdir()

    def _marks(self, number: int, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        digest = hashlib.blake2b(digest_size=32)
        for name in sorted(arrays):
            array = np.ascontiguousarray(arrays[name])
            digest.update(f"{name}{array.dtype.str}{array.shape}".encode())
            digest.update(array.tobytes())
        return {
            _IDENTITY: np.array(_fingerprint(self.identity)),
            _UNIT: np.array([number, *self.units[number]]),
            _DIGEST: np.array(digest.hexdigest()),
        }


@contextmanager
def hold_parts(
    folder: Path, identity: Mapping[str, Any], units: Sequence[tuple[int, int, int]], *, resume: bool
) -> Iterator[Parts]:
    """Make or reopen the folder of a study, for this process alone.

    Raises
    ------
    InputError
        Where `folder` is a file or a link, is not of this study, is held by another run, or has a run in it that was
        not asked to go on.
    """
    parts = Parts(folder, identity, units)
    _check_place(folder)
    if folder.is_dir():
        _check_owner(parts)
    else:
        try:
            folder.mkdir()
        except OSError as error:
            raise InputError(
                f"Cannot create {folder.name} beside the result ({error.strerror}); choose another --out."
            ) from error
    with _locked(folder):
        _claim(parts, resume)
        try:
            yield parts
        except BaseException:
            if not parts.any_done():  # leave no empty folder behind
                parts.remove()
            raise


def sweep_parts(folder: Path, identity: Mapping[str, Any], units: Sequence[tuple[int, int, int]]) -> None:
    """Delete what a kill after the last step left behind, where it is this study's and nobody is at work."""
    if folder.is_symlink() or not folder.is_dir() or _read_label(folder) != identity:
        return
    with suppress(InputError), _locked(folder):
        Parts(folder, identity, units).remove()


def _claim(parts: Parts, resume: bool) -> None:
    """Write or check the label; the folder is held."""
    folder = parts.folder
    _check_owner(parts)
    label = _read_label(folder)
    if label is not None or parts.any_done():
        if not resume:
            raise InputError(
                f"A run that did not finish is in {folder.name}: go on with --resume (resume=True), or delete "
                "that folder to start anew."
            )
        if label is not None and label != parts.identity:
            changed = "the plan or a file it names" if label["plan"] != parts.identity["plan"] else "a program"
            raise InputError(
                f"{folder.name} cannot be resumed: {changed} has changed since (see its {LABEL}). Put it "
                "back, or delete that folder to start anew."
            )
        for name in _list(folder):
            if name.startswith(".") and _OURS.fullmatch(name):  # half-written by a killed run
                (folder / name).unlink()
    if label is None:
        (folder / LABEL).unlink(missing_ok=True)
        write_text(folder / LABEL, json.dumps(parts.identity, indent=2, sort_keys=True))


def _check_place(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        what = "a link" if folder.is_symlink() else "a file"
        raise InputError(
            f"{folder.name} is {what}, where the study keeps its work in a folder; move it away, or choose "
            "another --out."
        )


def _check_owner(parts: Parts) -> None:
    """Raise InputError where the folder was not made by a study, or not by this one and says nothing of its own."""
    if _read_label(parts.folder) is not None:
        return
    names = set(_list(parts.folder)) - {LOCK}
    if not names or any(parts.load(number) is not None for number in range(len(parts.units))):
        return
    raise InputError(
        f"{parts.folder} was not made by this study (it has no readable {LABEL}), so it is left as it is; move or "
        "delete it, or choose another --out."
    )


def _list(folder: Path) -> list[str]:
    """Return the names in a folder; none where somebody removed it."""
    try:
        return [entry.name for entry in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"{folder.name} cannot be read ({error.strerror}); choose another --out.") from error


def _read_label(folder: Path) -> dict[str, Any] | None:
    """Return what the folder says of its study, or None where it says nothing that can be understood."""
    content = read_kept(folder / LABEL, most=_LONGEST_LABEL)
    try:
        label = json.loads(content) if content is not None else None
    except (ValueError, RecursionError):
        return None
    whole = isinstance(label, dict) and isinstance(label.get("plan"), str) and isinstance(label.get("versions"), dict)
    return label if whole else None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets go of it however the process ends."""
    path = folder / LOCK
    busy = InputError(f"Another run is at work in {folder.name}; wait until it has ended, or choose another --out.")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise InputError(f"Cannot write to {folder.name} ({error.strerror}); choose another --out.") from error
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size:  # ours is an empty file
            raise InputError(
                f"{folder} was not made by a study ({LOCK} in it is something else), so it is left as it is; move or "
                "delete it, or choose another --out."
            )
        if fcntl is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise busy from None
            except OSError as error:  # a file system without locks
                _log.info("%s cannot be locked (%s)", folder, error.strerror)
        try:
            if not os.path.samestat(os.fstat(handle), path.lstat()):
                raise busy
        except FileNotFoundError:  # the run before finished and cleared up in between
            raise busy from None
        yield
    finally:
        os.close(handle)


def _fingerprint(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
