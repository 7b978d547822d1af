"""Filters and splines: their laws."""

from __future__ import annotations

import numpy as np
from scipy.signal import sosfreqz

from gluteal.kernels.butterworth import zero_lag_butter
from gluteal.kernels.smoothing import is_uniform, lowpass, nearest_valid, spline


def test_filter_has_no_lag_and_halves_its_cutoff() -> None:
    """A sine at the cut-off keeps its phase and half its amplitude; a slow one passes whole."""
    time = np.arange(0, 10, 0.01)
    middle = slice(300, 700)
    for frequency, gain in ((6.0, 0.5), (0.5, 1.0), (30.0, 0.0)):
        wave = np.sin(2 * np.pi * frequency * time)
        np.testing.assert_allclose(lowpass(wave, 100.0, 6.0)[middle], gain * wave[middle], atol=1e-3)


def test_spline_derivatives_are_exact_for_polynomials() -> None:
    """A quintic spline reproduces a cubic and its derivatives, large time stamps included (1e9 s)."""
    for start, tolerance in ((0.0, 1e-8), (1.667e9, 1e-5)):
        time = start + np.arange(0, 2, 0.05)
        t = time - start
        grid = start + np.linspace(0.2, 1.7, 40)
        g = grid - start
        value, speed, acceleration = spline(time, np.stack([t**3 - t, 2 * t**2], axis=1), grid)
        np.testing.assert_allclose(value, np.stack([g**3 - g, 2 * g**2], axis=1), atol=tolerance)
        np.testing.assert_allclose(speed, np.stack([3 * g**2 - 1, 4 * g], axis=1), atol=tolerance)
        np.testing.assert_allclose(acceleration, np.stack([6 * g, 0 * g + 4], axis=1), atol=10 * tolerance)


def test_nearest_valid_row_replaces_the_others() -> None:
    """Invalid rows take the nearest valid one, the earlier of two equally near."""
    values = np.arange(7.0)[:, None]
    valid = np.array([False, True, False, False, False, True, False])
    np.testing.assert_array_equal(nearest_valid(values, valid)[:, 0], [1, 1, 1, 1, 5, 5, 5])


def test_uniform_steps_are_told_from_uneven_ones() -> None:
    """Two percent of jitter pass, a lost sample does not."""
    time = np.arange(0, 1, 0.01)
    jitter = 0.00005 * np.sin(37 * np.arange(len(time)))
    assert is_uniform(time + jitter)
    assert not is_uniform(np.delete(time, 50))


def test_the_two_meanings_of_a_corner() -> None:
    """Both passes together leave half the power (3 dB) or half the amplitude (6 dB) at the corner, by definition."""
    for kind in ("low", "high"):
        for left, gain in (("half power", np.sqrt(0.5)), ("half amplitude", 0.5)):
            sos = zero_lag_butter(2, 20.0, kind, 1000.0, left=left)  # type: ignore[arg-type]
            response = np.abs(sosfreqz(sos, [20.0], fs=1000.0)[1][0])
            np.testing.assert_allclose(response**2, gain, rtol=1e-9)
