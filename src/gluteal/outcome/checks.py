"""What a solution has to pass before anyone should believe it: measured, compared with a stated limit, told.

Limits of reserves and residuals are OpenSim's for static optimisation and residual reduction (Hicks et al.
2015, doi 10.1115/1.4029304, Table 3, and the OpenSim user guide, "Evaluating your results").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.ground import measure_mass
from gluteal.mechanics.muscle_state import (
    LONGEST_FIBER,
    LOST_DIRECTION,
    PASSIVE_LIMIT,
    find_highest_passive,
    find_longest_fiber,
    find_lost_strength,
)
from gluteal.outcome.compare import compute_net_moment
from gluteal.sharing.solution import DETERMINED, PERTURBATION, Solution
from gluteal.vocabulary import ROOT_COORDINATES
from gluteal.words import coordinate_words

#: Reserve / peak net joint moment of the same coordinate, 1 (OpenSim: under 10 %).
RESERVE_LIMIT = 0.10
#: Where the movement asks less than this of a coordinate, a share of it means nothing, N m.
SMALL_DEMAND = 10.0
#: Largest residual at the pelvis (OpenSim: up to 10 N and 50 N m good, up to 25 N and 75 N m acceptable).
RESIDUAL_FORCE_LIMIT, RESIDUAL_MOMENT_LIMIT = 25.0, 75.0
#: Difference between the model's mass and the one that the ground forces carry, share, 1.
MASS_TOLERANCE = 0.05
#: Passive moment of all muscles / peak net moment of the same coordinate, 1.
PASSIVE_SHARE = 3.0
#: Largest residual of the optimality conditions, 1, and of an activation recomputed from them, 1.
CERTIFICATE_LIMIT, ACTIVATION_LIMIT = 1e-6, 1e-4
#: Largest imbalance of moments recomputed from the activations, N m or N.
BALANCE_LIMIT = 1e-3


@dataclass(frozen=True)
class Check:
    """One acceptance check: `value` against `limit` (same unit), and what it means in a sentence."""

    name: str
    value: float
    limit: float
    unit: str
    passed: bool
    sentence: str

    def to_json(self) -> dict[str, Any]:
        """Return the check as plain data; a value that is not a number is null."""
        value = self.value if np.isfinite(self.value) else None
        return {**self.__dict__, "value": value}


def compute_balance(solution: Solution) -> xr.DataArray:
    """Return what is left of the moment balance, from the activations alone, (..., time, coordinate), N m or N.

    |moment_arm (capacity a + passive) + support_arm s + reserve - joint_moment|, with the capacity that the
    condition leaves. Zero up to rounding, unless a result was altered or a solver erred.
    """
    data, found = solution.mechanics.dataset, solution.dataset
    force = data["active_capacity"] * _left(solution) * found["activation"] + data["passive_force"]
    balance = (
        xr.dot(data["moment_arm"], force, dim="muscle")
        + xr.dot(data["support_arm"], found["support_force"], dim="ray")
        - data["joint_moment"]
    ).sel(coordinate=found["coordinate"])
    return abs(balance + found["reserve_moment"])


def compute_optimality(solution: Solution) -> xr.DataArray:
    """Return how far each activation is from the cheapest one, (..., time, muscle), 1.

    At the optimum the multiplier of a moment equation is 2 reserve_cost reserve, and every activation
    solves p w a^(p-1) = capacity moment_arm' multiplier inside its bounds (the Karush-Kuhn-Tucker
    conditions); both are recomputed here from the reported numbers, whatever solver made them.
    """
    data, found, problem = solution.mechanics.dataset, solution.dataset, solution.problem
    arm = data["moment_arm"].sel(coordinate=found["coordinate"])
    price = 2.0 * found["reserve_cost"] * found["reserve_moment"]
    pull = xr.dot(arm, price, dim="coordinate") * data["active_capacity"] * _left(solution)
    p, activation = problem.criterion.exponent, found["activation"]
    steep = np.maximum(pull.transpose(*activation.dims) / (p * problem.weight), 0.0) ** (1.0 / (p - 1.0))
    return abs(np.clip(steep, problem.share.floor, problem.share.ceiling) - activation)


def _left(solution: Solution) -> xr.DataArray:
    """Return the share of capacity that the condition leaves, labelled."""
    like = solution.dataset["activation"]
    return like.copy(data=np.broadcast_to(solution.problem.share.capacity, like.shape))


def check_outcome(baseline: Solution, changed: Solution) -> tuple[Check, ...]:
    """Return every acceptance check of an undisturbed solution and the one under the condition."""
    names = list(baseline.problem.coordinates)
    asked = np.abs(compute_net_moment(baseline)).max(axis=0)
    demand = xr.DataArray(asked, dims="coordinate", coords={"coordinate": names})
    pair = baseline, changed
    return (
        _check_reserves("baseline reserves", "Undisturbed", baseline, demand),
        _check_reserves("condition reserves", "Under the condition", changed, demand),
        *_check_residuals(baseline),
        *_check_mass(baseline.mechanics),
        *_check_muscles(baseline.mechanics, demand),
        _make(
            "solver certificate",
            max(s.certificate() for s in pair),
            CERTIFICATE_LIMIT,
            "1",
            "The optimality conditions that the solver reports itself",
        ),
        _make(
            "moment balance",
            max(_peak(compute_balance(s)) for s in pair),
            BALANCE_LIMIT,
            "N m",
            "The movement's moments, recomputed from the activations,",
        ),
        _make(
            "least effort",
            max(_peak(compute_optimality(s)) for s in pair),
            ACTIVATION_LIMIT,
            "1",
            "The conditions of least effort, recomputed for every activation,",
        ),
        _check_sensitivity(max(_peak(s.sensitivity) for s in pair)),
    )


def _check_reserves(name: str, when: str, solution: Solution, demand: xr.DataArray) -> Check:
    """Compare each joint's least reserve with its demand; the pelvis is checked by its residuals."""
    body = solution.mechanics.body
    reserve = solution.residual()
    joints = [
        c
        for c in map(str, reserve["coordinate"].values)
        if c not in ROOT_COORDINATES and body.coordinate(c).kind == "rotation"
    ]
    share = reserve.sel(coordinate=joints) / demand.sel(coordinate=joints).clip(min=SMALL_DEMAND)
    worst = int(share.fillna(np.inf).argmax("coordinate"))  # what is no number must not pass
    value = float(share[worst])
    percent = f"{100 * value:.2g}" if value < 1.0 else f"{100 * value:,.0f}"
    return Check(
        name,
        value,
        RESERVE_LIMIT,
        "1",
        value < RESERVE_LIMIT,
        f"{when}, the largest reserve is {percent} % of what the movement asks of "
        f"{coordinate_words(joints[worst])}; OpenSim accepts under {100 * RESERVE_LIMIT:.0f} %.",
    )


