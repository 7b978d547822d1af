"""Damaged, mislabelled and hostile recordings: one sentence each, and no file but the one that was named."""

from __future__ import annotations

import gzip
import os
import re
import tarfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io
from tests.helpers.emg_files import LABELS, WRITERS, signals, write_edf

from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.read import load_recording, name_channels, read_contents
from gluteal.emg.recording import Recording
from gluteal.emg.session.file import session_of
from gluteal.emg.session.part import cut_recording
from gluteal.errors import InputError
from gluteal.files import remembered_inputs


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
        ("a.csv", lambda p: p.write_bytes(b"\xff\xfet\0i\0m\0e\0"), r"a\.csv holds no table of numbers"),
        ("a.csv", lambda p: p.write_bytes(b"PK\x03\x04" + bytes(99)), r"is a ZIP archive or a workbook; unzip it"),
        ("a.csv", lambda p: p.write_bytes(bytes(4000)), r"is of no format that is read here \(\.c3d, \.edf"),
        ("a.sto", lambda p: p.write_text("endheader\n"), r"a\.sto ends after its header; export it again"),
        ("a.anc", lambda p: p.write_text("File_Type:\tAnalog\n"), r"has no line that starts with 'Name'"),
        ("a.anc", lambda p: p.write_text(p.read_text().replace("Rate\t1000", "Rate\t-5")), r"sampling rate of -5 Hz"),
        ("a.h5", lambda p: cut(p, 0.5), r"a\.h5 is a damaged HDF5 file \(.*truncated file.*\); save it again\."),
        ("a.mat", lambda p: cut(p, 0.5), r"a\.mat is a damaged MATLAB file \(it was cut off or changed\)"),
        ("a.mat", lambda p: p.write_bytes(bytes(300)), r"is no MATLAB file, whatever its ending"),
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


@pytest.mark.parametrize("how", ["put in its place", "written over", "cut", "continued"])
@pytest.mark.parametrize("kind", WRITERS)
def test_what_changes_while_it_is_read_is_never_mixed(tmp_path: Path, kind: str, how: str) -> None:
    """Samples of the file as it was, or a sentence: not one channel of the old file and one of the new."""
    path = tmp_path / Path(kind).name
    WRITERS[kind](path)
    before = [c.read() for c in load_recording(path, all_channels=True).channels]
    with remembered_inputs():
        channels = load_recording(path, all_channels=True).channels
        fresh = WRITERS[kind](tmp_path / f"other{path.suffix}", signals() + 1.0)
        if how == "put in its place":
            fresh.replace(path)
        else:
            whole = path.read_bytes()
            other = {"written over": fresh.read_bytes(), "cut": whole[: len(whole) // 2], "continued": whole * 2}
            path.write_bytes(other[how])
        os.utime(path, ns=(1, 1))  # clocks of file systems may be coarser than a test is fast
        for channel, was in zip(channels, before, strict=True):
            try:
                np.testing.assert_array_equal(channel.read(), was)
            except InputError as error:
                assert "changed while it was read; wait until it is written" in str(error)


@pytest.mark.parametrize(("limit", "most"), [("LARGEST_TABLE", 1000), ("LARGEST_TABLE", 16_000), ("MOST_ROWS", 999)])
@pytest.mark.parametrize("packed", [False, True])
def test_long_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, packed: bool) -> None:
    """Bounded as text, as numbers (short cells grow fourfold) and as rows, packed or not; one less is read."""
    text = b"Sampling rate: 1000 Hz\nR GMAX (mV),L GMAX (mV)\n" + b"0,1\n" * 1000 + b"1,0\n"
    path = tmp_path / f"long.csv{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(text) if packed else text)
    monkeypatch.setattr(f"gluteal.emg.read.text_rows.{limit}", most)
    with pytest.raises(InputError, match=r"long\.csv.* is too long: .*Cut it into shorter recordings"):
        load_recording(path)
    monkeypatch.setattr(f"gluteal.emg.read.text_rows.{limit}", 17_000)
    assert load_recording(path).channels[0].length == 1001


def test_long_channels_are_looked_at_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of any format: what is analysed is bounded, not what a file holds."""
    path = tmp_path / "long.npz"
    np.savez(path, R_GMAX=np.random.default_rng(3).normal(size=6000))
    recording = name_channels(read_contents(path, rate=1000.0))
    monkeypatch.setattr("gluteal.emg.analysis.run.MOST_SAMPLES", 5000)
    with pytest.raises(InputError, match=r"long\.npz: channel 'R_GMAX' has 6000 samples.* --start and --end"):
        analyse_session(session_of(recording))
    assert analyse_session(session_of(cut_recording(recording, 0.0, 4.9))).channels[0].channel == "R_GMAX"


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
    with pytest.raises(InputError, match=r"a\.h5 is very large or damaged: looking into it as HDF5 took"):
        load_recording(path)


@pytest.mark.parametrize("kind", ["a.acq", "a.npy", "a.mat", "a.parquet", "a.otb+"])
def test_damage_is_told_without_words_of_programmers(tmp_path: Path, kind: str) -> None:
    """What a library meets in a damaged file, without the names of its errors, and told once."""
    path = tmp_path / kind
    if kind == "a.npy":
        np.save(path, np.array([{}], dtype=object), allow_pickle=True)
    elif kind == "a.acq":
        path.write_bytes(b"\0\0\0\0\0\x53" + b"\xff" * 5000)
    elif kind == "a.otb+":
        with tarfile.open(path, "w") as archive:
            archive.addfile(tarfile.TarInfo("a.xml"))
    else:
        raw = bytearray(WRITERS[kind](path).read_bytes())
        raw[len(raw) // 2 :] = b"\xff" * (len(raw) - len(raw) // 2)
        path.write_bytes(raw)
    with pytest.raises(InputError) as told:
        load_recording(path)
    assert not re.search(r"Error|Exception|NoneType|object has no|numpy\._core", str(told.value)), told.value
    assert str(told.value).count(path.name) == 1
