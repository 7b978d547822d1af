"""What is said where a maximal contraction cannot serve: why, whose it is, and that percentages do not compare."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console
from tests.helpers.emg_bursts import RATE, channel, emg, session, trial

from gluteal.cli.emg_words import show_analysis
from gluteal.emg.analysis.record import Analysis
from gluteal.emg.analysis.run import analyse_session
from gluteal.emg.session.file import SessionRecording

TIMES = [1.5, 4.5, 7.5, 10.5]


def maximum(*channels: object) -> SessionRecording:
    return replace(trial(*channels, name="best"), role="mvic")  # type: ignore[arg-type]


def strongest(level: float = 0.4, seed: int = 9) -> np.ndarray:
    return emg([3.0], lasts=4.0, level=level, seed=seed)


def restless() -> np.ndarray:
    """Hum that jumps in phase twenty times a second: it cannot be followed."""
    jumps = np.repeat(6.0 * np.random.default_rng(4).random(240), 50)
    return np.sin(2 * np.pi * 50.0 * np.arange(12_000) / RATE + jumps)


def analysed(*channels: object, muscles: tuple[str, ...] = ("r",)) -> Analysis:
    trials = [channel(emg(TIMES, seed=i), "gluteus maximus", side) for i, side in enumerate(muscles)]
    return analyse_session(session(trial(*trials), maximum(*channels)))


def terminal(analysis: Analysis) -> str:
    console = Console(width=2000, record=True, file=io.StringIO())
    show_analysis(console, analysis, None)
    return console.export_text()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: np.clip(strongest(), -0.3, 0.3), "driven to its limit"),
        (lambda: strongest()[:300], "too short to tell bursts from baseline"),
        (lambda: strongest() + restless(), "hides the muscle"),
        (lambda: np.zeros(12_000), "flat line"),
    ],
    ids=["clipped", "short", "hum", "flat"],
)
def test_a_maximum_that_cannot_serve_says_why(made: object, why: str) -> None:
    """In the note of the session, which a terminal shows; no percentage is of it."""
    found = analysed(channel(made(), "gluteus maximus"))  # type: ignore[operator]
    assert found.channels[0].amplitude is not None and found.channels[0].amplitude.unit != "% MVIC"
    [note] = found.notes
    assert note.startswith("gluteus maximus r of best sets no maximum. ") and why in note
    assert note in terminal(found)


def test_a_maximum_of_another_muscle_or_side_is_named() -> None:
    """The left one is none of the right muscle, and one without a side is of nobody: both are said."""
    for side, words in (("l", "left gluteus maximus"), (None, "gluteus maximus")):
        found = analysed(channel(strongest(), "gluteus maximus", side))
        [note] = found.notes
        assert note.startswith(f"A maximal contraction of {words} was recorded, but the trials are of right gluteus")
        assert "--muscle-map" in note and note in terminal(found)


def test_a_muscle_without_a_maximum_is_named_beside_one_that_has_it() -> None:
    found = analysed(channel(strongest(), "gluteus maximus"), muscles=("r", "l"))
    [said] = [f for f in found.findings if f.kind == "amplitude"]
    assert said.answer == "cannot tell"
    assert said.sentence.startswith("No maximal contraction of left gluteus maximus could be used")


def test_sides_beyond_their_maximum_have_no_index() -> None:
    """Right at over 200 % of what was called its maximum: too high to be compared, so there is no index either."""
    weak = channel(strongest(0.05), "gluteus maximus")
    found = analysed(weak, channel(strongest(seed=8), "gluteus maximus", "l"), muscles=("r", "l"))
    [pair] = found.asymmetries
    assert not pair.comparable and "the right one (" in pair.sentence and "record that again" in pair.sentence
    able = analysed(
        channel(strongest(), "gluteus maximus"), channel(strongest(seed=8), "gluteus maximus", "l"), muscles=("r", "l")
    )
    assert able.asymmetries[0].comparable
