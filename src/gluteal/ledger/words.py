"""How claims, studies and readings are said to people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Claim, Study, StudyFinding
from gluteal.ledger.prediction import Published, Reading, value_words

#: What short names in studies' numbers stand for; everything else is said as it is written.
_SPELLED = {
    "10rm": "10RM",
    "bw": "body weight",
    "ci95": "95 % interval",
    "cv": "coefficient of variation",
    "es": "effect size",
    "gmax": "gluteus maximus",
    "gmed": "gluteus medius",
    "gmin": "gluteus minimus",
    "icc": "ICC",
    "iemg": "integrated EMG",
    "itb": "iliotibial band",
    "lbp": "low back pain",
    "kmh": "km/h",
    "md": "mean difference",
    "or": "odds ratio",
    "or1": "odds ratio 1",
    "or2": "odds ratio 2",
    "pct": "percent",
    "r2": "R squared",
    "rms": "RMS",
    "sci": "spinal cord injury",
    "sd": "SD",
    "sij": "sacroiliac pain",
    "tfl": "tensor fasciae latae",
    "vl": "vastus lateralis",
    "cai": "chronic ankle instability",
    "gt": "gluteal tendinopathy",
}
#: Times in the names of numbers: "m6" and "6m" are six months.
_TIME = re.compile(r"([dwmy])(\d+)|(\d+)([dwmy])")
_TIME_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
#: Stands where a study's result is words, not a quantity; nothing to say to people.
_NO_UNITS = frozenset({"none", "result", "direction", "description", "order"})

#: How far a study was read, for people.
READ_WORDS = {
    "fulltext": "read in full",
    "abstract": "abstract read",
    "secondary": "not read at source: quoted elsewhere",
    "none": "not read",
}


def published_words(published: Published, unit: str) -> str:
    """Write a published value, range or wording."""
    if published.low is not None and published.low == published.high:
        numbers = value_words(published.low, unit)
    elif published.low is not None and published.high is not None:
        numbers = f"{published.low:.3g} to {value_words(published.high, unit)}"
        if published.value is not None:
            numbers = f"{published.value:.3g} ({numbers})"
    elif published.value is not None:
        numbers = value_words(published.value, unit)
    elif published.high is not None:
        numbers = f"at most {value_words(published.high, unit)}"
    elif published.low is not None:
        numbers = f"at least {value_words(published.low, unit)}"
    else:
        numbers = ""
    return "; ".join(filter(None, [numbers, published.words]))


def reading_words(reading: Reading) -> str:
    """Write a reading with what was published beside it."""
    beside = "" if reading.published is None else f" (published: {published_words(reading.published, reading.unit)})"
    return f"{reading.label}: {value_words(reading.value, reading.unit)}{beside}"


def stance_words(claim: Claim, evidence: Evidence) -> list[str]:
    """Say which article asserts, denies or doubts a claim, a line each."""
    return [
        f"{evidence.article(key).title} ({evidence.article(key).author}): {stance} it"
        + (" (follows from the argument)" if key in claim.implied else "")
        for key, stance in claim.articles.items()
    ]


def study_words(study: Study, claim: str) -> list[str]:
    """Say what a study did and found about a claim: its design and people, then a line a finding."""
    return [f"{design_words(study)}; {READ_WORDS[study.read]}; {study.link or 'no DOI or PMID known'}"] + [
        finding_words(f) for f in study.findings if claim in f.bears_on
    ]


def design_words(study: Study) -> str:
    """Say a study's design and how many people it had."""
    people = ", ".join(
        f"{value:g}" if name == "total" else f"{_spelled(name)} {value:g}"
        for name, value in study.n.items()
        if value is not None
    )
    return f"{study.design}" + (f", n {people}" if people else "")


def finding_words(finding: StudyFinding) -> str:
    """Say an outcome with its numbers, unit and note."""
    note = f" ({finding.note})" if finding.note else ""
    units = "" if finding.units in _NO_UNITS else f" [{finding.units}]"
    return f"{finding.outcome}: {_numbers_words(finding.numbers)}{units}{note}"


def _numbers_words(value: Any) -> str:
    if value is None:
        return "not printed where it was read"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{_spelled(str(k))} {_nested(v)}" for k, v in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " to ".join(map(_numbers_words, value)) if len(value) == 2 else ", ".join(map(_numbers_words, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _spelled(name: str) -> str:
    """Write a key of a study's numbers out ("lbp_md_12m" becomes "low back pain mean difference 12 months")."""
    return " ".join(_SPELLED.get(part) or _time_words(part) for part in name.split("_"))


def _time_words(part: str) -> str:
    found = _TIME.fullmatch(part)
    if not found:
        return part
    unit, number = found[1] or found[4], found[2] or found[3]
    return f"{number} {_TIME_UNITS[unit]}{'' if number == '1' else 's'}"


def _nested(value: Any) -> str:
    words = _numbers_words(value)
    return f"({words})" if isinstance(value, Mapping) else words
