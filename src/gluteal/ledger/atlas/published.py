"""Published EMG of a gluteal muscle in an exercise: one value out of several studies, and what it is a value of.

Means, peaks and reviews are never averaged together: in the same lifts a peak is two to three times the mean. Each
study counts once, whatever number of parts of a muscle it measured.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import Literal

from gluteal.files import read_rows, read_table_text
from gluteal.ledger.prediction import NEAR
from gluteal.sources.bibliography import ReadDepth

#: What a value is: a mean over single studies, of reviews where no study was read, or of peaks where no mean was.
EmgBasis = Literal["studies", "review", "peak"]
EmgStatistic = Literal["mean", "review", "peak"]
#: Group of the body -> muscle in the table.
MUSCLES = {"glmax": "gluteus_maximus", "glmed": "gluteus_medius", "glmin": "gluteus_minimus"}
_BASIS: dict[EmgStatistic, EmgBasis] = {"mean": "studies", "review": "review", "peak": "peak"}


@dataclass(frozen=True)
class EmgRow:
    """One printed value; shares of a maximal voluntary contraction, nan where nothing was printed.

    `part` of the muscle is empty for the whole; `n` people, or None; `read` says how far the source was.
    """

    exercise: str
    muscle: str
    part: str
    statistic: EmgStatistic
    value: float
    sd: float
    low: float
    high: float
    n: int | None
    people: str
    equipment: str
    normalisation: str
    source: str
    read: ReadDepth
    note: str

    @property
    def middle(self) -> float:
        """The value, or the middle of its range."""
        return (self.low + self.high) / 2.0 if math.isnan(self.value) else self.value

    @property
    def band(self) -> tuple[float, float]:
        """What the source lets people do: its range, else a standard deviation either way, else `NEAR` of the value."""
        if not math.isnan(self.low):
            return self.low, self.high
        width = NEAR * self.value if math.isnan(self.sd) else self.sd
        return max(self.value - width, 0.0), self.value + width


@dataclass(frozen=True)
class PublishedEmg:
    """What was published of one muscle in one exercise, shares of a maximal voluntary contraction.

    Attributes
    ----------
    value : float
        Mean over sources, each once.
    basis : EmgBasis
        What `value` is a mean of.
    low, high : float
        Smallest and largest printed value or end of a range of that basis and of reviews.
    band : (float, float)
        Between which values a person is among those measured, see `EmgRow.band`.
    studies, reviews : int
        Sources with a number: single studies (of means; of peaks where `basis` is "peak") and reviews.
    rows : tuple of EmgRow
        All of them, peaks too.
    """

    value: float
    basis: EmgBasis
    low: float
    high: float
    band: tuple[float, float]
    studies: int
    reviews: int
    rows: tuple[EmgRow, ...]


def gather_published(exercise: str, group: str) -> PublishedEmg | None:
    """Return what was published of a group ("glmax", "glmed", "glmin") in an exercise; None where nothing was found.

    >>> bridge = gather_published("bridge", "glmed")
    >>> bridge.value, bridge.basis, bridge.reviews
    (0.28, 'review', 1)
    """
    rows = _by_exercise().get((exercise, MUSCLES.get(group, group)), ())
    if not rows:
        return None
    statistic = next(kind for kind in _BASIS if any(r.statistic == kind for r in rows))
    own = [r for r in rows if r.statistic == statistic]
    alike = own if statistic == "peak" else [r for r in rows if r.statistic != "peak"]
    by_source: defaultdict[str, list[float]] = defaultdict(list)
    for row in own:
        by_source[row.source].append(row.middle)
    ends = [end for r in alike for end in (r.value, r.low, r.high) if not math.isnan(end)]
    bands = [r.band for r in alike]
    return PublishedEmg(
        value=fmean(fmean(values) for values in by_source.values()),
        basis=_BASIS[statistic],
        low=min(ends),
        high=max(ends),
        band=(min(b[0] for b in bands), max(b[1] for b in bands)),
        studies=len({r.source for r in alike if r.statistic != "review"}),
        reviews=len({r.source for r in rows if r.statistic == "review"}),
        rows=rows,
    )


@cache
def _by_exercise() -> dict[tuple[str, str], tuple[EmgRow, ...]]:
    found: defaultdict[tuple[str, str], list[EmgRow]] = defaultdict(list)
    for row in read_rows(read_table_text("gluteal.sources.published", "exercise_atlas.csv")):
        found[row["exercise"], row["muscle"]].append(
            EmgRow(
                exercise=row["exercise"],
                muscle=row["muscle"],
                part=row["part"],
                statistic=row["statistic"],  # type: ignore[arg-type]
                value=_share(row["value"]),
                sd=_share(row["sd"]),
                low=_share(row["low"]),
                high=_share(row["high"]),
                n=int(row["n"]) if row["n"] else None,
                people=row["people"],
                equipment=row["equipment"],
                normalisation=row["normalisation"],
                source=row["source"],
                read=row["read"],  # type: ignore[arg-type]
                note=row["note"],
            )
        )
    return {key: tuple(rows) for key, rows in found.items()}


def _share(percent: str) -> float:
    return float(percent) / 100.0 if percent else float("nan")
