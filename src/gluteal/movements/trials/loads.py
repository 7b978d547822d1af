"""Measured ground and hand forces: where a file keeps them, on which segment they act, and their cleaning."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from gluteal.errors import InputError, close_names
from gluteal.kernels.smoothing import is_uniform, lowpass, nearest_valid
from gluteal.mechanics.movement import ExternalLoad
from gluteal.sto import Table
from gluteal.vocabulary import is_foot

#: Below this force the centre of pressure is noise (it is a moment divided by the force), N.
FORCE_THRESHOLD = 20.0
#: A load carries while it is above this share of its peak.
CARRYING = 0.3
#: A centre of pressure that is mostly further than this from the laboratory's origin is not in metres, m.
FARTHEST_POINT = 20.0
AXES = ("x", "y", "z")
#: What OpenSim calls the frame of the laboratory.
GROUND = "ground"
#: Length in a table: metres or millimetres.
LengthUnit = Literal["m", "mm"]
#: Three columns: what their names have before x, y and z, or the three names.
Vector = str | tuple[str, str, str]


@dataclass(frozen=True)
class LoadColumns:
    """Where one load is in its table, and in which frames it is written there.

    `segment` is None where the file does not say on what the force acts; `force`, `point` and `torque` are None where
    there is none: a load without a point acts at the origin of its segment. Force and torque are in `force_frame`.
    """

    name: str
    segment: str | None
    force: Vector | None
    point: Vector | None
    torque: Vector | None
    force_frame: str = GROUND
    point_frame: str = GROUND

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """Force, point, and torque, as far as there are any."""
        return tuple(v for v in (self.force, self.point, self.torque) if v is not None)

    @property
    def lengths(self) -> tuple[Vector, ...]:
        """Those that have a length in their unit: point and torque."""
        return tuple(v for v in (self.point, self.torque) if v is not None)

    @property
    def in_ground(self) -> bool:
        """Whether force and point are both there and in the frame of the ground."""
        return None not in (self.force, self.point) and self.force_frame == self.point_frame == GROUND

    @property
    def under_foot(self) -> bool:
        """Whether it is a force of the ground on a foot, whose centre of pressure is noise while it is small."""
        return not self.segment or is_foot(self.segment)


def names_of(vector: Vector) -> tuple[str, ...]:
    """Return the names of a vector's columns.

    >>> names_of("ground_force_v"), names_of(("Fx1", "Fy1", "Fz1"))
    (('ground_force_vx', 'ground_force_vy', 'ground_force_vz'), ('Fx1', 'Fy1', 'Fz1'))
    """
    return tuple(vector + a for a in AXES) if isinstance(vector, str) else vector


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
    return tuple(c for c in find_forces(table.columns) if find_peak(table, c) > FORCE_THRESHOLD)


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
        fits = fits or [c for c in known if first_column(c).lower().startswith(carrier.prefix.lower())]
        if len(fits) != 1:
            near = close_names(carrier.prefix, [first_column(c).removesuffix(AXES[0]) for c in known])
            hint = f" Close names: {', '.join(near)}." if near else ""
            raise InputError(
                f"forces: {len(fits)} forces of {table.path.name} begin with {carrier.prefix!r} (given for "
                f"{carrier.segment!r}).{hint} It has: {', '.join(first_column(c) for c in known) or 'none'}. "
                f"Columns of any name can be given as {carrier.segment} = {{force = [...], point = [...]}}."
            )
        found.append(replace(fits[0], segment=carrier.segment))
    return tuple(sorted(found, key=lambda c: table.columns.index(first_column(c))))


def first_column(load: LoadColumns) -> str:
    """Return the name of a load's first column."""
    return names_of(load.vectors[0])[0]


def prefix_of(load: LoadColumns) -> str:
    """Return what tells a load from others of its table: how its force's columns begin, or the first of them."""
    first = load.vectors[0]
    return first if isinstance(first, str) else first[0]


def in_metres(table: Table, columns: Sequence[LoadColumns], unit: LengthUnit | None) -> Table:
    """Return a table of forces in N, m and N m: as `unit` says, else its header, else by the size of its points.

    Raises InputError where points lie too far off to be metres and nothing says that they are not.
    """
    header = table.header.get("units", "")
    if unit == "mm" or (unit is None and says_millimetres(header)):
        values = table.values.copy()
        for name in (n for c in columns for v in c.lengths for n in names_of(v)):
            values[:, table.columns.index(name)] *= 1e-3
        reason = "the trial file says so" if unit else f"its header says units={header}"
        note = f"{table.path.name} was converted from mm and N mm to m and N m, because {reason}."
        return replace(table, values=values, warnings=(*table.warnings, note))
    for load in columns if unit is None else ():
        if load.force is None or load.point is None:
            continue
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


def resolve_columns(table: Table, load: LoadColumns) -> LoadColumns:
    """Return a load with the columns of `table` that it means: they begin as it says, and are exactly three.

    Raises InputError where they are not.
    """

    def resolve(vector: Vector | None) -> Vector | None:
        if not isinstance(vector, str) or set(names_of(vector)) <= set(table.columns):
            return vector
        match tuple(c for c in table.columns if c.startswith(vector)):
            case (x, y, z):
                return (x, y, z)
            case ():
                return vector  # asking for its columns tells those with close names
            case several:
                raise InputError(
                    f"Load {load.name!r} takes the columns of {table.path.name} that begin with {vector!r}, which are "
                    f"{len(several)} ({', '.join(several[:4])}, ...) and not three: write more of their names."
                )

    return replace(load, force=resolve(load.force), point=resolve(load.point), torque=resolve(load.torque))


