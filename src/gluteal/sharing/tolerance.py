"""Tolerance: the largest loss of a muscle, group or nerve at which a movement still works, exactly.

A movement works while muscles and supports can supply every joint moment of every frame without any
reserve. How much loss that leaves is a linear program per frame (`gluteal.kernels.tolerance`), not a search
over a grid. It is meaningful only where the undisturbed movement needs no reserve: that is looked at first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gluteal.errors import InputError, Unsolved
from gluteal.kernels.tolerance import lacking_frames, tolerate_frames
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.cause import Cause, order_causes
from gluteal.nerves.condition import Condition
from gluteal.sharing.problem import SharingProblem, build_sharing
from gluteal.sharing.solution import Solution, solve_problem, solve_sharing
from gluteal.vocabulary import Sides, side_of
from gluteal.words import SIDES, coordinate_words

#: Largest reserve of the undisturbed movement with which a tolerance means something, N m and N: a tenth of
#: what the verdict of a simulation lets pass. Frames that lack less are asked for what they can do.
BASELINE_MOMENT, BASELINE_FORCE = 0.1, 1.0
#: A loss this close to 1 is complete.
COMPLETE = 1e-9
#: Reserve at the critical loss up to which it counts as found, N m; most are met to 1e-5.
SETTLED_MOMENT = 0.01


@dataclass(frozen=True)
class Tolerance:
    """How much loss of some muscles a movement tolerates.

    Attributes
    ----------
    name : str
        The targets as asked for.
    side : str
    muscles : tuple of str
        Those that lose strength together.
    critical_loss : float or None
        Largest tolerated loss, 0..1; None where even a complete loss is tolerated, or where `refused`.
    limiting_coordinate, limiting_time : str and float (s), or None
        What lacks a moment first beyond the critical loss, and when.
    refused : str
        Why there is no tolerance; empty where there is.
    loss : xr.DataArray (time,)
        Largest tolerated loss of each frame by itself, 1; nan where refused.
    remaining : float
        Size of the reserve that the limiting frame was left with at the critical loss, N m: zero but for
        rounding. That no larger loss is tolerated is exact.
    """

    name: str
    side: Sides
    muscles: tuple[str, ...]
    critical_loss: float | None
    limiting_coordinate: str | None
    limiting_time: float | None
    refused: str = ""
    loss: xr.DataArray = field(default_factory=xr.DataArray, repr=False, compare=False)
    remaining: float = 0.0

    @property
    def sentence(self) -> str:
        """The tolerance in plain language."""
        where = f"{SIDES.get(self.side if self.side != 'both' else None, '')}{self.name}"
        if self.refused:
            return f"No tolerance for {where}: {self.refused}"
        if self.critical_loss is None:
            return f"Even a complete loss of {where} leaves this movement possible."
        return (
            f"Up to {100 * self.critical_loss:.1f} % of {where} can be lost; beyond that "
            f"{coordinate_words(str(self.limiting_coordinate))} lacks a moment first, "
            f"at {self.limiting_time:.3g} s."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the tolerance by its published names."""
        return {
            "name": self.name,
            "side": self.side,
            "muscles": list(self.muscles),
            "critical_loss": self.critical_loss,
            "limiting_coordinate": self.limiting_coordinate,
            "limiting_time_s": self.limiting_time,
            "refused": self.refused or None,
            "remaining_nm": self.remaining if np.isfinite(self.remaining) else None,
        }


@dataclass(frozen=True)
class Ranking:
    """Tolerances of several targets for one movement, the smallest first.

    Attributes
    ----------
    movement : str
    tolerances : tuple of Tolerance
        Each target by itself.
    cause : Cause or None
        Why nothing could be ranked.
    """

    movement: str
    tolerances: tuple[Tolerance, ...]
    cause: Cause | None = None

    @property
    def refused(self) -> str:
        """Why nothing could be ranked; empty where something was."""
        reasons = [t.refused for t in self.tolerances]
        return reasons[0] if reasons and all(reasons) else ""

    def table(self) -> pd.DataFrame:
        """Return one row per target; muscles are counted, a critical_loss of 1 is a complete loss."""
        return pd.DataFrame(
            [
                {
                    "name": t.name,
                    "side": t.side,
                    "muscles": len(t.muscles),
                    "critical_loss": np.nan if t.refused else (1.0 if (c := t.critical_loss) is None else c),
                    "limiting_coordinate": t.limiting_coordinate,
                    "limiting_time_s": t.limiting_time,
                }
                for t in self.tolerances
            ]
        )

    def to_json(self) -> dict[str, Any]:
        """Return the ranking by its published names."""
        return {
            "task": self.movement,
            "targets": [t.to_json() for t in self.tolerances],
            "cause": None if self.cause is None else self.cause.to_json(),
        }


