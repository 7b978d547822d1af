"""What a solution has to pass before anyone should believe it: measured, compared with a stated limit, told.

Limits of reserves and residuals are OpenSim's for static optimisation and residual reduction (Hicks et al.
2015, doi 10.1115/1.4029304, Table 3, and the OpenSim user guide, "Evaluating your results").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from gluteal.nerves.condition import assemble
from gluteal.nerves.share import Share
from gluteal.sharing.recruitment import RESERVE_COST, Recruitment
from gluteal.vocabulary import ROOT_COORDINATES
from gluteal.words import coordinate_words

#: Reserve / peak net joint moment of the same coordinate, 1 (OpenSim: under 10 %).
RESERVE_LIMIT = 0.10
#: Where the movement asks less than this of a coordinate, a share of it means nothing, N m.
SMALL_DEMAND = 10.0
#: Largest residual at the pelvis (OpenSim: up to 10 N and 50 N m good, up to 25 N and 75 N m acceptable).
RESIDUAL_FORCE_LIMIT, RESIDUAL_MOMENT_LIMIT = 25.0, 75.0
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


def compute_demand(recruitment: Recruitment) -> xr.DataArray:
    """Return the moment asked of muscles and reserves, (time, coordinate), N m or N.

    joint_moment minus what the supports carry of it; at the pelvis, which no muscle moves, joint_moment
    itself: what the supports have to carry.
    """
    data = recruitment.mechanics.dataset
    supports = xr.dot(data["support_arm"], recruitment.dataset["support_force"], dim="ray")
    at_root = data["coordinate"].isin(list(ROOT_COORDINATES))
    return data["joint_moment"] - supports.where(~at_root, 0.0)


def compute_balance(recruitment: Recruitment, limits: Share) -> xr.DataArray:
    """Return what is left of the moment balance, from the activations alone, (time, coordinate), N m or N.

    |moment_arm (capacity a + passive) + support_arm s + reserve - joint_moment|, with the capacity that the
    condition leaves (`limits`). Zero up to rounding, unless a result was altered or a solver erred.
    """
    data, solution = recruitment.mechanics.dataset, recruitment.dataset
    force = data["active_capacity"] * limits.capacity * solution["activation"] + data["passive_force"]
    balance = (
        xr.dot(data["moment_arm"], force, dim="muscle")
        + xr.dot(data["support_arm"], solution["support_force"], dim="ray")
        - data["joint_moment"]
    ).sel(coordinate=solution["coordinate"])
    return abs(balance + solution["reserve_moment"])


def compute_optimality(recruitment: Recruitment, limits: Share) -> xr.DataArray:
    """Return how far each activation is from the cheapest one, (time, muscle), 1.

    At the optimum the multiplier of a moment equation is 2 RESERVE_COST reserve, and every activation
    solves p a^(p-1) = capacity moment_arm' multiplier inside its bounds (the Karush-Kuhn-Tucker
    conditions); both are recomputed here from the reported numbers, whatever solver made them.
    """
    data, solution = recruitment.mechanics.dataset, recruitment.dataset
    arm = data["moment_arm"].sel(coordinate=solution["coordinate"])
    price = 2.0 * RESERVE_COST * solution["reserve_moment"]
    pull = xr.dot(arm, price, dim="coordinate") * data["active_capacity"] * limits.capacity
    p = recruitment.exponent
    best = np.maximum(pull / p, 0.0) ** (1.0 / (p - 1.0))
    return abs(np.clip(best, limits.floor, limits.ceiling) - solution["activation"])


def check_outcome(baseline: Recruitment, changed: Recruitment) -> tuple[Check, ...]:
    """Return every acceptance check of an undisturbed solution and the one under the condition."""
    demand = compute_demand(baseline)
    pair = [(r, _limits(r, baseline)) for r in (baseline, changed)]
    return (
        _check_reserves("baseline reserves", "Undisturbed", baseline, demand),
        _check_reserves("condition reserves", "Under the condition", changed, demand),
        *_check_residuals(baseline),
        _make(
            "solver certificate",
            max(r.certificate() for r, _ in pair),
            CERTIFICATE_LIMIT,
            "1",
            "The optimality conditions that the solver reports itself",
        ),
        _make(
            "moment balance",
            max(_peak(compute_balance(r, limits)) for r, limits in pair),
            BALANCE_LIMIT,
            "N m",
            "The movement's moments, recomputed from the activations,",
        ),
        _make(
            "least effort",
            max(_peak(compute_optimality(r, limits)) for r, limits in pair),
            ACTIVATION_LIMIT,
            "1",
            "The conditions of least effort, recomputed for every activation,",
        ),
    )


def _check_reserves(name: str, when: str, recruitment: Recruitment, demand: xr.DataArray) -> Check:
    """Compare each joint's reserve with its demand; the pelvis is checked by its residuals."""
    body = recruitment.mechanics.body
    reserve = recruitment.residual()
    joints = [
        c
        for c in map(str, reserve["coordinate"].values)
        if c not in ROOT_COORDINATES and body.coordinate(c).kind == "rotation"
    ]
    asked = abs(demand.sel(coordinate=joints)).max("time", skipna=False).clip(min=SMALL_DEMAND)
    share = reserve.sel(coordinate=joints) / asked
    worst = int(share.fillna(np.inf).argmax("coordinate"))
    value = float(share[worst])
    passed = value < RESERVE_LIMIT
    return Check(
        name,
        value,
        RESERVE_LIMIT,
        "1",
        passed,
        f"{when}, the largest reserve is {100 * value:.2g} % of what the movement asks of "
        f"{coordinate_words(joints[worst])}; OpenSim accepts under {100 * RESERVE_LIMIT:.0f} %.",
    )


def _check_residuals(baseline: Recruitment) -> list[Check]:
    """Check what the world would have to add at the pelvis: measured loads' imbalance, or reserves."""
    measured = baseline.mechanics.movement.measured
    rows = baseline.mechanics.dataset["joint_moment"] if measured else baseline.dataset["reserve_moment"]
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
        passed = value < limit
        checks.append(
            Check(
                name,
                value,
                limit,
                unit,
                passed,
                f"Between {what}, up to {value:.3g} {unit} at the pelvis do not balance; OpenSim accepts "
                f"under {limit:.0f} {unit} and calls under {good} {unit} good.",
            )
        )
    return checks


def _make(name: str, value: float, limit: float, unit: str, what: str) -> Check:
    passed = value < limit
    shown = f"{value:.1e}" if unit == "1" else f"{value:.1e} {unit}"
    verb = "are met" if passed else "are NOT met: do not use this result"
    sentence = f"{what} {verb} (off by {shown} at most; limit {limit:.0e})."
    return Check(name, value, limit, unit, passed, sentence)


def _limits(recruitment: Recruitment, baseline: Recruitment) -> Share:
    return assemble(recruitment.condition, recruitment.mechanics, baseline.dataset["activation"].values)


def _peak(array: xr.DataArray) -> float:
    return float(array.max(skipna=False))
