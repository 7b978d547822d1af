"""The model beside nature at one glance: hip force, ground force of the walk, strength."""

from __future__ import annotations

from typing import Any

import xarray as xr

from gluteal.engines import compute_mechanics
from gluteal.errors import GlutealError
from gluteal.held_against.hip_force import compare_hip_force, published_hip_forces
from gluteal.held_against.strength import tabulate_strength
from gluteal.held_against.walk import GroundForceComparison, compare_walk_ground_force
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import load_task
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.sharing.solution import solve_sharing


def hold_against_nature(body: Body) -> dict[str, Any]:
    """Set what the model computes beside what was measured in people.

    Returns
    -------
    dict
        ``hip_force`` (rows of `compare_hip_force`), ``walk_ground_force`` (root mean square differences and peaks in
        body weights, None where the walk cannot be solved on this body), ``strength`` (rows of `tabulate_strength`)
        and ``notes``: what could not be done, in sentences.
    """
    notes: list[str] = []
    loads: dict[str, xr.Dataset] = {}
    walk: dict[str, Any] | None = None
    for name in dict.fromkeys(p.movement for p in published_hip_forces() if p.movement is not None):
        try:
            solved = solve_sharing(compute_mechanics(body, load_task(name, body)))
            loads[name] = compute_joint_loads(solved)
            if name == "walk":
                walk = _ground_force(compare_walk_ground_force(solved))
        except GlutealError as error:
            notes.append(f"{name}: {error}")
    try:
        strength = tabulate_strength(body)
    except GlutealError as error:
        strength = []
        notes.append(f"strength: {error}")
    return {
        "hip_force": compare_hip_force(loads),
        "walk_ground_force": walk,
        "strength": strength,
        "notes": notes,
    }


def _ground_force(found: GroundForceComparison) -> dict[str, Any]:
    peaks = {name: {"computed_bw": ours, "measured_bw": theirs} for name, (ours, theirs) in found.peaks().items()}
    return {"rmse_foot_bw": found.rmse("foot"), "rmse_total_bw": found.rmse("total"), "peaks": peaks}
