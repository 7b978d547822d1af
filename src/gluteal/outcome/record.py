"""Outcome: a movement undisturbed beside the same movement under a condition, as one record with its tables.

The comparison is in `gluteal.outcome.compare`, the verdict's rule in `gluteal.outcome.verdict`, the acceptance checks
in `gluteal.outcome.checks`, sentences in `gluteal.outcome.sentences`, what is handed over in `gluteal.outcome.export`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xarray as xr

from gluteal.errors import InputError, Unsolved
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.cause import Cause
from gluteal.nerves.condition import Condition
from gluteal.outcome import export, tables
from gluteal.outcome.bands import OutcomeBands, SpokenBands, compare_bands, compare_muscles
from gluteal.outcome.checks import Check, check_outcome
from gluteal.outcome.compare import CONDITIONS, compare_solutions
from gluteal.outcome.gate import collect_causes
from gluteal.outcome.joint_loads import compare_joint_loads, compute_joint_loads
from gluteal.outcome.metabolics import compute_metabolic_power
from gluteal.outcome.sentences import say_baseline, say_outcome
from gluteal.outcome.verdict import VERDICTS, Deficit, MovementVerdict
from gluteal.sharing.least_force import solve_least_force
from gluteal.sharing.solution import DETERMINED, Solution

if TYPE_CHECKING:
    from gluteal.simulate.ensemble import Ensemble
    from gluteal.simulate.spread import Spread


@dataclass(frozen=True, repr=False)
class Outcome:
    """A solved movement beside the same movement under a condition.

    Attributes
    ----------
    baseline, changed : Solution
        Without and under the condition.

    Raises
    ------
    Unsolved
        On reading anything that rests on a frame that was not solved.
    """

    baseline: Solution
    changed: Solution

    def __str__(self) -> str:
        return self.sentence

    def __repr__(self) -> str:
        return f"<Outcome {self.verdict}: {self.mechanics.movement.name}, {self.condition.name}>"

    @property
    def mechanics(self) -> Mechanics:
        """The body doing the movement."""
        return self.baseline.mechanics

    @property
    def pair(self) -> tuple[Solution, Solution]:
        """Both solutions, the undisturbed one first."""
        return self.baseline, self.changed

    @property
    def condition(self) -> Condition:
        """Under what it was done."""
        return self.changed.condition

    @cached_property
    def compared(self) -> xr.Dataset:
        """Both solutions side by side, `gluteal.outcome.compare.compare_solutions`."""
        return compare_solutions(self.baseline, self.changed)

    # --- verdict -----------------------------------------------------------------------------------

    @property
    def verdict(self) -> MovementVerdict:
        """``unchanged``, ``compensated``, ``impossible`` or ``cannot-be-judged``, by `verdict.MOVEMENT_RULE`."""
        return VERDICTS[int(self.compared["verdict"])]

    @cached_property
    def findings(self) -> tuple[Cause, ...]:
        """Everything that speaks against judging this movement (`gluteal.outcome.gate`), the cause first."""
        return collect_causes(self.baseline)

    @property
    def cause(self) -> Cause | None:
        """Why this cannot be judged, None where it can."""
        return self.findings[0] if self.findings else None

    @cached_property
    def deficits(self) -> tuple[Deficit, ...]:
        """Deficit of every recruited coordinate under the condition, joints first, the largest first."""
        return tables.list_deficits(self.compared, self.mechanics, 1)

    @property
    def deficit(self) -> Deficit:
        """The deficit that decides: the largest moment, or a force where only a force is missing."""
        deciding = str(self.compared["coordinate"].values[int(self.compared["deficit_coordinate"])])
        return next(d for d in self.deficits if d.coordinate == deciding)

    @cached_property
    def baseline_deficits(self) -> tuple[Deficit, ...]:
        """`deficits` of the undisturbed movement."""
        return tables.list_deficits(self.compared, self.mechanics, 0)

    @property
    def baseline_deficit(self) -> Deficit:
        """The deficit of the undisturbed movement that is largest for its limit."""
        return max(self.baseline_deficits, key=lambda d: d.peak / d.limit)

    @property
    def baseline_ok(self) -> bool:
        """Whether the undisturbed movement needs no reserve above the verdict's limit."""
        return bool(self.compared["baseline_ok"])

    @property
    def effort_ratio(self) -> float:
        """Mean effort under the condition / undisturbed; nan where only the undisturbed one is zero."""
        return float(self.compared["effort_ratio"])

    @property
    def sentence(self) -> str:
        """The verdict in plain language, with its limits."""
        return say_outcome(self)

    @property
    def baseline_sentence(self) -> str:
        """What to know where the undisturbed movement itself asks too much of the model; else empty."""
        return say_baseline(self)

    # --- tables ------------------------------------------------------------------------------------

    @cached_property
    def muscles(self) -> pd.DataFrame:
        """Every muscle, `gluteal.outcome.tables.tabulate_muscles`."""
        return tables.tabulate_muscles(self.compared, self.condition.affected(self.mechanics.body))

    @cached_property
    def groups(self) -> pd.DataFrame:
        """Every group by side, `gluteal.outcome.tables.tabulate_groups`."""
        return tables.tabulate_groups(self.compared, self.mechanics)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Anatomical muscles by side, ranked by the change of their mean force (`tables.pool_muscles`).

        Muscles that the condition acts on are left out: what happens to them is no compensation.
        """
        return tables.pool_muscles(self.muscles[~self.muscles["acted_on"]], (self.baseline, self.changed))

    @cached_property
    def acted_on(self) -> pd.DataFrame:
        """Anatomical muscles that the condition acts on, by side; columns as in `changes`.

        Activation counts relative to what is left of a weakened muscle.
        """
        return tables.pool_muscles(self.muscles[self.muscles["acted_on"]], (self.baseline, self.changed))

    @cached_property
    def spoken_bands(self) -> SpokenBands:
        """Of `bands` those of whole muscles, each found when words first ask for it."""
        return SpokenBands(self)

    @cached_property
    def bands(self) -> OutcomeBands | None:
        """Who must, may and does not change, and what joints carry at least and at most, near the least effort.

        None where the movement cannot be judged, or a band was not found.
        """
        if self.cause is not None:
            return None
        try:
            return compare_bands(self, compare_muscles(self))
        except Unsolved:
            return None

    @cached_property
    def not_determined(self) -> tuple[str, ...]:
        """Anatomical muscles by side whose activation the last digits of the inputs decide (`Solution.sensitivity`)."""
        moved = xr.concat([s.sensitivity for s in (self.baseline, self.changed)], "condition").max("condition")
        names = moved["muscle"].values[moved.values > DETERMINED]
        return tuple(dict.fromkeys(tables.label_muscle(str(name)) for name in names))

    @property
    def compensators(self) -> pd.DataFrame:
        """Who does more: rows of `changes` that gain at least 1 N of mean force, most first.

        Muscles that are `not_determined` are left out, here and in `relieved`.
        """
        known = self.changes[~self.changes["muscle"].isin(self.not_determined)]
        return known[known["change"] >= tables.CHANGED_FORCE].reset_index(drop=True)

    @property
    def relieved(self) -> pd.DataFrame:
        """Who does less: rows of `changes` that lose at least 1 N of mean force, most first."""
        known = self.changes[~self.changes["muscle"].isin(self.not_determined)]
        return known[known["change"] <= -tables.CHANGED_FORCE].iloc[::-1].reset_index(drop=True)

    def summary(self, most: int = 5) -> pd.DataFrame:
        """Return a table for people: who does more and who does less, at most `most` each."""
        less = self.relieved.head(most).iloc[::-1]
        return pd.concat([self.compensators.head(most), less], ignore_index=True)

    @cached_property
    def supports(self) -> pd.DataFrame:
        """Where the world carries the body, `gluteal.outcome.tables.tabulate_supports`."""
        return tables.tabulate_supports((self.baseline, self.changed))

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Acceptance checks (`gluteal.outcome.checks`), each with value, limit, and a sentence."""
        return check_outcome(self.baseline, self.changed)

    # --- joints and energy -------------------------------------------------------------------------

    @cached_property
    def joint_forces(self) -> xr.Dataset | None:
        """`gluteal.compute_joint_loads` of both along ``condition``; None where the engine knows no lines."""
        try:
            both = [compute_joint_loads(s) for s in (self.baseline, self.changed)]
        except InputError:
            return None
        return xr.concat(both, pd.Index(CONDITIONS, name="condition"), join="exact")

    @cached_property
    def joint_loads(self) -> list[dict[str, Any]]:
        """Peak contact force of every joint, rows of `gluteal.outcome.joint_loads.compare_joint_loads`.

        With ``least_possible_bw``: the peak below which no sharing can keep it under the condition, body weights.
        """
        if self.joint_forces is None:
            return []
        rows = compare_joint_loads(*(self.joint_forces.sel(condition=c) for c in CONDITIONS))
        for row, least in zip(rows, solve_least_force(self.changed).max("time", skipna=False).values, strict=True):
            row["least_possible_bw"] = float(least)
        return rows

    @cached_property
    def metabolic_power(self) -> xr.DataArray:
        """Metabolic power (condition, time, muscle), W, by `gluteal.outcome.metabolics`."""
        both = [compute_metabolic_power(s) for s in (self.baseline, self.changed)]
        return xr.concat(both, pd.Index(CONDITIONS, name="condition"), join="exact")

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
        empty = {}
        if not self.joint_loads:
            empty["joint_loads"] = "the engine knows no lines of action of muscles across a joint of this body"
        if self.bands is None:
            empty["bands"] = "the movement cannot be judged" if self.cause is not None else "an end was not found"
        return empty

    # --- hand over ---------------------------------------------------------------------------------

    @property
    def activation(self) -> xr.DataArray:
        """Activation of both, (condition, time, muscle); condition is "baseline" or "condition"."""
        return self.dataset["activation"]

    @cached_property
    def dataset(self) -> xr.Dataset:
        """Everything solved, both solutions along ``condition``, with demand and provenance."""
        return export.join_solutions(self)

    @property
    def provenance(self) -> dict[str, Any]:
        """What made these numbers: version, body, movement, condition, settings."""
        return export.list_provenance(self)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain data, by its published field names; null is "no number"."""
        return export.make_json(self)

    def to_csv(self, path: str | Path) -> None:
        """Write the table of muscles, one row each; errors as `gluteal.files.written_whole`."""
        export.save_csv(self, path)

    def to_netcdf(self, path: str | Path) -> None:
        """Write `dataset`, metabolic power and joint loads as netCDF-4; errors as `written_whole`."""
        export.save_netcdf(self, path)

    def to_html(
        self,
        path: str | Path,
        *,
        command: str | None = None,
        spread: Spread | None = None,
        ensemble: Ensemble | None = None,
    ) -> None:
        """Write a page that needs nothing but a browser; `gluteal.save_page` under the name people look for."""
        import gluteal  # the front door: pages draw bodies, and so stand above engines

        gluteal.save_page(self, path, command=command, spread=spread, ensemble=ensemble)

    def to_live(self, path: str | Path, *, ensemble: Ensemble | None = None, beside: Outcome | None = None) -> None:
        """Write a live page: sliders for what is changed, the exact answer at once; `gluteal.save_live`.

        With `beside`, the same body in another posture, both are drawn.
        """
        import gluteal

        gluteal.save_live(self, path, ensemble=ensemble, beside=beside)
