"""What the experiments on postures and exercises measure: activations, moments, loads, shortened muscles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy
import xarray as xr

from gluteal import anatomy
from gluteal.ledger.bench import Bench
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics, alter_mechanics
from gluteal.mechanics.movement import Movement
from gluteal.nerves.condition import Condition
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.outcome.record import Outcome
from gluteal.outcome.verdict import Deficit
from gluteal.sharing.solution import Solution
from gluteal.sharing.tolerance import solve_tolerance
from gluteal.simulate.people import SCATTER
from gluteal.vocabulary import STANDARD_GRAVITY, Sides

GLUTEALS = ("glmax", "glmed", "glmin")
#: Up to 20 % of a maximal contraction is called low activity in studies of EMG and above 40 % high (DiGiovine et al.
#: 1992 and, after them, Reiman et al. 2012, doi 10.3109/09593985.2011.604981; bounds from memory, not read there), %.
LOW_ACTIVITY, HIGH_ACTIVITY = 20.0, 40.0
ACTIVITY_WHY = (
    "up to 20 % of a maximal contraction is called low and above 40 % high in studies of EMG (DiGiovine 1992, Reiman "
    "2012; from memory, not read at source)"
)
#: A rise of a load below the verdict's own limit for a moment (5 %) is none; one that exceeds the spread of
#: body mass between healthy people (one standard deviation) is more than people differ by anyway.
SMALL_RISE, CLEAR_RISE = 1.05, 1.0 + SCATTER["mass"].value
#: Why a squeeze cannot speak on its own cost.
FOREGONE_SQUEEZE = (
    "a least activation is a constraint on least effort, so it could only have come out dearer; how much is set by the "
    "one depth of squeeze that was chosen"
)
RISE_WHY = (
    "a rise up to 5 % is within the verdict's own tolerance; one above 13.7 % exceeds the standard deviation of "
    "body mass among healthy people, hence of their loads"
)


def activation_of(recruitment: Solution, group: str, side: Sides = "r") -> xr.DataArray:
    """Return the activation of a group, mean over its muscles weighted by strength, (time,) 1."""
    return weigh_activation(recruitment.mechanics.body, recruitment.activation, group, side)


def weigh_activation(body: Body, activation: xr.DataArray, group: str, side: Sides = "r") -> xr.DataArray:
    """Return the mean activation of a group out of that of its muscles (time, muscle), weighted by strength, 1."""
    muscles = list(body.resolve(group, side=side))
    weight = body.muscles["max_isometric_force"].sel(muscle=muscles)
    return xr.dot(activation.sel(muscle=muscles), weight / weight.sum(), dim="muscle")


def peak_activation(recruitment: Solution, group: str, side: Sides = "r") -> float:
    """Return the largest activation of a group over time, 1."""
    return float(activation_of(recruitment, group, side).max(skipna=False))


def mean_force(recruitment: Solution, group: str, side: Sides = "both") -> float:
    """Return the summed force of a group, mean over time, N."""
    muscles = list(recruitment.mechanics.body.resolve(group, side=side))
    return float(recruitment.dataset["muscle_force"].sel(muscle=muscles).sum("muscle").mean(skipna=False))


def muscle_moments(recruitment: Solution, coordinate: str) -> xr.DataArray:
    """Return the moment of every muscle about a coordinate, (time, muscle) N m."""
    arm = recruitment.mechanics.dataset["moment_arm"].sel(coordinate=coordinate)
    return arm * recruitment.dataset["muscle_force"]


def moment_share(
    recruitment: Solution,
    group: str | Sequence[str],
    coordinate: str,
    sign: int,
    *,
    frames: slice | np.ndarray | None = None,
) -> float:
    """Return a group's share of the moment of all muscles that turn one way, summed over time (or `frames`), 1."""
    moments = muscle_moments(recruitment, coordinate)
    helping = (sign * (moments if frames is None else moments.isel(time=frames))).clip(min=0.0)
    body = recruitment.mechanics.body
    side: Sides = "l" if coordinate.endswith("_l") else "r"
    names = (group,) if isinstance(group, str) else group
    muscles = sorted({m for name in names for m in body.resolve(name, side=side)})
    return float(helping.sel(muscle=muscles).sum(skipna=False) / helping.sum(skipna=False))


def peak_load(loads: xr.Dataset, joint: str) -> float:
    """Return the largest contact force of a joint, body weights."""
    return float(loads["joint_load"].sel(joint=joint).max(skipna=False)) / float(loads.attrs["body_weight_N"])


