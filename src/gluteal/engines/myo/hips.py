"""Hips of the embedded body: where gluteus medius and minimus and the deep rotators run, by published source.

Published paths differ by 8 to 10 mm in their moment arms, and verdicts differ with them; so there is not one hip but
several, side by side. The compiled model holds a path for every muscle of every source; a body chooses its own.
``hip_paths.csv`` holds the points as published, from the hip's centre in the source's own frame (x forward, y up, z
right); ``hip_frames.csv`` how each source is brought to the body, by landmarks, pelvic tilt and size. Dostal and the
two tables of TLEM are cadavers, Delp, Rajagopal and Uhlrich revisions of one model: three independent sources
(`HipSource.lineage`).

What all hips share, and what therefore no comparison of them shows: bones, the hip's centre, masses, and the paths of
all other muscles.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
import xarray as xr

from gluteal.files import read_rows, read_table_text
from gluteal.mechanics.body import MUSCLE_PARAMETERS, make_muscle_table
from gluteal.sources.bibliography import cite
from gluteal.vocabulary import Side

if TYPE_CHECKING:
    import mujoco

Fibres = Literal["model", "dissected"]

#: Optimal fibre length of sarcomere-normalised dissections, m; the area follows from an unchanged volume.
DISSECTED = MappingProxyType({"piri": 0.0837, "glmin1": 0.103, "glmin2": 0.103, "glmin3": 0.103})
#: Fibre of a deep rotator in the neutral posture, of its optimal length.
NEUTRAL_FIBRE = 1.0
_SIDES: tuple[Side, Side] = ("r", "l")
_MIRROR = np.array([1.0, 1.0, -1.0])


@dataclass(frozen=True)
class HipSource:
    """A published set of hip paths and how it is brought to the body.

    Attributes
    ----------
    name : str
    lineage : str
        What it descends from: sources of one lineage are one witness.
    scale : float
    turn : float
        Rotation of the source's pelvis about the axis to the right, rad (negative tilts it forward).
    source : str, as cited
    """

    name: str
    lineage: str
    scale: float
    turn: float
    source: str


@cache
def hip_sources() -> Mapping[str, HipSource]:
    """Return the published hips by name.

    >>> sorted(hip_sources())
    ['delp1990', 'dostal1981', 'rajagopal2016', 'tlem2', 'tlem2.1', 'uhlrich2022']
    """
    return MappingProxyType(
        {
            row["hip"]: HipSource(
                row["hip"],
                row["lineage"],
                float(row["scale"]),
                float(np.deg2rad(float(row["turn_deg"]))),
                cite(row["source"]),
            )
            for row in read_rows(read_table_text(__package__, "hip_frames.csv"))
        }
    )


@cache
def hip_paths(hip: str) -> Mapping[str, tuple[tuple[str, np.ndarray], ...]]:
    """Return muscle -> points (segment, position from the hip's centre (3,) m) of one source, brought to the body."""
    frame = hip_sources()[hip]
    cosine, sine = np.cos(frame.turn), np.sin(frame.turn)
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    paths: dict[str, list[tuple[str, np.ndarray]]] = {}
    for row in csv.DictReader(read_table_text(__package__, "hip_paths.csv").splitlines()):
        if row["hip"] == hip:
            point = frame.scale * np.array([float(row[k]) for k in ("x_m", "y_m", "z_m")])
            paths.setdefault(row["muscle"], []).append(
                (row["segment"], turn @ point if row["segment"] == "pelvis" else point)
            )
    return MappingProxyType({muscle: tuple(points) for muscle, points in paths.items()})


def add_hip_paths(spec: mujoco.MjSpec) -> None:
    """Add a tendon for every muscle of every published hip to a model that is not compiled yet, both sides."""
    for side in _SIDES:
        femur = spec.body(f"femur_{side}")
        centre = np.array(femur.pos)
        for hip in hip_sources():
            for muscle, points in hip_paths(hip).items():
                tendon = spec.add_tendon(name=path_name(muscle, side, hip))
                for i, (segment, point) in enumerate(points, start=1):
                    position = point if side == "r" else point * _MIRROR
                    body, origin = (spec.body("pelvis"), centre) if segment == "pelvis" else (femur, np.zeros(3))
                    name = f"{path_name(muscle, side, hip)}-P{i}"
                    body.add_site(name=name, pos=origin + position)
                    tendon.wrap_site(name)


def path_name(muscle: str, side: Side, hip: str) -> str:
    """Return the name of a tendon: the muscle, its side, and whose path it is."""
    return f"{muscle}_{side}@{hip}"


def hip_muscles(
    table: xr.Dataset, hip: str, lengths: Mapping[str, float], neutral: Mapping[str, float], *, fibres: Fibres
) -> xr.Dataset:
    """Return the muscle table of a body with a published hip.

    Tendons of muscles whose path moved are as long as leaves the fibre, in the neutral posture, where it was; deep
    rotators are added, their fibres at `NEUTRAL_FIBRE` of the optimal length there.

    Parameters
    ----------
    table : xr.Dataset
        Of the body without.
    lengths, neutral : mapping of tendon's name -> m
        Length in the neutral posture of every path of the hips, and of the body's own muscles.
    fibres : "model" or "dissected"
        Fibre lengths of piriformis and gluteus minimus as the model has them, or as `DISSECTED`, at equal volume.
    """
    names = [str(name) for name in table["muscle"].values]
    columns = {column: table[column].values.astype(float).copy() for column in MUSCLE_PARAMETERS}
    source = [str(text) for text in table["source"].values]
    force, fibre, slack = (columns[c] for c in ("max_isometric_force", "optimal_fiber_length", "tendon_slack_length"))
    paths = hip_paths(hip)
    for i, name in enumerate(names):
        bare = name[:-2]
        moved = bare in paths
        wanted = DISSECTED.get(bare) if fibres == "dissected" else None
        if not moved and wanted is None:
            continue
        angle = np.sin(columns["pennation_angle"][i])
        along = neutral[name] - slack[i]
        relative = np.hypot(along / fibre[i], angle)  # fibre length over optimal, rigid tendon
        if wanted is not None:
            force[i] *= fibre[i] / wanted
            fibre[i] = wanted
        length = lengths[path_name(bare, _side(name), hip)] if moved else neutral[name]
        slack[i] = length - fibre[i] * np.sqrt(max(relative**2 - angle**2, 0.0))
        source[i] += f"; path: {hip_sources()[hip].source}" if moved else ""
    rotators = {row["name"]: row for row in read_rows(read_table_text(__package__, "hip_rotators.csv"))}
    added: list[str] = []
    extra: dict[str, list[float]] = {column: [] for column in MUSCLE_PARAMETERS}
    for side in _SIDES:
        for muscle in paths:
            if muscle not in rotators:
                continue
            row = rotators[muscle]
            optimal, angle = float(row["optimal_fiber_length_m"]), float(row["pennation_angle_rad"])
            values = {
                "max_isometric_force": float(row["max_isometric_force_N"]),
                "optimal_fiber_length": optimal,
                "tendon_slack_length": lengths[path_name(muscle, side, hip)] - NEUTRAL_FIBRE * optimal * np.cos(angle),
                "pennation_angle": angle,
                "max_contraction_velocity": float(columns["max_contraction_velocity"][0]),
                "passive_onset_strain": 0.0,
                "passive_strain": float(columns["passive_strain"][0]),
            }
            added.append(f"{muscle}_{side}")
            source.append(f"{cite(row['source'])}, {row['locator']}; path: {hip_sources()[hip].source}")
            for column in MUSCLE_PARAMETERS:
                extra[column].append(values[column])
    whole = {column: np.append(columns[column], extra[column]) for column in MUSCLE_PARAMETERS}
    return make_muscle_table([*names, *added], whole, source)


def _side(name: str) -> Side:
    return "r" if name.endswith("_r") else "l"
