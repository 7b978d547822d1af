"""EMG recordings of every format: names, muscles, units, rates, samples and events, and what bad files say."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import ezc3d
import h5py
import numpy as np
import pytest
import scipy.io
from scipy.signal import butter, sosfiltfilt
from tests.helpers.emg_files import LABELS, RATE, WRITERS, signals, write_csv, write_edf

from gluteal.emg.labels import is_other, muscle_names, read_labels
from gluteal.emg.read import load_recording, name_channels
from gluteal.emg.read.contents import Contents, Signal, unit_of
from gluteal.emg.read.spool import Spool
from gluteal.emg.recording import Event, Recording
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


def delsys(label: str) -> str:
    return (
        f"Label: {label} Sampling frequency: 2.000000e+003 Number of points: 60 start: 0.000000e+000 Unit: Volts "
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


def cut(path: Path, share: float) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])


def replace_bytes(path: Path, at: int, new: bytes) -> None:
    raw = bytearray(path.read_bytes())
    raw[at : at + len(new)] = new
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("a.c3d", lambda p: cut(p, 0.5), r"a\.c3d is a damaged C3D file: it announces 40 frames and holds \d+"),
        ("a.c3d", lambda p: cut(p, 0.1), r"a\.c3d is a damaged C3D file: .*; copy or export it again\."),
        ("a.c3d", lambda p: replace_bytes(p, 1, b"Q"), r"is no C3D file \(its second byte is not 0x50\)"),
        ("a.c3d", lambda p: replace_bytes(p, 0, b"\xff"), r"parameter section lies outside the file"),
        ("a.c3d", lambda p: p.write_bytes(b""), r"a\.c3d is empty; copy or export it again\."),
        ("a.edf", lambda p: cut(p, 0.5), r"a\.edf is a damaged EDF or BDF file: it announces 4 records and holds \d"),
        ("a.edf", lambda p: replace_bytes(p, 236, b"99999999"), r"it announces 99999999 records and holds 4"),
        ("a.edf", lambda p: replace_bytes(p, 236, b"0       "), r"holds no samples \(0 records\)"),
        ("a.edf", lambda p: replace_bytes(p, 244, b"-1      "), r"the signal 'R GMAX' lasts no time"),
        ("a.edf", lambda p: replace_bytes(p, 244, b"nan     "), r"duration of a record is 'nan', which is no number"),
        ("a.edf", lambda p: replace_bytes(p, 244, b"1e-9    "), r"states a sampling rate of 1e\+11 Hz, which no"),
        ("a.edf", lambda p: replace_bytes(p, 252, b"0   "), r"announces 0 channels; a recording has 1 to 4096"),
        ("a.edf", lambda p: p.write_bytes(b"\x7fELF" + bytes(999)), r"is no EDF or BDF file, whatever its ending says"),
        ("a.csv", lambda p: p.write_text("hello\nworld\n"), r"holds no table of numbers \(columns separated by tab"),
        ("a.csv", lambda p: p.write_text("a,b\n" + "1,2\n" * 30), r"has neither a time column nor a sampling rate"),
        ("a.csv", lambda p: p.write_text("Rate: -0 Hz\nGMAX\n" + "1\n" * 30), r"states a sampling rate of 0 Hz"),
        ("a.csv", lambda p: p.write_text("time,a\n0,1\n" * 20), r"a\.csv has 1 samples; at least two are needed"),
        ("a.csv", lambda p: p.write_text("time,a\n" + "0,1\n" * 30), r"the time stamps do not increase"),
        ("a.csv", lambda p: p.write_bytes(b"\xff\xfet\0i\0m\0e\0"), r"is written in UTF-16; save it as UTF-8 text"),
        ("a.csv", lambda p: p.write_bytes(b"PK\x03\x04" + bytes(99)), r"is a ZIP archive or a workbook; unzip it"),
        ("a.csv", lambda p: p.write_bytes(bytes(4000)), r"is of no format that is read here \(\.c3d, \.edf"),
        ("a.sto", lambda p: p.write_text("endheader\n"), r"a\.sto ends after its header; export it again"),
        ("a.anc", lambda p: p.write_text("File_Type:\tAnalog\n"), r"has no line that starts with 'Name'"),
        ("a.anc", lambda p: p.write_text(p.read_text().replace("Rate\t1000", "Rate\t-5")), r"sampling rate of -5 Hz"),
        ("a.h5", lambda p: cut(p, 0.5), r"a\.h5 is a damaged HDF5 file \(.*truncated file.*\); save it again\."),
        ("a.mat", lambda p: cut(p, 0.5), r"a\.mat is a damaged MATLAB file \(it was cut off or changed\)"),
        ("a.mat", lambda p: p.write_bytes(bytes(300)), r"is no MATLAB file of version 5 or later, whatever its ending"),
        ("new.mat", lambda p: cut(p, 0.5), r"new\.mat is a damaged HDF5 file"),
    ],
)  # fmt: skip
def test_bad_files_say_one_sentence(tmp_path: Path, name: str, change: object, message: str) -> None:
    """Broken, empty, mislabelled and lying files: one line that says what is wrong and what to do."""
    path = WRITERS[name](tmp_path / name)
    change(path)  # type: ignore[operator]
    with pytest.raises(InputError, match=message) as caught:
        for channel in load_recording(path).channels:
            channel.read()
    assert "\n" not in str(caught.value) and str(tmp_path) not in str(caught.value)


def test_faults_inside_a_table_name_the_line(tmp_path: Path) -> None:
    """A cell that is no number, a surplus cell and a gap in time are found where they are."""
    rows = [f"{i / 100},{i}" for i in range(60)]
    path = tmp_path / "a.csv"
    for at, bad, message in (
        (50, "0.5,oops", r"a\.csv, line 52, column 2: 'oops' is no number"),
        (50, "0.5,1,2,3", r"a\.csv, line 52: 4 values, but there are 2 columns"),
        (50, "9.5,1", r"the samples are not evenly spaced \(around 9\.5 s they are off by"),
    ):
        path.write_text("\n".join(["time,GMAX (mV)", *rows[:at], bad, *rows[at + 1 :]]))
        with pytest.raises(InputError, match=message):
            load_recording(path)
    path.write_text("\n".join(["time,GMAX (mV)", *rows[:50], "0.5,", *rows[51:]]))
    assert np.flatnonzero(np.isnan(load_recording(path).channels[0].read())).tolist() == [50]


def test_what_is_announced_and_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives that swell and data sets that were never written are refused before memory is asked for."""
    bomb = tmp_path / "bomb.csv.gz"
    bomb.write_bytes(gzip.compress(b"time,GMAX\n" + b"0,0\n" * 8_000_000, 9))
    with pytest.raises(InputError, match=r"bomb\.csv\.gz grows more than 100-fold when unzipped"):
        load_recording(bomb)
    line = tmp_path / "line.csv"
    line.write_bytes(b"time,GMAX\n" + b"0,1\n" * 20 + b"1" * 9_000_000)
    with pytest.raises(InputError, match=r"line\.csv has a line of more than 4 MB"):
        load_recording(line)
    huge = tmp_path / "huge.h5"
    with h5py.File(huge, "w") as file:
        device = file.create_group("dev")
        device.attrs["sampling rate"] = 1000
        device.create_dataset("raw/channel_1", shape=(10**12,), chunks=(1000,), dtype="u2")
    with pytest.raises(InputError, match=r"announces 1000000000000 samples, which the file does not hold"):
        load_recording(huge)
    packed = tmp_path / "packed.mat"
    scipy.io.savemat(packed, {"emg": np.zeros((2**18, 10)), "fs": 1e3}, do_compression=True)
    monkeypatch.setattr("gluteal.emg.read.mat.LARGEST_IN_MEMORY", 16 * 2**20)
    with pytest.raises(InputError, match=r"packed\.mat expands to more than 16 MB; save it with '-v7\.3'"):
        load_recording(packed)


