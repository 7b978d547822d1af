"""How posture adapts as more and more is lost: from nothing to a whole condition, each step from the one before."""

from __future__ import annotations

import logging
import time as clock
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gluteal.engines import segment_points
from gluteal.errors import InputError
from gluteal.files import csv_text, write_netcdf, write_text
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import Movement
from gluteal.nerves.condition import Condition
from gluteal.nerves.tiring import Fatigue
from gluteal.outcome.record import Outcome
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.simulate.adapt.habit import make_habit
from gluteal.simulate.adapt.posture import MARGIN, Standing, stand
from gluteal.simulate.adapt.record import Habit
from gluteal.simulate.adapt.stance import say_posture
from gluteal.simulate.dynamometer import Strength, compute_strength, settle_strength_loss
from gluteal.simulate.endurance import settle_fatigue
from gluteal.vocabulary import STANDARD_GRAVITY

_log = logging.getLogger(__name__)
#: Losses of a curve: none to all of what the condition takes, in steps of a tenth.
CURVE_LOSSES = tuple(round(0.1 * step, 1) for step in range(11))
#: Halvings of the loss at which the fixed posture ends: to a five-hundredth of the condition.
HALVINGS = 9
#: Labels of the habit's weights along a curve.
HABITS = ("low", "chosen", "high")


@dataclass(frozen=True)
class PadForce:
    """Hip abduction strength as a force at a pad: `lever` m from the hip, `force` in body weights."""

    place: str
    lever: float
    force: float

    def to_json(self) -> dict[str, Any]:
        """Return it by its published names."""
        return {"place": self.place, "lever_m": self.lever, "force_bw": self.force}


@dataclass(frozen=True, repr=False)
class AdaptationCurve:
    """A posture under a growing loss.

    Attributes
    ----------
    condition : Condition
        At the end of the curve.
    losses : (L,) array
        Share of the condition, 0..1.
    dataset : xr.Dataset
        Changes from the usual posture by quantity (habit, loss), deg or mm; ``missing`` (habit, loss) and
        ``fixed_missing`` (loss), N m beyond the undisturbed posture; ``effort`` (habit, loss), ``fixed_effort`` (loss).
    bodies : xr.Dataset or None
        ``trunk_lean`` and ``pelvic_list`` (body, loss) of other bodies with the chosen weight.
    level_ends : float or None
        Largest share at which the posture can be held exactly as it is; None: even the whole condition leaves it.
    strength, strength_left, strength_whole : Strength
        Hip abduction of the standing side undisturbed, at `level_ends` (or the whole condition), and at the whole.
    pads : tuple of PadForce
        `strength_left` as a force, by lever arm.
    """

    movement: Movement
    body: Body
    condition: Condition
    losses: np.ndarray
    dataset: xr.Dataset
    bodies: xr.Dataset | None
    habit: Habit
    level_ends: float | None
    strength: Strength
    strength_left: Strength
    strength_whole: Strength
    pads: tuple[PadForce, ...]
    seconds: float

    def loss_of_strength(self, share: float) -> float | None:
        """Return at which loss this share of hip abduction strength is gone, None: not even at the whole.

        Strength is linear in the depth of a loss.
        """
        gone = 1.0 - self.strength_whole.moment / self.strength.moment
        return share / gone if 0.0 < share <= gone else None

    @property
    def sentence(self) -> str:
        """What the curve says, with the lever arm of every force."""
        lean, rise = (self.dataset[name].sel(habit="chosen").values[-1] for name in ("trunk_lean", "pelvic_list"))
        left = 100.0 * self.strength_left.moment / self.strength.moment
        pads = " or ".join(
            f"{100 * p.force:.0f} % of body weight at the {p.place} ({p.lever:.2f} m)" for p in self.pads
        )
        if self.level_ends is None:
            first = "The posture can be held exactly as it is at every loss."
        else:
            first = (
                f"Held exactly as it is, the posture ends at {100 * self.level_ends:.0f} % of this condition, with "
                f"{left:.0f} % of hip abduction strength left: {pads}."
            )
        way = "further over" if lean >= 0.0 else "away from"
        return (
            f"{first} At the whole of it the trunk leans {abs(lean):.1f}° {way} the standing leg, and the free side of "
            f"the pelvis is {abs(rise):.1f}° {'higher' if rise >= 0.0 else 'lower'}."
        )

    def table(self) -> pd.DataFrame:
        """Return a row per loss and weight of habit."""
        return self.dataset.to_dataframe().reset_index()

    def to_json(self) -> dict[str, Any]:
        """Return the curve by its published names."""
        told = [name for name in self.dataset.data_vars if name not in ("missing", "fixed_missing", "effort")]
        names = [str(n) for n in told if n != "fixed_effort"]
        rows = []
        for i, loss in enumerate(self.losses.tolist()):
            for habit in HABITS:
                at = self.dataset.sel(habit=habit).isel(loss=i)
                rows.append(
                    {
                        "loss": loss,
                        "habit_weight": float(at["weight"]),
                        "change": {n: float(at[n]) for n in names},
                        "missing_nm": float(at["missing"]),
                        "fixed_missing_nm": float(at["fixed_missing"]),
                        "effort": float(at["effort"]),
                        "fixed_effort": float(at["fixed_effort"]),
                    }
                )
        bodies = []
        for body in [] if self.bodies is None else self.bodies["body"].values:
            assert self.bodies is not None
            own = self.bodies.sel(body=body)
            bodies.append({"body": str(body), **{n: own[n].values.tolist() for n in ("trunk_lean", "pelvic_list")}})
        return {
            "losses": self.losses.tolist(),
            "points": rows,
            "bodies": bodies,
            "level_ends": self.level_ends,
            "strength_nm": self.strength.moment,
            "strength_left_nm": self.strength_left.moment,
            "pads": [p.to_json() for p in self.pads],
            "sentence": self.sentence,
            "seconds": self.seconds,
        }

    def to_csv(self, path: str | Path) -> None:
        """Write `table`; errors as `gluteal.files.written_whole`."""
        write_text(path, csv_text(self.table()))

    def to_netcdf(self, path: str | Path) -> None:
        """Write `dataset`; errors as `gluteal.files.written_whole`."""
        write_netcdf(path, self.dataset)


