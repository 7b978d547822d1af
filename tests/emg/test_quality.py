"""Documented faults are found, planted faults are found, clean signals pass, and units change nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from gluteal.emg.read import load_recording
from gluteal.emg.recording import Channel
from gluteal.emg.signal import artefacts as measure
from gluteal.emg.signal.crosstalk import find_crosstalk
from gluteal.emg.signal.faults import Quality
from gluteal.emg.signal.quality import assess_quality
from gluteal.emg.signal.reworked import repeated_packets
from gluteal.emg.signal.screening import Screening, screen_channels
from gluteal.errors import InputError

RATE = 2000.0


def bursts(seconds: float, rng: np.random.Generator, *, rate: float = RATE, rest: float = 0.1) -> np.ndarray:
    """EMG-like noise (30-200 Hz) of unit SD in bursts every 1.1 s over a baseline of `rest`."""
    n = round(seconds * rate)
    sos = signal.butter(2, [30.0, 200.0], "band", fs=rate, output="sos")
    noise = signal.sosfiltfilt(sos, rng.standard_normal(n))
    phase = (np.arange(n) / rate / 1.1) % 1.0
    return noise / noise.std() * (rest + np.exp(-0.5 * ((phase - 0.5) / 0.08) ** 2))


def heart(seconds: float, rng: np.random.Generator, *, rate: float = RATE) -> np.ndarray:
    """Q, R, S and T as Gaussians of unit R, 70 beats a minute with 4 % variation."""
    time = np.arange(round(seconds * rate)) / rate
    out = np.zeros(time.size)
    beat = 0.3
    while beat < seconds:
        for size, delay, width in ((-0.15, -0.025, 0.01), (1.0, 0.0, 0.011), (-0.25, 0.028, 0.012), (0.25, 0.25, 0.04)):
            out += size * np.exp(-0.5 * ((time - beat - delay) / width) ** 2)
        beat += 60.0 / 70.0 * (1.0 + 0.04 * rng.standard_normal())
    return out


def kinds(quality: Quality) -> dict[str, str]:
    """Kind of each fault and its severity."""
    return {f.kind: f.severity for f in quality.faults}


def assess(x: np.ndarray, **given: object) -> Quality:
    """Assess at the rate of the synthetic signals."""
    return assess_quality(x, RATE, unit="mV", **given)  # type: ignore[arg-type]


# ---------------------------------------------------------------- recordings with documented faults


def screen(path: Path) -> Screening:
    """Screen every channel of a file."""
    return screen_channels(load_recording(path).channels)


def test_the_saturated_sprint_channel_is_found_and_the_others_pass(data: Path) -> None:
    """README of the folder: AddMagnus saturated, all other channels clean."""
    found = screen(data / "sprint_emg_ja1" / "JA1Gait35.c3d")
    assert found.excluded == ("AddMagnus",)
    assert kinds(found.by_channel["AddMagnus"])["saturation"] == "fail"
    assert all(not found.by_channel[name].faults for name in found.usable)
    assert found.crosstalk == ()


def test_the_dead_side_and_the_spare_inputs_are_found(data: Path) -> None:
    """README of the folder: the four right channels are clean, all others at the noise floor."""
    found = screen(data / "walk_c3d_partly_dead_emg" / "HC002D06.c3d")
    assert {n.removeprefix("Voltage.") for n in found.usable} == {"R Rect", "R Hams", "R Gast", "R Tib Ant"}
    assert all(kinds(found.by_channel[name]).get("dead") == "fail" for name in found.excluded)
    assert len(found.excluded) == 6, "the two spare inputs are no muscles' channels at all"
    assert all(not found.by_channel[name].faults for name in found.usable)


@pytest.mark.parametrize(
    ("path", "channels"),
    [
        ("walk_emg_btk_gait/Gait.c3d", 16),
        ("walk_emg_btk_gait/Gait.anc", 16),
        ("walk_rajagopal2016/emg_walk_raw.anc", 10),
        ("emg_biceps_bursts_fatigue/emg_bursts.h5", 1),
    ],
)
def test_clean_recordings_pass_without_a_remark(data: Path, path: str, channels: int) -> None:
    """READMEs name no fault in these files."""
    found = screen(data / path)
    assert len(found.usable) == channels and found.excluded == () and found.crosstalk == ()
    assert all(not q.faults for q in found.by_channel.values())


def test_the_fatigue_file_touches_both_rails_a_little(data: Path) -> None:
    """Counts of 0 and 4095 (12 bit) are in the file, in 0.16 % of the samples: a caution, not a failure."""
    found = screen(data / "emg_biceps_bursts_fatigue" / "emg_fatigue.h5")
    (quality,) = found.by_channel.values()
    assert quality.usable and kinds(quality) == {"saturation": "caution"}
    assert quality.faults[0].value == pytest.approx(0.16, abs=0.01)


def test_envelopes_are_not_taken_for_raw_signals(data: Path) -> None:
    """Every channel of a file of envelopes is refused for timing, for that reason and no other."""
    for path in ("walk_rajagopal2016/electromyography.sto", "walk_3p6kmh_lowerlimb/emgFilt.sto"):
        found = screen(data / path)
        assert found.usable == ()
        assert all(kinds(q) == {"envelope": "fail"} for q in found.by_channel.values())


# ---------------------------------------------------------------- planted faults


def test_planted_faults_are_found() -> None:
    """Each fault alone, planted into a clean signal, is found and nothing else is."""
    rng = np.random.default_rng(1)
    x = bursts(10.0, rng)
    time = np.arange(x.size) / RATE
    sos = signal.butter(2, [3.0, 12.0], "band", fs=RATE, output="sos")
    sway = signal.sosfiltfilt(sos, rng.standard_normal(x.size))
    sway /= sway.std()
    gap, line, spiked = x.copy(), x.copy(), x.copy()
    gap[5000:9000] = np.nan
    line[5000:5200] = np.linspace(x[5000], x[5199], 200)
    spiked[3000] += 60.0
    restless = 2.0 * np.sin(2 * np.pi * 60.0 * time + 6.0 * np.repeat(rng.random(x.size // 100 + 1), 100)[: x.size])
    blinking = 2.0 * np.sin(2 * np.pi * 60.0 * time) * (time % 0.1 < 0.05)
    pulses = 60.0 * (np.arange(x.size) % 57 == 0) * ((time > 2.0) & (time < 4.0))
    planted = {
        "clipped throughout": (np.clip(x, -0.5, 0.5), {"saturation": "fail"}),
        "clipped hard": (np.clip(x, -1.0, 1.0), {"saturation": "amplitude"}),
        "clipped on one side": (np.minimum(x, 1.2), {"saturation": "amplitude"}),
        "clipped at crests": (np.clip(x, -2.0, 2.0), {"saturation": "caution"}),
        "lost samples": (gap, {"dropout": "fail"}),
        "bridged samples": (line, {"dropout": "caution"}),
        "some hum": (x + 0.4 * np.sin(2 * np.pi * 50.0 * time), {"hum": "caution"}),
        "much hum": (x + 2.0 * np.sin(2 * np.pi * 60.0 * time), {"hum": "caution"}),
        "hum that jumps twenty times a second": (x + restless, {"hum": "caution"}),
        "hum that blinks ten times a second": (x + blinking, {"hum": "fail"}),
        "sway": (x + sway, {"movement_artefact": "caution"}),
        "much sway": (x + 10.0 * sway, {"movement_artefact": "fail"}),
        "spike": (spiked, {"spikes": "caution"}),
        "stimulator": (x + pulses, {"pulses": "caution"}),
        "coarse": (np.round(2.0 * x) / 2.0, {"coarse": "fail"}),
        "switch": (5.0 * (x > 1.0), {"coarse": "fail"}),
        "flat": (np.full(x.size, 2.5), {"flat": "fail"}),
        "nothing": (np.full(x.size, np.nan), {"flat": "fail"}),
        "noise": (rng.standard_normal(x.size), {"dead": "fail"}),
        "short": (x[:400], {"short": "fail"}),
        "clean": (x, {}),
        "offset": (x + 1000.0, {}),
        "drift": (x + 100.0 * np.sin(2 * np.pi * 0.2 * time), {}),
    }
    for name, (values, expected) in planted.items():
        quality = assess(values)
        found = kinds(quality)
        # Sway that fails can hide the bursts, too: what is asked is the planted fault with its severity.
        assert found.items() >= expected.items(), name
        assert quality.usable == ("fail" not in expected.values()), name
        if not name.startswith(("much sway", "hum that")):
            assert found == expected, name


def test_where_a_dropout_is() -> None:
    """The interval of a planted gap is given to the sample."""
    x = bursts(10.0, np.random.default_rng(2))
    x[4000:4100] = x[4000]
    (fault,) = assess(x).faults
    assert fault.kind == "dropout"
    ((start, end),) = fault.intervals_s
    assert (start, end) == pytest.approx((2.0, 2.05), abs=1.0 / RATE)


def test_harmonics_of_the_hum_are_named() -> None:
    """60 Hz with its third harmonic is told from 50 Hz, and both lines are named."""
    x = bursts(10.0, np.random.default_rng(3))
    time = np.arange(x.size) / RATE
    quality = assess(x + 0.5 * np.sin(2 * np.pi * 60 * time) + 0.3 * np.sin(2 * np.pi * 180 * time + 1))
    (fault,) = quality.faults
    assert fault.kind == "hum" and "60, 180 Hz" in fault.sentence and "notch at 60 Hz" in fault.sentence
    # Power of two sines over theirs plus that of the bursts.
    power = (0.5**2 + 0.3**2) / 2.0
    assert fault.value == pytest.approx(100.0 * power / (power + np.mean(x**2)), rel=0.1)


def test_heart_beats_are_found_in_trunk_channels_only() -> None:
    """Beats as high as the muscle's SD: rate within 5 per minute of the planted 70; not looked for elsewhere."""
    rng = np.random.default_rng(4)
    x = bursts(20.0, rng) + heart(20.0, rng)
    quality = assess(x, trunk=True)
    assert kinds(quality) == {"ecg": "caution"} and quality.usable
    assert quality.measures["heart_rate"][0] == pytest.approx(70.0, abs=5.0)
    assert assess(x).faults == ()


