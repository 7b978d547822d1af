"""What it costs to walk and stand up differently: squeezing the gluteals, sparing hips or ankles, weak calves."""

from __future__ import annotations

import numpy as np

from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments.walking.common import HELD, HIP_LOAD_LIMIT, ROTATION_LIMIT, cost_ratio, read_costs
from gluteal.ledger.measures import (
    CLEAR_RISE,
    FOREGONE_SQUEEZE,
    LOW_ACTIVITY,
    RISE_WHY,
    SMALL_RISE,
    missing_of_limit,
    muscle_moments,
    tolerated_loss,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, Threshold, value_words
from gluteal.mechanics.build import CROSSES
from gluteal.nerves.condition import Condition
from gluteal.outcome.metabolics import compute_metabolic_power
from gluteal.outcome.verdict import CHANGED_EFFORT, MISSING_SHARE
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.words import coordinate_words

#: A conscious squeeze: the upper end of what studies of EMG call low activity.
SQUEEZE = LOW_ACTIVITY / 100.0
#: How many times dearer the activation of a spared muscle counts, and how much cheaper one that is favoured.
SPARED = 10.0
#: Part of the right leg's cycle in which it pushes off.
PUSH_OFF = (0.40, 0.62)


def _squeeze(bench: Bench) -> list[Reading]:
    readings = []
    squeeze = Condition.squeeze("gluteals", floor=SQUEEZE)
    for task, words in (("walk", "walking"), ("sit-to-stand", "getting up")):
        worst = bench.outcome(task, squeeze).deficit
        note = f"largest: {value_words(worst.peak, 'N m')}, {coordinate_words(worst.coordinate)}"
        readings += read_costs(bench, task, squeeze, key=task, done="squeezed", words=words, note=note)
    return readings


def _power(solved: Solution) -> float:
    return float(compute_metabolic_power(solved).sum("muscle").mean(skipna=False))


def _impulse(solved: Solution, coordinate: str, sign: float, phase: tuple[float, float] = (0.0, 1.0)) -> float:
    """Return the time integral of what muscles turn one way, N m s."""
    time = solved.mechanics.time
    moment = np.maximum(sign * muscle_moments(solved, coordinate).sum("muscle").values, 0.0)
    part = (time >= phase[0] * time[-1]) & (time <= phase[1] * time[-1])
    return float(np.trapezoid(moment[part], time[part]))


def _crossing(bench: Bench, joint: str) -> np.ndarray:
    """Say which muscles cross a joint of either leg, (M,) bool."""
    arm = bench.mechanics("walk").dataset["moment_arm"].sel(coordinate=[f"{joint}_r", f"{joint}_l"])
    return np.asarray(abs(arm).max(("time", "coordinate")).values > CROSSES)


def _strategies(bench: Bench) -> list[Reading]:
    walk = bench.mechanics("walk")
    calves = np.isin(bench.body.muscle_names, bench.body.resolve("plantarflexors"))
    distal = solve_sharing(walk, weight=np.where(_crossing(bench, "hip_flexion"), SPARED, 1.0))
    proximal = solve_sharing(walk, weight=np.where(_crossing(bench, "ankle_angle"), SPARED, 1.0))
    more, less = (solve_sharing(walk, weight=np.where(calves, f, 1.0)) for f in (1.0 / SPARED, SPARED))
    plain = _power(bench.recruitment("walk"))
    push = _impulse(more, "ankle_angle_r", -1.0, PUSH_OFF) / _impulse(less, "ankle_angle_r", -1.0, PUSH_OFF)
    extension = _impulse(more, "hip_flexion_r", -1.0) / _impulse(less, "hip_flexion_r", -1.0)
    flexion = _impulse(more, "hip_flexion_r", 1.0) / _impulse(less, "hip_flexion_r", 1.0)
    study = Published("lewisferris2008", high=1.0, words="hip moments fall with more push-off")
    return [
        Reading("distal", "metabolic power, hips spared / least effort", _power(distal) / plain, "1"),
        Reading("proximal", "metabolic power, ankles spared / least effort", _power(proximal) / plain, "1"),
        Reading(
            "distal-proximal", "metabolic power, hips spared / ankles spared", _power(distal) / _power(proximal), "1"
        ),
        Reading("push-off", "ankle impulse of push-off, calves favoured / spared", push, "1"),
        Reading("hip-extension", "hip extension impulse, calves favoured / spared", extension, "1", study),
        Reading("hip-flexion", "hip flexion impulse, calves favoured / spared", flexion, "1", study),
        Reading("push-off-cost", "metabolic power, calves favoured / spared", _power(more) / _power(less), "1"),
    ]


def _weak_calves(bench: Bench) -> list[Reading]:
    loss, note = tolerated_loss(bench.mechanics("walk"), "plantarflexors")
    half = bench.outcome("walk", Condition.weaken("plantarflexors", loss=0.5))
    study = Published("huang2015", high=1.5, words="up to about 50 % dearer with half of the push-off gone")
    worst = f"largest: {value_words(half.deficit.peak, 'N m')}, {coordinate_words(half.deficit.coordinate)}"
    return [
        Reading("tolerated", "largest tolerated loss of the plantarflexors", loss, "1", note=note),
        Reading(
            "missing",
            "moment missing with half of them, share of its limit",
            missing_of_limit(half.deficits),
            "1",
            note=worst,
        ),
        Reading("cost", "metabolic power with half of the plantarflexors / whole", cost_ratio(half), "1", study),
        Reading("effort", "effort with half of the plantarflexors / whole", half.effort_ratio, "1"),
    ]


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "squeezed-glutes",
        "Squeezing the gluteals while walking and getting up",
        f"All gluteals are kept at {100 * SQUEEZE:.0f} % of their maximum or more. What does it cost, and what do the "
        "hips feel?",
        "simulation",
        (),
        f"{HELD} {ROTATION_LIMIT} In walking the squeeze turns the thighs outward more than the body's other muscles "
        f"can undo, so that its numbers there are those of a walk that lacks rotation. {HIP_LOAD_LIMIT} Whether "
        "squeezing teaches anything, or feels safe, is not a matter of mechanics.",
        _squeeze,
    ),
    Experiment(
        "walk-distal-or-proximal",
        "Sparing the hips or sparing the ankles",
        f"The same walk, with all muscles that cross the hip counted {SPARED:.0f} times dearer (a distal way of "
        "walking), or all that cross the ankle (a proximal way); and with plantarflexors favoured or spared, which "
        "shifts load between the feet while both stand. Which costs less energy?",
        "simulation",
        ("lewisferris2008",),
        f"{HELD} So ankle and hip moments are free only while both feet stand; people in the study changed their whole "
        "push-off. Tendons are rigid here: the energy that a stretched tendon saves at the ankle is not counted, which "
        "speaks against the ankle. Any strategy costs more effort than the one of least effort, by definition.",
        _strategies,
    ),
    Experiment(
        "walk-weak-calves",
        "Walking with half of the calf muscles",
        "Plantarflexors of both legs lose half of their strength; the walk is held as it is.",
        "simulation",
        ("huang2015",),
        f"{HELD} In the study an orthosis took push-off away and the knee replaced its work; here ankle work stays "
        "what it was, done by less muscle, so that the loss of push-off itself and what replaces it cannot be shown. "
        "Tendons are rigid. The toes give out first, because the foot is stiff in front of the ankle.",
        _weak_calves,
    ),
)

