"""Load sharing: which activations meet the joint moments with the least effort, frame by frame.

The problem and its certificates are those of `gluteal.kernels.recruitment`; this module puts labels on.
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass
from typing import cast

import numpy as np
import xarray as xr
from xarray.indexes import PandasIndex

from gluteal.errors import InputError
from gluteal.kernels.recruitment import solve_frames
from gluteal.mechanics.build import Mechanics, label_axes, quantity_variable, take_labels
from gluteal.nerves.condition import Condition, assemble
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

#: Cost of one (newton-metre)^2 or newton^2 of reserve. An effort gradient is at most about 1 per N m, so a
#: frame that muscles can meet leaves reserves of a few thousandths of a newton-metre at the most.
RESERVE_COST = 1000.0

#: How much dearer a reserve at the pelvis is, as a factor on its row (the cost rises with its square). No
#: muscle crosses these rows, only supports do; were they as cheap as joints, a hip that lacks a moment would
#: hide half of it there.
ROOT_ROW_SCALE = 3.0

#: Cost of supports, per (body weight)^2: small, so that muscles decide, but it makes the split of a load
#: over several contact points unique.
SUPPORT_COST = 1e-3


@dataclass(frozen=True)
class Recruitment:
    """A solved movement.

    Attributes
    ----------
    dataset : xr.Dataset
        ``activation``, ``muscle_force`` (time, muscle); ``reserve_moment`` (time, coordinate) over the
        recruited coordinates; ``support_force`` (time, ray); ``effort``, ``stationarity``,
        ``feasibility``, ``complementarity``, ``iterations``, ``converged`` (time).
    seconds : float
        What solving took.
    """

    mechanics: Mechanics
    condition: Condition
    exponent: float
    dataset: xr.Dataset
    seconds: float

    @property
    def activation(self) -> xr.DataArray:
        """Activation (time, muscle), 1."""
        return self.dataset["activation"]

    def residual(self) -> xr.DataArray:
        """Largest reserve of each recruited coordinate, N m or N."""
        return abs(self.dataset["reserve_moment"]).max("time", skipna=False)

    def certificate(self) -> float:
        """Largest Karush-Kuhn-Tucker residual over all frames, 1."""
        names = ("stationarity", "feasibility", "complementarity")
        return max(float(self.dataset[n].max(skipna=False)) for n in names)


def solve_recruitment(
    mechanics: Mechanics,
    *,
    condition: Condition | None = None,
    exponent: float = 2.0,
    baseline: Recruitment | None = None,
    weight: np.ndarray | None = None,
) -> Recruitment:
    """Solve every frame of a movement under a condition; none is skipped.

    minimise sum(w a^p) + 1e-3 sum((s / body weight)^2) + 1000 sum((k r)^2) subject to
    moment_arm (capacity a + passive) + support_arm s + r = joint_moment, lower <= a <= upper, s >= 0,
    where k is `ROOT_ROW_SCALE` on the rows of the pelvis and 1 elsewhere, and the weights w are 1 unless given.

    Parameters
    ----------
    exponent : float
        p >= 2.
    baseline : Recruitment or None
        The undisturbed solution, if at hand; a ``delay`` needs it and solves it otherwise.
    weight : (muscle,) or (time, muscle) array, optional
        What each muscle's activation counts in the effort, above 0. ``effort`` and the certificates are then those
        of the weighted problem. The solution does not carry its weights: `gluteal.outcome` judges by plain effort,
        so its checks are not for such a solution.

    Raises
    ------
    InputError
        Where the exponent is below 2, a weight is not a finite number above 0 or their shape does not fit, or the
        condition cannot be met.
    """
    if not (np.isfinite(exponent) and exponent >= 2.0):
        raise InputError(f"The exponent is {exponent:g}; it must be 2 or more.")
    condition = condition or Condition()
    if baseline is None and condition.needs_undisturbed:
        baseline = solve_recruitment(mechanics, exponent=exponent, weight=weight)
    undisturbed = baseline.activation.values if baseline is not None else None
    share = assemble(condition, mechanics, undisturbed)
    weights = _spread_weight(weight, share.floor.shape)

    start = clock.perf_counter()
    data = mechanics.dataset.variables
    rows = np.flatnonzero(data["recruited"].values)
    arm = data["moment_arm"].values[:, rows]
    passive = data["passive_force"].values
    capacity = data["active_capacity"].values * share.capacity
    demand = data["joint_moment"].values[:, rows] - np.einsum("tqm,tm->tq", arm, passive)
    index = mechanics.dataset.xindexes
    recruited = take_labels(cast(PandasIndex, index["coordinate"]), tuple(rows.tolist()))
    scale = np.array([ROOT_ROW_SCALE if name in ROOT_COORDINATES else 1.0 for name in recruited.index])
    solution = solve_frames(
        scale[:, None] * arm * capacity[:, None, :],
        scale[:, None] * data["support_arm"].values[:, rows],
        scale * demand,
        share.floor,
        share.ceiling,
        weights,
        exponent=exponent,
        reserve_cost=RESERVE_COST,
        support_cost=SUPPORT_COST,
        support_scale=mechanics.body.mass * STANDARD_GRAVITY,
    )
    seconds = clock.perf_counter() - start
    activation = solution.activation
    values = {
        "activation": activation,
        "muscle_force": capacity * activation + passive,
        "reserve_moment": solution.reserve / scale,
        "support_force": solution.support,
        "effort": (weights * activation**exponent).sum(axis=1),
        "stationarity": solution.stationarity,
        "feasibility": solution.feasibility,
        "complementarity": solution.complementarity,
    }
    variables = {name: quantity_variable(array, name) for name, array in values.items()}
    variables["iterations"] = ("time",), solution.iterations, {}
    variables["converged"] = ("time",), solution.converged, {}
    coords = label_axes(
        time=index["time"],
        muscle=index["muscle"],
        coordinate=recruited,
        ray=index["ray"],
    )
    return Recruitment(mechanics, condition, exponent, xr.Dataset(variables, coords=coords), seconds)


def _spread_weight(weight: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Return the weight of every muscle in every frame; ones where none are given."""
    if weight is None:
        return np.ones(shape)
    given = np.asarray(weight, dtype=float)
    if given.shape not in (shape, shape[1:]):
        raise InputError(f"The weights have shape {given.shape}; they must have {shape[1:]} or {shape}.")
    if not np.all(np.isfinite(given) & (given > 0.0)):
        raise InputError("A weight is not a finite number above 0.")
    return np.ascontiguousarray(np.broadcast_to(given, shape))
