"""Bridges, what a body does without part of its gluteals, and how these pull by their anatomy."""

from __future__ import annotations

import numpy as np

from gluteal.engines import compute_mechanics, compute_picture
from gluteal.ledger.bench import Bench, is_impossible
from gluteal.ledger.measures import (
    GLUTEALS,
    hold,
    mean_changes,
    mean_force,
    muscle_moments,
    peak_activation,
    tolerated_loss,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, Threshold
from gluteal.nerves.condition import Condition
from gluteal.sharing.solution import Solution
from gluteal.simulate.dynamometer import compute_strength
from gluteal.simulate.people import SCATTER
from gluteal.words import coordinate_words

#: Strength lost in experimental joint pain (Henriksen 2011), smallest and largest.
PAIN = (0.05, 0.15)
#: The two exercises of the study.
EXERCISES = ("bridge", "prone-hip-extension")
POSTURES = (
    "bridge",
    "single-leg-bridge",
    "prone-hip-extension",
    "prone-hip-extension-bent",
    "single-leg-stance",
    "standing-hip-abduction",
    "forward-bend",
    "bend-and-return",
    "squat",
    "sit-to-stand",
    "step-up",
)
#: Share of gluteus maximus that crosses the sacroiliac joint, and what it is as printed (Barker 2014).
CROSSING, CROSSING_FORCE, NORMAL_FORCE = 0.70, 891.0, 702.0
#: How each compartment may turn the hip: coordinate and sign.
ACTIONS = {
    "extension": ("hip_flexion_r", -1),
    "abduction": ("hip_adduction_r", -1),
    "outward rotation": ("hip_rotation_r", -1),
    "inward rotation": ("hip_rotation_r", 1),
}
FLEXIONS = (0.0, 30.0, 60.0, 90.0)
#: Standard deviation of a moment arm between people, mm.
PATH = 1e3 * SCATTER["path"].value


def _made_up_by(before: Solution, after: Solution, group: str) -> float:
    """Return what a group adds about the right hip, as a share of what gluteus maximus no longer does."""
    body = before.mechanics.body
    change = (muscle_moments(after, "hip_flexion_r") - muscle_moments(before, "hip_flexion_r")).sum("time")
    lost = float(change.sel(muscle=list(body.resolve("glmax", side="r"))).sum())
    return -float(change.sel(muscle=list(body.resolve(group, side="r"))).sum()) / lost


def _inhibited(bench: Bench) -> list[Reading]:
    readings = []
    for task in EXERCISES:
        whole = bench.recruitment(task)
        ceiling = max(float(whole.activation.sel(muscle=m).max()) for m in bench.body.resolve("glmax", side="r")) / 2
        held = bench.outcome(task, Condition.inhibit("glmax", ceiling=ceiling, side="r"))
        for group in ("hamstrings", "adductors", "glmed"):
            label = f"{group}, share of the moment that gluteus maximus lacks at half its activation, {task}"
            readings.append(Reading(f"{task}-{group}", label, _made_up_by(whole, held.changed, group), "1"))
        spine = mean_force(held.changed, "erector-spinae") / mean_force(whole, "erector-spinae")
        readings.append(Reading(f"{task}-spine", f"erector spinae force, held back / not, {task}", spine, "1"))
        tolerated, words = tolerated_loss(bench.mechanics(task), "glmax", side="r")
        readings.append(
            Reading(f"{task}-tolerated", f"tolerated loss of gluteus maximus, {task}", tolerated, "1", note=words)
        )
    return readings


def _painful(bench: Bench) -> list[Reading]:
    readings = []
    whole = compute_strength(bench.body, "hip extension").moment
    for loss in PAIN:
        sore = Condition.weaken("glmax", loss=loss, side="r")
        percent = f"{100 * loss:.0f}"
        left = compute_strength(bench.body, "hip extension", condition=sore).moment
        label = f"loss of hip extension strength, {percent} % of gluteus maximus lost"
        readings.append(Reading(f"strength-{percent}", label, 1.0 - left / whole, "1"))
        for task in EXERCISES:
            outcome = bench.outcome(task, sore)
            force, before = (mean_force(r, "glmax", "r") for r in (outcome.changed, outcome.baseline))
            label = f"gluteus maximus force, {percent} % of its strength lost / none, {task}"
            published = Published("freeman2013", words="less EMG on the injected side (p 0.0238 and < 0.0001)")
            readings.append(Reading(f"{task}-{percent}", label, force / before, "1", published))
            active = peak_activation(outcome.changed, "glmax") - peak_activation(outcome.baseline, "glmax")
            label = f"rise of its activation, {percent} % lost, {task}"
            readings.append(Reading(f"{task}-activation-{percent}", label, active, "1"))
    return readings


def _hips_abducted(bench: Bench) -> list[Reading]:
    readings = []
    for angle in (0.0, 15.0, 30.0):
        solved = bench.recruitment("bridge-hips-abducted", abduction=angle)
        gmax = Published("kang2016", words="greatest at 30 degrees, then 15, then 0")
        spine = Published("kang2016", words="least at 30 degrees")
        at = f"hips abducted {angle:.0f} degrees"
        readings += [
            Reading(f"gmax-{angle:.0f}", f"gluteus maximus, {at}", peak_activation(solved, "glmax"), "1", gmax),
            Reading(
                f"spine-{angle:.0f}", f"erector spinae, {at}", peak_activation(solved, "erector-spinae"), "1", spine
            ),
        ]
    return readings


def _half_gone(bench: Bench) -> list[Reading]:
    half = Condition.weaken(*GLUTEALS, loss=0.5)
    outcomes = {task: bench.outcome(task, half) for task in POSTURES}
    lost = {task: o.deficit.coordinate for task, o in outcomes.items() if is_impossible(o)}
    share = 1.0 - len(lost) / len(POSTURES)
    label = f"share of {len(POSTURES)} postures and exercises that stay possible with half of the gluteals"
    lacking = ", ".join(f"{task} lacks {coordinate_words(c)}" for task, c in lost.items())
    readings = [Reading("possible", label, share, "1", note=lacking)]
    for task, outcome in outcomes.items():
        changes = mean_changes(outcome)
        most = sorted(changes, key=lambda m: -changes[m])[:3]
        who = ", ".join(f"{m} {changes[m]:+.0f} N" for m in most)
        label = f"effort with half of the gluteals / whole, {task}"
        readings.append(Reading(task, label, outcome.effort_ratio, "1", note=who))
    return readings


def _sacroiliac(bench: Bench) -> list[Reading]:
    """Pull of gluteus maximus at its origin along the pelvis's sideways axis, taken as the normal of the joint."""
    muscles = bench.body.resolve("glmax", side="r")
    strength = {m: float(bench.body.muscles["max_isometric_force"].sel(muscle=m)) for m in muscles}
    across = Published("barker2014", value=CROSSING_FORCE, low=572.0, high=1215.0)
    label = "gluteus maximus at full force, part that crosses the sacroiliac joint (70 %)"
    readings = [Reading("force", label, CROSSING * sum(strength.values()), "N", across)]
    printed = Published("barker2014", value=NORMAL_FORCE / CROSSING_FORCE, words="702 of 891 N normal to the joint")
    for task in ("quiet-standing", "bridge", "forward-bend"):
        paths = compute_picture(bench.body, bench.movement(task), 0).muscles
        first = {m: paths[m][1] - paths[m][0] for m in muscles}
        pull = sum(strength[m] * first[m] / np.linalg.norm(first[m]) for m in muscles)
        sideways = float(abs(pull[2]) / np.linalg.norm(pull))  # the pelvis is not turned in these: its z is the world's
        readings.append(
            Reading(f"normal-{task}", f"share of its pull across the joint, {task}", sideways, "1", printed)
        )
        used = CROSSING * mean_force(bench.recruitment(task), "glmax", "r")
        readings.append(Reading(f"press-{task}", f"force pressing the joint, {task}", used * sideways, "N"))
    return readings


def _moment_arms(bench: Bench) -> list[Reading]:
    postures = [{"hip_flexion_r": angle} for angle in FLEXIONS]
    arms = 1e3 * compute_mechanics(bench.body, hold(bench.body, postures)).dataset["moment_arm"]
    compartments = [m for g in GLUTEALS for m in bench.body.resolve(g, side="r")]
    readings = []
    for action, (coordinate, sign) in ACTIONS.items():
        part = sign * arms.sel(coordinate=coordinate, muscle=compartments)
        best = part.max()
        readings.append(Reading(action, f"largest moment arm of any gluteal compartment, {action}", float(best), "mm"))
    for coordinate, words in (
        ("hip_flexion_r", "extension"),
        ("hip_adduction_r", "abduction"),
        ("hip_rotation_r", "outward rotation"),
    ):
        for muscle in compartments:
            course = -arms.sel(coordinate=coordinate, muscle=muscle).to_numpy()
            note = ", ".join(f"{a:+.0f} mm at {f:.0f} degrees" for f, a in zip(FLEXIONS[1:], course[1:], strict=True))
            readings.append(
                Reading(
                    f"{words.split()[0]}-{muscle}",
                    f"{muscle}, moment arm, {words}, hip straight",
                    float(course[0]),
                    "mm",
                    note=note,
                )
            )
    return readings


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "bridge-inhibited-gmax",
        "Bridging with gluteus maximus held back",
        "In a bridge and a prone leg lift the right gluteus maximus is held at half of the activation it would have. "
        "Which muscles make up its moment?",
        "simulation",
        ("freeman2013",),
        "The size of the fall in the study was not read; half is our choice. Why the muscle was held back (fluid in "
        "the joint) is not simulated.",
        _inhibited,
    ),
    Experiment(
        "painful-hip-strength",
        "A sore hip that costs strength",
        "Gluteus maximus loses the 5 to 15 % of strength that experimental joint pain takes. Does it put out less in "
        "a bridge and a prone leg lift, or is it driven harder?",
        "simulation",
        ("henriksen2011", "freeman2013"),
        "The 5 to 15 % were measured at the knee. A loss of capacity raises activation; the study's fall of EMG "
        "would be a reflex that holds drive back, which a simulation can only impose, not find.",
        _painful,
    ),
    Experiment(
        "bridge-hips-abducted",
        "Bridging with the hips apart",
        "The bridge with the hips abducted by 0, 15 and 30 degrees.",
        "simulation",
        ("kang2016",),
        "Only directions were published in what was read. The feet stay where they are put; pushing them apart on "
        "purpose is not simulated.",
        _hips_abducted,
    ),
    Experiment(
        "half-the-gluteals",
        "Everything with half of the gluteals",
        "Half of gluteus maximus, medius and minimus of both sides is taken away in standing, bridging, lifting a "
        "leg, bending, squatting, standing up and stepping up. What stays possible, what does it cost, and who does "
        "more?",
        "simulation",
        (),
        "The movements stay as they are; endurance and comfort are not simulated. Strength of the body is that of "
        "young men.",
        _half_gone,
    ),
    Experiment(
        "sacroiliac-compression",
        "Gluteus maximus across the sacroiliac joint",
        "The direction in which gluteus maximus pulls at the pelvis, and the force with which the part that crosses "
        "the sacroiliac joint presses it.",
        "simulation",
        ("barker2014",),
        "The body has neither a sacroiliac joint nor a thoracolumbar fascia: the joint is taken to face sideways, "
        "three straight lines stand for a broad sheet and run more downwards than its fascicles in the dissection, "
        "and nothing can be said of the low back. The body's gluteus maximus is that of young men, the study's of "
        "elderly dead.",
        _sacroiliac,
    ),
    Experiment(
        "gluteal-moment-arms",
        "Which way each part of the gluteals turns the hip",
        "Moment arms of the nine gluteal compartments about the hip at 0, 30, 60 and 90 degrees of flexion.",
        "simulation",
        (),
        "One body's bones; paths of the corrected model (docs/body-myo.md).",
        _moment_arms,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "body-substitutes-for-weak-glutes",
        "half-the-gluteals",
        (
            Threshold(
                "possible",
                Bound(low=0.8),
                Bound(high=0.5),
                "others take over in general if four movements of five stay possible, and do not if half of them fail",
            ),
        ),
        "Movements unchanged.",
    ),
    Prediction(
        "glutes-extend-abduct-rotate-hip",
        "gluteal-moment-arms",
        tuple(
            Threshold(
                action,
                Bound(low=2.0 * PATH),
                Bound(high=PATH),
                "two standard deviations of a moment arm between people (6 mm) make the direction sure, one (3 mm) "
                "does not",
            )
            for action in ACTIONS
        ),
    ),
)

MISSING: dict[str, str] = {}
