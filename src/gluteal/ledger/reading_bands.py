"""What a reading may be in any sharing that costs little more than the cheapest, and what that says of a claim.

The cheapest sharing is one answer; people are near it, not at it (`gluteal.sharing.bands`). So a reading that is read
off activations, muscle forces or joint forces gets a band: its least and largest value among all sharings that meet
the movement and cost up to `BAND_SLACK` more. An answer that only the cheapest sharing gives has no weight: the whole
band has to lie within the bounds that were stated beforehand.

Ends of activations, forces and joint forces are exact frame by frame, and so are those of their means and peaks over
time; of differences, ratios and shares the band may be wider than need be, since both parts are taken at their ends at
once. A joint force is taken along the direction that it has in the cheapest sharing.

In: a solved sharing. Out: a band; what a band says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gluteal.ledger.kept import keep_arrays
from gluteal.ledger.prediction import BAND_SLACK, ReadingBand
from gluteal.sharing.bands import solve_bands, solve_ends
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import Sides

if TYPE_CHECKING:
    from gluteal.ledger.bench import Bench
    from gluteal.ledger.prediction import Experiment

Frames = slice | np.ndarray


class FrameEnds(NamedTuple):
    """Least and largest value of a quantity in every frame, (T,) each."""

    low: np.ndarray
    high: np.ndarray

    def peak(self, frames: Frames = slice(None)) -> ReadingBand:
        """Return the band of the largest value over time."""
        return ReadingBand(float(self.low[frames].max()), float(self.high[frames].max()))

    def mean(self, frames: Frames = slice(None)) -> ReadingBand:
        """Return the band of the mean over time."""
        return ReadingBand(float(self.low[frames].mean()), float(self.high[frames].mean()))


def activation_ends(solution: Solution, group: str, side: Sides = "r", *, slack: float = BAND_SLACK) -> FrameEnds:
    """Return the ends of a group's activation, mean over its muscles weighted by strength, 1."""
    body = solution.mechanics.body
    weight = np.zeros(len(body.muscle_names))
    rows = [body.muscle_places[m] for m in body.resolve(group, side=side)]
    strength = body.muscles["max_isometric_force"].values[rows]
    weight[rows] = strength / strength.sum()
    return FrameEnds(*solve_ends(solution, np.broadcast_to(weight, solution.activation.shape), slack=slack))


def force_ends(solution: Solution, group: str, side: Sides = "both", *, slack: float = BAND_SLACK) -> FrameEnds:
    """Return the ends of the summed force of a group, N."""
    body = solution.mechanics.body
    chosen = np.zeros(solution.activation.shape)
    chosen[:, [body.muscle_places[m] for m in body.resolve(group, side=side)]] = 1.0
    return pull_ends(solution, chosen, slack=slack)


def pull_ends(solution: Solution, gain: np.ndarray, *, slack: float = BAND_SLACK) -> FrameEnds:
    """Return the ends of what muscle forces do together: the sum of gain (T, M), per newton, times force."""
    data = solution.mechanics.dataset
    capacity = data["active_capacity"].values * solution.problem.share.capacity
    low, high = solve_ends(solution, gain * capacity, slack=slack)
    fixed = (gain * data["passive_force"].values).sum(axis=1)
    return FrameEnds(low + fixed, high + fixed)


def share_band(
    solution: Solution,
    groups: Sequence[str],
    coordinate: str,
    sign: int,
    *,
    frames: Frames = slice(None),
    slack: float = BAND_SLACK,
) -> ReadingBand:
    """Return the band of a group's share of the moment of all muscles that turn one way, summed over `frames`, 1."""
    body = solution.mechanics.body
    side: Sides = "l" if coordinate.endswith("_l") else "r"
    rows = sorted({body.muscle_places[m] for name in groups for m in body.resolve(name, side=side)})
    arm = sign * solution.mechanics.dataset["moment_arm"].sel(coordinate=coordinate).transpose("time", "muscle").values
    helping = np.where(arm > 0.0, arm, 0.0)
    chosen = np.isin(np.arange(helping.shape[1]), rows)
    own, other = (pull_ends(solution, np.where(which, helping, 0.0), slack=slack) for which in (chosen, ~chosen))

    def share(mine: np.ndarray, rest: np.ndarray) -> float:
        return float(mine[frames].sum() / (mine[frames].sum() + rest[frames].sum()))

    return ReadingBand(share(own.low, other.high), share(own.high, other.low))


def load_band(solution: Solution, joint: str, *, slack: float = BAND_SLACK) -> ReadingBand:
    """Return the band of the largest contact force of a joint, body weights."""
    ends = solve_bands(solution, slacks=[slack], groups=[]).joint_force.sel(joint=joint).isel(slack=0)
    return FrameEnds(ends.sel(end="low").values, ends.sel(end="high").values).peak()


def measure_bands(experiment: Experiment, bench: Bench) -> dict[str, ReadingBand]:
    """Return the bands of an experiment's readings, by their keys; empty where none of them has any."""
    return {} if experiment.bands is None else dict(experiment.bands(bench, BAND_SLACK))


def keep_bands(experiment: Experiment, bench: Bench) -> dict[str, ReadingBand]:
    """Return the bands of an experiment's readings, measured only where they are not kept."""
    if experiment.bands is None:
        return {}

    def measure() -> Mapping[str, np.ndarray]:
        return {"bands": np.array(json.dumps(measure_bands(experiment, bench)))}

    rows = json.loads(str(keep_arrays(f"reading bands {experiment.key}", bench, measure)["bands"]))
    return {key: ReadingBand(*ends) for key, ends in rows.items()}