def test_false_alarms_are_rare() -> None:
    """Sixty clean signals of different length: no fault at all in at least 59, trunk checks included."""
    rng = np.random.default_rng(5)
    alarms = sum(bool(assess(bursts(s, rng), trunk=True).faults) for s in (3.0, 8.0, 20.0) for _ in range(20))
    assert alarms <= 1


def test_a_steady_contraction_is_no_fault_where_one_is_meant() -> None:
    """Without a quiet baseline there is nothing to time, but an MVIC is meant to be like that."""
    x = bursts(5.0, np.random.default_rng(6), rest=50.0)
    assert kinds(assess(x)) == {"low_snr": "fail"}
    assert assess(x, steady=True).faults == ()


def test_one_short_burst_in_a_long_recording_counts() -> None:
    """0.3 s of activity in 30 s is less than any percentile sees, and still a burst."""
    x = bursts(30.0, np.random.default_rng(7), rest=50.0)
    x[30000:30600] *= 10.0
    assert assess(x).usable


@pytest.mark.parametrize("change", [1e-6, 1e9, -1.0], ids=["microvolts", "large counts", "turned electrodes"])
def test_scale_and_sign_change_nothing(change: float) -> None:
    """No judgement depends on gain, unit or polarity."""
    rng = np.random.default_rng(8)
    x = bursts(10.0, rng) + heart(10.0, rng)
    x[5000:5200] = x[5000]
    before, after = assess(x, trunk=True), assess(change * x, trunk=True)
    assert kinds(before) == kinds(after) != {}
    for name, (value, _) in before.measures.items():
        assert after.measures[name][0] == pytest.approx(value, rel=1e-6), name


