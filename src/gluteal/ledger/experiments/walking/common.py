"""What only the walking experiments read off a solved walk, and the hip rotation that the body is short of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from gluteal.ledger.bench import Bench
from gluteal.ledger.measures import activation_of, body_weight, missing_of_limit, rise_of_load
from gluteal.ledger.prediction import Reading
from gluteal.mechanics.build import Mechanics
from gluteal.movements.tasks.foot_loads import FOOT_LOADS
from gluteal.nerves.condition import Condition, assemble
from gluteal.outcome.checks import RESIDUAL_FORCE_LIMIT, RESIDUAL_MOMENT_LIMIT
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.outcome.metabolics import RESTING_HEAT, compute_muscle_mass
from gluteal.outcome.record import Outcome
from gluteal.outcome.supports import compute_support_force
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import ROOT_COORDINATES

#: A foot stands when it carries at least this share of body weight.
STANDING = 0.02
ROTATION = ("hip_rotation_r", "hip_rotation_l")
#: How much more a reserve of hip rotation costs than another, as a factor on its row, where rotation goes first.
ROTATION_FIRST = 30.0
HELD = "The movement is held exactly as it is: nobody leans, slows down or changes step."
ROTATION_LIMIT = (
    "The embedded body is short of inward rotation at the extended hip, where all parts of its gluteus medius turn the "
    "thigh outward; that gives out before the frontal plane does. (The deep rotators that it lacks turn the thigh "
    "outward too and would not help.)"
)
HIP_LOAD_LIMIT = (
    "Hip contact forces are too large in this model (docs/joint-loads.md): changes mean more than absolute values."
)


def foot_load(solved: Solution, side: str) -> np.ndarray:
    """Return how much of its weight the body puts on one foot, (T,), 1."""
    force = compute_support_force(solved).sel(axis="y")
    own = [s for s in force["support"].values.tolist() if s in (FOOT_LOADS["rl".index(side)], f"foot_{side}")]
    return np.asarray(force.sel(support=own).sum("support").values / body_weight(solved.mechanics.body))


def right_stance(solved: Solution) -> np.ndarray:
    """Say when the right foot stands, (T,) bool."""
    return foot_load(solved, "r") >= STANDING


def right_single_support(solved: Solution) -> np.ndarray:
    """Say when only the right foot stands, (T,) bool."""
    return right_stance(solved) & (foot_load(solved, "l") < STANDING)


def during(solved: Solution, group: str, frames: np.ndarray) -> np.ndarray:
    """Return the activation of a right group in some frames, 1."""
    return np.asarray(activation_of(solved, group).values[frames])


def with_rotation_supplied(mechanics: Mechanics) -> Mechanics:
    """Let something that is not in the body supply the hips' rotation, so that no muscle has to balance it."""
    data = mechanics.dataset.copy()
    data["recruited"] = data["recruited"] & ~data["coordinate"].isin(ROTATION)
    return replace(mechanics, dataset=data)


def with_rotation_first(mechanics: Mechanics) -> Mechanics:
    """Let muscles meet the hips' rotation before anything else; what they lack then shows in other directions.

    Its balance rows are scaled, which makes their reserves dearer by the square.
    """
    data = mechanics.dataset.copy()
    scale = xr.where(data["coordinate"].isin(ROTATION), ROTATION_FIRST, 1.0)
    for name in ("moment_arm", "joint_moment", "support_arm"):
        data[name] = (data[name] * scale).transpose(*mechanics.dataset[name].dims)
    return replace(mechanics, dataset=data)


def peak_forward_force(solved: Solution) -> float:
    """Return the largest force with which the right thigh presses the pelvis forward, body weights."""
    loads = compute_joint_loads(solved)
    return float(loads["anterior_force"].sel(joint="hip_r").max(skipna=False)) / float(loads.attrs["body_weight_N"])


def cost_ratio(outcome: Outcome) -> float:
    """Return metabolic power under a condition / undisturbed, 1.

    What a condition takes away of a muscle counts as resting (it is still there, and alive), not as gone: else
    a blocked nerve would save the resting heat of its muscles.
    """
    body, changed = outcome.mechanics.body, outcome.changed
    capacity = assemble(outcome.condition, outcome.mechanics, changed.activation.values).capacity
    left = capacity[0] if capacity.ndim else capacity
    resting = RESTING_HEAT * float(((1.0 - left) * compute_muscle_mass(body).values).sum())
    before, after = outcome.mean_metabolic_power
    return (after + resting) / before


def residuals(solved: Solution, key: str, words: str) -> list[Reading]:
    """Return the largest force and moment from nowhere that a changed walk needs at the pelvis.

    The feet's loads are as near to carrying it as their contacts allow; what is left there, nobody supplies.
    """
    reserve = solved.mechanics.dataset["joint_moment"].sel(coordinate=list(ROOT_COORDINATES)).values
    moment, force = (round(float(np.linalg.norm(part, axis=1).max()), 3) for part in (reserve[:, :3], reserve[:, 3:]))
    fine = f"acceptable up to {RESIDUAL_FORCE_LIMIT:g} N", f"acceptable up to {RESIDUAL_MOMENT_LIMIT:g} N m"
    return [
        Reading(f"{key}-residual-force", f"force from nowhere, {words}", force, "N", note=fine[0]),
        Reading(f"{key}-residual-moment", f"moment from nowhere, {words}", moment, "N m", note=fine[1]),
    ]


def read_costs(
    bench: Bench, task: str, condition: Condition, *, key: str, done: str, words: str, note: str = ""
) -> list[Reading]:
    """Return what a condition costs beside doing the same without it: power, hip load, effort, moments missing.

    `done` says in a word what is done, such as "squeezed", `words` where; `note` goes with the missing moments.
    """
    outcome = bench.outcome(task, condition)
    load = rise_of_load(bench, task, condition, "hip_r")
    missing = missing_of_limit(outcome.deficits)
    return [
        Reading(f"{key}-cost", f"metabolic power, {done} / not, {words}", outcome.metabolic_ratio, "1"),
        Reading(f"{key}-load", f"peak hip force, {done} / not, {words}", load, "1"),
        Reading(f"{key}-effort", f"effort, {done} / not, {words}", outcome.effort_ratio, "1"),
        Reading(f"{key}-missing", f"moment missing, share of its limit, {words}", missing, "1", note=note),
    ]
