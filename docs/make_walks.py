"""Make the tables of the other recorded walks from the recordings, and the corrections of every walk.

    python docs/make_walks.py tables RECORDINGS    # walk-*.csv from the recorded trials in that folder
    python docs/make_walks.py corrections          # *_corrections.csv of every walk, for the embedded body

A recording's strides (right heel strike to the next, from the vertical force) are averaged on a grid of the cycle, both
legs together: the left one half a cycle later and mirrored. Its joint angles are put on legs of another length, so the
height of the pelvis and the length of a stride are those at which the embedded body's standing foot rests on the floor.
"""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

import gluteal
from gluteal.engines import segment_points
from gluteal.movements.tasks.corrections import refit_corrections
from gluteal.movements.tasks.gait_cycle import ODD, evaluate, fit_series, read_cycle_table
from gluteal.vocabulary import STANDARD_GRAVITY

LIBRARY = Path(__file__).parents[1] / "src" / "gluteal" / "movements" / "tasks" / "library"
GRID = np.linspace(0.0, 1.0, 101)
LEG = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle", "subtalar_angle")
MIDLINE = (
    *("pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz"),
    *("lumbar_extension", "lumbar_bending", "lumbar_rotation"),
)
#: Vertical force above which a foot stands, N; the filters of the stored moments used about the same.
STANDS = 20.0
#: Strides outside this range of seconds are not walking on one plate each.
STRIDE = (0.9, 1.4)


@dataclass(frozen=True)
class Recording:
    """Where a recorded walk lies and what its table says of itself."""

    name: str
    folder: str
    angles: str
    moments: str
    forces: str
    force_columns: dict[str, str]  # side -> label up to the axis
    mass: float
    about: tuple[str, ...]
    knee_sign: float = 1.0
    #: Where plates saw no second strike of a foot: strides (start, end) in s by side.
    strides: Mapping[str, tuple[float, float]] | None = None


RECORDINGS = (
    Recording(
        "walk-overground",
        "walk_rajagopal2016",
        "coordinates.sto",
        "id_walk.sto",
        "grf_walk.mot",
        {"r": "ground_force_r_v", "l": "ground_force_l_v"},
        85.27,
        (
            "One cycle of walking overground: one adult, one stride of each leg.",
            "Source: Rajagopal A et al. (2016), doi 10.1109/TBME.2016.2586891; coordinates, forces and moments of the",
            "  Moco examples of github.com/opensim-org/opensim-core, commit 0435b081dc, Apache-2.0.",
            "The left foot's second strike was not on a plate; its stride is taken to last as long as the right one's.",
        ),
        strides={"r": (0.266, 1.411), "l": (0.836, 1.981)},
    ),
    Recording(
        "walk-treadmill",
        "walk_uhlrich2022",
        "results_ik.sto",
        "results_id.sto",
        "walking_baseline1_forces.mot",
        {"r": "ground_force_v", "l": "1_ground_force_v"},
        86.04,
        (
            "One cycle of walking on a treadmill: one healthy man of 26, mean of a minute's strides of both legs.",
            "Source: Uhlrich SD et al. (2022), Sci Rep 12:9842, doi 10.1038/s41598-022-13386-9; TestData of",
            "  github.com/stanfordnmbl/MatlabStaticOptimization, commit 7a54da3008, Apache-2.0.",
        ),
    ),
    Recording(
        "walk-slow",
        "walk_3p6kmh_lowerlimb",
        "ik.sto.gz",
        "id.sto.gz",
        "XLD.mot.gz",
        {"r": "ground_force_v", "l": "l_ground_force_v"},
        58.0,
        (
            "One cycle of walking on a treadmill at 3.6 km/h: one adult, mean of a minute's strides of both legs.",
            "Source: data/walk36 of github.com/CEINMS-RT/LowerLimbModel, commit 4056e1c6de, Apache-2.0; subject 6 of",
            "  the recordings of zenodo.org/record/6457662. The mass is that of the mean vertical force, 58.0 kg.",
        ),
        knee_sign=-1.0,
    ),
)


def read_storage(path: Path) -> tuple[str, pd.DataFrame]:
    """Return the header and the table of an OpenSim storage file."""
    stored = path.read_bytes()
    raw = (gzip.decompress(stored) if path.suffix == ".gz" else stored).decode()
    header, body = raw.split("endheader", 1)
    return header, pd.read_csv(io.StringIO(body.strip()), sep=r"\s+")


def write_table(recording: Recording, data: Path, folder_out: Path = LIBRARY) -> None:
    """Average a recording's strides and write its table into a folder."""
    folder = data / recording.folder
    header, angles = read_storage(folder / recording.angles)
    _, moments = read_storage(folder / recording.moments)
    _, forces = read_storage(folder / recording.forces)
    angles.columns = pd.Index([c.split("/")[-2] if "/" in c else c for c in angles.columns])
    turn = 1.0 if "inDegrees=yes" in header else 180.0 / np.pi
    weight = recording.mass * STANDARD_GRAVITY
    found: dict[str, list[np.ndarray]] = {}
    periods, strides = [], 0
    for side in "rl":
        push = {a: forces[recording.force_columns[side] + a].to_numpy() for a in "xyz"}
        for start, end in _strides(recording, side, forces["time"].to_numpy(), push["y"]):
            periods.append(end - start)
            strides += 1
            for name, values in _stride(recording, side, start, end - start, angles, moments, turn).items():
                found.setdefault(name, []).append(values)
            for axis, values in push.items():
                sign = -1.0 if axis == "z" and side == "l" else 1.0
                sampled = _sample(forces["time"].to_numpy(), 100.0 * sign * values / weight, start, end - start)
                found.setdefault(f"ground_force_{axis}", []).append(sampled)
    columns: dict[str, np.ndarray] = {"cycle_percent": 100.0 * GRID}
    for name, rows in found.items():
        stack = np.array(rows)
        columns[name] = np.nanmean(stack, axis=0)
        columns[f"{name}_sd"] = np.nanstd(stack, axis=0, ddof=1)
    _write(folder_out / f"{recording.name.replace('-', '_')}.csv", recording, columns, float(np.mean(periods)), strides)


