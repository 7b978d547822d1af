"""Mains hum beside a clear burst: taken out, it moves neither onset nor offset."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.emg_bursts import RATE, channel, emg, session, trial

from gluteal.emg.analysis.bursts import time_bursts, time_bursts_through_hum
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.signal.conditioning import condition_signal, notch_one_way
from gluteal.emg.signal.quality import Quality

TIMES = np.array([1.5, 4.5, 7.5, 10.5])
GOOD = Quality(True, ())


def hum(size: float, mains: float) -> np.ndarray:
    """The mains with odd harmonics, mV, that wanders by a twentieth of a hertz."""
    time = np.arange(12_000) / RATE
    phase = 2 * np.pi * (mains * time + 0.05 / (2 * np.pi * 0.1) * np.sin(2 * np.pi * 0.1 * time))
    return size * (np.sin(phase) + 0.5 * np.sin(3 * phase + 1.0) + 0.3 * np.sin(5 * phase + 2.0))


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_moves_no_edge(mains: float) -> None:
    """At a third of the burst's amplitude; a notch without delay rings before each burst, and its onsets are early."""
    noisy = emg(list(TIMES), seed=6) + hum(0.06, mains)
    ringing = time_bursts(condition_signal(noisy, RATE, unit="mV", notch=mains), start=0.0, quality=GOOD)
    early = [min(b.onset_s - t for b in ringing if abs(b.onset_s - t) < 0.5) for t in TIMES]
    assert np.median(early) < -0.02, "the fault was not planted"
    [found] = analyse_session(session(trial(channel(noisy, "gluteus maximus")))).channels
    assert found.quality.has("hum") and found.bursts is not None and len(found.bursts) == 4
    for burst, onset in zip(found.bursts, TIMES, strict=True):
        assert burst.onset_s == pytest.approx(onset, abs=0.006)
        assert burst.offset_s == pytest.approx(onset + 0.6, abs=0.006)


def test_against_time_it_is_the_same() -> None:
    """What runs with time on a reversed signal is what runs against time on the signal, reversed."""
    x = emg(list(TIMES), seed=7) + hum(0.06, 50.0)
    ahead = notch_one_way(condition_signal(x, RATE, unit="mV"), 50.0)
    turned = notch_one_way(condition_signal(x[::-1], RATE, unit="mV"), 50.0, backward=True)
    inside = slice(2000, -2000)
    np.testing.assert_allclose(ahead.filtered[inside], turned.filtered[::-1][inside], atol=1e-6)
    assert not ahead.settings["zero_lag"] and ahead.settings["notch_hz"][:2] == [50.0, 100.0]


def test_a_burst_without_a_partner_keeps_its_own_end() -> None:
    """Offsets come from the other filter only within the same burst."""
    plain = condition_signal(emg(list(TIMES), seed=6), RATE, unit="mV")
    silent = condition_signal(emg([], seed=6), RATE, unit="mV")
    found = time_bursts_through_hum(plain, silent, start=0.0, quality=GOOD)
    assert found.offsets_s == time_bursts(plain, start=0.0, quality=GOOD).offsets_s
