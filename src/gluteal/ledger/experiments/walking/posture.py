"""Walking otherwise: with a tilted pelvis, on narrow and wide steps, under a load."""

from __future__ import annotations

import numpy as np

from gluteal.engines import compute_mechanics
from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments.walking.changed import carry, tilt_pelvis, widen_steps
from gluteal.ledger.experiments.walking.common import HIP_LOAD_LIMIT, during, residuals, right_stance
from gluteal.ledger.measures import peak_load
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, Threshold
from gluteal.nerves.condition import Condition
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.outcome.verdict import MISSING_SHARE
from gluteal.sharing.solution import Solution, solve_sharing

#: Tilt of the published simulation, degrees.
TILT = 10.0
#: How much narrower and wider the steps are, m; the study's widths were not read.
NARROWER, WIDER = -0.04, 0.08
#: Loads of the study, share of body mass, with the published peak of gluteus medius and its SD, % of maximum.
LOADS = {0.25: (20.0, 12.0), 0.50: (32.0, 17.0), 0.75: (45.0, 26.0)}


def _tilt(bench: Bench) -> list[Reading]:
    walk = bench.movement("walk")
    weak = Condition.weaken("gluteals", loss=0.5)
    stance = right_stance(bench.recruitment("walk"))
    readings, effort = [], {}
    names = {-TILT: "tilted 10 degrees backward", 0.0: "as it is", TILT: "tilted 10 degrees forward"}
    solved: dict[float, Solution] = {}
    for tilt, words in names.items():
        movement = walk if tilt == 0.0 else tilt_pelvis(bench.body, walk, forward=np.deg2rad(tilt))
        mechanics = bench.mechanics("walk") if tilt == 0.0 else compute_mechanics(bench.body, movement)
        strong, weakened = solve_sharing(mechanics), solve_sharing(mechanics, condition=weak)
        solved[tilt] = strong
        effort[tilt] = [float(r.dataset["effort"].mean(skipna=False)) for r in (strong, weakened)]
        forces = strong.dataset["muscle_force"].max("time")
        key = f"{tilt:+.0f}"
        readings += [
            Reading(f"hip{key}", f"peak hip force, pelvis {words}", _hip(strong), "body weights"),
            Reading(f"medius{key}", f"front gluteus medius, {words}", float(forces.sel(muscle="glmed1_r")), "N"),
            Reading(f"iliacus{key}", f"iliacus, {words}", float(forces.sel(muscle="iliacus_r")), "N"),
            Reading(
                f"maximus{key}", f"gluteus maximus, peak, {words}", float(during(strong, "glmax", stance).max()), "1"
            ),
            *residuals(strong, f"tilt{key}", words),
        ]
    changes = []
    for key, words, muscle in (("medius", "front gluteus medius", "glmed1_r"), ("iliacus", "iliacus", "iliacus_r")):
        ahead, back = (float(solved[t].dataset["muscle_force"].sel(muscle=muscle).max()) for t in (TILT, -TILT))
        falls = Published("pelvictilt_opensim_pmc9255277", high=1.0, words="falls")
        changes.append(Reading(f"{key}-change", f"{words}, forward / backward tilt", ahead / back, "1", falls))
    falls = Published("pelvictilt_opensim_pmc9255277", high=1.0, words="falls from backward to forward tilt")
    strong_ratio, weak_ratio = (effort[TILT][i] / effort[0.0][i] for i in (0, 1))
    return [
        Reading(
            "hip-change",
            "peak hip force, forward / backward tilt",
            _hip(solved[TILT]) / _hip(solved[-TILT]),
            "1",
            falls,
        ),
        *changes,
        Reading("strong", "effort, forward tilt / as it is, strong gluteals", strong_ratio, "1"),
        Reading("weak", "effort, forward tilt / as it is, gluteals halved", weak_ratio, "1"),
        Reading("weak-strong", "the same, gluteals halved / strong", weak_ratio / strong_ratio, "1"),
        Reading(
            "added",
            "effort that halved gluteals add, forward tilt / as it is",
            (effort[TILT][1] - effort[TILT][0]) / (effort[0.0][1] - effort[0.0][0]),
            "1",
            note="near 1, weakness costs as much in either; the ratio of ratios is then below 1 because the tilted "
            "walk is dearer by itself",
        ),
        *readings,
    ]


def _hip(solved: Solution) -> float:
    return peak_load(compute_joint_loads(solved), "hip_r")


