"""Hips of the embedded body: where every muscle that crosses the hip runs, by published source.

Published paths differ by 8 to 10 mm in their moment arms, and verdicts differ with them; so there is not one hip but
several, side by side. ``hip_paths.csv`` holds the points as published, from the hip's centre in the source's own frame
(x forward, y up, z right), every line of every muscle that the source lists; ``hip_wraps.csv`` its wrapping cylinders;
``hip_frames.csv`` how each source is brought to the body, by landmarks, pelvic tilt and size, and who supplies a muscle
that it lacks. Dostal and the two tables of TLEM are cadavers, Delp, Rajagopal and Uhlrich revisions of one model: three
independent sources (`HipSource.lineage`).

What all hips share, and what therefore no comparison of them shows: bones, the hip's centre, masses, the lumbar
origins of psoas, and how two-joint muscles cross the knee.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

import numpy as np

from gluteal.engines.myo.knee import TIBIA_ORIGIN
from gluteal.files import read_rows, read_table_text
from gluteal.sources.bibliography import cite
from gluteal.vocabulary import Side

PathRole = Literal["origin", "via", "insertion"]
#: The hip whose paths are the embedded body's own.
OWN_HIP = "uhlrich2022"


#: The lumbar slips of psoas begin so.
LUMBAR_SLIPS = "Ps_"


@dataclass(frozen=True)
class HipSource:
    """A published set of hip paths and how it is brought to the body.

    Attributes
    ----------
    name : str
    lineage : str
        What it descends from: sources of one lineage are one witness.
    suppliers : tuple of str
        Hips by which a muscle is looked up, in order: itself first, then those that supply what it lacks.
    scale : float
    turn : float
        Rotation of the source's pelvis about the axis to the right, rad (negative tilts it forward).
    shaft_from, knee : float
        How far below the hip's centre the shaft and the knee's axis begin in the source, m: from there on the thigh is
        stretched to the body's.
    source : str, as cited
    """

    name: str
    lineage: str
    suppliers: tuple[str, ...]
    scale: float
    turn: float
    shaft_from: float
    knee: float
    source: str

    def bring(self, segment: str, point: np.ndarray) -> np.ndarray:
        """Bring a published point (3,) m of ``"pelvis"`` or ``"femur"`` to the body, from the hip's centre."""
        if segment == "pelvis":
            return self.scale * self.turned(point)
        moved = self.scale * point
        beyond = -point[1] - self.shaft_from
        if beyond > 0.0:
            top = self.scale * self.shaft_from
            moved[1] = -top - beyond * (-TIBIA_ORIGIN[1] - top) / (self.knee - self.shaft_from)
        return moved

    def turned(self, vector: np.ndarray) -> np.ndarray:
        """Turn a vector (3,) of the source's pelvis into the body's."""
        cosine, sine = np.cos(self.turn), np.sin(self.turn)
        return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]]) @ vector


@dataclass(frozen=True)
class PathPoint:
    """A point of a path: its role, its segment (``"pelvis"`` or ``"femur"``), and where it lies from the hip, m."""

    role: PathRole
    segment: str
    position: np.ndarray


@dataclass(frozen=True)
class PathWrap:
    """A cylinder that a muscle runs around, on the side of `outward`; m, from the hip's centre."""

    segment: str
    position: np.ndarray
    axis: np.ndarray
    radius: float
    outward: np.ndarray


@cache
def hip_sources() -> Mapping[str, HipSource]:
    """Return the published hips by name.

    >>> sorted(hip_sources())
    ['delp1990', 'dostal1981', 'rajagopal2016', 'tlem2', 'tlem2.1', 'uhlrich2022']
    """
    return MappingProxyType(
        {
            row["hip"]: HipSource(
                name=row["hip"],
                lineage=row["lineage"],
                suppliers=tuple(row["suppliers"].split(";")),
                scale=float(row["scale"]),
                turn=float(np.deg2rad(float(row["turn_deg"]))),
                shaft_from=float(row["shaft_from_m"]),
                knee=float(row["knee_m"]),
                source=cite(row["source"]),
            )
            for row in read_rows(read_table_text(__package__, "hip_frames.csv"))
        }
    )