def test_a_recording_never_shows_another_file(tmp_path: Path) -> None:
    """HDF5 can take samples from any file of the machine: as external storage, or as a virtual data set."""
    other = tmp_path / "other"
    other.write_bytes(bytes(range(8)))
    source = Path("/etc/hostname") if Path("/etc/hostname").is_file() else other
    layout = h5py.VirtualLayout(shape=(8,), dtype="u1")
    layout[:] = h5py.VirtualSource(str(other), "a", shape=(8,))
    for kind in ("external", "virtual"):
        path = tmp_path / f"{kind}.h5"
        with h5py.File(path, "w") as file:
            device = file.create_group("dev")
            device.attrs["sampling rate"] = 1000
            if kind == "external":
                device.create_dataset("raw/channel_1", shape=(8,), dtype="u1", external=[(str(source), 0, 8)])
            else:
                device.create_group("raw").create_virtual_dataset("channel_1", layout)
        with pytest.raises(InputError, match=r"'/dev/raw/channel_1' takes its samples from another file, which is not"):
            load_recording(path)


def test_decoded_samples_are_counted(tmp_path: Path) -> None:
    """Bytes that shrink a thousandfold grow eightfold once more as numbers to compute with."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        device = file.create_group("dev")
        device.attrs["sampling rate"] = 1000
        zeros = np.zeros(2**22, np.uint8)
        device.create_dataset("raw/channel_1", data=zeros, chunks=(2**18,), compression=9)
    assert path.stat().st_size * 100 < 8 * zeros.size
    with pytest.raises(InputError, match=r"a\.h5 announces 4194304 samples, which the file does not hold"):
        load_recording(path)


def test_content_wins_over_the_ending(tmp_path: Path) -> None:
    """A mislabelled recording is read as what it is, with a warning."""
    path = write_edf(tmp_path / "b.edf").rename(tmp_path / "a.c3d")
    recording: Recording = load_recording(path)
    assert recording.format == "EDF" and [c.name for c in recording.channels] == list(LABELS)
    assert recording.warnings == ("a.c3d is called .c3d but was read as EDF, which it is.",)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    """The name that does not exist is in the message."""
    with pytest.raises(InputError, match=r"There is no file none\.edf in "):
        load_recording(tmp_path / "none.edf")
    with pytest.raises(InputError, match=r"holds no '\*_emg\.edf' or '\*_emg\.bdf' \(BIDS\)"):
        load_recording(tmp_path)


def test_a_library_that_never_returns_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file can hold libhdf5 in an endless loop; the wait is bounded."""
    path = WRITERS["a.h5"](tmp_path / "a.h5")
    monkeypatch.setattr("gluteal.emg.read.isolated.LONGEST_LOOK", 0.01)
    with pytest.raises(InputError, match=r"a\.h5 is a damaged HDF5 file \(looking into it took more than 0\.01 s\)"):
        load_recording(path)


