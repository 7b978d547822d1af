"""Repetitions of a movement: where they start, which onset belongs to which, and what an event says of a step."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.emg_bursts import RATE

from gluteal.emg.measure.repetitions import find_movement_starts, foot_strikes, is_strike, match_onsets, movement_event
from gluteal.emg.recording import Event


@pytest.mark.parametrize("direction", [1.0, -1.0])
@pytest.mark.parametrize("offset", [0.0, 90.0])
def test_movement_starts(direction: float, offset: float) -> None:
    """Whatever the sign and zero of the angle, starts are found where a lift of half a second leaves rest.

    Within 60 ms: sin² reaches 1 % of its range after 32 ms, and noise of 0.1 of 12 degrees asks for 4 %, 64 ms.
    """
    time = np.arange(20_000) / RATE
    starts = [2.0, 7.5, 13.0]
    angle = sum(np.sin(0.5 * np.pi * np.clip(np.minimum(time - s, s + 2 - time) / 0.5, 0, 1)) ** 2 for s in starts)
    noisy = offset + direction * (12.0 * angle + 0.03 * np.random.default_rng(1).standard_normal(time.size))
    found = find_movement_starts(noisy, RATE, start=100.0)
    assert len(found) == 3
    late = np.subtract(found, np.add(starts, 100.0))
    assert (np.abs(late) < 0.060).all()
    assert find_movement_starts(np.full(5000, 3.0), RATE) == ()


def test_a_repetition_is_counted_once_that_shakes_at_its_top() -> None:
    """A dip to 40 % of the range is no return to rest."""
    time = np.arange(6000) / RATE
    angle = np.interp(time, [0, 2, 2.3, 2.6, 3.0, 3.4, 6], [0, 0, 10, 4, 10, 0, 0])
    assert find_movement_starts(angle, RATE) == pytest.approx((2.0,), abs=0.06)


def test_onsets_belong_to_the_nearest_repetition() -> None:
    """One onset each, the nearest; none twice; none from farther than allowed."""
    found, sd = match_onsets([0.9, 1.05, 4.8, 8.5], [0.01, 0.02, 0.03, 0.04], [1.0, 5.0, 7.0], farthest=1.0)
    np.testing.assert_array_equal(found, [1.05, 4.8, np.nan])
    np.testing.assert_array_equal(sd, [0.02, 0.03, np.nan])


def test_events() -> None:
    """Strikes by side, and the event that repeats most and is no step."""
    events = [Event("Foot Strike", 1.0, "r"), Event("Foot Strike", 1.5, "l"), Event("Foot Off", 1.2, "r")]
    assert foot_strikes(events, "r") == (1.0,) and foot_strikes(events, "l") == (1.5,)
    assert movement_event(events) is None
    assert movement_event([*events, Event("lift", 3.0), Event("go", 1.0), Event("lift", 2.0)]) == "lift"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            "strike",
            (
                "Foot Strike",
                "heel_strike",
                "FootStrike",
                "RFootStrike",
                "RHS",
                "left IC",
                "Initial Contact",
                "Heel touch",
            ),
        ),
        ("off", ("Foot Off", "Toe-off", "Heel Rise", "Contact lost", "foot contact lost", "LTO")),
        ("neither", ("Hand contact", "Offset", "Kick off", "lift", "Basic", "Rise", "Total", "")),
    ],
)
def test_what_is_a_step(kind: str, names: tuple[str, ...]) -> None:
    """Whole words of an event's name say whether a foot lands or leaves; only what is neither can be a repetition."""
    for name in names:
        event = Event(name, 1.0)
        assert is_strike(event) == (kind == "strike"), name
        assert (movement_event([event]) == name) == (kind == "neither"), name
