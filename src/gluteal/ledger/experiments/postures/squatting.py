"""Squatting, standing up and stepping up: who raises the body, and what stiff flexors or a squeeze change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy

from gluteal.engines import compute_mechanics
from gluteal.ledger.bench import Bench
from gluteal.ledger.measures import (
    CLEAR_RISE,
    FOREGONE_SQUEEZE,
    GLUTEALS,
    HIGH_ACTIVITY,
    RISE_WHY,
    SMALL_RISE,
    activation_of,
    hold,
    mean_force,
    missing_of_limit,
    moment_share,
    peak_activation,
    peak_load,
    shorten,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import activation_ends, share_band
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.outcome.verdict import CHANGED_ACTIVATION
from gluteal.sharing.solution import solve_sharing

#: Angle above the horizontal at which a tight thigh rests in the Thomas test here, degrees.
TIGHT = 10.0
#: Smallest activation of a squeeze: from here on, activity counts as high.
SQUEEZE = HIGH_ACTIVITY / 100.0
#: Muscles that extend the hip, and the second half of a movement in which they raise the body.
EXTENSORS = ("glmax", "hamstrings", "addmag", "glmed", "glmin", "piriformis")
RISING = {"bend-and-return": 0.5, "squat": 0.5, "sit-to-stand": 0.0, "step-up": 0.0}


def _thomas(mechanics: Mechanics) -> float:
    """Return the hip flexion moment left over at rest, N m: passive muscles less the weight of the leg."""
    data = mechanics.dataset.sel(coordinate="hip_flexion_r").isel(time=0)
    return float((data["moment_arm"] * data["passive_force"]).sum("muscle") - data["joint_moment"])


def _tightening(bench: Bench) -> dict[str, float]:
    """Return the shortening of iliacus and psoas with which a thigh rests `TIGHT` above the horizontal, m."""
    thigh = {"pelvis_tilt": 90.0, "hip_flexion_r": TIGHT, "knee_angle_r": 80.0}
    supine = compute_mechanics(bench.body, hold(bench.body, [thigh]))
    muscles = bench.body.resolve("iliopsoas", side="r")

    def left_over(shortening: float) -> float:
        return _thomas(shorten(supine, dict.fromkeys(muscles, shortening)))

    return dict.fromkeys(bench.body.resolve("iliopsoas"), float(scipy.optimize.brentq(left_over, 0.0, 0.1, xtol=1e-9)))


def _tight_flexors(bench: Bench) -> list[Reading]:
    tight = _tightening(bench)
    before = bench.recruitment("squat")
    after = solve_sharing(shorten(bench.mechanics("squat"), tight))
    change = activation_of(after, "glmax") - activation_of(before, "glmax")
    upright = int(
        np.argmin(bench.mechanics("squat").dataset["coordinate_value"].sel(coordinate="hip_flexion_r").to_numpy())
    )
    source = "mills2015"
    return [
        Reading(
            "peak",
            "gluteus maximus peak in a squat, tight flexors minus normal",
            peak_activation(after, "glmax") - peak_activation(before, "glmax"),
            "1",
            Published(source, words="less (p 0.008)"),
        ),
        Reading(
            "mean",
            "gluteus maximus mean, tight minus normal",
            float(change.mean()),
            "1",
            Published(source, words="less (p 0.008)"),
        ),
        Reading(
            "upright", "gluteus maximus in the most upright frame, tight minus normal", float(change[upright]), "1"
        ),
        Reading(
            "hamstrings",
            "hamstring mean force, tight / normal",
            mean_force(after, "hamstrings") / mean_force(before, "hamstrings"),
            "1",
        ),
        Reading("reserve", "moment that muscles cannot supply, tight flexors", float(after.residual().max()), "N m"),
        Reading(
            "shortening",
            "shortening of iliacus and psoas",
            1e3 * max(tight.values()),
            "mm",
            note=f"the thigh then rests {TIGHT:g} degrees above the horizontal",
        ),
    ]


def _tight_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    after, before = (
        activation_ends(solved, "glmax", slack=slack)
        for solved in (solve_sharing(shorten(bench.mechanics("squat"), _tightening(bench))), bench.recruitment("squat"))
    )
    return {"peak": after.peak().minus(before.peak()), "mean": after.mean().minus(before.mean())}


def _shares(bench: Bench, task: str) -> Mapping[str, float]:
    """Return each extensor's share of the hip extension moment while the body rises."""
    solved = bench.recruitment(task)
    rising = slice(int(RISING[task] * len(solved.mechanics.time)), None)
    return {group: moment_share(solved, group, "hip_flexion_r", -1, frames=rising) for group in EXTENSORS}


