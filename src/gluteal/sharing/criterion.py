"""Criteria: what load sharing minimises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.build import Mechanics

#: Largest price of what is asked for beside effort (1), and largest exponent (1). Beyond the first, leaving moments
#: undone becomes the cheaper way out; beyond the second, powers of activations lose their digits.
MOST_PRICE, MOST_EXPONENT = 1e4, 1e6
#: Joints whose force a criterion can price; `gluteal.mechanics.geometry.Cut` names them.
PRICED_JOINTS = ("hip", "knee", "ankle", "lumbosacral")


@dataclass(frozen=True)
class SoftFloor:
    """Muscles that should not fall silent: price (value - activation)^2 is added where their mean is below `value`.

    Attributes
    ----------
    target : str
        Muscle, group, nerve or anatomical name; both sides, each by itself, unless its name says one.
    value : float
        Activation, 0..1.
    price : float
        Above 0; a fully active muscle of mean size counts 1.
    """

    target: str
    value: float
    price: float


@dataclass(frozen=True, eq=False)
class TrackedChannel:
    """One electrode: price (mean activation of its muscles - gain envelope)^2 is added to the cost.

    Attributes
    ----------
    name : str
        As the recording calls it.
    muscles : tuple of str
        Those it sees, pooled by max_isometric_force.
    envelope : (time,) array
        At the frames, the electromechanical delay taken off, 1.
    gain : float
        Activation per unit of envelope.
    """

    name: str
    muscles: tuple[str, ...]
    envelope: np.ndarray
    gain: float


@dataclass(frozen=True)
class Criterion:
    """What load sharing minimises: sum(w a^exponent), and squares of what it is asked to keep small.

    w is 1, or the muscle's volume (mean 1), or its size: max_isometric_force over the mean of the leg's muscles.
    Volume stands for the energy that an activation costs: max_isometric_force * optimal_fiber_length, up to
    a factor. Both are the undisturbed muscle's, so that effort never falls as capacity shrinks. A muscle drawn as two
    of half its size counts by size as it did.

    Attributes
    ----------
    joints : tuple of (joint, price)
        price * (contact force / body weight)^2 is added for every joint of the kind ("hip": both hips).
    floors : tuple of SoftFloor
    tracked : tuple of TrackedChannel
    tracking_price : float
        Of every tracked channel.
    title : str
        What to call it ("joint-sparing"); empty for sums of powers.

    Raises
    ------
    InputError
        Where the exponent is below 2, both weightings are asked for, or a price or floor is out of range.
    """

    exponent: float = 2.0
    volume_weighting: bool = False
    size_weighting: bool = False
    joints: tuple[tuple[str, float], ...] = ()
    floors: tuple[SoftFloor, ...] = ()
    tracked: tuple[TrackedChannel, ...] = ()
    tracking_price: float = 0.0
    title: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.exponent) and self.exponent >= 2.0):
            raise InputError(f"The exponent is {self.exponent:g}; it must be 2 or more.")
        if self.exponent > MOST_EXPONENT:
            raise InputError(f"The exponent is {self.exponent:g}; give {MOST_EXPONENT:g} at most.")
        if self.volume_weighting and self.size_weighting:
            raise InputError("A criterion weighs by volume or by size, not by both; leave one out.")
        for joint, price in self.joints:
            if joint not in PRICED_JOINTS:
                raise InputError(f"{joint!r} is no joint whose force has a price; give {', '.join(PRICED_JOINTS)}.")
            _check_price(f"the force in the {joint}", price)
        for floor in self.floors:
            _check_price(f"the floor of {floor.target}", floor.price)
            if not 0.0 <= floor.value <= 1.0:
                raise InputError(f"The floor of {floor.target} is {floor.value:g}; give an activation from 0 to 1.")
        if self.tracked:
            _check_price("following EMG", self.tracking_price)

    @property
    def name(self) -> str:
        """The criterion in short ("p = 2, by volume")."""
        parts = [f"p = {self.exponent:g}"]
        parts += ["by volume"] * self.volume_weighting + ["by size"] * self.size_weighting
        parts += [f"{price:g} ({joint} force / body weight)^2" for joint, price in self.joints]
        parts += [f"{f.price:g} (below {f.value:g}: {f.target})^2" for f in self.floors]
        parts += [f"following EMG of {len(self.tracked)} channels at {self.tracking_price:g}"] * bool(self.tracked)
        return ", ".join(parts)

    @property
    def is_power_sum(self) -> bool:
        """Whether nothing but activations counts."""
        return not (self.joints or self.floors or self.tracked)

    def weight(self, mechanics: Mechanics) -> np.ndarray:
        """Return what each muscle's activation counts, (muscle,) or (person, muscle)."""
        force = mechanics.dataset.variables["max_isometric_force"].values
        if self.size_weighting:
            return _relative(force, mechanics.leg_muscles)
        if not self.volume_weighting:
            return np.ones_like(force)
        volume = force * mechanics.body.muscles["optimal_fiber_length"].values
        return _relative(volume, np.ones(force.shape[-1], bool))


def _relative(size: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return sizes over the mean of those counted.

    A muscle that is switched off has no size and no say; its weight only keeps the problem convex.
    """
    size = np.where(size > 0.0, size, size.max(axis=-1, keepdims=True))
    return np.asarray(size / size[..., counted].mean(axis=-1, keepdims=True))


def _check_price(what: str, price: float) -> None:
    if not 0.0 < price <= MOST_PRICE:
        raise InputError(
            f"The price of {what} is {price:g}; give a number above 0 and up to {MOST_PRICE:g}, or leave it out."
        )


def list_criteria(exponents: Sequence[float], volume_weighting: Sequence[bool]) -> tuple[Criterion, ...]:
    """Combine exponents and weightings; raises InputError where none is left."""
    criteria = tuple(Criterion(float(p), bool(v)) for v in volume_weighting for p in exponents)
    if not criteria:
        raise InputError("There is no criterion: give at least one exponent and one volume weighting.")
    return criteria
