"""Rules of what counts as a burst, and what the command line says about a recording beside its file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tests.helpers.emg_bursts import channel, emg, trial

from gluteal.emg.onset import Burst, detect_bursts
from gluteal.emg.onset.rules import BurstRules, apply_rules
from gluteal.emg.read.contents import UNKNOWN_UNIT
from gluteal.emg.recording import Channel, Event, Recording
from gluteal.emg.session.part import add_events, cut_recording, give_unit, load_events
from gluteal.errors import InputError


def burst(onset: float, offset: float, level_db: float = 20.0) -> Burst:
    return Burst(onset_s=onset, offset_s=offset, level_db=level_db)


def test_rules_merge_first_and_then_leave_out() -> None:
    """A pause of 20 ms parts nothing by default; 30 ms is kept; what is short after merging goes, ends unknown stay."""
    found = [burst(1.0, 1.2), burst(1.22, 1.5), burst(2.0, 2.01), burst(3.0, math.nan)]
    kept = apply_rules(found, BurstRules())
    assert [(b.onset_s, b.offset_s) for b in kept[:2]] == [(1.0, 1.5), (3.0, pytest.approx(math.nan, nan_ok=True))]
    assert len(apply_rules(found, BurstRules(merge_gap=0.0))) == 3
    assert len(apply_rules(found, BurstRules(merge_gap=0.6, least_duration=0.0))) == 2


def test_least_level_is_a_share_of_the_strongest_amplitude() -> None:
    """20 dB over rest is an amplitude of sqrt(99), 3 dB one of 1: a tenth of it."""
    found = [burst(1.0, 1.5, 20.0), burst(2.0, 2.5, 10 * math.log10(2.0))]
    share = 1.0 / math.sqrt(99.0)
    assert len(apply_rules(found, BurstRules(least_level=0.99 * share))) == 2
    assert len(apply_rules(found, BurstRules(least_level=1.01 * share))) == 1


@pytest.mark.parametrize(
    ("given", "text"),
    [({"least_level": 1.0}, "least level is 1"), ({"merge_gap": -1.0}, "gap to merge is -1"),
     ({"least_duration": math.inf}, "least duration is inf")],
)  # fmt: skip
def test_rules_that_are_none(given: dict[str, float], text: str) -> None:
    with pytest.raises(InputError, match=text):
        BurstRules(**given)


def recording(unit: str = UNKNOWN_UNIT) -> Recording:
    samples = np.arange(1000.0)
    channel = Channel("CH1", "gluteus maximus", "r", unit, 1000.0, 2.0, 1000, lambda: samples)
    return Recording("a", "made up", (channel,), (Event("go", 2.1), Event("stop", 2.9)))


def test_a_part_keeps_the_clock() -> None:
    """From 2.25 to 2.5 s: both ends included, events outside left out."""
    part = cut_recording(recording(), 2.25, 2.95)
    [channel] = part.channels
    assert (channel.start, channel.length) == (2.25, 701) and channel.read()[0] == 250.0
    assert [e.name for e in part.events] == ["stop"]
    with pytest.raises(InputError, match="not after the start"):
        cut_recording(recording(), 3.0, 2.0)
    with pytest.raises(InputError, match="runs from 2 to 3 s only"):
        cut_recording(recording(), 9.0, None)


def test_a_unit_is_given_only_where_there_is_none() -> None:
    assert give_unit(recording(), "µV").channels[0].unit == "uV"
    with pytest.raises(InputError, match="no unit of EMG"):
        give_unit(recording(), "N")
    with pytest.raises(InputError, match="the file states mV"):
        give_unit(recording("mV"), "uV")


def test_events_from_a_table(tmp_path: Path) -> None:
    """Comma, tab or semicolon with a decimal comma; what is missing or no number is named with its row."""
    path = tmp_path / "events.csv"
    expected = (Event("Foot Strike", 0.5, "r"), Event("go", 1.25))
    for text in (
        "name,time,side\ngo,1.25,\nFoot Strike,0.5,right\n",
        "time\tside\tname\n1.25\t\tgo\n0.5\tR\tFoot Strike\n",
        "Event;Time (s);Context\ngo;1,25;\nFoot Strike;0,5;Right\n",
    ):
        path.write_text(text)
        assert load_events(path) == expected
    path.write_text("name,time\ngo,now\n")
    with pytest.raises(InputError, match="row 1: name 'go', time 'now'"):
        load_events(path)
    path.write_text("what,when\ngo,1\n")
    with pytest.raises(InputError, match="no table of events"):
        load_events(path)
    with pytest.raises(InputError, match="no file"):
        load_events(tmp_path / "none.csv")


@pytest.mark.parametrize(("tone", "early"), [(0.2, False), (0.5, True)])
def test_weak_tone_lends_no_edge(tone: float, early: bool) -> None:
    """Half a second at a fifth of the contraction is tone, in however quiet a recording; at a half it is part of it."""
    rng = np.random.default_rng(4)
    level = np.full(24_000, 0.01)
    for at in (3.0, 6.0, 9.0):
        level[round((at - 0.5) * 2000) : round(at * 2000)] = tone
        level[round(at * 2000) : round((at + 0.5) * 2000)] = 1.0
    onsets = np.array([b.onset_s for b in detect_bursts(level * rng.standard_normal(24_000), 2000.0, zero_lag=None)])
    assert [np.abs(onsets - (at - 0.5 * early)).min() < 0.02 for at in (3.0, 6.0, 9.0)] == [True] * 3
    assert len(onsets) == 3


def test_events_of_another_clock_are_no_events_of_the_recording(tmp_path: Path) -> None:
    """Where none lies in it the cause is told; what lies outside is left out with a note; what is there twice is once.

    Foot strikes in milliseconds said nothing and moved no number; one that was noted twice took the timing away.
    """
    path = tmp_path / "strikes.csv"
    made = trial(channel(emg([2.0, 5.0], seconds=7.0), "gluteus maximus")).recording
    path.write_text("name,time,side\nfoot strike,2000,r\nfoot strike,5000,r\n")
    with pytest.raises(InputError, match=r"no event lies in the recording \(0 to 7 s\); they are from 2000 to 5000 s"):
        add_events(made, path)
    path.write_text("name,time (ms),side\nfoot strike,5000,r\nfoot strike,2000,r\nfoot strike,2000,r\n")
    found = add_events(made, path)
    assert found.events == (Event("foot strike", 2.0, "r"), Event("foot strike", 5.0, "r")) and not found.warnings
    path.write_text("name,time\nlift,2\nlift,9\n")
    found = add_events(found, path)
    assert [e.time for e in found.events] == [2.0, 2.0, 5.0]
    assert found.warnings[0].startswith("strikes.csv: 1 of 2 events were left out, because they lie outside")
