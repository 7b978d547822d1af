"""Adaptation: a movement held fixed beside what the person could do instead, as one record.

Whatever found it (a posture, `gluteal.simulate.adapt.posture`; a walking cycle) hands over this record; its words and
tables are here, its pages in `gluteal.show.pages.adapt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gluteal.files import csv_text, write_netcdf, write_text
from gluteal.outcome.record import Outcome
from gluteal.simulate.adapt.certificate import AdaptationCertificate, Basin
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.redistribution import JointMoments, list_joint_moments
from gluteal.simulate.adapt.sentences import say_adaptation
from gluteal.vocabulary import Side

if TYPE_CHECKING:
    from gluteal.mechanics.movement import Movement
    from gluteal.nerves.condition import Condition
    from gluteal.simulate.adapt.curve import AdaptationCurve

#: Changes below this are not said, deg; and mm.
SAID_DEGREES, SAID_MILLIMETRES = 0.5, 5.0


@dataclass(frozen=True)
class QuantityChange:
    """How far one quantity moves.

    Attributes
    ----------
    quantity : str
        Name in `gluteal.simulate.adapt.quantities`.
    before, after : float
        In the fixed and in the adapted movement, in the quantity's unit (deg or mm).
    low, high : float or None
        Smallest and largest change over the band of the habit's weight; None where it was not asked for.
    phase : str or None
        Of a cycle, what `before` and `after` are of ("mean over right stance"); None for a posture.
    """

    quantity: str
    before: float
    after: float
    low: float | None = None
    high: float | None = None
    phase: str | None = None

    @property
    def value(self) -> float:
        """The change, in `unit`."""
        return self.after - self.before

    @property
    def unit(self) -> str:
        """Its unit, deg or mm."""
        return posture_quantity(self.quantity).unit

    @property
    def sigma(self) -> float:
        """The change in deviations of the habit, 1."""
        return self.value / posture_quantity(self.quantity).sigma

    @property
    def said(self) -> bool:
        """Whether it is large enough to be said."""
        return abs(self.value) >= (SAID_DEGREES if self.unit == "deg" else SAID_MILLIMETRES)

    def to_json(self) -> dict[str, Any]:
        """Return the change by its published names."""
        return {
            "quantity": self.quantity,
            "value": self.value,
            "unit": self.unit,
            "sigma": self.sigma,
            "before": self.before,
            "after": self.after,
            "low": self.low,
            "high": self.high,
            "phase": self.phase,
        }


@dataclass(frozen=True)
class Habit:
    """How strongly a person keeps to the usual way.

    Attributes
    ----------
    weight : float
        What one deviation squared costs; a muscle at full activation counts 1.
    band : (low, high)
        Between which weights an answer is shown, since one is as likely as the other.
    sigmas : mapping of quantity -> float
        What counts as one deviation, in the quantity's unit.
    source : str
        Where the weight comes from, in words.
    fitted : bool
        Whether it was fitted to people (else it was given).
    """

    weight: float
    band: tuple[float, float]
    sigmas: Mapping[str, float]
    source: str
    fitted: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the habit by its published names."""
        return {
            "weight": self.weight,
            "low": self.band[0],
            "high": self.band[1],
            "sigmas": dict(self.sigmas),
            "source": self.source,
            "fitted": self.fitted,
        }


@dataclass(frozen=True)
class Bought:
    """What the change is good for: the same number where the movement is fixed, and where it is adapted.

    Attributes
    ----------
    effort : (undisturbed, fixed, adapted)
        Mean effort, 1.
    missing : (fixed, adapted)
        The largest least reserve beyond the undisturbed movement's, N m, at coordinate `where` (fixed, adapted).
    joint_loads : tuple of (joint, side, undisturbed, fixed, adapted)
        Peak contact forces, body weights.
    """

    effort: tuple[float, float, float]
    missing: tuple[float, float]
    where: tuple[str, str]
    joint_loads: tuple[tuple[str, str | None, float, float, float], ...]

    def to_json(self) -> dict[str, Any]:
        """Return it by its published names."""
        loads = [
            {"joint": joint, "side": side, "baseline_bw": before, "fixed_bw": fixed, "adapted_bw": adapted}
            for joint, side, before, fixed, adapted in self.joint_loads
        ]
        return {
            "effort": {"baseline": self.effort[0], "fixed": self.effort[1], "adapted": self.effort[2]},
            "missing_nm": {"fixed": self.missing[0], "adapted": self.missing[1]},
            "missing_at": {"fixed": self.where[0], "adapted": self.where[1]},
            "joint_loads": loads,
        }


