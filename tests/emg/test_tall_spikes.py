"""Spikes a hundred times as tall as a muscle hide no burst of it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers import emg_bursts

from gluteal.emg.analysis.hidden import check_hidden
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.onset.bursts import Burst
from gluteal.emg.signal.tall_spikes import without_tall_spikes

TIMES = [1.3, 3.6, 6.4, 9.7]


def test_single_stimuli_hide_no_burst() -> None:
    """Within bursts and between them, with 30 ms of recovery; 68 dB over rest: bursts with one inside were lost."""
    values = emg_bursts.emg(TIMES, seed=1)
    for first in (600, 3900, 6700, 8500):
        values[first : first + 2] += 20.0
        values[first + 2 : first + 32] -= 4.0 * np.exp(-np.arange(30) / 6.0)
    [found] = analyse_session(
        emg_bursts.session(emg_bursts.trial(emg_bursts.channel(values, "tibialis anterior")))
    ).channels
    assert found.bursts is not None and len(found.bursts) == len(TIMES)
    for burst, time in zip(found.bursts, TIMES, strict=True):
        assert burst.onset_s == pytest.approx(time, abs=0.01)
    assert "Bridged before the filters" in found.notes[0]


def test_only_tall_spikes_are_bridged() -> None:
    """One five times as tall as all else is left to the check of islands; missing samples stay missing."""
    values = np.random.default_rng(1).standard_normal(4000)
    values[100] = np.nan
    tall = np.nanmax(np.abs(values))
    low, high = values.copy(), values.copy()
    low[2000], high[2000] = 5.0 * tall, 50.0 * tall
    assert without_tall_spikes(low, 1000.0, [(1.99, 2.01)])[0] is low
    made, [(start, end)] = without_tall_spikes(high, 1000.0, [(1.99, 2.01)])
    assert start == pytest.approx(1.998) and 2.002 <= end <= 2.072
    np.testing.assert_array_equal(made[:1998], values[:1998])
    np.testing.assert_array_equal(made[2073:], values[2073:])
    assert np.nanmax(np.abs(made)) <= tall


def test_a_pause_that_hides_the_muscle_parts_no_burst() -> None:
    """A short one is none; a long one may be."""
    first, near, far = (Burst(onset_s=a, offset_s=b) for a, b in ((1.0, 2.0), (2.05, 3.0), (3.2, 4.0)))
    checked = check_hidden([first, near, far], [(2.0, 2.05), (2.9, 3.3)])
    assert [(b.onset_s, b.offset_s) for b in checked.bursts] == [(1.0, 3.0), (3.2, 4.0)]
    assert checked.changed == {"opened": 2, "left_out": 0}
