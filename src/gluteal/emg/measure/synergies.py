"""Muscle synergies: envelopes as few fixed groups of muscles, each with a course in time (non-negative factors)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from gluteal.errors import InputError

#: Share of the variation (VAF, about zero), %, that the synergies must account for: of all muscles together.
#: Own choice near what papers on walking take; the number of synergies depends on it, so it is printed.
ENOUGH_TOGETHER = 90.0
#: The same of each muscle, %. Own choice.
ENOUGH_EACH = 75.0
#: Fewer muscles than this are not grouped. Own choice.
FEWEST_MUSCLES = 4
#: Steps of the fit at most. Own choice.
MOST_STEPS = 2000
#: Relative change of the residual in a step at which the fit ends. Own choice.
SMALLEST_CHANGE = 1e-7


@dataclass(frozen=True)
class Synergies:
    """Groups of muscles that rise and fall together.

    Attributes
    ----------
    muscles : tuple of str
    weights : (synergies, muscles)
        Each synergy's largest is 1.
    courses : (synergies, time)
        In shares of each muscle's own maximum.
    accounted_percent : float
        Share of the variation of all muscles together.
    by_muscle_percent : (muscles,)
    by_count_percent : tuple of float
        Share accounted for by 1, 2, ... synergies, up to the number taken.
    """

    muscles: tuple[str, ...]
    weights: np.ndarray = field(repr=False)
    courses: np.ndarray = field(repr=False)
    accounted_percent: float
    by_muscle_percent: np.ndarray = field(repr=False)
    by_count_percent: tuple[float, ...]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.weights)


def compute_synergies(courses: np.ndarray, muscles: Sequence[str]) -> Synergies:
    """Find the fewest synergies that account for the envelopes.

        E ~ sum over k of weight_k course_k,  both >= 0

    with E each muscle in shares of its own maximum (Lee & Seung's factors, fitted column by column: hierarchical
    alternating least squares, from a start by singular vectors, so that the same data give the same result).

    Parameters
    ----------
    courses : (muscles, time)
        Envelopes, any unit, not negative; columns with a missing value are left out.
    muscles : sequence of str

    Raises
    ------
    InputError
        Fewer than `FEWEST_MUSCLES` muscles, a silent one, or too few samples.
    """
    values = np.asarray(courses, dtype=float)
    values = np.clip(values[:, np.isfinite(values).all(axis=0)], 0.0, None)
    if len(muscles) < FEWEST_MUSCLES or values.shape[0] != len(muscles):
        raise InputError(f"Synergies need at least {FEWEST_MUSCLES} muscles of one recording; here are {len(muscles)}.")
    if values.shape[1] < 4 * len(muscles) or not (values.max(axis=1, initial=0.0) > 0.0).all():
        raise InputError("Synergies need longer envelopes, in which every muscle is active at some time.")
    values = values / values.max(axis=1, keepdims=True)
    found: list[float] = []
    for count in range(1, len(muscles)):
        weights, times = factorise(values, count)
        rest = (values - weights @ times) ** 2
        each = 100.0 * (1.0 - rest.sum(axis=1) / (values**2).sum(axis=1))
        found.append(float(100.0 * (1.0 - rest.sum() / (values**2).sum())))
        if found[-1] >= ENOUGH_TOGETHER and each.min() >= ENOUGH_EACH:
            break
    scale = weights.max(axis=0)
    scale[scale == 0.0] = 1.0
    order = np.argsort(np.argmax(times, axis=1), kind="stable")
    return Synergies(
        tuple(muscles), (weights / scale).T[order], (times * scale[:, None])[order], found[-1], each, tuple(found)
    )


def factorise(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return non-negative factors (rows, count) and (count, columns) whose product is nearest to `values`."""
    weights, times = _start(values, count)
    tiny = np.finfo(float).eps
    before = np.inf
    for _ in range(MOST_STEPS):
        for a, b, data in ((weights, times, values), (times.T, weights.T, values.T)):
            cross, gram = data @ b.T, b @ b.T
            for k in range(count):
                a[:, k] = np.maximum(a[:, k] + (cross[:, k] - a @ gram[:, k]) / max(gram[k, k], tiny), 0.0)
        rest = float(((values - weights @ times) ** 2).sum())
        if before - rest <= SMALLEST_CHANGE * max(rest, tiny):
            break
        before = rest
    return weights, times


def _start(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Positive parts of singular vectors (Boutsidis & Gallopoulos 2008), zeros filled with a hundredth of the mean."""
    left, size, right = np.linalg.svd(values, full_matrices=False)
    weights, times = np.empty((len(values), count)), np.empty((count, values.shape[1]))
    for k in range(count):
        u, v = left[:, k], right[k]
        if np.linalg.norm(np.maximum(u, 0.0)) * np.linalg.norm(np.maximum(v, 0.0)) < np.linalg.norm(
            np.minimum(u, 0.0)
        ) * np.linalg.norm(np.minimum(v, 0.0)):
            u, v = -u, -v
        root = np.sqrt(size[k])
        weights[:, k], times[k] = root * np.maximum(u, 0.0), root * np.maximum(v, 0.0)
    fill = 0.01 * values.mean()
    return np.maximum(weights, fill), np.maximum(times, fill)
