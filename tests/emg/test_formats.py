"""Formats that other libraries read, wall clocks and interrupted recordings: the samples come out as they went in."""

from __future__ import annotations

from pathlib import Path

import edfio
import numpy as np
import pandas as pd
import pytest
import scipy.io
from tests.helpers.emg_files import LABELS, RATE, WRITERS, signals

from gluteal.emg.read import load_recording, read_contents
from gluteal.errors import InputError, MissingEngine

NEW = ("table.mat", "a.acq", "a.otb+", "a.parquet", "a.rds", "a.RData", "a.xlsx")


@pytest.mark.parametrize("name", NEW)
def test_samples_come_out_as_they_went_in(tmp_path: Path, name: str) -> None:
    """Muscles, sides, unit, rate and every sample; 16-bit numbers are exact to half a count."""
    recording = load_recording(WRITERS[name](tmp_path / name))
    counts = name.endswith(".otb+")
    assert [(c.muscle, c.side) for c in recording.channels] == [("gluteus maximus", "r"), ("gluteus medius", "l")]
    for i, channel in enumerate(recording.channels):
        assert (channel.unit, channel.rate, channel.start) == ("counts" if counts else "mV", RATE, 0.0)
        expected = signals()[:, i] * (1000.0 if counts else 1.0)
        np.testing.assert_allclose(channel.read(), expected, rtol=0, atol=0.5 if counts else 1e-12)