def adapt_curve(
    body: Body,
    movement: Movement,
    condition: Condition,
    *,
    losses: Sequence[float] = CURVE_LOSSES,
    habit: float | None = None,
    margin: float = MARGIN,
    passive: Sequence[str] = (),
    bodies: Sequence[Body] = (),
    carry: Mapping[str, float] | None = None,
) -> AdaptationCurve:
    """Let a posture adapt to a growing share of a condition.

    Parameters
    ----------
    condition : Condition
        The end of the curve; every loss in it grows from nothing, and the time of every fatigue.
    losses : sequence of float
        Shares of it, ascending, 0..1.
    bodies : sequence of Body
        Other bodies to do the same with the chosen weight, for a band.
    habit, margin, passive, carry
        As `gluteal.adapt`; what is carried is carried at every loss.

    Raises
    ------
    InputError
        Where the condition takes nothing away, or a share is out of range; else as `gluteal.adapt`.
    """
    begin = clock.process_time()
    shares = np.asarray(losses, float)
    if not len(shares) or not np.all((shares >= 0.0) & (shares <= 1.0)) or np.any(np.diff(shares) <= 0.0):
        raise InputError("Losses of a curve are ascending shares between 0 and 1, such as 0, 0.5, 1.")
    settled = settle_strength_loss(condition, body)
    if not settled or not all(term.takes_capacity or isinstance(term, Fatigue) for term in settled.effects):
        raise InputError(
            "A curve grows a loss from nothing; give one or more of --weaken, --nerve, --strength-loss and --fatigue, "
            'and nothing else: for example --nerve "superior gluteal"=1 --side r.'
        )
    chosen = make_habit(habit)
    standing = _prepare(body, movement, passive, margin, carry)
    weights = (chosen.band[0], chosen.weight, chosen.band[1])
    each = [
        xr.concat(list(_follow(standing, settled, shares, weight)), pd.Index(shares, name="loss")) for weight in weights
    ]
    dataset = xr.concat(each, pd.Index(HABITS, name="habit"))
    fixed = [_hold(standing, _share_of(standing, settled, share)) for share in shares]
    dataset = dataset.assign(
        weight=("habit", list(weights)),
        fixed_missing=("loss", [missing for missing, _ in fixed]),
        fixed_effort=("loss", [effort for _, effort in fixed]),
    )
    others = None
    if bodies:
        found = []
        for other in bodies:
            own = _prepare(other, movement, passive, margin, carry)
            same = settle_strength_loss(condition, other)
            steps = list(_follow(own, same, shares, chosen.weight))
            found.append(xr.concat(steps, pd.Index(shares, name="loss"))[["trunk_lean", "pelvic_list"]])
        others = xr.concat(found, pd.Index([b.name for b in bodies], name="body"))
    ends = _find_end(standing, settled)
    side = standing.stance.toward
    whole = _share_of(standing, settled, 1.0)
    left = whole if ends is None else _share_of(standing, settled, ends)
    strength_left = compute_strength(body, "hip abduction", side=side, condition=left)
    return AdaptationCurve(
        movement=movement,
        body=body,
        condition=settled,
        losses=shares,
        dataset=dataset,
        bodies=others,
        habit=chosen,
        level_ends=ends,
        strength=compute_strength(body, "hip abduction", side=side),
        strength_left=strength_left,
        strength_whole=compute_strength(body, "hip abduction", side=side, condition=whole),
        pads=_list_pads(standing, strength_left),
        seconds=clock.process_time() - begin,
    )


