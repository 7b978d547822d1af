"""Laws of the analysis: repetitions, references, gaps, maxima, and the simulation beside the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from benchmarks.onset.signals import background
from tests.helpers.synthetic import make_body

from gluteal.emg.analysis.bursts import LEAST_REST, time_bursts
from gluteal.emg.analysis.record import Analysis
from gluteal.emg.analysis.run import SESSION_MAXIMUM, analyse_session
from gluteal.emg.measure.judgement import judge_difference
from gluteal.emg.measure.repetitions import find_movement_starts, foot_strikes, is_strike, match_onsets, movement_event
from gluteal.emg.parallel import count_workers
from gluteal.emg.recording import Channel, Event, Recording
from gluteal.emg.session.demo import _noise, make_demo
from gluteal.emg.session.file import Session, SessionRecording
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.quality import Quality, assess_quality
from gluteal.errors import InputError
from gluteal.held_against.emg import above_rest, compare_with_activation, compare_with_trial

RATE = 1000.0


def emg(
    onsets: list[float], *, seconds: float = 12.0, lasts: float = 0.6, level: float = 0.2, seed: int = 0
) -> np.ndarray:
    """EMG-like noise (n,), mV, with bursts that start as steps at `onsets`, s, 28 dB above rest."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    envelope = np.full(n, level / 25.0)
    for onset in onsets:
        envelope[round(onset * RATE) : round((onset + lasts) * RATE)] = level
    return envelope * _noise(n, rng)


def channel(values: np.ndarray, muscle: str, side: str | None = "r", name: str | None = None) -> Channel:
    return Channel(name or f"{muscle} {side}", muscle, side, "mV", RATE, 0.0, values.size, lambda: values)  # type: ignore[arg-type]


def session(*recordings: SessionRecording) -> Session:
    return Session("test", recordings)


def trial(*channels: Channel, name: str = "a", events: tuple[Event, ...] = (), **more: object) -> SessionRecording:
    return SessionRecording(name, "trial", Recording(name, "made up", channels, events), **more)  # type: ignore[arg-type]


# --- repetitions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", [1.0, -1.0])
@pytest.mark.parametrize("offset", [0.0, 90.0])
def test_movement_starts(direction: float, offset: float) -> None:
    """Whatever the sign and zero of the angle, starts are found where a lift of half a second leaves rest.

    Within 60 ms: sin² reaches 1 % of its range after 32 ms, and noise of 0.1 of 12 degrees asks for 4 %, 64 ms.
    """
    time = np.arange(20_000) / RATE
    starts = [2.0, 7.5, 13.0]
    angle = sum(np.sin(0.5 * np.pi * np.clip(np.minimum(time - s, s + 2 - time) / 0.5, 0, 1)) ** 2 for s in starts)
    noisy = offset + direction * (12.0 * angle + 0.03 * np.random.default_rng(1).standard_normal(time.size))
    found = find_movement_starts(noisy, RATE, start=100.0)
    assert len(found) == 3
    late = np.subtract(found, np.add(starts, 100.0))
    assert (np.abs(late) < 0.060).all()
    assert find_movement_starts(np.full(5000, 3.0), RATE) == ()


def test_a_repetition_is_counted_once_that_shakes_at_its_top() -> None:
    """A dip to 40 % of the range is no return to rest."""
    time = np.arange(6000) / RATE
    angle = np.interp(time, [0, 2, 2.3, 2.6, 3.0, 3.4, 6], [0, 0, 10, 4, 10, 0, 0])
    assert find_movement_starts(angle, RATE) == pytest.approx((2.0,), abs=0.06)


def test_onsets_belong_to_the_nearest_repetition() -> None:
    """One onset each, the nearest; none twice; none from farther than allowed."""
    found, sd = match_onsets([0.9, 1.05, 4.8, 8.5], [0.01, 0.02, 0.03, 0.04], [1.0, 5.0, 7.0], farthest=1.0)
    np.testing.assert_array_equal(found, [1.05, 4.8, np.nan])
    np.testing.assert_array_equal(sd, [0.02, 0.03, np.nan])


