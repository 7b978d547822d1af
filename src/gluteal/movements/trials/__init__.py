"""Measured trials: a model, its coordinates over time, and the forces that acted on it.

In: finding, reading and cleaning of measured files. Out: conditions, EMG beyond handing it on, verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from gluteal.engines import load_body
from gluteal.errors import InputError
from gluteal.files import reading
from gluteal.kernels.smoothing import is_uniform, lowpass, spline
from gluteal.mechanics.body import Body, check_muscles_there
from gluteal.mechanics.cause import Cause
from gluteal.mechanics.movement import ExternalLoad, Movement, Support
from gluteal.movements.trials.clock import check_clock, check_gaps, drop_copies, even_time, find_gaps
from gluteal.movements.trials.discovery import TrialFiles, find_trial
from gluteal.movements.trials.external_loads import read_external_loads
from gluteal.movements.trials.file import TrialFile
from gluteal.movements.trials.footing import leave_out_idle
from gluteal.movements.trials.frames import bring_to_ground
from gluteal.movements.trials.jumps import refuse_jumps, undo_turns
from gluteal.movements.trials.loads import (
    LoadColumns,
    check_load,
    check_sizes,
    check_twice,
    find_force_columns,
    in_metres,
    match_forces,
    names_of,
    resolve_columns,
    sample_load,
)
from gluteal.movements.trials.plausibility import (
    assign_feet,
    check_postures,
    find_locked,
    find_locked_unmeasured,
    find_misplaced,
    find_oversmoothing,
    find_still,
    find_toe_joints,
    find_weakened,
    find_weighed,
    warn_unbalanced,
)
from gluteal.movements.trials.tables import coordinate_of, read_coordinate_names
from gluteal.movements.trials.units import find_angle_unit, lengths_in_metres
from gluteal.sto import Table, load_table
from gluteal.vocabulary import describe

#: Time stamps beyond this are a calendar clock's and are counted from the first frame, s.
CALENDAR = 1e5
#: Data beyond the window that the filter may look at, s.
MARGIN = 1.0


@dataclass(frozen=True)
class Trial:
    """A measured trial: who moved (`body`), how (`movement`), and the files that say so."""

    body: Body
    movement: Movement
    files: TrialFiles


def load_trial(path: str | Path, *, body: Body | None = None) -> Trial:
    """Load a measured trial from a folder, a coordinates file, or a TOML file.

    A folder should hold one model (.osim, also .gz), one coordinates file (.mot, .sto, also .gz; recognised by its
    columns), the external loads (.xml, or a table of forces whose feet are then told by their centre of
    pressure) and perhaps EMG. A coordinates file is taken with what lies beside it; of several load files the
    one that begins like it. A TOML file (``trial.toml`` in a folder is read by itself) may name everything,
    paths relative to itself; docs/trials.md explains its keys, `describe_trial` writes one.

    Coordinates are low-pass filtered (see `kernels.smoothing.lowpass`), interpolated by a quintic spline, and
    differentiated on it. Everything that shaped the numbers is in ``movement.settings``, everything doubtful
    in ``movement.warnings``.

    Parameters
    ----------
    path : str or Path
        A folder, a table of coordinates, or a TOML file.
    body : Body or None
        Who moves; default the trial's own model.

    Raises
    ------
    InputError
        Missing or ambiguous files, missing columns, implausible units, gaps, windows that do not overlap,
        a load on a body that the model lacks, a key or value in the TOML file that is not known.
    UnknownName
        A coordinate in the TOML file that does not exist.
    """
    files = find_trial(Path(path), None if body is None else body.coordinate_names)
    if body is None:
        if files.model is None:
            raise InputError(f"{files.source.name} names no model; add model = ..., or say which body moves.")
        body = load_body(files.model)
    with reading(files.source):
        return Trial(body, read_movement(files, body), files)


def read_movement(files: TrialFiles, body: Body) -> Movement:
    """Read, check and process the files of a trial into a movement of `body`."""
    check_muscles_there(body)
    options, warnings = files.options, list(files.warnings)
    tables, columns, offset = read_tables(files)
    table = tables[0]
    forces = tables[1] if len(tables) > 1 else None
    warnings += [w for t in tables for w in t.warnings]
    cutoff, rate = options.filter_hz, options.rate_hz
    window = choose_window(tables, options.window, trim=0.5 / cutoff)
    grid = window[0] + np.arange(int((window[1] - window[0]) * rate + 1e-6) + 1) / rate
    toes = find_toe_joints(body, [c.segment for c in columns])
    rigid = find_rigid(files.model, body)
    held = find_held(table, body, options.hold, {**toes, **rigid})
    if open_ := [c for c in held if not body.coordinate(c).locked and c not in options.hold]:
        warnings.append(f"{table.path.name} lacks {', '.join(open_)}: held at the model's default.")
    measured = [n for n in body.coordinate_names if n not in held]
    values, unit = read_coordinates(table, body, measured, options, window, warnings)
    series, smoothing = process(table, values, window, cutoff, grid, warnings)
    q, v, a = (label_measured(body, measured, x, grid, default=k == 0) for k, x in enumerate(series))
    check_postures(body, q, table.path)
    raw = np.stack([np.interp(grid, table.time, column) for column in values.T], axis=1)
    findings: list[Cause] = [
        *find_oversmoothing(body, measured, raw, series[0], smoothing),
        *find_weighed(body, options.mass_kg),
        *find_locked(body, q, table.path, warnings),
        *find_locked_unmeasured(body, held, options.hold, table.path),
    ]
    force_cutoff = options.force_filter_hz
    loads: tuple[ExternalLoad, ...] = ()
    if forces is not None:
        carrying = leave_out_idle(forces, columns, (grid[0], grid[-1]), warnings)
        sampled = [(read_load(forces, c, grid, force_cutoff), c) for c in carrying]
        loads = tuple(bring_to_ground(load, c, body, q) for load, c in sampled)
        if force_cutoff is not None:
            measured_loads = [read_load(forces, c, grid, None) for c in carrying]
            findings += find_weakened([x for x, _ in sampled], measured_loads, describe_filter(force_cutoff))
        loads = assign_feet(loads, body, q, forces.path, warnings)
        warn_unbalanced(loads, body, warnings)
        findings += [*find_misplaced(loads, body, q), *find_still(body, q)]
    unasked = {n: reason for n, reason in rigid.items() if n in held} | (dict(toes) if loads else {})
    chosen = {body.coordinate(c).name: "excluded by the trial file" for c in options.exclude}
    name = options.name or files.source.name.split(".")[0]
    return Movement(
        name=name,
        title=options.title or name.replace("_", " "),
        kind="trial",
        coordinates=describe(q, "coordinate_value"),
        speed=describe(v, "coordinate_speed"),
        acceleration=a.rename("coordinate_acceleration").assign_attrs(units="rad/s^2 or m/s^2"),
        supports=tuple(Support(s.name, s.segment, s.point, s.normal, s.friction) for s in options.supports),
        loads=loads,
        excluded={**unasked, **chosen},
        view=options.view,
        settings={
            "model": body.name,
            "coordinates_file": table.path.name,
            "angles": unit,
            "force_file": None if forces is None else forces.path.name,
            "loads": {load.name: load.segment for load in loads},
            "window_s": [float(grid[0]), float(grid[-1])],
            "time_offset_s": offset,
            "rate_hz": rate,
            "coordinate_filter": smoothing,
            "force_filter": describe_filter(force_cutoff),
            "derivatives": "quintic spline",
            "held_coordinates": held,
        },
        warnings=tuple(warnings),
        findings=tuple(findings),
        emg=None if files.emg is None else read_emg(files.emg, offset, window),
    )


def read_tables(files: TrialFiles) -> tuple[list[Table], tuple[LoadColumns, ...], float]:
    """Return coordinates and, if there are any, forces on one clock, where each load is, and the clock's offset (s)."""
    table = drop_copies(load_table(files.coordinates))
    offset = float(table.time[0]) if table.time[0] > CALENDAR else 0.0
    forces, columns = read_forces(files)
    tables = [table] if forces is None else [table, forces]
    for each in tables:
        check_clock(each)
    return [t.shifted(offset) for t in tables], columns, offset


