"""Measured ground and hand forces: where a file keeps them, on which segment they act, and their cleaning."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Literal, NamedTuple
from xml.etree import ElementTree

import numpy as np

from gluteal.errors import InputError, close_names
from gluteal.files import check_xml, read_whole
from gluteal.kernels.smoothing import is_uniform, lowpass, nearest_valid
from gluteal.mechanics.movement import ExternalLoad
from gluteal.sto import Table

#: Below this force the centre of pressure is noise (it is a moment divided by the force), N.
FORCE_THRESHOLD = 20.0
#: A load carries while it is above this share of its peak.
CARRYING = 0.3
#: A centre of pressure that is mostly further than this from the laboratory's origin is not in metres, m.
FARTHEST_POINT = 20.0
AXES = ("x", "y", "z")
#: Length in a table: metres or millimetres.
LengthUnit = Literal["m", "mm"]
#: Three columns: what their names have before x, y and z, or the three names.
Vector = str | tuple[str, str, str]


@dataclass(frozen=True)
class LoadColumns:
    """Where one load is in its table.

    `segment` is None where the file does not say on what the force acts; `torque` None without free torque.
    """

    name: str
    segment: str | None
    force: Vector
    point: Vector
    torque: Vector | None

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """Force, point, and torque where there is one."""
        return (self.force, self.point) if self.torque is None else (self.force, self.point, self.torque)


def names_of(vector: Vector) -> tuple[str, ...]:
    """Return the names of a vector's columns.

    >>> names_of("ground_force_v"), names_of(("Fx1", "Fy1", "Fz1"))
    (('ground_force_vx', 'ground_force_vy', 'ground_force_vz'), ('Fx1', 'Fy1', 'Fz1'))
    """
    return tuple(vector + a for a in AXES) if isinstance(vector, str) else vector


class DescribedLoads(NamedTuple):
    """What an external-loads file says: its table (None where it names none), loads, and where the table was found.

    `moved` is a sentence where the table was not where the file says, and was found by its name.
    """

    table: Path | None
    loads: tuple[LoadColumns, ...]
    moved: str | None = None


def read_external_loads(path: Path) -> DescribedLoads:
    """Read an OpenSim external-loads file; a table that is not where it says is looked for by `find_named`.

    Raises
    ------
    InputError
        The file is no external-loads file, or a force is expressed in another frame than the ground.
    """
    try:
        check_xml(path)
        root = ElementTree.fromstring(read_whole(path))
    except InputError:
        raise
    except (ElementTree.ParseError, OSError, ValueError, LookupError) as error:
        raise InputError(f"{path.name} cannot be read as XML ({error}); export it again.") from error
    loads = root if root.tag == "ExternalLoads" else root.find(".//ExternalLoads")
    if loads is None:
        raise InputError(f"{path.name} holds no <ExternalLoads>; give an OpenSim external-loads file.")
    found: list[LoadColumns] = []
    for node in loads.iter("ExternalForce"):
        name = node.get("name") or f"load {len(found) + 1}"
        if text(node, "appliesForce", "true").lower() == "false" or text(node, "isDisabled", "false").lower() == "true":
            continue
        for tag in ("force_expressed_in_body", "point_expressed_in_body"):
            if (frame := base_name(text(node, tag, "ground"))) != "ground":
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
        found.append(LoadColumns(name, base_name(text(node, "applied_to_body", "")), force, point, torque))
    data = text(loads, "datafile", "")
    if not data:
        return DescribedLoads(None, tuple(found))
    table, moved = find_named(path.parent, data)
    where = Path(os.path.relpath(table, path.parent)).as_posix()
    note = f"{path.name} names its data file {data!r}, where nothing is; {where} was taken, which has the same name."
    return DescribedLoads(table, tuple(found), note if moved else None)


def find_named(folder: Path, named: str) -> tuple[Path, bool]:
    """Return the file that another one names, from its `folder`, and whether it had to be looked for.

    People move folders, and programs write the paths of the machine they ran on. Where nothing is at the path, the one
    file of the same name (or that name with .gz) is taken from the folder, its subfolders or the folder above; where
    there is none or more than one, the path stays as it was named.
    """
    said = folder / named
    if said.exists():
        return said, False
    name = PureWindowsPath(named).name.lower()
    for place in (folder, *sorted(p for p in folder.iterdir() if p.is_dir()), folder.parent):
        found = [p for p in sorted(place.iterdir()) if p.name.lower() in (name, f"{name}.gz")] if name else []
        if len(found) == 1:
            return found[0], True
    return said, False


#: What force, centre of pressure and torque are called: each force's word with what its point may be called instead.
WORDS = {
    "v": ("p",),
    "f": ("p", "cop"),
    "grf": ("cop", "p"),
    "force": ("cop", "point", "position", "p"),
}
TORQUES = ("m", "t", "torque", "moment", "free_moment", "freemoment")
# Where a name keeps its axis: at its end, before a number or a side at its end; C3D tables may count it 1, 2, 3.
_AXIS = re.compile(r"(?:[xyz](?=\d+$|_?(?:[rl]|right|left)$|$)|(?<=_)[123]$)", re.IGNORECASE)
# Joint reactions of OpenSim look like ground forces: hip_r_on_femur_r_in_ground_fx.
_REACTION = re.compile(r"_on_.+_in_.+_[fmp]\*$")


def find_force_columns(table: Table) -> tuple[LoadColumns, ...]:
    """Return the forces of a table as `find_forces` does, without plates that never carry `FORCE_THRESHOLD`."""

    def carries(found: LoadColumns) -> bool:
        size = np.linalg.norm(vector_columns(table, found.force), axis=1)
        return bool(np.isfinite(size).any() and np.nanmax(size) > FORCE_THRESHOLD)

    return tuple(c for c in find_forces(table.columns) if carries(c))


def find_forces(columns: Sequence[str]) -> tuple[LoadColumns, ...]:
    """Find forces with their points by what programs call them.

    Such as ``ground_force_r_vx`` with ``ground_force_r_px`` and ``ground_torque_r_x``, ``1_ground_force_vx``,
    ``f1_x`` with ``p1_x`` and ``m1_x``, ``FP1_Fx`` with ``FP1_COPx``, ``Fx1`` with ``Px1``.

    >>> [c.name for c in find_forces(["f1_x", "f1_y", "f1_z", "p1_x", "p1_y", "p1_z"])]
    ['f1']
    """
    triples = find_triples(columns)
    by_name = {pattern.lower(): pattern for pattern in triples}
    found = []
    for pattern in triples:
        for word in reversed(list(re.finditer(r"[A-Za-z]+", pattern))):
            head, tail = pattern[: word.start()], pattern[word.end() :]
            kind = word[0].lower()
            named = [by_name.get(f"{head}{p}{tail}".lower()) for p in WORDS.get(kind, ())]
            point = next((n for n in named if n is not None), None)
            if point is None or _REACTION.search(pattern.lower()):
                continue
            bare = re.sub(r"_*$", "", head) or tail
            other = [re.sub("force", t, f"{head}{w}{tail}".lower()) for t in TORQUES for w in ("", "m", "t")]
            wanted = [*(f"{head}{t}{tail}".lower() for t in TORQUES), *(other if "force" in head.lower() else [])]
            torque = next((by_name[w] for w in wanted if w in by_name), None)
            name = bare if re.search("[A-Za-z]", bare) else pattern.replace("*", "")
            vectors = (as_vector(n, triples) for n in (pattern, point, torque) if n is not None)
            force_, point_, *torque_ = vectors
            found.append(LoadColumns(name.strip("_. *"), None, force_, point_, next(iter(torque_), None)))
            break
    return tuple(found)


def says_millimetres(units: str) -> bool:
    """Whether the units of a header are millimetres.

    >>> says_millimetres("N, mm, Nmm"), says_millimetres("m")
    (True, False)
    """
    return bool(re.search(r"\bn?\.?mm\b", units.lower()))


def find_triples(columns: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Return columns that differ in their axis alone, by their name with ``*`` for the axis.

    >>> find_triples(["f1_x", "f1_y", "f1_z", "knee"])
    {'f1_*': ('f1_x', 'f1_y', 'f1_z')}
    """
    seen: dict[str, dict[str, str]] = {}
    for column in columns:
        if axis := _AXIS.search(column):
            letter = {"1": "x", "2": "y", "3": "z"}.get(axis[0], axis[0].lower())
            seen.setdefault(f"{column[: axis.start()]}*{column[axis.end() :]}", {})[letter] = column
    return {p: (named["x"], named["y"], named["z"]) for p, named in seen.items() if len(named) == len(AXES)}


