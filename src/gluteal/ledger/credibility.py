"""Where the model has earned to speak: checks of the same quantity in the same kind of task against people.

In the manner of ASME V&V 40 (2018; from memory): an experiment is a context of use, and each has a list of checks that
the same body must pass. Where one fails, or there is none, the experiment is shown with the check it failed and has no
weight. A published human result that the model misses is such a failure, never evidence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from gluteal.held_against.hip_arms import compare_hip_arms
from gluteal.held_against.hip_force import compare_hip_force
from gluteal.held_against.joint_moments import compare_joint_moments
from gluteal.held_against.strength import compare_strength
from gluteal.ledger.bench import Bench
from gluteal.ledger.kept import keep_arrays
from gluteal.ledger.prediction import NEAR, Experiment, Reading, value_words
from gluteal.simulate.dynamometer import compute_strength

#: Largest root mean square difference of a moment arm from a table of cadavers, mm: about what two such tables differ
#: by (dostal1981, carbone2015); own choice.
ARM_TOLERANCE_MM = 10.0


@dataclass(frozen=True)
class NatureCheck:
    """A number of the model beside people's.

    Attributes
    ----------
    quantity, task : str
    source : str
        Keys of the publications, joined by ';'.
    computed : float
    low, high : float or None
        What counts as met, tolerance included; None is no limit.
    unit, tolerance : str
        `tolerance` says where the limits come from.
    """

    quantity: str
    task: str
    source: str
    computed: float
    low: float | None
    high: float | None
    unit: str
    tolerance: str

    @property
    def passed(self) -> bool:
        """Whether the number lies within the limits, to a millionth; one that could not be computed does not."""
        slack = 1e-6 * abs(self.computed)
        above = self.low is None or self.computed >= self.low - slack
        return above and (self.high is None or self.computed <= self.high + slack)

    @property
    def sentence(self) -> str:
        """Say the number beside its limits."""
        low, high = self.low, self.high
        if low is not None and high is not None:
            limits = f"{value_words(low, '1')} to {value_words(high, self.unit)}"
        else:
            limits = (
                f"at least {value_words(low, self.unit)}"
                if low is not None
                else f"at most {value_words(high or 0.0, self.unit)}"
            )
        where = f" ({self.task})" if self.task else ""
        return f"{self.quantity}{where}: {value_words(self.computed, self.unit)}, people {limits}"

    def to_json(self) -> dict[str, Any]:
        """Return the check as plain data."""
        return {
            "quantity": self.quantity,
            "task": self.task,
            "source": self.source,
            "computed": self.computed if abs(self.computed) < float("inf") else None,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "tolerance": self.tolerance,
            "passed": self.passed,
        }


@dataclass(frozen=True)
class Credibility:
    """Whether an experiment may speak on claims, and the checks it rests on."""

    checks: tuple[NatureCheck, ...]

    @property
    def credible(self) -> bool:
        """Whether there is a check and every one is passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def failed_check(self) -> str | None:
        """The first check that is not passed, in a sentence; None where all are."""
        if not self.checks:
            return "nothing that was measured in people could be set beside what it computes"
        return next((check.sentence for check in self.checks if not check.passed), None)


def _moments(task: str, *moments: str) -> Callable[[Bench], list[NatureCheck]]:
    def checks(bench: Bench) -> list[NatureCheck]:
        return [
            NatureCheck(
                f"largest moment of {row['moment']}",
                task.replace("-", " "),
                row["source"],
                round(row["computed_nm_per_kg"], 2),
                None if row["low_nm_per_kg"] is None else round(row["low_nm_per_kg"], 2),
                None if row["high_nm_per_kg"] is None else round(row["high_nm_per_kg"], 2),
                "N m/kg",
                f"two standard deviations, or the printed range ({row['people']})",
            )
            for row in compare_joint_moments(bench.recruitment(task))
            if row["moment"] in moments and row["source"] is not None and row["computed_nm_per_kg"] is not None
        ]

    return checks


