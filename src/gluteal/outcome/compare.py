"""Two solutions of one movement side by side, as one dataset, for one person or many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from gluteal.outcome.verdict import Judged, judge, limit_lacking
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import ROOT_COORDINATES

#: Labels of the dimension ``condition``.
CONDITIONS = ("baseline", "condition")


def compute_net_moment(solution: Solution) -> np.ndarray:
    """Return the moment asked of muscles and reserves, (..., time, coordinate) of the recruited ones, N m or N.

    joint_moment minus what the supports carry of it; at the pelvis, which no muscle moves, joint_moment
    itself: what the supports have to carry.
    """
    problem, data = solution.problem, solution.mechanics.dataset.variables
    arm = data["support_arm"].values[:, problem.rows]
    carried = (arm * solution.values("support_force")[..., None, :]).sum(axis=-1)
    carried[..., np.isin(problem.coordinates, ROOT_COORDINATES)] = 0.0
    return np.asarray(data["joint_moment"].values[..., problem.rows] - carried)


class JudgedPair(NamedTuple):
    """Two solutions, judged, over any leading dimensions (...) of people.

    Attributes
    ----------
    judged : Judged
    names : (Q,) str, coordinates recruited in the second
    demand : (..., Q) largest |net moment| undisturbed, N m or N
    missing, missing_frame : (2, ..., Q) largest least reserve, N m or N, and the frame of it
    peak : (2, ..., M) peak activation, 1
    effort : (2, ...) mean over time, 1
    """

    judged: Judged
    names: tuple[str, ...]
    demand: np.ndarray
    missing: np.ndarray
    missing_frame: np.ndarray
    peak: np.ndarray
    effort: np.ndarray

    @property
    def deficit(self) -> np.ndarray:
        """What is missing under the condition at the coordinate that decides, (...), N m or N."""
        return np.take_along_axis(self.missing[1], self.judged.deciding[..., None], axis=-1)[..., 0]


def judge_pair(baseline: Solution, changed: Solution) -> JudgedPair:
    """Judge a movement under a condition beside the undisturbed one; raises Unsolved where either is not solved."""
    pair = baseline, changed
    body, names = baseline.mechanics.body, changed.problem.coordinates
    # A changed movement may ask less of the muscles: what is supplied from elsewhere is no row of its own.
    rows = [baseline.problem.coordinates.index(name) for name in names]
    reserve = [np.abs(s.values("least_reserve")) for s in pair]
    reserve[0] = reserve[0][..., rows]
    peak = np.stack([s.values("activation").max(axis=-2) for s in pair])
    effort = np.stack([s.values("effort").mean(axis=-1) for s in pair])
    demand = np.abs(compute_net_moment(baseline))[..., rows].max(axis=-2)
    acted_on = changed.condition.affected(body)
    others = np.array([m not in acted_on for m in body.muscle_names])
    missing = np.stack([r.max(axis=-2) for r in reserve])
    lacking = ~(missing[0] <= limit_lacking(body, names, demand))  # what is not a number is no ground either
    judged = judge(
        reserve[0],
        reserve[1],
        demand,
        is_moment=np.array([body.coordinate(c).unit == "N m" for c in names]),
        at_root=np.isin(names, ROOT_COORDINATES),
        peak_change=np.where(others, peak[1] - peak[0], 0.0),
        effort=(effort[0], effort[1]),
        unfounded=lacking.any(axis=-1) | bool(baseline.mechanics.findings),
    )
    frame = np.stack([r.argmax(axis=-2) for r in reserve])
    return JudgedPair(judged, names, demand, missing, frame, peak, effort)


def compare_solutions(baseline: Solution, changed: Solution) -> xr.Dataset:
    """Compare a movement under a condition with the undisturbed one, and judge it.

    Returns
    -------
    xr.Dataset
        Along ``person`` where the solutions have one, and

        - nothing more: ``verdict`` (index into `gluteal.outcome.verdict.VERDICTS`), ``effort_ratio`` (1), ``deficit``
          (N m or N), ``deficit_coordinate`` (index into ``coordinate``), ``baseline_ok``, ``certificate`` (1);
        - ``coordinate`` (recruited in `changed`): ``rise``, ``limit`` and ``demand`` (N m or N), of `judge`;
        - ``condition`` ("baseline", "condition"): ``effort`` (mean over time, 1);
        - both: ``missing`` (largest least reserve, N m or N) and ``missing_frame`` (where in time);
        - ``condition`` and ``muscle``: ``peak``, ``mean`` (activation, 1), ``force`` (mean, N);
        - ``condition`` and ``group`` ("glmed_r"): ``group_peak``, ``group_mean`` of the mean over its muscles, weighted
          by max_isometric_force (1).

    Raises
    ------
    Unsolved
        Where either is not solved.
    """
    pair, found = (baseline, changed), judge_pair(baseline, changed)
    body, judged = baseline.mechanics.body, found.judged
    lead = ("person",) * (baseline.problem.A.ndim - 3)
    activation = [s.activation.values for s in pair]
    pooled = [pool_groups(s, a) for s, a in zip(pair, activation, strict=True)]
    by_coordinate, by_muscle, by_group = ((*lead, d) for d in ("coordinate", "muscle", "group"))
    certificate = np.maximum(*(_certificate(s) for s in pair))
    return xr.Dataset(
        {
            "verdict": (lead, judged.verdict),
            "effort_ratio": (lead, judged.effort_ratio),
            "deficit": (lead, found.deficit),
            "deficit_coordinate": (lead, judged.deciding.astype(np.int16)),
            "baseline_ok": (lead, judged.baseline_ok),
            "certificate": (lead, certificate),
            "rise": (by_coordinate, judged.rise),
            "limit": (by_coordinate, judged.limit),
            "demand": (by_coordinate, found.demand),
            "effort": (("condition", *lead), found.effort),
            "missing": (("condition", *by_coordinate), found.missing),
            "missing_frame": (("condition", *by_coordinate), found.missing_frame),
            "peak": (("condition", *by_muscle), found.peak),
            "mean": (("condition", *by_muscle), np.stack([a.mean(axis=-2) for a in activation])),
            "force": (
                ("condition", *by_muscle),
                np.stack([s.dataset["muscle_force"].values.mean(axis=-2) for s in pair]),
            ),
            "group_peak": (("condition", *by_group), np.stack([p.max(axis=-2) for p in pooled])),
            "group_mean": (("condition", *by_group), np.stack([p.mean(axis=-2) for p in pooled])),
        },
        coords={
            "condition": list(CONDITIONS),
            "muscle": list(body.muscle_names),
            "group": [group.label for group in body.sided_groups],
            "coordinate": list(found.names),
        },
    )


def pool_groups(solution: Solution, activation: np.ndarray) -> np.ndarray:
    """Return the activation of every group by side, (..., time, group), 1; there may be none."""
    groups = solution.mechanics.body.sided_groups
    if not groups:  # a model whose muscles have names that no anatomy knows
        return np.empty((*activation.shape[:-1], 0))
    return np.stack([pool_activation(solution, activation, group.rows) for group in groups], axis=-1)


def pool_activation(solution: Solution, activation: np.ndarray, rows: Sequence[int]) -> np.ndarray:
    """Return the mean activation of some muscles, weighted by max_isometric_force, (..., time), 1."""
    force = np.take(solution.mechanics.dataset.variables["max_isometric_force"].values, rows, axis=-1)
    whole = force.sum(axis=-1, keepdims=True)
    share = (force / np.where(whole > 0.0, whole, 1.0))[..., None, :]  # all switched off: nothing works
    return np.asarray((share * np.take(activation, rows, axis=-1)).sum(axis=-1))


def _certificate(solution: Solution) -> np.ndarray:
    """Return the largest residual over time, (...)."""
    data = solution.dataset
    worst = np.maximum.reduce([data[n].values for n in ("stationarity", "feasibility", "complementarity")])
    return np.asarray(worst.max(axis=-1))
