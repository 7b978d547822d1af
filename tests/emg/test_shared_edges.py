"""A weak copy of a strong neighbour makes no muscle start with it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers import emg_bursts

from gluteal.emg.analysis.record import Analysis
from gluteal.emg.analysis.run import analyse_session

TIMES = [1.5, 4.0, 6.5, 9.0]


def analysed(share: float, *, late: float, delay: int = 2, hum: float = 0.0) -> Analysis:
    """A muscle at `TIMES`, and another so many s later with a share of the first's signal, 28 dB over rest."""
    first = emg_bursts.emg(TIMES, seed=1)
    second = emg_bursts.emg([t + late for t in TIMES], seed=2) + share * np.roll(first, delay)
    wave = hum * np.sin(2 * np.pi * 50.0 * np.arange(first.size) / emg_bursts.RATE)
    return analyse_session(
        emg_bursts.session(
            emg_bursts.trial(
                emg_bursts.channel(second + wave, "gluteus maximus"), emg_bursts.channel(first + wave, "biceps femoris")
            )
        )
    )


@pytest.mark.parametrize("delay", [0, 2])
@pytest.mark.parametrize("hum", [0.0, 0.05])
def test_a_copy_of_a_neighbour_opens_the_onset(delay: int, hum: float) -> None:
    """At -20 dB, 0.1 s before the muscle's own burst: both times are in the interval, and nothing is said as seen."""
    found = analysed(0.1, late=0.1, delay=delay, hum=hum)
    glute, biceps = found.channels
    assert glute.bursts is not None and biceps.bursts is not None
    for burst, time in zip(glute.bursts, TIMES, strict=True):
        low, high = burst.onset_interval_s
        assert low <= time + 0.01 and time + 0.1 <= high < time + 0.15
    assert glute.bursts.settings["shared_with"] == ["right biceps femoris"]
    assert any(
        "may be of right biceps femoris, whose signal this channel shows there" in f.sentence for f in found.findings
    )
    assert not [f for f in found.findings if f.kind in ("order", "timing") and f.answer == "seen"]
    assert all(np.ptp(b.onset_interval_s) < 0.02 for b in biceps.bursts)


@pytest.mark.parametrize("late", [0.0, 0.02, 0.1])
def test_muscles_of_their_own_keep_their_edges(late: float) -> None:
    """Without a copy nothing is opened, however near they start, also with hum in both."""
    for channel in analysed(0.0, late=late, hum=0.05).channels:
        assert channel.bursts is not None and "shared_opened" not in channel.bursts.settings


def test_a_second_start_as_strong_as_the_first_is_no_copy() -> None:
    """A copy as strong as the muscle itself never grows out of it: what is shared throughout is said of the pair."""
    found = analysed(1.0, late=0.05)
    assert all("shared_opened" not in c.bursts.settings for c in found.channels if c.bursts is not None)
    assert any(f.kind == "crosstalk" for f in found.findings)
