"""Lying tests and drills: the prone leg lift and side-lying abduction, and what they tell of standing and walking."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gluteal.ledger.bench import Bench
from gluteal.ledger.measures import (
    GLUTEALS,
    mean_force,
    peak_activation,
    rank_correlation,
    thin,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import activation_ends
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.simulate.people import People, draw_people
from gluteal.simulate.runs import run_people

LIFT = "prone-hip-extension"
PEOPLE = 200
#: So many that the standard error of a rank correlation is 0.02: with 100 chance decided what was said.
MANY = 2000
#: Every n-th frame of the walk, so that many people can walk.
EVERY = 5


def _groups(mechanics: Mechanics, people: People) -> xr.DataArray:
    """Return the undisturbed peak activation of every group, (person, group)."""
    return run_people(mechanics, people, conditions=[Condition()])[0]["group_peak"].sel(condition="baseline")


def _anterior_force(bench: Bench) -> list[Reading]:
    readings = []
    weight = float(bench.loads(LIFT).attrs["body_weight_N"])
    forward = {}
    weak = Condition.weaken(*GLUTEALS, loss=0.5, side="r")
    for angle in (2.0, 12.0, 24.0):
        outcome = bench.outcome(LIFT, weak, extension=angle)
        for key, solved in (("whole", outcome.baseline), ("weak", outcome.changed)):
            force = float(compute_joint_loads(solved)["anterior_force"].sel(joint="hip_r")[0]) / weight
            forward[key, angle] = force
            label = f"forward force of the thigh on the pelvis, gluteals {key}, {angle:.0f} degrees"
            readings.append(Reading(f"{key}-{angle:.0f}", label, force, "body weights"))
    source = "lewis2007"
    return [
        Reading(
            "weakness",
            "rise of that force with half of the gluteals gone, 12 degrees",
            forward["weak", 12.0] - forward["whole", 12.0],
            "body weights",
            Published(source, words="rises"),
        ),
        Reading(
            "extension",
            "rise of that force from 2 to 24 degrees of extension",
            forward["whole", 24.0] - forward["whole", 2.0],
            "body weights",
            Published(source, words="rises"),
        ),
        *readings,
    ]


def _trade(bench: Bench) -> list[Reading]:
    people = draw_people(bench.body, PEOPLE, rng=bench.rng("prone-gmax-erector"))
    peak = _groups(bench.mechanics(LIFT), people)
    ratio = (peak.sel(group="glmax_r") / peak.sel(group="semiten_r")).to_numpy()
    spine = peak.sel(group="erector-spinae_r").to_numpy()
    usable = np.isfinite(ratio)
    r = float(np.corrcoef(ratio[usable], spine[usable])[0, 1])
    whole = bench.recruitment(LIFT)
    weak = bench.outcome(LIFT, Condition.weaken("glmax", loss=1.0, side="r")).changed
    spine_ratio = mean_force(weak, "erector-spinae", "r") / mean_force(whole, "erector-spinae", "r")
    return [
        Reading(
            "r",
            "correlation of gluteus maximus / semitendinosus with erector spinae of the same side",
            r,
            "1",
            Published("tateuchi2012", value=-0.57, words="n 16"),
            note=f"{int(usable.sum())} random people",
        ),
        Reading("spine", "erector spinae of the same side, force without gluteus maximus / with", spine_ratio, "1"),
        Reading(
            "hamstrings",
            "hamstrings, force without gluteus maximus / with",
            mean_force(weak, "hamstrings", "r") / mean_force(whole, "hamstrings", "r"),
            "1",
        ),
    ]


def _prone_and_upright(bench: Bench) -> list[Reading]:
    people = draw_people(bench.body, MANY, rng=bench.rng("prone-and-upright"))
    lying = _groups(bench.mechanics(LIFT), people)
    upright = {
        "walking": _groups(thin(bench.mechanics("walk"), EVERY), people),
        "one-leg stance": _groups(bench.mechanics("single-leg-stance"), people),
    }
    readings = []
    for name, peak in upright.items():
        for group, words in (("glmax_r", "gluteus maximus"), ("glmed_r", "gluteus medius")):
            rank = rank_correlation(lying.sel(group=group).to_numpy(), peak.sel(group=group).to_numpy())
            label = f"rank correlation of {words} activation, prone leg lift and {name}"
            key = f"{group.removesuffix('_r')}-{name.replace(' ', '-')}"
            readings.append(Reading(key, label, rank.value, "1", note=rank.words()))
    # Where a person stands in the ratio that an examiner would feel for, and how that person walks.
    share = (lying.sel(group="glmax_r") / (lying.sel(group="glmax_r") + lying.sel(group="hamstrings_r"))).to_numpy()
    rank = rank_correlation(share, upright["walking"].sel(group="glmax_r").to_numpy())
    label = "the same of gluteus maximus' share beside the hamstrings in the lift, and its activation in walking"
    readings.append(Reading("share-walking", label, rank.value, "1", note=rank.words()))
    return readings


def _lying_and_standing(bench: Bench) -> list[Reading]:
    lying = bench.recruitment("side-lying-hip-abduction")
    standing = bench.recruitment("standing-hip-abduction")
    source = "ashtiani2019"
    return [
        Reading(
            "lying",
            "gluteus medius, side-lying, 25 degrees",
            peak_activation(lying, "glmed"),
            "1",
            Published(source, value=0.40),
        ),
        Reading(
            "standing",
            "gluteus medius of the lifted leg, standing, 25 degrees",
            peak_activation(standing, "glmed"),
            "1",
            Published(source, high=0.20),
        ),
        Reading("stance-leg", "gluteus medius of the standing leg", peak_activation(standing, "glmed", "l"), "1"),
    ]


def _lying_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    lying = bench.recruitment("side-lying-hip-abduction")
    standing = bench.recruitment("standing-hip-abduction")
    return {
        "lying": activation_ends(lying, "glmed", slack=slack).peak(),
        "standing": activation_ends(standing, "glmed", slack=slack).peak(),
        "stance-leg": activation_ends(standing, "glmed", "l", slack=slack).peak(),
    }


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "prone-anterior-force",
        "Weak gluteals and the front of the hip",
        "A straight leg is lifted prone by 2, 12 and 24 degrees with whole gluteals and with half of them; read is "
        "how hard the thigh presses the pelvis forward.",
        "simulation",
        ("lewis2007",),
        "The study's model had other muscles and constraints, and lowered single muscles' force. The leg is turned "
        "out by 15 degrees here, because otherwise this body does not use gluteus maximus (docs/tasks.md). "
        "Iliofemoral ligament, which carries much at the end of extension, is missing.",
        _anterior_force,
    ),
    Experiment(
        "prone-gmax-erector",
        "Prone leg lift: less gluteus maximus, more back?",
        "200 people who differ in strength and build lift the leg; does the back's muscle work more where gluteus "
        "maximus works less beside the hamstring? Then the same body without gluteus maximus.",
        "simulation",
        ("tateuchi2012",),
        "The hip moves from 30 degrees of flexion in the study, is held at 12 degrees of extension here. People "
        "differ in strength only, not in habit. Support under ribs and pelvis is shared as costs least. No gluteal "
        "fibre of this body reaches the lumbar spine, so gluteus maximus and the back's muscle do not touch each other "
        "and the correlation is chance: it is read out beside the study's, and no claim is judged by it.",
        _trade,
    ),
    Experiment(
        "prone-and-upright",
        "Does the prone test tell how someone walks?",
        f"{MANY} people who differ in strength and build lift the leg prone, walk, and stand on one leg. Do those with "
        "the busiest gluteus maximus in the test have it upright too?",
        "simulation",
        (),
        "Differences between these people are differences of strength, which act in every task: habits, skill and "
        "pain could only loosen the tie, so the correlation is an upper bound. All walk in the same way; every fifth "
        "frame.",
        _prone_and_upright,
    ),
    Experiment(
        "abduction-lying-standing",
        "Lifting the leg sideways, lying or standing",
        "Gluteus medius of the lifted leg in side-lying and in standing.",
        "simulation",
        ("ashtiani2019",),
        "The study is a simulation too; its angles were not read, both are 25 degrees here.",
        _lying_and_standing,
        bands=_lying_bands,
    ),
)

_RANK_WHY = "up to 0.3 is at most a medium, from 0.5 on a large correlation by Cohen's convention (from memory)"

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "prone-test-says-nothing-about-gait",
        "prone-and-upright",
        (
            Threshold("glmax-walking", Bound(-0.3, 0.3), Bound(low=0.5), _RANK_WHY),
            Threshold("glmax-one-leg-stance", Bound(-0.3, 0.3), Bound(low=0.5), _RANK_WHY),
        ),
        "Level of activation, not its timing, which the test is about.",
    ),
    Prediction(
        "glutes-extend-abduct-rotate-hip",
        "abduction-lying-standing",
        (
            Threshold(
                "lying",
                Bound(low=0.20),
                Bound(high=0.02),
                "below 0.20 activity counts as low in EMG studies (convention, from memory); 0.02 is no change",
            ),
        ),
        "Abduction only.",
    ),
)

MISSING: dict[str, str] = {}
