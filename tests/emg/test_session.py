"""Sessions: what the file says reaches the recordings, and every fault is told with file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.helpers.emg_files import signals, write_anc, write_csv, write_edf, write_h5

from gluteal.emg.read import load_recording
from gluteal.emg.recording import Event
from gluteal.emg.session.file import Session, Subject, load_session, session_of
from gluteal.errors import InputError

FULL = """
title = "Prone hip extension, day 1"

[subject]
id = "S01"
mass_kg = 71
height_m = 1.76
age_years = 26
sex = "female"
group = "healthy"

[muscles]
"R GMAX" = "biceps femoris left"
"L GMED" = "-"
"ACC X" = "erector spinae right"

[movement]
channel = "f1z"

[[recording]]
file = "a.edf"
task = "prone hip extension"
day = "1"
condition = "before"
repetition = "2"
start = 0.1
end = 0.3
events = [{ name = "late", time = 0.35 }, { name = "early", time = 0.15, side = "r" }]

[[recording]]
file = "max.anc"
name = "maximum"
role = "mvic"
targets = ["L biceps femoris"]

[[recording]]
file = "rest.csv"
role = "rest"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "session.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_edf(tmp_path / "a.edf")
    write_anc(tmp_path / "max.anc")
    write_csv(tmp_path / "rest.csv")
    write_h5(tmp_path / "counts.h5")
    return tmp_path


def test_a_whole_session(folder: Path) -> None:
    """Roles, words, the muscle map, the movement signal, events and the part that was asked for."""
    session = load_session(write(folder, FULL))
    assert isinstance(session, Session) and session.name == "Prone hip extension, day 1"
    assert session.subject == Subject(
        id="S01", mass_kg=71.0, height_m=1.76, age_years=26.0, sex="female", group="healthy"
    )
    assert [(r.name, r.role) for r in session.recordings] == [
        ("a.edf", "trial"),
        ("maximum", "mvic"),
        ("rest.csv", "rest"),
    ]
    assert [r.name for r in session.of_role("mvic")] == ["maximum"]
    trial, maximum, rest = session.recordings
    assert trial.words == {"task": "prone hip extension", "day": "1", "condition": "before", "repetition": "2"}
    assert [(c.name, c.muscle, c.side) for c in trial.recording.channels] == [
        ("R GMAX", "biceps femoris", "l"),
        ("ACC X", "erector spinae", "r"),
    ]
    assert trial.recording.events == (Event("early", 0.15, "r"), Event("go", 0.2))
    assert maximum.movement is not None and maximum.movement.name == "f1z" and trial.movement is None
    assert maximum.targets == (("biceps femoris", "l"),)
    assert [c.name for c in maximum.recording.channels] == ["R GMAX"]
    assert rest.recording.channels[0].unit == "mV"


def test_a_part_is_the_same_samples(folder: Path) -> None:
    """Cutting 0.1 to 0.3 s out of 1000 Hz gives samples 100 to 300, both included, on the file's clock."""
    channel = load_session(write(folder, FULL)).recordings[0].recording.channels[0]
    whole = load_recording(folder / "a.edf").channels[0]
    assert (channel.length, channel.start, channel.rate) == (201, pytest.approx(0.1), whole.rate)
    np.testing.assert_array_equal(channel.read(), whole.read()[100:301])
    np.testing.assert_allclose(channel.time(), whole.time()[100:301], atol=1e-12)


def test_unit_and_side_fill_only_what_is_missing(folder: Path) -> None:
    """A unit is given where the file has none; one that contradicts the file is refused."""
    path = folder / "plain.csv"
    path.write_text("rate 1000 Hz\nGMAX,GMED L\n" + "1,2\n" * 40)
    session = load_session(write(folder, '[[recording]]\nfile = "plain.csv"\nunit = "millivolts"\nside = "r"'))
    channels = session.recordings[0].recording.channels
    assert [(c.unit, c.side) for c in channels] == [("mV", "r"), ("mV", "l")]
    with pytest.raises(InputError, match=r"session\.toml, recording 1\.unit: the file states mV for channel 'R GMAX'"):
        load_session(write(folder, '[[recording]]\nfile = "a.edf"\nunit = "uV"'))
    with pytest.raises(InputError, match=r"unit: the file states counts for channel 'R GMAX'; remove this key"):
        load_session(write(folder, '[[recording]]\nfile = "counts.h5"\nunit = "mV"'))


def test_one_recording_is_a_session(folder: Path) -> None:
    """The session of one file holds that file as a trial."""
    recording = load_recording(folder / "rest.csv")
    session = session_of(recording)
    assert session.recordings[0].recording is recording and session.recordings[0].role == "trial"
    assert recording.channels[0].read().shape == signals()[:, 0].shape


