"""EMG recordings of every format: names, muscles, units, rates, samples and events, and what bad files say."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import ezc3d
import numpy as np
import pytest
from scipy.io import savemat
from scipy.signal import butter, sosfiltfilt
from tests.helpers.emg_files import RATE, WRITERS, signals, write_csv, write_edf

from gluteal.emg.labels import is_other, muscle_names, read_labels
from gluteal.emg.read import load_recording
from gluteal.emg.read.spool import Spool
from gluteal.emg.recording import Event
from gluteal.errors import InputError, UnknownName

RAJAGOPAL = [
    *("soleus", "gastrocnemius", "tibialis anterior", "medial hamstrings", "biceps femoris", "vastus lateralis"),
    *("vastus medialis", "rectus femoris", "gluteus maximus", "gluteus medius"),
]
BTK = [
    *("rectus femoris", "vastus lateralis", "gluteus maximus", "hamstrings", "biceps femoris", "tibialis anterior"),
    *("soleus", "gastrocnemius medial head"),
]
SPRINT = [
    *("tibialis anterior", "vastus medialis", "vastus lateralis", "rectus femoris", "adductor magnus"),
    *("gluteus medius", "gluteus maximus", "medial hamstrings", "lateral hamstrings"),
    *("gastrocnemius medial head", "gastrocnemius lateral head", "soleus"),
]
CHILD = ["rectus femoris", "hamstrings", "gastrocnemius", "tibialis anterior", "tibialis posterior"]
UHLRICH = [
    *("soleus", "gastrocnemius medial head", "gastrocnemius lateral head", "vastus medialis", "vastus lateralis"),
    *("rectus femoris", "vastus intermedius"),
]
#: File -> muscles, sides, unit, rate (Hz), start (s), samples: from the folder's README and the file's own header.
REAL = {
    "walk_rajagopal2016/emg_walk_raw.anc": (RAJAGOPAL, "", "mV", 2000, 0, 4780),
    "walk_rajagopal2016/electromyography.sto": (RAJAGOPAL, "", "1", 2000, 0, 4780),
    "walk_emg_btk_gait/Gait.c3d": (BTK, "lr", "V", 1000, 0, 4870),
    "walk_emg_btk_gait/Gait.anc": (BTK, "lr", "mV", 1000, 0, 5346),
    "sprint_emg_ja1/JA1Gait35.c3d": (SPRINT, "", "V", 1500, 3.328, 1944),
    "walk_c3d_partly_dead_emg/HC002D06.c3d": (CHILD, "lr", "V", 1000, 1.23, 2550),
    "emg_biceps_bursts_fatigue/emg_bursts.h5": ([None], "", "counts", 1000, 0, 28519),
    "emg_biceps_bursts_fatigue/emg_fatigue.h5": ([None], "", "counts", 1000, 0, 126900),
    "walk_uhlrich2022/EMG_allMuscles.sto": (UHLRICH, "l", "1", 50, 0, 3028),
}


@pytest.mark.parametrize("file", REAL)
def test_real_recordings(data: Path, file: str) -> None:
    """Every recording of the data folder loads as its README describes it, and only its EMG."""
    muscles, sides, unit, rate, start, length = REAL[file]
    recording = load_recording(data / file)
    expected = [(m, s) for m in muscles for s in (sides or [None])]
    assert [(c.muscle, c.side) for c in recording.channels] == expected
    for channel in recording.channels:
        assert (channel.unit, channel.rate, channel.length) == (unit, rate, length)
        assert channel.start == pytest.approx(start, abs=1e-9)
        samples = channel.read()
        assert samples.shape == (length,) and samples.dtype == np.float64 and np.isfinite(samples).all()


def test_sprint_events(data: Path) -> None:
    """Ten events; the right strike at 3.680 s is 0.352 s after the first sample (README)."""
    recording = load_recording(data / "sprint_emg_ja1/JA1Gait35.c3d")
    assert len(recording.events) == 10
    strike = next(e for e in recording.events if e.name == "Foot Strike" and e.side == "r")
    assert strike.time == 3.68
    assert strike.time - recording.channels[0].start == pytest.approx(0.352)
    assert [e.time for e in recording.events] == sorted(e.time for e in recording.events)


@pytest.mark.parametrize("file", [f for f in REAL if f.endswith(".c3d")])
def test_c3d_equals_ezc3d(data: Path, file: str) -> None:
    """Every sample is the very number that ezc3d gives, in DEC integers, and in floating point."""
    recording = load_recording(data / file, all_channels=True)
    other = ezc3d.c3d(str(data / file))
    assert [c.name for c in recording.channels] == other["parameters"]["ANALOG"]["LABELS"]["value"]
    for i, channel in enumerate(recording.channels):
        np.testing.assert_array_equal(channel.read(), other["data"]["analogs"][0, i])


def test_anc_and_c3d_of_one_recording_agree(data: Path) -> None:
    """The C3D carries its own scale, so it proves the ANC formula; its scale has eight digits: 1e-4 mV."""
    c3d = load_recording(data / "walk_emg_btk_gait/Gait.c3d")
    anc = load_recording(data / "walk_emg_btk_gait/Gait.anc")
    for a, b in zip(c3d.channels, anc.channels, strict=True):
        np.testing.assert_allclose(a.read() * 1e3, b.read()[: a.length], atol=1e-4)


def test_raw_gives_the_published_envelopes(data: Path) -> None:
    """README: 50-500 Hz, rectified, 7.5 Hz gives the published envelopes, r = 0.995 for nine, 0.97 for gmax."""
    raw = load_recording(data / "walk_rajagopal2016/emg_walk_raw.anc")
    published = load_recording(data / "walk_rajagopal2016/electromyography.sto")
    for a, b in zip(raw.channels, published.channels, strict=True):
        band = sosfiltfilt(butter(4, [50, 500], "bandpass", fs=a.rate, output="sos"), a.read())
        envelope = sosfiltfilt(butter(4, 7.5, fs=a.rate, output="sos"), np.abs(band))
        least = 0.95 if a.muscle == "gluteus maximus" else 0.98
        assert np.corrcoef(envelope, b.read())[0, 1] > least, a.name


def test_opensignals_resolution(data: Path) -> None:
    """The attribute says 12 bit and the counts fill 12 bit: the side file beside it, which says 16, is wrong."""
    recording = load_recording(data / "emg_biceps_bursts_fatigue/emg_fatigue.h5")
    assert recording.settings["resolution_bits"] == {"CH2": 12.0}
    assert (recording.channels[0].read().min(), recording.channels[0].read().max()) == (0, 4095)


#: What one stored step is, in the unit of the file: half of it is the error of rounding.
STEPS = {
    "a.c3d": 2e-7,
    "a.edf": 4 / 65535,
    "a.bdf": 4 / 2**24,
    "a.anc": 4000 / 4095 / 1e3,
    "a.h5": 2e-3,
    "a.otb+": 1e-3,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_back_what_was_written(tmp_path: Path, name: str) -> None:
    """Files written by the formats' own libraries (edfio, ezc3d, h5py, SciPy) give the samples back."""
    recording = load_recording(WRITERS[name](tmp_path / name))
    assert [(c.muscle, c.side) for c in recording.channels] == [("gluteus maximus", "r"), ("gluteus medius", "l")]
    assert {(c.rate, c.length, c.start) for c in recording.channels} == {(RATE, 400, 0.0)}
    counts = name in ("a.h5", "a.otb+")
    assert {c.unit for c in recording.channels} == {"counts" if counts else "1" if name == "a.sto" else "mV"}
    for channel, written in zip(recording.channels, signals().T, strict=True):
        read = channel.read()
        if name == "a.anc":
            read = read / 1e3
        if name == "a.otb+":
            read = read / 1000
        if name == "a.h5":
            read = (read - 32768) / 1000
        np.testing.assert_allclose(read, written, atol=STEPS.get(name, 0.0) / 2 * 1.01 + 1e-12, rtol=0)
    if name in ("a.edf", "a.bdf"):
        assert recording.events == (Event("go", 0.2),) and [o.channel for o in recording.left_out] == ["ACC X"]
    if name == "a.c3d":
        assert recording.events == (Event("Go", 0.125), Event("Foot Strike", 0.25, "r"))


