"""The command `gluteal emg` on real recordings: what is known of each from elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.helpers.emg_command import result

pytestmark = pytest.mark.slow


#: Gluteus maximus of the walking recordings starts this near to ipsilateral foot contact, s. From 100 ms before to
#: 150 ms after covers late swing and loading response (Winter 2009, section 10.4: onset in terminal swing).
AROUND_CONTACT = (-0.15, 0.15)


def test_walk_gluteus_maximus_starts_around_contact(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten channels named and usable; gluteus maximus starts around the right contacts of the force plates.

    Contacts at 0.267 and 1.411 s: vertical force above 20 N in grf_walk.mot, whose clock is the recording's (its
    plate channels agree with no lag).
    """
    found = result(capsys, data / "walk_rajagopal2016" / "emg_walk_raw.anc", "--side", "r")
    assert len(found["channels"]) == 10 and all(c["muscle"] and c["quality"]["usable"] for c in found["channels"])
    onsets = next(c["onsets_s"] for c in found["channels"] if c["muscle"] == "gluteus maximus")
    for contact in (0.267, 1.411):
        nearest = min(onsets, key=lambda t: abs(t - contact))
        assert AROUND_CONTACT[0] < nearest - contact < AROUND_CONTACT[1]


def test_gait_with_plates_but_no_events(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sixteen channels, both sides; contacts at 2.58 s (left) and 2.08 s (right) are the README's of that folder."""
    found = result(capsys, data / "walk_emg_btk_gait" / "Gait.c3d")
    assert len(found["channels"]) == 16 and all(c["quality"]["usable"] for c in found["channels"])
    for side, contact in (("l", 2.58), ("r", 2.08)):
        onsets = next(c["onsets_s"] for c in found["channels"] if (c["muscle"], c["side"]) == ("gluteus maximus", side))
        nearest = min(onsets, key=lambda t: abs(t - contact))
        assert AROUND_CONTACT[0] < nearest - contact < AROUND_CONTACT[1]
    # The left biceps starts once in each of five strides and so is what others are counted from; no muscle is first.
    [order] = found["order"]
    assert (order["reference"], order["side"], order["repetitions"]) == ("biceps femoris", "l", 5)
    # Of the right side it is said that nothing tells its repetitions apart.
    answers = {f["side"]: f["answer"] for f in found["findings"] if f["kind"] == "order"}
    assert answers == {"l": "cannot tell", "r": "cannot tell"}


def test_sprint_without_its_saturated_channel(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Adductor magnus is saturated and left out; onsets are counted from the right foot strike, without an order."""
    found = result(capsys, data / "sprint_emg_ja1" / "JA1Gait35.c3d", "--side", "r")
    left_out = [c for c in found["channels"] if not c["quality"]["usable"]]
    assert [c["muscle"] for c in left_out] == ["adductor magnus"]
    assert left_out[0]["quality"]["faults"][0]["kind"] == "saturation" and not left_out[0]["timed"]
    (order,) = found["order"]
    assert order["reference"] == "right foot strike" and order["cyclic"] and order["orders"] == []
    gluteus = next(r for r in order["relative_onsets"] if r["muscle"] == "gluteus maximus")
    assert gluteus["repetitions"] == 3 and AROUND_CONTACT[0] < gluteus["mean_s"] < AROUND_CONTACT[1]


def test_dead_side_is_left_out(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The four right muscles are timed; the left side and the spare inputs are left out, each with its reason."""
    found = result(capsys, data / "walk_c3d_partly_dead_emg" / "HC002D06.c3d")
    assert len(found["channels"]) == 10 and len(found["left_out"]) == 14
    assert [o["channel"] for o in found["left_out"] if "nothing was connected" in o["why"]] == [
        "Voltage.L Spare",
        "Voltage.R Spare",
    ]
    timed = [c["channel"] for c in found["channels"] if c["timed"]]
    assert timed == ["Voltage.R Rect", "Voltage.R Hams", "Voltage.R Gast", "Voltage.R Tib Ant"]
    assert all(c["why_not_timed"] for c in found["channels"] if not c["timed"])


def test_median_frequency_falls_as_the_readme_says(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0.15 Hz a second, from about 75 to about 56 Hz: the README of that folder."""
    path = data / "emg_biceps_bursts_fatigue" / "emg_fatigue.h5"
    found = result(capsys, path, "--muscle-map", "CH2=biceps brachii")
    trend = found["channels"][0]["endurance"]["median_frequency"]
    assert trend["low"] < -0.15 < trend["high"] < 0
    assert trend["start"] == pytest.approx(75, abs=2) and trend["end"] == pytest.approx(56, abs=2)
    assert any(f["kind"] == "endurance" and "fell" in f["sentence"] for f in found["findings"])


def test_nine_bursts(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Contractions more than 2 s apart: nine on the picture, though the README of that folder says eight."""
    found = result(capsys, data / "emg_biceps_bursts_fatigue" / "emg_bursts.h5")
    onsets = found["channels"][0]["onsets_s"]
    assert len(onsets) == 9 and np.diff(onsets).min() > 2.0
