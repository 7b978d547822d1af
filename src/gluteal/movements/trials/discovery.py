"""Which files make a trial: found in a folder, or named in a TOML file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from gluteal.errors import InputError
from gluteal.files import read_loosely
from gluteal.mechanics.movement import View
from gluteal.movements.trials.loads import read_external_loads
from gluteal.schema import Flag, Number, Record, Text, load_toml
from gluteal.sto import ENDINGS, load_table, read_columns

#: Low-pass cut-off of coordinates (Winter 2009, section 3.4.4: 4-6 Hz for walking), Hz.
FILTER_HZ = 6.0
#: Frames of the movement per second.
RATE_HZ = 100.0
#: A table whose columns are coordinates in at least this share is taken for coordinates.
SHARE = 0.5
#: A pelvis higher than this is a force in newtons, not a height in metres.
HIGHEST_PELVIS = 20.0


_VECTOR = "[x, y, z] in metres in the segment's frame"
_NAMES = "a list of coordinates"
Prefix = Annotated[Text, Field(description="how the names of the segment's force columns begin")]


class ForceColumns(Record, extra="allow"):
    """A table of measured forces: its file, and for each segment how the names of its columns begin."""

    __pydantic_extra__: dict[str, Prefix] = Field(init=False)
    file: Text = Field(
        description='the table beside the prefix of each segment: forces = {file = "grf.mot", '
        'calcn_r = "ground_force_r", calcn_l = "ground_force_l"}'
    )


class UnmeasuredSupport(Record):
    """Where the body touches the world without being measured, see `gluteal.mechanics.movement.Support`."""

    name: Text = Field(description="a name, like 'chair'")
    segment: Text = Field(description="a segment of the body, like 'pelvis'")
    point: tuple[Number, Number, Number] = Field(description=_VECTOR)
    normal: tuple[Number, Number, Number] = Field(default=(0.0, 1.0, 0.0), description="a vector like [0, 1, 0]")
    friction: Number = Field(default=0.8, ge=0, description="a coefficient of friction, 0 or more")


class TrialFile(Record):
    """What a trial's TOML file may say; `gluteal.movements.trials.load_trial` explains the keys."""

    name: Text | None = Field(default=None, description="a name in quotes")
    title: Text | None = Field(default=None, description="a title in quotes")
    view: View = Field(default="side", description="one of side, front, back, top")
    model: Text | None = Field(default=None, description="the path of an OpenSim model, from the file's folder")
    coordinates: Text | None = Field(default=None, description="the path of a table of coordinates (.mot, .sto)")
    external_loads: Text | None = Field(default=None, description='the path of an external-loads file, or "none"')
    forces: ForceColumns | None = Field(
        default=None, description='a table such as {file = "grf.mot", calcn_r = "ground_force_r"}'
    )
    emg: Text | None = Field(default=None, description="the path of a table of EMG")
    window: tuple[Number, Number] | None = Field(default=None, description="two times in seconds, [start, end]")
    filter_hz: Number = Field(default=FILTER_HZ, gt=0, description="a frequency in Hz, above 0")
    force_filter_hz: Number | None = Field(default=None, gt=0, description="a frequency in Hz, above 0")
    rate_hz: Number = Field(default=RATE_HZ, gt=0, description="frames per second, above 0")
    degrees: Flag | None = Field(default=None, description="true (degrees) or false (radians)")
    exclude: tuple[Text, ...] = Field(default=(), description=_NAMES)
    hold: tuple[Text, ...] = Field(default=(), description=_NAMES)
    mass_kg: Number | None = Field(default=None, gt=0, description="the measured body mass in kg, above 0")
    supports: tuple[UnmeasuredSupport, ...] = Field(
        default=(), description='a list such as [{name = "chair", segment = "pelvis", point = [0, -0.1, 0]}]'
    )

    @field_validator("window")
    @classmethod
    def _forward(cls, window: tuple[float, float] | None) -> tuple[float, float] | None:
        if window is not None and not window[0] < window[1]:
            raise ValueError(f"is [{window[0]:g}, {window[1]:g}]; give two times in seconds, [start, end].")
        return window


@dataclass(frozen=True)
class TrialFiles:
    """The files of a trial, and how it wants them treated (its TOML file, or the defaults)."""

    source: Path
    model: Path | None
    coordinates: Path
    external_loads: Path | None = None
    forces: Path | None = None
    carriers: Mapping[str, str] = field(default_factory=dict)
    emg: Path | None = None
    options: TrialFile = field(default_factory=TrialFile)
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
        return read_trial_file(own, known) if own.is_file() else discover(path, TrialFile(), known, source=path)
    if path.name.lower().endswith(ENDINGS):
        return discover(path.parent, TrialFile(coordinates=path.name), known)
    raise InputError(
        f"{path.name} is no trial; give a folder, a coordinates file ({', '.join(ENDINGS)}) or a TOML file."
    )


def read_trial_file(path: Path, known: Collection[str] | None) -> TrialFiles:
    """Read a trial's TOML file; what it does not name is looked for in its folder."""
    return discover(path.parent, load_toml(path, TrialFile, "Trial"), known, source=path)


def discover(
    folder: Path, options: TrialFile, known: Collection[str] | None, *, source: Path | None = None
) -> TrialFiles:
    """Find what `options` does not name: one model, one coordinates file, its loads, its EMG."""
    warnings: list[str] = []
    model = folder / options.model if options.model else find_model(folder, needed=known is None)
    if known is None and model is not None:
        known = read_coordinate_names(model)
    known = known or ()
    tables = [p for p in sorted(folder.iterdir()) if p.name.lower().endswith(ENDINGS)]
    if options.coordinates:
        coordinates: Path | None = folder / options.coordinates
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
    emg = folder / options.emg if options.emg else find_emg(tables, coordinates, warnings)
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
    folder: Path, options: TrialFile, coordinates: Path, tables: Sequence[Path], warnings: list[str]
) -> tuple[Path | None, Path | None, Mapping[str, str]]:
    """Return the external-loads file, or the table of forces with its carriers; nothing for neither."""
    if options.external_loads == "none":
        return None, None, {}
    if options.external_loads:
        return folder / options.external_loads, None, {}
    if options.forces:
        return None, folder / options.forces.file, dict(options.forces.__pydantic_extra__)
    described = []
    for p in sorted(folder.glob("*.xml")):
        if "<ExternalLoads" in read_loosely(p):
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
    names = re.findall(r'<Coordinate name="([^"]+)"', read_loosely(model))
    if not names:
        raise InputError(f"{model.name} names no coordinates; it is not an OpenSim model.")
    return frozenset(names)
