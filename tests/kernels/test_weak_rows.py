"""Weak rows of the load sharing: exactly a squared sum of support forces more in the cost."""

from __future__ import annotations

import numpy as np
import pytest

from gluteal.kernels.recruitment import RESERVE_COST, SUPPORT_COST
from gluteal.kernels.sharing import SoftRows, share_frames

SCALE = 700.0


def without_muscles(weak: np.ndarray) -> SoftRows:
    """Return rows of one muscle that does nothing in them."""
    count = weak.shape[1]
    return SoftRows(np.zeros((1, count, 1)), weak, np.zeros((1, count)), np.zeros(count, bool))


def share(weak: np.ndarray | None, demand: float = 300.0) -> np.ndarray:
    """Two supports carry a demand, without a muscle."""
    found = share_frames(
        np.zeros((1, 1, 1)),
        np.ones((1, 1, 2)),
        np.array([[demand]]),
        np.zeros((1, 1)),
        np.ones((1, 1)),
        np.ones((1, 1)),
        support_scale=SCALE,
        soft=None if weak is None else without_muscles(weak),
    )
    assert found.converged.all() and found.reserve.shape == found.multiplier.shape == found.price.shape == (1, 1)
    return found.support[0]


@pytest.mark.parametrize("w", [0.0, 1e-3, 0.1])
def test_the_cost_is_what_it_says(w: float) -> None:
    """Beside the least of eps |s/S0|^2 + (w (s1 - 2 s2))^2 + K (b - s1 - s2)^2, by its normal equations."""
    row, ones = np.array([1.0, -2.0]) * w, np.ones(2)
    cheapest = np.linalg.solve(SUPPORT_COST / SCALE**2 * np.eye(2) + np.outer(row, row), ones)
    expected = 300.0 * cheapest / (1.0 / RESERVE_COST + cheapest.sum())
    np.testing.assert_allclose(share(row[None, None]), expected, rtol=1e-6)


def test_no_row_is_a_row_of_nothing() -> None:
    np.testing.assert_array_equal(share(None), share(np.zeros((1, 0, 2))))


def test_a_frame_that_cannot_be_done_keeps_its_least_deficit() -> None:
    """A muscle lacks 30 of 80 N m; what a weak row pays for the ground changes neither that nor who works."""
    A, S = np.array([[[50.0], [0.0]]]), np.array([[[0.0, 0.0], [1.0, 1.0]]])
    weak = without_muscles(np.array([[[0.05, -0.02]]]))
    found = [
        share_frames(
            A, S, np.array([[80.0, 500.0]]), *np.array([[[0.0]], [[1.0]], [[1.0]]]), support_scale=SCALE, soft=row
        )
        for row in (None, weak)
    ]
    assert found[1].converged.all()
    np.testing.assert_allclose(found[1].least[:, 0], found[0].least[:, 0], atol=1e-6)
    np.testing.assert_allclose(found[1].activation, found[0].activation, atol=1e-6)
    assert found[1].support[0] @ weak.S[0, 0] == pytest.approx(0.0, abs=0.05)