@dataclass(frozen=True, repr=False)
class Adaptation:
    """A movement held fixed under a condition, beside what costs least when the person may move otherwise.

    Attributes
    ----------
    fixed : Outcome
        The undisturbed movement beside the same movement under the condition.
    adapted : Outcome
        The undisturbed movement beside the adapted one under the condition.
    free : tuple of str
        Quantities that were free to change.
    changes : tuple of QuantityChange
        How far each of them (and what follows from them) moves.
    cost : (fixed, adapted)
        The outer cost J at both.
    habit : Habit
    margin_mm : (fixed, adapted)
        How far the centre of pressure is inside the edge of what carries the body, mm; nan where nothing carries.
    certificate : AdaptationCertificate
    basins : tuple of Basin
        Ends of the search from several starts, the best first; one where all starts agree.
    seconds : float
        Processor time.
    toward : "r" or "l"
        The side that signs and words count from: the standing side, or the right one.
    demanded : tuple of str
        Quantities whose change was asked for.
    carried : mapping of place -> kg
        What is carried under the condition and was not before.
    alteration : str
        What else the person has different under the condition, in words ("iliopsoas fibres at 90 % of their length").
    notes : tuple of str
        What to know about this answer.
    """

    fixed: Outcome
    adapted: Outcome
    free: tuple[str, ...]
    changes: tuple[QuantityChange, ...]
    cost: tuple[float, float]
    habit: Habit
    margin_mm: tuple[float, float]
    certificate: AdaptationCertificate
    basins: tuple[Basin, ...]
    seconds: float
    toward: Side = "r"
    demanded: tuple[str, ...] = ()
    carried: Mapping[str, float] = field(default_factory=dict)
    alteration: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"<Adaptation {self.verdict}: {self.movement.name}, {self.condition.name}>"

    @property
    def condition(self) -> Condition:
        """Under what it was done."""
        return self.fixed.condition

    @property
    def movement(self) -> Movement:
        """The movement held fixed."""
        return self.fixed.mechanics.movement

    @property
    def cyclic(self) -> bool:
        """Whether it is a walk."""
        return len(self.movement.time) > 1

    @property
    def adapted_movement(self) -> Movement:
        """The movement that costs least under the condition."""
        return self.adapted.changed.mechanics.movement

    @cached_property
    def baseline(self) -> Outcome:
        """The undisturbed movement beside itself."""
        return Outcome(self.fixed.baseline, self.fixed.baseline)

    @property
    def verdict(self) -> str:
        """Verdict of the adapted movement, by the rule of `gluteal.outcome.verdict`."""
        return self.adapted.verdict

    @cached_property
    def change(self) -> pd.DataFrame:
        """Table of `changes`: quantity, value, unit, sigma, before, after, low, high, phase."""
        return pd.DataFrame([c.to_json() for c in self.changes])

    @cached_property
    def bought(self) -> Bought:
        """What the change is good for."""
        fixed, adapted = self.fixed, self.adapted
        efforts = fixed.compared["effort"].values
        loads = {(row["joint"], row["side"]): row for row in adapted.joint_loads}
        rows = [(row, loads.get((row["joint"], row["side"]))) for row in fixed.joint_loads]
        return Bought(
            effort=(float(efforts[0]), float(efforts[1]), float(adapted.compared["effort"].values[1])),
            missing=(_missing(fixed), _missing(adapted)),
            where=(fixed.deficit.coordinate, adapted.deficit.coordinate),
            joint_loads=tuple(
                (row["joint"], row["side"], row["baseline_peak_bw"], row["peak_bw"], other["peak_bw"])
                for row, other in rows
                if other is not None
            ),
        )

    @cached_property
    def joint_moments(self) -> tuple[JointMoments, ...]:
        """What muscles turn hips, knees and ankles with, undisturbed, held and adapted."""
        return list_joint_moments(self.fixed.baseline, self.fixed.changed, self.adapted.changed)

    # --- words ---------------------------------------------------------------------------------------

    @property
    def said_changes(self) -> tuple[QuantityChange, ...]:
        """Changes large enough to be said, the largest for its habit first; of walking, one phase each.

        What only follows from what is free (the standing hip's angles) is left to the table.
        """
        told = [c for c in self.changes if c.said and (c.quantity in self.free or c.quantity in self.demanded)]
        ranked = sorted(told, key=lambda c: (c.quantity not in self.demanded, -abs(c.sigma)))
        first: dict[str, QuantityChange] = {}
        for change in ranked:
            first.setdefault(change.quantity, change)
        return tuple(first.values())

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What the person could do instead, what it buys, and what this does not say."""
        return tuple(say_adaptation(self))

    @property
    def sentence(self) -> str:
        """All `sentences` as one text."""
        return " ".join(self.sentences)

    # --- hand over -----------------------------------------------------------------------------------

    def to_json(self, *, outcomes: bool = True) -> dict[str, Any]:
        """Return the adaptation by its published field names; null is "no number".

        Without `outcomes`, what is the same as `Outcome.to_json` of `fixed` and `adapted` is left out.
        """
        both: dict[str, Any] = {}
        if outcomes:
            both["fixed"] = self.fixed.to_json()
            both["adapted"] = self.adapted.to_json() | {"sentence": self.sentence}
        return {
            "task": self.movement.name,
            "condition": {"name": self.condition.name, "effects": [e.to_json() for e in self.condition.effects]},
            "verdict": self.verdict,
            "sentence": self.sentence,
            **both,
            "free": list(self.free),
            "demanded": list(self.demanded),
            "carried": [{"place": place, "mass_kg": mass} for place, mass in self.carried.items()],
            "alteration": self.alteration,
            "toward": self.toward,
            "change": [c.to_json() for c in self.changes],
            "cost": {"fixed": self.cost[0], "adapted": self.cost[1]},
            "bought": self.bought.to_json(),
            "joint_moments": [row.to_json() for row in self.joint_moments],
            "habit": self.habit.to_json(),
            "margin_mm": _number(self.margin_mm[1]),
            "fixed_margin_mm": _number(self.margin_mm[0]),
            "certificate": self.certificate.to_json(),
            "basins": [b.to_json() for b in self.basins],
            "notes": list(self.notes),
            "seconds": self.seconds,
        }

    def to_csv(self, path: str | Path) -> None:
        """Write the table of changes, one row each; errors as `gluteal.files.written_whole`."""
        write_text(path, csv_text(self.change))

    def to_netcdf(self, path: str | Path) -> None:
        """Write the load sharing undisturbed, fixed and adapted along ``posture``; errors as `written_whole`."""
        import xarray as xr

        parts = (self.fixed.baseline, self.fixed.changed, self.adapted.changed)
        data = [
            s.dataset.assign(
                coordinate_value=s.mechanics.dataset["coordinate_value"].rename(coordinate="body_coordinate")
            )
            for s in parts
        ]
        joined = xr.concat(data, pd.Index(["undisturbed", "fixed", "adapted"], name="posture"), join="exact")
        write_netcdf(path, joined)

    def to_html(self, path: str | Path, *, command: str | None = None, curve: AdaptationCurve | None = None) -> None:
        """Write a page that needs nothing but a browser, with both bodies; `gluteal.save_adaptation`."""
        import gluteal  # the front door: pages draw bodies, and so stand above engines

        gluteal.save_adaptation(self, path, command=command, curve=curve)


def _missing(outcome: Outcome) -> float:
    """Return what is missing at the coordinate that decides, beyond the undisturbed movement, N m (or N)."""
    return max(outcome.deficit.beyond_baseline, 0.0)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
