"""What the tables and models of a folder are, told by their labels and titles."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Literal

import numpy as np

from gluteal.errors import InputError
from gluteal.files import check_there
from gluteal.movements.trials.loads import LengthUnit, find_forces, says_millimetres
from gluteal.sto import ENDINGS, load_table, read_table_head
from gluteal.sto.rows import read_text

#: File endings of models.
MODELS = (".osim", ".osim.gz")
#: A table whose columns are coordinates in at least this share is taken for coordinates.
SHARE = 0.5
#: A pelvis higher than this is a force in newtons or a height in millimetres, not one in metres.
HIGHEST_PELVIS = 20.0
#: Folders that are looked into for what a trial's own folder lacks, and how many of them are told.
MOST_FOLDERS, MOST_TOLD = 100, 6
#: Files that hold something else of the same recording: ending -> what to do with them.
FOREIGN = {
    ".trc": "markers, no joint angles; OpenSim's inverse kinematics makes a table of coordinates of them",
    ".c3d": "markers, plates and EMG as recorded; its EMG is read by gluteal emg, for the rest see docs/trials.md",
    ".b3d": "AddBiomechanics' binary format; export the model (.osim), coordinates and forces (.mot)",
    ".anc": "analogue channels as recorded; EMG in it is read by gluteal emg",
    ".zip": "an archive; unpack it first",
    ".7z": "an archive; unpack it first",
    ".rar": "an archive; unpack it first",
    ".csv": "no OpenSim table (.mot, .sto)",
    ".txt": "no OpenSim table (.mot, .sto)",
}

TableKind = Literal[
    "coordinates", "states", "speeds", "moments", "reactions", "too high", "forces", "emg", "unknown", "unreadable"
]

# Folders into which programs and people part a trial.
_PARTS = re.compile(r"models?|scal\w*|osim|opensim\w*|kinematics|ik|id|grf|forces?|external\w*|loads?")
# The other states and controls of a simulation, beside its coordinates.
_STATE = re.compile(
    r"(/speed|/activation|/fiber_length|/normalized_tendon_force)$|^/?(forceset|lambda|gamma|slacks?)\b"
)
_MOMENTS = re.compile(
    r"inverse[ _]?dynamics|generali[sz]ed[ _]forces?|\bmoments?\b|\btorques?\b|model ?forces|actuation"
)
_MOMENT_NAME = re.compile(r"(^|[_\W])(id|invdyn|inverse_?dynamics|moments?|torques?|actuation)([_\W]|$)")


def sort_tables(folder: Path, known: Collection[str], lengths: LengthUnit | None = None) -> dict[Path, TableKind]:
    """Return what each table of a folder is, for a model with the coordinates `known`."""
    found = [p for p in sorted(folder.iterdir()) if p.name.lower().endswith(ENDINGS) and p.is_file()]
    kinds = {path: classify(path, known, lengths) for path in found}
    movements = [p for p, kind in kinds.items() if kind == "coordinates"]
    moments = [p for p in movements if _MOMENT_NAME.search(p.name.lower())]
    if len(moments) < len(movements):
        kinds |= dict.fromkeys(moments, "moments")
    return kinds


def classify(path: Path, known: Collection[str], lengths: LengthUnit | None = None) -> TableKind:
    """Return what a table is: its labels say so, then its title, its name, and how high its pelvis is."""
    head = read_table_head(path)
    title, name = head.title.lower(), path.name.lower()
    if not head.columns:
        return "unreadable"
    if any("_on_" in c and "_in_" in c for c in head.columns):
        return "reactions"
    states = [c for c in head.columns if _STATE.search(c)]
    columns = [coordinate_of(c) for c in head.columns if c not in states]
    hits = sum(c in known for c in columns)
    # A few hits may be chance, unless the model has no more: a leg on a pin is a model, too.
    if hits >= min(3, len(known)) and hits >= SHARE * len(columns):
        if title in ("speeds", "accelerations") or re.search(r"_(u|dudt)\.(sto|mot)", name):
            return "speeds"
        if _MOMENTS.search(title):
            return "moments"
        if "pelvis_ty" in columns and not lengths and not says_millimetres(head.header.get("units", "")):
            label = next(c for c in head.columns if coordinate_of(c) == "pelvis_ty")
            try:
                height = load_table(path).column(label)
            except InputError:  # told when the table is asked for; it may be none of this trial's
                return "states" if states else "coordinates"
            if np.isfinite(height).any() and abs(np.nanmedian(height)) > HIGHEST_PELVIS:
                return "moments" if _MOMENT_NAME.search(name) else "too high"
        return "states" if states else "coordinates"
    if sum(re.sub("_(moment|force)$", "", c) in known for c in columns) >= SHARE * len(columns):
        return "moments"
    if re.search(r"emg|electromyogra", name):
        return "emg"
    return "forces" if find_forces(head.columns) else "unknown"


def coordinate_of(label: str) -> str:
    """Return the coordinate that a column label means: old style, path of a state, or output of a reporter.

    >>> coordinate_of("/jointset/hip_r/hip_flexion_r/value"), coordinate_of("hip_flexion_r")
    ('hip_flexion_r', 'hip_flexion_r')
    >>> coordinate_of("/jointset/hip_r/hip_flexion_r|value"), coordinate_of("/forceset/soleus_r")
    ('hip_flexion_r', '/forceset/soleus_r')
    """
    parts = re.split(r"[/|]", label)
    if len(parts) > 1 and parts[-1] == "value":
        return parts[-2]
    return parts[-1] if label.lstrip("/").startswith("jointset/") and parts[-1] != "speed" else label


def read_coordinate_names(model: Path) -> frozenset[str]:
    """Read the names of a model's coordinates from its text, without an engine."""
    check_there(model, f"There is no model file {str(model)!r}; give the path of an .osim file.")
    text = read_text(model)
    names = re.findall(r'<Coordinate name="([^"]+)"', text)
    if not names:
        why = say_stub(text) or "it is not an OpenSim model"
        raise InputError(f"{model.name} names no coordinates; {why}.")
    return frozenset(names)