def check_sizes(table: Table, columns: Sequence[LoadColumns]) -> None:
    """Raise InputError where no force of the ground ever carries anything: it would be left out without a word."""
    peaks = [find_peak(table, c) for c in columns if c.under_foot and c.force]
    if 0.0 < max(peaks, default=0.0) < FORCE_THRESHOLD:
        raise InputError(
            f"The forces of {table.path.name} never exceed {max(peaks):.3g} N, which carries nobody: either nobody "
            "stepped on a plate, or their unit is another one (kN, body weights). Write them in N, or leave them out "
            'with external_loads = "none" in a TOML file.'
        )


def check_twice(table: Table, columns: Sequence[LoadColumns]) -> None:
    """Raise InputError where one force of the ground is taken twice: the body would be carried double."""
    seen: dict[tuple[object, ...], str] = {}
    for load in columns:
        if load.force is None or load.point is None or not load.under_foot:
            continue
        key = (names_of(load.force), names_of(load.point), load.force_frame, load.point_frame)
        if key in seen:
            raise InputError(
                f"Loads {seen[key]!r} and {load.name!r} both take the force {key[0][0]!r} of {table.path.name}, which "
                "would carry the body twice: leave one of them out, or name the columns of the other plate."
            )
        seen[key] = load.name


def find_peak(table: Table, load: LoadColumns) -> float:
    """Return the largest force of a load in its table, N; 0 without any."""
    size = np.zeros(1) if load.force is None else np.linalg.norm(vector_columns(table, load.force), axis=1)
    return float(np.nanmax(size)) if np.isfinite(size).any() else 0.0


def check_load(table: Table, columns: LoadColumns, window: tuple[float, float]) -> Table:
    """Refuse gaps of a load in the `window`; returns the rows around it that have none.

    The force must be known all the time, point and torque only while it is above its threshold.
    """
    if columns.force is None:
        table.check_finite([n for v in columns.lengths for n in names_of(v)], window)
        return table
    force = vector_columns(table, columns.force)
    carries = np.linalg.norm(force, axis=1) > _threshold(columns)
    table.check_finite(names_of(columns.force), window)
    for vector in columns.lengths:
        table.check_finite(names_of(vector), window, where=carries)
    gaps = table.time[~np.isfinite(force).all(axis=1)]
    before, after = gaps[gaps < window[0]], gaps[gaps > window[1]]
    rows = (table.time > before.max(initial=-np.inf)) & (table.time < after.min(initial=np.inf))
    return table if rows.all() else table.take(rows)


def sample_load(table: Table, columns: LoadColumns, grid: np.ndarray, *, cutoff: float | None) -> ExternalLoad:
    """Clean one load and sample it at `grid` (N,) s, on the clock of `table`, in the frames that it is written in.

    Where the force on a foot is below `FORCE_THRESHOLD` the centre of pressure is taken from the nearest sample above
    it. In the frame of the ground force and moment about the origin are what is filtered and interpolated (linearly):
    unlike the centre of pressure both are defined in every frame. The load's torque makes up for the difference, so
    force, point and torque together are exactly that wrench. In the frames of segments force, point and torque are
    interpolated each by itself, as OpenSim does, and the point is never filtered. The segment stays empty where it is
    not known.
    """
    missing = np.zeros((len(table.time), 3))
    force, point, torque = (
        missing if v is None else vector_columns(table, v) for v in (columns.force, columns.point, columns.torque)
    )
    segment = columns.segment or ""
    on = (np.linalg.norm(force, axis=1) > _threshold(columns)) & np.isfinite(point).all(axis=1)
    torque = np.where(np.isfinite(torque).all(axis=1, keepdims=True), torque, 0.0)  # unknown only without load
    if columns.under_foot and columns.force is not None and not on.any():
        zero = np.zeros((len(grid), 3))
        return ExternalLoad(columns.name, segment, zero, zero, zero)
    point = nearest_valid(point, on) if on.any() else missing
    moment = np.cross(point, force) + torque if columns.in_ground else torque
    wrench = np.concatenate([force, moment], axis=1)
    if cutoff is not None:
        if not is_uniform(table.time):
            raise InputError(
                f"{table.path.name} is not sampled evenly, so its forces cannot be filtered; resample it, or "
                "leave force_filter_hz out."
            )
        wrench = lowpass(wrench, table.rate, cutoff)
    at = [np.interp(grid, table.time, column) for column in (*wrench.T, *point.T)]
    force, moment, point = np.stack(at[:3], 1), np.stack(at[3:6], 1), np.stack(at[6:], 1)
    torque = moment - np.cross(point, force) if columns.in_ground else moment
    return ExternalLoad(columns.name, segment, force, point, torque)


def _threshold(columns: LoadColumns) -> float:
    """Force above which a load's point is no noise, N."""
    return FORCE_THRESHOLD if columns.under_foot else 0.0


def vector_columns(table: Table, vector: Vector) -> np.ndarray:
    """Return the three columns of a vector, (T, 3)."""
    return np.stack([table.column(name) for name in names_of(vector)], axis=1)
