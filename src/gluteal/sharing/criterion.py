"""Criteria: what load sharing minimises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.build import Mechanics


@dataclass(frozen=True)
class Criterion:
    """What load sharing minimises: sum(w a^exponent), w = 1 or the muscle's volume (mean 1).

    Volume stands for the energy that an activation costs: max_isometric_force * optimal_fiber_length, up to
    a factor. It is the undisturbed muscle's, so that effort never falls as capacity shrinks.

    Raises
    ------
    InputError
        Where the exponent is below 2.
    """

    exponent: float = 2.0
    volume_weighting: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.exponent) and self.exponent >= 2.0):
            raise InputError(f"The exponent is {self.exponent:g}; it must be 2 or more.")

    @property
    def name(self) -> str:
        """The criterion in short ("p = 2, by volume")."""
        return f"p = {self.exponent:g}" + (", by volume" if self.volume_weighting else "")

    def weight(self, mechanics: Mechanics) -> np.ndarray:
        """Return what each muscle's activation counts, (muscle,) or (person, muscle), mean 1."""
        force = mechanics.dataset.variables["max_isometric_force"].values
        if not self.volume_weighting:
            return np.ones_like(force)
        volume = force * mechanics.body.muscles["optimal_fiber_length"].values
        # A muscle that is switched off has no volume and no say; its weight only keeps the problem convex.
        volume = np.where(volume > 0.0, volume, volume.max(axis=-1, keepdims=True))
        return volume / volume.mean(axis=-1, keepdims=True)


def list_criteria(exponents: Sequence[float], volume_weighting: Sequence[bool]) -> tuple[Criterion, ...]:
    """Combine exponents and weightings; raises InputError where none is left."""
    criteria = tuple(Criterion(float(p), bool(v)) for v in volume_weighting for p in exponents)
    if not criteria:
        raise InputError("There is no criterion: give at least one exponent and one volume weighting.")
    return criteria
