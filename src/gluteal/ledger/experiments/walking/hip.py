"""What hips feel in walking: beside implants, with longer strides, with short hip flexors."""

from __future__ import annotations

import numpy as np

from gluteal.engines import compute_mechanics
from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments.walking.changed import lengthen_stride
from gluteal.ledger.experiments.walking.common import (
    HIP_LOAD_LIMIT,
    during,
    peak_forward_force,
    residuals,
    right_stance,
)
from gluteal.ledger.measures import missing_of_limit, peak_load, shorten
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import activation_ends, load_band
from gluteal.mechanics.build import Mechanics
from gluteal.outcome.record import Outcome
from gluteal.outcome.verdict import MISSING_SHARE
from gluteal.sharing.solution import Solution, solve_sharing

#: Strides, shorter and longer than the walk's own.
SHORTER, LONGER = 0.9, 1.1
#: How much shorter iliacus and psoas are made, mm: at their lever arm of some 3 cm in the extended hip, 10, 19 and 38
#: degrees less extension until they are as tight.
SHORTENINGS = (5, 10, 20)
SHORTENED = ("iliacus", "psoas")


def _stride(bench: Bench) -> list[Reading]:
    base = bench.recruitment("walk")
    readings, extension, forward = [], [], []
    for ratio, words in ((SHORTER, "strides 10 % shorter"), (1.0, "own strides"), (LONGER, "strides 10 % longer")):
        movement = lengthen_stride(bench.body, bench.movement("walk"), ratio=ratio)
        solved = base if ratio == 1.0 else solve_sharing(compute_mechanics(bench.body, movement))
        extension.append(-float(np.rad2deg(movement.coordinates.sel(coordinate="hip_flexion_r").min())))
        forward.append(peak_forward_force(solved))
        key = f"{ratio:g}"
        readings += [
            Reading(f"extension-{key}", f"largest hip extension, {words}", extension[-1], "deg"),
            Reading(f"forward-{key}", f"peak forward hip force, {words}", forward[-1], "body weights"),
            *residuals(solved, key, words),
        ]
    study = Published("lewis2010", low=0.0, words="greater with more extension at the end of stance")
    gain = forward[-1] - forward[0]
    return [Reading("gain", "forward hip force, most minus least extension", gain, "body weights", study), *readings]


def _implants(bench: Bench) -> list[Reading]:
    readings = []
    tasks = {"walk": ("walking", 2.38, "about 4 km/h; mean of 4 people"), "step-up": ("step-up", 2.51, "up stairs")}
    for task, (words, peak, note) in tasks.items():
        solved, loads = bench.recruitment(task), bench.loads(task)
        lines = solved.mechanics.lines
        push = np.einsum("tjar,tr->tja", lines.support_force, solved.dataset["support_force"].values)
        bare = lines.needed_force - push
        hip = [cut.joint == "hip" and cut.side == "r" for cut in lines.cuts].index(True)
        alone = float(np.linalg.norm(bare[:, hip], axis=1).max()) / float(loads.attrs["body_weight_N"])
        published = Published("bergmann2001", value=peak, words=note)
        readings += [
            Reading(task, f"peak hip force, {words}", peak_load(loads, "hip_r"), "body weights", published),
            Reading(f"{task}-bare", f"of it without any muscle force, {words}", alone, "body weights"),
        ]
    return readings


