"""How many people a study needs to see a delay or a loss, and what a study of a given size can see.

Error of measurement widens the spread between people and so hides effects. With a spread of true values s, a standard
error of measurement e and the mean of k trials, the spread that a study meets is sqrt(s² + e²/k), and the standardised
effect shrinks by the square root of the reliability s² / (s² + e²/k) (classical test theory: Spearman 1904, Am J
Psychol 15:72-101; from memory, not read at source). Power is that of the t test (Cohen 1988), as in statsmodels, whose
loading takes a second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import scipy

from gluteal.errors import InputError, UnknownName

GroupDesign = Literal["two groups", "paired", "cohort"]
GROUP_DESIGNS: tuple[GroupDesign, ...] = get_args(GroupDesign)
#: Largest study that is searched for.
MOST_PEOPLE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class StudyDesign:
    """How a study compares, and how well it measures.

    Attributes
    ----------
    spread : float
        Standard deviation of true values between people, in `unit`, without error of measurement
        (`true_spread` takes the error out of a published one).
    unit : str
    sem : float
        Standard error of measurement of one trial, in `unit`.
    trials : int
        Trials of which each person's value is the mean.
    kind : "two groups", "paired" or "cohort"
        Two groups of people; the same people twice (or two sides); people followed until some have an event, whose
        first measurement is compared with that of the others.
    ratio : float
        Two groups: size of the second over the first.
    correlation : float
        Paired: of the true values of the two occasions or sides, over people. An assumption unless measured.
    incidence : float
        Cohort: share of people who have the event. An assumption unless measured.
    alpha : float
        Two-sided error of the first kind.

    Raises
    ------
    InputError, UnknownName
        Where a number cannot be used, or there is no such kind.
    """

    spread: float
    unit: str
    sem: float = 0.0
    trials: int = 1
    kind: GroupDesign = "two groups"
    ratio: float = 1.0
    correlation: float = 0.5
    incidence: float = 0.2
    alpha: float = 0.05

    def __post_init__(self) -> None:
        """Check every number."""
        if self.kind not in GROUP_DESIGNS:
            raise UnknownName("study design", self.kind, GROUP_DESIGNS, "gluteal.ledger.evidence.planning.DESIGNS")
        rules = (
            (bool(self.unit.strip()), "unit", "the unit of effect, spread and error, such as ms"),
            (math.isfinite(self.spread) and self.spread > 0.0, "spread", "a positive standard deviation"),
            (math.isfinite(self.sem) and self.sem >= 0.0, "sem", "an error of measurement from 0"),
            (isinstance(self.trials, int) and self.trials >= 1, "trials", "a whole number from 1"),
            (math.isfinite(self.ratio) and self.ratio > 0.0, "ratio", "a positive number"),
            (-1.0 <= self.correlation < 1.0, "correlation", "a number from -1 to below 1"),
            (0.0 < self.incidence < 1.0, "incidence", "a share between 0 and 1"),
            (0.0 < self.alpha < 1.0, "alpha", "a probability between 0 and 1"),
        )
        for right, name, words in rules:
            if not right:
                raise InputError(f"{name} is {getattr(self, name)!r}; give {words}.")

    @property
    def met_spread(self) -> float:
        """Spread between people that the study meets, error included, in `unit`."""
        return math.sqrt(self.spread**2 + self.sem**2 / self.trials)

    @property
    def reliability(self) -> float:
        """Share of the variance met that is true, 0-1."""
        return self.spread**2 / self.met_spread**2

    @property
    def scale(self) -> float:
        """What the test divides a difference by, in `unit`: the spread met, or that of two occasions' difference."""
        if self.kind != "paired":
            return self.met_spread
        return math.sqrt(2.0 * self.spread**2 * (1.0 - self.correlation) + 2.0 * self.sem**2 / self.trials)

    def split(self, people: int) -> tuple[int, int]:
        """Return how many of so many people are in either group; paired: everybody and 0."""
        if self.kind == "paired":
            return people, 0
        share = self.incidence if self.kind == "cohort" else 1.0 / (1.0 + self.ratio)
        # A product such as 0.2 · 15 must not lose a person to rounding.
        first = math.floor(people * share + 1e-9)
        return first, people - first


@dataclass(frozen=True)
class StudyPlan:
    """A study of so many people, and its chance (`power`, 0-1) to see a true difference `effect`, in the unit."""

    design: StudyDesign
    effect: float
    people: int
    power: float

    @property
    def sentence(self) -> str:
        """For people."""
        first, second = self.design.split(self.people)
        who = {
            "two groups": f"{first} and {second} people",
            "paired": f"{first} people measured twice",
            "cohort": f"{self.people} people followed, {first} of whom have the event,",
        }[self.design.kind]
        d = self.design
        return (
            f"A study of {who} sees a true difference of {abs(self.effect):.3g} {d.unit} with a chance of "
            f"{100 * self.power:.0f} %, if people differ by {d.spread:.3g} {d.unit} (standard deviation) and a "
            f"measurement of {d.trials} trial{'s' if d.trials > 1 else ''} errs by "
            f"{d.sem / math.sqrt(d.trials):.3g} {d.unit}."
        )


