"""Outcome: a movement undisturbed beside the same movement under a condition, and what it means.

The verdict's rule is in `gluteal.outcome.verdict`, the acceptance checks are in `gluteal.outcome.checks`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from gluteal import anatomy
from gluteal.errors import InputError
from gluteal.files import write_text, written_whole
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.outcome.checks import Check, check_outcome, compute_demand
from gluteal.outcome.joint_loads import compare_joint_loads, compute_joint_loads
from gluteal.outcome.metabolics import compute_metabolic_power
from gluteal.outcome.supports import compute_support_force
from gluteal.outcome.verdict import (
    CHANGED_ACTIVATION,
    MOVEMENT_RULE,
    Deficit,
    MovementVerdict,
    compute_deficits,
    judge,
    worst_deficit,
)
from gluteal.sharing.recruitment import RESERVE_COST, SUPPORT_COST, Recruitment
from gluteal.vocabulary import side_of
from gluteal.words import FIXED, SIDES, coordinate_words, deficit_words, list_words, missing_words

if TYPE_CHECKING:
    from gluteal.simulate.spread import Spread

#: A muscle does more, or less, when its mean force changes by at least this much, N.
CHANGED_FORCE = 1.0
CHANGE_COLUMNS = [
    "muscle",
    "side",
    "group",
    "parts",
    "baseline_force",
    "force",
    "change",
    "baseline_peak",
    "peak",
]


@dataclass(frozen=True, repr=False)
class Outcome:
    """A solved movement beside the same movement under a condition.

    Attributes
    ----------
    mechanics : Mechanics
    baseline, changed : Recruitment
        Without and under the condition.
    condition : Condition
    """

    mechanics: Mechanics
    baseline: Recruitment
    changed: Recruitment
    condition: Condition

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"<Outcome {self.verdict}: {self.mechanics.movement.name}, {self.condition.name}>"

    # --- verdict -----------------------------------------------------------------------------------

    @cached_property
    def deficits(self) -> tuple[Deficit, ...]:
        """Deficit of every recruited coordinate under the condition, joints first, the largest first."""
        return compute_deficits(self.baseline, self.changed)

    @property
    def deficit(self) -> Deficit:
        """The deficit that decides: the largest moment, or a force where only a force is missing."""
        return worst_deficit(self.deficits)

    @cached_property
    def baseline_deficits(self) -> tuple[Deficit, ...]:
        """`deficits` of the undisturbed movement."""
        return compute_deficits(self.baseline, self.baseline)

    @property
    def baseline_deficit(self) -> Deficit:
        """The deficit of the undisturbed movement that is largest for its limit."""
        return max(self.baseline_deficits, key=lambda d: d.peak / d.limit)

    @property
    def baseline_ok(self) -> bool:
        """Whether the undisturbed movement needs no reserve above the verdict's limit."""
        return all(d.peak <= d.limit for d in self.baseline_deficits)

    @cached_property
    def effort_ratio(self) -> float:
        """Mean effort under the condition / undisturbed; nan where only the undisturbed one is zero."""
        before, after = (float(r.dataset["effort"].mean(skipna=False)) for r in (self.baseline, self.changed))
        if before == after:
            return 1.0
        return after / before if before > 0 else float("nan")

    @cached_property
    def verdict(self) -> MovementVerdict:
        """``unchanged``, ``compensated`` or ``impossible``, by `gluteal.outcome.verdict.MOVEMENT_RULE`."""
        return judge(self.deficits, self.muscles, self.effort_ratio)

    @property
    def sentence(self) -> str:
        """The verdict in plain language, with its limits."""
        title = self.mechanics.movement.title
        title = title[0].lower() + title[1:] if title[1:2].islower() else title
        start = f"With {self.condition.name}, {title}" if self.condition else title[0].upper() + title[1:]
        if self.verdict == "impossible":
            core = f"{start} is not possible exactly as it is: {missing_words(self.deficits, self.deficit)}"
        elif not self.condition:
            core = f"{start} is compared with itself: nothing is changed"
        elif self.verdict == "unchanged":
            core = f"{start}, held exactly as it is, goes on as before: no other muscle changes noticeably"
        else:
            core = f"{start}, held exactly as it is, still works"
            more = self.compensators
            # A few newtons of a large muscle are no news; the rule's own threshold says what is.
            noticeable = more["peak"] - more["baseline_peak"] > CHANGED_ACTIVATION
            names = list(more["muscle"][noticeable].head(3))
            if names:
                core += f": {list_words(names)} {'does' if len(names) == 1 else 'do'} more"
            core += self._remainder_words()
        return " ".join(filter(None, [f"{core}.", self.baseline_sentence, FIXED]))

    def _remainder_words(self) -> str:
        """Say how hard the strongest of the weakened muscles works with what is left of it; or nothing."""
        working = self.acted_on[self.acted_on["peak"] - self.acted_on["baseline_peak"] > CHANGED_ACTIVATION]
        if not self.condition.takes_capacity or working.empty:
            return ""
        row = working.iloc[int(working["baseline_force"].to_numpy().argmax())]
        return (
            f". What is left of the {row['muscle']} works at up to {100 * row['peak']:.0f} % of its strength "
            f"instead of {100 * row['baseline_peak']:.0f} %"
        )

    @property
    def baseline_sentence(self) -> str:
        """What to know where the undisturbed movement itself asks too much of the model; else empty."""
        if self.baseline_ok:
            return ""
        d = self.baseline_deficit
        return (
            f"Even undisturbed, the model lacks {deficit_words(d)} for {coordinate_words(d.coordinate)}; the "
            "verdict compares with that, so read it with caution."
        )

    # --- tables ------------------------------------------------------------------------------------

    @cached_property
    def muscles(self) -> pd.DataFrame:
        """Every muscle: name, group, side, activation (baseline_peak, baseline_mean, peak, mean, 1).

        Then mean force (baseline_force, force, N) and whether the condition acts on it (acted_on).
        """
        names = list(self.mechanics.body.muscle_names)
        acted_on = self.condition.affected(self.mechanics.body)
        columns: dict[str, Any] = {
            "name": names,
            "group": [anatomy.group_of(n) for n in names],
            "side": [side_of(n) for n in names],
        }
        for prefix, r in (("baseline_", self.baseline), ("", self.changed)):
            columns |= _peak_and_mean(r.dataset["activation"], prefix)
        columns["baseline_force"] = _mean(self.baseline.dataset["muscle_force"])
        columns["force"] = _mean(self.changed.dataset["muscle_force"])
        columns["acted_on"] = [n in acted_on for n in names]
        return pd.DataFrame(columns)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Every group by side: name, side, activation as in `muscles`.

        A group's activation is the mean over its muscles, weighted by max_isometric_force, at each time;
        peak and mean are over time.
        """
        rows = []
        for group, members in self.mechanics.body.groups.items():
            for side in ("r", "l", None):
                here = [m for m in members if side_of(m) == side]
                if here:
                    row: dict[str, Any] = {"name": group, "side": side}
                    for prefix, r in (("baseline_", self.baseline), ("", self.changed)):
                        pooled = self.pool_activation(r, here)
                        row |= {
                            f"{prefix}peak": _peak(pooled),
                            f"{prefix}mean": float(pooled.mean(skipna=False)),
                        }
                    rows.append(row)
        columns = ["name", "side", "baseline_peak", "baseline_mean", "peak", "mean"]
        return pd.DataFrame(rows, columns=columns)

    def pool_activation(self, recruitment: Recruitment, muscles: list[str]) -> xr.DataArray:
        """Return the mean activation of `muscles`, weighted by max_isometric_force, (time,)."""
        weight = self.mechanics.body.muscles["max_isometric_force"].sel(muscle=muscles)
        activation = recruitment.dataset["activation"].sel(muscle=muscles)
        return xr.dot(activation, weight / weight.sum(), dim="muscle")

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Anatomical muscles by side, ranked by the change of their mean force, most gained first.

        muscle ("right piriformis"), side, group, parts (how many muscles of the model), mean force
        (baseline_force, force, change, N), pooled peak activation (baseline_peak, peak, 1). Muscles that
        the condition acts on are left out: what happens to them is no compensation.
        """
        return self._pool_muscles(self.muscles[~self.muscles["acted_on"]])

    @cached_property
    def acted_on(self) -> pd.DataFrame:
        """Anatomical muscles that the condition acts on, by side; columns as in `changes`.

        Activation counts relative to what is left of a weakened muscle.
        """
        return self._pool_muscles(self.muscles[self.muscles["acted_on"]])

    def _pool_muscles(self, table: pd.DataFrame) -> pd.DataFrame:
        anatomical = [anatomy.anatomical_name(n) for n in table["name"]]
        label = [SIDES[side_of(n)] + a for n, a in zip(table["name"], anatomical, strict=True)]
        rows = []
        for muscle, part in table.groupby(np.array(label), sort=True):
            members = list(part["name"])
            before, after = float(part["baseline_force"].sum()), float(part["force"].sum())
            rows.append(
                {
                    "muscle": str(muscle),
                    "side": side_of(members[0]),
                    "group": part["group"].iloc[0],
                    "parts": len(members),
                    "baseline_force": before,
                    "force": after,
                    "change": after - before,
                    "baseline_peak": _peak(self.pool_activation(self.baseline, members)),
                    "peak": _peak(self.pool_activation(self.changed, members)),
                }
            )
        frame = pd.DataFrame(rows, columns=CHANGE_COLUMNS)
        return frame.sort_values("change", ascending=False, kind="stable").reset_index(drop=True)

    @property
    def compensators(self) -> pd.DataFrame:
        """Who does more: rows of `changes` that gain at least 1 N of mean force, most first."""
        return self.changes[self.changes["change"] >= CHANGED_FORCE].reset_index(drop=True)

    @property
    def relieved(self) -> pd.DataFrame:
        """Who does less: rows of `changes` that lose at least 1 N of mean force, most first."""
        less = self.changes[self.changes["change"] <= -CHANGED_FORCE]
        return less.iloc[::-1].reset_index(drop=True)

    def summary(self, most: int = 5) -> pd.DataFrame:
        """Return a table for people: who does more and who does less, at most `most` each."""
        less = self.relieved.head(most).iloc[::-1]
        return pd.concat([self.compensators.head(most), less], ignore_index=True)

    @cached_property
    def supports(self) -> pd.DataFrame:
        """Where the world carries the body: name, force_n, baseline_force_n, peak_n (size of the force, N).

        Means over time and the peak, of measured loads as measured, of unknown supports as solved.
        """
        before, after = (
            np.linalg.norm(compute_support_force(r).to_numpy(), axis=2) for r in (self.baseline, self.changed)
        )
        names = [str(n) for n in compute_support_force(self.changed)["support"].to_numpy()]
        columns = {
            "name": names,
            "force_n": after.mean(axis=0),
            "baseline_force_n": before.mean(axis=0),
            "peak_n": after.max(axis=0),
        }
        return pd.DataFrame(columns)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Acceptance checks (`gluteal.outcome.checks`), each with value, limit, and a sentence."""
        return check_outcome(self.baseline, self.changed)

    # --- joints and energy -------------------------------------------------------------------------

    @cached_property
    def joint_forces(self) -> xr.Dataset | None:
        """`gluteal.outcome.joint_loads.compute_joint_loads` of both along ``condition``; None where impossible."""
        try:
            both = [compute_joint_loads(r) for r in (self.baseline, self.changed)]
        except InputError:
            return None
        return xr.concat(both, pd.Index(["baseline", "condition"], name="condition"), join="exact")

    @cached_property
    def joint_loads(self) -> list[dict[str, Any]]:
        """Peak contact force of every joint, rows of `gluteal.outcome.joint_loads.compare_joint_loads`."""
        if self.joint_forces is None:
            return []
        return compare_joint_loads(*(self.joint_forces.sel(condition=c) for c in ("baseline", "condition")))

    @cached_property
    def metabolic_power(self) -> xr.DataArray:
        """Metabolic power (condition, time, muscle), W, by `gluteal.outcome.metabolics`."""
        both = [compute_metabolic_power(r) for r in (self.baseline, self.changed)]
        return xr.concat(both, pd.Index(["baseline", "condition"], name="condition"), join="exact")

    @property
    def mean_metabolic_power(self) -> tuple[float, float]:
        """Metabolic power of all muscles, mean over time, undisturbed and under the condition, W."""
        before, after = self.metabolic_power.sum("muscle", skipna=False).mean("time", skipna=False).to_numpy()
        return float(before), float(after)

    @property
    def metabolic_ratio(self) -> float:
        """Mean metabolic power under the condition / undisturbed."""
        before, after = self.mean_metabolic_power
        return after / before if before > 0.0 else float("nan")

    @property
    def not_computed(self) -> dict[str, str]:
        """What is left empty, and why."""
        if self.joint_loads:
            return {}
        return {"joint_loads": "the engine knows no lines of action of muscles across a joint of this body"}

    # --- hand over ---------------------------------------------------------------------------------

    @property
    def activation(self) -> xr.DataArray:
        """Activation of both, (condition, time, muscle); condition is "baseline" or "condition"."""
        return self.dataset["activation"]

    @cached_property
    def dataset(self) -> xr.Dataset:
        """Everything solved, both recruitments along ``condition``, with demand and provenance."""
        both = xr.concat(
            [self.baseline.dataset, self.changed.dataset],
            pd.Index(["baseline", "condition"], name="condition"),
            join="exact",
        )
        rows = both["coordinate"]
        both["joint_moment"] = self.mechanics.dataset["joint_moment"].sel(coordinate=rows)
        demand = compute_demand(self.baseline).sel(coordinate=rows)
        both["net_moment"] = demand.assign_attrs(
            units="N m or N", long_name="moment asked of muscles and reserves, after the baseline's supports"
        )
        names = [str(m) for m in both["muscle"].to_numpy()]
        groups = [anatomy.group_of(m) for m in names]
        both = both.assign_coords(muscle_group=("muscle", groups), ray_support=self.mechanics.dataset["ray_support"])
        return both.assign_attrs({k: _text(v) for k, v in self.provenance.items()})

    @property
    def provenance(self) -> dict[str, Any]:
        """What made these numbers: version, body, movement, condition, settings."""
        body, movement = self.mechanics.body, self.mechanics.movement
        return {
            "program": f"gluteal {version('gluteal')}",
            "body": body.name,
            "body_source": body.source,
            "engine": body.engine,
            "movement": movement.name,
            "movement_settings": dict(movement.settings),
            "condition": self.condition.name,
            "effects": [e.to_json() for e in self.condition.effects],
            "exponent": self.changed.exponent,
            "reserve_cost": RESERVE_COST,
            "support_cost": SUPPORT_COST,
            "verdict": self.verdict,
            "rule": MOVEMENT_RULE,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain data, by its published field names; null is "no number"."""
        body, time = self.mechanics.body, self.mechanics.time
        before, after = self.mean_metabolic_power
        columns = ["name", "group", "side", "baseline_peak", "baseline_mean", "peak", "mean"]
        forces = ["baseline_force", "force", "acted_on"]
        return {
            "task": self.mechanics.movement.name,
            "body": {
                "name": body.name,
                "engine": body.engine,
                "muscles": len(body.muscle_names),
                "mass_kg": body.mass,
            },
            "condition": {
                "name": self.condition.name,
                "effects": [e.to_json() for e in self.condition.effects],
            },
            "frames": len(time),
            "window_s": [float(time[0]), float(time[-1])],
            "verdict": self.verdict,
            "sentence": self.sentence,
            "rule": MOVEMENT_RULE,
            "baseline_ok": self.baseline_ok,
            "deficit": self.deficit.to_json(),
            "baseline_deficit": self.baseline_deficit.to_json(),
            "deficits": [d.to_json() for d in self.deficits],
            "effort_ratio": _number(self.effort_ratio),
            "metabolic_ratio": _number(self.metabolic_ratio),
            "metabolic": {
                "model": "Bhargava et al. 2004, muscles only, without the rest of the body at rest",
                "baseline_w": before,
                "w": after,
                "baseline_w_per_kg": before / body.mass,
                "w_per_kg": after / body.mass,
            },
            "muscles": _records(self.muscles[columns + forces]),
            "groups": _records(self.groups),
            "compensators": _records(self.compensators),
            "relieved": _records(self.relieved),
            "joint_loads": self.joint_loads,
            "supports": _records(self.supports),
            "checks": [c.to_json() for c in self.checks],
            "not_computed": self.not_computed,
            "warnings": list(self.mechanics.movement.warnings),
            "notes": list(body.notes),
            "provenance": json.loads(json.dumps(self.provenance, default=_plain)),
            "timing": {
                "mechanics_s": self.mechanics.seconds,
                "solve_s": self.baseline.seconds + self.changed.seconds,
            },
        }

    def to_csv(self, path: str | Path) -> None:
        """Write the table of muscles, one row each; errors as `gluteal.files.written_whole`."""
        write_text(path, self.muscles.to_csv(index=False))

    def to_netcdf(self, path: str | Path) -> None:
        """Write `dataset`, metabolic power and joint loads as netCDF-4; errors as `written_whole`."""
        dataset = self.dataset.assign(metabolic_power=self.metabolic_power)
        if self.joint_forces is not None:
            dataset = dataset.merge(self.joint_forces, join="exact", combine_attrs="override")
        with written_whole(path) as temporary:
            dataset.to_netcdf(temporary, engine="h5netcdf")

    def to_html(self, path: str | Path, *, command: str | None = None, spread: Spread | None = None) -> None:
        """Write a page that needs nothing but a browser; `gluteal.save_page` under the name people look for."""
        import gluteal  # the front door: pages draw bodies, and so stand above engines

        gluteal.save_page(self, path, command=command, spread=spread)


def _peak(array: xr.DataArray) -> float:
    return float(array.max(skipna=False))


def _mean(array: xr.DataArray) -> np.ndarray:
    return array.mean("time", skipna=False).to_numpy()


def _peak_and_mean(activation: xr.DataArray, prefix: str) -> dict[str, np.ndarray]:
    return {
        f"{prefix}peak": activation.max("time", skipna=False).to_numpy(),
        f"{prefix}mean": _mean(activation),
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data, None for everything that is missing."""
    plain = table.astype(object).where(table.notna(), None)
    return [dict(zip(table.columns, row, strict=True)) for row in plain.to_numpy().tolist()]


def _text(value: Any) -> str | float | int:
    """Return a value as netCDF and JSON can hold it."""
    return value if isinstance(value, str | int | float) else json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
