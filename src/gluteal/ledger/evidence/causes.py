"""Which came first? What each kind of study would conclude about people whose causes are known.

People are those of `gluteal.ledger.evidence.causal_worlds`. A study *finds* what it looks for where a two-sided
t test on its usual comparison is significant in that direction, so with no effect at all it does in alpha / 2 of cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from gluteal.errors import InputError
from gluteal.ledger.evidence.causal_worlds import (
    Arrow,
    Assumptions,
    World,
    live,
    make_people,
    measure_population_strength,
)

if TYPE_CHECKING:
    import pandas as pd

#: Months that people are followed.
FOLLOWED = 12
#: People made for every person of the largest study, so that studies hardly share any; and the fewest made.
POOL, FEWEST = 100, 60_000
#: Sizes of a study, people: enough for a group of four, and few enough that its pool of people fits in memory.
LEAST_PEOPLE, MOST_PEOPLE = 8, 10_000


@dataclass(frozen=True)
class CausalDesign:
    """A kind of study, what it is taken to show, and what its usual analysis compares, in words."""

    name: str
    arrow: Arrow
    compares: str


CAUSAL_DESIGNS = (
    CausalDesign(
        "cross-sectional", "weakness causes pain", "strength of people with and without pain today, half each"
    ),
    CausalDesign(
        "cohort",
        "weakness causes pain",
        "strength of people without pain today, by whether they hurt within a year",
    ),
    CausalDesign(
        "cohort, a year without pain",
        "weakness causes pain",
        "the same, only with people who have not hurt for a year",
    ),
    CausalDesign(
        "trial against rest", "weakness causes pain", "months in pain in a year, people trained and people who rest"
    ),
    CausalDesign(
        "trial against other exercise",
        "weakness causes pain",
        "months in pain in a year, people trained and people who exercise without gain of strength",
    ),
    CausalDesign(
        "nerve injury",
        "weakness causes pain",
        "months in pain in a year, pain-free people with and without an injury that weakens and does not hurt",
    ),
    CausalDesign(
        "cohort, strength measured twice",
        "pain causes weakness",
        "change of strength in a year, people who hurt at its end and people who never did",
    ),
    CausalDesign(
        "induced pain",
        "pain causes weakness",
        "change of strength, pain-free people with and without induced pain, on one day",
    ),
)


@dataclass(frozen=True)
class Chance:
    """Chance (0-1) that a study of so many people finds what the design looks for, in one world."""

    world: World
    design: CausalDesign
    people: int
    found: float

    @property
    def true(self) -> bool:
        """Whether what is found is true."""
        return self.world.has(self.design.arrow)


@dataclass(frozen=True)
class Discrimination:
    """How well a design tells worlds with its arrow from those without.

    `power` is the least chance where it is true, `false` the largest where it is not, `right` the chance that the
    conclusion is right if the hardest two worlds are equally probable: 0.5 is a coin.
    """

    design: CausalDesign
    people: int
    power: float
    false: float
    hardest: World

    @property
    def right(self) -> float:
        """Chance of a right conclusion, 0-1."""
        return (self.power + 1.0 - self.false) / 2.0

    @property
    def sentence(self) -> str:
        """For people."""
        return (
            f"A study of {self.people} people ({self.design.name}) finds that {self.design.arrow} with a chance of "
            f"{100 * self.power:.0f} % or more where it is true, and of {100 * self.false:.0f} % where it is not "
            f"(hardest: {self.hardest.name})."
        )


@dataclass(frozen=True)
class CauseDesigns:
    """What every design finds in every world."""

    chances: tuple[Chance, ...]
    assumptions: Assumptions
    studies: int
    alpha: float
    people: tuple[int, ...]

    def discriminations(self) -> tuple[Discrimination, ...]:
        """Return how well each design of each size tells worlds apart."""
        out = []
        for design in CAUSAL_DESIGNS:
            for n in self.people:
                rows = [c for c in self.chances if c.design is design and c.people == n]
                worst = max((c for c in rows if not c.true), key=lambda c: c.found)
                power = min(c.found for c in rows if c.true)
                out.append(Discrimination(design, n, power, worst.found, worst.world))
        return tuple(out)

    def chance(self, design: str, world: str, people: int) -> float:
        """Return one chance (0-1) by the names."""
        return next(c.found for c in self.chances if (c.design.name, c.world.name, c.people) == (design, world, people))

    def table(self) -> pd.DataFrame:
        """Return the chances (0-1): a row a design and size, a column a world."""
        import pandas as pd

        rows = [(c.design.name, c.design.arrow, c.people, c.world.name, c.found) for c in self.chances]
        long = pd.DataFrame(rows, columns=["design", "looks for", "people", "world", "found"])
        keys = ["design", "looks for", "people"]
        wide = long.pivot(index=keys, columns="world", values="found")
        order = pd.MultiIndex.from_frame(long[keys].drop_duplicates())
        return wide.reindex(index=order, columns=[w.name for w in self.assumptions.worlds()]).reset_index()


@dataclass(frozen=True)
class _Pool:
    """Whom a design may draw: `value` (m,) and `group` (m,), 1 where a lower value is what is looked for, 0 where the
    others are, -1 where people count as followed but enter no comparison; `balanced`: half of each group.
    """

    value: np.ndarray
    group: np.ndarray
    balanced: bool

    @property
    def enough(self) -> bool:
        """Whether there is anybody to draw, in each group where half are drawn of each."""
        return {0, 1} <= set(np.unique(self.group)) if self.balanced else self.group.size > 0


def compute_cause_designs(
    assumptions: Assumptions | None = None,
    *,
    people: Sequence[int] = (40, 200, 1000),
    studies: int = 1000,
    alpha: float = 0.05,
    rng: np.random.Generator | None = None,
) -> CauseDesigns:
    """Compute with what chance each design finds what it looks for, in each world.

    Parameters
    ----------
    assumptions : Assumptions, optional
    people : sequence of int
        Sizes of the studies, in all groups together.
    studies : int
        Simulated studies of each size, design and world.
    alpha : float
        Two-sided error of the first kind.
    rng : numpy Generator, optional
        Fixed seed by default, so that a table can be repeated.

    Raises
    ------
    InputError
        Where a size is not a whole number from `LEAST_PEOPLE` to `MOST_PEOPLE`, there are no studies, alpha is no
        probability, or a design has nobody to compare in one of the worlds.
    """
    if not people or any(not isinstance(n, int) or not LEAST_PEOPLE <= n <= MOST_PEOPLE for n in people):
        raise InputError(
            f"Sizes of studies are whole numbers from {LEAST_PEOPLE} to {MOST_PEOPLE}; given {tuple(people)!r}."
        )
    if not (isinstance(studies, int) and studies >= 1 and 0.0 < alpha < 1.0):
        raise InputError(f"Give a number of studies from 1 and an alpha between 0 and 1; given {studies!r}, {alpha!r}.")
    assumed = assumptions or Assumptions()
    generator = rng or np.random.default_rng(20260104)
    chances = []
    for world in assumed.worlds():
        pools = _pools(world, assumed, generator, max(FEWEST, POOL * max(people)))
        for design in CAUSAL_DESIGNS:
            if not pools[design.name].enough:
                raise InputError(
                    f"The design {design.name!r} has nobody to compare in the world {world.name!r}; change the "
                    "assumptions, such as onset and recovery, so that some people hurt and some do not."
                )
            for n in people:
                found = _find(pools[design.name], generator, people=n, studies=studies, alpha=alpha)
                chances.append(Chance(world, design, n, found))
    return CauseDesigns(tuple(chances), assumed, studies, alpha, tuple(people))


def _pools(world: World, assumed: Assumptions, rng: np.random.Generator, number: int) -> Mapping[str, _Pool]:
    """People of one world as every design would meet them."""
    today = make_people(world, assumed, rng, number=number)
    strength = measure_population_strength(today, world, assumed, rng)
    later = live(today, world, assumed, rng, months=FOLLOWED)
    well, clean = ~today.pain, today.free >= FOLLOWED
    came = later.painful > 0
    change = measure_population_strength(later, world, assumed, rng) - strength
    at_end = np.where(later.pain, 1, np.where(came, -1, 0))
    sore, sound = today.take(today.pain), today.take(well)

    def arms(first: np.ndarray, second: np.ndarray) -> _Pool:
        group = np.repeat([1, 0], [first.size, second.size])
        return _Pool(np.concatenate([first, second]), group, True)

    def months(who: str, **treated: float) -> np.ndarray:
        chosen = sore if who == "sore" else sound
        return live(chosen, world, assumed, rng, months=FOLLOWED, **treated).painful

    trained = months("sore", training=assumed.training, relief=assumed.relief)
    again = measure_population_strength(sound, world, assumed, rng)
    hurting = measure_population_strength(sound, world, assumed, rng, induced=True)
    return {
        "cross-sectional": _Pool(strength, today.pain.astype(int), True),
        "cohort": _Pool(strength[well], came[well].astype(int), False),
        "cohort, a year without pain": _Pool(strength[clean], came[clean].astype(int), False),
        "trial against rest": arms(trained, months("sore")),
        "trial against other exercise": arms(trained, months("sore", relief=assumed.relief)),
        "nerve injury": arms(-months("sound", injury=assumed.injury), -months("sound")),
        "cohort, strength measured twice": _Pool(change[well], at_end[well], False),
        "induced pain": arms(hurting - strength[well], again - strength[well]),
    }


def _find(pool: _Pool, rng: np.random.Generator, *, people: int, studies: int, alpha: float) -> float:
    """Share of studies that find group 1 lower than group 0 (Welch's t test)."""
    if pool.balanced:
        samples = []
        for group in (1, 0):
            values = pool.value[pool.group == group]
            drawn = values[rng.integers(values.size, size=(studies, people // 2))]
            samples.append((np.full(studies, people // 2), drawn.mean(axis=1), drawn.var(axis=1, ddof=1)))
    else:
        chosen = rng.integers(pool.value.size, size=(studies, people))
        value, inside = pool.value[chosen], pool.group[chosen]
        samples = [_moments(value, np.equal(inside, group)) for group in (1, 0)]
    (n1, mean1, var1), (n0, mean0, var0) = samples
    with np.errstate(divide="ignore", invalid="ignore"):
        welch = scipy.stats.ttest_ind_from_stats(
            mean1, np.sqrt(var1), n1, mean0, np.sqrt(var0), n0, equal_var=False, alternative="less"
        )
        # A study with too few people in a group has no test and finds nothing: nan compares as False.
        return float(np.mean(welch.pvalue < alpha / 2.0))


def _moments(value: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number, mean and variance of the values inside, over the last axis."""
    n = inside.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(inside, value, 0.0).sum(axis=1) / n
        variance = np.where(inside, (value - mean[:, None]) ** 2, 0.0).sum(axis=1) / (n - 1)
    return n, mean, variance
