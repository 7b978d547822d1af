"""Healthy people drawn from published onsets; shared by experiments on observers and recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from gluteal.emg.measure.healthy_onsets import PublishedOnset, load_published_onsets

#: Share of the published variance of an onset that is trial to trial within one person; not published, so varied.
WITHIN = (0.2, 0.5, 0.8)
GLUTE, HAMSTRINGS = "gluteus maximus", "hamstrings"
BACK, BACK_OTHER = "erector spinae, same side", "erector spinae, opposite side"
TEXTBOOK = (HAMSTRINGS, GLUTE, BACK_OTHER, BACK)
#: Study and condition: 11 women with the knee straight, 21 men with it bent.
WOMEN, MEN = ("lewis2009", "no cue"), ("suehiro2015", "knee flexed hip neutral")
WOMEN_CUED = ("lewis2009", "cue to use glutes")


def published_rows(study: tuple[str, str]) -> list[PublishedOnset]:
    """Return the published onsets with a spread, of a study (key, condition)."""
    return [r for r in load_published_onsets() if (r.key, r.condition) == study and r.sd_s is not None]


def draw_onsets(
    rows: Sequence[PublishedOnset],
    rng: np.random.Generator,
    *,
    people: int,
    trials: int = 1,
    correlation: float = 0.5,
    within: float = 0.5,
) -> dict[str, np.ndarray]:
    """Draw onsets, s, by muscle, (people, trials), from published means and standard deviations.

    The published variance is split: (1 - within) between people, within from trial to trial; muscles share a part
    of both (`correlation`). The event that onsets are counted from is 0: hamstrings or the start of the movement.
    """
    shared = unit_variation(rng, people, trials, within)
    times = {}
    for row in rows:
        own = unit_variation(rng, people, trials, within)
        z = np.sqrt(correlation) * shared + np.sqrt(1.0 - correlation) * own
        times[row.muscle] = row.mean_s + (row.sd_s or 0.0) * z
    if rows[0].reference_event == "hamstring onset":
        times[HAMSTRINGS] = np.zeros((people, trials))
    else:
        times[HAMSTRINGS] = np.minimum(times["medial hamstrings"], times["lateral hamstrings"])
    return times


def unit_variation(rng: np.random.Generator, people: int, trials: int, within: float) -> np.ndarray:
    """Draw unit normal numbers, (people, trials), of which a share `within` of the variance differs between trials."""
    person, trial = rng.standard_normal((people, 1)), rng.standard_normal((people, trials))
    return np.asarray(np.sqrt(1.0 - within) * person + np.sqrt(within) * trial)


def in_textbook_order(times: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return where hamstrings, gluteus maximus, opposite and same-side erector spinae start in this order."""
    return np.asarray(np.logical_and.reduce([times[a] < times[b] for a, b in pairwise(TEXTBOOK)]))


def glute_lag(times: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return by how much gluteus maximus starts after the last of the other three, s; positive: it is last."""
    return np.asarray(times[GLUTE] - np.maximum.reduce([times[m] for m in TEXTBOOK if m != GLUTE]))