def _prepare(
    body: Body, movement: Movement, passive: Sequence[str], margin: float, carry: Mapping[str, float] | None
) -> Standing:
    standing = stand(body, movement, passive=passive, margin=margin)
    return standing.carrying(carry) if carry else standing


def _share_of(standing: Standing, condition: Condition, share: float) -> Condition:
    """Return the condition with a share of every loss, and the fatigue after that share of the time."""
    part = Condition(tuple(replace(term, value=share * term.value) for term in condition.effects))
    return settle_fatigue(part, standing.mechanics, standing.criterion)


def _follow(standing: Standing, condition: Condition, shares: np.ndarray, weight: float) -> Iterator[xr.Dataset]:
    """Yield what has moved at every share, each from the one before."""
    stance = standing.stance
    u, near, free = np.zeros(len(stance.quantities)), None, np.ones(len(stance.quantities), bool)
    for number, share in enumerate(shares, 1):
        _log.info("habit %.2g: %d of %d losses", weight, number, len(shares))
        part = _share_of(standing, condition, float(share))
        found = standing.search(part, weight, free).solve(u, near)
        u, near = found.u, found.shared
        after = say_posture(stance, near.posture)
        solution = standing.solve_at(near.posture, part)
        outcome = Outcome(standing.baseline, solution)
        moved = {name: after[name] - before for name, before in standing.usual.items()}
        yield xr.Dataset({**moved, "missing": _missing(outcome), "effort": float(solution.dataset["effort"].mean())})


def _hold(standing: Standing, condition: Condition) -> tuple[float, float]:
    """Return what is missing, N m, and the effort where the posture is held exactly as it is."""
    solution = _solve_held(standing, condition)
    return _missing(Outcome(standing.baseline, solution)), float(solution.dataset["effort"].mean())


def _solve_held(standing: Standing, condition: Condition) -> Solution:
    if standing.carried:
        return standing.solve_at(standing.stance.posture, condition)
    return solve_sharing(
        standing.mechanics, condition=condition, criterion=standing.criterion, undisturbed=standing.baseline
    )


def _missing(outcome: Outcome) -> float:
    return max(float(outcome.deficit.beyond_baseline), 0.0)


def _find_end(standing: Standing, condition: Condition) -> float | None:
    """Return the largest share at which the fixed posture is not impossible, by halving; None: the whole."""

    def impossible(share: float) -> bool:
        solution = _solve_held(standing, _share_of(standing, condition, share))
        return Outcome(standing.baseline, solution).verdict == "impossible"

    if not impossible(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if impossible(middle) else (middle, high)
    return low


def _list_pads(standing: Standing, strength: Strength) -> tuple[PadForce, ...]:
    """Return a moment of hip abduction as a force at the ankle's pad and at the knee's, since both are in use."""
    stance, side = standing.stance, standing.stance.toward
    ends = [(f"{segment}_{side}", (0.0, 0.0, 0.0)) for segment in ("femur", "tibia")]
    hip, knee = segment_points(stance.body, stance.posture, ends)
    weight = stance.body.mass * STANDARD_GRAVITY
    levers = (("ankle", strength.lever_arm), ("knee", float(np.linalg.norm(knee - hip))))
    return tuple(PadForce(place, lever, strength.moment / lever / weight) for place, lever in levers)
