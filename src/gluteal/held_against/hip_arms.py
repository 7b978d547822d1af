"""Moment arms of hip muscles beside two cadavers and what was measured: how far a body's paths lie from nature's.

Two cadavers differ from each other by 8 to 10 mm, so they bound a body and elect none. Their arms are computed from
their published points (Dostal and Andrews 1981; TLEM 2.0, Carbone et al. 2015) and scaled to the body as their hips are
(`gluteal.engines.myo.hips`). A body whose hip is one of them is set beside the other only. Beside them stand gluteus
maximus and medius in vivo (Nemeth and Ohlsen 1985), psoas in three more specimens (Arnold et al. 2000) and the bands of
fibres of gluteus maximus, gluteus medius, psoas and iliacus (Blemker and Delp 2005), as published.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    """Return the rows of ``hip_moment_arms.csv``: muscle, coordinate, hip_flexion_deg, moment_arm_mm, source, end."""
    return tuple(read_rows(read_table_text("gluteal.sources.published", "hip_moment_arms.csv")))


def compare_hip_arms(body: Body) -> list[dict[str, Any]]:
    """Set a body's moment arms about the right hip beside each cadaver's and what was measured.

    A muscle of several parts has the mean of theirs, weighted by strength; beside a band of fibres, the difference is
    how far its parts lie outside.

    Returns
    -------
    list of dict
        For each source and coordinate ``source``, ``coordinate``, ``rms_mm`` (root mean square difference),
        ``worst_mm`` (the largest, ours minus theirs) with its ``muscle`` and ``hip_flexion_deg``, and ``rows``:
        how many were compared.

    Raises
    ------
    InputError
        Where the body cannot take the postures (hip flexed by -15 to 90 degrees, all else neutral).
    """
    found = []
    for source in dict.fromkeys(row["source"] for row in published_hip_arms()):
        frame = hip_sources()[_CADAVERS[source]] if source in _CADAVERS else None
        if frame is not None and frame.lineage == body_lineage(body):
            continue
        rows = [r for r in published_hip_arms() if r["source"] == source and _columns(body, r["muscle"])]
        angles = sorted({float(r["hip_flexion_deg"]) for r in rows})
        arm = 1000.0 * _arms(body, angles)
        for coordinate in _COORDINATES:
            own = [r for r in rows if r["coordinate"] == coordinate]
            if not own:
                continue
            at = body.coordinate_names.index(f"{coordinate}_r")
            scale = frame.scale if frame else 1.0
            frames = [angles.index(float(row["hip_flexion_deg"])) for row in own]
            difference = np.array(
                [_difference(row, arm[k, at], body, scale) for k, row in zip(frames, own, strict=True)]
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


def _difference(row: Mapping[str, str], arm: np.ndarray, body: Body, scale: float) -> float:
    """Return ours minus theirs, mm; of the end of a band, how far the body's parts lie beyond it."""
    theirs = scale * float(row["moment_arm_mm"])
    columns = _columns(body, row["muscle"])
    if row["end"]:
        sign = 1.0 if row["end"] == "highest" else -1.0
        return sign * max(0.0, float((sign * (arm[columns] - theirs)).max()))
    strength = body.muscles["max_isometric_force"].values[columns]
    return float(np.average(arm[columns], weights=strength)) - theirs


def _arms(body: Body, angles: list[float]) -> np.ndarray:
    """Return moment arms (angle, coordinate, muscle), m, with the right hip flexed and all else neutral."""
    standing = load_task("quiet-standing", body)
    neutral = replace(standing, coordinates=standing.coordinates.isel(time=0) * 0.0, supports=())
    coordinates = neutral.coordinates.expand_dims(time=np.arange(len(angles), dtype=float)).copy()
    coordinates.loc[{"coordinate": "hip_flexion_r"}] = np.deg2rad(angles)
    still = coordinates * 0.0
    return compute_geometry(body, replace(neutral, coordinates=coordinates, speed=still, acceleration=still)).moment_arm


def _columns(body: Body, muscle: str) -> list[int]:
    """Return where a muscle of the right side stands in the body, all of its numbered parts where it has them."""
    names = [name[:-2] if name.endswith("_r") else "" for name in body.muscle_names]
    return [i for i, name in enumerate(names) if name == muscle or (name[:-1] == muscle and name[-1:].isdigit())]
