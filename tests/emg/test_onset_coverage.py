"""The 95 % interval on recruited motor units: it holds 95 of 100 true edges, and a narrower one is caught.

The generator is the one that nothing was set on (`benchmarks.onset.motor_units`), with seeds of this test alone. The
full judgement, cell by cell, is `python -m benchmarks.onset.coverage` (docs/emg-onsets.md).
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from benchmarks.onset.coverage import PROMISED, CellCoverage, Edge, edges_of, gathered, off, sentence, table
from benchmarks.onset.motor_units import DRIVES, make_recruited
from benchmarks.onset.signals import Record
from scipy import stats

from gluteal.emg.onset import detect_bursts
from gluteal.emg.onset.grain import graininess, outer_waits

SEED = 8191


@pytest.fixture(scope="module")
def edges() -> np.ndarray:
    """Rows (low, estimate, high, truth), s, of 200 edges: every drive at two levels, ten records each."""
    rows = []
    for (i, drive), (j, snr), k in product(enumerate(DRIVES), enumerate((8.0, 15.0)), range(10)):
        record = make_recruited(np.random.default_rng([SEED, i, j, k]), drive=drive, snr_db=snr)
        [burst] = detect_bursts(record.signal, record.rate, max_bursts=1)
        rows.append((burst.onset_interval_s[0], burst.onset_s, burst.onset_interval_s[1], record.onset[0]))
        rows.append((burst.offset_interval_s[0], burst.offset_s, burst.offset_interval_s[1], record.offset[0]))
    return np.array(rows)


def held(edges: np.ndarray, scale: float = 1.0) -> int:
    """How many intervals hold the truth, were they `scale` times as long about their estimate."""
    low, at, high, truth = edges.T
    return int(np.count_nonzero((at + scale * (low - at) <= truth) & (truth <= at + scale * (high - at))))


def test_intervals_hold_what_they_promise_and_no_less(edges: np.ndarray) -> None:
    """Within what chance gives 95 % in 999 of 1,000 tries (179 to 198 of 200); two thirds as long, or twice, not."""
    chance = stats.binom(len(edges), PROMISED)
    least, most = chance.ppf(0.0005), chance.ppf(0.9995)
    assert np.isfinite(edges).all()
    assert least <= held(edges) <= most
    assert held(edges, 2.0 / 3.0) < least
    assert held(edges, 2.0) > most


@pytest.mark.parametrize("offset", [False, True])
def test_the_wait_for_the_outermost_potential(offset: bool) -> None:
    """Shorter over a quieter rest, longer the slower the rise and where a burst ends; none without grain."""
    for level in (5.0, 10.0, 20.0, 30.0):
        step, soft = outer_waits(0.1, level, offset=offset)
        slower = outer_waits(0.2, level, offset=offset)[1]
        assert step > 0.0 and outer_waits(0.1, level + 3.0, offset=offset)[1] < soft < slower
        assert offset or outer_waits(0.1, level, offset=True)[1] > soft
    shares = np.array([graininess(interval) for interval in (0.0, 0.0005, 0.001, 0.002, 0.01)])
    assert (shares[0] == 0.0).all() and (shares[-1] == 1.0).all() and (np.diff(shares, axis=0) >= 0.0).all()
    assert (shares[:, 1] <= shares[:, 0]).all()


def test_units_begin_together_and_end_apart() -> None:
    """An offset is given more room than an onset: mirrored in time, a burst has the other edge's interval."""
    record = make_recruited(np.random.default_rng([SEED, 98]), drive=DRIVES[0], snr_db=20.0)
    [burst], [mirrored] = (detect_bursts(x, record.rate, max_bursts=1) for x in (record.signal, record.signal[::-1]))
    room = burst.offset_interval_s[1] - burst.offset_s
    assert room > burst.onset_s - burst.onset_interval_s[0]
    assert room > mirrored.onset_s - mirrored.onset_interval_s[0]


def cell(name: str, covered: int, of: int) -> CellCoverage:
    hit, miss = Edge("onset", False, False, 0.004, 0.02), Edge("offset", True, False, 0.008, 0.02)
    return CellCoverage(name, 10.0, (hit,) * covered + (miss,) * (of - covered), 0)


def test_a_cell_that_is_off_is_named_and_chance_is_not() -> None:
    """Of 2,000 edges, 1,860 (93 %) are off 95 % beyond chance among 25 cells; 1,880 (94 %, p = 0.04) are not."""
    cells = [cell(f"fine {i}", 1900, 2000) for i in range(23)]
    cells += [cell("by chance", 1880, 2000), cell("off", 1860, 2000)]
    assert [c.drive for c in off(cells)] == ["off"]
    said = sentence(cells)
    assert "25 of 25 cells within 93 and 97 %" in said and "beyond chance: off at 10 dB (93.0 %)" in said
    assert "off beyond" not in sentence(cells[:-1]) and "beyond chance: none" in sentence(cells[:-1])
    assert "| off | 4.0 / **93.0** (100, 0) |" in table(cells)
    row = cells[-1].row()
    assert row["offset_outward_percent"] == 100.0 and row["onset_coverage_percent"] == 100.0


def test_what_is_outward_is_early_for_an_onset_and_late_for_an_offset() -> None:
    """A truth moved out of its interval is counted on the side it was moved to, and no burst has no edge."""
    record = make_recruited(np.random.default_rng([SEED, 99]), drive=DRIVES[0], snr_db=20.0)

    def moved(by: float) -> Record:
        return Record(record.signal, record.rate, record.onset - by, record.offset + by, record.onset, record.offset)

    assert [e.covered for e in edges_of(record)] == [True, True]
    assert [(e.side, e.outward, e.inward) for e in edges_of(moved(0.2))] == [
        ("onset", True, False),
        ("offset", True, False),
    ]
    assert all(e.inward and e.error < 0 for e in edges_of(moved(-0.2)))
    nothing = np.random.default_rng(1).standard_normal(6000)
    flat = Record(nothing, 2000.0, record.onset, record.offset, record.onset, record.offset)
    assert edges_of(flat) == []
    both = gathered("step", 20.0, [record, flat])
    assert (len(both.edges), both.missed) == (2, 2)
