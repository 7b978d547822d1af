"""Random people: how much strength, mass and muscle paths differ from one healthy person to the next.

A person is the body with other numbers: every anatomical muscle stronger or weaker, the whole body heavier
or lighter, every path a few millimetres elsewhere. The sizes of these differences are in `SCATTER`, each
with its source and with what of the source was read. Geometry of the skeleton and the movement stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from gluteal import anatomy
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.sources.parameter import Sourced, find_parameters
from gluteal.vocabulary import side_of

#: How much people differ; numbers, sources and how far they were read are in ``sources/parameters/simulate.toml``.
SCATTER: Mapping[str, Sourced[float]] = find_parameters("simulate.people.SCATTER")


#: Largest scatter of each kind. Own choice: several times what is published of healthy people; beyond it, moment arms
#: and strengths are no person's.
MOST_SCATTER: Mapping[str, float] = {"strength": 2.0, "muscle": 2.0, "mass": 2.0, "mass_exponent": 3.0, "path": 0.05}


@dataclass(frozen=True, kw_only=True)
class Scatter:
    """How much random people differ; defaults and sources in `SCATTER`.

    Attributes
    ----------
    strength, muscle, mass : float
        Coefficients of variation, 1. Factors are log-normal with median 1: the median person is the body.
    mass_exponent : float
        Force goes with mass to this power, so that heavier people are weaker for their weight.
    path : float
        Standard deviation of every moment arm and path length, m, normal.

    Raises
    ------
    InputError
        Where a value is negative, not finite, or above `MOST_SCATTER`.
    """

    strength: float = SCATTER["strength"].value
    muscle: float = SCATTER["muscle"].value
    mass: float = SCATTER["mass"].value
    mass_exponent: float = SCATTER["mass_exponent"].value
    path: float = SCATTER["path"].value

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if not (np.isfinite(value) and value >= 0.0):
                raise InputError(
                    f"The scatter {f.name!r} is {value:g}; it must be zero or positive "
                    f"({SCATTER[f.name].meaning}, {SCATTER[f.name].units})."
                )
            if value > MOST_SCATTER[f.name]:
                raise InputError(
                    f"The scatter {f.name!r} is {value:g}; no people differ that much: give at most "
                    f"{MOST_SCATTER[f.name]:g} ({SCATTER[f.name].meaning}, {SCATTER[f.name].units})."
                )

    def to_json(self) -> dict[str, float]:
        """Return the numbers as plain data."""
        return {f.name: float(getattr(self, f.name)) for f in fields(self)}


@dataclass(frozen=True)
class People:
    """P people, as changes of one body with M muscles and Q coordinates.

    Attributes
    ----------
    mass : (P,) body mass / the body's
    strength : (P, M) max_isometric_force / the body's
    path_length : (P, M) m, added to mtu_length
    moment_arm : (P, Q, M) m, added to the moment arm about coordinates that the muscle crosses
    """

    mass: np.ndarray
    strength: np.ndarray
    path_length: np.ndarray
    moment_arm: np.ndarray

    def __len__(self) -> int:
        return len(self.mass)

    def __getitem__(self, which: slice) -> Self:
        return type(self)(self.mass[which], self.strength[which], self.path_length[which], self.moment_arm[which])


def same_people(body: Body, count: int = 1) -> People:
    """Return `count` people who are all the body itself."""
    q, m = len(body.coordinate_names), len(body.muscle_names)
    return People(np.ones(count), np.ones((count, m)), np.zeros((count, m)), np.zeros((count, q, m)))


def draw_people(body: Body, count: int, *, rng: np.random.Generator, scatter: Scatter | None = None) -> People:
    """Draw `count` random people; every person has a random stream of their own (`rng.spawn`).

    Raises
    ------
    InputError
        Where `count` is negative.

    Examples
    --------
    >>> import gluteal, numpy as np
    >>> people = draw_people(gluteal.load_body("myo"), 3, rng=np.random.default_rng(1))
    >>> people.strength.shape, bool(np.all(people.strength > 0))
    ((3, 280), True)
    """
    if count < 0:
        raise InputError(f"{count} people cannot be drawn; ask for zero or more.")
    return draw_from(body, rng.spawn(count), scatter=scatter)


def draw_from(body: Body, streams: Sequence[np.random.Generator], *, scatter: Scatter | None = None) -> People:
    """Draw one person from each random stream.

    What concerns the whole person is drawn first, so that the same stream gives the same mass and common
    strength on every body. The parts of one anatomical muscle on one side (gluteus medius 1 to 3) share
    their factor and displacements: the scatter was measured on whole muscles. Sides are independent.
    """
    scatter = scatter or Scatter()
    muscles, coordinates = body.muscle_names, len(body.coordinate_names)
    whole = [(anatomy.anatomical_name(m), side_of(m)) for m in muscles]
    number = {key: i for i, key in enumerate(dict.fromkeys(whole))}
    part_of = np.array([number[key] for key in whole])
    count, n = len(streams), len(number)
    people = np.empty((count, 2))
    each = np.empty((count, n, 2 + coordinates))
    for i, stream in enumerate(streams):
        people[i] = stream.standard_normal(2)
        each[i] = stream.standard_normal((n, 2 + coordinates))
    mass = _factor(people[:, 0], scatter.mass)
    general = _factor(people[:, 1], scatter.strength) * mass**scatter.mass_exponent
    return People(
        mass=mass,
        strength=general[:, None] * _factor(each[:, part_of, 0], scatter.muscle),
        path_length=scatter.path * each[:, part_of, 1],
        moment_arm=scatter.path * each[:, part_of, 2:].transpose(0, 2, 1),
    )


def _factor(normal: np.ndarray, variation: float) -> np.ndarray:
    """Turn standard normal numbers into log-normal factors of median 1 and a coefficient of variation."""
    return np.exp(np.sqrt(np.log1p(variation**2)) * normal)