def say_stub(text: str) -> str:
    """Say what a file is that only stands for another one; empty where it is none.

    >>> say_stub("version https://git-lfs.github.com/spec/v1") != "", say_stub("Coordinates")
    (True, '')
    """
    if text.startswith("version https://git-lfs"):
        return "it is a pointer of git-lfs and not the file itself (git lfs pull fetches that)"
    if re.match(r"\s*<(!doctype html|html)", text, re.IGNORECASE):
        return "it is a page of the web and not the file itself: download it again, raw"
    return ""


def describe_strangers(folder: Path, known: Collection[str]) -> str:
    """Return sentences on what a folder has in place of a movement; empty for nothing.

    Pointers instead of tables, coordinates in other letters, and files of other kinds, with what to do about each.
    """
    told = []
    letters = {name.lower(): name for name in known}
    for path in (p for p in sorted(folder.iterdir()) if p.is_file()):
        name = path.name.lower()
        if name.endswith(ENDINGS):
            with suppress(InputError):
                if why := say_stub(read_text(path)):
                    told.append(f"{path.name}: {why}.")
            labels = [coordinate_of(c) for c in read_table_head(path).columns]
            other = [c for c in labels if c not in known and c.lower() in letters]
            if labels and len(other) >= SHARE * len(labels):
                right = letters[other[0].lower()]
                told.append(f"{path.name} has them in other letters: rename {other[0]} to {right}, and so on.")
        elif not name.startswith(("license", "readme")):
            told += [f"{path.name}: {what}." for ending, what in FOREIGN.items() if name.endswith(ending)]
    more = f" {len(told) - MOST_TOLD} more files are of no use here." if len(told) > MOST_TOLD else ""
    return "".join(f" {sentence}" for sentence in told[:MOST_TOLD]) + more


def describe_surroundings(folder: Path) -> str:
    """Return a sentence on the models and tables in subfolders, or in folders beside this one; empty for none.

    Programs part them: OpenCap writes OpenSimData/Model and OpenSimData/Kinematics, AddBiomechanics Models, IK and ID.
    """
    here = folder.resolve()
    below = [told for place in list_folders(here, depth=3) if (told := tell_usable(place, here))]
    beside = [
        told
        for place in list_folders(here.parent, depth=1)
        if place != here and _PARTS.fullmatch(place.name.lower()) and (told := tell_usable(place, here))
    ]
    found = below or beside
    if not found:
        return ""
    more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return (
        f" {'Its subfolders hold' if below else 'Folders beside it hold'} {', '.join(found[:MOST_TOLD])}{more}: give "
        "one of these, or name the files in a trial.toml here, with paths from this folder."
    )


def list_folders(top: Path, *, depth: int) -> list[Path]:
    """Return folders up to `depth` levels below `top`, `MOST_FOLDERS` at most, without those that may not be read."""
    found: list[Path] = []
    level = [top]
    for _ in range(depth):
        deeper: list[Path] = []
        for place in level:
            with suppress(OSError):
                deeper += [p for p in sorted(place.iterdir()) if p.is_dir() and not p.name.startswith(".")]
        level = deeper[:MOST_FOLDERS]
        found += level
    return found[:MOST_FOLDERS]


def tell_usable(place: Path, here: Path) -> str:
    """Return a folder as seen from `here` with its models and tables, empty where it has none."""
    try:
        names = [p.name for p in sorted(place.iterdir()) if p.name.lower().endswith((*MODELS, *ENDINGS))]
    except OSError:
        return ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{Path(os.path.relpath(place, here)).as_posix()} ({', '.join(names[:3])}{more})" if names else ""