@pytest.mark.parametrize(
    ("name", "library"), [("a.acq", "bioread"), ("a.parquet", "pyarrow"), ("a.rds", "rdata"), ("a.xlsx", "openpyxl")]
)
def test_a_missing_library_is_named(tmp_path: Path, name: str, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it."""
    path = WRITERS[name](tmp_path / name)
    monkeypatch.setattr("gluteal.emg.read.library.find_spec", lambda _: None)
    with pytest.raises(MissingEngine, match=rf"{library}.*pip install 'gluteal\[formats\]'"):
        load_recording(path)


@pytest.mark.parametrize("style", ["{}.{},{:.9f},{:.9f}", "{},{};{:.9f};{:.9f}", "2024-03-01 {}.{},{:.9f},{:.9f}"])
def test_the_time_of_day_is_a_clock(tmp_path: Path, style: str) -> None:
    """Rows begin with HH:MM:SS and a fraction, go over midnight, and the recording begins at 0 s."""
    semicolon = ";" in style
    rows = []
    for i, (a, b) in enumerate(signals()):
        ms = (86_399_800 + i) % 86_400_000
        clock = f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}"
        row = style.format(clock, f"{ms % 1000:03d}", a, b)
        rows.append(row.replace(".", ",") if semicolon else row)
    path = tmp_path / "clock.csv"
    separator = ";" if semicolon else ","
    path.write_text(separator.join(("Clock", *(f"{label} (mV)" for label in LABELS))) + "\n" + "\n".join(rows) + "\n")
    recording = load_recording(path)
    channel = recording.channels[0]
    assert (channel.rate, channel.start, channel.length) == (RATE, 0.0, 400)
    np.testing.assert_allclose(channel.read(), signals()[:, 0], atol=1e-8)


def interrupted(path: Path, onsets: list[float]) -> Path:
    """EDF+D with a record of 0.1 s at each onset: a continuous file whose time stamps are overwritten."""
    n = len(onsets)
    data = signals(n * 100)
    edf = edfio.Edf(
        [
            edfio.EdfSignal(data[:, i], 1000, label=label, physical_dimension="mV", physical_range=(-2, 2))
            for i, label in enumerate(LABELS)
        ],
        data_record_duration=0.1,
        annotations=[edfio.EdfAnnotation(0.0, None, "start")],
    )
    edf.write(path)
    raw = bytearray(path.read_bytes().replace(b"EDF+C", b"EDF+D", 1))
    header = int(raw[184:192])
    size = (len(raw) - header) // n
    for k, onset in enumerate(onsets):
        record = slice(header + k * size + 400, header + (k + 1) * size)
        raw[record] = f"+{onset:g}\x14\x14\x00".encode().ljust(size - 400, b"\0")
    path.write_bytes(raw)
    return path


def test_gaps_of_an_interrupted_edf_are_missing_samples(tmp_path: Path) -> None:
    """Each record stands where its own stamp says; between them there is nothing, and a warning says how much."""
    recording = load_recording(interrupted(tmp_path / "d.edf", [0.0, 0.1, 0.45, 0.55]))
    channel = recording.channels[0]
    assert channel.length == 650
    samples = channel.read()
    assert np.isnan(samples[200:450]).all() and np.isfinite(samples[np.r_[0:200, 450:650]]).all()
    np.testing.assert_allclose(samples[450:650], signals(400)[200:, 0], atol=1e-4)
    assert any("1 gap, 0.25 s in all" in w for w in recording.warnings)


def test_records_that_overlap_or_lie_hours_apart_are_refused(tmp_path: Path) -> None:
    """No clock can hold both; and hours of nothing are no recording."""
    with pytest.raises(InputError, match="records overlap"):
        load_recording(interrupted(tmp_path / "d.edf", [0.0, 0.1, 0.05, 0.3]))
    with pytest.raises(InputError, match="export the parts"):
        load_recording(interrupted(tmp_path / "d.edf", [0.0, 0.1, 5000.0, 5000.1]))


@pytest.mark.parametrize("ending", [".xlsx", ".parquet", ".mat"])
def test_the_rate_of_a_table_can_be_said_beside_it(tmp_path: Path, ending: str) -> None:
    """Workbooks, Parquet and MATLAB files without a time column or a rate."""
    path, frame = tmp_path / f"a{ending}", pd.DataFrame(signals(), columns=list(LABELS))
    if ending == ".mat":
        scipy.io.savemat(path, {"emg": frame.to_numpy(), "labels": np.array(LABELS, dtype=object)})
    elif ending == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_parquet(path)
    with pytest.raises(InputError, match=r"rate"):
        read_contents(path)
    assert {s.rate for s in read_contents(path, rate=500.0).signals} == {500.0}


def test_a_matrix_with_its_times_beside_the_samples(tmp_path: Path) -> None:
    """The first column is the time where it rises evenly, named or not; other numbers of names are refused."""
    samples = np.random.default_rng(3).standard_normal((400, 2))
    matrix = np.c_[np.arange(400) / 2000, samples]
    for names in (["GMAX_R", "GMED_L"], ["t", "GMAX_R", "GMED_L"]):
        scipy.io.savemat(tmp_path / "a.mat", {"data": matrix, "labels": np.array(names, dtype=object)})
        channels = load_recording(tmp_path / "a.mat").channels
        assert [(c.muscle, c.side, c.rate) for c in channels] == [
            ("gluteus maximus", "r", 2000.0),
            ("gluteus medius", "l", 2000.0),
        ]
        np.testing.assert_array_equal([c.read() for c in channels], samples.T)
    scipy.io.savemat(tmp_path / "a.mat", {"data": matrix, "labels": np.array(["GMAX_R"], dtype=object)})
    with pytest.raises(InputError, match="holds 2 channels and 1 names; save one name for each column of 'data'"):
        load_recording(tmp_path / "a.mat")


def test_rows_of_one_channel_each_and_rounded_times_are_refused(tmp_path: Path) -> None:
    """A row per muscle and time would be read as one signal of twice the rate; times in hundredths tell no rate."""
    path = tmp_path / "a.csv"
    path.write_text("time,muscle,mV\n" + "".join(f"{i // 2 / 1000},{'AB'[i % 2]},{i}\n" for i in range(90)))
    with pytest.raises(InputError, match="has a row per channel and time"):
        load_recording(path)
    path.write_text("time,phase,mV\n" + "".join(f"{i / 1000},{'AB'[i // 40 % 2]},{i}\n" for i in range(90)))
    assert [c.length for c in load_recording(path).channels] == [90]
    path.write_text("time,mV\n" + "".join(f"{i // 9 / 100},{i}\n" for i in range(90)))
    with pytest.raises(InputError, match="rounded to 10 ms"):
        load_recording(path)