def test_events() -> None:
    """Strikes by side, and the event that repeats most and is no step."""
    events = [Event("Foot Strike", 1.0, "r"), Event("Foot Strike", 1.5, "l"), Event("Foot Off", 1.2, "r")]
    assert foot_strikes(events, "r") == (1.0,) and foot_strikes(events, "l") == (1.5,)
    assert movement_event(events) is None
    assert movement_event([*events, Event("lift", 3.0), Event("go", 1.0), Event("lift", 2.0)]) == "lift"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "strike",
            (
                "Foot Strike",
                "heel_strike",
                "FootStrike",
                "RFootStrike",
                "RHS",
                "left IC",
                "Initial Contact",
                "Heel touch",
            ),
        ),
        ("off", ("Foot Off", "Toe-off", "Heel Rise", "Contact lost", "foot contact lost", "LTO")),
        ("neither", ("Hand contact", "Offset", "Kick off", "lift", "Basic", "Rise", "Total", "")),
    ],
)
def test_what_is_a_step(kind: str, names: tuple[str, ...]) -> None:
    """Whole words of an event's name say whether a foot lands or leaves; only what is neither can be a repetition."""
    for name in names:
        event = Event(name, 1.0)
        assert is_strike(event) == (kind == "strike"), name
        assert (movement_event([event]) == name) == (kind == "neither"), name


# --- order ---------------------------------------------------------------------------------------------


def starts_after(analysis: Analysis, muscle: str) -> float:
    (order,) = analysis.order
    return next(1000 * r.mean_s for r in order.relative if r.muscle == muscle)


@pytest.mark.parametrize("by", ["event", "muscle", "guess", "foot strike"])
def test_the_reference(by: str) -> None:
    """Gluteus maximus 80 ms after the hamstrings and 30 ms after the event, whatever it is counted from."""
    times = [1.5, 4.5, 7.5, 10.5]
    hamstrings = channel(emg([t - 0.05 for t in times], seed=1), "hamstrings")
    gluteus = channel(emg([t + 0.03 for t in times], seed=2), "gluteus maximus")
    name = {"event": "lift", "foot strike": "Heel Strike"}.get(by)
    events = tuple(Event(name, t, "r") for t in times) if name else ()
    analysis = analyse_session(
        session(trial(hamstrings, gluteus, events=events)), reference="hamstrings right" if by == "muscle" else None
    )
    (order,) = analysis.order
    assert order.reference == {"event": "lift", "foot strike": "right foot strike"}.get(by, "hamstrings")
    # Steps at 28 dB: the 95th percentile of an error is 2 ms (docs/emg-onsets.md).
    assert starts_after(analysis, "gluteus maximus") == pytest.approx(30 if events else 80, abs=3)
    assert order.cyclic == (by == "foot strike") and (order.orders is None) == order.cyclic
    if order.orders is not None:
        assert order.orders.orders[0].order == ("hamstrings", "gluteus maximus")


def test_no_order_where_nothing_says_what_repeats() -> None:
    """Different numbers of bursts and nothing else: the answer is that it cannot be told."""
    many = channel(emg([1.0, 3.0, 5.0, 7.0, 9.0], seed=1), "hamstrings")
    few = channel(emg([2.0, 6.0], seed=2), "gluteus maximus")
    analysis = analyse_session(session(trial(many, few)))
    assert analysis.order == ()
    assert [f.answer for f in analysis.findings if f.kind == "order"] == ["cannot tell"]


