"""Whom the usual rules call abnormal, how far people stand apart, how high EMG is: from published means and spreads."""

from __future__ import annotations

import numpy as np
import scipy

from gluteal.emg.measure.healthy_onsets import compute_false_calls
from gluteal.ledger.bench import Bench
from gluteal.ledger.evidence.planning import StudyDesign, find_detectable_effect
from gluteal.ledger.evidence.study_review import PublishedSpread, find_spread
from gluteal.ledger.experiments.recorded.drawn_people import GLUTE, MEN, published_rows
from gluteal.ledger.measures import ACTIVITY_WHY, HIGH_ACTIVITY, LOW_ACTIVITY
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, Threshold
from gluteal.sources.published import load_published

#: Side differences of strength in 136 people without complaints reach 23.2 to 40.2 %, by action (Bohannon & Andrews
#: 1999, Percept Mot Skills 89:878-880, PMID 10665019, abstract); taken as 1.96 standard deviations.
SIDE_RANGE = (0.232, 0.402)


def measure_rules(bench: Bench) -> list[Reading]:
    """How many healthy people the usual rules call late, weak or lopsided."""
    calls = compute_false_calls(people=400, draws=100, rng=bench.rng("usual-rules-on-healthy"))
    late = {(c.rule, c.condition): c for c in calls}
    last = late["glute-last", MEN[1]]
    wide = late["glute-after-hamstrings-100ms", MEN[1]]
    strength = find_spread("powers2017", "hip abduction isometric, male soccer players not sprained")
    weak = float(scipy.stats.norm.cdf((33.8 - strength.mean) / strength.sd))
    sides = [2.0 * float(scipy.stats.norm.sf(0.10 / (limit / 1.96))) for limit in SIDE_RANGE]
    return [
        Reading(
            "late-share",
            "Healthy people called late: gluteus maximus last, after hamstrings and back muscles",
            last.share,
            "1",
            Published("lehman2004", words="gluteus maximus about 370 ms after the first muscle in pain-free people"),
            f"{last.low:.2f} to {last.high:.2f} by what 21 people leave open",
        ),
        Reading(
            "very-late-share",
            "Healthy people called late: gluteus maximus more than 100 ms after the hamstrings",
            wide.share,
            "1",
            note=f"{wide.low:.2f} to {wide.high:.2f} by what 21 people leave open",
        ),
        Reading(
            "weak-share",
            "Players who did not sprain an ankle called weak: hip abduction at or below 33.8 % of body weight",
            weak,
            "1",
            Published("powers2017", words="39.5 (SD 6.6) % of body weight in 185 players"),
        ),
        Reading(
            "lopsided-share",
            "People without complaints called lopsided: sides differ by more than 10 % in strength",
            min(sides),
            "1",
            note=f"{min(sides):.2f} to {max(sides):.2f}: side differences of 23 to 40 % are within the normal range of "
            "136 adults (Bohannon & Andrews 1999, PMID 10665019, abstract)",
        ),
    ]


def measure_single_person(bench: Bench) -> list[Reading]:
    """How late one person must be to be told from healthy people, and how far groups with back pain stand apart."""
    row = next(r for r in published_rows(MEN) if r.muscle == GLUTE)
    spread = 1000.0 * (row.sd_s or 0.0)
    needed = float(scipy.stats.norm.ppf(0.975) + scipy.stats.norm.ppf(0.8))
    group = find_detectable_effect(StudyDesign(spread=spread, unit="ms"), 40).effect
    readings = [
        Reading(
            "delay-one-trial",
            "Delay of one person that a single trial tells from healthy people (in 80 of 100 such people)",
            needed * spread,
            "ms",
        ),
        Reading(
            "delay-ten-trials",
            "The same with the mean of ten trials",
            needed * spread * float(np.sqrt(0.5 + 0.5 / 10.0)),
            "ms",
            note="half of the published variance taken as trial to trial; the less it is, the less trials help",
        ),
        Reading("delay-groups", "Delay that a study of 20 and 20 people sees with a chance of 80 %", group, "ms"),
    ]
    for source, task, ill, well in _ACTIVITY:
        pair = [find_spread(source, f"{task}, gluteus_medius, {group}") for group in (ill, well)]
        readings.append(
            Reading(
                f"separation-{source}",
                f"Chance that somebody with back pain has less gluteus medius EMG than somebody without ({task})",
                _less(*pair),
                "1",
                Published(source, words=f"with back pain {_mean_words(pair[0])}, without {_mean_words(pair[1])}"),
                "0.5: no difference; 1: everybody with pain below everybody without",
            )
        )
    return readings