def _hip_force(task: str) -> Callable[[Bench], list[NatureCheck]]:
    def checks(bench: Bench) -> list[NatureCheck]:
        rows = [r for r in compare_hip_force({task: bench.loads(task)}) if r["movement"] == task]
        published = [r["published_bw"] for r in rows]
        return (
            [
                NatureCheck(
                    "hip contact force",
                    task.replace("-", " "),
                    ";".join(dict.fromkeys(r["source"] for r in rows)),
                    rows[0]["computed_bw"],
                    (1 - NEAR) * min(published),
                    (1 + NEAR) * max(published),
                    "body weights",
                    f"the published values and {NEAR:.0%} beyond",
                )
            ]
            if rows
            else []
        )

    return checks


def _strength(movement: str) -> Callable[[Bench], list[NatureCheck]]:
    def checks(bench: Bench) -> list[NatureCheck]:
        rows = [r for r in compare_strength(compute_strength(bench.body, movement), bench.body) if r["pad_known"]]
        found = []
        for quantity in dict.fromkeys((r["quantity"], r["unit"]) for r in rows):
            same = [r for r in rows if (r["quantity"], r["unit"]) == quantity]
            found.append(
                NatureCheck(
                    f"strength of {movement.replace('-', ' ')}",
                    "dynamometer",
                    ";".join(dict.fromkeys(r["source"] for r in same)),
                    same[0]["computed"],
                    (1 - NEAR) * min(r["published_low"] for r in same),
                    (1 + NEAR) * max(r["published_high"] for r in same),
                    quantity[1].replace("·", " ").replace("× ", ""),
                    f"the published values and {NEAR:.0%} beyond",
                )
            )
        return found

    return checks


def _hip_arms(bench: Bench) -> list[NatureCheck]:
    return [
        NatureCheck(
            f"moment arms of {str(row['coordinate']).replace('_', ' ')}, root mean square difference",
            f"{row['rows']} values",
            row["source"],
            row["rms_mm"],
            None,
            ARM_TOLERANCE_MM,
            "mm",
            "about what two tables of cadavers differ by",
        )
        for row in compare_hip_arms(bench.body)
    ]


def _hip_to_spine(bench: Bench) -> list[NatureCheck]:
    """Count the muscles that turn both hip and lumbar spine: people have gluteal fibres and fascia that reach it."""
    arms = bench.mechanics("quiet-standing").dataset["moment_arm"]
    names = [str(n) for n in arms["coordinate"].values]
    crosses = abs(arms).max("time") > 1e-4
    hip = crosses.sel(coordinate=[n for n in names if n.startswith("hip_")]).any("coordinate")
    back = crosses.sel(
        coordinate=[n for n in names if "lumbar" in n or n.startswith(("flex_ext", "lat_bend", "axial"))]
    )
    gluteal = [m for m in map(str, arms["muscle"].values) if m.startswith("gl")]
    number = int((hip & back.any("coordinate")).sel(muscle=gluteal).sum())
    return [
        NatureCheck(
            "gluteal muscles that pull on the lumbar spine", "", "barker2014", float(number), 1.0, None, "1",
            "gluteus maximus reaches it through the thoracolumbar fascia",
        )
    ]  # fmt: skip


