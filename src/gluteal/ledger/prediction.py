"""What an experiment on a claim is: numbers that are computed, and bounds that were stated beforehand.

An `Experiment` computes readings on a `Bench`. A `Prediction` ties a claim to some of these readings: for each it
states, before anything is run, which values would support the claim and which would contradict it. Deciding is
a pure function of the numbers, so a test can turn them round and see the verdict follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

from gluteal.ledger.evidence.records import Answer

if TYPE_CHECKING:
    from gluteal.ledger.bench import Bench

#: A simulated value this far from a published one, as a share of it, still counts as near where no range is
#: printed: the spread between bodies and between laboratories is of this size.
NEAR = 0.25
#: More than the least effort that a reading's band allows, as a share of it: the first of `sharing.bands.SLACKS`.
BAND_SLACK = 0.1


def value_words(value: float, unit: str) -> str:
    """Write a value with its unit, without powers of ten; a dash where there is none.

    >>> value_words(0.4567, "N m"), value_words(1.5, "1"), value_words(float("nan"), "ms")
    ('0.457 N·m', '1.5', '–')
    >>> value_words(2.2e-5, "1"), value_words(-3e-7, "N"), value_words(1234.5, "N")
    ('0.00002', '0 N', '1234 N')
    """
    if not math.isfinite(value):
        return "–"
    if abs(value) < 1e-4:
        number = f"{round(value, 5) + 0.0:.5f}".rstrip("0").rstrip(".")
    else:
        number = f"{value:.3g}" if abs(value) < 1e3 else f"{value:.0f}"
    return number if unit == "1" else f"{number} {unit.replace('N m', 'N·m')}"


@dataclass(frozen=True)
class Published:
    """A published value beside a reading: `value` or a range, in the reading's unit; `source` is a study's key."""

    source: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    words: str = ""


@dataclass(frozen=True)
class Reading:
    """One number that an experiment computes.

    `value` is in `unit` ("1" for a ratio or share); nan means that it could not be computed, and `note` says why.
    """

    key: str
    label: str
    value: float
    unit: str
    published: Published | None = None
    note: str = ""


class ReadingBand(NamedTuple):
    """The least and the largest value that a reading has among near-optimal sharings (`gluteal.ledger.reading_bands`).

    >>> ReadingBand(2.0, 3.0).over(ReadingBand(1.0, 2.0))
    ReadingBand(low=1.0, high=3.0)
    """

    low: float
    high: float

    def times(self, factor: float) -> ReadingBand:
        """Return the band in another unit; the factor is positive."""
        return ReadingBand(factor * self.low, factor * self.high)

    def minus(self, other: ReadingBand) -> ReadingBand:
        """Return the band of the difference, either part anywhere in its own."""
        return ReadingBand(self.low - other.high, self.high - other.low)

    def over(self, other: ReadingBand) -> ReadingBand:
        """Return the band of the ratio of two that are not negative; without an upper end where the other may be 0."""
        high = self.high / other.low if other.low > 0.0 else math.inf
        return ReadingBand(max(self.low, 0.0) / other.high, high)

    def words(self, unit: str) -> str:
        """Say the band ("0.2 to 0.3 N m")."""
        if not math.isfinite(self.high):
            return f"{value_words(self.low, unit)} or more"
        return f"{value_words(self.low, '1')} to {value_words(self.high, unit)}"


@dataclass(frozen=True)
class Experiment:
    """A small virtual experiment.

    Attributes
    ----------
    key : str
    title, method : str
        What is done, in a phrase and in a few sentences, for lay people.
    kind : "simulation" or "emg"
        Whether it runs on the body or on simulated recordings and observers.
    replays : tuple of str
        Keys of the published studies whose experiment it repeats.
    limits : str
        What it cannot say, and what is missing to repeat the study as it was.
    measure : callable (Bench) -> sequence of Reading
    independent : bool
        False where it only recomputes published studies that stand in the ledger anyway: shown, but not counted
        again in the verdict.
    bands : callable (Bench, slack) -> mapping of reading's key to ReadingBand, optional
        What readings may be in sharings that cost up to `slack` more than the cheapest; None where no reading is read
        off a sharing.
    """

    key: str
    title: str
    method: str
    kind: Literal["simulation", "emg"]
    replays: tuple[str, ...]
    limits: str
    measure: Callable[[Bench], Sequence[Reading]]
    independent: bool = True
    bands: Callable[[Bench, float], Mapping[str, ReadingBand]] | None = None


@dataclass(frozen=True)
class Bound:
    """Values from `low` to `high`, both included; None is no limit."""

    low: float | None = None
    high: float | None = None

    def __contains__(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def words(self, unit: str) -> str:
        """Say the bound ("at most 1 N m")."""
        after = "" if unit == "1" else f" {unit.replace('N m', 'N·m')}"
        if self.low is None or self.high is None:
            return f"at most {self.high:g}{after}" if self.low is None else f"at least {self.low:g}{after}"
        return f"{self.low:g} to {self.high:g}{after}"


@dataclass(frozen=True)
class Threshold:
    """Which values of a reading support a claim and which contradict it; between them nothing is decided."""

    reading: str
    supports: Bound
    contradicts: Bound
    why: str

    def judge(self, value: float) -> Literal["supports", "contradicts", "undecided"]:
        """Return what a value says; a value that is not a number decides nothing."""
        if math.isnan(value):
            return "undecided"
        if value in self.supports:
            return "supports"
        return "contradicts" if value in self.contradicts else "undecided"

    def judge_band(self, band: ReadingBand) -> Literal["supports", "contradicts", "undecided"]:
        """Return what every value of a band says; a band that reaches beyond a bound decides nothing."""
        said = {self.judge(band.low), self.judge(band.high)}
        return said.pop() if len(said) == 1 else "undecided"


@dataclass(frozen=True)
class Prediction:
    """What a claim predicts of an experiment: the bounds stated beforehand and the reach of the answer (`limits`).

    `foregone` says why the answer could not have come out otherwise, where that is so: it then counts for nothing.
    """

    claim: str
    experiment: str
    criteria: tuple[Threshold, ...]
    limits: str = ""
    foregone: str = ""

    def decide(self, readings: Mapping[str, float], bands: Mapping[str, ReadingBand] = MappingProxyType({})) -> Answer:
        """Return what readings (key -> value) say of the claim, by their whole band where they have one.

        All criteria support: supports; all contradict: contradicts; some of each: mixed; else undecided where
        no criterion decides, or the one direction that any decided criterion has.
        """
        said = {
            c.judge_band(bands[c.reading]) if c.reading in bands else c.judge(readings[c.reading])
            for c in self.criteria
        } - {"undecided"}
        if len(said) == 2:
            return "mixed"
        if "supports" in said:
            return "supports"
        return "contradicts" if said else "undecided"
