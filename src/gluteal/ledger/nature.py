"""The model beside nature: every published number that a result can be held against, with the difference."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gluteal.ledger.prediction import NEAR, Published, Reading, value_words
from gluteal.ledger.run import ExperimentResult

NatureMatch = Literal["agrees", "differs", "not comparable"]


@dataclass(frozen=True)
class BesideNature:
    """A simulated value beside a published one.

    `difference` is simulated minus published (to the nearer end of a published range), in the reading's unit;
    None where only words were published.
    """

    experiment: str
    title: str
    reading: Reading
    published: Published
    difference: float | None
    agreement: NatureMatch

    @property
    def one_sided(self) -> bool:
        """Whether only a least or a largest value was published: less to agree with than a number or a range."""
        return self.published.value is None and (self.published.low is None) != (self.published.high is None)

    @property
    def sentence(self) -> str:
        """Say plainly how they compare."""
        if self.difference is None:
            return f"Published in words only: {self.published.words}"
        if self.agreement == "agrees":
            return "The model is on the published side." if self.one_sided else "The model agrees."
        # A difference of percentages is not a percentage.
        unit = "percentage points" if self.reading.unit == "%" else self.reading.unit
        size = value_words(abs(self.difference), unit)
        times = self.reading.value / _nearest(self.published, self.reading.value)
        ratio = f" ({times:.2g} times)" if math.isfinite(times) and times > 0 else ""
        return f"The model is too {'high' if self.difference > 0 else 'low'} by {size}{ratio}."


def compare_with_nature(results: Iterable[ExperimentResult]) -> list[BesideNature]:
    """Return every reading of the simulated body that has a published value, in the order of the experiments."""
    rows = []
    for result in results:
        # What is computed from published numbers would only agree with itself.
        if result.experiment.kind != "simulation":
            continue
        for reading in result.readings:
            if reading.published is not None:
                difference, agreement = _compare(reading.value, reading.published)
                rows.append(
                    BesideNature(
                        result.experiment.key,
                        result.experiment.title,
                        reading,
                        reading.published,
                        difference,
                        agreement,
                    )
                )
    return rows


def _compare(value: float, published: Published) -> tuple[float | None, NatureMatch]:
    if math.isnan(value) or (published.value is None and published.low is None and published.high is None):
        return None, "not comparable"
    if published.low is not None or published.high is not None:
        inside = (published.low is None or value >= published.low) and (
            published.high is None or value <= published.high
        )
        return 0.0 if inside else value - _nearest(published, value), "agrees" if inside else "differs"
    expected = _nearest(published, value)
    near = abs(value - expected) <= NEAR * abs(expected)
    return value - expected, "agrees" if near else "differs"


def _nearest(published: Published, value: float) -> float:
    """Return the published value, or the end of its range that is nearest to `value`."""
    ends = [p for p in (published.low, published.high) if p is not None]
    if ends:
        return min(ends, key=lambda end: abs(end - value))
    return float("nan") if published.value is None else published.value
