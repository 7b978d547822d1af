"""The body's strength on the virtual dynamometer, and activation in exercises, beside what was measured in people."""

from __future__ import annotations

from gluteal.held_against.strength import compare_strength
from gluteal.ledger.bench import Bench
from gluteal.ledger.exercises import PUBLISHED_MUSCLES, correlate_with_published, exercise_table
from gluteal.ledger.prediction import Experiment, Prediction, Published, Reading
from gluteal.simulate.dynamometer import compute_strength

MOVEMENTS = ("hip abduction", "hip extension", "hip external rotation")
#: Printed unit -> the one of a reading.
_UNITS = {"N·m/kg": "N m/kg", "× body weight": "body weights", "N/kg": "N/kg"}
MISSING: dict[str, str] = {}


def measure_strength(bench: Bench) -> list[Reading]:
    """Strength in the dynamometer's own postures, beside the range that each study printed."""
    readings = []
    for movement in MOVEMENTS:
        rows = compare_strength(compute_strength(bench.body, movement, side="r"), bench.body)
        for source, unit in dict.fromkeys((row["source"], row["unit"]) for row in rows):
            same = [row for row in rows if (row["source"], row["unit"]) == (source, unit)]
            groups = len(same)
            readings.append(
                Reading(
                    f"{movement}, {source}",
                    f"{movement} strength",
                    same[0]["computed"],
                    _UNITS[unit],
                    Published(
                        source,
                        low=min(row["published_low"] for row in same),
                        high=max(row["published_high"] for row in same),
                        words=same[0]["group"] if groups == 1 else f"{groups} groups of people",
                    ),
                    "" if same[0]["pad_known"] else "The place of the study's pad is not known; the model's is used.",
                )
            )
    return readings


def measure_exercises(bench: Bench) -> list[Reading]:
    """How well simulated activation ranks exercises, by the published EMG of the same muscle."""
    table = exercise_table(bench)
    readings = []
    for muscle, name in PUBLISHED_MUSCLES.items():
        rank = correlate_with_published(table, muscle)
        label = name.replace("_", " ")
        readings.append(Reading(f"{muscle}-rank", f"{label}, rank correlation", rank.value, "1", note=rank.words()))
        readings.append(Reading(f"{muscle}-low", f"{label}, lower end of its interval", rank.low, "1"))
    return readings


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "dynamometer",
        "How strong is the model?",
        "The pelvis is strapped, the leg presses as hard as it can against a pad, and the moment is read, as in a "
        "clinic.",
        "simulation",
        ("powers2017", "kendall2013"),
        "Postures and pads of the studies differ and are partly unknown. The model's muscles have twice the specific "
        "tension measured in people, and all of them pull at once, which nobody does.",
        measure_strength,
    ),
    Experiment(
        "exercise-ranking",
        "Does the model rank exercises as EMG does?",
        "Every built-in exercise is done, and peak activation of the working leg is ranked beside published EMG of "
        "the exercises that match.",
        "simulation",
        ("distefano2009", "boren2011"),
        "Activation and EMG in per cent of a maximal contraction are not the same quantity; loads, speeds and ranges "
        "of the studies differ; few exercises match.",
        measure_exercises,
    ),
)
PREDICTIONS: tuple[Prediction, ...] = ()