def test_what_cannot_be_judged_is_said() -> None:
    """Text of the message."""
    with pytest.raises(InputError, match="give one channel at a time"):
        assess(np.zeros((3, 100)))
    with pytest.raises(InputError, match="no samples to work with"):
        assess(np.zeros(0))


@pytest.mark.parametrize(("size", "rate", "length"), [(120_000, 2000.0, 1.0), (1001, 1001.0, 0.333), (20, 1000.0, 0.1)])
def test_the_spectrum_is_welchs(size: int, rate: float, length: float) -> None:
    """As SciPy's, whose windows are transformed one at a time: even and odd windows, one and hundreds of them."""
    x = np.random.default_rng(0).standard_normal(size)
    frequency, density = measure.spectrum(x, rate, length_s=length)
    window = int(min(size, max(16, round(length * rate))))
    expected = signal.welch(x, rate, nperseg=window, detrend="constant")
    assert frequency == pytest.approx(expected[0])
    assert density == pytest.approx(expected[1], rel=1e-9)


def test_crosstalk_finds_a_shared_signal_and_its_lag() -> None:
    """A copy, a mixture (r = 0.8 by construction) and independent muscles with equal envelopes."""
    rng = np.random.default_rng(9)
    a, b, c = (bursts(10.0, rng) for _ in range(3))
    mixed = 0.6 * b + 0.8 * np.roll(a, 6)
    found = find_crosstalk({"a": a, "copy": -3.0 * a, "mixed": lambda: mixed, "c": c}, RATE)
    by_pair = {(f.first, f.second): f for f in found}
    assert set(by_pair) == {("a", "copy"), ("a", "mixed"), ("copy", "mixed")}
    assert "one signal" in by_pair["a", "copy"].sentence
    assert by_pair["a", "mixed"].correlation == pytest.approx(0.8, abs=0.05)
    assert by_pair["a", "mixed"].lag_s == pytest.approx(6 / RATE)


