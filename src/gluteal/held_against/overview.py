"""The model beside nature at one glance: hip force, ground force of the walk, joint moments, feet, strength."""

from __future__ import annotations

from typing import Any

import xarray as xr

from gluteal.engines import compute_mechanics
from gluteal.errors import GlutealError
from gluteal.held_against.feet import compare_feet
from gluteal.held_against.hip_arms import compare_hip_arms
from gluteal.held_against.hip_force import compare_hip_force, published_hip_forces
from gluteal.held_against.joint_moments import compare_joint_moments
from gluteal.held_against.strength import tabulate_strength
from gluteal.held_against.walk import WalkComparison, compare_walk
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import list_tasks, list_walkers, load_task
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.sharing.solution import solve_sharing


def hold_against_nature(body: Body) -> dict[str, Any]:
    """Set what the model computes beside what was measured in people.

    Returns
    -------
    dict
        ``hip_force`` (rows of `compare_hip_force`), ``walk_ground_force`` (root mean square differences and peaks in
        body weights, None where the walk cannot be solved on this body), ``walk_joint_moments`` (for every built-in
        walk, each joint's share of the cycle within two standard deviations, and its difference), ``joint_moments``
        (rows of `compare_joint_moments` for every built-in task), ``feet`` (rows of `compare_feet`),
        ``hip_moment_arms`` (rows of `compare_hip_arms`), ``strength`` (rows of `tabulate_strength`)
        and ``notes``: what could not be done, in sentences.
    """
    notes: list[str] = []
    loads: dict[str, xr.Dataset] = {}
    walk: dict[str, Any] | None = None
    walks: list[dict[str, Any]] = []
    moments: list[dict[str, Any]] = []
    feet: list[dict[str, Any]] = []
    forces = {p.movement for p in published_hip_forces()}
    for name in (task.name for task in list_tasks()):
        try:
            solved = solve_sharing(compute_mechanics(body, load_task(name, body)))
            moments += compare_joint_moments(solved)
            feet += compare_feet(solved)
            if name in forces:
                loads[name] = compute_joint_loads(solved)
            if name in list_walkers():
                found = compare_walk(solved.mechanics)
                walks += _walk_moments(found)
                walk = _ground_force(found) if name == "walk" else walk
        except GlutealError as error:
            notes.append(f"{name}: {error}")
    try:
        arms = compare_hip_arms(body)
    except GlutealError as error:
        arms = []
        notes.append(f"moment arms of the hip: {error}")
    try:
        strength = tabulate_strength(body)
    except GlutealError as error:
        strength = []
        notes.append(f"strength: {error}")
    return {
        "hip_force": compare_hip_force(loads),
        "walk_ground_force": walk,
        "walk_joint_moments": walks,
        "joint_moments": moments,
        "feet": feet,
        "hip_moment_arms": arms,
        "strength": strength,
        "notes": notes,
    }


def _ground_force(found: WalkComparison) -> dict[str, Any]:
    peaks = {name: {"computed_bw": ours, "measured_bw": theirs} for name, (ours, theirs) in found.peaks().items()}
    return {"rmse_foot_bw": found.rmse("foot"), "rmse_total_bw": found.rmse("total"), "peaks": peaks}


def _walk_moments(found: WalkComparison) -> list[dict[str, Any]]:
    within, apart = found.within(), found.moment_rmse()
    return [
        {"walk": found.name, "coordinate": name, "within_two_sd": within[name], "rmse_nm": apart[name]}
        for name in found.coordinates
    ]
