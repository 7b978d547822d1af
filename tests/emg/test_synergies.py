"""Synergies: known groups come back, and the factors are as near to the data as another program's."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.decomposition import NMF

from gluteal.emg.measure.synergies import compute_synergies, factorise
from gluteal.errors import InputError

MUSCLES = ("gluteus maximus", "biceps femoris", "soleus", "gastrocnemius", "rectus femoris", "tibialis anterior")
#: Three groups, two muscles each, with some overlap.
WEIGHTS = np.array([[1, 0.8, 0, 0, 0, 0.1], [0, 0, 1, 0.9, 0, 0], [0.1, 0, 0, 0, 0.9, 1]], dtype=float)


def envelopes(noise: float = 0.0) -> np.ndarray:
    """Three bumps per cycle of 1 s, one after the other, at 50 Hz."""
    phase = np.arange(500) / 50.0 % 1.0
    courses = np.array([np.exp(-0.5 * ((phase - at) / 0.08) ** 2) for at in (0.2, 0.5, 0.8)])
    return WEIGHTS.T @ courses + noise * np.abs(np.random.default_rng(1).standard_normal((6, 500)))


def test_known_groups_come_back() -> None:
    """Non-negative factors of bumps apart from each other are unique up to scale and order."""
    found = compute_synergies(envelopes(0.01), MUSCLES)
    assert found.count == 3 and found.accounted_percent > 98.0
    assert found.by_count_percent[1] < 90.0
    # Muscles were scaled to their own maximum before the fit.
    expected = WEIGHTS / envelopes().max(axis=1)
    expected /= expected.max(axis=1, keepdims=True)
    order = [int(np.argmin(((row - expected) ** 2).sum(axis=1))) for row in found.weights]
    assert sorted(order) == [0, 1, 2]
    np.testing.assert_allclose(found.weights, expected[order], atol=0.06)


def test_the_fit_is_as_near_as_another_programs() -> None:
    """scikit-learn's coordinate descent, on envelopes without groups; 0.1 % for where each stops."""
    values = np.abs(np.random.default_rng(2).standard_normal((6, 300)))
    for count in (1, 2, 4):
        weights, times = factorise(values, count)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it stops after 5000 steps, which is near enough here
            other = NMF(count, init="nndsvda", max_iter=5000, tol=1e-6).fit(values)
        assert ((values - weights @ times) ** 2).sum() <= other.reconstruction_err_**2 * 1.001
        assert (weights >= 0).all() and (times >= 0).all()


def test_scale_of_a_muscle_changes_nothing_and_noise_has_no_groups() -> None:
    scaled = envelopes(0.01) * np.array([1, 10, 0.1, 5, 1, 1])[:, None]
    np.testing.assert_allclose(
        compute_synergies(scaled, MUSCLES).weights, compute_synergies(envelopes(0.01), MUSCLES).weights, atol=1e-6
    )
    noise = np.random.default_rng(3).exponential(size=(6, 500))
    assert compute_synergies(noise, MUSCLES).count == 5


@pytest.mark.parametrize("rows", [3, 0])
def test_too_few_muscles_or_a_silent_one(rows: int) -> None:
    if rows:
        with pytest.raises(InputError, match="at least 4 muscles"):
            compute_synergies(envelopes()[:rows], MUSCLES[:rows])
    else:
        silent = envelopes()
        silent[2] = 0.0
        with pytest.raises(InputError, match="every muscle is active"):
            compute_synergies(silent, MUSCLES)