@pytest.mark.parametrize("reversed_", [False, True])
@pytest.mark.parametrize("side", ["right", "left"])
def test_the_reference_is_of_the_side_asked_for(side: str, reversed_: bool) -> None:
    """A back muscle of either side serves the right limb, in whatever order the channels come.

    Right erector spinae 100 ms before the gluteus maximus, left 60 ms after it.
    """
    times = np.array([1.5, 4.5, 7.5, 10.5])
    made = [
        channel(emg(list(times), seed=1), "gluteus maximus", "r"),
        channel(emg(list(times + 0.06), seed=2), "erector spinae", "l"),
        channel(emg(list(times - 0.10), seed=3), "erector spinae", "r"),
    ]
    found = analyse_session(session(trial(*made[:: -1 if reversed_ else 1])), reference=f"erector spinae {side}")
    # Steps at 28 dB: the 95th percentile of an error is 2 ms (docs/emg-onsets.md).
    assert starts_after(found, "gluteus maximus") == pytest.approx(100 if side == "right" else -60, abs=3)


def test_a_limb_muscle_is_no_reference_of_the_other_limb() -> None:
    """Counted from the right hamstrings, the left limb has no order."""
    times = [1.5, 4.5, 7.5, 10.5]
    names = [(m, s) for s in ("r", "l") for m in ("hamstrings", "gluteus maximus")]
    made = [channel(emg(times, seed=i), m, s) for i, (m, s) in enumerate(names)]
    (order,) = analyse_session(session(trial(*made)), reference="hamstrings right").order
    assert order.side == "r" and order.reference == "hamstrings"


@pytest.mark.parametrize("why", ["was not timed", "is alone"])
def test_no_order_from_a_reference_is_said(why: str) -> None:
    """Where the reference asked for gives no order, the reason is about it, not about repetitions."""
    times = [1.5, 4.5, 7.5, 10.5]
    hamstrings = channel(emg(times, seed=1), "hamstrings", "l" if why == "is alone" else "r")
    if why == "was not timed":
        hamstrings = channel(np.zeros(12_000), "hamstrings")
    others = [channel(emg(times, seed=i), m) for i, m in enumerate(("gluteus maximus", "gluteus medius"), 2)]
    found = analyse_session(session(trial(hamstrings, *others)), reference="hamstrings")
    (said,) = [f.sentence for f in found.findings if f.kind == "order"]
    assert found.order == () and said.startswith("The reference (hamstrings) ")
    assert ("has no onset to count from" in said) == (why == "was not timed")


def test_trials_of_one_task_are_repetitions_of_each_other() -> None:
    """Three recordings with one lift each give one order over three repetitions."""
    trials = [
        trial(
            channel(emg([2.0], seconds=5.0, seed=2 * i), "hamstrings"),
            channel(emg([2.1], seconds=5.0, seed=2 * i + 1), "gluteus maximus"),
            name=f"lift {i}",
            events=(Event("lift", 2.05),),
        )
        for i in range(3)
    ]
    (order,) = analyse_session(session(*trials)).order
    assert order.repetitions == 3 and order.recordings == ("lift 0", "lift 1", "lift 2")


def test_sides_are_judged_against_the_spread_of_repetitions() -> None:
    """Left 100 ms later in every repetition is beyond it; the same times on both sides are within it."""
    times = [1.5 + 2.0 * i for i in range(5)]
    jitter = np.random.default_rng(3).normal(0.0, 0.005, (2, 5)).repeat(2, axis=0)

    def one(later: float) -> str:
        made = [
            channel(emg(list(np.add(times, shift) + jitter[i]), seed=i), muscle, side)
            for i, (muscle, side, shift) in enumerate(
                [
                    ("hamstrings", "r", 0.0),
                    ("hamstrings", "l", 0.0),
                    ("gluteus maximus", "r", 0.05),
                    ("gluteus maximus", "l", 0.05 + later),
                ]
            )
        ]
        events = tuple(Event("lift", t) for t in times)
        found = analyse_session(session(trial(*made, events=events))).findings
        return next(f.answer for f in found if f.kind == "sides" and f.muscle == "gluteus maximus")

    assert one(0.100) == "beyond measurement error"
    assert one(0.0) == "within measurement error"


