"""Pain and fluid in a joint: what tells a muscle that is held back from a weak one, and what would stay of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gluteal.ledger.bench import Bench
from gluteal.ledger.measures import GLUTEALS, activation_of, mean_force
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import activation_ends, force_ends
from gluteal.nerves.condition import Condition
from gluteal.nerves.pain_time import time_course
from gluteal.simulate.dynamometer import compute_strength
from gluteal.vocabulary import Side

#: The two exercises of the study at the hip.
EXERCISES = ("bridge", "prone-hip-extension")
#: Share of the drive held back, or of the muscle gone: own choice, above what pain of 10 holds back here.
SHARE = 0.2
#: Pain of an injection of salt water into the knee's fat pad, 0 to 10 (Rice 2015).
INJECTED = 5.5
#: How long after it one looks, min, and shares of the inhibition that might stay: own choice, from none to all.
AFTER, STAYING = 60.0, (0.0, 0.5, 1.0)


_SIDES: tuple[tuple[Side, str], ...] = (("r", ""), ("l", ", other side"))


_CONDITIONS: Mapping[str, tuple[str, Condition]] = MappingProxyType(
    {
        "held": ("drive held back", Condition.hold_back("glmax", share=SHARE, side="r")),
        "ceiling": ("only its strongest drive held back", Condition.hold_back("glmax:ceiling", share=SHARE, side="r")),
        "weak": ("gone", Condition.weaken("glmax", loss=SHARE, side="r")),
    }
)


def _signs(bench: Bench) -> list[Reading]:
    words = Published("freeman2013", words="falls on the injected side (p 0.0238 and < 0.0001), not on the other")
    readings = []
    for task in EXERCISES:
        for key, (said, condition) in _CONDITIONS.items():
            outcome = bench.outcome(task, condition)
            for side, name in _SIDES:
                before, after = (
                    float(activation_of(s, "glmax", side).mean()) for s in (outcome.baseline, outcome.changed)
                )
                label = f"activation of gluteus maximus, {100 * SHARE:.0f} % {said} / none, {task}{name}"
                suffix = "" if side == "r" else "-other"
                ratio, note = (after / before, "") if before else (float("nan"), "it is idle there anyway")
                published = words if key == "held" else None
                readings.append(Reading(f"{task}-{key}{suffix}", label, ratio, "1", published, note))
            others = mean_force(outcome.changed, "hamstrings", "r") / mean_force(outcome.baseline, "hamstrings", "r")
            readings.append(Reading(f"{task}-{key}-hamstrings", f"hamstring force, the same, {task}", others, "1"))
    return readings


def _sign_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    """Return the bands: any sharing near the cheapest of the held-back muscle over any near the undisturbed one."""
    bands = {}
    for task in EXERCISES:
        for key, (_, condition) in _CONDITIONS.items():
            outcome = bench.outcome(task, condition)
            for side, name in _SIDES:
                after, before = (
                    activation_ends(s, "glmax", side, slack=slack).mean() for s in (outcome.changed, outcome.baseline)
                )
                if float(activation_of(outcome.baseline, "glmax", side).mean()):
                    bands[f"{task}-{key}{'-other' if name else ''}"] = after.over(before)
            after, before = (
                force_ends(s, "hamstrings", "r", slack=slack).mean() for s in (outcome.changed, outcome.baseline)
            )
            bands[f"{task}-{key}-hamstrings"] = after.over(before)
    return bands


def _sore_knee(bench: Bench) -> list[Reading]:
    sore = Condition.pain("knee", points=INJECTED, side="r")
    printed = Published("henriksen2011", low=0.05, high=0.15)
    return [
        Reading(
            movement.split()[1],
            f"strength lost, {movement}, pain of {INJECTED:g}",
            _lost(bench, movement, sore),
            "1",
            printed,
        )
        for movement in ("knee extension", "knee flexion")
    ]


def _lost(bench: Bench, movement: str, condition: Condition) -> float:
    """Return the share of a movement's strength that a condition takes."""
    left = compute_strength(bench.body, movement, condition=condition).moment
    return 1.0 - left / compute_strength(bench.body, movement).moment


def _after_pain(bench: Bench) -> list[Reading]:
    readings = []
    for share in STAYING:
        left = time_course("hip", pain=10.0, persistence=share).condition(AFTER, side="r")
        for movement in ("hip abduction", "hip extension"):
            label = f"{movement} strength lost {AFTER:.0f} min after the worst pain, {100 * share:.0f} % of it staying"
            readings.append(
                Reading(f"{movement.split()[1]}-{100 * share:.0f}", label, _lost(bench, movement, left), "1")
            )
    weak = compute_strength(bench.body, "hip abduction", condition=Condition.weaken(*GLUTEALS, loss=0.2, side="r"))
    whole = compute_strength(bench.body, "hip abduction").moment
    label = "for scale: hip abduction strength lost with a fifth of the gluteals gone"
    return [*readings, Reading("scale", label, 1.0 - weak.moment / whole, "1")]


_IMPOSED = "that drive is held back is put in, not found: whether a sore joint does that only people can say"

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "inhibited-or-weak",
        "Held back or weak: what the signal says",
        f"In a bridge and a prone leg lift the right gluteus maximus has {100 * SHARE:.0f} % of its drive held back, "
        "or only its strongest drive, or it loses as much of its motor units. What does its electrical signal do?",
        "simulation",
        ("freeman2013",),
        "Drive is held back because it is told to; the study's size was not read, and its muscles moved a leg while "
        "the model holds it. A weak muscle's signal rises "
        "only where that muscle carries most of the work. Left out: what people do differently because it hurts.",
        _signs,
        bands=_sign_bands,
    ),
    Experiment(
        "sore-knee-strength",
        "The strength of a sore knee",
        f"The knee hurts as much as after an injection of salt water ({INJECTED:g} of 10). How much strength is lost?",
        "simulation",
        ("henriksen2011",),
        "How much pain holds back was taken from this study, so nothing is learnt of it; what is checked is the way "
        "from there to a joint's strength.",
        _sore_knee,
        independent=False,
    ),
    Experiment(
        "inhibition-after-pain",
        "An hour after the pain",
        "The hip hurts as much as can be, for a quarter of an hour. How much strength would be missing an hour later "
        "if nothing, half, or all of the inhibition stayed?",
        "simulation",
        (),
        "Nobody measured what stays at a hip. The size of inhibition was measured at the knee.",
        _after_pain,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "hip-pain-lowers-gmax-output",
        "inhibited-or-weak",
        tuple(
            Threshold(
                f"{task}-held",
                Bound(high=0.98),
                Bound(low=1.0),
                "a change of activation by less than 0.02 is none for the verdict of a movement",
            )
            for task in EXERCISES
        ),
        "The sign tells a muscle that is held back from a weak one; it does not tell that one of them happens.",
        _IMPOSED,
    ),
    Prediction(
        "knee-pain-inhibits-quadriceps",
        "sore-knee-strength",
        (Threshold("extension", Bound(low=0.05), Bound(high=0.0), "the smallest loss that the study printed"),),
        "",
        _IMPOSED,
    ),
    Prediction(
        "inhibition-outlasts-pain",
        "inhibition-after-pain",
        (Threshold("abduction-0", Bound(low=0.02), Bound(high=0.001), "what is put in as staying, stays"),),
        "It says how much it would be, not whether it is so.",
        "what stays is the number that is put in",
    ),
)

MISSING: dict[str, str] = {}
