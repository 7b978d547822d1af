"""People under known causes: weakness that causes pain, pain that causes weakness, a common cause, or none.

A person has strength S (standard deviations, 0 on average), pain P (0 or 1) month by month, a trait strength M, a
common cause U (inactivity, poor health) and a proneness to pain Q, each standard normal::

    strength shown   s = S - h a P                        h a: inhibition, there only while it hurts
    pain starts      logit p = onset    + x               x = b (-s) + c U + q Q
    pain ends        logit p = recovery - x + relief
    strength         S' = S + k (T - S) + f e             T = M - (1 - h) a P + training - injury
    trait            M = -l U + sqrt(1 - l²) e
    measured         y = s + sqrt(1 / reliability - 1) e

b > 0: weakness causes pain; a > 0: pain causes weakness; c, l > 0: a common cause. All e are independent and normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
import scipy

from gluteal.errors import InputError

Arrow = Literal["weakness causes pain", "pain causes weakness"]
#: Months that people live before a study finds them; longer changes nothing that can be seen.
MONTHS_BEFORE = 36


@dataclass(frozen=True, kw_only=True)
class World:
    """What is true: log-odds of pain per standard deviation of weakness, strength lost in pain, and a common cause."""

    name: str
    weakness: float = 0.0
    pain: float = 0.0
    common: float = 0.0
    loading: float = 0.0

    def has(self, arrow: Arrow) -> bool:
        """Return whether the arrow is true in this world."""
        return (self.weakness if arrow == "weakness causes pain" else self.pain) > 0.0


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """How people and measurements are made; those without a source are assumed and there to be changed.

    Attributes
    ----------
    weakness : float
        Log-odds of pain per standard deviation of weakness. Default 0.58: players who later sprained an ankle had
        3.8 % of body weight less hip abduction, 0.58 of 6.6 (powers2017); equal spreads make that the log odds ratio
        per standard deviation. No such number is printed for back pain.
    pain : float
        Strength lost in lasting pain, standard deviations. Default 0.6: 10 % of strength (henriksen2011: 5 to 15 % in
        induced knee pain) at a spread of 16.7 % (powers2017).
    at_once : float
        Share of it that is there while it hurts only. Assumed.
    loading : float
        How far the common cause lowers strength. Assumed; its effect on pain is weakness / loading, so that weakness
        and pain go together as closely as if one caused the other.
    onset, recovery : float
        Chance in a month to start and to stop hurting, for an average person. Assumed: about one in four hurts.
    proneness : float
        Spread between people of the log-odds of pain for other reasons. Assumed.
    adaptation, fluctuation : float
        Share of the way that strength goes in a month to where it is drawn; its random change in a month. Assumed.
    reliability : float
        Of measured strength, 0-1. Default 0.8, between 0.66 and 0.94 (cerdavega2018: side-lying, supine).
    training, injury : float
        Strength that training adds and a nerve injury takes, standard deviations. Assumed; 46 to 52 % of strength
        (pohl2015, kendall2013) would be three.
    relief : float
        How any exercise helps recovery, whatever it does to strength, log-odds. Assumed.
    """

    weakness: float = 0.58
    pain: float = 0.6
    at_once: float = 0.5
    loading: float = 0.5
    onset: float = 0.04
    recovery: float = 0.2
    proneness: float = 0.8
    adaptation: float = 0.3
    fluctuation: float = 0.1
    reliability: float = 0.8
    training: float = 1.0
    injury: float = 2.0
    relief: float = 0.5

    def __post_init__(self) -> None:
        """Check every number."""
        for name in (f.name for f in fields(self)):
            value, least, most = getattr(self, name), 0.0, math.inf
            if name in ("onset", "recovery", "reliability", "loading", "adaptation"):
                least, most = 1e-6, 1.0
            elif name == "at_once":
                most = 1.0
            if not (math.isfinite(value) and least <= value <= most):
                limits = "a finite number from 0" if most == math.inf else "a share between 0 and 1"
                raise InputError(f"{name} is {value!r}; give {limits}.")

    def worlds(self) -> tuple[World, ...]:
        """Return the five worlds that a study should tell apart."""
        return (
            World(name="weakness causes pain", weakness=self.weakness),
            World(name="pain causes weakness", pain=self.pain),
            World(name="each causes the other", weakness=self.weakness, pain=self.pain),
            World(name="common cause", common=self.weakness / self.loading, loading=self.loading),
            World(name="neither"),
        )


@dataclass(frozen=True)
class Population:
    """People at one time, each array (people,).

    Attributes
    ----------
    strength : standard deviations, without inhibition
    pain : bool
    trait, common, prone : M, U and Q
    free : months since pain was last there
    painful : months in pain since the people were last sent on
    """

    strength: np.ndarray
    pain: np.ndarray
    trait: np.ndarray
    common: np.ndarray
    prone: np.ndarray
    free: np.ndarray
    painful: np.ndarray

    def take(self, chosen: np.ndarray) -> Population:
        """Return some of them, by a mask (people,)."""
        return Population(*(getattr(self, f.name)[chosen] for f in fields(self)))


def make_people(world: World, assumed: Assumptions, rng: np.random.Generator, *, number: int) -> Population:
    """Make people and let them live for `MONTHS_BEFORE` months; none hurts at first."""
    common, prone, own = rng.standard_normal((3, number))
    trait = -world.loading * common + math.sqrt(1.0 - world.loading**2) * own
    zeros = np.zeros(number)
    start = Population(trait, zeros.astype(bool), trait, common, prone, zeros, zeros)
    return live(start, world, assumed, rng, months=MONTHS_BEFORE)


def live(
    people: Population,
    world: World,
    assumed: Assumptions,
    rng: np.random.Generator,
    *,
    months: int,
    training: float = 0.0,
    injury: float = 0.0,
    relief: float = 0.0,
) -> Population:
    """Send people on for some months; an injury takes strength at once, training adds it by and by."""
    strength, pain = people.strength - injury, people.pain
    free, painful = people.free, np.zeros(pain.size)
    at_once, later = assumed.at_once * world.pain, (1.0 - assumed.at_once) * world.pain
    other = world.common * people.common + assumed.proneness * people.prone
    start, stop = float(scipy.special.logit(assumed.onset)), float(scipy.special.logit(assumed.recovery)) + relief
    for _ in range(months):
        x = other - world.weakness * (strength - at_once * pain)
        change = rng.random(pain.size) < scipy.special.expit(np.where(pain, stop - x, start + x))
        pain = pain ^ change
        target = people.trait + training - injury - later * pain
        noise = assumed.fluctuation * rng.standard_normal(pain.size)
        strength = strength + assumed.adaptation * (target - strength) + noise
        free = np.where(pain, 0.0, free + 1.0)
        painful = painful + pain
    return replace(people, strength=strength, pain=pain, free=free, painful=painful)


def measure_population_strength(
    people: Population, world: World, assumed: Assumptions, rng: np.random.Generator, *, induced: bool = False
) -> np.ndarray:
    """Measure strength, (people,), standard deviations, with error; `induced`: while everybody is made to hurt."""
    hurts = np.ones_like(people.pain) if induced else people.pain
    error = math.sqrt(1.0 / assumed.reliability - 1.0)
    shown = people.strength - assumed.at_once * world.pain * hurts
    return np.asarray(shown + error * rng.standard_normal(shown.size))
