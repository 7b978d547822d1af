"""Walking with weak hip abductors: as in tendinopathy, after surgery, and in random patterns."""

from __future__ import annotations

import numpy as np

from gluteal.ledger.bench import Bench, is_impossible
from gluteal.ledger.experiments.walking.common import (
    HELD,
    HIP_LOAD_LIMIT,
    ROTATION_LIMIT,
    with_rotation_supplied,
)
from gluteal.ledger.measures import (
    missing_of_limit,
    peak_activation,
    peak_load,
    thin,
    tolerated_loss,
)
from gluteal.ledger.prediction import Experiment, Prediction, Published, Reading
from gluteal.nerves.condition import Condition
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.outcome.record import Outcome
from gluteal.sharing.solution import solve_sharing

FRONTAL = "hip_adduction_r"
#: Abduction strength lost in gluteal tendinopathy (Allison 2016).
TENDINOPATHY = 0.32
#: Parts of the abductors that lose strength, each by its own random share, as in Valente et al. (2013).
ABDUCTOR_PARTS = ("glmed1", "glmed2", "glmed3", "glmin1", "glmin2", "glmin3", "tfl")
PATTERNS = 40


def _tendinopathy(bench: Bench) -> list[Reading]:
    outcome = bench.outcome("walk", Condition.strength_loss("hip abduction", loss=TENDINOPATHY, side="r"))
    before, after = (peak_activation(r, "glmed") for r in (outcome.baseline, outcome.changed))
    # As much as people with gluteal tendinopathy are weaker than controls (Allison 2016): given, not computed.
    return [
        Reading("loss", "abduction strength taken away on the right", 100 * TENDINOPATHY, "%"),
        Reading("before", "gluteus medius, peak, strong", before, "1"),
        Reading("after", "gluteus medius, peak, weak, of what is left", after, "1"),
        Reading(
            "frontal",
            "hip abduction moment missing, share of its limit",
            missing_of_limit(outcome.deficits, FRONTAL),
            "1",
        ),
        Reading("any", "moment missing anywhere, share of its limit", missing_of_limit(outcome.deficits), "1"),
        Reading("effort", "effort, weak / strong", outcome.effort_ratio, "1"),
    ]


def _denervation(bench: Bench) -> list[Reading]:
    walk = bench.mechanics("walk")
    frontal = with_rotation_supplied(walk)
    study = Published("gluteal_denervation_tha3", words="partly denervated in many, abductor power not lower")
    readings = []
    for key, words, targets in (
        ("glmed", "gluteus medius", ("glmed",)),
        ("glmax", "gluteus maximus", ("glmax",)),
        ("tfl", "tensor fasciae latae", ("tfl",)),
        ("all", "all three together", ("glmed", "glmax", "tfl")),
    ):
        loss, note = tolerated_loss(walk, *targets, side="r")
        supplied, supplied_note = tolerated_loss(frontal, *targets, side="r")
        readings += [
            Reading(key, f"least part of {words} that walking needs", 1.0 - loss, "1", study, note),
            Reading(
                f"{key}-supplied",
                f"{words}, hip rotation supplied from elsewhere",
                1.0 - supplied,
                "1",
                note=supplied_note,
            ),
        ]
    return readings


def _random_weakness(bench: Bench) -> list[Reading]:
    rng = bench.rng("walk-random-abductor-weakness")
    walk = thin(bench.mechanics("walk"), 2)
    undisturbed = solve_sharing(walk)
    before = compute_joint_loads(undisturbed)
    joints = ("hip_r", "knee_r", "ankle_r")
    changes: dict[str, list[float]] = {joint: [] for joint in joints}
    for losses in rng.random((PATTERNS, len(ABDUCTOR_PARTS))):
        pattern = Condition()
        for part, loss in zip(ABDUCTOR_PARTS, losses, strict=True):
            pattern = pattern & Condition.weaken(f"{part}_r", loss=float(loss))
        solved = solve_sharing(walk, condition=pattern)
        if is_impossible(Outcome(undisturbed, solved)):
            continue
        after = compute_joint_loads(solved)
        for joint in joints:
            changes[joint].append(peak_load(after, joint) - peak_load(before, joint))
    possible = len(changes["hip_r"])
    note = f"{possible} of {PATTERNS} random patterns leave the walk possible"
    readings = [Reading("possible", "patterns of weakness that leave the walk possible", possible / PATTERNS, "1")]
    for joint in joints:
        words = joint.removesuffix("_r")
        found = np.array(changes[joint]) if possible else np.array([np.nan])
        median = Published("valente2013", high=0.5, words="median difference up to 0.5, knee most")
        largest = Published("valente2013", high=1.7, words="largest difference of any joint 1.7, at the knee")
        size = float(np.median(np.abs(found)))
        readings += [
            Reading(f"{words}-median", f"{words}, median change of peak force", size, "body weights", median, note),
            Reading(f"{words}-most", f"{words}, largest change", float(found.max()), "body weights", largest, note),
        ]
    return readings


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "walk-tendinopathy-weakness",
        "Walking with abductors as weak as in gluteal tendinopathy",
        "The right hip loses 32 % of its abduction strength. How busy is what is left, and is anything missing?",
        "simulation",
        ("allison2016",),
        f"{HELD} {ROTATION_LIMIT} Pelvic drop is given, so it cannot change. Pain is not simulated. The patients' "
        "strength is a fifth of this model's.",
        _tendinopathy,
    ),
    Experiment(
        "walk-denervation",
        "How much of the gluteals does walking need?",
        "Gluteus medius, maximus and tensor fasciae latae lose motor units, alone and together, until the walk fails.",
        "simulation",
        ("gluteal_denervation_tha3",),
        f"{HELD} {ROTATION_LIMIT} Denervation after surgery is partial and mends, and its depth in per cent was not "
        "measured; standing on one leg is another experiment.",
        _denervation,
    ),
    Experiment(
        "walk-random-abductor-weakness",
        "Random patterns of abductor weakness and the joints",
        f"Each of seven parts of the right abductors loses a random share from none to all, {PATTERNS} times. Where "
        "the walk stays possible, the peak forces in hip, knee and ankle are compared.",
        "simulation",
        ("valente2013",),
        f"{HELD} {ROTATION_LIMIT} {HIP_LOAD_LIMIT} Medians are of sizes; the study's sampling was not read in detail.",
        _random_weakness,
    ),
)

#: The published directions are shown beside the readings; no claim hangs on them.
PREDICTIONS: tuple[Prediction, ...] = ()

MISSING: dict[str, str] = {}