_ACTIVITY = (
    ("penney2014", "single-leg stance 30 s", "chronic low back pain", "no back pain"),
    ("farahpour2018", "walking", "low back pain", "no back pain"),
    ("notzel2011", "vibrating plate stance 10 s", "low back pain", "no back pain"),
)


def _mean_words(spread: PublishedSpread) -> str:
    return f"{spread.mean:g} (SD {spread.sd:g}) {spread.unit}"


def _less(first: PublishedSpread, second: PublishedSpread) -> float:
    """Chance that one of the first group lies below one of the second; amplitudes are lognormal, so never negative."""

    def logarithms(s: PublishedSpread) -> tuple[float, float]:
        variance = float(np.log1p((s.sd / s.mean) ** 2))
        return float(np.log(s.mean)) - variance / 2.0, variance

    (m1, v1), (m2, v2) = logarithms(first), logarithms(second)
    return float(scipy.stats.norm.cdf((m2 - m1) / np.sqrt(v1 + v2)))


#: Latency of gluteus medius after sudden inversion of the ankle, ms (Beckman & Buchanan 1995, abstract):
#: hypermobile and normal, mean and spread. Whether the spread is a standard deviation or error is not said; neither is
#: the size of the groups, so the 20 people are taken as ten and ten.
LATENCY = {"right": ((127.35, 6.02), (150.49, 6.49)), "left": ((120.71, 6.16), (136.24, 5.88))}
LATENCY_PEOPLE = 10


def measure_reflex(bench: Bench) -> list[Reading]:
    """Whether gluteus medius answers later in hypermobile ankles, by either reading of the published spread."""
    readings = []
    for side, (loose, normal) in LATENCY.items():
        difference = round(loose[0] - normal[0], 2)
        readings.append(
            Reading(
                f"latency-{side}",
                f"Latency in hypermobile minus normal ankles, {side}",
                difference,
                "ms",
                Published("beckman1995", value=difference, words=f"{loose[0]:g} and {normal[0]:g} ms, p < 0.01"),
            )
        )
        for name, factor in (("sd", 1.0), ("se", float(np.sqrt(LATENCY_PEOPLE)))):
            spread = factor * float(np.hypot(loose[1], normal[1]))
            readings.append(
                Reading(
                    f"later-{side}-{name}",
                    f"Chance that a hypermobile ankle answers later than a normal one, {side}",
                    float(scipy.stats.norm.cdf(difference / spread)),
                    "1",
                    note="if the spread is a standard "
                    + ("deviation" if name == "sd" else f"error of {LATENCY_PEOPLE} people each"),
                )
            )
    return readings


def measure_levels(bench: Bench) -> list[Reading]:
    """How high gluteal EMG is in walking, extrapolated to no load, and in running."""
    loads = np.array([25.0, 50.0, 75.0])
    rows = [
        find_spread("stastny2015", f"walking carrying {load:g} percent body mass, gluteus_medius, trained men")
        for load in loads
    ]
    slope, none = np.polyfit(loads, [r.mean for r in rows], 1)
    return [
        Reading(
            "walking-unloaded",
            "Peak of gluteus medius in walking without load, by a line through three loads",
            float(none),
            "% MVIC",
            Published("stastny2015", words="20, 32, 45 % at 25, 50, 75 % of body mass"),
            f"{slope:.2f} % MVIC per % of body mass carried",
        ),
        Reading(
            "walking-loaded",
            "Peak of gluteus medius in walking with a quarter of body mass",
            rows[0].mean,
            "% MVIC",
            Published("stastny2015", value=rows[0].mean, words=f"SD {rows[0].sd:g}, n 18"),
        ),
        _quoted("walking", "Gluteal EMG in walking, middle of what an author was quoted to say"),
        _quoted("running women", "Gluteal EMG of women in running, middle of what an author was quoted to say"),
    ]


def _quoted(task: str, label: str) -> Reading:
    """Middle of a range of which only the ends are known."""
    table = load_published("gait_emg")
    rows = table[table["task"].str.startswith(f"{task} (author quoted")]
    low, high = float(rows["value_mean"].min()), float(rows["value_mean"].max())
    published = Published(rows["source"].iloc[0], low=low, high=high, words="secondary: quoted in a magazine")
    return Reading(f"{task.split()[0]}-quoted", label, (low + high) / 2.0, "% MVIC", published)