def _raising(bench: Bench) -> list[Reading]:
    readings, ranks = [], {}
    for task in RISING:
        shares = _shares(bench, task)
        order = sorted(shares, key=lambda g: -shares[g])
        ranks[task] = 1 + order.index("glmax")
        note = ", ".join(f"{g} {shares[g]:.2f}" for g in order[:4])
        readings.append(
            Reading(
                f"share-{task}",
                f"gluteus maximus, share of the hip extension moment, {task}",
                shares["glmax"],
                "1",
                note=note,
            )
        )
    for task in RISING:
        without = bench.outcome(task, Condition.weaken("glmax", loss=1.0))
        readings.append(
            Reading(
                f"missing-{task}",
                f"moment missing without gluteus maximus, share of its limit, {task}",
                missing_of_limit(without.deficits),
                "1",
            )
        )
    standing = max(ranks[t] for t in ("squat", "sit-to-stand"))
    return [
        Reading(
            "rank-bend",
            "rank of gluteus maximus among hip extensors, coming up from a bend",
            ranks["bend-and-return"],
            "1",
        ),
        Reading("rank-stand", "its lower rank, coming up from a squat and from a seat", standing, "1"),
        *readings,
    ]


def _raising_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    bands, ranks = {}, {}
    for task in RISING:
        solved = bench.recruitment(task)
        rising = slice(int(RISING[task] * len(solved.mechanics.time)), None)
        shares = {g: share_band(solved, (g,), "hip_flexion_r", -1, frames=rising, slack=slack) for g in EXTENSORS}
        own = bands[f"share-{task}"] = shares.pop("glmax")
        # Ahead for certain, and ahead where both are taken at their ends.
        ranks[task] = [
            1 + sum(ahead)
            for ahead in zip(*((b.low > own.high, b.high > own.low) for b in shares.values()), strict=True)
        ]
    return {
        **bands,
        "rank-bend": ReadingBand(*ranks["bend-and-return"]),
        "rank-stand": ReadingBand(*(max(ranks[t][end] for t in ("squat", "sit-to-stand")) for end in (0, 1))),
    }


def _step_up(bench: Bench) -> list[Reading]:
    solved = bench.recruitment("step-up")
    readings = []
    for group, words, printed in (("glmax", "gluteus maximus", 28.7), ("glmed", "gluteus medius", 62.7)):
        published = Published(
            "macaskill2014", value=printed / 100.0, words="mean of maximal voluntary EMG, forward step-up"
        )
        course = activation_of(solved, group)
        readings += [
            Reading(f"{group}-mean", f"{words} in a step-up, mean", float(course.mean()), "1", published),
            Reading(f"{group}-peak", f"{words} in a step-up, peak", float(course.max()), "1"),
        ]
    return readings


def _squeezing(bench: Bench) -> list[Reading]:
    outcome = bench.outcome("sit-to-stand", Condition.squeeze("glmax", floor=SQUEEZE))
    squeezed = compute_joint_loads(outcome.changed)
    loads = bench.loads("sit-to-stand")
    return [
        Reading(
            "metabolic", "metabolic power standing up, gluteus maximus squeezed / free", outcome.metabolic_ratio, "1"
        ),
        Reading(
            "hip",
            "hip contact force, peak, squeezed / free",
            peak_load(squeezed, "hip_r") / peak_load(loads, "hip_r"),
            "1",
        ),
        Reading(
            "knee",
            "knee contact force, peak, squeezed / free",
            peak_load(squeezed, "knee_r") / peak_load(loads, "knee_r"),
            "1",
        ),
        Reading(
            "back",
            "lumbosacral force, peak, squeezed / free",
            peak_load(squeezed, "lumbosacral") / peak_load(loads, "lumbosacral"),
            "1",
        ),
        Reading(
            "effort",
            "effort, squeezed / free",
            outcome.effort_ratio,
            "1",
            note="cannot fall, because free is the least effort",
        ),
        Reading(
            "missing", "moment missing while squeezed, share of its limit", missing_of_limit(outcome.deficits), "1"
        ),
    ]


def _thigh_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    return {
        "abduction": share_band(bench.recruitment("step-up"), GLUTEALS, "hip_adduction_r", -1, slack=slack),
    }


