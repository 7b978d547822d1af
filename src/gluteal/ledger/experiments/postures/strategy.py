"""Sharing load on purpose: how far a conscious squeeze is met, and what it costs."""

from __future__ import annotations

from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments.walking.common import HELD, HIP_LOAD_LIMIT, read_costs
from gluteal.ledger.measures import CLEAR_RISE, FOREGONE_SQUEEZE, RISE_WHY, SMALL_RISE
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Reading, Threshold
from gluteal.nerves.condition import Condition
from gluteal.outcome.wishes import list_wishes

#: Levels of activation that gluteus maximus is wished to reach: own choice, from low to high activity.
LEVELS = (0.1, 0.2, 0.4)
TASKS = {"walk": "walking", "single-leg-stance": "standing on one leg", "sit-to-stand": "getting up"}


def _wished(bench: Bench) -> list[Reading]:
    readings = []
    for task, words in TASKS.items():
        for level in LEVELS:
            wish = Condition.wish("glmax", level=level)
            outcome = bench.outcome(task, wish)
            at = f"{100 * level:.0f} % wished, {words}"
            key = f"{task}-{100 * level:.0f}"
            met = min(row["mean"] for row in list_wishes(outcome))
            readings += [
                Reading(f"{key}-met", f"activation of gluteus maximus reached, {at}", met, "1"),
                *read_costs(bench, task, wish, key=key, done="wished", words=at),
            ]
    return readings


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "wished-squeeze",
        "Tightening gluteus maximus as far as the movement allows",
        "Walking, standing on one leg and getting up, with the wish that gluteus maximus works at 10, 20 or 40 % or "
        "more. How far is that met, what does it cost, and what do the hips feel?",
        "simulation",
        (),
        f"{HELD} {HIP_LOAD_LIMIT} Whether a squeeze teaches anything, or feels safe, is not a matter of mechanics.",
        _wished,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "conscious-glute-squeeze-backfires",
        "wished-squeeze",
        (
            Threshold(
                "walk-20-cost",
                Bound(low=CLEAR_RISE),
                Bound(high=SMALL_RISE),
                "the same bounds as for loads: up to 5 % is small, above 13.7 % more than people differ in mass",
            ),
            Threshold("walk-20-load", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), RISE_WHY),
        ),
        "Energy and hip load only. Unlike a squeeze that must hold, the wish lets the walk stay possible.",
        FOREGONE_SQUEEZE,
    ),
)

MISSING: dict[str, str] = {}
