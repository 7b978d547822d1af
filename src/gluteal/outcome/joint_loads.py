"""Forces in the joints: what bone presses on bone when muscles pull as solved.

A cut through a joint parts the body in two. The segments beyond it need a force to move as they do (Newton);
measured loads, unknown supports and the muscles that cross the cut, along their lines of action, supply some
of it, and the joint the rest. Ligaments are not modelled: what they carry counts as contact, and a moment
that a joint cannot carry by contact alone is left to it silently.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from gluteal.mechanics.geometry import Cut
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import STANDARD_GRAVITY, describe

AXES = ["x", "y", "z"]


def compute_joint_loads(solution: Solution, *joints: str) -> xr.Dataset:
    """Compute the contact force of hips, knees, ankles and lumbosacral joint.

    force on the side beyond = needed_force - sum(muscle_force * tension) - sum(support_force * push), the
    recursion of OpenSim's JointReaction analysis summed at once; the side reported on, and the frame, are
    those of each joint's `Cut`.

    Parameters
    ----------
    joints : str
        Of these only ("hip_r"); of all, where none is named.

    Returns
    -------
    xr.Dataset
        ``joint_force`` (time, joint, axis) N: on segment ``on`` (joint,), along the axes of segment ``frame``
        (joint,), x forward, y up, z right; its size ``joint_load`` (time, joint) N; ``anterior_force`` (time,
        joint) N, how hard the thigh presses the pelvis forward, along the pelvis's x, hips only (else nan);
        ``world_force`` (time, joint, axis) N, the same force in the world frame. Joints ("hip_r") that no
        muscle crosses are left out: a force there would be no contact force.

    Raises
    ------
    InputError
        Where the engine knows no lines of action.
    """
    lines = solution.mechanics.lines
    tension, push = solution.values("muscle_force"), solution.values("support_force")
    asked = [j for j, cut in enumerate(lines.cuts) if not joints or joint_name(cut) in joints]
    kept = [j for j in asked if np.any(lines.muscle_force[:, j])]
    beyond = (
        lines.needed_force[:, kept]
        - np.einsum("tjam,tm->tja", lines.muscle_force[:, kept], tension)
        - np.einsum("tjar,tr->tja", lines.support_force[:, kept], push)
    )
    cuts = [lines.cuts[j] for j in kept]
    sign = np.array([1.0 if cut.on in cut.beyond else -1.0 for cut in cuts])
    world = beyond * sign[:, None]
    force = np.einsum("tjba,tjb->tja", lines.rotation[:, kept], world)
    hips = np.array([cut.joint == "hip" for cut in cuts])
    arrays: dict[str, tuple[tuple[str, ...], Any]] = {
        "joint_force": (("time", "joint", "axis"), force),
        "world_force": (("time", "joint", "axis"), world),
        "joint_load": (("time", "joint"), np.linalg.norm(force, axis=2)),
        "anterior_force": (("time", "joint"), np.where(hips, force[:, :, 0], np.nan)),
    }
    coords = {
        "time": solution.mechanics.time,
        "joint": [joint_name(c) for c in cuts],
        "axis": AXES,
        "kind": ("joint", [c.joint for c in cuts]),
        "side": ("joint", [c.side or "" for c in cuts]),
        "on": ("joint", [c.on for c in cuts]),
        "frame": ("joint", [c.frame for c in cuts]),
    }
    dataset = xr.Dataset({n: describe(xr.DataArray(a, dims=d), n) for n, (d, a) in arrays.items()}, coords=coords)
    return dataset.assign_attrs(body_weight_N=solution.mechanics.body.mass * STANDARD_GRAVITY)


def joint_name(cut: Cut) -> str:
    """Return the name of a cut's joint with its side: "hip_r", "lumbosacral"."""
    return f"{cut.joint}_{cut.side}" if cut.side else cut.joint


def compare_joint_loads(baseline: xr.Dataset, changed: xr.Dataset) -> list[dict[str, Any]]:
    """Return peaks of every joint, one row each, from two `compute_joint_loads` of one movement.

    ``joint``, ``side`` (r, l or None), ``on`` and ``frame`` (segments), ``baseline_peak_bw``, ``peak_bw``
    (body weights), ``baseline_peak_n``, ``peak_n`` (N), ``baseline_peak_time_s``, ``peak_time_s``, and for
    hips the largest forward force on the pelvis ``baseline_anterior_peak_bw``, ``anterior_peak_bw`` and its
    mean ``baseline_anterior_mean_bw``, ``anterior_mean_bw`` (None elsewhere; negative is backward).
    """
    weight = float(baseline.attrs["body_weight_N"])
    rows = []
    for j in range(baseline.sizes["joint"]):
        row: dict[str, Any] = {k: str(baseline[k].to_numpy()[j]) for k in ("kind", "side", "on", "frame")}
        row = {"joint": row.pop("kind"), **row}
        row["side"] = row["side"] or None
        for prefix, loads in (("baseline_", baseline), ("", changed)):
            load = loads["joint_load"].to_numpy()[:, j]
            forward = loads["anterior_force"].to_numpy()[:, j]
            top = int(load.argmax())
            row[f"{prefix}peak_bw"] = float(load[top]) / weight
            row[f"{prefix}peak_n"] = float(load[top])
            row[f"{prefix}peak_time_s"] = float(loads["time"].to_numpy()[top])
            hip = bool(np.isfinite(forward).all())
            row[f"{prefix}anterior_peak_bw"] = float(forward.max()) / weight if hip else None
            row[f"{prefix}anterior_mean_bw"] = float(forward.mean()) / weight if hip else None
        rows.append(row)
    return rows
