"""What a muscle channel is: its label in any language, its unit, what is listed as none; text of two systems."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from gluteal.emg.labels import read_labels
from gluteal.emg.read import load_recording, name_channels
from gluteal.emg.read.contents import Contents, Signal, unit_of
from gluteal.emg.read.text_header import split_unit
from gluteal.errors import InputError


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
        ("Gluteo medio sn", "gluteus medius", "l"),
        ("Upper Glut Max R", "gluteus maximus", "r"),
        ("Posterior glut med L", "gluteus medius", "l"),
        ("Lower trap R", None, "r"),
        ("Add Mag L", "adductor magnus", "l"),
        ("Glut. Med. (ant) dext.", "gluteus medius", "r"),
        ("GlutMedPostL", "gluteus medius", "l"),
        ("Gluteus maximus höger", "gluteus maximus", "r"),
        ("Gluteus medius venstre", "gluteus medius", "l"),
        ("Glúteo mayor dcho", "gluteus maximus", "r"),
        ("Glute Med (L)", "gluteus medius", "l"),
        ("Glut\u00e4us max. rechts", "gluteus maximus", "r"),
        ("Gastrocn. med. li", "gastrocnemius medial head", "l"),
        ("Right Biceps Femoris : EMG.A 3", "biceps femoris", "r"),
    ],
)
def test_labels_in_other_languages_and_with_units(label: str, muscle: str | None, side: str | None) -> None:
    """Accents, articles, units behind the name, and words of side that are part of a name."""
    found = read_labels([label])[0]
    assert (found.muscle, found.side) == (muscle, side)


@pytest.mark.parametrize(
    ("name", "plain", "unit"),
    [
        ("Glute Med (L)", "Glute Med (L)", "unknown"),
        ("Grand fessier (G)", "Grand fessier (G)", "unknown"),
        ("Volume (L)", "Volume", "L"),
        ("R Glut Max: ACC X (g)", "R Glut Max: ACC X", "g"),
        ("Glute Med L (mV)", "Glute Med L", "mV"),
    ],
)
def test_a_side_in_brackets_is_no_unit(name: str, plain: str, unit: str) -> None:
    """L is litres and G is gauss or 9.81 m/s² behind what is no muscle."""
    assert split_unit(name) == (plain, unit)


def test_clocks_that_restart_or_pause_say_so(tmp_path: Path) -> None:
    """Two trials in one table, and a pause between them."""
    time = np.arange(400) / 1000.0
    for late, words in ((-0.2, "goes back from 0.199 to 0 s (sample 201)"), (3.0, "3 s are missing after 0.199 s")):
        stamps = time + np.where(time >= 0.2, late, 0.0)
        path = tmp_path / "two.csv"
        path.write_text("time,R GMAX (V)\n" + "".join(f"{t:.4f},{np.sin(t * 900):.4f}\n" for t in stamps))
        with pytest.raises(InputError, match=re.escape(words)):
            load_recording(path)


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


def table(rows: list[str]) -> str:
    return "\n".join(["time,R_GMAX (mV),R_BF (mV),ACC X (g)", *rows]) + "\n"


@pytest.mark.parametrize(
    ("rows", "rate", "seconds"),
    [
        # The accelerometer has a value every 20th row, the first below where columns are counted.
        ([f"{k / 2000:.4f},{k % 7},{k % 5},{'0.1' if k % 20 == 13 else ''}" for k in range(4000)], 2000.0, 2.0),
        # Stamps rounded to two samples and more.
        ([f"{k / 2000:.3f},{k % 7},{k % 5},0.1" for k in range(4000)], 2000.0, 2.0),
        ([f"{k / 4000:.3f},{k % 7},{k % 5},0.1" for k in range(16000)], 4000.0, 4.0),
        # Microseconds since 1970, as an armband writes them.
        ([f"{1_700_000_000_000_000 + 5000 * k},{k % 7},{k % 5},0.1" for k in range(800)], 200.0, 4.0),
    ],
    ids=["blank cells first", "ms at 2 kHz", "ms at 4 kHz", "us since 1970"],
)
def test_tables_that_devices_write(tmp_path: Path, rows: list[str], rate: float, seconds: float) -> None:
    """Each was refused."""
    (tmp_path / "a.csv").write_text(table(rows))
    found = load_recording(tmp_path / "a.csv")
    assert [(c.muscle, c.rate, c.duration) for c in found.channels] == [
        ("gluteus maximus", rate, seconds),
        ("biceps femoris", rate, seconds),
    ]
    assert found.channels[1].read()[:6] == pytest.approx([0.0, 1.0, 2.0, 3.0, 4.0, 0.0])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([f"{k / 2000:.1f},{k % 7},{k % 5},0" for k in range(4000)], "rounded to 100 ms, which does not tell"),
        ([f"{k / 2000 + 0.1 * (k > 999):.3f},{k % 7},{k % 5},0" for k in range(4000)], "s are missing after 0.4"),
        ([f'{k / 2000:.4f},"-{k % 7 + 1},001.5",{k % 5},0' for k in range(4000)], "groups the digits of its numbers"),
    ],
    ids=["rounded too much", "a pause", "thousands"],
)
def test_tables_that_do_not_tell_say_why(tmp_path: Path, rows: list[str], message: str) -> None:
    """The cause, also where stamps are rounded."""
    (tmp_path / "a.csv").write_text(table(rows))
    with pytest.raises(InputError, match=message):
        load_recording(tmp_path / "a.csv")