def _check_residuals(baseline: Solution) -> list[Check]:
    """Check what the world would have to add at the pelvis: measured loads' imbalance, or reserves."""
    measured = baseline.mechanics.movement.measured
    rows = baseline.mechanics.dataset["joint_moment"] if measured else baseline.dataset["least_reserve"]
    names = [str(c) for c in rows["coordinate"].values]
    what = "the measured ground forces and the movement" if measured else "the supports and the movement"
    checks = []
    for name, coordinates, limit, unit, good in (
        ("residual force", ROOT_COORDINATES[3:], RESIDUAL_FORCE_LIMIT, "N", 10),
        ("residual moment", ROOT_COORDINATES[:3], RESIDUAL_MOMENT_LIMIT, "N m", 50),
    ):
        here = [c for c in coordinates if c in names]
        if not here:
            continue
        value = _peak(abs(rows.sel(coordinate=here)))
        checks.append(
            Check(
                name,
                value,
                limit,
                unit,
                value < limit,
                f"Between {what}, up to {value:.3g} {unit} at the pelvis do not balance; OpenSim accepts "
                f"under {limit:.0f} {unit} and calls under {good} {unit} good.",
            )
        )
    return checks


def _check_mass(mechanics: Mechanics) -> Iterator[Check]:
    """Hold the model's mass against the one that the ground carries, where it was measured."""
    mass = measure_mass(mechanics.body, mechanics.movement, mechanics.dataset["joint_moment"].values)
    if np.isfinite(mass) and not mechanics.movement.supports:
        model = mechanics.body.mass
        value = abs(model / mass - 1.0) if mass else np.inf
        yield Check(
            "mass",
            value,
            MASS_TOLERANCE,
            "1",
            value < MASS_TOLERANCE,
            f"The model has a mass of {model:.1f} kg, and the ground forces carry {mass:.1f} kg by their impulse; "
            "joint moments are off by about the share between them.",
        )