def read_forces(files: TrialFiles) -> tuple[Table | None, tuple[LoadColumns, ...]]:
    """Return the table of forces in N, m and N m, and where each load is in it; no table where nothing was measured."""
    if files.forces is not None:
        table = load_table(files.forces)
        columns = match_forces(table, files.carriers) if files.carriers else find_force_columns(table)
    elif files.external_loads is not None:
        source, columns, notes = read_external_loads(files.external_loads)
        if source is None:
            raise InputError(
                f"{files.external_loads.name} names no data file, so the forces are unknown; write the table "
                'into its <datafile>, or leave the loads out with external_loads = "none" in a TOML file.'
            )
        table = load_table(source)
        columns = tuple(resolve_columns(table, c) for c in columns)
        table = replace(table, warnings=(*table.warnings, *notes))
    else:
        return None, ()
    for name in (n for c in columns for v in c.vectors for n in names_of(v)):
        table.column(name)  # raises where it is missing
    check_sizes(table, columns)
    check_twice(table, columns)
    return in_metres(table, columns, files.options.force_lengths), columns


def read_load(table: Table, columns: LoadColumns, grid: np.ndarray, cutoff: float | None) -> ExternalLoad:
    """Check that a load has no gaps in the window, clean and sample it."""
    whole = check_load(table, columns, (grid[0], grid[-1]))
    return sample_load(whole, columns, grid, cutoff=cutoff)