EXPERIMENTS = (
    Experiment(
        key="usual-rules-on-healthy",
        title="How many people without complaints would be called late, weak or lopsided?",
        method="The usual rules (gluteus maximus last; hip abduction at or below 33.8 % of body weight; sides more "
        "than 10 % apart) are applied to people drawn from published healthy spreads.",
        kind="emg",
        replays=("suehiro2015", "lehman2004"),
        limits="Healthy groups are small and young (21 men, 185 male players) or 50 to 79 years old (sides). The "
        "rule of 33.8 % was made for ankle sprains. Of lehman2004 no spread is published, so no people can be drawn.",
        measure=measure_rules,
    ),
    Experiment(
        key="one-person-among-healthy",
        title="Can one person be told from healthy people?",
        method="From the published spread of onsets we compute how late a person must be to stand out, and from the "
        "published EMG of people with and without back pain how often one of the former is the less active.",
        kind="emg",
        replays=("penney2014",),
        limits="The three studies of EMG disagree in direction and normalise differently, two were seen through a "
        "review table, all are cross-sectional; they show how separate the groups are, not why.",
        measure=measure_single_person,
    ),
    Experiment(
        key="ankle-reflex",
        title="Does gluteus medius answer late in loose ankles?",
        method="The published latencies after a sudden twist of the ankle are compared, with the printed spread read "
        "as a standard deviation and as a standard error.",
        kind="emg",
        replays=("beckman1995",),
        limits="One study of 20 people, abstract only; the split into groups is assumed. A reflex to a twist is not "
        "recruitment in walking.",
        measure=measure_reflex,
        independent=False,
    ),
    Experiment(
        key="level-in-gait",
        title="How active are the glutes in walking and running?",
        method="Published peaks of gluteus medius with loads carried are continued to no load by a straight line; for "
        "running there is only a quoted range.",
        kind="emg",
        replays=("stastny2015", "willson2012"),
        limits="Trained men; a line through three points; the range for running is secondary, of women, and does not "
        "say which gluteal muscle. Gluteus maximus in walking has no published number among those read.",
        measure=measure_levels,
        independent=False,
    ),
)

_LEVEL = "more than one in ten is what drug leaflets call very common"
_RANGE = "a 95 % reference range calls one healthy person in twenty unusual by definition"
_APART = (
    "A measure that puts a pair of people in the right order in 80 of 100 cases separates well, below 70 poorly "
    "(Hosmer & Lemeshow; from memory, not read at source)."
)
_LATER = (
    "A chance of 0.64 (0.36) is a medium effect, half a standard deviation later (earlier) (Cohen 1988); the spread is "
    "read both ways."
)

PREDICTIONS = (
    Prediction(
        "glute-deficits-also-in-pain-free",
        "usual-rules-on-healthy",
        (
            Threshold("late-share", Bound(low=0.10), Bound(high=0.05), f"Lateness: {_LEVEL}; {_RANGE}."),
            Threshold("weak-share", Bound(low=0.10), Bound(high=0.05), f"Weakness: {_LEVEL}; {_RANGE}."),
            Threshold("lopsided-share", Bound(low=0.10), Bound(high=0.05), f"Asymmetry: {_LEVEL}; {_RANGE}."),
        ),
    ),
    Prediction(
        "gluteal-amnesia-exists",
        "one-person-among-healthy",
        tuple(Threshold(f"separation-{source}", Bound(low=0.8), Bound(high=0.7), _APART) for source, *_ in _ACTIVITY),
        "A condition of its own would set the people who have it apart. People with back pain stand in for them, since "
        "nobody has measured people chosen for the condition itself.",
    ),
    Prediction(
        "ankle-instability-delays-gmed",
        "ankle-reflex",
        tuple(
            Threshold(f"later-{side}-{name}", Bound(low=0.64), Bound(high=0.36), _LATER)
            for side in LATENCY
            for name in ("sd", "se")
        ),
        "The answer is that of the one study; it is not independent of the evidence.",
    ),
    Prediction(
        "glutes-quiet-in-walking",
        "level-in-gait",
        (
            Threshold("walking-unloaded", Bound(high=LOW_ACTIVITY), Bound(low=HIGH_ACTIVITY), ACTIVITY_WHY),
            Threshold("walking-quoted", Bound(high=LOW_ACTIVITY), Bound(low=HIGH_ACTIVITY), ACTIVITY_WHY),
        ),
    ),
    Prediction(
        "glutes-quiet-in-running",
        "level-in-gait",
        (Threshold("running-quoted", Bound(high=LOW_ACTIVITY), Bound(low=HIGH_ACTIVITY), ACTIVITY_WHY),),
        "From a secondary source.",
    ),
)