def _width(bench: Bench) -> list[Reading]:
    base, walk = bench.recruitment("walk"), bench.movement("walk")
    stance = right_stance(base)
    own = float(during(base, "glmed", stance).mean())
    readings = [Reading("own", "gluteus medius, mean of stance, own steps", 100.0 * own, "%")]
    for key, words, wider, change in (
        ("narrow", "4 cm narrower", NARROWER, -24.0),
        ("wide", "8 cm wider", WIDER, 47.0),
    ):
        solved = solve_sharing(compute_mechanics(bench.body, widen_steps(bench.body, walk, base, wider=wider)))
        value = 100.0 * (float(during(solved, "glmed", stance).mean()) / own - 1.0)
        published = Published("kubinski2014", value=change, words=f"{key} against normal steps; widths not read")
        readings.append(Reading(key, f"gluteus medius, change with steps {words}", value, "%", published))
        readings += residuals(solved, key, f"steps {words}")
    return readings


def _load(bench: Bench) -> list[Reading]:
    body, walk = bench.body, bench.movement("walk")
    stance = right_stance(bench.recruitment("walk"))
    base = during(bench.recruitment("walk"), "glmed", stance)
    readings = [Reading("none", "gluteus medius, peak, no load", 100.0 * float(base.max()), "%")]
    peaks = {}
    for share, (mean, sd) in LOADS.items():
        solved = solve_sharing(compute_mechanics(body, carry(body, walk, mass=share * body.mass)))
        peaks[share] = 100.0 * float(during(solved, "glmed", stance).max())
        words = f"carrying {100 * share:.0f} % of body mass"
        published = Published("stastny2015", value=mean, words=f"mean (SD {sd:g}) of maximal voluntary contraction")
        joints = solved.residual()  # the feet's loads carry the pelvis: it is not among the recruited
        readings += [
            Reading(f"load-{100 * share:.0f}", f"gluteus medius, peak, {words}", peaks[share], "%", published),
            Reading(
                f"missing-{100 * share:.0f}", f"largest moment missing at a joint, {words}", float(joints.max()), "N m"
            ),
            *residuals(solved, f"load-{100 * share:.0f}", words),
        ]
    rise = Published("stastny2015", value=45.0 / 20.0, words="ratio of the printed means")
    return [Reading("rise", "peak with 75 % / with 25 % of body mass", peaks[0.75] / peaks[0.25], "1", rise), *readings]


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "walk-pelvic-tilt",
        "Walking with the pelvis tilted",
        "The pelvis is tilted 10 degrees forward or backward through the whole cycle, about the hips, legs and trunk "
        "staying as they are in the world; then all gluteals are halved, to see which tilt weak gluteals favour.",
        "simulation",
        ("pelvictilt_opensim_pmc9255277",),
        f"{HIP_LOAD_LIMIT} The front of gluteus medius goes the other way than published. Quadratus femoris and "
        "gemelli, which the study looked at, are not in the body. Effort does not count what is missing.",
        _tilt,
    ),
    Experiment(
        "walk-step-width",
        "Walking on narrow and on wide steps",
        "The feet are set closer together or further apart; the pelvis sways as far as an inverted pendulum over the "
        "new feet must. Gluteus medius is compared over stance.",
        "simulation",
        ("kubinski2014",),
        "The model disagrees with the study: set further out, the foot brings the ground force nearer to the hip, so "
        "that gluteus medius has less to do. What people do besides (steering sideways, stiffening, a trunk that moves "
        "otherwise) is not in it. The walk's own steps are only 4 cm wide between the ankles.",
        _width,
    ),
    Experiment(
        "walk-carried-load",
        "Walking with a load",
        "A quarter, half and three quarters of body mass hang from the shoulders, half on each side, and move with "
        "them; the motion stays as it is.",
        "simulation",
        ("stastny2015",),
        "How the study's load was carried was not read. People walk otherwise under a load; here the motion is the "
        "same, and with the heavier loads the joints lack some moment. Activation is not EMG, and the front of gluteus "
        "medius is near its limit without any load.",
        _load,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "anterior-tilt-marks-weak-glutes",
        "walk-pelvic-tilt",
        (
            Threshold(
                "added",
                Bound(high=1.0 - MISSING_SHARE),
                Bound(low=1.0),
                "in a posture that marks weak gluteals their loss should cost less than in the walk as it is, by the "
                "5 % that the verdict counts as a share that matters",
            ),
        ),
        "Whether weakness costs less effort in a walk with the pelvis tilted forward; not how tilt is distributed "
        "among people.",
    ),
)

MISSING: dict[str, str] = {}
