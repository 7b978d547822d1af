"""Text as recorders and offices write it; rate, unit, muscles and the rest were written down before it was read."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from gluteal.emg.analysis.people import find_people
from gluteal.emg.read.load import FORMATS, load_recording, name_channels, read_contents
from gluteal.emg.read.refused import INSTEAD
from gluteal.errors import InputError

COUNT, RATE = 600, 1000.0
TIME = [f"{k / RATE:.4f}" for k in range(COUNT)]
RNG = np.random.default_rng(7)
A, B = (np.round(RNG.normal(size=COUNT), 4) for _ in range(2))
OTHER = np.round(np.sin(np.arange(COUNT) / 9.0), 4)
MAX, MED, BICEPS = ("gluteus maximus", "r"), ("gluteus medius", "r"), ("biceps femoris", "r")


def rows(*columns: Sequence[object], by: str = ",", decimal: str = ".", end: str = "") -> str:
    lines = (by.join(str(c) for c in row) for row in zip(*columns, strict=True))
    return "".join(f"{line.replace('.', decimal) if decimal == ',' else line}{end}\n" for line in lines)


def stamps(form: str) -> list[str]:
    """Give times of day from a second before midnight or 10:16:40 on, in a form with {h}, {m}, {s}, {f} (ms)."""
    first = 86_399_700 if "midnight" in form else 37_000_000
    found = []
    for k in range(COUNT):
        ms = (first + k) % 86_400_000
        h, m, s, f = ms // 3_600_000, ms // 60_000 % 60, ms // 1000 % 60, ms % 1000
        found.append(form.replace("midnight", "").format(h=f"{h:02d}", m=f"{m:02d}", s=f"{s:02d}", f=f"{f:03d}"))
    return found


def clocked(form: str, by: str = ",", decimal: str = ".") -> str:
    return f"Time{by}RGMAX (mV){by}RGMED (mV)\n" + "".join(
        f"{t}{by}{a}{by}{b}\n".replace(".", decimal) if decimal == "," and "." not in t else f"{t}{by}{a}{by}{b}\n"
        for t, a, b in zip(stamps(form), A, B, strict=True)
    )


VICON = (
    "Devices\n1000\n,,Imported Analog EMG - Voltage,,Force plate 1 - Force,,\n"
    "Frame,Sub Frame,R Glut Max,R Biceps Femoris,Fx,Fy,Fz\n,,V,V,N,N,N\n"
    + rows(np.arange(COUNT) // 10 + 1, np.arange(COUNT) % 10, A, B, OTHER, OTHER, OTHER)
)
TRAJECTORIES = "\nTrajectories\n100\n,,P:LASI,,\nFrame,Sub Frame,X,Y,Z\n,,mm,mm,mm\n" + rows(
    *(np.arange(60), np.zeros(60, int), OTHER[:60], OTHER[:60], OTHER[:60])
)
LABCHART = (
    "Interval=\t0.001 s\nExcelDateTime=\t4.5E+04\t11/28/2026 10:00:00.000000\nTimeFormat=\tStartOfBlock\n"
    "ChannelTitle=\tR Glut Max\tR Biceps Femoris\tTorque\nRange=\t10.000 V\t10.000 V\t10.000 V\nUnitName=\tmV\tmV\tV\n"
    + rows(TIME, A, B, OTHER, by="\t")
)
SHIMMER = (
    '"sep=\t"\nS_68B7_Timestamp_Unix_CAL\tS_EMG_CH1_24BIT_CAL\tS_EMG_CH2_24BIT_CAL\tS_Accel_LN_X_CAL\t\n'
    "ms\tmV\tmV\tm/(s^2)\t\n" + rows([f"{1764326400000 + k}" for k in range(COUNT)], A, B, OTHER, by="\t", end="\t")
)
BTS = (
    "BTS ASCII format\n\nType:         \tEmg tracks\nMeasure unit: \tV\n\nTracks:       \t2\nFrequency:    \t1000 Hz\n"
    "Frames:       \t600\nStart time:   \t0.000\n\n Frame\t  Time\tVoltage:R Glut Max\tVoltage:R Biceps Femoris\t\n"
    + rows(np.arange(1, COUNT + 1), TIME, A, B, by="\t", end="\t")
)
QUALISYS = (
    "NO_OF_SAMPLES\t600\nNO_OF_CHANNELS\t2\nFREQUENCY\t1000\nDATA_INCLUDED\tANALOG\n"
    "CHANNEL_NAMES\tR Glut Max\tR Biceps Femoris\nCHANNEL_GAIN\t1\t1\n" + rows(A, B, by="\t")
)
OPENBCI = (
    "%OpenBCI Raw EXG Data\n%Sample Rate = 1000 Hz\nSample Index, EXG Channel 0, EXG Channel 1, Accel Channel 0, "
    "Timestamp, Timestamp (Formatted)\n"
    + rows(
        *(np.arange(COUNT) % 256, A, B, OTHER, [f"{1764326400 + k / RATE:.4f}" for k in range(COUNT)]),
        stamps("2026-11-28 {h}:{m}:{s}.{f}"),
        by=", ",
    )
)
ACQ = "a.acq\n1000 samples/second\n2 channels\nR Glut Max\nmV\nRSP, X, RSPEC\nVolts\nCH1,CH2,\n600,600,\n" + rows(
    A, OTHER, end=","
)
PLUX = (
    "# OpenSignals Text File Format\n# "
    + json.dumps(
        {
            k: {"sensor": s, "column": ["nSeq", "DI", *c], "sampling rate": 1000, "label": c}
            for k, s, c in (("A", ["EMG", "RESP"], ["CH1", "CH2"]), ("B", ["EMG"], ["CH1"]))
        }
    )
    + "\n# EndOfHeader\n"
    + rows(*(np.arange(COUNT), np.zeros(COUNT, int), A, OTHER, np.arange(COUNT), np.zeros(COUNT, int), B), by="\t")
)
PLAIN = "time (s),RGMAX (mV),RGMED (mV)\n"
UNKNOWN = [(None, None)] * 2

#: Text, unit, muscles and sides, what is left out.
CASES: dict[str, tuple[str, str, list[tuple[str | None, str | None]], list[str]]] = {
    "quoted decimal commas": (
        PLAIN + "".join(f'"{t}","{a}","{b}"\n'.replace(".", ",") for t, a, b in zip(TIME, A, B, strict=True)),
        *("mV", [MAX, MED], []),
    ),
    "empty cells behind": (PLAIN.replace("\n", ",,,\n") + rows(TIME, A, B, end=",,,"), "mV", [MAX, MED], []),
    "a column of words": (
        "time (s),RGMAX (mV),phase,RGMED (mV)\n" + rows(TIME, A, ["rest"] * COUNT, B),
        *("mV", [MAX, MED], ["phase"]),
    ),
    "true and false": (
        "time (s),RGMAX (mV),RGMED (mV),valid\n" + rows(TIME, A, B, ["True"] * COUNT),
        *("mV", [MAX, MED], ["valid"]),
    ),
    "an empty column": (
        'time,Activity,"RT GLUT. MAX.,uV","RT GLUT. MED.,uV"\n' + rows(TIME, [""] * COUNT, A, B),
        *("uV", [MAX, MED], ["Activity"]),
    ),
    "German day": (clocked("28.11.2026 {h}:{m}:{s},{f}", ";"), "mV", [MAX, MED], []),
    "over midnight": (clocked("midnight{h}:{m}:{s}.{f}"), "mV", [MAX, MED], []),
    "time zone": (clocked("2026-11-28T{h}:{m}:{s}.{f}+01:00"), "mV", [MAX, MED], []),
    "American day": (clocked("11/28/2026 {h}:{m}:{s}.{f} AM"), "mV", [MAX, MED], []),
    "colon before ms": (clocked("{h}:{m}:{s}:{f}"), "mV", [MAX, MED], []),
    "day and time apart": (
        "Date,Time,RGMAX (mV),RGMED (mV)\n" + rows(["2026-11-28"] * COUNT, stamps("{h}:{m}:{s}.{f}"), A, B),
        *("mV", [MAX, MED], ["Date"]),
    ),
    "minutes and seconds": (clocked("{m}:{s}.{f}"), "mV", [MAX, MED], []),
    "blanks": ("Time RGMAX RGMED\n" + rows(TIME, A, B, by=" ", decimal=","), "unknown", [MAX, MED], []),
    "wide blanks": (
        "Sampling rate: 1000 Hz\nRGMAX RGMED\n" + rows(A, B, by="   ", decimal=","),
        *("unknown", [MAX, MED], []),
    ),
    "time of day, blanks": (
        "Clock RGMAX RGMED\n" + rows(stamps("midnight{h}:{m}:{s}.{f}"), A, B, by=" "),
        *("unknown", [MAX, MED], []),
    ),
    "day, blanks, commas": (
        "Clock RGMAX RGMED\n" + rows(stamps("2026-11-28 {h}:{m}:{s}.{f}"), A, B, by=" ", decimal=","),
        *("unknown", [MAX, MED], []),
    ),
    "milliseconds said": ("time_ms,RGMAX (mV),RGMED (mV)\n" + rows(range(COUNT), A, B), "mV", [MAX, MED], []),
    "German milliseconds": (
        "Zeit in ms;RGMAX in mV;RGMED in mV\n" + rows(range(COUNT), A, B, by=";", decimal=","),
        *("mV", [MAX, MED], []),
    ),
    "a last cell where it has a word": (
        "time (s),RGMAX (mV),RGMED (mV),Marker\n"
        + rows(TIME, A, [f"{b},go" if k % 200 == 199 else b for k, b in enumerate(B)]),
        *("mV", [MAX, MED], ["Marker"]),
    ),
    "clock second": (
        "Sample,Clock,RGMAX (mV),RGMED (mV)\n" + rows(range(COUNT), stamps("{h}:{m}:{s}.{f}"), A, B),
        *("mV", [MAX, MED], ["Sample"]),
    ),
    "number of the row": (
        ",time,RGMAX (mV),RGMED (mV)\n" + rows(range(COUNT), TIME, A, B),
        *("mV", [MAX, MED], ["channel 1"]),
    ),
    "interval": ("Sampling interval: 1 ms\nRGMAX (mV),RGMED (mV)\n" + rows(A, B), "mV", [MAX, MED], []),
    "number of samples": ("Number of samples: 600\n" + PLAIN + rows(TIME, A, B), "mV", [MAX, MED], []),
    "unit in a line": (
        "Sampling frequency: 1000 Hz\nUnits: uV\nTime\tRGMAX\tRGMED\n" + rows(TIME, A, B, by="\t"),
        *("uV", [MAX, MED], []),
    ),
    "Vicon": (VICON + TRAJECTORIES, "V", [MAX, BICEPS], ["Frame", "Sub Frame", "Fx", "Fy", "Fz"]),
    "Vicon with commas": (
        VICON.replace(",", ";").replace(".", ","),
        *("V", [MAX, BICEPS], ["Frame", "Sub Frame", "Fx", "Fy", "Fz"]),
    ),
    "LabChart": (LABCHART + LABCHART, "mV", [MAX, BICEPS], ["Torque"]),
    "Shimmer": (SHIMMER, "mV", UNKNOWN, ["S_Accel_LN_X_CAL"]),
    "BTS": (BTS, "V", [MAX, BICEPS], ["Frame"]),
    "Qualisys": (QUALISYS, "unknown", [MAX, BICEPS], []),
    "OpenBCI": (OPENBCI, "unknown", UNKNOWN, ["Sample Index", "Accel Channel 0"]),
    "OpenSignals of two": (PLUX, "counts", UNKNOWN, ["nSeq", "DI", "CH2", "nSeq (2)", "DI (2)"]),
    "OTBioLab": (
        "Time (s);Right Gluteus Maximus - IN1 (mV);Right Biceps Femoris - IN2 (mV);Ramp (V);AUX 1 (V)\n"
        + rows(TIME, A, B, OTHER, OTHER, by=";"),
        *("mV", [MAX, BICEPS], ["Ramp", "AUX 1"]),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_text_is_read_as_written_down(tmp_path: Path, name: str) -> None:
    """Nothing vanishes: every column is a channel, a clock, or left out with a reason."""
    text, unit, muscles, rest = CASES[name]
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    recording = load_recording(tmp_path / "a.txt")
    assert [(c.muscle, c.side) for c in recording.channels] == muscles
    assert {c.unit for c in recording.channels} == {unit}
    np.testing.assert_allclose([c.rate for c in recording.channels], RATE, rtol=1e-9)
    assert sorted(o.channel for o in recording.left_out) == sorted(rest)
    assert all(o.why for o in recording.left_out)
    for channel, known in zip(recording.channels, (A, B), strict=True):
        np.testing.assert_array_equal(channel.read(), known)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1", "cp932"])
def test_any_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    names = ("右大殿筋 (mV)", "右中殿筋 (mV)") if encoding == "cp932" else ("M. glútaeus max re (mV)", "RGMED (mV)")
    text = f"time (s)\t{names[0]}\t{names[1]}\r\n" + rows(TIME, A, B, by="\t").replace("\n", "\r\n")
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    first, second = load_recording(tmp_path / "a.csv").channels
    assert (first.muscle, first.side, second.muscle) == (*MAX, "gluteus medius")
    np.testing.assert_array_equal(second.read(), B)


def test_marks_beside_the_rows_become_events(tmp_path: Path) -> None:
    """Rows 100 and 400 of 1000 a second are 0.1 and 0.4 s; a comment of LabChart stands at its row, too."""
    marks = ["heel strike" if k in (100, 400) else "" for k in range(COUNT)]
    (tmp_path / "a.csv").write_text("time (s),RGMAX (mV),Marker\n" + rows(TIME, A, marks))
    recording = load_recording(tmp_path / "a.csv")
    assert [(e.name, e.time) for e in recording.events] == [("heel strike", 0.1), ("heel strike", 0.4)]
    assert [o.channel for o in recording.left_out] == ["Marker"]
    lines = LABCHART.split("\n")
    lines[6 + 250] += "\t#* lift"
    (tmp_path / "b.txt").write_text("\n".join(lines))
    recording = load_recording(tmp_path / "b.txt")
    assert [(e.name, e.time) for e in recording.events] == [("lift", 0.25)]
    np.testing.assert_array_equal(recording.channels[0].read(), A)


def test_events_of_nexus_have_their_side(tmp_path: Path) -> None:
    events = (
        "Events\n100\nSubject,Context,Name,Time (s),Description\nP,Left,Foot Strike,0.2,x\nP,Right,Foot Off,0.3,x\n\n"
    )
    (tmp_path / "a.csv").write_text(events + VICON + TRAJECTORIES)
    recording = load_recording(tmp_path / "a.csv")
    assert [(e.name, e.time, e.side) for e in recording.events] == [("Foot Strike", 0.2, "l"), ("Foot Off", 0.3, "r")]
    assert any("there are others: Trajectories" in n for n in recording.warnings)


def test_gzipped_words_and_a_fault_keep_their_lines(tmp_path: Path) -> None:
    text = "time (s),RGMAX (mV),phase\n" + rows(TIME, A, ["rest"] * COUNT)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    np.testing.assert_array_equal(load_recording(tmp_path / "a.csv.gz").channels[0].read(), A)
    lines = text.split("\n")
    lines[399] = lines[399].replace(str(A[398]), "abc")
    (tmp_path / "b.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"b\.csv, line 400, column 2: 'abc' is no number"):
        load_recording(tmp_path / "b.csv")


def test_time_without_a_unit_in_steps_of_a_whole_is_milliseconds(tmp_path: Path) -> None:
    """Samples a second apart are no EMG; a rate of 1 Hz would be a wrong value without a word."""
    (tmp_path / "a.csv").write_text("time,RGMAX\n" + rows(range(COUNT), A))
    recording = load_recording(tmp_path / "a.csv")
    assert recording.channels[0].rate == RATE
    assert any("states no unit and steps by 1; it was read as ms" in n for n in recording.warnings)


@pytest.mark.parametrize(
    "line", ["Number of samples: 600", "Low-pass frequency: 450 Hz", "Heart rate: 72", "Frame rate: 100"]
)
def test_no_other_number_is_taken_for_the_sampling_rate(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.csv").write_text(f"{line}\nRGMAX (mV),RGMED (mV)\n" + rows(A, B))
    with pytest.raises(InputError, match="neither a time column nor a sampling rate"):
        load_recording(tmp_path / "a.csv")
    assert {s.rate for s in read_contents(tmp_path / "a.csv", rate=RATE).signals} == {RATE}


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("a.xdf", lambda p: p.write_bytes(b"XDF:" + bytes(99)), "export the EMG stream as EDF or CSV"),
        ("a.xls", lambda p: p.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(99)), "save it as .xlsx or CSV"),
        ("a.csv", lambda p: p.write_bytes(b"ID;PWXL;N;E\n"), "export it from Noraxon MR3 as CSV or C3D"),
        ("a.smr", lambda p: p.write_bytes(bytes(99)), "export it from Spike2 as MATLAB"),
        ("a.csv", lambda p: p.write_text(TRAJECTORIES.strip()), "without its devices .* export it with 'Devices'"),
        ("a.csv", lambda p: p.write_text("time (s);RGMAX\n" + "0,1;1.000,5\n" * 40), "holds words, not numbers"),
    ],
)
def test_what_is_not_read_says_what_to_export(
    tmp_path: Path, name: str, make: Callable[[Path], object], says: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(InputError, match=says):
        load_recording(tmp_path / name)


def test_what_is_no_muscle_is_left_out_with_its_reason(tmp_path: Path) -> None:
    others = (
        *(
            "ECG",
            "EOG",
            "EEG Cz",
            "Fpz-Cz",
            "Respiration",
            "SpO2",
            "Trigger",
            "Foot switch R",
            "Goniometer",
            "Hip flexion R",
        ),
        *(
            "Velocity",
            "Torque",
            "Force Fz1",
            "RGMAX ACC X",
            "EMG 1 Q0",
            "EDA",
            "GSR",
            "Button",
            "CH9 spare",
            "raw pin 3",
        ),
        *("not_used", "restimulus", "trial", "AUX 2", "Winkel", "Kraft", "Temperatura", "Contact LT"),
    )
    (tmp_path / "a.csv").write_text(f"time (s),{','.join(others)},RGMAX\n" + rows(TIME, *[OTHER] * len(others), A))
    recording = load_recording(tmp_path / "a.csv")
    assert [c.name for c in recording.channels] == ["RGMAX"]
    assert [o.channel for o in recording.left_out] == list(others)
    brought = name_channels(read_contents(tmp_path / "a.csv"), muscle_map={"AUX 2": "biceps femoris right"})
    assert [c.name for c in brought.channels] == ["AUX 2", "RGMAX"]


@pytest.mark.parametrize(("label", "side"), [("GM", None), ("R GM", "r"), ("LGM", "l"), ("Gluteus", None)])
def test_a_label_of_several_muscles_is_named_and_not_guessed(tmp_path: Path, label: str, side: str | None) -> None:
    (tmp_path / "a.csv").write_text(f"time (s),{label} (mV)\n" + rows(TIME, A))
    recording = load_recording(tmp_path / "a.csv")
    assert (recording.channels[0].muscle, recording.channels[0].side) == (None, side)
    assert any(f"Channel {label} may be" in n and "muscle map" in n for n in recording.warnings)


def test_the_page_lists_every_format_that_is_read_or_refused() -> None:
    page = (Path(__file__).parents[2] / "docs" / "emg.md").read_text(encoding="utf-8")
    read, refused = page.split("## What is read")[1].split("## Which channel")[0].split("What is not read")
    assert [e for e in FORMATS if f"`{e}`" not in read] == []
    assert sorted(re.findall(r"`(\.\w+)`", refused)) == sorted(INSTEAD)


def test_a_folder_of_people_names_what_is_not_read(tmp_path: Path) -> None:
    """An original beside its export is no second recording."""
    for name in ("p1/a.csv", "p2/a.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(PLAIN + rows(TIME, A, B))
    for name in ("p1/a.smr", "p2/other.xdf", "p2/notes.pdf"):
        (tmp_path / name).write_bytes(bytes(99))
    people = find_people(tmp_path)
    assert {n: [p.name for p in files] for n, files in people.items()} == {
        "p1": ["a.csv"],
        "p2": ["a.csv", "other.xdf"],
    }