def solve_tolerance(
    mechanics: Mechanics, *targets: str, side: Sides = "both", condition: Condition | None = None
) -> Tolerance:
    """Find the largest loss of the targets, together, at which every frame works without a reserve.

    maximise loss subject to, for every frame,
    moment_arm (capacity a + passive) + support_arm s = joint_moment, lower <= a <= upper, s >= 0,
    with the capacity of the targets' muscles times (1 - loss).

    A simulation calls a movement impossible only beyond 1 N m and 5 % of the peak moment: just above the
    critical loss its verdict is still "compensated".

    Parameters
    ----------
    targets : str
        Muscles, groups, nerves or anatomical names.
    side : "r" | "l" | "both"
        Of every target whose name has none.
    condition : Condition or None
        What else is the matter; part of the undisturbed movement here.

    Returns
    -------
    Tolerance
        `refused` says why where the movement needs a reserve without any loss (above `BASELINE_MOMENT` or
        `BASELINE_FORCE`). A smaller one is not asked for.

    Raises
    ------
    UnknownName, InputError
        For a target the body has not, no target, or a condition that cannot be met.
    Unsolved
        Where the load sharing, or the search for the loss, was not solved.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
    >>> found = solve_tolerance(stance, "hip abductors", side="r")
    >>> found.limiting_coordinate
    'hip_rotation_r'
    """
    if not targets:
        raise InputError("Name at least one muscle, group or nerve; gluteal list groups shows them.")
    muscles = _resolve(mechanics, targets, side)
    return _solve(_look(mechanics, condition), " + ".join(targets), side, muscles)


def rank_tolerance(
    mechanics: Mechanics, *targets: str, side: Sides = "r", condition: Condition | None = None
) -> Ranking:
    """Find the tolerance of each target by itself, ranked with the smallest first.

    Parameters
    ----------
    targets : str
        As `solve_tolerance`; by default every group of the body with a muscle on that side.

    Raises
    ------
    UnknownName, InputError
        As `solve_tolerance`.
    """
    balance = _look(mechanics, condition)
    if targets:
        chosen = {name: _resolve(mechanics, (name,), side) for name in targets}
    else:
        on_side = {
            group: tuple(m for m in muscles if side == "both" or side_of(m) in (side, None))
            for group, muscles in mechanics.body.groups.items()
        }
        chosen = {group: muscles for group, muscles in on_side.items() if muscles}
    found = [_solve(balance, name, side, muscles) for name, muscles in chosen.items()]
    found.sort(key=lambda t: (1.0 if t.critical_loss is None else t.critical_loss, t.name))
    return Ranking(mechanics.movement.name, tuple(found), balance.cause)


def compute_loss_curve(
    mechanics: Mechanics,
    *targets: str,
    side: Sides = "both",
    losses: Sequence[float] | np.ndarray | None = None,
    condition: Condition | None = None,
) -> xr.Dataset:
    """Compute what is missing and what it costs as more and more of the targets is lost.

    Parameters
    ----------
    losses : sequence of float, optional
        Each in 0..1, rising; 0, 0.05 … 1 by default.

    Returns
    -------
    xr.Dataset
        Along ``loss``: ``deficit`` (N m, the largest reserve moment of any coordinate and time),
        ``deficit_coordinate`` (str, where) and ``effort`` (mean over time of the summed squared activations).

    Raises
    ------
    UnknownName, InputError
        As `solve_tolerance`; or where a loss is out of range.
    """
    losses = np.linspace(0.0, 1.0, 21) if losses is None else np.asarray(losses, float)
    if losses.ndim != 1 or not np.all((losses >= 0.0) & (losses <= 1.0)):
        raise InputError("Every loss must lie between 0 (none) and 1 (all).")
    problem = _build(mechanics, condition)
    hit = np.isin(mechanics.body.muscle_names, _resolve(mechanics, targets, side))
    moments = np.array([mechanics.body.coordinate(c).unit == "N m" for c in problem.coordinates])
    deficit, effort, where = [], [], []
    solution: Solution | None = None
    for loss in losses:
        solution = solve_problem(problem.left(np.where(hit, 1.0 - loss, 1.0)), start=solution)
        size = np.abs(solution.dataset["least_reserve"].values)[:, moments].max(axis=0)
        deficit.append(size.max())
        where.append(np.array(problem.coordinates)[moments][size.argmax()])
        effort.append(solution.dataset["effort"].values.mean())
    curve = xr.Dataset(
        {
            "deficit": ("loss", deficit, {"units": "N m", "long_name": "largest reserve moment"}),
            "deficit_coordinate": ("loss", where),
            "effort": ("loss", effort, {"units": "1", "long_name": "mean sum of squared activations"}),
        },
        coords={"loss": ("loss", losses, {"units": "1", "long_name": "loss"})},
    )
    return curve.assign_attrs(targets=" + ".join(targets), side=side, movement=mechanics.movement.name)