def missing_of_limit(deficits: Sequence[Deficit], *coordinates: str) -> float:
    """Return what is missing, anywhere or at some coordinates, as a multiple of what the verdict allows.

    Above 1 is impossible.
    """
    asked = [d for d in deficits if not coordinates or d.coordinate in coordinates]
    return float(np.max([d.beyond_baseline / d.limit for d in asked]))


def mean_changes(outcome: Outcome) -> dict[str, float]:
    """Return the change of mean force of every anatomical muscle, both sides, that was not acted on, N."""
    table = outcome.muscles[~outcome.muscles["acted_on"]]
    names = [anatomy.anatomical_name(m) for m in table["name"]]
    change = (table["force"] - table["baseline_force"]).groupby(np.array(names)).sum()
    return {str(name): float(value) for name, value in change.items()}


def tolerated_loss(mechanics: Mechanics, *targets: str, side: Sides = "both") -> tuple[float, str]:
    """Return the largest tolerated loss (1 where even all of it is; nan where there is none) and a note."""
    found = solve_tolerance(mechanics, *targets, side=side)
    if found.refused:
        return float("nan"), found.refused
    return (1.0 if found.critical_loss is None else found.critical_loss), found.sentence


def rise_of_load(bench: Bench, task: str, condition: Condition, joint: str, **settings: float) -> float:
    """Return a joint's peak load under a condition / undisturbed, 1."""
    changed = compute_joint_loads(bench.outcome(task, condition, **settings).changed)
    return peak_load(changed, joint) / peak_load(bench.loads(task, **settings), joint)


def hold(body: Body, postures: Sequence[Mapping[str, float]]) -> Movement:
    """Return a series of postures (coordinate -> degrees) held still, free of any support, one a second."""
    names = body.coordinate_names
    values = np.zeros((len(postures), len(names)))
    for i, posture in enumerate(postures):
        for name, angle in posture.items():
            values[i, names.index(name)] = np.deg2rad(angle)
    coords = {"time": np.arange(len(postures), dtype=float), "coordinate": list(names)}
    position = xr.DataArray(values, dims=("time", "coordinate"), coords=coords)
    still = xr.zeros_like(position)
    return Movement("postures", "postures held still", "task", position, still, still)


def shorten(mechanics: Mechanics, shortening: Mapping[str, float]) -> Mechanics:
    """Return the mechanics with shorter tendons (muscle -> m): the same path then stretches the fibres more."""
    body = mechanics.body
    slack = body.muscles["tendon_slack_length"].copy(deep=True)
    for muscle, length in shortening.items():
        slack.loc[{"muscle": muscle}] -= length
    return alter_mechanics(mechanics, muscles=body.muscles.assign(tendon_slack_length=slack))


def thin(mechanics: Mechanics, every: int) -> Mechanics:
    """Return every n-th frame of a movement, for what needs many people."""
    part = slice(None, None, every)
    return replace(mechanics, movement=mechanics.movement.take(part), dataset=mechanics.dataset.isel(time=part))


class Rank(NamedTuple):
    """Spearman's rank correlation with a 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    def words(self) -> str:
        """Say the interval."""
        return f"95 % interval {self.low:.2f} to {self.high:.2f}, n = {self.n}"


def rank_correlation(x: np.ndarray, y: np.ndarray) -> Rank:
    """Return Spearman's correlation; interval by Fisher's z with the standard error of Bonett and Wright (2000).

    se = sqrt((1 + r^2 / 2) / (n - 3)), Psychometrika 65:23 (from memory).
    """
    # Pearson's of the ranks, ties by their mean; SciPy's own takes half a second to import.
    ranks = [pd.Series(np.asarray(v, float)).rank().to_numpy() for v in (x, y)]
    with np.errstate(invalid="ignore"):
        r, n = float(np.corrcoef(ranks[0], ranks[1])[0, 1]), len(x)
    if n < 4 or not np.isfinite(r):
        return Rank(r, float("nan"), float("nan"), n)
    z, error = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)), np.sqrt((1.0 + r * r / 2.0) / (n - 3))
    low, high = np.tanh(z + scipy.special.ndtri([0.025, 0.975]) * error)
    return Rank(r, float(low), float(high), n)


def body_weight(body: Body) -> float:
    """Return the body's weight, N."""
    return body.mass * STANDARD_GRAVITY
