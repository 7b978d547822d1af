"""Which files make a trial: found in a folder, or named in a TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gluteal.errors import InputError, UnknownName
from gluteal.movements.trials.loads import read_external_loads
from gluteal.sto import ENDINGS, load_table, read_columns

#: Keys of a trial file and the type of their values; `gluteal.movements.trials.load_trial` explains them.
KEYS: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "title": str,
    "view": str,
    "model": str,
    "coordinates": str,
    "external_loads": str,
    "forces": dict,
    "emg": str,
    "window": list,
    "filter_hz": (int, float),
    "force_filter_hz": (int, float),
    "rate_hz": (int, float),
    "degrees": bool,
    "exclude": list,
    "hold": list,
    "mass_kg": (int, float),
    "supports": list,
}
VIEWS = ("side", "front", "back", "top")
#: A table whose columns are coordinates in at least this share is taken for coordinates.
SHARE = 0.5
#: A pelvis higher than this is a force in newtons, not a height in metres.
HIGHEST_PELVIS = 20.0


@dataclass(frozen=True)
class TrialFiles:
    """The files of a trial, and how it wants them treated (keys of the TOML file)."""

    source: Path
    model: Path | None
    coordinates: Path
    external_loads: Path | None = None
    forces: Path | None = None
    carriers: Mapping[str, str] = field(default_factory=dict)
    emg: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def find_trial(path: Path, known: Collection[str] | None = None) -> TrialFiles:
    """Find the files of a trial in a folder, beside a coordinates file, or by a TOML file.

    A file ``trial.toml`` in a folder is that folder's TOML file.

    Parameters
    ----------
    path : Path
        A folder, a table of coordinates, or a TOML file.
    known : collection of str or None
        Coordinates of the body that does the trial; None takes those of the model in the folder.

    Raises
    ------
    InputError
        Nothing usable was found, or more than one candidate.
    """
    if not path.exists():
        raise InputError(
            f"There is no trial {str(path)!r}; give a folder, a coordinates file (.mot, .sto) or a TOML file."
        )
    if path.suffix == ".toml":
        return read_trial_file(path, known)
    if path.is_dir():
        own = path / "trial.toml"
        return read_trial_file(own, known) if own.is_file() else discover(path, {}, known, source=path)
    if path.name.lower().endswith(ENDINGS):
        return discover(path.parent, {"coordinates": path.name}, known)
    raise InputError(
        f"{path.name} is no trial; give a folder, a coordinates file ({', '.join(ENDINGS)}) or a TOML file."
    )


def read_trial_file(path: Path, known: Collection[str] | None) -> TrialFiles:
    """Read a trial's TOML file; what it does not name is looked for in its folder."""
    try:
        options = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name} is not valid TOML: {error}.") from error
    for key, value in options.items():
        if key not in KEYS:
            raise UnknownName("trial key", key, KEYS, "help(gluteal.load_trial)")
        kind = KEYS[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            raise InputError(
                f"{path.name}: {key} = {value!r} should be of type {' or '.join(k.__name__ for k in kinds)}."
            )
    window = options.get("window", [0.0, 1.0])
    numbers = all(isinstance(t, int | float) for t in window)
    if len(window) != 2 or not numbers or not window[0] < window[1]:
        raise InputError(f"{path.name}: window = {window!r} should be two times in seconds, [start, end].")
    for key in ("filter_hz", "force_filter_hz", "rate_hz", "mass_kg"):
        if key in options and not options[key] > 0:
            raise InputError(f"{path.name}: {key} = {options[key]!r} should be greater than 0.")
    if options.get("view", "side") not in VIEWS:
        raise InputError(f"{path.name}: view = {options['view']!r} should be one of {', '.join(VIEWS)}.")
    return discover(path.parent, options, known, source=path)


def discover(
    folder: Path, options: Mapping[str, Any], known: Collection[str] | None, *, source: Path | None = None
) -> TrialFiles:
    """Find what `options` does not name: one model, one coordinates file, its loads, its EMG."""
    warnings: list[str] = []
    model = folder / options["model"] if "model" in options else find_model(folder, needed=known is None)
    if known is None and model is not None:
        known = read_coordinate_names(model)
    known = known or ()
    tables = [p for p in sorted(folder.iterdir()) if p.name.lower().endswith(ENDINGS)]
    if "coordinates" in options:
        coordinates: Path | None = folder / options["coordinates"]
    else:
        candidates = [p for p in tables if are_coordinates(p, known)]
        if len(candidates) > 1:
            raise InputError(
                f"{folder.name} holds {len(candidates)} movements: {', '.join(p.name for p in candidates)}. "
                f"Give the path of one of them, or a TOML file that names it (coordinates = ...)."
            )
        coordinates = candidates[0] if candidates else None
    if coordinates is None:
        raise InputError(
            f"No table in {folder} has the model's coordinates as columns; of the {len(tables)} tables "
            f"({', '.join(ENDINGS)}) none shares half of its columns with {', '.join(sorted(known)[:3])}, ..."
        )
    external, forces, carriers = find_loads(folder, options, coordinates, tables, warnings)
    emg = folder / options["emg"] if "emg" in options else find_emg(tables, coordinates, warnings)
    return TrialFiles(
        source=source or coordinates,
        model=model,
        coordinates=coordinates,
        external_loads=external,
        forces=forces,
        carriers=carriers,
        emg=emg,
        options=options,
        warnings=tuple(warnings),
    )


def find_model(folder: Path, *, needed: bool) -> Path | None:
    """Return the one model of a folder; None, or InputError where it is needed, for none or several."""
    found = sorted(folder.glob("*.osim"))
    if len(found) == 1:
        return found[0]
    if needed and found:
        raise InputError(
            f"{folder.name} holds {len(found)} models: {', '.join(p.name for p in found)}. Name one in a "
            "TOML file (model = ...)."
        )
    if needed:
        raise InputError(
            f"There is no OpenSim model (.osim) in {folder}; add the subject's model, name one in a TOML "
            "file (model = ...), or say which body does the trial."
        )
    return None


def find_loads(
    folder: Path, options: Mapping[str, Any], coordinates: Path, tables: Sequence[Path], warnings: list[str]
) -> tuple[Path | None, Path | None, Mapping[str, str]]:
    """Return the external-loads file, or the table of forces with its carriers; nothing for neither."""
    if options.get("external_loads") == "none":
        return None, None, {}
    if "external_loads" in options:
        return folder / options["external_loads"], None, {}
    if "forces" in options:
        carriers = dict(options["forces"])
        if "file" not in carriers or not all(isinstance(v, str) for v in carriers.values()):
            raise InputError(
                'forces needs a file and the prefix of each segment: forces = {file = "grf.mot", '
                'calcn_r = "ground_force_r", calcn_l = "ground_force_l"}.'
            )
        return None, folder / carriers.pop("file"), carriers
    described = []
    for p in sorted(folder.glob("*.xml")):
        if "<ExternalLoads" in p.read_text(errors="replace"):
            if read_external_loads(p)[0] is not None:
                described.append(p)
            else:
                warnings.append(f"{p.name} names no data file: its loads are unknown and were left out.")
    if described:
        return closest(described, coordinates, "external-loads files", "external_loads"), None, {}
    measured = [p for p in tables if p != coordinates and has_forces(read_columns(p))]
    if measured:
        return None, closest(measured, coordinates, "force files", "forces"), {}
    warnings.append("No external loads were found: joint moments are those of a body that touches nothing.")
    return None, None, {}


def find_emg(tables: Sequence[Path], coordinates: Path, warnings: list[str]) -> Path | None:
    """Return the one table whose name says EMG; several give a warning and none."""
    found = [p for p in tables if re.search(r"emg|electromyogra", p.name.lower()) and p != coordinates]
    if len(found) > 1:
        warnings.append(
            f"{len(found)} EMG files ({', '.join(p.name for p in found)}) were found and none was read; name "
            "one in a TOML file (emg = ...)."
        )
        return None
    return found[0] if found else None


def closest(found: Sequence[Path], coordinates: Path, what: str, key: str) -> Path:
    """Return the only file, or the one whose name begins most like the coordinates file's."""
    if len(found) == 1:
        return found[0]
    alike = [count_alike(p.name.lower(), coordinates.name.lower()) for p in found]
    best = max(alike)
    if best < 3 or alike.count(best) > 1:
        raise InputError(
            f"{coordinates.parent.name} holds {len(found)} {what}: {', '.join(p.name for p in found)}. None "
            f"belongs to {coordinates.name} by its name; name one in a TOML file ({key} = ...)."
        )
    return found[alike.index(best)]


def count_alike(first: str, second: str) -> int:
    """Return how many characters two names have in common at their beginning.

    >>> count_alike("squats1_ik.mot", "squats1_grf.mot")
    8
    """
    pairs = enumerate(zip(first, second, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(second)))


def are_coordinates(path: Path, known: Collection[str]) -> bool:
    """Whether a table holds coordinates: their names as columns, and a pelvis at a height, not a force."""
    columns = [coordinate_of(c) for c in read_columns(path)]
    hits = sum(c in known for c in columns)
    if hits < 3 or hits < SHARE * len(columns):
        return False
    if "pelvis_ty" not in columns:
        return True
    height = load_table(path).values[:, columns.index("pelvis_ty")]
    return bool(abs(height[0]) < HIGHEST_PELVIS)


def has_forces(columns: Sequence[str]) -> bool:
    """Whether columns look like measured forces with points of application."""
    return any(c.endswith("vx") for c in columns) and any(c.endswith("px") for c in columns)


def coordinate_of(label: str) -> str:
    """Return the coordinate that a column label means, old style or new (state path).

    >>> coordinate_of("/jointset/hip_r/hip_flexion_r/value"), coordinate_of("hip_flexion_r")
    ('hip_flexion_r', 'hip_flexion_r')
    """
    parts = label.split("/")
    return parts[-2] if len(parts) > 2 and parts[-1] == "value" else label


def read_coordinate_names(model: Path) -> frozenset[str]:
    """Read the names of a model's coordinates from its text, without an engine."""
    if not model.is_file():
        raise InputError(f"There is no model file {str(model)!r}; give the path of an .osim file.")
    names = re.findall(r'<Coordinate name="([^"]+)"', model.read_text(errors="replace"))
    if not names:
        raise InputError(f"{model.name} names no coordinates; it is not an OpenSim model.")
    return frozenset(names)