def true_spread(spread: float, *, sem: float, trials: int) -> float:
    """Return the spread of true values behind a published spread of means of `trials` trials, same unit.

    Raises
    ------
    InputError
        Where the error alone explains the whole spread.
    """
    variance = spread**2 - sem**2 / trials
    if not variance > 0.0:
        raise InputError(
            f"An error of {sem:g} over {trials} trial(s) alone explains a spread of {spread:g}; give a smaller error, "
            "or the spread of true values."
        )
    return math.sqrt(variance)


def sem_from_icc(spread: float, icc: float) -> float:
    """Return the standard error of measurement, spread · sqrt(1 - ICC) (Weir 2005, J Strength Cond Res 19:231-240).

    `spread` is the standard deviation met, error included; same unit.
    """
    if not 0.0 <= icc <= 1.0:
        raise InputError(f"An intraclass correlation to compute an error from lies between 0 and 1; given {icc!r}.")
    return spread * math.sqrt(1.0 - icc)


def compute_power(design: StudyDesign, effect: float, people: int) -> StudyPlan:
    """Compute the chance that a study of so many people sees a true difference.

    Parameters
    ----------
    design : StudyDesign
    effect : float
        True difference, in the design's unit; its sign does not matter.
    people : int
        In all groups together.

    Raises
    ------
    InputError
        Where a number cannot be used, or a group would have fewer than two people.
    """
    if not math.isfinite(effect):
        raise InputError(f"The difference to be seen is a finite number; given {effect!r}.")
    if not (isinstance(people, int) and 2 <= people <= MOST_PEOPLE):
        raise InputError(f"A study has 2 to {MOST_PEOPLE} people, a whole number; given {people!r}.")
    if min(design.split(people)) < 2 and design.kind != "paired":
        raise InputError(f"{people} people leave a group with fewer than two of them; add people.")
    return StudyPlan(design, effect, people, _power(design, effect, people))


def plan_study(design: StudyDesign, effect: float, *, power: float = 0.8) -> StudyPlan:
    """Find how many people a study needs to see a true difference with a chance of `power`.

    Raises
    ------
    InputError
        Where a number cannot be used, or more than `MOST_PEOPLE` would be needed.

    Examples
    --------
    >>> plan_study(StudyDesign(spread=1.0, unit="SD"), 0.5).people
    128
    >>> plan_study(StudyDesign(spread=100.0, sem=100.0, trials=5, unit="ms"), 50.0).people
    154
    """
    _check_power(power)
    if not math.isfinite(effect) or effect == 0.0:
        raise InputError(f"Give the difference that the study should see, not {effect!r}.")
    if _power(design, effect, MOST_PEOPLE) < power:
        raise InputError(
            f"More than {MOST_PEOPLE} people would be needed to see {effect:g} {design.unit}; ask for a larger "
            "difference, measure with less error, or accept a smaller chance."
        )
    low, high = 1, MOST_PEOPLE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _power(design, effect, middle) >= power else (middle, high)
    if design.kind == "two groups" and design.ratio == 1.0:
        high += high % 2
    return compute_power(design, effect, high)


def find_detectable_effect(design: StudyDesign, people: int, *, power: float = 0.8) -> StudyPlan:
    """Find the smallest true difference that a study of so many people sees with a chance of `power`.

    Raises
    ------
    InputError
        As `compute_power`; also where `power` is not above `alpha`, which no difference at all would reach.

    Examples
    --------
    >>> plan = find_detectable_effect(StudyDesign(spread=1.0, unit="SD"), 128)
    >>> round(plan.effect, 1), round(plan.power, 2)
    (0.5, 0.8)
    """
    _check_power(power)
    if power <= design.alpha:
        raise InputError(f"A chance of {power:g} is reached by luck alone at alpha {design.alpha:g}; ask for more.")
    compute_power(design, 0.0, people)
    high = design.scale
    while _power(design, high, people) < power:
        high *= 2.0
    effect = float(
        scipy.optimize.brentq(lambda e: _power(design, e, people) - power, 0.0, high, xtol=1e-10 * design.scale)
    )
    return compute_power(design, effect, people)


def _power(design: StudyDesign, effect: float, people: int) -> float:
    """Power of the two-sided t test; alpha where a group is too small for any test."""
    size, (first, second) = abs(effect) / design.scale, design.split(people)
    if design.kind == "paired":
        smallest, freedom, people_per_mean = first, first - 1.0, float(first)
    else:
        smallest, freedom, people_per_mean = min(first, second), first + second - 2.0, first * second / (first + second)
    if smallest <= 1:
        return design.alpha
    off_centre, critical = size * math.sqrt(people_per_mean), float(scipy.special.stdtrit(freedom, design.alpha / 2.0))
    above, below = (float(scipy.special.nctdtr(freedom, off_centre, t)) for t in (-critical, critical))
    found = 1.0 - above + below
    # Far beyond all doubt the non-central t gives nan.
    return 1.0 if math.isnan(found) else min(1.0, found)


def _check_power(power: float) -> None:
    if not 0.0 < power < 1.0:
        raise InputError(f"power is {power!r}; give a probability between 0 and 1, usually 0.8.")
