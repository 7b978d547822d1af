"""Periodic movements: mean curves from a table as Fourier series, left leg half a cycle later.

A series of a few harmonics is the low-pass filter of a periodic curve, has exact derivatives, and turns
"half a cycle later" into signs: in symmetric gait, list, rotation and sideways sway of the pelvis and
bending and rotation of the trunk have odd harmonics only; tilt, height and forward sway of the pelvis and
extension of the trunk even ones only.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gluteal.errors import InputError
from gluteal.files import read_whole, without_comments
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement, Support
from gluteal.movements.tasks.contact_points import contact_points
from gluteal.movements.tasks.file import OPTIONAL, TaskFile
from gluteal.movements.tasks.resolved import task_movement
from gluteal.vocabulary import side_of, unsided

#: Midline coordinates that swap sign between left and right step.
ODD = ("pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation")
#: Midline coordinates that are the same in left and right step.
EVEN = ("pelvis_tilt", "pelvis_tx", "pelvis_ty", "lumbar_extension")
#: The row of a corrections file that changes walking speed, m/s.
SPEED = "speed"


@dataclass(frozen=True)
class CycleTable:
    """Curves over one cycle: `columns` (N,) each, in the file's units, and the numbers of its header."""

    phase: np.ndarray  # (N,), 0 to 1
    columns: Mapping[str, np.ndarray]
    facts: Mapping[str, float]


@dataclass(frozen=True)
class Series:
    """Fourier series of every moving coordinate of the right leg and the midline.

    `coefficients[name]` is (2 K + 1,): mean, then cosine and sine of each harmonic, in rad or m.
    """

    period: float  # s
    speed: float  # m/s forward
    coefficients: Mapping[str, np.ndarray]


@cache
def read_cycle_table(path: Path) -> CycleTable:
    """Read a table of curves: header lines ``# name = value``, then labels and rows.

    Raises
    ------
    InputError
        No ``cycle_percent`` column, no ``period_s`` or ``stride_length_m`` in the header, or a bad number.
    """
    text = read_whole(path).decode("utf-8")
    facts: dict[str, float] = {}
    for line in text.splitlines():
        key, equals, value = line.lstrip("# ").partition("=")
        if line.startswith("#") and equals and key.strip().isidentifier():
            facts[key.strip()] = float(value.split()[0])
    rows = list(csv.reader(without_comments(text)))
    try:
        values = np.array(rows[1:], float)
    except ValueError as error:
        raise InputError(f"Table {path.name}: every row must have a number per column ({error}).") from error
    columns = dict(zip(rows[0], values.T, strict=True))
    for needed in ("period_s", "stride_length_m"):
        if needed not in facts:
            raise InputError(f"Table {path.name}: the header needs a line '# {needed} = number'.")
    if "cycle_percent" not in columns:
        raise InputError(f"Table {path.name}: there is no column 'cycle_percent'; add it, 0 to 100.")
    return CycleTable(columns.pop("cycle_percent") / 100.0, columns, facts)


def basis(phase: np.ndarray, harmonics: int, period: float, order: int = 0) -> np.ndarray:
    """Return the `order`-th time derivative of 1, cos(2 pi k phase), sin(2 pi k phase), (N, 2 K + 1)."""
    k = np.arange(1, harmonics + 1)
    angle = 2.0 * np.pi * np.outer(phase, k) + order * np.pi / 2.0
    scale = (2.0 * np.pi * k / period) ** order
    waves = np.stack([np.cos(angle) * scale, np.sin(angle) * scale], axis=2).reshape(len(phase), -1)
    return np.column_stack([np.full(len(phase), float(order == 0)), waves])


def allowed(name: str, harmonics: int) -> np.ndarray:
    """Say which coefficients of a coordinate left-right symmetry allows, (2 K + 1,) bool."""
    k = np.concatenate([[0], np.repeat(np.arange(1, harmonics + 1), 2)])
    if name in ODD:
        return k % 2 == 1
    return k % 2 == 0 if name in EVEN else np.ones(len(k), bool)


def fit_series(table: CycleTable, harmonics: int) -> Series:
    """Fit the table's coordinates by least squares, keeping what left-right symmetry allows."""
    period, stride = table.facts["period_s"], table.facts["stride_length_m"]
    result = {}
    for name, curve in table.columns.items():
        if name.endswith(("_sd", "_moment")) or name.startswith(("ground_force", "emg_", "arm_", "elbow_")):
            continue
        values = curve - stride * table.phase if name == "pelvis_tx" else curve
        if not name.startswith("pelvis_t") or name == "pelvis_tilt":
            values = np.deg2rad(values)
        fitted = np.linalg.lstsq(basis(table.phase, harmonics, period), values, rcond=None)[0]
        fitted[~allowed(name, harmonics)] = 0.0
        if name == "pelvis_tx":
            fitted[0] = 0.0  # where the walk starts is free
        result[name if name in ODD + EVEN else f"{name}_r"] = fitted
    return Series(period, stride / period, result)


