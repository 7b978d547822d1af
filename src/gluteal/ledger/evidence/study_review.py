"""Published spreads between people, and what the studies on the claims could have seen, given their size.

A study is taken at its kindest: its published number of people, the spread published for the same quantity in healthy
people (the smaller one where studies differ), and an error of measurement that is already within that spread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from gluteal.errors import UnknownName
from gluteal.ledger.evidence.planning import (
    GroupDesign,
    StudyDesign,
    StudyPlan,
    compute_power,
    find_detectable_effect,
)
from gluteal.sources.published import load_published

#: Table; columns that together say what; column of the mean; of the standard deviation; of the unit, or None and the
#: unit itself.
_TABLES: tuple[tuple[str, tuple[str, ...], str, str, str | None, str], ...] = (
    ("prone_hip_extension_onsets", ("muscle", "condition"), "onset_ms_mean", "sd_ms", None, "ms"),
    ("hip_abduction_strength", ("measure", "group"), "value", "sd", "units", ""),
    ("gait_emg", ("task", "muscle", "group"), "value_mean", "sd", "units", ""),
    ("exercise_emg", ("exercise", "muscle"), "pct_mvic_mean", "sd", None, "pct_mvic"),
)


@dataclass(frozen=True)
class PublishedSpread:
    """How far people differ, as published: `mean` and `sd` in `unit`, of `n` people; `source` is a study's key."""

    what: str
    mean: float
    sd: float
    unit: str
    n: int | None
    source: str


@dataclass(frozen=True)
class ReviewedStudy:
    """What a published study could have seen.

    Attributes
    ----------
    study, claim : str
        Key of the study and id of the claim.
    quantity : str
        What it compared.
    detectable : StudyPlan
        Smallest true difference that it sees with a chance of 80 %.
    reported : StudyPlan or None
        The difference it reports, and its chance to see one of that size if it is true; None where none is printed.
    spread_from : str
        Where the spread comes from.
    """

    study: str
    claim: str
    quantity: str
    detectable: StudyPlan
    reported: StudyPlan | None
    spread_from: str


@dataclass(frozen=True)
class _Studied:
    """One comparison of a published study.

    `spread` names a row of the published spreads by source and words. `reported` is in the unit of that row, in per
    cent of its mean where `relative`, in standard deviations where `spread` is None.
    """

    study: str
    claim: str
    quantity: str
    people: tuple[int, int]
    spread: tuple[str, str] | None
    reported: float | None = None
    relative: bool = False
    kind: GroupDesign = "two groups"


_ONSET = ("lewis2009", "gluteus maximus, no cue")
_STRENGTH = ("powers2017", "hip abduction isometric, male soccer players not sprained")
_ACTIVITY = ("penney2014", "single-leg stance 30 s, gluteus_medius, no back pain")