def test_hum_alone_is_no_crosstalk() -> None:
    """Hum common to all channels is taken out before they are compared."""
    rng = np.random.default_rng(10)
    time = np.arange(20000) / RATE
    hum = 3.0 * np.sin(2 * np.pi * 50.0 * time)
    assert find_crosstalk({"a": bursts(10.0, rng) + hum, "b": bursts(10.0, rng) + hum}, RATE) == ()


def test_channels_are_read_one_at_a_time() -> None:
    """Screening asks each channel for its samples and leaves the failed one out of the comparison."""
    rng = np.random.default_rng(11)
    x = bursts(5.0, rng)
    y = x + 0.6 * bursts(5.0, rng)
    read: list[str] = []

    def channel(name: str, muscle: str, values: np.ndarray) -> Channel:
        def samples() -> np.ndarray:
            read.append(name)
            return values

        return Channel(name, muscle, "r", "mV", RATE, 0.0, values.size, samples)

    flat = np.zeros(x.size)
    found = screen_channels(
        [channel("1", "gluteus maximus", x), channel("2", "erector spinae", flat), channel("3", "rectus femoris", y)]
    )
    assert found.usable == ("1", "3") and found.excluded == ("2",) and found.trunk == {"2"}
    assert [(c.first, c.second) for c in found.crosstalk] == [("1", "3")]
    # Channels may be screened side by side; which comes first is the machine's choice.
    assert sorted(read[:3]) == ["1", "2", "3"] and sorted(read[3:]) == ["1", "3"]


# --- only what was not connected is dead ---------------------------------------------------------------


@pytest.mark.parametrize("snr_db", [6.0, 8.0, 10.0])
def test_band_limited_noise_with_a_clear_burst_is_not_dead(snr_db: float) -> None:
    """Steep filters leave a spectrum as flat as an amplifier's; eight channels of 3 s at 2 kHz, none is refused."""
    sos = signal.butter(4, [20.0, 480.0], "bandpass", fs=2000.0, output="sos")
    for k in range(8):
        rng = np.random.default_rng([int(snr_db), k])
        envelope = np.zeros(6000)
        first = round(rng.uniform(0.5, 1.5) * 2000)
        envelope[first : first + round(rng.uniform(0.3, 1.0) * 2000)] = 10 ** (snr_db / 20)
        x = signal.sosfiltfilt(sos, rng.standard_normal(6000) + envelope * rng.standard_normal(6000))
        quality = assess_quality(x, 2000.0, unit="mV")
        assert quality.usable, quality.faults
    noise = signal.sosfiltfilt(sos, rng.standard_normal(6000))
    assert assess_quality(noise, 2000.0, unit="mV").has("dead")


def test_few_clipped_samples_leave_the_timing() -> None:
    """From 1 % at a rail how strong a muscle was is not known, but when it started is; from 10 % neither."""
    rng = np.random.default_rng(4)
    x = bursts(10.0, rng)
    for share, usable, severity in ((0.002, True, "caution"), (0.03, True, "amplitude"), (0.25, False, "fail")):
        rail = float(np.quantile(np.abs(x), 1.0 - share))
        quality = assess_quality(np.clip(x, -rail, rail), RATE, unit="mV")
        assert quality.usable is usable and kinds(quality)["saturation"] == severity
        assert (quality.without_amplitude() is not None) is (severity == "amplitude")