@cache
def hip_paths(hip: str) -> Mapping[str, tuple[tuple[PathPoint, ...], ...]]:
    """Return muscle -> its lines, each a row of points brought to the body, as far as the source lists them.

    A line without an origin begins where the body's own muscle does (psoas: at the lumbar vertebrae), one without an
    insertion runs down the body's own path to the knee. The body's own hip lists none.
    """
    frame = hip_sources()[hip]
    lines: dict[str, dict[str, list[PathPoint]]] = {}
    for row in csv.DictReader(read_table_text(__package__, "hip_paths.csv").splitlines()):
        if row["hip"] == hip:
            point = np.array([float(row[k]) for k in ("x_m", "y_m", "z_m")])
            role: PathRole = row["role"]  # type: ignore[assignment]  # one of three words, as a test asks
            lines.setdefault(row["muscle"], {}).setdefault(row["line"], []).append(
                PathPoint(role, row["segment"], frame.bring(row["segment"], point))
            )
    return MappingProxyType({muscle: tuple(tuple(p) for p in by.values()) for muscle, by in lines.items()})


@cache
def hip_wraps(hip: str) -> Mapping[str, PathWrap]:
    """Return muscle -> the cylinder it runs around, brought to the body."""
    frame = hip_sources()[hip]
    found = {}
    for row in csv.DictReader(read_table_text(__package__, "hip_wraps.csv").splitlines()):
        if row["hip"] == hip:
            position, axis, outward = (
                np.array([float(row[name.format(c)]) for c in "xyz"]) for name in ("{}_m", "axis_{}", "side_{}")
            )
            if row["segment"] == "pelvis":
                axis, outward = frame.turned(axis), frame.turned(outward)
            found[row["muscle"]] = PathWrap(
                segment=row["segment"],
                position=frame.bring(row["segment"], position),
                axis=axis,
                radius=frame.scale * float(row["radius_m"]),
                outward=outward,
            )
    return MappingProxyType(found)


def hip_supplier(hip: str, muscle: str) -> str:
    """Return which hip supplies a muscle's path (its name without side): the first that lists it, else the body's own.

    >>> hip_supplier("dostal1981", "glmax1"), hip_supplier("delp1990", "obtint"), hip_supplier("tlem2.1", "psoas")
    ('tlem2', 'dostal1981', 'tlem2')
    """
    for supplier in hip_sources()[hip].suppliers:
        if muscle in hip_paths(supplier) or (supplier == OWN_HIP and muscle not in added_muscles()):
            return supplier
    return OWN_HIP


def path_name(muscle: str, side: Side, hip: str) -> str:
    """Return the name of a tendon: the muscle, its side, and whose path it is."""
    return f"{muscle}_{side}@{hip}"


@cache
def added_muscles() -> Mapping[str, Mapping[str, str]]:
    """Return the rows of ``hip_added.csv``: muscles of every published hip that the embedded body lacks, by name."""
    rows = read_rows(read_table_text(__package__, "hip_added.csv"))
    return MappingProxyType({row["name"]: MappingProxyType(dict(row)) for row in rows})


@cache
def pelvic_landmarks() -> Mapping[str, np.ndarray]:
    """Return where muscles of the embedded body begin at bony points of the pelvis, from the hip's centre (3,) m.

    Muscle without side -> spines, tuberosity and pubis (``hip_landmarks.csv``).
    """
    rows = read_rows(read_table_text(__package__, "hip_landmarks.csv"))
    return MappingProxyType({row["muscle"]: np.array([float(row[f"{c}_m"]) for c in "xyz"]) for row in rows})
