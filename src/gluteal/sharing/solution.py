"""A solved load-sharing problem, sealed: what was not solved cannot be read as if it were.

>>> import gluteal
>>> body = gluteal.load_body("myo")
>>> stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
>>> solution = solve_sharing(stance)
>>> bool(solution.certified.all()), solution.certificate() < 1e-6
(True, True)
"""

from __future__ import annotations

import time as clock
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import cast

import numpy as np
import xarray as xr
from xarray.indexes import Index, PandasIndex

from gluteal.errors import Unsolved
from gluteal.kernels import recruitment
from gluteal.kernels.sharing import SharedFrames, SoftRows, share_frames
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.labels import label_axes, quantity_variable, take_labels
from gluteal.nerves.condition import Condition
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.problem import SharingProblem, build_sharing

#: Share by which the inputs are put off to see how well the answer is determined.
PERTURBATION = 1e-6
#: How far a frame's activations may move then, 1, for the answer to count as determined.
DETERMINED = 1e-3
_RESIDUALS = ("stationarity", "feasibility", "complementarity")
# What `Solution.read` hands out, in this order.
_FOUND = (
    *("activation", "muscle_force", "reserve_moment", "least_reserve", "multiplier", "support_force", "effort"),
    *_RESIDUALS,
    *("reserve_cost", "iterations", "certified"),
)
# Variables of a solution that are no quantities of the vocabulary: what follows their frames, and their unit.
_OWN: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "reserve_cost": (("coordinate",), {"units": "1/(N m)^2 or 1/N^2"}),
    "iterations": ((), {}),
    "certified": ((), {}),
}