def choose_window(tables: Sequence[Table], wanted: Sequence[float] | None, *, trim: float) -> tuple[float, float]:
    """Return the time window, s: as asked for, or all that every file covers, less `trim` of coordinates."""
    spans = {t.path.name: (float(t.time[0]), float(t.time[-1])) for t in tables}
    told = ", ".join(f"{name} {a:.6g} to {b:.6g} s" for name, (a, b) in spans.items())
    start, end = max(a for a, _ in spans.values()), min(b for _, b in spans.values())
    if start >= end:
        raise InputError(
            f"The files do not overlap in time: {told}. Check that they belong to the same trial and clock."
        )
    if wanted is not None:
        t0, t1 = float(wanted[0]), float(wanted[1])
        if t0 < start - 1e-6 or t1 > end + 1e-6:
            raise InputError(
                f"The window {t0:g} to {t1:g} s is not covered by the files ({told}); choose one between "
                f"{start:.6g} and {end:.6g} s."
            )
        for table in tables:
            check_gaps(table, (t0, t1), trim=trim)
        return t0, t1
    first, last = spans[tables[0].path.name]
    start, end = max(start, first + trim), min(end, last - trim)
    if start >= end:
        raise InputError(
            f"The files share too little time ({told}): {trim:.3g} s at each end of the coordinates are lost "
            "to the filter. Give a window, or a higher filter_hz, in a TOML file."
        )
    for table in tables:
        check_gaps(table, (start, end), trim=trim)
    return start, end


def find_held(table: Table, body: Body, hold: Sequence[str], optional: Collection[str]) -> list[str]:
    """Return the coordinates that stay at their default: `hold`, and those missing from the file.

    Locked and `optional` ones may be missing; raises InputError for any other.
    """
    present = {coordinate_of(c) for c in table.columns}
    missing = [c for c in body.coordinates if c.name not in present]
    for name in hold:
        body.coordinate(name)  # raises where the name is wrong
    needed = [c.name for c in missing if not c.locked and c.name not in [*hold, *optional]]
    if needed:
        named = ", ".join(needed[:8]) + (", ..." if len(needed) > 8 else "")
        every = ", ".join(f'"{name}"' for name in [*hold, *needed])
        plain = {re.sub(r"\s*[\[(].*", "", coordinate_of(c)).strip().lower(): c for c in table.columns}
        alike = next(
            (
                f" Its {plain[n.lower()]!r} seems to be {n}: rename it, and any like it."
                for n in needed
                if n.lower() in plain
            ),
            "",
        )
        remedy = f"Add them, or hold them at their defaults in a TOML file: hold = [{every}]."
        raise InputError(
            f"{table.path.name} has no column for {named} of the body {body.name!r}.{alike or ' ' + remedy}"
        )
    return [c.name for c in body.coordinates if c in missing or c.name in hold]