ONE = '[[recording]]\nfile = "rest.csv"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"session\.toml, recording: is missing; give at least one section \[\[recording\]\]"),
        ("recording = 3", r"session\.toml, recording: is 3; give at least one section"),
        ("recording = []", r"session\.toml, recording: is \[\]; give at least one section"),
        ("a = [", r"session\.toml is no TOML: .*; correct that line\."),
        ("subjects = 1\n" + ONE, r"session\.toml, subjects: is no known key; did you mean 'subject'\?"),
        ("zzz = 1\n" + ONE, r"session\.toml, zzz: is no known key; known are title, subject"),
        (ONE + 'rolle = "mvic"', r"recording 1\.rolle: is no known key; did you mean 'role'\?"),
        ("[[recording]]\nrole = 'trial'", r"recording 1\.file: is missing; give the recording's file name"),
        ("[[recording]]\nfile = 3", r"recording 1\.file: is 3; give the recording's file name, a text in quotes\."),
        ("[[recording]]\nfile = 'nothing.c3d'", r"recording 1\.file: There is no file nothing\.c3d in "),
        ("[[recording]]\nfile = '../../../etc/shadow.c3d'", r"recording 1\.file: There is no file shadow\.c3d in "),
        ("[[recording]]\nfile = 'session.toml'", r"recording 1\.file: session\.toml holds no table of numbers"),
        (ONE + "role = 'max'", r"recording 1\.role: is 'max'; give one of trial, mvic, rest\."),
        (ONE + "side = 'left'", r"recording 1\.side: is 'left'; give one of r, l\."),
        (ONE + "unit = 'N'", r"recording 1\.unit: 'N' is no unit of EMG; those are V, mV, uV"),
        (ONE + "start = 'now'", r"recording 1\.start: is 'now'; give a number of seconds"),
        (ONE + "start = nan", r"recording 1\.start: is nan, which is no finite number; give a number of seconds"),
        (ONE + "start = true", r"recording 1\.start: is True; give a number of seconds"),
        (ONE + "start = 0.3\nend = 0.2", r"recording 1\.end: 0\.2 s is not after the start at 0\.3 s\."),
        (ONE + "start = 7", r"recording 1\.start: channel 'R GMAX' runs from 0 to 0\.4 s only\."),
        (ONE + "start = 1e300\nend = 1.1e300", r"recording 1\.start: channel 'R GMAX' runs from 0 to 0\.4 s only\."),
        (ONE + "events = 3", r"recording 1\.events: is 3; give a list such as"),
        (ONE + "events = [{ name = 'go' }]", r"recording 1\.events 1\.time: is missing; give a number of seconds"),
        (
            ONE + "targets = ['soleus']",
            r"recording 1\.targets: only a recording with role = \"mvic\" has targets; leave them out\.",
        ),
        (
            ONE + "role = 'mvic'\ntargets = ['soleus']",
            r"targets: 'soleus' was not recorded in it; the muscles there are",
        ),
        (ONE + "role = 'mvic'\ntargets = ['souleus']", r"targets: There is no muscle 'souleus'\. Close names: soleus"),
        (ONE + ONE, r"recording 2\.name: 'rest\.csv' was given before; set 'name' to another one\."),
        (
            "[subject]\nmass_kg = -3\n" + ONE,
            r"session\.toml, subject\.mass_kg: is -3; give a number of kg between 1 and 500\.",
        ),
        ("subject = 'me'\n" + ONE, r"session\.toml, subject: is 'me'; give a section \[subject\]\."),
        ("[muscles]\n'R GMAX' = 'gluteus'\n" + ONE, r"session\.toml, muscles\.R GMAX: There is no muscle 'gluteus'"),
        ("[muscles]\n'R GMAXX' = 'soleus'\n" + ONE, r"has a channel 'R GMAXX'\. Close names: R GMAX\. Correct"),
        ("[movement]\nchannel = 'Gonio'\n" + ONE, r"none of the recordings has a channel 'Gonio'"),
    ],
)
def test_faults_name_file_key_and_remedy(folder: Path, text: str, message: str) -> None:
    """One sentence for each fault, without a line break."""
    with pytest.raises(InputError, match=message) as caught:
        load_session(write(folder, text))
    assert "\n" not in str(caught.value)


def test_a_recording_is_no_session(folder: Path) -> None:
    """A missing file, a binary file and a huge one are told apart."""
    with pytest.raises(InputError, match=r"There is no file none\.toml in "):
        load_session(folder / "none.toml")
    (folder / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"binary\.toml is not written in UTF-8"):
        load_session(folder / "binary.toml")
    with (folder / "huge.toml").open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(
        InputError, match=r"huge\.toml has more than 1 MB, so it is nothing written by hand; name the TOML file\."
    ):
        load_session(folder / "huge.toml")