_ECONOMY_WHY = "a hundredth is the least change of effort that the verdict of a simulation counts"

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "conscious-glute-squeeze-backfires",
        "squeezed-glutes",
        (
            Threshold(
                "walk-cost",
                Bound(low=CLEAR_RISE),
                Bound(high=SMALL_RISE),
                "the same bounds as for loads: up to 5 % is small, above 13.7 % more than people differ in mass",
            ),
            Threshold("walk-load", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), RISE_WHY),
        ),
        "Walking only; standing up is read out here and judged in an experiment of its own. Energy and hip load only, "
        "and one depth of squeeze. A squeeze cannot lower effort; how much energy and load it adds is what is tested. "
        "The squeezed walk lacks hip rotation.",
        FOREGONE_SQUEEZE,
    ),
    Prediction(
        "distal-to-proximal-saves-energy",
        "walk-distal-or-proximal",
        (
            Threshold(
                "distal-proximal", Bound(high=1.0 - CHANGED_EFFORT), Bound(low=1.0 + CHANGED_EFFORT), _ECONOMY_WHY
            ),
            Threshold("push-off-cost", Bound(high=1.0 - CHANGED_EFFORT), Bound(low=1.0 + CHANGED_EFFORT), _ECONOMY_WHY),
        ),
        "Rigid tendons leave out what makes the ankle cheap in life.",
    ),
    Prediction(
        "distal-to-proximal-saves-energy",
        "walk-weak-calves",
        (
            Threshold(
                "cost",
                Bound(low=1.0 + MISSING_SHARE),
                Bound(high=1.0 + CHANGED_EFFORT),
                "if the distal leg is the cheap one, weak calves make walking dearer; 1 % and 5 % are the verdict's "
                "limits (published: up to about 50 %)",
            ),
        ),
        "Weak calves, not a changed push-off.",
    ),
)

MISSING: dict[str, str] = {}
