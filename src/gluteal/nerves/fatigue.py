"""Fatigue of muscles: three compartments, with recovery.

In: activation over time. Out: the share of each muscle that is fatigued, and with it the most it can still do.

A muscle is active (MA), resting (MR) and fatigued (MF), MA + MR + MF = 1. Load sharing says how much of it is active,
so MA = a, a share of the fresh muscle; what is active tires at the rate F, what is fatigued recovers at the rate R:

    dMF/dt = F a - R' MF,      a <= 1 - MF,      R' = r R while the muscle rests (a <= `RESTING`), else R

(Xia and Frey-Law 2008; Frey-Law, Looft and Heitsman 2012; the rest factor r: Looft et al. 2018, Looft and Frey-Law
2020). For a constant activation the step is exact, whatever its length:

    MF(t + dt) = F a / R' + (MF(t) - F a / R') e^(-R' dt),

and one muscle that has to give the share TL of its strength can do so until a = 1 - MF, that is for

    ET = -ln(1 - R (1 - TL) / (F TL)) / R,     for ever where TL <= R / (F + R).

Rates are published for joints, not for muscles (``fatigue_rates.csv``), and none for the hip: it has those of all
joints together. What is not in it: pain, motivation, the central nervous system, type of fibre, force-length and speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from gluteal import anatomy
from gluteal.errors import UnknownName
from gluteal.files import read_rows, read_table_text

#: Activation up to which a muscle rests and recovers faster, 1: own choice, as no source gives one; above the rest of
#: muscles that are not asked for anything, below any that work.
RESTING = 0.01
#: The region whose rates muscles have that no region names.
GENERAL = "general"


@dataclass(frozen=True)
class FatigueRates:
    """How fast a region tires and recovers, and how long people hold.

    Attributes
    ----------
    fatigue, recovery : float
        F and R, 1/s.
    rest : float
        r, how many times faster a resting muscle recovers, 1.
    law : (float, float)
        People's endurance b0 TL^b1, s (Frey Law and Avin 2010): b0 in s, b1.
    groups : tuple of str
        Groups of muscles that have these rates.
    """

    region: str
    fatigue: float
    recovery: float
    rest: float
    law: tuple[float, float]
    groups: tuple[str, ...]

    @property
    def sustained(self) -> float:
        """Share of a muscle's strength that it can give for ever, R / (F + R)."""
        return self.recovery / (self.fatigue + self.recovery)


@cache
def list_fatigue_rates() -> tuple[FatigueRates, ...]:
    """Return the table of rates, one row for each region.

    >>> [round(row.sustained, 3) for row in list_fatigue_rates() if row.region == "general"]
    [0.086]
    """
    return tuple(
        FatigueRates(
            row["region"],
            float(row["fatigue_per_s"]),
            float(row["recovery_per_s"]),
            float(row["rest_factor"]),
            (float(row["endurance_b0_s"]), float(row["endurance_b1"])),
            tuple(filter(None, row["groups"].split(";"))),
        )
        for row in read_rows(read_table_text(__package__, "fatigue_rates.csv"))
    )


def find_fatigue_rates(region: str) -> FatigueRates:
    """Return the rates of a region; raises UnknownName."""
    table = {row.region: row for row in list_fatigue_rates()}
    if region not in table:
        raise UnknownName("region", region, table, "gluteal.nerves.fatigue.list_fatigue_rates")
    return table[region]