def _strides(recording: Recording, side: str, time: np.ndarray, vertical: np.ndarray) -> list[tuple[float, float]]:
    if recording.strides is not None:
        return [recording.strides[side]]
    before, after = vertical[:-1], vertical[1:]
    strike = np.flatnonzero((before <= STANDS) & (after > STANDS))
    share = (STANDS - before[strike]) / (after - before)[strike]
    strikes = time[strike] + share * (time[strike + 1] - time[strike])
    return [(a, b) for a, b in pairwise(strikes) if STRIDE[0] < b - a < STRIDE[1]]


def _stride(
    recording: Recording,
    side: str,
    start: float,
    period: float,
    angles: pd.DataFrame,
    moments: pd.DataFrame,
    turn: float,
) -> dict[str, np.ndarray]:
    """Return one stride of a leg and of the midline on the grid: degrees, metres, N m."""
    when, result = angles["time"].to_numpy(), {}
    for name in LEG:
        sign = recording.knee_sign if name == "knee_angle" else 1.0
        if f"{name}_{side}" in angles:
            result[name] = _sample(when, sign * turn * angles[f"{name}_{side}"].to_numpy(), start, period)
        for column in (f"{name}_{side}_moment",):
            if column in moments:
                values = sign * moments[column].to_numpy()
                result[f"{name}_moment"] = _sample(moments["time"].to_numpy(), values, start, period)
    for name in MIDLINE:
        sign = -1.0 if side == "l" and name in ODD else 1.0
        unit = 1.0 if name.startswith("pelvis_t") and name != "pelvis_tilt" else turn
        values = sign * unit * angles[name].to_numpy()
        if name == "pelvis_tx":  # progress over the floor does not belong to the cycle
            values = values - np.polyval(np.polyfit(when, values, 1), when)
        values = _sample(when, values, start, period)
        result[name] = values - np.nanmean(values) if name in ("pelvis_tx", "pelvis_tz") else values
    return result


def _sample(time: np.ndarray, values: np.ndarray, start: float, period: float) -> np.ndarray:
    """Return values on the grid of a cycle; what lies outside the recording comes from a stride before or after."""
    result = np.full(len(GRID), np.nan)
    for shift in (0.0, 1.0, -1.0):
        when = start + period * (GRID + shift)
        inside = np.isnan(result) & (when >= time[0]) & (when <= time[-1])
        result[inside] = np.interp(when[inside], time, values)
    return result


def _write(path: Path, recording: Recording, columns: dict[str, np.ndarray], period: float, strides: int) -> None:
    facts = [
        f"# period_s = {period:.4f}",
        f"# mass_kg = {recording.mass:g}",
    ]
    head = [f"# {line}" for line in recording.about]
    head.append(f"# Written by python docs/make_walks.py from {strides} strides; sd over them, of both legs together.")
    head.append("# Angles in degrees, ground force of the right foot in % of body weight, N m of that person.")

    def text(stride: float) -> str:
        rows = [",".join(f"{v:.5g}" for v in row) for row in zip(*columns.values(), strict=True)]
        return "\n".join([*head, *facts, f"# stride_length_m = {stride:.4f}", ",".join(columns), *rows]) + "\n"

    columns["pelvis_tx"] = columns["pelvis_tx"] + GRID
    path.write_text(text(1.0), encoding="utf-8")
    read_cycle_table.cache_clear()
    rise, stride = _stand(path)
    columns["pelvis_ty"] = columns["pelvis_ty"] + rise
    columns["pelvis_tx"] = columns["pelvis_tx"] + (stride - 1.0) * GRID
    path.write_text(text(stride), encoding="utf-8")
    read_cycle_table.cache_clear()
    print(f"{path.name}: {strides} strides, {period:.3f} s, {stride:.3f} m, {stride / period:.2f} m/s, {rise:+.3f} m")


def _stand(path: Path) -> tuple[float, float]:
    """Return by how much the pelvis must rise, and how long a stride is, for the standing foot to rest, m.

    The middle of the right sole stands still in the middle of stance (15 to 40 % of the cycle).
    """
    body = gluteal.load_body("myo")
    series = fit_series(read_cycle_table(path), 6)
    phase = np.linspace(0.15, 0.40, 26)
    q = evaluate(series, body, phase)[0]
    soles = [("calcn_r", (x, -0.02, 0.0)) for x in (0.0, 0.13)]
    where = np.stack([segment_points(body, row, soles) for row in q])
    slope = np.polyfit(phase, where[:, :, 0].mean(axis=1), 1)[0]
    return -float(where[:, :, 1].mean()), float(1.0 - slope)


def main() -> None:
    """Run the command line above."""
    if sys.argv[1:2] == ["tables"] and len(sys.argv) == 3:
        for recording in RECORDINGS:
            write_table(recording, Path(sys.argv[2]))
    elif sys.argv[1:] == ["corrections"]:
        refit_corrections()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
