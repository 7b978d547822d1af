"""Bending and the back: what weak glutes, short hamstrings and missing trunk muscles change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gluteal.ledger.bench import Bench, is_impossible
from gluteal.ledger.measures import (
    CLEAR_RISE,
    GLUTEALS,
    RISE_WHY,
    SMALL_RISE,
    activation_of,
    body_weight,
    mean_force,
    peak_activation,
    peak_load,
    rise_of_load,
    shorten,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import activation_ends, force_ends, load_band
from gluteal.nerves.condition import Condition
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.outcome.verdict import CHANGED_ACTIVATION, MISSING_MOMENT
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.simulate.dynamometer import compute_strength
from gluteal.vocabulary import side_of

BEND, SHARED = "bend-and-return", "forward-bend-from-the-spine"
#: Tasks in which a back could be loaded instead of a hip; lying ones carry the trunk from both ends.
UPRIGHT = ("bend-and-return", "squat", "sit-to-stand", "step-up", "single-leg-stance")
LYING = ("bridge", "single-leg-bridge", "prone-hip-extension")
#: Postures that can be chosen, by task.
FAMILIES: tuple[tuple[str, str, list[dict[str, float]]], ...] = (
    ("bend", SHARED, [{"spine": float(s)} for s in range(-15, 16, 5)]),
    (
        "stance",
        "single-leg-stance-posture",
        [{"drop": d, "lean": a} for d in (-5.0, 0.0, 5.0) for a in (-7.0, 0.0, 7.0, 14.0)],
    ),
)
TRUNK_GROUPS = (
    "rectus-abdominis",
    "external-oblique",
    "internal-oblique",
    "erector-spinae",
    "multifidus",
    "quadratus-lumborum",
)
#: Compression from which the United States' occupational health institute sees a risk, N (NIOSH 1991, abstract).
ACTION_LIMIT = 3400.0
#: Hamstrings are 7 degrees shorter in people with weak glutes and sacroiliac pain: 165 less 158.
SHORTER = 165.0 - 158.0


def _bend_weak_gmax(bench: Bench) -> list[Reading]:
    whole = bench.recruitment(BEND)
    readings = []
    for loss in (0.5, 1.0):
        weak = bench.outcome(BEND, Condition.weaken("glmax", loss=loss)).changed
        for group in ("erector-spinae", "hamstrings"):
            label = f"{group}, mean force with {100 * loss:.0f} % of gluteus maximus gone / none"
            ratio = mean_force(weak, group) / mean_force(whole, group)
            readings.append(Reading(f"{group}-{100 * loss:.0f}", label, ratio, "1"))
    half = bench.outcome(BEND, Condition.weaken("glmax", loss=0.5)).changed
    active, weaker = (float((activation_of(r, "glmax") > CHANGED_ACTIVATION).mean()) for r in (whole, half))
    words = Published("leinonen2000", words="active for a shorter time in back pain (p < 0.05)")
    return [
        *readings,
        Reading("active", "share of the time that gluteus maximus is active (above 0.02)", active, "1"),
        Reading("active-weak", "the same, half of it gone", weaker, "1", words),
    ]


def _from_the_spine(bench: Bench) -> list[Reading]:
    hips, spine = (bench.recruitment(SHARED, spine=share) for share in (-15.0, 15.0))
    loads = [peak_load(bench.loads(SHARED, spine=share), "lumbosacral") for share in (-15.0, 15.0)]

    def ratio(group: str) -> float:
        return mean_force(spine, group) / mean_force(hips, group)

    return [
        Reading("erector", "erector spinae, force, bend from the spine / from the hips", ratio("erector-spinae"), "1"),
        Reading("hamstrings", "hamstrings, the same", ratio("hamstrings"), "1"),
        Reading("gmax-hips", "gluteus maximus, bending more from the hips", peak_activation(hips, "glmax"), "1"),
        Reading("gmax-spine", "gluteus maximus, bending more from the spine", peak_activation(spine, "glmax"), "1"),
        Reading("load", "lumbosacral load, more from the spine / more from the hips", loads[1] / loads[0], "1"),
    ]


def _spine_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    hips, spine = (bench.recruitment(SHARED, spine=share) for share in (-15.0, 15.0))

    def ratio(group: str) -> ReadingBand:
        return force_ends(spine, group, slack=slack).mean().over(force_ends(hips, group, slack=slack).mean())

    return {
        "erector": ratio("erector-spinae"),
        "hamstrings": ratio("hamstrings"),
        "gmax-hips": activation_ends(hips, "glmax", slack=slack).peak(),
        "gmax-spine": activation_ends(spine, "glmax", slack=slack).peak(),
        "load": load_band(spine, "lumbosacral", slack=slack).over(load_band(hips, "lumbosacral", slack=slack)),
    }


def _lumbar_load(bench: Bench) -> list[Reading]:
    rises = {
        (task, loss): rise_of_load(bench, task, Condition.weaken(*GLUTEALS, loss=loss), "lumbosacral")
        for tasks, losses in ((UPRIGHT, (1.0,)), (LYING, (0.5, 1.0)))
        for task in tasks
        for loss in losses
    }
    highest = max(peak_load(bench.loads(task), "lumbosacral") for task in UPRIGHT) * body_weight(bench.body)
    limit = f"{ACTION_LIMIT:g} N is a common limit for lifting at work (NIOSH)"
    return [
        Reading(
            "lying", "largest rise in lying tasks, half of the gluteals gone", max(rises[t, 0.5] for t in LYING), "1"
        ),
        Reading(
            "upright", "largest rise in upright tasks, all gluteals gone", max(rises[t, 1.0] for t in UPRIGHT), "1"
        ),
        Reading("highest", "largest lumbosacral load of the upright tasks, gluteals whole", highest, "N", note=limit),
        *(
            Reading(f"{task}-{100 * loss:.0f}", f"peak load, {task}, {100 * loss:.0f} % gone / none", rise, "1")
            for (task, loss), rise in rises.items()
        ),
    ]


def _lumbar_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    found = {}
    for tasks, losses in ((UPRIGHT, (1.0,)), (LYING, (0.5, 1.0))):
        for task in tasks:
            usual = load_band(bench.recruitment(task), "lumbosacral", slack=slack)
            for loss in losses:
                weak = bench.outcome(task, Condition.weaken(*GLUTEALS, loss=loss)).changed
                found[f"{task}-{100 * loss:.0f}"] = load_band(weak, "lumbosacral", slack=slack).over(usual)

    def largest(tasks: Sequence[str], loss: int) -> ReadingBand:
        low, high = zip(*(found[f"{task}-{loss}"] for task in tasks), strict=True)
        return ReadingBand(max(low), max(high))

    return {"lying": largest(LYING, 50), "upright": largest(UPRIGHT, 100), **found}


def _easiest(bench: Bench, task: str, postures: Sequence[Mapping[str, float]], loss: float) -> tuple[int, Solution]:
    """Return the posture of least effort with part of the gluteals gone, by its place, and its sharing."""
    weak = Condition.weaken(*GLUTEALS, loss=loss)
    solved = [solve_sharing(bench.mechanics(task, **posture), condition=weak) for posture in postures]
    # Only a posture that is possible is an easier one; where none is, the one that lacks least.
    cost = [(max(MISSING_MOMENT, float(r.residual().max())), float(r.dataset["effort"][0])) for r in solved]
    best = min(range(len(postures)), key=cost.__getitem__)
    return best, solved[best]


def _least_effort_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    """Return the bands of the loads in the postures of least effort; the postures themselves stay."""
    bands = {}
    for name, task, postures in FAMILIES:
        for loss in (0.0, 0.5, 1.0):
            _, solved = _easiest(bench, task, postures, loss)
            bands[f"{name}-{100 * loss:.0f}"] = load_band(solved, "lumbosacral", slack=slack)
        for loss in (50, 100):
            bands[f"{name}-ratio-{loss}"] = bands[f"{name}-{loss}"].over(bands[f"{name}-0"])
    return bands


def _least_effort(bench: Bench) -> list[Reading]:
    readings = []
    for name, task, postures in FAMILIES:
        least = {}
        for loss in (0.0, 0.5, 1.0):
            best, solved = _easiest(bench, task, postures, loss)
            lacking = float(solved.residual().max())
            least[loss] = peak_load(compute_joint_loads(solved), "lumbosacral")
            words = ", ".join(f"{k} {v:g} degrees" for k, v in postures[best].items())
            note = words if lacking <= MISSING_MOMENT else f"{words}; lacks {lacking:.0f} N m all the same"
            label = f"lumbosacral load in the {name} of least effort, {100 * loss:.0f} % of the gluteals gone"
            readings.append(Reading(f"{name}-{100 * loss:.0f}", label, least[loss], "body weights", note=note))
        for loss in (0.5, 1.0):
            label = f"that load, {100 * loss:.0f} % of the gluteals gone / none, {name}"
            readings.append(Reading(f"{name}-ratio-{100 * loss:.0f}", label, least[loss] / least[0.0], "1"))
    return readings


def _trunk_groups(bench: Bench) -> list[Reading]:
    losses = {}
    for movement in ("trunk extension", "trunk flexion"):
        whole = compute_strength(bench.body, movement).moment
        for group in TRUNK_GROUPS:
            left = compute_strength(bench.body, movement, condition=Condition.weaken(group, loss=1.0)).moment
            losses[movement, group] = 1.0 - left / whole
    bends = {g: bench.outcome("forward-bend", Condition.weaken(g, loss=1.0)) for g in TRUNK_GROUPS}
    needed = [g for g, outcome in bends.items() if is_impossible(outcome)]
    stable = Published("cholewicki2002", words="at most 0.30, of stability, not of strength")
    names = ", ".join(needed) or "none"
    return [
        Reading("largest", "largest loss of strength by removing one group", max(losses.values()), "1", stable),
        Reading("needed", "groups without which a 30 degree bend cannot be held", len(needed), "1", note=names),
        *(
            Reading(f"{movement.split()[1]}-{group}", f"loss of {movement} strength without {group}", loss, "1")
            for (movement, group), loss in losses.items()
            if loss > 0.0
        ),
    ]


def _hamstring_shortening(bench: Bench) -> dict[str, float]:
    """Return by how much each hamstring is shorter where the hip stops `SHORTER` degrees sooner, m."""
    arm = abs(bench.mechanics(BEND).dataset["moment_arm"]).mean("time")
    return {
        m: float(arm.sel(coordinate=f"hip_flexion_{side_of(m)}", muscle=m)) * np.deg2rad(SHORTER)
        for m in bench.body.resolve("hamstrings")
    }


def _short_hamstring_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    short = solve_sharing(shorten(bench.mechanics(BEND), _hamstring_shortening(bench)))
    weak = bench.outcome(BEND, Condition.weaken(*GLUTEALS, loss=0.5)).changed
    whole = bench.recruitment(BEND)
    peak, usual = (activation_ends(solved, "glmax", slack=slack).peak() for solved in (short, whole))
    normal = force_ends(whole, "hamstrings", slack=slack).mean()
    return {
        "gmax": peak.minus(usual),
        "hamstrings": force_ends(weak, "hamstrings", slack=slack).mean().over(normal),
        "short": force_ends(short, "hamstrings", slack=slack).mean().over(normal),
    }


def _short_hamstrings(bench: Bench) -> list[Reading]:
    mechanics, whole = bench.mechanics(BEND), bench.recruitment(BEND)
    shortening = _hamstring_shortening(bench)
    short = solve_sharing(shorten(mechanics, shortening))
    weak = bench.outcome(BEND, Condition.weaken(*GLUTEALS, loss=0.5)).changed
    change = peak_activation(short, "glmax") - peak_activation(whole, "glmax")
    normal = mean_force(whole, "hamstrings")
    degrees = Published("massoudarab2011", words="158 against 165 degrees of hamstring length")
    return [
        Reading("gmax", "gluteus maximus peak, hamstrings 7 degrees shorter minus normal", change, "1"),
        Reading(
            "hamstrings",
            "hamstring force, half of the gluteals gone / none",
            mean_force(weak, "hamstrings") / normal,
            "1",
        ),
        Reading("short", "hamstring force, 7 degrees shorter / normal", mean_force(short, "hamstrings") / normal, "1"),
        Reading("shortening", "shortening, mean", 1e3 * float(np.mean(list(shortening.values()))), "mm", degrees),
    ]


SPANNED = (
    "In this body psoas alone spans hip and lumbar spine (no gluteal fibre reaches the thoracolumbar fascia): with an "
    "unchanged upright movement weak glutes change the back's load only by way of it, whatever they do in people. "
)

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "bend-weak-gmax",
        "Bending and coming up with a weak gluteus maximus",
        "The trunk bends 60 degrees forward and comes up again; half, then all of gluteus maximus is gone. Who makes "
        "up?",
        "simulation",
        ("leinonen2000",),
        SPANNED
        + "The study timed EMG in people with back pain; activation has no onset here, only a level. Hamstrings are "
        "too strong in flexed hips in this body (docs/body-myo.md), so they spare gluteus maximus.",
        _bend_weak_gmax,
    ),
    Experiment(
        "bend-from-the-spine",
        "Bending from the spine instead of from the hips",
        "The trunk is bent by 40 degrees, once with 15 degrees more from the hips, once with 15 degrees more from "
        "the lumbar spine, and the back's muscles and load are compared.",
        "simulation",
        (),
        "Load is one force at the sacrum; shear, discs and ligaments are not told apart, and a flexed spine may "
        "tolerate less of it. Passive trunk muscles are uncertain.",
        _from_the_spine,
        bands=_spine_bands,
    ),
    Experiment(
        "lumbar-load-weak-gluteals",
        "Does the back feel weak gluteals?",
        "Bending, squatting, standing up, stepping up and standing on one leg without gluteals, and bridges and a "
        "prone leg lift with half and none of them: the peak force at the lumbosacral joint.",
        "simulation",
        (),
        SPANNED + "A mechanical route is necessary for weak glutes to cause back pain, not sufficient.",
        _lumbar_load,
        bands=_lumbar_bands,
    ),
    Experiment(
        "least-effort-weak-gluteals",
        "The easier posture with weak gluteals, and the back",
        "A forward bend (shared between spine and hips) and one-leg stance (pelvis dropped, trunk leaned) are varied "
        "in steps; the posture of least effort is taken for whole, half and no gluteals, and its lumbosacral load "
        "read.",
        "simulation",
        (),
        "People do not choose a posture by muscular effort alone; the grid is coarse and its ends are limits of ours.",
        _least_effort,
        bands=_least_effort_bands,
    ),
    Experiment(
        "trunk-groups-removed",
        "The trunk without one of its muscle groups",
        "Each group of trunk muscles is removed in turn; the strength that is left and whether a 30 degree forward "
        "bend can still be held are read.",
        "simulation",
        ("cholewicki2002",),
        "The study computed stability from muscle stiffness, which is not simulated; strength is a cruder measure, "
        "and losing a prime mover shows in it fully. The glutes were not among its muscles.",
        _trunk_groups,
    ),
    Experiment(
        "short-hamstrings",
        "Short hamstrings and the gluteus maximus",
        "The hamstrings' tendons are shortened by what 7 degrees of hip flexion stretch them, the difference found "
        "in people, and a forward bend is repeated; then with weak gluteals and normal hamstrings.",
        "simulation",
        (),
        "Cross-sectional groups are not reproduced; only whether one could lead to the other mechanically. "
        "Hamstrings are too strong in flexed hips in this body.",
        _short_hamstrings,
        bands=_short_hamstring_bands,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "spine-muscles-take-over-in-bending",
        "bend-from-the-spine",
        (Threshold("erector", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), RISE_WHY),),
        "With the movement changed so that the hips, and with them the glutes, do less.",
    ),
    Prediction(
        "substitution-overloads-back",
        "bend-from-the-spine",
        (Threshold("load", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), RISE_WHY),),
        "Size of the load only, not what a flexed spine makes of it.",
    ),
    Prediction(
        "substitution-overloads-back",
        "least-effort-weak-gluteals",
        (Threshold("stance-ratio-50", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), RISE_WHY),),
        "Standing on one leg only: the bend is read out but not judged, since on its grid no posture loads the back "
        "by so much more.",
    ),
    Prediction(
        "weak-glutes-cause-back-pain",
        "lumbar-load-weak-gluteals",
        (Threshold("lying", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), RISE_WHY),),
        "The mechanical route alone, movement unchanged: necessary, not sufficient. Upright tasks are read out but "
        "not judged: there the answer is built into the body.",
    ),
    Prediction(
        "weak-glutes-cause-back-pain",
        "least-effort-weak-gluteals",
        (Threshold("stance-ratio-50", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), RISE_WHY),),
        "The mechanical route alone, movement adapted: necessary, not sufficient. Standing on one leg only; the bend "
        "is read out but not judged, since on its grid no posture loads the back by so much more.",
    ),
    Prediction(
        "short-hamstrings-go-with-weak-glutes",
        "short-hamstrings",
        (
            Threshold(
                "gmax",
                Bound(high=-CHANGED_ACTIVATION),
                Bound(low=0.0),
                "short hamstrings would let gluteus maximus idle by at least a change that counts in a verdict (0.02)",
            ),
            Threshold("hamstrings", Bound(low=CLEAR_RISE), Bound(high=SMALL_RISE), "the same in force: " + RISE_WHY),
        ),
        "Whether a mechanical link is there; pain is not simulated.",
    ),
)

MISSING: dict[str, str] = {}