def test_a_smallest_difference_can_be_given_instead_of_an_error() -> None:
    """As the standard error it comes from, with its own name in the sentence; both at once are refused."""
    for size in (10.0, 12.0):
        of_sem, given = (
            judge_difference(0.0, size, sem=4.0),
            judge_difference(0.0, size, mdc=1.96 * np.sqrt(2.0) * 4.0, error="chance"),
        )
        assert (given.verdict, given.mdc95) == (of_sem.verdict, of_sem.mdc95)
        assert given.sentence == of_sem.sentence.replace("measurement error", "chance")
    with pytest.raises(InputError, match="Give either"):
        judge_difference(0.0, 1.0, sem=4.0, mdc=11.0)


# --- timing around gaps --------------------------------------------------------------------------------


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


# --- amplitude -----------------------------------------------------------------------------------------


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


# --- measured beside simulated -------------------------------------------------------------------------


def bell(time: np.ndarray, centres: list[float]) -> np.ndarray:
    return sum(np.exp(-0.5 * ((time - c) / 0.12) ** 2) for c in centres)  # type: ignore[return-value]


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


@pytest.mark.parametrize("lag", [0.0, 0.05, -0.08])
def test_the_lag_of_the_simulation(lag: float) -> None:
    """An activation that follows the EMG's own envelope by a known lag is found at that lag.

    Within 20 ms, two frames: the envelope is made of noise with a correlation time of some 30 ms.
    """
    time, fine = np.arange(0.0, 6.0, 0.01), np.arange(6000) / RATE
    centres = [1.0, 2.5, 4.0, 5.0]
    raw = (bell(fine, centres) + 0.02) * emg([0.0], seconds=6.0, lasts=6.0, level=1.0)
    activation = xr.DataArray(
        np.column_stack([bell(time, [c + lag for c in centres])] * 6),
        coords={"time": time, "muscle": list(make_body().muscle_names)},
        dims=("time", "muscle"),
    )
    beside = compare_with_activation([channel(raw, "gluteus medius")], activation, make_body())
    (one,) = beside.muscles
    assert one.lag_s == pytest.approx(lag, abs=0.021)
    assert one.best_correlation > 0.9 and one.best_correlation >= one.correlation - 1e-12
    assert one.overlap > one.chance and set(one.parts) == {"glmed1_r"}


def test_beside_does_not_depend_on_scale_and_says_what_it_lacks() -> None:
    """Volts or microvolts, the numbers are the same; a muscle the body lacks is named, not dropped."""
    time = np.arange(0.0, 6.0, 0.01)
    raw = (bell(np.arange(6000) / RATE, [2.0, 4.0]) + 0.05) * emg([0.0], seconds=6.0, lasts=6.0, level=1.0)
    activation = xr.DataArray(
        np.column_stack([bell(time, [2.1, 4.2])] * 6),
        coords={"time": time, "muscle": list(make_body().muscle_names)},
        dims=("time", "muscle"),
    )
    stranger = channel(raw, "deltoid")
    a, b = (
        compare_with_activation([channel(s * raw, "soleus"), stranger], activation, make_body()) for s in (1.0, 1e6)
    )
    assert a.muscles[0].correlation == pytest.approx(b.muscles[0].correlation, rel=1e-9)
    assert a.muscles[0].overlap == b.muscles[0].overlap
    assert "deltoid" in a.left_out[0]
    with pytest.raises(InputError, match=r"less than 0.3 s in common"):
        compare_with_activation([channel(raw, "soleus")], activation.assign_coords(time=time + 100), make_body())