def as_vector(pattern: str, triples: Mapping[str, tuple[str, str, str]]) -> Vector:
    """Return the beginning of the names where x, y and z end them, else the names."""
    stem = pattern.removesuffix("*")
    return stem if names_of(stem) == triples[pattern] else triples[pattern]


@dataclass(frozen=True)
class Carrier:
    """What acts on a segment: how the name of its force begins, or the columns themselves."""

    segment: str
    prefix: str = ""
    columns: LoadColumns | None = None


def match_forces(table: Table, carriers: Sequence[Carrier]) -> tuple[LoadColumns, ...]:
    """Assign forces of a table to segments, in the order of the table."""
    known = find_forces(table.columns)
    found = []
    for carrier in carriers:
        if carrier.columns is not None:
            for name in (n for v in carrier.columns.vectors for n in names_of(v)):
                table.column(name)  # raises where it is missing
            found.append(carrier.columns)
            continue
        fits = [c for c in known if carrier.prefix == prefix_of(c)]
        fits = fits or [c for c in known if names_of(c.force)[0].lower().startswith(carrier.prefix.lower())]
        if len(fits) != 1:
            near = close_names(carrier.prefix, [names_of(c.force)[0].removesuffix(AXES[0]) for c in known])
            hint = f" Close names: {', '.join(near)}." if near else ""
            raise InputError(
                f"forces: {len(fits)} forces of {table.path.name} begin with {carrier.prefix!r} (given for "
                f"{carrier.segment!r}).{hint} It has: {', '.join(names_of(c.force)[0] for c in known) or 'none'}. "
                f"Columns of any name can be given as {carrier.segment} = {{force = [...], point = [...]}}."
            )
        found.append(replace(fits[0], segment=carrier.segment))
    return tuple(sorted(found, key=lambda c: table.columns.index(names_of(c.force)[0])))


