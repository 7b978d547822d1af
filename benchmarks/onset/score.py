"""Scores of one detector in one cell of the benchmark."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from benchmarks.onset.signals import Record

#: An edge missed by more than this is a gross error, s.
GROSS = 0.100
#: Intervals are also scored by how wide they are, ms: what their reader sees of them.
WIDTHS = (0, 4, 8, 16, 32, 64, 128, 256)


@dataclass
class Tally:
    """What one detector did in the records of one cell; errors in ms, estimated minus true, outward early."""

    error: list[float] = field(default_factory=list)
    tenth: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    width: list[float] = field(default_factory=list)
    record_bias: list[float] = field(default_factory=list)
    overlap: list[float] = field(default_factory=list)
    true: int = 0
    hit: int = 0
    spurious: int = 0
    records: int = 0
    alarmed: int = 0

    def add(self, record: Record, rows: np.ndarray) -> None:
        """Count one record; `rows` as a detector gives them."""
        self.records += 1
        self.true += record.onset.size
        self.alarmed += bool(len(rows))
        hit = 0
        biases = []
        for edge, truth, tenth, low, sign in (
            (0, record.onset, record.onset_tenth, 2, 1.0),
            (1, record.offset, record.offset_tenth, 4, -1.0),
        ):
            errors = []
            for at, at_tenth in zip(truth, tenth, strict=True):
                times = rows[:, edge] if len(rows) else np.empty(0)
                if not np.isfinite(times).any():
                    errors.append(np.inf)
                    self.tenth.append(np.inf)
                    continue
                i = int(np.nanargmin(np.abs(times - at)))
                # Late onset and early offset are both "inward": positive.
                errors.append(1e3 * sign * (times[i] - at))
                self.tenth.append(1e3 * abs(times[i] - at_tenth))
                if np.isfinite(rows[i, low]):
                    self.covered.append(bool(rows[i, low] <= at <= rows[i, low + 1]))
                    self.width.append(1e3 * (rows[i, low + 1] - rows[i, low]))
            near = [e for e in errors if abs(e) <= 1e3 * GROSS]
            if near:
                biases.append(abs(float(np.mean(near))))
            if edge == 0:
                hit = len(near)
            self.error += errors
        self.hit += min(hit, len(rows))
        self.spurious += max(len(rows) - hit, 0)
        self.record_bias += biases
        self.overlap.append(jaccard(record, rows))

    def row(self) -> dict[str, float]:
        """Scores by name; times in ms, shares in %."""
        e = np.array(self.error)
        size = np.abs(e)
        near = e[size <= 1e3 * GROSS]
        missed = self.true - self.hit
        found = 2 * self.hit + self.spurious + missed
        width, covered = np.array(self.width), np.array(self.covered)
        within = [(width >= a) & (width < b) for a, b in pairwise([*WIDTHS, np.inf])]
        return {
            "records": self.records,
            "bias_ms": _of(np.mean, near),
            "sd_ms": _of(np.std, near),
            "median_ms": _of(np.median, size),
            "p95_ms": float(np.percentile(size, 95, method="higher")) if size.size else np.nan,
            "median_to_tenth_ms": _of(np.median, np.array(self.tenth)),
            "gross_percent": 100 * float(np.mean(size > 1e3 * GROSS)) if size.size else np.nan,
            "f1": 2 * self.hit / found if found else np.nan,
            "spurious_per_record": self.spurious / self.records,
            "jaccard": _of(np.mean, np.array(self.overlap)) if self.true else np.nan,
            "f1_samples": _of(np.mean, 2 * np.array(self.overlap) / (1 + np.array(self.overlap)))
            if self.true
            else np.nan,
            "mean_abs_bias_ms": _of(np.mean, np.array(self.record_bias)),
            "coverage_percent": 100 * _of(np.mean, np.array(self.covered, float)),
            "interval_ms": _of(np.median, np.array(self.width)),
            "alarmed_percent": 100 * self.alarmed / self.records,
            **{f"edges_from_{a}_ms": int(at.sum()) for a, at in zip(WIDTHS, within, strict=True)},
            **{f"covered_from_{a}_ms": int(covered[at].sum()) for a, at in zip(WIDTHS, within, strict=True)},
        }


def _of(statistic, values: np.ndarray) -> float:  # type: ignore[no-untyped-def]
    return float(statistic(values)) if values.size else float("nan")


def jaccard(record: Record, rows: np.ndarray) -> float:
    """Samples active in truth and estimate over samples active in either."""
    time = np.arange(record.signal.size) / record.rate
    truth, found = np.zeros(time.size, bool), np.zeros(time.size, bool)
    for a, b in zip(record.onset, record.offset, strict=True):
        truth |= (time >= a) & (time < b)
    for a, b in rows[:, :2]:
        found |= (time >= np.nan_to_num(a, nan=-1.0)) & (time < np.nan_to_num(b, nan=np.inf))
    either = np.count_nonzero(truth | found)
    return float(np.count_nonzero(truth & found) / either) if either else 1.0