def _short_flexors(bench: Bench) -> list[Reading]:
    walk, base = bench.mechanics("walk"), bench.recruitment("walk")
    stance = np.flatnonzero(right_stance(base))
    late = stance[len(stance) // 2 :]
    readings = []

    def mean(solved: Solution, group: str, frames: np.ndarray) -> float:
        return float(during(solved, group, frames).mean())

    for length in SHORTENINGS:
        tight = solve_sharing(_tightened(walk, length / 1000.0))
        outcome = Outcome(base, tight)
        key, words = f"{length}mm", f"iliopsoas {length} mm shorter"
        higher = Published(
            "iliopsoas_gait_ijmrhs", low=0.0, words="higher in the tight group at the end of stance (p 0.001)"
        )
        readings += [
            Reading(
                f"maximus-{key}",
                f"gluteus maximus in stance, {words} / normal",
                mean(tight, "glmax", stance) / mean(base, "glmax", stance),
                "1",
            ),
            Reading(
                f"maximus-late-{key}",
                f"gluteus maximus in late stance, change, {words}",
                mean(tight, "glmax", late) - mean(base, "glmax", late),
                "1",
                higher,
            ),
            Reading(
                f"hamstrings-late-{key}",
                f"hamstrings in late stance, change, {words}",
                mean(tight, "hamstrings", late) - mean(base, "hamstrings", late),
                "1",
                higher,
            ),
            Reading(
                f"passive-{key}",
                f"largest passive force of right iliacus and psoas, {words}",
                float(
                    tight.mechanics.dataset["passive_force"].sel(muscle=["iliacus_r", "psoas_r"]).sum("muscle").max()
                ),
                "N",
            ),
            Reading(
                f"missing-{key}",
                f"moment missing, share of its limit, {words}",
                missing_of_limit(outcome.deficits),
                "1",
            ),
        ]
    return readings


def _implant_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    return {task: load_band(bench.recruitment(task), "hip_r", slack=slack) for task in ("walk", "step-up")}


def _short_flexor_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    walk, base = bench.mechanics("walk"), bench.recruitment("walk")
    stance = np.flatnonzero(right_stance(base))
    normal = activation_ends(base, "glmax", slack=slack).mean(stance)
    return {
        f"maximus-{length}mm": activation_ends(solve_sharing(_tightened(walk, length / 1000.0)), "glmax", slack=slack)
        .mean(stance)
        .over(normal)
        for length in SHORTENINGS
    }


def _tightened(walk: Mechanics, length: float) -> Mechanics:
    return shorten(walk, {f"{muscle}_{side}": length for muscle in SHORTENED for side in "rl"})


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "walk-hip-force",
        "Hip forces in walking and stepping up, beside those in implants",
        "The peak force of the right hip, and how much of it would be left without any muscle.",
        "simulation",
        ("bergmann2001",),
        f"{HIP_LOAD_LIMIT} The walk is faster (4.7 km/h) than the study's 4 km/h and its walker younger; the step-up "
        "is one step of 20 cm. No movement down stairs is built in; standing on one leg is another experiment.",
        _implants,
        bands=_implant_bands,
    ),
    Experiment(
        "walk-stride-hip-force",
        "More hip extension and the front of the hip",
        "Hips, knees and ankles swing 10 % less or more at the same cadence, so that the hip extends less or more at "
        "the end of stance. How hard does the thigh press the pelvis forward?",
        "simulation",
        ("lewis2010",),
        f"{HIP_LOAD_LIMIT} The study compared people's own steps with the most and the least extension; here one walk "
        "is scaled, and with it its speed.",
        _stride,
    ),
    Experiment(
        "walk-short-hip-flexors",
        "Walking with short hip flexors",
        "Iliacus and psoas are made 5, 10 and 20 mm shorter on both sides, so that they pull back earlier as the hip "
        "extends. Do the gluteals have more or less to do in the same walk?",
        "simulation",
        ("iliopsoas_gait_ijmrhs",),
        "The walk stays the same; people with short flexors may extend the hip less. This is mechanics only: whether a "
        "tight muscle inhibits another by reflex cannot be asked of this model.",
        _short_flexors,
        bands=_short_flexor_bands,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "tight-hip-flexors-inhibit-glutes",
        "walk-short-hip-flexors",
        (
            Threshold(
                "maximus-10mm",
                Bound(high=1.0 - MISSING_SHARE),
                Bound(low=1.0),
                "the claim says that gluteus maximus does less, by the 5 % that the verdict counts as a share that "
                "matters; if it has to do as much or more, mechanics give it no reason for less",
            ),
        ),
        "The mechanical part only; not a reflex.",
    ),
)

MISSING: dict[str, str] = {}