# --- what a muscle channel is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "muscle", "side"),
    [
        ("R Glut Max uV", "gluteus maximus", "r"),
        ("GMAX_mV", "gluteus maximus", None),
        ("R TFL micro", "tensor fasciae latae", "r"),
        ("M. glutaeus medius li", "gluteus medius", "l"),
        ("Großer Gesäßmuskel links", "gluteus maximus", "l"),
        ("Rückenstrecker re.", "erector spinae", "r"),
        ("Grand fessier droit", "gluteus maximus", "r"),
        ("Droit antérieur gauche", "rectus femoris", "l"),
        ("Droit antérieur D", "rectus femoris", "r"),
        ("Glúteo mayor izq.", "gluteus maximus", "l"),
        ("Gemelo interno der", "gastrocnemius medial head", "r"),
        ("Grande gluteo sx", "gluteus maximus", "l"),
        ("Grote bilspier rechts", "gluteus maximus", "r"),
        ("右臀大肌", "gluteus maximus", "r"),
        ("左 中殿筋", "gluteus medius", "l"),
        ("IO/TrA R", "internal oblique", "r"),
        ("Add Mag L", "adductor magnus", "l"),
    ],
)
def test_labels_in_other_languages_and_with_units(label: str, muscle: str | None, side: str | None) -> None:
    """Accents, articles, units behind the name, and words of side that are part of a name."""
    found = read_labels([label])[0]
    assert (found.muscle, found.side) == (muscle, side)