def find_rigid(model: Path | None, body: Body) -> Mapping[str, str]:
    """Return the coordinates that the trial's own model does not have: coordinate -> reason.

    A trial made for one model and done by another body cannot know them.
    """
    if model is None:
        return {}
    known = read_coordinate_names(model)
    reason = f"the trial's own model {model.name} has no such joint"
    return {n: reason for n in body.coordinate_names if n not in known}


def read_coordinates(
    table: Table,
    body: Body,
    names: Sequence[str],
    options: TrialFile,
    window: tuple[float, float],
    warnings: list[str],
) -> tuple[np.ndarray, str]:
    """Return the named coordinates (T, N) in rad and m, and a sentence on their unit; refuses gaps."""
    labels = {coordinate_of(c): c for c in table.columns}
    table.check_finite([labels[n] for n in names], window)
    values = np.stack([table.column(labels[n]) for n in names], axis=1)
    rotation = np.array([body.coordinate(n).kind == "rotation" for n in names])
    in_degrees, said = find_angle_unit(table, body, names, values, options.degrees, warnings)
    values = np.where(~rotation, lengths_in_metres(table, names, values, options, warnings), values)
    unit = f"{'degrees' if in_degrees else 'radians'} (file says {said})"
    values = np.where(rotation & in_degrees, np.deg2rad(values), values)
    turns = [n for n, turning in zip(names, rotation, strict=True) if turning]
    values[:, rotation] = undo_turns(table, turns, values[:, rotation], warnings)
    refuse_jumps(table, body, names, values, window)
    return values, unit


def process(
    table: Table,
    values: np.ndarray,
    window: tuple[float, float],
    cutoff: float,
    grid: np.ndarray,
    warnings: list[str],
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], str]:
    """Filter and differentiate (T, N): value, speed and acceleration at `grid`, and what was done."""
    gaps = table.time[~np.isfinite(values).all(axis=1)]
    missing = list(find_gaps(table))
    start = max([window[0] - MARGIN, *gaps[gaps < window[0]], *(b for _, b in missing if b <= window[0])])
    end = min([window[1] + MARGIN, *gaps[gaps > window[1]], *(a for a, _ in missing if a >= window[1])])
    rows = (table.time >= start) & (table.time <= end) & np.isfinite(values).all(axis=1)
    time, values = table.time[rows], values[rows]
    if len(time) < 4:
        raise InputError(f"{table.path.name} has {len(time)} rows in the window; at least 4 are needed.")
    if not is_uniform(time):
        even = np.linspace(time[0], time[-1], max(len(time), 2))
        values, _, _ = spline(time, values, even)
        time = even
        warnings.append(f"{table.path.name} is not sampled evenly; it was interpolated to {table.rate:.4g} Hz.")
    else:
        time = even_time(time)
    rate = (len(time) - 1) / (time[-1] - time[0])
    if cutoff >= 0.45 * rate:
        warnings.append(f"{table.path.name} was not filtered: {rate:.4g} Hz is too slow a sampling for {cutoff:g} Hz.")
        return spline(time, values, grid), "none"
    return spline(time, lowpass(values, rate, cutoff), grid), describe_filter(cutoff)


def describe_filter(cutoff: float | None) -> str:
    """Say what was done to a curve."""
    return "as measured" if cutoff is None else f"Butterworth, third order forward and backward, {cutoff:g} Hz"


def label_measured(
    body: Body, measured: Sequence[str], values: np.ndarray, grid: np.ndarray, *, default: bool
) -> xr.DataArray:
    """Label (T, N) measured values as (time, coordinate); the others stay at their default, or at rest."""
    names = list(body.coordinate_names)
    full = np.tile([c.default if default else 0.0 for c in body.coordinates], (len(grid), 1))
    full[:, [names.index(n) for n in measured]] = values
    return xr.DataArray(full, dims=("time", "coordinate"), coords={"time": grid, "coordinate": names})


def read_emg(path: Path, offset: float, window: tuple[float, float]) -> xr.DataArray | None:
    """Return EMG inside the window (time_emg, channel), as the file has it; None where it has none there."""
    table = load_table(path).shifted(offset)
    rows = (table.time >= window[0]) & (table.time <= window[1])
    if not rows.any():
        return None
    coords = {"time_emg": table.time[rows], "channel": list(table.columns)}
    return xr.DataArray(table.values[rows], dims=("time_emg", "channel"), coords=coords, name="emg")