@dataclass(frozen=True)
class _Balance:
    """The balance of every frame, and what the undisturbed movement lacks."""

    problem: SharingProblem
    lacking: np.ndarray  # (T, Q) N m or N, what the undisturbed movement needs of reserves
    cause: Cause | None

    @property
    def refused(self) -> str:
        """Why no tolerance can be told; empty where one can."""
        return "" if self.cause is None else self.cause.sentence

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """A, S, b, lower, upper as the kernel takes them, without what is lacking anyway."""
        p = self.problem
        return p.A, p.S, p.b - p.scale * self.lacking, p.share.floor, p.share.ceiling


def _build(mechanics: Mechanics, condition: Condition | None) -> SharingProblem:
    """Write down the load sharing of the movement as it is before anything more is lost."""
    late = condition is not None and condition.needs_undisturbed
    return build_sharing(mechanics, condition=condition, undisturbed=solve_sharing(mechanics) if late else None)


def _look(mechanics: Mechanics, condition: Condition | None) -> _Balance:
    """Set up the balance and look at the undisturbed movement."""
    problem = _build(mechanics, condition)
    solve_problem(problem)  # nothing is asked of a movement whose load sharing is not solved
    names, scale = problem.coordinates, problem.scale
    lacking = (
        lacking_frames(
            problem.A,
            problem.S,
            problem.b,
            problem.share.floor,
            problem.share.ceiling,
            support_scale=problem.support_scale,
        )
        / scale
    )
    units = [mechanics.body.coordinate(c).unit for c in names]
    share = np.abs(lacking) / np.where(np.array(units) == "N m", BASELINE_MOMENT, BASELINE_FORCE)
    frame, row = np.unravel_index(int(share.argmax()), share.shape)
    findings = list(mechanics.findings)
    if not share[frame, row] <= 1.0:
        good = (share <= 1.0).all(axis=1)
        findings.append(
            Cause(
                "deficit",
                f"without any loss, {abs(lacking[frame, row]):.2g} {units[row].replace(' ', '·')} are already "
                f"missing for {coordinate_words(names[row])}; a tolerance would measure that, not the muscle",
                f"{names[row]} at {mechanics.time[frame]:.3g} s",
                "look at the undisturbed reserves with gluteal simulate",
                good,
            )
        )
    ordered = order_causes(findings, mechanics.time)
    return _Balance(problem, lacking, ordered[0] if ordered else None)


def _solve(balance: _Balance, name: str, side: Sides, muscles: tuple[str, ...]) -> Tolerance:
    problem = balance.problem
    time = problem.mechanics.time
    if balance.refused:
        loss = _over_time(np.full(len(time), np.nan), time)
        return Tolerance(name, side, muscles, None, None, None, balance.refused, loss, np.nan)
    hit = np.isin(problem.mechanics.body.muscle_names, muscles)
    A, S, b, lower, upper = balance.arrays
    found = tolerate_frames(A, S, b, lower, upper, hit, support_scale=problem.support_scale)
    frame = int(found.loss.argmin())
    loss = _over_time(found.loss, time)
    remaining = float(found.remaining[frame])
    if not remaining <= SETTLED_MOMENT:
        raise Unsolved(
            f"The tolerance of {name!r} in {problem.mechanics.movement.name!r} was not found: the frame at "
            f"{time[frame]:.3g} s could not be settled ({remaining:.2g} N·m are left open, {SETTLED_MOMENT:g} "
            "allowed). Try a single muscle of it or a shorter window; if your input is sound, please report it."
        )
    if found.loss[frame] >= 1.0 - COMPLETE:
        return Tolerance(name, side, muscles, None, None, None, "", loss, remaining)
    coordinate = problem.coordinates[int(np.abs(found.direction[frame]).argmax())]
    critical = max(float(found.loss[frame]), 0.0)
    return Tolerance(name, side, muscles, critical, coordinate, float(time[frame]), "", loss, remaining)


def _over_time(loss: np.ndarray, time: np.ndarray) -> xr.DataArray:
    attributes = {"units": "1", "long_name": "largest tolerated loss"}
    return xr.DataArray(loss, dims="time", coords={"time": time}, name="tolerated_loss", attrs=attributes)


def _resolve(mechanics: Mechanics, targets: Sequence[str], side: Sides) -> tuple[str, ...]:
    """Return the muscles of all targets, each once, in the body's order."""
    body = mechanics.body
    meant = {m for name in targets for m in body.resolve(name, side=side)}
    return tuple(m for m in body.muscle_names if m in meant)
