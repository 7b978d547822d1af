"""How claims, studies and readings are said to people."""

from __future__ import annotations

from typing import Literal

from gluteal.ledger.evidence.effects import Effect
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Claim, Study
from gluteal.ledger.prediction import Published, Reading, value_words

#: How far a study was read, for people.
READ_WORDS = {
    "fulltext": "read in full",
    "table": "a table or section of the full text read",
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


def near_optimal_words(says: Literal["every", "may"] | None) -> str:
    """Say whether every near-optimal sharing gives an answer, or only some; nothing where there is nothing to say.

    >>> near_optimal_words("every"), near_optimal_words(None)
    ('in every near-optimal sharing', '')
    """
    if says is None:
        return ""
    return "in every near-optimal sharing" if says == "every" else "may be so; not in every near-optimal sharing"


def stance_words(claim: Claim, evidence: Evidence) -> list[str]:
    """Say which article asserts, denies or doubts a claim, a line each."""
    return [
        f"{evidence.article(key).title} ({evidence.article(key).author}): {stance} it"
        + (" (follows from the argument)" if key in claim.implied else "")
        for key, stance in claim.articles.items()
    ]


def origin_words(claim: Claim, evidence: Evidence) -> list[str]:
    """Say which larger claim a claim was part of, and which parts were taken out of it; nothing where neither is so."""
    said = []
    if claim.was:
        said.append(f"Was part of: {', '.join(claim.was)}.")
    if parts := evidence.parts_of(claim):
        said.append(f"Was taken apart; other parts of it: {', '.join(part.id for part in parts)}.")
    return said


def study_words(study: Study, claim: str) -> list[str]:
    """Say what a study did and found about a claim: its design and people, its risk of bias, then a line a result."""
    return [
        f"{design_words(study)}; {READ_WORDS[study.read]}; {study.link or 'no DOI or PMID known'}",
        bias_words(study),
        *(effect_words(effect) for effect in study.effects if effect.link(claim) is not None),
    ]


def bias_words(study: Study) -> str:
    """Say a study's risk of bias: the whole, each domain with its reason, and what the text read says nothing of."""
    bias = study.risk_of_bias
    if bias is None or not bias.domains:
        return "risk of bias: not judged"
    silent = [name for name, domain in bias.domains.items() if domain.judgement == "no information"]
    said = [
        f"{name} {domain.judgement}" + (f" ({domain.reason})" if domain.reason else "")
        for name, domain in bias.domains.items()
        if name not in silent
    ]
    if silent:
        said.append(f"no information on {', '.join(silent)}")
    return f"risk of bias ({bias.tool}): {bias.overall}; {'; '.join(said)}"


def design_words(study: Study) -> str:
    """Say a study's design and how many people it had."""
    people = ", ".join(
        f"{value:g}" if name == "total" else f"{_spelled(name)} {value:g}"
        for name, value in study.n.items()
        if value is not None
    )
    return f"{study.design}" + (f", n {people}" if people else "")


def effect_words(effect: Effect) -> str:
    """Say a result: what was compared, its number with its interval, p, what was found, and what speaks against it."""
    number = ""
    if effect.estimate is not None:
        number = f"{effect.measure} {effect.estimate:g}"
        if effect.ci_low is not None:
            number += f", {effect.level:.0%} interval {effect.ci_low:g} to {effect.ci_high:g}"
        if effect.units not in ("", "1", "standard deviations"):
            number += f" {effect.units}"
    p = effect.p if effect.p[:1] in ("<", ">") else f"= {effect.p}"
    said = [number, f"p {p}" if effect.p else "", effect.direction]
    if effect.kind == "gap":
        said = ["the result was not in the text that was read"]
    if effect.contradiction:
        said.append(f"not used: {effect.contradiction}")
    over = f" ({effect.contrast})" if effect.contrast else ""
    return f"{effect.outcome}{over}: {'; '.join(filter(None, said)) or 'no result in words'}"


def _spelled(name: str) -> str:
    """Write a key of a study's counts of people out ("low_back_pain" becomes "low back pain")."""
    return name.replace("_", " ")