def test_beside_is_conditioned_as_in_the_session() -> None:
    """Mains hum that the session takes out is out of the envelope here, too, and the settings say how."""
    time, fine = np.arange(0.0, 6.0, 0.01), np.arange(6000) / RATE
    raw = (bell(fine, [2.0, 4.0]) + 0.05) * emg([0.0], seconds=6.0, lasts=6.0, level=1.0)
    humming = channel(raw + 0.25 * np.sin(2 * np.pi * 50 * fine), "soleus")
    (found,) = analyse_session(session(trial(humming))).channels
    assert found.quality.measures["mains"] == (50.0, "Hz") and found.settings["notch_hz"][0] == 50.0
    activation = xr.DataArray(
        np.column_stack([bell(time, [2.1, 4.2])] * 6),
        coords={"time": time, "muscle": list(make_body().muscle_names)},
        dims=("time", "muscle"),
    )
    without, with_ = (
        compare_with_activation([humming], activation, make_body(), conditioning=used)
        for used in (None, {humming.name: found.settings})
    )
    assert without.settings["envelope"] == "20-450 Hz, rectified, 6 Hz low-pass, no delay"
    assert with_.settings["envelope"] == "20-450 Hz, notch at 50 Hz, rectified, 6 Hz low-pass, no delay"
    assert with_.dataset["envelope"].min() < 0.5 * without.dataset["envelope"].min()


def test_no_usable_channel_is_said_before_the_simulation(tmp_path: Path) -> None:
    """Nothing to compare: the trial is not even read."""
    (tmp_path / "no_trial.toml").touch()
    with pytest.raises(InputError, match="No channel is good enough to be compared"):
        compare_with_trial([channel(np.zeros(100), "soleus")], tmp_path / "no_trial.toml", usable={})


def test_above_rest() -> None:
    """Rest is 0, the largest value 1, a flat course 0 throughout."""
    course = np.r_[np.full(50, 2.0), 6.0]
    np.testing.assert_allclose(above_rest(course)[[0, -1]], [0.0, 1.0])
    assert (above_rest(np.full(9, 3.0)) == 0.0).all()


@pytest.mark.opensim
def test_the_recorded_walk_beside_its_simulation(data: Path) -> None:
    """Calf and shin go with their simulation; every muscle of the recording is compared.

    r above 0.7 for soleus, gastrocnemius and tibialis anterior: the muscles whose joint has the fewest ways to share.
    """
    from gluteal.emg.read import load_recording

    folder = data / "walk_rajagopal2016"
    beside = compare_with_trial(load_recording(folder / "emg_walk_raw.anc", side="r").channels, folder)
    by_muscle = {m.muscle: m for m in beside.muscles}
    assert len(by_muscle) == 10 and beside.left_out == ()
    assert all(by_muscle[m].correlation > 0.7 for m in ("soleus", "gastrocnemius", "tibialis anterior"))
    assert beside.dataset["envelope"].shape == beside.dataset["activation"].shape == (10, beside.dataset.sizes["time"])


# --- the demo's generator ------------------------------------------------------------------------------


def test_the_demo_is_silent_before_its_onsets() -> None:
    """The true onset is the first sample at which the muscle adds to the noise: power rises there, not before."""
    table, _, truth = make_demo(np.random.default_rng(8))
    x = table["GMAX R (mV)"].to_numpy()
    for onset in truth["GMAX R"]:
        at = round(onset * RATE)
        assert x[at - 200 : at].std() < 0.02 and x[at + 100 : at + 300].std() > 0.05


def test_gait_is_known_by_its_rhythm() -> None:
    """Muscles that take over from one another have no first; with a common rest between repetitions they have."""
    strides = [0.6 + 1.1 * k for k in range(9)]
    seated = [1.0 + 2.6 * k for k in range(4)]
    for starts, lasts, lag, cyclic in ((strides, 0.6, 0.55, True), (seated, 0.6, 0.1, False)):
        muscles = [
            channel(emg(starts, lasts=lasts, seed=1), "biceps femoris"),
            channel(emg([t + lag for t in starts], lasts=lasts, seed=2), "gluteus maximus"),
        ]
        [order] = analyse_session(session(trial(*muscles))).order
        assert order.cyclic is cyclic and (order.orders is None) is cyclic
        assert ("goes round" in order.sentence) is cyclic
        gluteus = next(r for r in order.relative if r.muscle == "gluteus maximus")
        assert abs(gluteus.mean_s) == pytest.approx(min(lag, 1.1 - lag) if cyclic else lag, abs=0.03)