def prefix_of(load: LoadColumns) -> str:
    """Return what tells a load from others of its table: how its force's columns begin, or the first of them."""
    return load.force if isinstance(load.force, str) else load.force[0]


def in_metres(table: Table, columns: Sequence[LoadColumns], unit: LengthUnit | None) -> Table:
    """Return a table of forces in N, m and N m: as `unit` says, else its header, else by the size of its points.

    Raises InputError where points lie too far off to be metres and nothing says that they are not.
    """
    header = table.header.get("units", "")
    if unit == "mm" or (unit is None and says_millimetres(header)):
        values = table.values.copy()
        for name in (n for c in columns for v in c.vectors[1:] for n in names_of(v)):
            values[:, table.columns.index(name)] *= 1e-3
        reason = "the trial file says so" if unit else f"its header says units={header}"
        note = f"{table.path.name} was converted from mm and N mm to m and N m, because {reason}."
        return replace(table, values=values, warnings=(*table.warnings, note))
    for load in columns if unit is None else ():
        size = np.nan_to_num(np.linalg.norm(vector_columns(table, load.force), axis=1))
        on = size > max(FORCE_THRESHOLD, CARRYING * size.max())  # what a plate shows under nobody has any point
        away = np.abs(vector_columns(table, load.point)[on]).max(axis=1)
        away = away[np.isfinite(away)]
        if away.size and np.median(away) > FARTHEST_POINT:
            raise InputError(
                f"The centre of pressure {names_of(load.point)[0]!r} of {table.path.name} is mostly about "
                f"{np.median(away):.0f} m from the laboratory's origin while the foot is loaded: its lengths are "
                "centimetres, which have to be rewritten, or "
                'probably millimetres. Say force_lengths = "mm" (or "m", if right) in a TOML file.'
            )
    return table


def check_sizes(table: Table, columns: Sequence[LoadColumns]) -> None:
    """Raise InputError where no force of a trial ever carries anything: it would be left out without a word."""
    sizes = [np.linalg.norm(vector_columns(table, c.force), axis=1) for c in columns]
    largest = max((float(np.nanmax(x)) for x in sizes if np.isfinite(x).any()), default=0.0)
    if 0.0 < largest < FORCE_THRESHOLD:
        raise InputError(
            f"The forces of {table.path.name} never exceed {largest:.3g} N, which carries nobody: either nobody "
            "stepped on a plate, or their unit is another one (kN, body weights). Write them in N, or leave them out "
            'with external_loads = "none" in a TOML file.'
        )


def check_load(table: Table, columns: LoadColumns, window: tuple[float, float]) -> Table:
    """Refuse gaps of a load in the `window`; returns the rows around it that have none.

    The force must be known all the time, point and torque only while it is above `FORCE_THRESHOLD`.
    """
    force = vector_columns(table, columns.force)
    carries = np.linalg.norm(force, axis=1) > FORCE_THRESHOLD
    table.check_finite(names_of(columns.force), window)
    for vector in columns.vectors[1:]:
        table.check_finite(names_of(vector), window, where=carries)
    gaps = table.time[~np.isfinite(force).all(axis=1)]
    before, after = gaps[gaps < window[0]], gaps[gaps > window[1]]
    rows = (table.time > before.max(initial=-np.inf)) & (table.time < after.min(initial=np.inf))
    return table if rows.all() else table.take(rows)


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
    on = (np.linalg.norm(force, axis=1) > FORCE_THRESHOLD) & np.isfinite(point).all(axis=1)
    torque = np.where(np.isfinite(torque).all(axis=1, keepdims=True), torque, 0.0)  # unknown only without load
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


def vector_columns(table: Table, vector: Vector) -> np.ndarray:
    """Return the three columns of a vector, (T, 3)."""
    return np.stack([table.column(name) for name in names_of(vector)], axis=1)


def text(node: ElementTree.Element, tag: str, default: str) -> str:
    """Return the stripped text of a child element, `default` where it is missing, empty, or OpenSim's word for that."""
    said = (node.findtext(tag) or "").strip()
    return default if said.lower() in ("", "unassigned") else said


def base_name(path: str) -> str:
    """Return the name of a component that a file may give with its path in the model.

    >>> base_name("/bodyset/calcn_r"), base_name("ground")
    ('calcn_r', 'ground')
    """
    return path.rsplit("/", 1)[-1]
