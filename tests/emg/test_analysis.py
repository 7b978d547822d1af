"""Laws of the analysis: gaps, maxima, threads, heart beats, and the demo's generator."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.onset.signals import background
from tests.helpers.emg_bursts import RATE, channel, emg, session, trial

from gluteal.emg.analysis.bursts import LEAST_REST, time_bursts
from gluteal.emg.analysis.run import SESSION_MAXIMUM, analyse_session
from gluteal.emg.parallel import count_workers
from gluteal.emg.recording import Channel, Event, Recording
from gluteal.emg.session.demo import make_demo
from gluteal.emg.session.file import SessionRecording
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.faults import Quality
from gluteal.emg.signal.quality import assess_quality
from gluteal.errors import InputError


def test_bursts_around_a_gap() -> None:
    """A dropout hides the burst in it and no other; edges at the gap are unknown, not invented."""
    x = emg([1.5, 4.0, 7.0], seconds=9.0)
    x[4200:5200] = np.nan
    conditioned = condition_signal(x, RATE, unit="mV")
    quality = assess_quality(x, RATE, unit="mV")
    found = time_bursts(conditioned, start=10.0, quality=quality)
    known = [b.onset_s for b in found if np.isfinite(b.onset_s)]
    assert known == pytest.approx([11.5, 14.0, 17.0], abs=0.005)
    touching = next(b for b in found if abs(b.onset_s - 14.0) < 0.1)
    assert np.isnan(touching.offset_s)


def test_a_burst_that_is_on_at_the_start_has_no_onset() -> None:
    """The recording begins within a burst: its onset was not recorded."""
    x = emg([0.0, 3.0], seconds=5.0)
    found = time_bursts(condition_signal(x, RATE, unit="mV"), start=0.0, quality=Quality(True, ()))
    assert [b.onset_s for b in found if np.isfinite(b.onset_s)] == pytest.approx([3.0], abs=0.005)
    assert all(not b.onset_s < LEAST_REST for b in found)


def test_only_gaps_cannot_be_timed() -> None:
    """No second without a gap: InputError that says so."""
    x = emg([1.0], seconds=3.0)
    x[::500] = np.nan
    with pytest.raises(InputError, match="No stretch of 1 s is free of gaps"):
        time_bursts(condition_signal(x, RATE, unit="mV"), start=0.0, quality=Quality(True, ()))


def test_amplitudes_are_of_the_maximal_contraction() -> None:
    """Half the level of the maximal contraction is 50 % MVIC, whatever the unit's scale.

    Within 15 %: the maximum is the largest of several half seconds of noise, each with a standard error of 7 %.
    """
    measured = []
    for scale in (1.0, 1e-3):
        strong = channel(scale * emg([0.2], lasts=2.0, level=0.4), "soleus")
        weak = channel(scale * emg([2.0, 6.0], lasts=2.0, level=0.2, seed=5), "soleus")
        maximum = SessionRecording("m", "mvic", Recording("m", "made up", (strong,)))
        (found,) = analyse_session(session(trial(weak), maximum)).channels
        assert found.amplitude is not None and found.amplitude.unit == "% MVIC"
        measured.append(found.burst_amplitudes[0].mean)
    assert measured[0] == pytest.approx(50.0, rel=0.15)
    assert measured[1] == pytest.approx(measured[0], rel=1e-9)


def test_a_maximum_that_cannot_be_used_was_recorded() -> None:
    """A flat maximal contraction is not said to be missing; without one, it is."""
    flat = SessionRecording("m", "mvic", Recording("m", "made up", (channel(np.zeros(4000), "soleus"),)))
    weak = trial(channel(emg([2.0, 6.0]), "soleus"))

    def said(*recordings: SessionRecording) -> str:
        found = analyse_session(session(*recordings)).findings
        return next(f.sentence for f in found if f.kind == "amplitude")

    assert said(weak, flat).startswith("No maximal contraction could be used (see the notes), so ")
    assert said(weak).startswith("No maximal contraction was recorded, so ")


def test_two_trials_without_a_maximum_share_one() -> None:
    """Never each by its own: the weaker trial is at half of the session's maximum, and the unit says of what."""
    strong = trial(channel(emg([2.0], lasts=2.0, level=0.4), "soleus"), name="strong")
    weak = trial(channel(emg([2.0], lasts=2.0, level=0.2, seed=4), "soleus"), name="weak")
    a, b = (c.burst_amplitudes[0] for c in analyse_session(session(strong, weak)).channels)
    assert a.unit == b.unit == SESSION_MAXIMUM
    assert b.mean / a.mean == pytest.approx(0.5, rel=0.08)


def test_without_a_trial_there_is_nothing_to_measure() -> None:
    """A session of maximal contractions only is refused."""
    only = SessionRecording("m", "mvic", trial(channel(emg([1.0]), "soleus")).recording)
    with pytest.raises(InputError, match="no recording with the role 'trial'"):
        analyse_session(session(only))


def test_progress_counts_to_the_end() -> None:
    """Every step is told, in order, up to the last of the announced number."""
    told: list[tuple[int, int]] = []
    analyse_session(
        session(trial(channel(emg([1.0]), "soleus"))), progress=lambda _, done, all_: told.append((done, all_))
    )
    assert [d for d, _ in told] == list(range(len(told))) and {t for _, t in told} == {len(told)}


