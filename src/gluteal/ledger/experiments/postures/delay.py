"""Late muscles in movements from rest: what the order of onsets changes, in the hip and in the back."""

from __future__ import annotations

from gluteal.ledger.bench import Bench
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import load_band
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.simulate.delays import EARLY, compute_late_starts

LIFT = "prone-leg-lift"
LATE = ("glmax", "hamstrings")


def _lumbar_peak(outcome: Outcome) -> float:
    """Return the peak load of the lumbosacral joint / that of the undisturbed movement."""
    row = next(r for r in outcome.joint_loads if r["joint"] == "lumbosacral")
    return float(row["peak_bw"] / row["baseline_peak_bw"])


def _late_starts(bench: Bench) -> list[Reading]:
    late = compute_late_starts(bench.mechanics(LIFT), *LATE, delays=[0.05, EARLY])
    rows = {(row.targets, row.seconds): row for row in late.rows}
    glmax, hamstrings = rows[("glmax",), EARLY], rows[("hamstrings",), EARLY]
    both = rows[LATE, 0.05]
    spine = _lumbar_peak(bench.outcome(LIFT, Condition.delay("glmax", seconds=EARLY, side="r")))
    return [
        Reading("effort", "effort, gluteus maximus 150 ms late / on time", glmax.effort_ratio, "1"),
        Reading("hamstrings", "effort, hamstrings 150 ms late / on time", hamstrings.effort_ratio, "1"),
        Reading(
            "hip",
            "hip force of the first 150 ms, gluteus maximus 150 ms late / on time",
            glmax.early_hip_bw / late.early_hip_bw,
            "1",
            Published("lewis2007", words="rises with a weak gluteus maximus"),
        ),
        Reading("spine", "peak load of the lumbosacral joint, gluteus maximus 150 ms late / on time", spine, "1"),
        Reading("both", "moment missing with both 50 ms late", both.missing, "N m"),
        Reading(
            "scatter",
            "delay tried beside how healthy onsets scatter",
            1000.0 * EARLY,
            "ms",
            Published("lewis2009", words=f"standard deviation {1000 * late.scatter:.0f} ms, n 11"),
        ),
    ]


def _late_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    """Return the band of the lumbosacral load; effort and what is missing are least by what they are."""
    outcome = bench.outcome(LIFT, Condition.delay("glmax", seconds=EARLY, side="r"))
    late, usual = (load_band(s, "lumbosacral", slack=slack) for s in (outcome.changed, outcome.baseline))
    return {"spine": late.over(usual)}


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "late-starts",
        "A leg lifted prone with late muscles",
        "From rest, the straight leg is lifted; gluteus maximus or the hamstrings start 50 to 150 ms later than they "
        "would. Read are effort, hip force at first, the load of the lumbosacral joint and what is missing.",
        "simulation",
        (),
        "The lift begins within one frame and is held exactly as it is; tendons are rigid. No gluteal fibre of "
        "this body reaches the lumbar spine, so what a late gluteus maximus does to the back is judged by nothing in "
        "people.",
        _late_starts,
        bands=_late_bands,
    ),
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "late-glutes-cause-back-pain",
        "late-starts",
        (
            Threshold(
                "spine",
                Bound(low=1.1),
                Bound(high=1.02),
                "a tenth more load of the back would be something to explain pain with, 2 % is no change; own choice",
            ),
        ),
        "Load of the back only, in one movement; pain has other roads.",
    ),
)

MISSING: dict[str, str] = {}