def _signal(name: str, unit: str, **more: object) -> Signal:
    return Signal(name, unit, 1000.0, 0.0, 10, lambda: np.zeros(10), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("signal", "why"),
    [
        (_signal("raw pin 3", "V"), "nothing was connected"),
        (_signal("not_used", "mV"), "nothing was connected"),
        (_signal("Voltage.L Spare", "V"), "nothing was connected"),
        (_signal("DI", "counts"), "digital line"),
        (_signal("Digital IO 1", "V"), "digital line"),
        (_signal("nSeq", "unknown"), "another kind"),
        (_signal("F_X_1", "V"), "force plate"),
        (_signal("FP2 Fz", "V"), "force plate"),
        (_signal("fz3", "unknown"), "force plate"),
        (_signal("Plate 1 Fx", "V"), "force plate"),
        (_signal("Ch 7", "N"), "its unit is N"),
        (_signal("Ch 7", "V", label="Accelerometer X"), "another kind"),
        (_signal("R GMAX", "V", emg=False, why="the file says that it belongs to a force plate"), "force plate"),
    ],
    ids=lambda v: v.name if isinstance(v, Signal) else None,
)
def test_what_is_no_muscle_is_listed_with_the_reason(signal: Signal, why: str) -> None:
    """Beside a muscle, every one of them is left out and named; as a muscle's only where a person maps it."""
    contents = Contents("made up", (_signal("R GMAX 2", "V"), signal), name="made up")
    recording = name_channels(contents)
    assert [c.name for c in recording.channels] == ["R GMAX 2"]
    [left] = recording.left_out
    assert left.channel == signal.name and why in left.why
    mapped = name_channels(contents, muscle_map={signal.name: "gluteus medius left"})
    assert [c.name for c in mapped.channels] == ["R GMAX 2", signal.name] and not mapped.left_out


@pytest.mark.parametrize(
    ("name", "unit"), [("L Glut Max", ".V"), ("IO/TrA R", "V"), ("R VL", "bananas"), ("CH1", "mV")]
)
def test_a_muscle_does_not_vanish(name: str, unit: str) -> None:
    """An odd unit does not speak against a muscle's name, nor a name against a unit of EMG."""
    [channel] = name_channels(Contents("made up", (_signal(name, unit_of(unit)),), name="made up")).channels
    assert channel.unit == unit.strip(".")


def test_text_of_acqknowledge(tmp_path: Path) -> None:
    """Names and units in pairs above, minutes in the first column, counts that are no sample; 2000 Hz to the digit."""
    head = [
        "walk.acq",
        "0.5 msec/sample",
        "2 channels",
        "R Glut Max",
        "mV",
        "Gonio",
        "deg",
        "min\tCH1\tCH2\t",
        "\t60\t60\t",
    ]
    rows = [f"{i * 0.0005 / 60:.9f}\t{i / 8}\t{-i / 4}\t" for i in range(60)]
    path = tmp_path / "walk.txt"
    path.write_text("\n".join([*head, *rows]) + "\n")
    recording = load_recording(path)
    [channel] = recording.channels
    assert (channel.muscle, channel.side, channel.unit, channel.rate) == ("gluteus maximus", "r", "mV", 2000.0)
    np.testing.assert_array_equal(channel.read(), np.arange(60) / 8)
    assert [o.channel for o in recording.left_out] == ["Gonio"] and "deg" in recording.left_out[0].why


def test_text_of_opensignals(tmp_path: Path) -> None:
    """The line of JSON names columns, sensors and rate; counters, digital lines and other sensors are no muscles."""
    said = {
        "00:07": {
            "sensor": ["EMG", "ACC"],
            "column": ["nSeq", "DI", "CH1", "CH2"],
            "label": ["CH1", "CH2"],
            "sampling rate": 1000,
        }
    }
    rows = [f"{i % 16}\t0\t{32768 + i}\t5\t" for i in range(60)]
    path = tmp_path / "signals.txt"
    path.write_text(
        "\n".join(["# OpenSignals Text File Format", f"# {json.dumps(said)}", "# EndOfHeader", *rows]) + "\n"
    )
    recording = load_recording(path)
    [channel] = recording.channels
    assert (channel.name, channel.unit, channel.rate, channel.length) == ("CH1", "counts", 1000.0, 60)
    np.testing.assert_array_equal(channel.read(), 32768 + np.arange(60))
    assert [o.channel for o in recording.left_out] == ["nSeq", "DI", "CH2"]
    assert "ACC" in recording.left_out[2].why