def test_a_copy_counts_once() -> None:
    """The later of two channels that are one signal is left out, with the name of the other."""
    rng = np.random.default_rng(5)
    x, y = bursts(4.0, rng), bursts(4.0, rng)
    rows = {"A": x, "B": y, "C": 0.5 * x}
    channels = [
        Channel(name, None, None, "mV", RATE, 0.0, v.size, lambda v=v: v)  # type: ignore[misc]
        for name, v in rows.items()
    ]
    found = screen_channels(channels)
    assert found.usable == ("A", "B") and kinds(found.by_channel["C"]) == {"copy": "fail"}
    assert "one signal with A" in found.by_channel["C"].faults[0].sentence


# ---------------------------------------------------------------- what was done to a signal before


@pytest.mark.parametrize("offset", [0.0, 3.0])
def test_a_rectified_recording_is_named(offset: float) -> None:
    """It has a sharp lower end; a raw one on an offset, a spike or heart beats on one side do not make one."""
    rng = np.random.default_rng(8)
    x = bursts(10.0, rng)
    [fault] = assess(np.abs(x) + offset).faults
    assert fault.kind == "envelope" and fault.severity == "fail" and "already rectified" in fault.sentence
    beats = np.zeros(x.size)
    beats[::1700] = 12.0 * x.std()
    beats = np.convolve(beats, np.hanning(60), "same")
    for raw in (x + 3.0, x + 3.0 + beats, np.round(400.0 * x) / 400.0):
        assert not assess(raw).has("envelope")


@pytest.mark.parametrize("what", ["rms", "rms without its mean", "amplitude of its wave", "envelope without its mean"])
def test_what_was_averaged_is_named(what: str) -> None:
    """On one side of its rest, mean taken out or not; raw signals that drift or shift with each burst are on both."""
    x = bursts(10.0, np.random.default_rng(8))
    rms = np.sqrt(np.convolve(np.square(x), np.ones(40) / 40, "same"))
    smooth = signal.sosfiltfilt(signal.butter(2, 6.0, fs=RATE, output="sos"), np.abs(x))
    made = {
        "rms": rms,
        "rms without its mean": rms - rms.mean(),
        "amplitude of its wave": np.abs(signal.hilbert(x)),
        "envelope without its mean": smooth - smooth.mean(),
    }[what]
    [fault] = assess(made).faults
    assert (fault.kind, fault.severity) == ("envelope", "fail") and "raw file" in fault.sentence
    time = np.arange(x.size) / RATE
    for raw in (x + 100.0 * np.sin(time), x + 300.0 * np.exp(-time / 3.0), x + smooth):
        assert not assess(raw).has("envelope")


@pytest.mark.parametrize(("rate", "packet"), [(1000.0, 16), (2000.0, 27), (4000.0, 200)])
def test_a_repeated_packet_is_a_gap(rate: float, packet: int) -> None:
    """What a receiver puts in the place of a lost packet is the one before it, and no muscle's; 12 bit."""
    rng = np.random.default_rng(9)
    x = np.round(2000.0 * bursts(10.0, rng)) / 2000.0
    assert not assess_quality(x, rate, unit="mV").has("dropout")
    for first in (3000, 9001):
        x[first : first + packet] = x[first - packet : first]
    [fault] = [f for f in assess_quality(x, rate, unit="mV").faults if f.kind == "dropout"]
    assert fault.severity == "caution" and "repeats" in fault.sentence
    assert [start for start, _ in fault.intervals_s] == pytest.approx([3000 / rate, 9001 / rate], abs=2.0 / rate)
    assert [end for _, end in fault.intervals_s] == pytest.approx(
        [(f + packet) / rate for f in (3000, 9001)], abs=0.002
    )


def test_what_recurs_throughout_is_no_repeated_packet() -> None:
    """A made-up wave of whole samples a period, a flat stretch, and rest of a few levels."""
    time = np.arange(20_000)
    wave = np.round(1000.0 * np.sin(2 * np.pi * time / 40.0))
    coarse = np.round(3.0 * np.random.default_rng(3).standard_normal(20_000))
    for x in (wave, coarse, np.zeros(20_000)):
        assert not repeated_packets(x, 2000.0).any()