@dataclass(frozen=True, eq=False)
class Tiring:
    """Rates of every muscle of a body, (muscle,): `fatigue` and `recovery` 1/s, `rest` 1."""

    fatigue: np.ndarray
    recovery: np.ndarray
    rest: np.ndarray

    def step(self, fatigued: np.ndarray, activation: np.ndarray, seconds: float) -> np.ndarray:
        """Return the fatigued share after so long at an activation.

        Parameters
        ----------
        fatigued : (..., muscle)
            MF, 1.
        activation : (..., time, muscle)
            What is done over and over meanwhile, at equal intervals; one frame of a hold. The mean counts: tiring is
            linear in it, and a muscle has its faster recovery for the share of time in which it rests.
        """
        resting = (activation <= RESTING).mean(axis=-2)
        rate = self.recovery * (1.0 + (self.rest - 1.0) * resting)
        settled = self.fatigue * activation.mean(axis=-2) / rate
        return np.asarray(np.clip(settled + (fatigued - settled) * np.exp(-rate * seconds), 0.0, 1.0))

    def rested(self, fatigued: np.ndarray, seconds: float) -> np.ndarray:
        """Return the fatigued share after so long a rest."""
        return self.step(fatigued, np.zeros((*fatigued.shape[:-1], 1, fatigued.shape[-1])), seconds)

    def spent(self, most: np.ndarray, seconds: float) -> np.ndarray:
        """Return the fatigued share after so long at all a fresh muscle can give, up to a limit: exact.

        A muscle gives a = min(most, 1 - MF): the limit until 1 - MF has come down to it, then what is left, with
        dMF/dt = F (1 - MF) - R MF.

        Parameters
        ----------
        most : (..., muscle)
            Activation, 0..1; a muscle that is at 0 does not tire.
        """
        limited = _hold_time(most, self.fatigue, self.recovery)
        first = np.minimum(seconds, limited)
        with np.errstate(divide="ignore", invalid="ignore"):
            held = self.fatigue * most / self.recovery * -np.expm1(-self.recovery * first)
        settled = self.fatigue / (self.fatigue + self.recovery)
        after = settled + (held - settled) * np.exp(-(self.fatigue + self.recovery) * (seconds - first))
        return np.asarray(np.where(seconds > limited, after, held))

    def scaled(self, fatigue: float) -> Tiring:
        """Return rates with fatigue times a factor; 0 is a body that does not tire."""
        return Tiring(self.fatigue * fatigue, self.recovery, self.rest)


def tiring_of(muscle_names: Sequence[str]) -> Tiring:
    """Return the rates of muscles by name; those that no region names have the general ones."""
    general = find_fatigue_rates(GENERAL)
    found = [general] * len(muscle_names)
    place = {name: i for i, name in enumerate(muscle_names)}
    for row in list_fatigue_rates():
        for group in row.groups:
            for muscle in anatomy.groups_of(muscle_names).get(group, ()):
                found[place[muscle]] = row
    return Tiring(*(np.array([getattr(row, name) for row in found]) for name in ("fatigue", "recovery", "rest")))


def hold_time(load: np.ndarray | float, rates: FatigueRates) -> np.ndarray:
    """Return how long one muscle gives a share of its strength, s: the closed form; infinite where for ever.

    Raises no error: a load of 1 or more is held for 0 s.

    >>> general = find_fatigue_rates("general")
    >>> hold_time(0.5, general).round(), hold_time(0.05, general)
    (np.float64(108.0), array(inf))
    """
    return _hold_time(np.minimum(np.asarray(load, float), 1.0), rates.fatigue, rates.recovery)


def _hold_time(share: np.ndarray, fatigue: np.ndarray | float, recovery: np.ndarray | float) -> np.ndarray:
    """Return how long a share (0..1) can be given, s; infinite where for ever."""
    with np.errstate(divide="ignore", invalid="ignore"):
        left = 1.0 - recovery * (1.0 - share) / (fatigue * share)
        return np.asarray(np.where(left > 0.0, -np.log(np.maximum(left, 1e-300)) / recovery, np.inf))


def people_hold(load: np.ndarray | float, rates: FatigueRates) -> np.ndarray:
    """Return how long people hold a share of their strength, s: b0 TL^b1 (Frey Law and Avin 2010).

    >>> people_hold(0.5, find_fatigue_rates("general")).round()
    np.float64(86.0)
    """
    return np.asarray(rates.law[0] * np.asarray(load, float) ** rates.law[1])
