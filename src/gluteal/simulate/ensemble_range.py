"""Any number over all published bodies: how far it goes, and what each independent source says.

A verdict over bodies is `gluteal.simulate_ensemble`; this is for what has no yes or no: how strong, how much loss is
tolerated, how large a joint's load. The number is measured on every body of `gluteal.load_bodies`, the engine's work
done once for all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gluteal.engines import body_lineage, compute_bodies, load_bodies, load_body
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.movements.tasks import load_task
from gluteal.nerves.condition import Condition
from gluteal.sharing.tolerance import rank_tolerance
from gluteal.simulate.dynamometer import compute_strength
from gluteal.simulate.endurance import settle_fatigue
from gluteal.simulate.ensemble import lineage_words
from gluteal.vocabulary import Side, Sides


@dataclass(frozen=True)
class EnsembleRange:
    """One number on every published body.

    Attributes
    ----------
    values : mapping of body -> float
        nan where a body has none (a movement that it cannot do undisturbed).
    lineages : mapping of body -> str
        What each descends from; bodies of one lineage are one witness.
    """

    values: Mapping[str, float]
    lineages: Mapping[str, str]

    @cached_property
    def _known(self) -> dict[str, float]:
        return {body: value for body, value in self.values.items() if np.isfinite(value)}

    @property
    def low(self) -> float:
        """The smallest; nan where no body has one."""
        return min(self._known.values(), default=float("nan"))

    @property
    def high(self) -> float:
        """The largest; nan where no body has one."""
        return max(self._known.values(), default=float("nan"))

    @cached_property
    def by_source(self) -> dict[str, tuple[float, float]]:
        """Lineage -> its smallest and largest; a lineage without any is left out."""
        found: dict[str, tuple[float, float]] = {}
        for body, value in self._known.items():
            low, high = found.get(self.lineages[body], (value, value))
            found[self.lineages[body]] = (min(low, value), max(high, value))
        return found

    def share(self, holds: Callable[[float], bool]) -> float:
        """Return the share of bodies of which something holds, every lineage counting once, 1; nan where none has one.

        >>> three = EnsembleRange({"a": 1.0, "b": 3.0, "c": 3.0}, {"a": "delp", "b": "delp", "c": "tlem"})
        >>> three.share(lambda value: value > 2.0)
        0.75
        """
        lines: dict[str, list[bool]] = {self.lineages[body]: [] for body in self._known}
        for body, value in self._known.items():
            lines[self.lineages[body]].append(holds(value))
        return float(np.mean([np.mean(said) for said in lines.values()])) if lines else float("nan")

    def say(self, form: Callable[[float], str]) -> str:
        """Return range and sources in words, each number written by `form`."""
        if not self._known:
            return f"None of {len(self.values)} bodies has an answer."
        sources = "; ".join(
            f"{lineage_words(line)}: {form(low)} to {form(high)}" for line, (low, high) in self.by_source.items()
        )
        return f"Over {len(self._known)} published bodies {form(self.low)} to {form(self.high)} ({sources})."

    def to_json(self, holds: Callable[[float], bool]) -> dict[str, Any]:
        """Return range, sources and the share of which `holds` is true, as plain data; null where no body answers."""
        return {
            "bodies": len(self.values),
            "answered": len(self._known),
            "low": self.low if self._known else None,
            "high": self.high if self._known else None,
            "share": self.share(holds) if self._known else None,
            "by_source": {line: list(ends) for line, ends in self.by_source.items()},
        }


def ask_bodies(
    measure: Callable[[Mechanics], Mapping[str, float]],
    task: str,
    *,
    bodies: Sequence[Body] | None = None,
    **settings: Any,
) -> dict[str, EnsembleRange]:
    """Measure something of a built-in task on every published body.

    Parameters
    ----------
    measure : function of Mechanics
        Returns name -> number, the same names for every body; nan where there is none. Whatever it raises is raised.
    task : str
        A built-in task, done as it is (the walk by its own walker).
    bodies : sequence of Body, optional
        Variants of the embedded body; all of `gluteal.load_bodies` by default.
    **settings
        The task's own parameters, as `load_task`.

    Examples
    --------
    >>> from gluteal import load_bodies
    >>> def weight(mechanics):
    ...     return {"kg": mechanics.body.mass}
    >>> found = ask_bodies(weight, "quiet-standing", bodies=load_bodies()[:2])
    >>> round(found["kg"].low)
    77
    """
    chosen = load_bodies() if bodies is None else tuple(bodies)
    movement = load_task(task, load_body("myo"), **settings)
    return _gather({m.body.name: measure(m) for m in compute_bodies(chosen, movement)}, chosen)


def rank_ensemble(
    task: str, *targets: str, side: Sides = "r", condition: Condition | None = None, **settings: float | str
) -> dict[str, EnsembleRange]:
    """Find how much loss of each target a built-in task tolerates on every published body: target -> range.

    A complete loss is 1; a body whose undisturbed movement lacks a moment has no tolerance (nan).

    Raises
    ------
    UnknownName, InputError
        As `gluteal.sharing.tolerance.rank_tolerance`.
    """

    def measure(mechanics: Mechanics) -> dict[str, float]:
        tired = settle_fatigue(condition or Condition(), mechanics)  # everybody by the own body's movement
        ranking = rank_tolerance(mechanics, *targets, side=side, condition=tired)
        return {
            t.name: float("nan") if t.refused else 1.0 if t.critical_loss is None else t.critical_loss
            for t in ranking.tolerances
        }

    return ask_bodies(measure, task, bodies=load_bodies(), **settings)


def measure_ensemble(
    movement: str,
    *,
    side: Side = "r",
    condition: Condition | None = None,
    posture: Mapping[str, float] | None = None,
) -> EnsembleRange:
    """Measure a movement's isometric strength on every published body, N m/kg.

    Parameters and errors as `gluteal.compute_strength`.
    """
    bodies = load_bodies()
    found = {
        body.name: {
            "moment": compute_strength(body, movement, side=side, condition=condition, posture=posture).moment_per_mass
        }
        for body in bodies
    }
    return _gather(found, bodies)["moment"]


def _gather(found: Mapping[str, Mapping[str, float]], bodies: Sequence[Body]) -> dict[str, EnsembleRange]:
    lineages = {body.name: body_lineage(body) for body in bodies}
    names = dict.fromkeys(name for values in found.values() for name in values)
    return {
        name: EnsembleRange({body: values.get(name, float("nan")) for body, values in found.items()}, lineages)
        for name in names
    }
