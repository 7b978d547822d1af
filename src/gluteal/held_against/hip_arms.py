"""Moment arms of hip muscles beside two cadavers: how far a body's paths lie from dissected ones.

Two cadavers differ from each other by 8 to 10 mm, so they bound a body and elect none. Their arms are computed from
their published points (Dostal and Andrews 1981; TLEM 2.0, Carbone et al. 2015) and scaled to the body as their hips are
(`gluteal.engines.myo.hips`). A body whose hip is one of them is set beside the other only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from gluteal.engines import body_lineage, compute_geometry
from gluteal.engines.myo.hips import hip_sources
from gluteal.files import read_rows, read_table_text
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import load_task

#: Source of a row -> the hip of the body that is made from it.
_CADAVERS = {"dostal1981": "dostal1981", "carbone2015": "tlem2"}
_COORDINATES = ("hip_flexion", "hip_adduction", "hip_rotation")


@cache
def published_hip_arms() -> tuple[dict[str, str], ...]:
    """Return the rows of ``hip_moment_arms.csv``: muscle, coordinate, hip_flexion_deg, moment_arm_mm, source."""
    return tuple(read_rows(read_table_text("gluteal.sources.published", "hip_moment_arms.csv")))


def compare_hip_arms(body: Body) -> list[dict[str, Any]]:
    """Set a body's moment arms about the right hip beside each cadaver's.

    Returns
    -------
    list of dict
        For each cadaver and coordinate ``source``, ``coordinate``, ``rms_mm`` (root mean square difference),
        ``worst_mm`` (the largest, ours minus theirs) with its ``muscle`` and ``hip_flexion_deg``, and ``rows``:
        how many were compared.

    Raises
    ------
    InputError
        Where the body cannot take the postures (hip flexed by -15 to 60 degrees, all else neutral).
    """
    found = []
    for source, hip in _CADAVERS.items():
        frame = hip_sources()[hip]
        if frame.lineage == body_lineage(body):
            continue
        rows = [r for r in published_hip_arms() if r["source"] == source and f"{r['muscle']}_r" in body.muscle_names]
        angles = sorted({float(r["hip_flexion_deg"]) for r in rows})
        arm = _arms(body, angles)
        for coordinate in _COORDINATES:
            own = [r for r in rows if r["coordinate"] == coordinate]
            at = body.coordinate_names.index(f"{coordinate}_r")
            difference = np.array(
                [
                    1000.0 * arm[angles.index(float(r["hip_flexion_deg"])), at, _column(body, r["muscle"])]
                    - frame.scale * float(r["moment_arm_mm"])
                    for r in own
                ]
            )
            worst = int(np.abs(difference).argmax())
            found.append(
                {
                    "source": source,
                    "coordinate": coordinate,
                    "rms_mm": float(np.sqrt((difference**2).mean())),
                    "worst_mm": float(difference[worst]),
                    "muscle": own[worst]["muscle"],
                    "hip_flexion_deg": float(own[worst]["hip_flexion_deg"]),
                    "rows": len(own),
                }
            )
    return found


def _arms(body: Body, angles: list[float]) -> np.ndarray:
    """Return moment arms (angle, coordinate, muscle), m, with the right hip flexed and all else neutral."""
    standing = load_task("quiet-standing", body)
    neutral = replace(standing, coordinates=standing.coordinates.isel(time=0) * 0.0, supports=())
    coordinates = neutral.coordinates.expand_dims(time=np.arange(len(angles), dtype=float)).copy()
    coordinates.loc[{"coordinate": "hip_flexion_r"}] = np.deg2rad(angles)
    still = coordinates * 0.0
    return compute_geometry(body, replace(neutral, coordinates=coordinates, speed=still, acceleration=still)).moment_arm


def _column(body: Body, muscle: str) -> int:
    return body.muscle_names.index(f"{muscle}_r")
