"""Where the forces of the ground point and how much each foot carries, by their equations."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gluteal.mechanics.bearing import (
    LEANING,
    OFF_BALANCE,
    TWISTED,
    find_beside,
    find_gain,
    find_leaning,
    find_pushed_apart,
    find_turned,
)
from gluteal.mechanics.clocks import find_tempo
from gluteal.mechanics.movement import ExternalLoad

TIME, WEIGHT = np.arange(120) / 100.0, 700.0
NONE = np.zeros(len(TIME))


def stance(force: np.ndarray, place: tuple[float, float, float], side: str) -> ExternalLoad:
    """A foot that stands at a place (m) with a force (3,) or (T, 3) N."""
    whole = np.broadcast_to(force, (len(TIME), 3)).astype(float)
    return ExternalLoad(f"plate_{side}", f"calcn_{side}", whole, np.tile(place, (len(TIME), 1)), 0.0 * whole)


def turned(force: np.ndarray, degrees: float) -> np.ndarray:
    """Forces (..., 3) turned about the vertical, y."""
    angle = np.deg2rad(degrees)
    level = (force[..., 0] + 1j * force[..., 2]) * np.exp(1j * angle)
    return np.stack([level.real, force[..., 1], level.imag], axis=-1)


@pytest.mark.parametrize(("degrees", "found"), [(0.0, None), (5.0, None), (20.0, "20"), (90.0, "90"), (180.0, "180")])
def test_level_forces_that_are_turned_are_told(degrees: float, found: str | None) -> None:
    """The forward force of walking, a cosine, with a tenth of it sideways at twice its rhythm, and some noise."""
    phase, noise = 2.0 * np.pi * 2.0 * TIME, np.random.default_rng(0).normal(0.0, 0.02 * WEIGHT, (len(TIME), 3))
    needed = WEIGHT * np.stack([0.15 * np.cos(phase), np.ones(len(TIME)), 0.05 * np.sin(phase / 2.0)], axis=1)
    cause = find_turned(TIME, needed, turned(needed, degrees) + noise, WEIGHT)
    if found is None:
        assert cause is None
    else:
        assert cause is not None and cause.kind == "axes"
        assert abs(float(re.search(r"turned by (\d+) degrees", cause.what)[1]) - float(found)) < 3.0  # type: ignore[index]


def test_one_axis_of_the_other_sign_is_told() -> None:
    """By its name."""
    phase = 2.0 * np.pi * 2.0 * TIME
    needed = WEIGHT * np.stack([0.15 * np.cos(phase), np.ones(len(TIME)), 0.06 * np.sin(phase)], axis=1)
    for axis, column in (("x", 0), ("z", 2)):
        sign = np.ones(3)
        sign[column] = -1.0
        cause = find_turned(TIME, needed, sign * needed, WEIGHT)
        assert cause is not None and f"has the other sign along {axis}" in cause.what


def test_two_feet_are_pushed_towards_each_other() -> None:
    """Where both stand, whatever way the body faces; pushed apart, or along their way, is told."""
    for facing in (0.0, 40.0, 90.0, 200.0):
        right, left = (turned(np.array([0.0, 350.0, z]), facing) for z in (-40.0, 40.0))
        at, there = (turned(np.array([0.1, 0.0, z]), facing) for z in (0.2, -0.2))
        feet = [stance(right, tuple(at), "r"), stance(left, tuple(there), "l")]
        assert find_pushed_apart(TIME, feet, NONE, WEIGHT) is None
        for degrees in (90.0, 180.0):
            wrong = [stance(turned(x.force, degrees), tuple(x.point[0]), x.segment[-1]) for x in feet]
            cause = find_pushed_apart(TIME, wrong, NONE, WEIGHT)
            assert cause is not None and f"but {degrees:.0f} degrees off that" in cause.what


def test_the_plate_of_another_gain_is_told_where_feet_carry_in_turn() -> None:
    """Two feet that share all the time cannot be told apart, and both off alike are another mass."""
    swing = 0.5 + 0.5 * np.sin(2.0 * np.pi * 2.0 * TIME)
    right, left = (np.stack([0.0 * s, WEIGHT * s, 0.0 * s], axis=1) for s in (swing, 1.0 - swing))
    needed = np.full(len(TIME), WEIGHT)

    def told(first: float, second: float, share: float = 1.0) -> str:
        forces = [share * a + (1.0 - share) * (a + b) / 2.0 for a, b in ((right, left), (left, right))]
        loads = [stance(g * f, (0.0, 0.0, 0.0), s) for g, f, s in zip((first, second), forces, "rl", strict=True)]
        cause = find_gain(TIME, loads, needed, sum(load.force[:, 1] for load in loads))
        return "" if cause is None else cause.what

    assert told(1.0, 1.0) == told(1.02, 0.97) == told(0.8, 0.8) == told(1.0, 0.8, share=0.1) == ""
    assert re.search("under calcn_l is 0.80 times .* calcn_r fits", told(1.0, 0.8))
    assert re.search("under calcn_r is 1.30 times .* calcn_l fits", told(1.3, 1.0))


def test_a_twist_tells_forces_that_are_turned_by_less() -> None:
    """Two feet pushed 30 degrees off the line between them twist the body; where they do not it is their stance."""
    at, there = np.array([0.0, 0.0, 0.2]), np.array([0.0, 0.0, -0.2])
    right, left = (turned(np.array([0.0, 350.0, z]), 30.0) for z in (-40.0, 40.0))
    feet = [stance(right, tuple(at), "r"), stance(left, tuple(there), "l")]
    twist = np.full(len(TIME), np.cross(at, right)[1] + np.cross(there, left)[1])
    assert abs(twist[0]) > TWISTED * WEIGHT
    assert find_pushed_apart(TIME, feet, NONE, WEIGHT) is None
    cause = find_pushed_apart(TIME, feet, twist, WEIGHT)
    assert cause is not None and "but 30 degrees off that" in cause.what
    assert find_pushed_apart(TIME[:60], feet, twist / 1.2, WEIGHT) is None  # a short piece twists by itself


@pytest.mark.parametrize(("x", "z", "towards"), [(1, 0, r"\+x"), (-1, 0, "-x"), (0, 1, r"\+z"), (0, -1, "-z")])
def test_forces_of_another_vertical_lean_and_those_elsewhere_tip(x: float, z: float, towards: str) -> None:
    """A force turned by 6 degrees pushes the body all the time, one 8 cm beside tips it; a third of it may be."""
    rng, up = np.random.default_rng(0), np.full(len(TIME), WEIGHT)
    noise = rng.normal(0.0, 0.02 * WEIGHT, (len(TIME), 3))
    for share in (1.0, 0.3):
        lean, off = share * 1.5 * LEANING, share * 1.5 * OFF_BALANCE
        rest = noise - WEIGHT * np.tan(lean) * np.array([x, 0.0, z])  # what the movement needs less what is measured
        force = np.array([x * off, 0.0, z * off])
        moment = -np.cross(force, [0.0, WEIGHT, 0.0])[[2, 0, 1]] + noise
        leaning, beside = find_leaning(TIME, rest, up), find_beside(TIME, moment, up)
        if share < 1.0:
            assert leaning is None and beside is None
        else:
            assert leaning is not None and re.search(f"lean by 6 degrees towards {towards}", leaning.what)
            assert beside is not None and re.search(f"act 8 cm too far towards {towards}", beside.what)
            short = slice(0, 30)
            assert find_leaning(TIME[short], rest[short], up[short]) is None
            assert find_beside(TIME[short], moment[short], up[short]) is None
    wild = rng.normal(0.0, 10.0 * WEIGHT, (len(TIME), 3))
    assert find_leaning(TIME, wild, up) is None and find_beside(TIME, wild, up) is None


@pytest.mark.parametrize("rate", [0.5, 0.8, 1.0, 1.1, 1.25, 2.0])
def test_gravity_tells_a_clock_that_counts_no_seconds(rate: float) -> None:
    """Accelerations of a movement whose clock runs at another rate have its square; an offset of the plates is none."""
    noise = np.random.default_rng(0).normal(0.0, 0.03 * WEIGHT, len(TIME))
    move = 0.2 * WEIGHT * np.sin(2.0 * np.pi * TIME)
    cause = find_tempo(TIME, WEIGHT + rate**2 * move, WEIGHT + move + noise, WEIGHT)
    if rate in (1.0, 1.1):
        assert cause is None
    else:
        assert cause is not None and cause.kind == "time"
        told = float(re.search(r"takes (\S+) times as long", cause.what)[1])  # type: ignore[index]
        assert told == pytest.approx(rate, rel=0.06)
    assert find_tempo(TIME, WEIGHT + 0.05 * move, WEIGHT + 0.2 * move, WEIGHT) is None  # who stands tells nothing
    assert find_tempo(TIME, WEIGHT + move, 1.3 * (WEIGHT + move), WEIGHT) is None  # another mass
