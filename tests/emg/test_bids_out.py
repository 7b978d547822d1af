"""A session written as BIDS: the samples come back, and BIDS' own validator has nothing against it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.emg_bursts import channel, emg, trial
from tests.helpers.emg_files import signals, write_csv

from gluteal.cli import main
from gluteal.emg.analysis.bids_out import write_bids
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.read import load_recording
from gluteal.emg.recording import Event
from gluteal.emg.session.demo import write_demo
from gluteal.emg.session.file import load_session, session_of
from gluteal.errors import InputError


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The session file of the demo, and the data set written from it by the command."""
    folder = tmp_path_factory.mktemp("bids")
    session, _ = write_demo(folder / "demo")
    assert main(["emg", str(session), "--bids", str(folder / "out")]) == 0
    return session, folder / "out"


def test_samples_muscles_and_status_come_back(dataset: tuple[Path, Path]) -> None:
    """24 bits over the range of each channel: half a step is the error of rounding."""
    session, folder = load_session(dataset[0]), dataset[1]
    files = sorted(folder.glob("sub-*/emg/*_emg.bdf"))
    assert len(files) == len(session.recordings)
    for entry in session.recordings:
        back = [r for r in map(load_recording, files) if _same(r, entry.recording)]
        assert back, entry.name
        for old, new in zip(entry.recording.channels, back[0].channels, strict=True):
            assert (old.name, old.muscle, old.side, old.unit) == (new.name, new.muscle, new.side, new.unit)


def _same(back: object, recording: object) -> bool:
    """Whether two recordings hold the same samples."""
    pairs = zip(recording.channels, back.channels, strict=False)  # type: ignore[attr-defined]
    for old, new in pairs:
        a, b = old.read(), new.read()
        if b.size > a.size or a.size - b.size > old.rate or np.abs(a[: b.size] - b).max() > np.abs(a).max() * 2.0**-22:
            return False
    return True


def test_the_validator_of_bids_finds_no_error(dataset: tuple[Path, Path]) -> None:
    """And it does where a required field is taken out."""
    program = Path(sys.executable).with_name("bids-validator-deno")
    if not program.exists():
        pytest.skip("bids-validator-deno is not installed; the extra 'test' brings it")

    def errors() -> list[str]:
        done = subprocess.run([program, "--json", str(dataset[1])], capture_output=True, text=True, timeout=120)
        found = json.loads(done.stdout)["issues"]["issues"]
        return [i["code"] for i in found if i.get("severity") == "error"]

    assert errors() == []
    file = next(dataset[1].glob("sub-*/emg/*_emg.json"))
    whole = file.read_text()
    told = json.loads(whole)
    del told["EMGReference"]
    file.write_text(json.dumps(told))
    try:
        assert errors()
    finally:
        file.write_text(whole)


def test_what_is_there_is_never_written_over_and_gaps_are_refused(tmp_path: Path) -> None:
    session = session_of(load_recording(write_csv(tmp_path / "a.csv", signals(4000))))
    analysis = analyse_session(session)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious").write_text("mine")
    with pytest.raises(InputError, match="not an empty folder"):
        write_bids(session, analysis, tmp_path / "full")
    gaps = signals(4000)
    gaps[100:200] = np.nan
    session = session_of(load_recording(write_csv(tmp_path / "gaps.csv", gaps)))
    with pytest.raises(InputError, match="missing samples"):
        write_bids(session, analysis, tmp_path / "new")
    assert not (tmp_path / "new").exists()


#: Two names that differ behind the letters that a BDF file holds, and others that it cannot hold.
NAMES = (
    "gluteus maximus rechts",
    "gluteus maximus links",
    "M. glutäus médius",
    "ягодичная",
    "\u202eR\x9b31m",
    "=" * 40,
)


def test_labels_of_all_alphabets_and_lengths_are_written(tmp_path: Path) -> None:
    recording = load_recording(write_csv(tmp_path / "a.csv", signals(4000)))
    (first, *_) = recording.channels
    named = tuple(
        replace(first, name=name, muscle="gluteus maximus", side=side)
        for name, side in zip(NAMES, "rlrlrl", strict=True)
    )
    session = session_of(replace(recording, channels=named))
    write_bids(session, analyse_session(session), tmp_path / "set")
    (file,) = tmp_path.glob("set/sub-*/emg/*_emg.bdf")
    back = load_recording(file).channels
    assert [(c.muscle, c.side) for c in back] == [(c.muscle, c.side) for c in named]
    assert len({c.name for c in back}) == len(NAMES)
    told = Path(str(file).replace("_emg.bdf", "_channels.tsv")).read_text(encoding="utf-8").splitlines()
    at = told[0].split("\t").index("description")
    assert [line.split("\t")[at] for line in told[1:]] == list(NAMES)


def test_volts_and_the_sides_of_events_come_back(tmp_path: Path) -> None:
    """0.2 mV in V has no range of eight characters: it was refused; milliseconds of late events were rounded away."""
    made = 1e-3 * emg([2.0, 5.0], seconds=8.0)
    one = replace(channel(made, "gluteus maximus"), unit="V", start=1_700_000_000.0)
    events = (Event("foot strike", one.start + 2.0345, "r"), Event("foot strike", one.start + 5.0, "l"))
    session = session_of(trial(one, events=events).recording)
    write_bids(session, analyse_session(session), tmp_path / "out")
    [back] = map(load_recording, (tmp_path / "out").glob("sub-*/emg/*_emg.bdf"))
    assert back.channels[0].unit == "mV"
    assert back.channels[0].read() == pytest.approx(1e3 * made, abs=1e-6)
    assert [(e.name, e.side) for e in back.events] == [("foot strike", "r"), ("foot strike", "l")]
    assert back.events[0].time == pytest.approx(2.0345, abs=1e-5)