def read_corrections(path: Path) -> Mapping[str, np.ndarray]:
    """Read a corrections file: rows name, unit, mean, cos1, sin1, ... in deg, m or m/s."""
    result = {}
    for row in list(csv.reader(without_comments(read_whole(path).decode("utf-8"))))[1:]:
        scale = np.pi / 180.0 if row[1] == "deg" else 1.0
        result[row[0]] = np.array([float(v or 0.0) for v in row[2:]]) * scale
    return result


def correct_series(series: Series, corrections: Mapping[str, np.ndarray]) -> Series:
    """Add corrections (coefficients of the same kind, of as many harmonics or fewer) to a series."""
    coefficients = dict(series.coefficients)
    for name, change in corrections.items():
        if name != SPEED:
            total = coefficients.get(name, np.zeros(len(change))).copy()
            total[: len(change)] += change
            coefficients[name] = total
    speed = corrections.get(SPEED, np.zeros(1))[0]
    return Series(series.period, series.speed + float(speed), coefficients)


def evaluate(series: Series, body: Body, phase: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coordinates, speeds and accelerations (N, Q) of every coordinate of the body.

    Coordinates without a curve stay at zero. Phase may exceed 0 to 1.
    """
    curves = [np.zeros((len(phase), len(body.coordinates))) for _ in range(3)]
    for column, name in enumerate(body.coordinate_names):
        side = side_of(name)
        source = f"{unsided(name)}_r" if side else name
        if source not in series.coefficients:
            continue
        fitted = series.coefficients[source]
        shifted = phase + 0.5 if side == "l" else phase
        for order, curve in enumerate(curves):
            curve[:, column] = basis(shifted, (len(fitted) - 1) // 2, series.period, order) @ fitted
    forward = body.coordinate_names.index("pelvis_tx")
    curves[0][:, forward] += series.speed * series.period * phase
    curves[1][:, forward] += series.speed
    return curves[0], curves[1], curves[2]


def task_series(task: TaskFile, *, corrected: bool = True) -> Series:
    """Return the series of a task file, with its corrections unless asked without."""
    assert task.cycle is not None
    table = read_cycle_table(task.cycle.table)
    series = fit_series(table, task.cycle.harmonics)
    if corrected and task.cycle.corrections is not None:
        series = correct_series(series, read_corrections(task.cycle.corrections))
    return series


def cycle_movement(task: TaskFile, body: Body, series: Series | None = None) -> Movement:
    """Resolve a task of periodic curves: one whole cycle, contacts by phase, left half a cycle later.

    `series` replaces the task's own corrected curves.

    Raises
    ------
    InputError
        Where the body lacks a coordinate of the curves (a trunk that cannot move only warns).
    """
    assert task.cycle is not None
    corrected = series is None and task.cycle.corrections is not None
    series = series or task_series(task)
    missing = [name for name in series.coefficients if name not in body.coordinate_names]
    needed = [name for name in missing if unsided(name) not in OPTIONAL and not name.startswith("lumbar")]
    if needed:
        raise InputError(
            f"Task {task.name!r} moves {', '.join(needed)}, which the body {body.name!r} does not have; "
            "take a body with a pelvis, hips, knees and ankles under OpenSim's names."
        )
    phase = np.linspace(0.0, 1.0, task.cycle.frames)
    warnings = []
    if missing:
        warnings.append(f"The body {body.name!r} has no {', '.join(missing)}; the task goes without.")
    if corrected and not body.name.startswith("myo"):
        warnings.append("The corrections of this walk were found for the embedded body; expect larger residuals.")
    return task_movement(
        task,
        body,
        phase * series.period,
        evaluate(series, body, phase),
        supports=phase_supports(task, phase),
        settings={
            "cyclic": True,  # the last frame is the first again
            "period_s": series.period,
            "speed_m_per_s": series.speed,
            "harmonics": task.cycle.harmonics,
            "curves": task.cycle.table.name,
            "corrections": task.cycle.corrections.name if corrected and task.cycle.corrections else None,
            "surfaces_m": dict(task.surfaces),
        },
        warnings=tuple(warnings),
    )


def phase_supports(task: TaskFile, phase: np.ndarray) -> tuple[Support, ...]:
    """Return the contacts of a cycle: ``from`` and ``until`` are phases (0 to 1) of the point's own side."""
    table = contact_points()
    result = []
    for line in task.supports:
        point = table[line.point]
        own = (phase + (0.5 if side_of(point.name) == "l" else 0.0)) % 1.0
        active = (own >= line.start - 1e-9) & (own <= line.end + 1e-9)
        when = None if active.all() else active
        result.append(Support(point.name, point.segment, point.point, line.normal, line.friction, when))
    return tuple(result)
