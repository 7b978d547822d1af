"""An envelope of one long contraction is an envelope, and a maximum in other units than the trial's is none of it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.emg_bursts import RATE, channel, emg, session, trial

from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.recording import Recording
from gluteal.emg.session.file import SessionRecording
from gluteal.emg.signal.quality import assess_quality
from gluteal.emg.signal.reworked import follows_activity


@pytest.mark.parametrize("window", [10, 25, 50, 100, 200])
@pytest.mark.parametrize(("onset", "lasts"), [(1.0, 3.0), (0.5, 1.5)])
def test_an_envelope_of_one_long_contraction_is_told(window: int, onset: float, lasts: float) -> None:
    """On for 60 % of the recording: its median is the contraction's, and it was timed as if it were raw."""
    raw = emg([onset], lasts=lasts, seconds=lasts / 0.6, seed=window)
    made = np.convolve(np.abs(raw), np.ones(window) / window, "same")
    found = assess_quality(made, RATE, unit="mV", steady=True)
    assert [(f.kind, f.severity) for f in found.faults] == [("envelope", "fail")]
    assert not assess_quality(raw, RATE, unit="mV", steady=True).has("envelope")


def test_raw_signals_on_a_course_of_their_own_are_none() -> None:
    """Offset, counts, amplifiers that settle onto zero, drift, sweat, and an electrode that shifts with the muscle."""
    for seed, (onset, lasts) in enumerate(((1.0, 3.0), (3.0, 2.0), (0.5, 5.0))):
        x = emg([onset], lasts=lasts, seconds=6.0, seed=seed)
        time, on = np.arange(x.size) / RATE, (np.arange(x.size) / RATE > onset) & (np.arange(x.size) / RATE < onset + 3)
        walk = np.cumsum(np.random.default_rng(seed).standard_normal(x.size)) / np.sqrt(RATE)
        for course in (0.7, 10.0 * np.exp(-time / 0.8), 30.0 * np.exp(-time / 0.2), 3.0 * time, 5.0 * on, 2.0 * walk):
            assert not follows_activity(x + course, RATE)


@pytest.mark.parametrize("factor", [1e3, 1e-3])
def test_a_maximum_in_another_unit_than_it_states_gives_no_percentage(factor: float) -> None:
    """0.04 % and 41,000 % of the maximum were stated as measured."""
    muscle, maximal = emg([2.0, 5.0], seconds=8.0), factor * emg([1.0], lasts=3.0, seconds=5.0, level=0.5)
    mvic = SessionRecording("m", "mvic", Recording("m", "made up", (channel(maximal, "gluteus maximus"),)))
    analysis = analyse_session(session(trial(channel(muscle, "gluteus maximus")), mvic))
    [found] = analysis.channels
    assert found.amplitude is not None and found.amplitude.unit == "% of this recording's maximum"
    assert "one of the two recordings has another unit or gain than it states" in " ".join(found.notes)
    assert not [f for f in analysis.findings if "reached" in f.sentence]