def _thigh(bench: Bench) -> list[Reading]:
    solved = bench.recruitment("step-up")
    without = bench.outcome("step-up", Condition.weaken(*GLUTEALS, loss=1.0, side="r"))
    thigh = ("hip_adduction_r", "hip_rotation_r")
    readings = [
        Reading(
            "abduction",
            "gluteals, share of the hip abduction moment in a step-up",
            moment_share(solved, GLUTEALS, "hip_adduction_r", -1),
            "1",
        ),
        Reading(
            "outward",
            "gluteals, share of the outward rotation moment in a step-up",
            moment_share(solved, GLUTEALS, "hip_rotation_r", -1),
            "1",
        ),
    ]
    readings += [
        Reading(
            f"missing-{coordinate}",
            f"moment missing without gluteals, share of its limit, {coordinate}",
            missing_of_limit(without.deficits, coordinate),
            "1",
        )
        for coordinate in thigh
    ]
    return [
        Reading(
            "missing",
            "moment missing to hold the thigh without gluteals, share of its limit",
            missing_of_limit(without.deficits, *thigh),
            "1",
        ),
        *readings,
    ]


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "squat-tight-flexors",
        "Squatting with tight hip flexors",
        "Iliacus and psoas are shortened until, lying on the back, their passive pull holds the thigh 10 degrees "
        "above the horizontal; then the body squats.",
        "simulation",
        ("mills2015",),
        "The angle that counted as restricted in the study was not read. Its groups had equal moments, as here; a "
        "change of drive that no moment asks for cannot appear in a simulation by least effort.",
        _tight_flexors,
        bands=_tight_bands,
    ),
    Experiment(
        "who-raises-the-body",
        "Who raises the body",
        "Coming up from a forward bend, from a squat, from a seat and onto a step: each muscle group's share of the "
        "hip extension moment.",
        "simulation",
        (),
        "Load sharing by least effort favours muscles with a large moment arm and strength; hamstrings are too "
        "strong in flexed hips in this body.",
        _raising,
        bands=_raising_bands,
    ),
    Experiment(
        "step-up-activation",
        "Stepping up",
        "Gluteal activation in a forward step-up of 20 cm.",
        "simulation",
        ("macaskill2014",),
        "A lateral step-up is not built in. Height and speed of the study's step were not read; activation is not EMG.",
        _step_up,
    ),
    Experiment(
        "squeeze-standing-up",
        "Squeezing the buttocks while standing up",
        "Gluteus maximus is kept at 40 % activation or more throughout standing up from a seat; energy and joint "
        "forces are compared with standing up freely.",
        "simulation",
        (),
        "A squeeze as a cue while learning, and what it feels like, are not simulated; nor is a movement that "
        "changes with it.",
        _squeezing,
    ),
    Experiment(
        "thigh-alignment",
        "Holding the thigh in line while stepping up",
        "The gluteals' share of the moments that keep the thigh from falling inwards in a step-up, and what is "
        "missing without them.",
        "simulation",
        (),
        "The movement is given, so misalignment shows as a missing moment. Kneecap tracking, shin and foot are not "
        "simulated, nor is pain. Deep outward rotators of the hip are missing in this body, which makes gluteals "
        "look more important in rotation.",
        _thigh,
        bands=_thigh_bands,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "tight-hip-flexors-inhibit-glutes",
        "squat-tight-flexors",
        (
            Threshold(
                "peak",
                Bound(high=-CHANGED_ACTIVATION),
                Bound(low=-CHANGED_ACTIVATION / 2.0),
                "a change of activation counts from 0.02, as in the verdict; less than half of that is no fall",
            ),
            Threshold(
                "mean",
                Bound(high=-CHANGED_ACTIVATION),
                Bound(low=-CHANGED_ACTIVATION / 2.0),
                "the same for the mean over the squat",
            ),
        ),
        "The mechanical part: reflexes are not simulated.",
    ),
    Prediction(
        "glutes-raise-trunk-and-stand",
        "who-raises-the-body",
        tuple(
            Threshold(
                key,
                Bound(high=1.0),
                Bound(low=3.0),
                "the first of the hip extensors raises the body; the third or later does not",
            )
            for key in ("rank-bend", "rank-stand")
        ),
    ),
    Prediction(
        "conscious-glute-squeeze-backfires",
        "squeeze-standing-up",
        (
            Threshold("metabolic", Bound(low=SMALL_RISE), Bound(high=1.0), "5 % more energy, or none more"),
            Threshold("hip", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), RISE_WHY),
        ),
        "Standing up; walking is another experiment.",
        FOREGONE_SQUEEZE,
    ),
    Prediction(
        "glutes-align-thigh-and-kneecap",
        "thigh-alignment",
        (
            Threshold(
                "abduction", Bound(low=0.5), Bound(high=0.25), "most of the moment, or less than a quarter of it"
            ),
            Threshold("missing", Bound(low=1.0), Bound(high=1.0), "without them the thigh cannot be held, or it can"),
        ),
        "The thigh only; nothing about the kneecap or about pain.",
    ),
)

MISSING: dict[str, str] = {}