@pytest.mark.parametrize("workers", [2, 5])
def test_threads_change_nothing(workers: int) -> None:
    """Two recordings of four channels: the same to the last digit, in the same order, and every step told once."""
    muscles = ("gluteus maximus", "biceps femoris", "semitendinosus", "gluteus medius")
    recordings = [
        trial(*(channel(emg([2.0, 5.0, 8.0], seed=10 * k + i), m) for i, m in enumerate(muscles)), name=f"trial {k}")
        for k in range(2)
    ]
    told: list[int] = []
    one, many = (
        analyse_session(session(*recordings), workers=count, progress=lambda _, done, total: told.append(done))
        for count in (1, workers)
    )
    assert one.to_json() == many.to_json()
    assert told == [*range(16), *range(16)]


def test_no_more_channels_at_once_than_fit() -> None:
    """Short channels: some; channels of an hour at 2 kHz: two; of a day: one at a time; what is asked for is kept."""
    short, hour, day = (
        [Channel("a", None, None, "V", 2000.0, 0.0, round(2000 * seconds), lambda: np.empty(0))] * 16
        for seconds in (60, 3600, 86_400)
    )
    assert 1 <= count_workers(hour) <= min(count_workers(short), 2)
    assert count_workers(day) == 1 and count_workers(day, 3) == 3 and count_workers([]) >= 1


def test_heart_beats_in_the_timing_are_said() -> None:
    """Two channels with beats, one without: one sentence for the two, with the band; the settings tell the same."""
    rng = np.random.default_rng(4)
    values = [emg([3.0, 8.0], seed=i, level=0.15) for i in range(3)]
    beats = background("ecg", values[0].size, RATE, rng) * 0.006 * 8
    made = [channel(v + (beats if i < 2 else 0.0), m) for i, (v, m) in enumerate(
        zip(values, ("biceps femoris", "gluteus maximus", "gluteus medius"), strict=True))]  # fmt: skip
    analysis = analyse_session(session(trial(*made)))
    said = [f for f in analysis.findings if f.sentence.startswith("Heart beats or electrode movement seen")]
    corners = {
        c.bursts.settings["high_pass_used"] for c in analysis.channels if c.bursts and c.bursts.settings["slow_waves"]
    }
    assert len(said) == len(corners) > 0 and all(f.answer == "seen" and f.kind == "recording" for f in said)
    assert all(any(f"band from {corner:g} Hz." in f.sentence for f in said) for corner in corners)
    text = " ".join(f.sentence for f in said)
    assert "biceps femoris" in text and "gluteus maximus" in text and "gluteus medius" not in text


def test_the_demo_is_silent_before_its_onsets() -> None:
    """The true onset is the first sample at which the muscle adds to the noise: power rises there, not before."""
    table, _, truth = make_demo(np.random.default_rng(8))
    x = table["GMAX R (mV)"].to_numpy()
    for onset in truth["GMAX R"]:
        at = round(onset * RATE)
        assert x[at - 200 : at].std() < 0.02 and x[at + 100 : at + 300].std() > 0.05


def test_events_of_another_clock_are_said() -> None:
    """A thousand seconds later no onset is near them; 1.3 s later one is, by chance."""
    times = [1.5, 4.0, 6.0, 8.5, 11.0]
    channels = [
        channel(emg([t + d for t in times], seed=s), m)
        for s, (m, d) in enumerate((("gluteus maximus", 0.05), ("biceps femoris", 0.0)))
    ]
    for late in (1000.0, 1.3):
        events = tuple(Event("movement start", t + late) for t in times)
        found = analyse_session(session(trial(*channels, events=events)))
        said = [f for f in found.findings if f.kind in ("order", "timing")]
        assert all(f.answer == "cannot tell" for f in said)
        assert "taken with another clock" in said[0].sentence


def test_a_muscle_active_once_in_many_repetitions_has_no_usual_time() -> None:
    """Once in six, 0.1 s before the others: one repetition says nothing about the rest."""
    times = [1.5, 3.3, 5.2, 7.0, 8.9, 10.7]
    parts = (("biceps femoris", times), ("semitendinosus", [t + 0.03 for t in times]), ("gluteus maximus", [5.1]))
    channels = [channel(emg(t, seed=s), m) for s, (m, t) in enumerate(parts)]
    found = analyse_session(session(trial(*channels)), reference="biceps femoris right")
    [said] = [f for f in found.findings if f.kind == "timing"]
    assert said.answer == "cannot tell" and "in 1 of 6 repetitions only" in said.sentence


def test_many_pairs_are_one_sentence() -> None:
    """Neighbours of a grid of twelve electrodes over one muscle."""
    rng = np.random.default_rng(1)
    source = emg([2.0, 5.0, 8.0], seed=3)
    grid = [channel(source + 0.04 * rng.standard_normal(source.size), f"m{i}") for i in range(12)]
    found = analyse_session(session(trial(*grid)))
    said = [f for f in found.findings if f.kind == "crosstalk"]
    assert len(said) == 7 and said[0].sentence.startswith("66 pairs of channels share their signal")


def test_a_rest_below_the_recorders_step_is_no_dropout() -> None:
    """Noise of a quarter of a step keeps one value for tens of milliseconds; a burst of six is timed all the same."""
    times = [1.5, 4.5, 7.5, 10.5]
    steps = np.round(emg(times, seed=4) / (4.0 * 0.2 / 25.0))
    [coarse] = analyse_session(session(trial(channel(steps, "rectus femoris")))).channels
    assert coarse.quality.has("coarse") and coarse.quality.usable
    assert coarse.bursts is not None and len(coarse.bursts) == 4
    for burst, time in zip(coarse.bursts, times, strict=True):
        low, high = burst.onset_interval_s
        assert low <= time <= high and high - low < 0.06
    fine = emg(times, seed=4)
    fine[6000:6060] = fine[6000]
    quality = analyse_session(session(trial(channel(fine, "rectus femoris")))).channels[0].quality
    assert quality.has("dropout") and not quality.has("coarse")