@dataclass(frozen=True, repr=False, eq=False)
class Solution:
    """A solved movement, of one person or with a first dimension ``person``.

    Attributes
    ----------
    problem : SharingProblem
        What was solved.
    seconds : float
        What solving took.
    """

    problem: SharingProblem
    seconds: float
    # As the kernel found it, or with labels.
    _found: SharedFrames | xr.Dataset = field(repr=False)

    def __repr__(self) -> str:
        state = "solved" if self._all_certified else "NOT SOLVED"
        return f"<Solution, {state}: {self.mechanics.movement.name}, {self.condition.name}>"

    @property
    def mechanics(self) -> Mechanics:
        """What was shared."""
        return self.problem.mechanics

    @property
    def condition(self) -> Condition:
        """Under what it was shared."""
        return self.problem.condition

    # --- the seal ----------------------------------------------------------------------------------

    @cached_property
    def _labelled(self) -> xr.Dataset:
        """What was found, with labels: put on when it is first looked at, as they take half the time of solving."""
        return self._found if isinstance(self._found, xr.Dataset) else _label(self.problem, self._found)

    @property
    def certified(self) -> xr.DataArray:
        """Whether each frame is solved, (..., time): its certificate holds, and the solver stopped by itself."""
        return self._labelled["certified"]

    @cached_property
    def _all_certified(self) -> bool:
        found = self._found
        return bool((found["certified"].values if isinstance(found, xr.Dataset) else found.converged).all())

    def certificate(self) -> float:
        """Largest Karush-Kuhn-Tucker residual over all frames, 1; readable whether solved or not."""
        return float(self._worst.max())

    @property
    def _worst(self) -> np.ndarray:
        return np.maximum.reduce([self._labelled[name].values for name in _RESIDUALS])

    def read(self, *, throw: bool = True) -> xr.Dataset:
        """Return what was found.

        Over (..., time, ·): ``activation``, ``muscle_force`` (muscle); ``reserve_moment``, ``least_reserve``,
        ``multiplier``, ``reserve_cost`` (coordinate), of the recruited ones; ``support_force`` (ray); ``effort``,
        ``stationarity``, ``feasibility``, ``complementarity``, ``iterations``, ``certified``.

        Parameters
        ----------
        throw : bool
            False hands out what is not solved too, marked by ``certified``.

        Raises
        ------
        Unsolved
            Where a frame is not solved; the error carries this solution.
        """
        if throw and not self._all_certified:
            raise self.unsolved()
        return self._labelled

    def unsolved(self) -> Unsolved:
        """Return the error that says which frames are not solved, by how much, and what to try."""
        bad = ~self._labelled["certified"].values
        worst = np.where(bad, self._worst, -1.0)
        place = np.unravel_index(int(worst.argmax()), worst.shape)
        time = float(self.mechanics.time[place[-1]])
        why = "the solver stopped at its last step"
        if not worst[place] <= recruitment.TOLERANCE:
            off = f"{worst[place]:.2g}" if np.isfinite(worst[place]) else "what is not a number"
            why = f"off the optimum by {off}; {recruitment.TOLERANCE:g} is allowed"
        return Unsolved(
            f"The load sharing of {self.mechanics.movement.name!r} ({self.condition.name}) was not solved in "
            f"{int(bad.sum())} of {bad.size} frames (worst at {time:.3g} s: {why}), so nothing is concluded from it. "
            "Check that masses, lengths and moments are in kg, m and N·m and the exponent is small; "
            "Solution.read(throw=False) hands out what was found, marked. If your input is sound, please report it.",
            self,
        )

    # --- reading -----------------------------------------------------------------------------------

    @property
    def dataset(self) -> xr.Dataset:
        """`read`: what was found; raises Unsolved where a frame is not solved."""
        return self.read()

    @property
    def activation(self) -> xr.DataArray:
        """Activation (..., time, muscle), 1; raises Unsolved."""
        if not self._all_certified:
            raise self.unsolved()
        return self._activation

    @cached_property
    def _activation(self) -> xr.DataArray:
        """The one quantity that is mostly asked for: its labels alone take a tenth of the time of all labels."""
        if isinstance(self._found, xr.Dataset) or "_labelled" in self.__dict__:
            return self._labelled["activation"]
        index = self.mechanics.dataset.xindexes
        values = self._found.activation.reshape(*self.problem.A.shape[:-2], -1)
        axes = {name: index[name] for name in ("time", "muscle", "coordinate", "ray")}
        return _blank_array("activation", values.shape, **axes).copy(deep=False, data=values)

    def values(self, name: str) -> np.ndarray:
        """Return one variable of `read` as a bare array: labels on all of them take longer than judging a movement.

        Raises
        ------
        Unsolved
            Where a frame is not solved.
        KeyError
            No such variable.
        """
        if not self._all_certified:
            raise self.unsolved()
        if name not in _FOUND:
            raise KeyError(name)
        if isinstance(self._found, xr.Dataset) or "_labelled" in self.__dict__:
            return np.asarray(self._labelled[name].values)
        return _find_quantity(self.problem, self._found, name)

    def residual(self) -> xr.DataArray:
        """Largest reserve of each recruited coordinate that no sharing avoids, N m or N; raises Unsolved."""
        return abs(self.read()["least_reserve"]).max("time", skipna=False)

    @cached_property
    def sensitivity(self) -> xr.DataArray:
        """Largest change of each muscle's activation when every input is off by a millionth, (..., muscle) 1.

        Up to `DETERMINED`, the answer is one of the movement, not of the last digits of a moment arm. Raises Unsolved
        where this problem or the one beside it (off by `PERTURBATION`) is not solved.
        """
        beside = solve_problem(self.problem.perturbed(PERTURBATION))
        return abs(beside.activation - self.activation).max("time", skipna=False)


def solve_sharing(
    mechanics: Mechanics,
    *,
    condition: Condition | None = None,
    criterion: Criterion | None = None,
    undisturbed: Solution | None = None,
    weight: np.ndarray | None = None,
    throw: bool = True,
) -> Solution:
    """Solve every frame of a movement under a condition; none is skipped.

    Parameters
    ----------
    condition, criterion, weight
        As `gluteal.build_sharing`.
    undisturbed : Solution or None
        The same without the condition, if at hand; solved first where the condition needs it.
    throw : bool
        False returns a solution with frames that are not solved; it stays sealed, see `Solution.read`.

    Raises
    ------
    Unsolved
        Where a frame is not solved; the error carries the solution.
    InputError
        As `gluteal.build_sharing`.
    """
    if undisturbed is None and condition is not None and condition.needs_undisturbed:
        undisturbed = solve_sharing(mechanics, criterion=criterion, weight=weight)
    problem = build_sharing(mechanics, condition=condition, criterion=criterion, undisturbed=undisturbed, weight=weight)
    return solve_problem(problem, throw=throw)


def solve_problem(problem: SharingProblem, *, start: Solution | None = None, throw: bool = True) -> Solution:
    """Solve a problem as `build_sharing` returns it.

    Parameters
    ----------
    start : Solution or None
        Of a milder condition, to start from; it changes the number of steps, not the solution.

    Raises
    ------
    Unsolved
        As `solve_sharing`.
    """
    begin = clock.perf_counter()
    before = None if start is None else start.read(throw=False)["multiplier"].values / problem.scale
    found = share_bare(problem, start=before)
    solution = Solution(problem, clock.perf_counter() - begin, found)
    if throw and not solution._all_certified:
        raise solution.unsolved()
    return solution