def delsys(label: str, start: str = "0.000000e+000") -> str:
    return (
        f"Label: {label} Sampling frequency: 2.000000e+003 Number of points: 60 start: {start} Unit: Volts "
        "Domain Unit: s"
    )


def table(sep: str, head: list[str], row: str, *, comma: bool = False) -> str:
    rows = [row.format(t=i / 2000, a=i / 8, b=-i / 4, ms=i / 2, i=i + 1) for i in range(60)]
    return "\n".join([*head, *(r.replace(".", ",") if comma else r for r in rows)]).replace("|", sep) + "\n"


EXPORTS = {
    "noraxon": (table(",", ["Name|T 1", "Frequency|2000", "", '"Time,s"|"RT GLUT. MAX.,uV"|"LT GLUT. MED.,uV"'],
                      "{t:.4f}|{a}|{b}"), "uV"),
    "noraxon german": (table(";", ["Name;T", "Time [s]|RT GLUT MAX (µV)|LT GLUT MED (µV)|"], "{t:.4f}|{a}|{b}|",
                             comma=True), "uV"),
    "emgworks": (table(",", [delsys("R GMAX: EMG 1"), delsys("L GMED: EMG 2"), "",
                             'X[s]|"R GMAX: EMG 1"|X[s]|"L GMED: EMG 2"'], "{t}|{a}|{t}|{b}"), "V"),
    "discover": (table(",", ["Application:|Trigno Discover (1.7.0)", "Date/Time:|1/2/2025",
                             "R GMAX (81029)||L GMED (810)|",
                             "sensor mode: 40||sensor mode: 40|",
                             "EMG 1 Time Series (s)|EMG 1 (mV)|EMG 1 Time Series (s)|EMG 1 (mV)",
                             "|2000.0000 Hz||2000.0000 Hz", "|0.0005 s||0.0005 s"], "{t}|{a}|{t}|{b}"), "mV"),
    "rate line, units row": (table("\t", ["Sampling rate: 2 kHz", "Frame|GMAX R|GMED L", "|mV|mV"], "{i}|{a}|{b}"),
                             "mV"),
    "milliseconds": (table(";", ["Time (ms)|R GMAX|L GMED"], "{ms}|{a}|{b}"), "unknown"),
    "blanks": (table("   ", ["time  R_GMAX  L_GMED"], "{t}|{a}|{b}"), "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_of_common_systems(tmp_path: Path, name: str) -> None:
    """Seven ways to write one recording are read as the same one; the unit is the one each states."""
    text, unit = EXPORTS[name]
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    recording = load_recording(path)
    assert [(c.muscle, c.side) for c in recording.channels] == [("gluteus maximus", "r"), ("gluteus medius", "l")]
    for channel, factor in zip(recording.channels, (1 / 8, -1 / 4), strict=True):
        assert (channel.rate, channel.start, channel.length, channel.unit) == (2000, 0, 60, unit)
        np.testing.assert_allclose(channel.read(), factor * np.arange(60), atol=1e-12)
    zipped = tmp_path / "export.csv.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    np.testing.assert_array_equal(load_recording(zipped).channels[0].read(), recording.channels[0].read())


def test_channels_of_different_rates_in_one_table(tmp_path: Path) -> None:
    """Trigno Discover writes slower channels into the same rows; their cells are empty from some row on."""
    head = ["EMG 1 Time Series (s),R GMAX (mV),EMG 2 Time Series (s),L GMED (mV)"]
    rows = [f"{i / 1000},{i},{i / 100 if i < 6 else ''},{i if i < 6 else ''}" for i in range(60)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(head + rows))
    fast, slow = load_recording(path).channels
    assert (fast.rate, fast.length, slow.rate, slow.length) == (1000, 60, 100, 6)
    np.testing.assert_array_equal(slow.read(), np.arange(6.0))


def test_long_text_is_read_through_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing changes when blocks are small and the spool leaves the memory."""
    path = write_csv(tmp_path / "a.csv")
    whole = [c.read() for c in load_recording(path).channels]
    monkeypatch.setattr("gluteal.emg.read.text_rows.BLOCK", 1000)
    monkeypatch.setattr("gluteal.emg.read.spool.KEPT_IN_MEMORY", 100)
    for a, b in zip(whole, load_recording(path).channels, strict=True):
        np.testing.assert_array_equal(a, b.read())


def test_spool_keeps_columns() -> None:
    """Blocks of any height come back as whole columns."""
    table = np.random.default_rng(0).normal(size=(100, 3))
    spool = Spool(3)
    for at in (0, 1, 40):
        spool.add(table[at : {0: 1, 1: 40, 40: 100}[at]])
    assert spool.rows == 100
    np.testing.assert_array_equal(np.stack([spool.column(i) for i in range(3)], axis=1), table)


def test_an_hour_is_never_in_memory_at_once(tmp_path: Path) -> None:
    """16 channels at 2 kHz for an hour: loading costs next to nothing, a channel its own 58 MB and a piece."""
    path = tmp_path / "hour.edf"
    count = 16
    fields = (("CH {}", 16), ("", 80), ("uV", 8), ("-100", 8), ("100", 8), ("-32768", 8), ("32767", 8), ("", 80))
    head = f"{0:<8}{'X':<80}{'X':<80}01.01.2501.01.01{256 * (count + 1):<8}{'':<44}{3600:<8}{1:<8}{count:<4}"
    for text, width in (*fields, ("2000", 8), ("", 32)):
        head += "".join(text.format(i).ljust(width) for i in range(count))
    with path.open("wb") as file:
        file.write(head.encode())
        file.truncate(len(head) + 3600 * 2000 * count * 2)
    tracemalloc.start()
    recording = load_recording(path)
    assert tracemalloc.get_traced_memory()[1] < 2e6
    samples = recording.channels[5].read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert samples.size == 3600 * 2000 and recording.channels[5].duration == 3600
    assert samples[0] == pytest.approx(100 / 65535, rel=1e-9)  # zero lies half a step above the middle
    assert peak < samples.nbytes + 4 * 8 * 2**20


def test_bids_sidecars(tmp_path: Path) -> None:
    """Sidecars name muscles, kinds, bad channels, events and settings; a common one may lie higher up."""
    folder = tmp_path / "sub-01" / "emg"
    folder.mkdir(parents=True)
    path = write_edf(folder / "sub-01_task-walk_emg.edf")
    (folder / "sub-01_task-walk_channels.tsv").write_text(
        "name\ttype\tunits\tstatus\tstatus_description\ttarget_muscle\n"
        "R GMAX\tEMG\tmV\tgood\tn/a\tright soleus\nL GMED\tEMG\tmV\tbad\tloose\tn/a\nACC X\tACCEL\tg\tgood\tn/a\tn/a\n"
    )
    (folder / "sub-01_task-walk_events.tsv").write_text("onset\tduration\ttrial_type\n0.1\t0\tstep\n0.3\t0\tn/a\n")
    (tmp_path / "task-walk_emg.json").write_text(json.dumps({"PowerLineFrequency": 50, "Other": 1}))
    (tmp_path / "task-run_emg.json").write_text(json.dumps({"PowerLineFrequency": 60}))
    recording = load_recording(tmp_path / "sub-01")
    assert recording.format == "BIDS EDF"
    assert [(c.muscle, c.side) for c in recording.channels] == [("soleus", "r"), ("gluteus medius", "l")]
    assert recording.events == (Event("step", 0.1), Event("go", 0.2), Event("event", 0.3))
    assert recording.settings["bids"] == {"PowerLineFrequency": 50}
    assert recording.settings["bad_channels"] == ["L GMED"]
    assert "sub-01_task-walk_channels.tsv calls L GMED bad (loose)." in recording.warnings
    write_edf(folder / "sub-01_task-run_emg.edf")
    with pytest.raises(InputError, match=r"The folder sub-01 holds 2 recordings .* give the name of one\."):
        load_recording(tmp_path / "sub-01")
    (folder / "sub-01_task-walk_events.tsv").write_text("onset\tduration\nsoon\t0\n")
    with pytest.raises(InputError, match=r"_events\.tsv, line 2: the onset 'soon' is no number"):
        load_recording(path)


def test_muscle_map_side_and_names(tmp_path: Path) -> None:
    """A person's words win over labels; unknown channels and muscles get the close names."""
    path = tmp_path / "a.csv"
    path.write_text("Sampling rate: 1000 Hz\nCH1,GMED,ACC X\n" + "1,2,3\n" * 40)
    plain = load_recording(path, side="l")
    assert [(c.name, c.muscle, c.side) for c in plain.channels] == [("CH1", None, "l"), ("GMED", "gluteus medius", "l")]
    mapped = load_recording(path, muscle_map={"ch1": "R Glut Max", "GMED": "-", "ACC X": "tfl left"})
    assert [(c.name, c.muscle, c.side) for c in mapped.channels] == [
        ("CH1", "gluteus maximus", "r"),
        ("ACC X", "tensor fasciae latae", "l"),
    ]
    assert [c.name for c in load_recording(path, all_channels=True).channels] == ["CH1", "GMED", "ACC X"]
    with pytest.raises(UnknownName, match=r"There is no channel 'CH9'\. Close names: CH1"):
        load_recording(path, muscle_map={"CH9": "soleus"})
    with pytest.raises(UnknownName, match=r"There is no muscle 'gluteus mediu'\. Close names: gluteus medius"):
        load_recording(path, muscle_map={"CH1": "gluteus mediu"})
    with pytest.raises(InputError, match=r"a\.csv has no EMG channel \(it has CH1, GMED, ACC X\)"):
        load_recording(path, muscle_map={"CH1": "-", "GMED": "-"})


def test_labels_are_read_beside_each_other() -> None:
    """What "L" means depends on the other labels; what stays in doubt is said, not guessed."""

    def read(*labels: str) -> list[tuple[str | None, str | None]]:
        return [(x.muscle, x.side) for x in read_labels(labels)]

    assert read("LGAST", "MGAST") == [("gastrocnemius lateral head", None), ("gastrocnemius medial head", None)]
    assert read("LGAST", "RGAST") == [("gastrocnemius", "l"), ("gastrocnemius", "r")]
    (alone,) = read_labels(["LGAST"])
    assert alone.side is None and alone.note is not None
    assert alone.note == "may be gastrocnemius lateral head, or gastrocnemius of the left side"
    assert read("GRF", "R GRF") == [(None, None), (None, "r")]
    assert read("R GRF", "R Jum Int")[0] == ("gluteus maximus", "r")
    assert read("GM", "spare", "CH 3", "") == [(None, None)] * 4
    assert len(set(muscle_names())) == len(muscle_names())
    assert not any(is_other(name) for name in muscle_names())


@pytest.mark.parametrize("start", ["nan", "inf", "-1e308", "1e15"])
@pytest.mark.parametrize("kind", ["csv", "mat"])
def test_a_start_that_no_clock_states_is_refused(tmp_path: Path, kind: str, start: str) -> None:
    """At 1e15 s one sample cannot be told from the next."""
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        head = [delsys("R GMAX: EMG 1", start), delsys("L GMED: EMG 2"), "", '"R GMAX: EMG 1"|"L GMED: EMG 2"']
        path.write_text(table(",", head, "{a}|{b}"), encoding="utf-8")
    else:
        channel = {"title": "R GMAX", "units": "mV", "interval": 0.0005, "start": float(start), "length": 900}
        channel |= {"values": np.sin(np.arange(900.0))}
        savemat(path, {"t_Ch1": channel, "t_Ch2": channel | {"title": "L GMED"}})
    with pytest.raises(InputError, match=r"^a\.\w+: channel 'R GMAX.*' starts at .* s, .*; correct .*or export it"):
        load_recording(path)
    path.unlink()
    if kind == "csv":
        path.write_text(table(",", [head[0].replace(start, "1.7e9"), *head[1:]], "{a}|{b}"), encoding="utf-8")
        assert load_recording(path).channels[0].start == 1.7e9  # seconds since 1970 are a clock
