"""Measured ground and hand forces: where a file keeps them, on which segment they act, and their cleaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from gluteal.errors import InputError, close_names
from gluteal.files import read_whole
from gluteal.kernels.smoothing import is_uniform, lowpass, nearest_valid
from gluteal.mechanics.movement import ExternalLoad
from gluteal.sto import Table

#: Below this force the centre of pressure is noise (it is a moment divided by the force), N.
FORCE_THRESHOLD = 20.0
AXES = ("x", "y", "z")


@dataclass(frozen=True)
class LoadColumns:
    """Where one load is in its table: column names without their last letter, x, y or z.

    `segment` is None where the file does not say on what the force acts; `torque` None without free torque.
    """

    name: str
    segment: str | None
    force: str
    point: str
    torque: str | None


def read_external_loads(path: Path) -> tuple[Path | None, tuple[LoadColumns, ...]]:
    """Read an OpenSim external-loads file; returns the table it names (None where it names none) and loads.

    Raises
    ------
    InputError
        The file is no external-loads file, or a force is expressed in another frame than the ground.
    """
    try:
        root = ElementTree.fromstring(read_whole(path))
    except InputError:
        raise
    except (ElementTree.ParseError, OSError, ValueError, LookupError) as error:
        raise InputError(f"{path.name} cannot be read as XML ({error}); export it again.") from error
    loads = root.find(".//ExternalLoads")
    if loads is None:
        raise InputError(f"{path.name} holds no <ExternalLoads>; give an OpenSim external-loads file.")
    found: list[LoadColumns] = []
    for node in loads.iter("ExternalForce"):
        name = node.get("name") or f"load {len(found) + 1}"
        if text(node, "appliesForce", "true") == "false" or text(node, "isDisabled", "false") == "true":
            continue
        for tag in ("force_expressed_in_body", "point_expressed_in_body"):
            if (frame := text(node, tag, "ground")) != "ground":
                raise InputError(
                    f"Load {name!r} in {path.name} has {tag} {frame!r}; only 'ground' is understood: "
                    "export the forces in the laboratory frame."
                )
        force, point = text(node, "force_identifier", ""), text(node, "point_identifier", "")
        if not force or not point:
            raise InputError(
                f"Load {name!r} in {path.name} names no {'point' if force else 'force'}_identifier; "
                "a load needs the columns of its force and of the point where it acts."
            )
        torque = text(node, "torque_identifier", "") or None
        found.append(LoadColumns(name, text(node, "applied_to_body", ""), force, point, torque))
    data = text(loads, "datafile", "")
    return (path.parent / data if data else None), tuple(found)


def find_force_columns(table: Table) -> tuple[LoadColumns, ...]:
    """Find forces by OpenSim's naming habits (``ground_force_r_vx``, ``1_ground_force_px``, ``..._mx``).

    Plates that never carry `FORCE_THRESHOLD` are left out.
    """
    found = []
    for force in [c[:-1] for c in table.columns if c.endswith("vx")]:
        point = force[:-1] + "p"
        if not all(point + a in table.columns and force + a in table.columns for a in AXES):
            continue
        names = (
            force[:-1] + "m",
            force[:-1].replace("force", "torque"),
            force[:-1].replace("force", "moment"),
        )
        torque = next((n for n in names if all(n + a in table.columns for a in AXES)), None)
        size = np.linalg.norm(np.stack([table.column(force + a) for a in AXES]), axis=0)
        if np.nanmax(size) > FORCE_THRESHOLD:
            found.append(LoadColumns(force[:-1].rstrip("_"), None, force, point, torque))
    return tuple(found)


def match_forces(table: Table, carriers: Mapping[str, str]) -> tuple[LoadColumns, ...]:
    """Assign forces of a table to segments by prefix, ``{"calcn_r": "ground_", "calcn_l": "1_ground_"}``."""
    known = find_force_columns(table)
    found = []
    for segment, prefix in carriers.items():
        fits = [c for c in known if c.force.startswith(prefix)]
        if len(fits) != 1:
            near = close_names(prefix, [c.force for c in known])
            hint = f" Close names: {', '.join(near)}." if near else ""
            raise InputError(
                f"forces: {len(fits)} forces of {table.path.name} begin with {prefix!r} (given for "
                f"{segment!r}).{hint} It has: {', '.join(c.force + 'x' for c in known) or 'none'}."
            )
        found.append(LoadColumns(fits[0].name, segment, fits[0].force, fits[0].point, fits[0].torque))
    return tuple(found)


def sample_load(table: Table, columns: LoadColumns, grid: np.ndarray, *, cutoff: float | None) -> ExternalLoad:
    """Clean one load and sample it at `grid` (N,) s, on the clock of `table`.

    Where the force is below `FORCE_THRESHOLD` the centre of pressure is taken from the nearest sample above
    it. Force and its moment about the origin are what is filtered and interpolated (linearly): unlike the
    centre of pressure both are defined in every frame. The load's torque makes up for the difference, so
    force, point and torque together are exactly that wrench. The segment stays empty where it is not known.
    """
    force, point = vector_columns(table, columns.force), vector_columns(table, columns.point)
    torque = vector_columns(table, columns.torque) if columns.torque else np.zeros_like(force)
    segment = columns.segment or ""
    on = np.linalg.norm(force, axis=1) > FORCE_THRESHOLD
    if not on.any():
        zero = np.zeros((len(grid), 3))
        return ExternalLoad(columns.name, segment, zero, zero, zero)
    point = nearest_valid(point, on)
    wrench = np.concatenate([force, np.cross(point, force) + torque], axis=1)
    if cutoff is not None:
        if not is_uniform(table.time):
            raise InputError(
                f"{table.path.name} is not sampled evenly, so its forces cannot be filtered; resample it, or "
                "leave force_filter_hz out."
            )
        wrench = lowpass(wrench, table.rate, cutoff)
    at = [np.interp(grid, table.time, column) for column in (*wrench.T, *point.T)]
    force, moment, point = np.stack(at[:3], 1), np.stack(at[3:6], 1), np.stack(at[6:], 1)
    return ExternalLoad(columns.name, segment, force, point, moment - np.cross(point, force))


def vector_columns(table: Table, stem: str) -> np.ndarray:
    """Return the three columns of a vector, (T, 3)."""
    return np.stack([table.column(stem + a) for a in AXES], axis=1)


def text(node: ElementTree.Element, tag: str, default: str) -> str:
    """Return the stripped text of a child element, `default` where it is missing or empty."""
    return (node.findtext(tag) or "").strip() or default