def share_bare(problem: SharingProblem, *, start: np.ndarray | None = None) -> SharedFrames:
    """Solve all frames of all people, laid end to end, as bare arrays: not sealed, for what goes on from there.

    Parameters
    ----------
    start : (..., T, Q) or None
        Multipliers of the scaled balance to start from.
    """
    lead = problem.A.shape[:-3]
    frames = int(np.prod(problem.A.shape[:-2]))

    def flat(array: np.ndarray, core: int) -> np.ndarray:
        """Lay all frames of all people end to end; the last `core` axes stay."""
        if not lead:
            return array
        whole = np.broadcast_to(array, (*lead, *array.shape[-core - 1 :]))
        return whole.reshape(frames, *array.shape[array.ndim - core :])

    soft = problem.soft
    return share_frames(
        flat(problem.A, 2),
        flat(problem.S, 2),
        flat(problem.b, 1),
        flat(problem.share.floor, 1),
        flat(problem.share.ceiling, 1),
        flat(problem.weight, 1),
        exponent=problem.criterion.exponent,
        support_scale=problem.support_scale,
        soft=SoftRows(flat(soft.A, 2), flat(soft.S, 2), flat(soft.b, 1), soft.one_sided),
        start=None if start is None else flat(start, 1),
    )


def _find_quantity(problem: SharingProblem, found: SharedFrames, name: str) -> np.ndarray:
    """Return one variable of `Solution.read` from what the kernel found, (..., time, ·)."""
    lead, data = problem.A.shape[:-2], problem.mechanics.dataset.variables

    def shaped(array: np.ndarray) -> np.ndarray:
        return array.reshape(*lead, *array.shape[1:])

    match name:
        case "muscle_force":
            capacity = data["active_capacity"].values * problem.share.capacity
            return np.asarray(capacity * shaped(found.activation) + data["passive_force"].values)
        case "reserve_moment":
            return shaped(found.reserve) / problem.scale
        case "least_reserve":
            return shaped(found.least) / problem.scale
        case "multiplier":  # a unit more of demand raises the scaled balance by the scale
            return shaped(found.multiplier) * problem.scale
        case "support_force":
            return shaped(found.support)
        case "effort":
            counts = problem.weight / problem.share.price
            return np.asarray((counts * shaped(found.activation) ** problem.criterion.exponent).sum(axis=-1))
        case "reserve_cost":
            return shaped(found.price) * problem.scale**2
        case "certified":
            return shaped(found.converged)
        case _:
            return shaped(getattr(found, name))


def _label(problem: SharingProblem, found: SharedFrames) -> xr.Dataset:
    """Put labels on what the kernel found."""
    index = problem.mechanics.dataset.xindexes
    values = {name: _find_quantity(problem, found, name) for name in _FOUND}
    recruited = take_labels(cast(PandasIndex, index["coordinate"]), tuple(problem.rows.tolist()))
    shapes = tuple((name, array.shape) for name, array in values.items())
    blank = _blank(shapes, time=index["time"], muscle=index["muscle"], coordinate=recruited, ray=index["ray"])
    return blank.copy(data=values)


@lru_cache(maxsize=64)
def _blank_array(name: str, shape: tuple[int, ...], **indexes: Index) -> xr.DataArray:
    """Return one quantity of `_blank`."""
    return _blank(((name, shape),), **indexes)[name]


@lru_cache(maxsize=64)
def _blank(shapes: tuple[tuple[str, tuple[int, ...]], ...], **indexes: Index) -> xr.Dataset:
    """Return a dataset of these shapes to put numbers into.

    It is made once for the same labels: a copy with other numbers takes a third of the time that a new one takes.
    """
    variables: dict[str, tuple[tuple[str, ...], np.ndarray, dict[str, str]]] = {}
    for name, shape in shapes:
        nothing = np.broadcast_to(np.zeros(()), shape)
        if name in _OWN:
            after, attributes = _OWN[name]
            people = ("person",) if len(shape) > 1 + len(after) else ()
            variables[name] = (*people, "time", *after), nothing, attributes
        else:
            variables[name] = quantity_variable(nothing, name)
    return xr.Dataset(variables, coords=label_axes(**indexes))