def _check_muscles(mechanics: Mechanics, demand: xr.DataArray) -> Iterator[Check]:
    """Hold lengths and passive forces of the muscles against what muscles bear."""
    data = mechanics.dataset
    if not len(data["muscle"]) or not len(demand):
        return
    longest, passive = find_longest_fiber(data), find_highest_passive(data)
    force = passive.value * float(data["max_isometric_force"].sel(muscle=passive.muscle))
    yield Check(
        "fibre length",
        longest.value,
        LONGEST_FIBER,
        "1",
        longest.value < LONGEST_FIBER,
        f"{longest.muscle} ({longest.words}) is the most stretched muscle, to {longest.value:.2f} of its optimal fibre "
        f"length at {longest.time:.3g} s.",
    )
    yield Check(
        "passive force",
        passive.value,
        PASSIVE_LIMIT,
        "1",
        passive.value < PASSIVE_LIMIT,
        f"{passive.muscle} ({passive.words}), stretched to {passive.fiber_length:.2f} of its optimal fibre length at "
        f"{passive.time:.3g} s, pulls {force:,.0f} N passively: {passive.value:.2f} of what it can at full activation.",
    )
    lost = find_lost_strength(mechanics.body.muscles, data)
    what = (
        f"{100 * lost.share:.0f} % of the strength about {coordinate_words(lost.coordinate)} belongs to muscles with "
        f"nothing to work with, such as {lost.muscle.muscle} at {lost.muscle.fiber_length:.2f} of its optimal "
        "fibre length."
        if lost.share > 0.0
        else "No muscle is slack, or stretched beyond its overlap, for most of the movement."
    )
    yield Check("slack muscles", lost.share, LOST_DIRECTION, "1", lost.share < LOST_DIRECTION, what)
    moment = xr.dot(data["moment_arm"], data["passive_force"], dim="muscle").sel(coordinate=demand["coordinate"])
    joints = [c for c in map(str, demand["coordinate"].values) if c not in ROOT_COORDINATES]
    share = (abs(moment).max("time") / demand.clip(min=SMALL_DEMAND)).sel(coordinate=joints)
    most = int(share.argmax("coordinate"))
    name, value = joints[most], float(share[most])
    yield Check(
        "passive moment",
        value,
        PASSIVE_SHARE,
        "1",
        value < PASSIVE_SHARE,
        f"Passive forces of all muscles put up to {float(abs(moment).max('time').sel(coordinate=name)):.3g} N·m on "
        f"{coordinate_words(name)}, {value:.2g} times what the movement asks there.",
    )


def _check_sensitivity(value: float) -> Check:
    """Say whether who works is determined by the movement, or by the last digits of what went in."""
    passed = value < DETERMINED
    meaning = "who works is determined" if passed else "muscles that do are left out of who does more and less"
    return Check(
        "sensitivity",
        value,
        DETERMINED,
        "1",
        passed,
        f"With every input off by {PERTURBATION:.0e} of itself, no activation moves by more than {value:.1e} "
        f"({DETERMINED:.0e} is allowed): {meaning}.",
    )


def _make(name: str, value: float, limit: float, unit: str, what: str) -> Check:
    passed = value < limit
    shown = f"{value:.1e}" if unit == "1" else f"{value:.1e} {unit}"
    verb = "are met" if passed else "are NOT met: do not use this result"
    sentence = f"{what} {verb} (off by {shown} at most; limit {limit:.0e})."
    return Check(name, value, limit, unit, passed, sentence)


def _peak(array: xr.DataArray) -> float:
    return float(array.max(skipna=False))