#: Comparisons whose numbers of people were read. `relative`: spread and difference in per cent of the mean. Paired
#: studies assume a correlation of 0.5 between the two occasions.
_STUDIED = (
    _Studied("penney2014", "lbp-gmax-delayed", "onset of gluteus medius, stepping onto one leg", (21, 22), _ONSET),
    _Studied(
        "penney2014",
        "painful-glutes-overactive",
        "gluteus medius EMG, single-leg stance",
        (21, 22),
        _ACTIVITY,
        1.6,  # % RMS
    ),
    _Studied("bruno2007", "lbp-gmax-delayed", "onset of gluteus maximus, prone hip extension", (20, 31), _ONSET),
    _Studied("hungerford2003", "lbp-gmax-delayed", "onset of gluteus maximus, standing on one leg", (14, 14), _ONSET),
    _Studied(
        "lewis2009",
        "activation-drills-wake-glutes",
        "onset of gluteus maximus with and without a cue",
        (11, 0),
        _ONSET,
        33.6,  # ms
        kind="paired",
    ),
    _Studied("arab2011phe", "back-pain-inhibits-glutes", "EMG of gluteus maximus, prone hip extension", (10, 10), None),
    _Studied("sit_vs_stand_cuny", "sitting-switches-glutes-off", "gluteal EMG, sitters and standers", (11, 11), None),
    _Studied(
        "sitting_lift_calstate",
        "sitting-switches-glutes-off",
        "EMG of gluteus maximus, before and after sitting",
        (21, 0),
        None,
        kind="paired",
    ),
    _Studied(
        "parr2017",
        "activation-drills-wake-glutes",
        "EMG of gluteus maximus after a warm-up of drills",
        (17, 0),
        None,
        0.3,  # standard deviations
        kind="paired",
    ),
    _Studied("kazemkhani2022", "lbp-hip-abductors-weaker", "strength of the hip", (26, 30), _STRENGTH, relative=True),
    _Studied(
        "penney2014",
        "lbp-hip-abductors-weaker",
        "strength of hip abduction, right",
        (21, 22),
        _STRENGTH,
        100.0 * 0.4 / 1.4,  # % of the mean
        relative=True,
    ),
    _Studied(
        "allison2016",
        "unilateral-gt-bilateral-weakness",
        "strength of hip abduction, sore side",
        (50, 50),
        _STRENGTH,
        32.0,  # % of the mean
        relative=True,
    ),
    _Studied(
        "powers2017",
        "weak-glutes-ankle-instability",
        "strength of hip abduction before the season, later sprained and not",
        (25, 185),
        _STRENGTH,
        3.8,  # % of body weight
        kind="cohort",
    ),
    _Studied(
        "nadler2001",
        "hip-strength-not-predictive",
        "strength of the hip, women later treated for back pain and not",
        (5, 58),
        _STRENGTH,
        relative=True,
        kind="cohort",
    ),
    _Studied(
        "marshall2011",
        "hip-strength-not-predictive",
        "strength of hip abduction, people who came to hurt in standing and not",
        (17, 7),
        _STRENGTH,
        relative=True,
        kind="cohort",
    ),
)


@cache
def load_spreads() -> tuple[PublishedSpread, ...]:
    """Return every published mean with a standard deviation, from the tables of the package."""
    return tuple(_spreads())


def find_spread(source: str, what: str) -> PublishedSpread:
    """Return one published spread by its study's key and its words.

    Raises
    ------
    UnknownName
        Where the study has no spread, or none of these words.
    """
    rows = [s for s in load_spreads() if s.source == source]
    if not rows:
        raise UnknownName("study with a spread", source, sorted({s.source for s in load_spreads()}), "load_spreads()")
    for row in rows:
        if row.what == what:
            return row
    raise UnknownName(f"spread of {source}", what, [r.what for r in rows], "load_spreads()")


def review_studies(*, power: float = 0.8) -> tuple[ReviewedStudy, ...]:
    """Compute, for each study whose size was read, what it could have seen and its chance to see what it reports.

    A study whose spread is not published for its quantity is judged in standard deviations (unit "SD"). The chance to
    see a reported difference takes that difference for the truth; differences that were noticed tend to be too large.
    """
    out = []
    for row in _STUDIED:
        spread, unit, words = 1.0, "SD", "in units of the spread itself"
        if row.spread is not None:
            published = find_spread(*row.spread)
            spread, unit = published.sd, published.unit
            words = f"{published.what} ({published.source})"
            if row.relative:
                spread, unit = 100.0 * published.sd / abs(published.mean), "%"
        people = sum(row.people)
        first, second = row.people
        design = StudyDesign(
            spread=spread,
            unit=unit,
            kind=row.kind,
            ratio=second / first if row.kind == "two groups" else 1.0,
            incidence=first / people if row.kind == "cohort" else 0.2,
        )
        reported = None if row.reported is None else compute_power(design, row.reported, people)
        seen = find_detectable_effect(design, people, power=power)
        out.append(ReviewedStudy(row.study, row.claim, row.quantity, seen, reported, words))
    return tuple(out)


def _spreads() -> Iterator[PublishedSpread]:
    for name, words, mean, sd, units, unit in _TABLES:
        rows = load_published(name)
        for row in rows[rows[sd].notna()].to_dict("records"):
            yield PublishedSpread(
                ", ".join(str(row[w]) for w in words),
                float(row[mean]),
                float(row[sd]),
                str(row[units]) if units else unit,
                int(row["n"]) if row["n"] == row["n"] else None,
                str(row["source"]),
            )
