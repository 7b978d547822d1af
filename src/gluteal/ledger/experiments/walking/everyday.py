"""What the gluteals do in walking and other everyday movements: how busy, how much of the work, how much needed."""

from __future__ import annotations

import numpy as np

from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments.walking.common import (
    HELD,
    ROTATION_LIMIT,
    cost_ratio,
    during,
    right_single_support,
    right_stance,
    with_rotation_supplied,
)
from gluteal.ledger.measures import (
    ACTIVITY_WHY,
    GLUTEALS,
    HIGH_ACTIVITY,
    LOW_ACTIVITY,
    missing_of_limit,
    moment_share,
    tolerated_loss,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import activation_ends, share_band
from gluteal.nerves.condition import Condition
from gluteal.outcome.verdict import CHANGED_EFFORT, MISSING_SHARE

FRONTAL = "hip_adduction_r"
#: Everyday movements that are built in, by plain names.
EVERYDAY = {
    "quiet-standing": "standing",
    "walk": "walking",
    "sit-to-stand": "getting up from a chair",
    "step-up": "climbing a step of 20 cm",
    "forward-bend": "bending forward by 30 degrees",
}


def _everyday(bench: Bench) -> list[Reading]:
    readings, tolerated, cost = [], [], []
    for task, words in EVERYDAY.items():
        mechanics = bench.mechanics(task)
        everything, note = tolerated_loss(mechanics, "gluteals")
        maximus, maximus_note = tolerated_loss(mechanics, "glmax")
        half = bench.outcome(task, Condition.weaken("gluteals", loss=0.5))
        tolerated.append(everything)
        cost.append(cost_ratio(half))
        readings += [
            Reading(
                f"{task}-tolerated", f"largest tolerated loss of all gluteals, {words}", everything, "1", note=note
            ),
            Reading(f"{task}-maximus", f"the same, gluteus maximus only, {words}", maximus, "1", note=maximus_note),
            Reading(
                f"{task}-missing",
                f"moment missing, gluteals halved, share of its limit, {words}",
                missing_of_limit(half.deficits),
                "1",
            ),
            Reading(f"{task}-cost", f"metabolic power, gluteals halved / whole, {words}", cost[-1], "1"),
        ]
    supplied, note = tolerated_loss(with_rotation_supplied(bench.mechanics("walk")), "gluteals")
    return [
        Reading(
            "tolerated",
            "largest loss of all gluteals that every one of these movements tolerates",
            float(np.min(tolerated)),
            "1",
        ),
        Reading("cost", "metabolic power, gluteals halved / whole, mean of the movements", float(np.mean(cost)), "1"),
        Reading(
            "walk-supplied", "tolerated in walking, hip rotation supplied from elsewhere", supplied, "1", note=note
        ),
        *readings,
    ]


def _activity(bench: Bench) -> list[Reading]:
    walk = bench.recruitment("walk")
    quoted = Published(
        "willson2012", low=20.0, high=40.0, words="range quoted by an author in a magazine, both muscles"
    )
    readings = []
    for group, words in (("glmax", "gluteus maximus"), ("glmed", "gluteus medius")):
        active = 100.0 * during(walk, group, right_stance(walk))
        published = Published("lieberman2006", words="mostly quiet and low") if group == "glmax" else None
        readings += [
            Reading(f"{group}-mean", f"{words}, mean of stance", float(active.mean()), "%", published),
            Reading(f"{group}-peak", f"{words}, peak of stance", float(active.max()), "%", quoted),
        ]
    part = 100.0 * float(walk.activation.sel(muscle="glmed1_r").max(skipna=False))
    words = "front part of gluteus medius alone, peak"
    return [*readings, Reading("glmed-front-peak", words, part, "%", note="the busiest part")]


def _activity_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    walk = bench.recruitment("walk")
    found, stance = {}, right_stance(walk)
    for group in ("glmax", "glmed"):
        ends = activation_ends(walk, group, slack=slack)
        found[f"{group}-mean"], found[f"{group}-peak"] = (
            band.times(100.0) for band in (ends.mean(stance), ends.peak(stance))
        )
    return found


def _abduction_share(bench: Bench) -> list[Reading]:
    walk = bench.recruitment("walk")
    alone = right_single_support(walk)

    def share(*groups: str) -> float:
        return moment_share(walk, groups, FRONTAL, -1, frames=np.flatnonzero(alone))

    readings = [
        Reading("single-support", "part of the cycle that the right foot stands alone", float(alone[:-1].mean()), "1"),
        Reading(
            "medius-minimus", "gluteus medius and minimus, share of the abduction moment", share("glmed", "glmin"), "1"
        ),
        Reading("maximus", "gluteus maximus, share of the abduction moment", share("glmax"), "1"),
        Reading("tensor", "tensor fasciae latae, share of the abduction moment", share("tfl"), "1"),
        Reading("gluteal", "all gluteals, share of the abduction moment", share(*GLUTEALS), "1"),
    ]
    for key, words, groups in (
        ("missing", "any gluteal", GLUTEALS),
        ("missing-medius", "gluteus medius and minimus", ("glmed", "glmin")),
    ):
        lost = bench.outcome("walk", Condition.weaken(*groups, loss=1.0, side="r"))
        value = missing_of_limit(lost.deficits, FRONTAL)
        readings.append(Reading(key, f"abduction moment missing without {words}, share of its limit", value, "1"))
    return readings


def _abduction_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    walk = bench.recruitment("walk")
    alone = right_single_support(walk)
    groups = {"medius-minimus": ("glmed", "glmin"), "maximus": ("glmax",), "tensor": ("tfl",), "gluteal": GLUTEALS}
    return {key: share_band(walk, of, FRONTAL, -1, frames=alone, slack=slack) for key, of in groups.items()}


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "everyday-without-glutes",
        "Everyday movements with less and less of the gluteals",
        "Standing, walking, getting up, climbing a step and bending: how much of all gluteals of both sides can be "
        "lost before the movement cannot be done exactly as it is, and what it costs to do it with half of them.",
        "simulation",
        (),
        f"{HELD} {ROTATION_LIMIT} Standing and bending are slow; running, jumping and lifting are not in it.",
        _everyday,
    ),
    Experiment(
        "walk-gluteal-activity",
        "How busy the gluteals are in walking",
        "Activation of gluteus maximus and medius while the right foot is on the ground, as a share of their maximum.",
        "simulation",
        ("lieberman2006",),
        "Activation of least effort is not EMG: it knows no co-contraction, and parts of a muscle differ. The front "
        "part of gluteus medius is near its limit here, because the body is short of inward hip rotation. No running "
        "movement is built in, so that the study's comparison with running cannot be repeated, nor uphill walking.",
        _activity,
        bands=_activity_bands,
    ),
    Experiment(
        "walk-abduction-share",
        "Who keeps the pelvis level in walking",
        "While the right foot stands alone, the moment that keeps the pelvis from dropping is split by muscle; then "
        "the right gluteals are taken away.",
        "simulation",
        (),
        f"{HELD} {ROTATION_LIMIT} Part of what is missing then shows as rotation. Walking only, not running.",
        _abduction_share,
        bands=_abduction_bands,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "glutes-minor-in-daily-life",
        "everyday-without-glutes",
        (
            Threshold(
                "tolerated",
                Bound(low=0.9),
                Bound(high=0.5),
                "what matters little can go almost entirely; half is about what nerve blocks took of the hip's "
                "abduction strength in people (46 and 52 %)",
            ),
            Threshold(
                "cost",
                Bound(high=1.0 + CHANGED_EFFORT),
                Bound(low=1.0 + MISSING_SHARE),
                "the verdict's own limits: 1 % is the least change it counts, 5 % the share that must not be missing",
            ),
        ),
        "Slow everyday movements of a healthy body, each done in one given way.",
    ),
    Prediction(
        "glutes-quiet-in-walking",
        "walk-gluteal-activity",
        tuple(
            Threshold(key, Bound(high=LOW_ACTIVITY), Bound(low=HIGH_ACTIVITY), ACTIVITY_WHY)
            for key in ("glmax-mean", "glmax-peak", "glmed-mean", "glmed-peak")
        ),
        "Both muscles, mean and peak; level walking at one speed.",
    ),
    Prediction(
        "glutes-keep-pelvis-level",
        "walk-abduction-share",
        (
            Threshold("gluteal", Bound(low=0.5), Bound(high=0.25), "most of the moment, or less than a quarter of it"),
            Threshold(
                "missing",
                Bound(low=1.0),
                Bound(high=1.0),
                "above its limit (5 % of the peak moment) the pelvis cannot be held as it was, by the verdict's rule",
            ),
        ),
        "Walking, not running.",
    ),
)

MISSING: dict[str, str] = {
    "willson2012": "No running movement is built in, so the gluteals cannot be looked at in running.",
}
