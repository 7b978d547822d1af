"""Coordinates that follow others: the coordinate couplers of an OpenSim model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.engines.opensim.osim import list_parts, osim
from gluteal.errors import InputError

#: Step for slopes of slopes, rad or m: own choice, half of a double's digits lost in their difference.
STEP = 1e-4
#: Where OpenSim's second derivative differs from the slope of its first by more than this share, it is another thing.
OTHER_BEND = 1e-3


@dataclass(frozen=True)
class Coupler:
    """One coordinate that follows others: value = scale * function(sources).

    `bends` says whether OpenSim knows the function's second derivatives. It does not for polynomials of several
    variables and for expressions, for which it gives the first ones instead.
    """

    dependent: int
    sources: tuple[int, ...]
    function: Any
    scale: float
    bends: bool = False

    def value(self, x: np.ndarray) -> float:
        """Return the value at the sources' values (S,)."""
        return float(self.scale * self.function.calcValue(osim.Vector.createFromMat(x)))

    def slope(self, x: np.ndarray) -> np.ndarray:
        """Return the first derivatives (S,)."""
        at = osim.Vector.createFromMat(x)
        return self.scale * np.array([self.function.calcDerivative(osim.StdVectorInt([i]), at) for i in range(len(x))])

    def bend(self, x: np.ndarray) -> np.ndarray:
        """Return the second derivatives (S, S)."""
        if self.bends:
            return self.told_bend(x)
        steps = STEP * np.eye(len(x))
        return np.array([(self.slope(x + step) - self.slope(x - step)) / (2.0 * STEP) for step in steps])

    def told_bend(self, x: np.ndarray) -> np.ndarray:
        """Return what OpenSim says of the second derivatives (S, S)."""
        at, count = osim.Vector.createFromMat(x), range(len(x))
        return self.scale * np.array(
            [[self.function.calcDerivative(osim.StdVectorInt([i, k]), at) for k in count] for i in count]
        )


def find_couplers(model: Any, names: list[str], path: Path) -> tuple[Coupler, ...]:
    """Return the enforced coordinate couplers, each after those that it depends on; raises InputError for circles."""
    found: list[Coupler] = []
    for component in list_parts(model):
        c = osim.CoordinateCouplerConstraint.safeDownCast(component)
        if c is None or not c.get_isEnforced():
            continue
        said = c.getIndependentCoordinateNames()
        sources = tuple(names.index(said.get(i)) for i in range(said.size()))
        scale = float(c.getPropertyByName("scale_factor").toString())
        dependent = names.index(c.getDependentCoordinateName())
        if dependent in [other.dependent for other in found]:
            raise InputError(
                f"Two couplers of {path.name} tie {names[dependent]!r} to other coordinates; remove one of them, or "
                "switch it off (isEnforced)."
            )
        coupler = Coupler(dependent, sources, c.getFunction(), scale)
        found.append(Coupler(dependent, sources, c.getFunction(), scale, knows_bends(coupler)))
    ordered: list[Coupler] = []
    while found:
        waiting = {c.dependent for c in found}
        ready = [c for c in found if not waiting.intersection(c.sources)]
        if not ready:
            raise InputError(f"The couplers of {path.name} form a circle; remove one of them from the model.")
        ordered += ready
        found = [c for c in found if waiting.intersection(c.sources)]
    return tuple(ordered)


def knows_bends(coupler: Coupler) -> bool:
    """Whether OpenSim's second derivatives are the slopes of its first ones, in most of some places."""
    rng = np.random.default_rng(0)
    right = []
    for x in rng.uniform(-1.0, 1.0, (5, len(coupler.sources))):
        try:
            told = coupler.told_bend(x)
        except RuntimeError:  # a function that has none
            return False
        measured = coupler.bend(x)
        right.append(np.abs(told - measured).max() < OTHER_BEND * (1.0 + np.abs(measured).max()))
    return bool(np.mean(right) > 0.5)  # a kink may be between two steps