_WALKING = _moments("walk", "hip extension", "hip flexion")
_PUSHING_OFF = _moments("walk", "plantarflexion")
_RISING = _moments("sit-to-stand", "hip extension")
_HIP_STRENGTH = (_strength("hip-abduction"), _strength("hip-extension"))
_ABDUCTORS = (_strength("hip-abduction"),)
#: What must hold for each experiment's context of use, beside its own readings that stand next to a published number.
#: An experiment that is not named has only those.
CONTEXTS: Mapping[str, tuple[Callable[[Bench], Sequence[NatureCheck]], ...]] = MappingProxyType(
    {
        "walk-abductor-block": (_WALKING, *_ABDUCTORS),
        "walk-adapts": (_WALKING, *_ABDUCTORS),
        "walk-weak-glutes": (_WALKING, *_HIP_STRENGTH),
        "everyday-without-glutes": (_WALKING, _RISING, *_HIP_STRENGTH),
        "walk-gluteal-activity": (_WALKING, *_HIP_STRENGTH),
        "walk-abduction-share": (_WALKING, _hip_arms),
        "walk-ground-force-shares": (_WALKING,),
        "squeezed-glutes": (_WALKING, _hip_force("walk")),
        "walk-distal-or-proximal": (_WALKING, _PUSHING_OFF),
        "walk-weak-calves": (_PUSHING_OFF,),
        "walk-pelvic-tilt": (_WALKING, *_HIP_STRENGTH),
        "walk-short-hip-flexors": (_WALKING, *_HIP_STRENGTH),
        "stance-nerve-block": _ABDUCTORS,
        "stance-abductor-share": (_hip_arms,),
        "stance-adapts": _ABDUCTORS,
        "stance-posture": _ABDUCTORS,
        "stance-push": _ABDUCTORS,
        "bend-from-the-spine": (_hip_to_spine,),
        "lumbar-load-weak-gluteals": (_hip_to_spine, *_HIP_STRENGTH),
        "least-effort-weak-gluteals": (_hip_to_spine, *_HIP_STRENGTH),
        "short-hamstrings": (_strength("hip-extension"),),
        "half-the-gluteals": _HIP_STRENGTH,
        "gluteal-moment-arms": (_hip_arms,),
        "prone-and-upright": _HIP_STRENGTH,
        "late-starts": (_hip_to_spine, _strength("hip-extension")),
        "endurance-holds": (_strength("hip-extension"),),
        "abduction-lying-standing": _ABDUCTORS,
        "squat-tight-flexors": (_moments("squat", "hip extension"),),
        "who-raises-the-body": (_RISING, _strength("hip-extension")),
        "inhibited-or-weak": (_strength("hip-extension"),),
        "inhibition-after-pain": _HIP_STRENGTH,
        "wished-squeeze": (_WALKING, _RISING, _hip_force("walk"), _hip_force("sit-to-stand")),
        "squeeze-standing-up": (_RISING, _hip_force("sit-to-stand")),
        "thigh-alignment": _ABDUCTORS,
    }
)


def check_against_people(experiment: Experiment, readings: Sequence[Reading], bench: Bench) -> Credibility:
    """Hold an experiment's context of use against people: its own readings that have a published number, and more.

    Experiments on simulated recordings and observers are held against their own published numbers only; one that
    recomputes published studies is held against nothing and so never speaks.
    """
    checks = [*_own(experiment, readings)]
    if experiment.kind == "simulation":
        for context in CONTEXTS.get(experiment.key, ()):
            checks.extend(context(bench))
    return Credibility(tuple(checks))


def keep_credibility(experiment: Experiment, readings: Sequence[Reading], bench: Bench) -> Credibility:
    """Return how an experiment stands beside people (`check_against_people`), worked out only where it is not kept."""

    def measure() -> Mapping[str, np.ndarray]:
        checks = check_against_people(experiment, readings, bench).checks
        return {"checks": np.array(json.dumps([asdict(check) for check in checks]))}

    rows = json.loads(str(keep_arrays(f"credibility {experiment.key}", bench, measure)["checks"]))
    return Credibility(tuple(NatureCheck(**row) for row in rows))


def _own(experiment: Experiment, readings: Sequence[Reading]) -> list[NatureCheck]:
    found: list[NatureCheck] = []
    if not experiment.independent:
        return found
    for reading in readings:
        published = reading.published
        if published is None or (published.value is None and published.low is None and published.high is None):
            continue
        low, high, tolerance = published.low, published.high, "the published range"
        if low is None and high is None and published.value is not None:
            reach = NEAR * abs(published.value)
            low, high, tolerance = (
                published.value - reach,
                published.value + reach,
                f"the published value and {NEAR:.0%} either way",
            )
        found.append(
            NatureCheck(
                reading.label, "its own reading", published.source, reading.value, low, high, reading.unit, tolerance
            )
        )
    return found
