"""The plain answer to a claim: a sentence for everybody, the number that carries it, how sure, what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gluteal.ledger.evidence.records import Claim, count_people
from gluteal.ledger.evidence.rule import Level
from gluteal.ledger.evidence.stability import Stability
from gluteal.ledger.evidence.summary import EvidenceSummary
from gluteal.ledger.evidence.synthesis import Synthesis, towards_interval
from gluteal.ledger.evidence.verdict import ClaimVerdict, VerdictWord

#: The first words of the answer, by verdict and certainty.
LEADS: Mapping[tuple[VerdictWord, Level], str] = MappingProxyType(
    {
        ("supported", "high"): "Yes.",
        ("supported", "moderate"): "Probably yes.",
        ("supported", "low"): "Perhaps: what is known points that way.",
        ("supported", "very low"): "It may be so, but very little is known.",
        ("contradicted", "high"): "No.",
        ("contradicted", "moderate"): "Probably not.",
        ("contradicted", "low"): "Perhaps not: what is known points the other way.",
        ("contradicted", "very low"): "It may well not be so, but very little is known.",
        ("too-small", "high"): "If there is a difference, it is too small to matter.",
        ("too-small", "moderate"): "If there is a difference, it is probably too small to matter.",
        ("too-small", "low"): "What is known points to a difference too small to matter.",
        ("too-small", "very low"): "The difference may be too small to matter, but very little is known.",
    }
)
#: What is said where nothing could decide, by the reason.
_NOT_KNOWN = {
    "no design": "Nobody knows: no study was made in a way that could tell what causes what.",
    "stand-ins": "Nobody knows: studies measured something like it, not the thing itself.",
    "no result": "Nobody knows: studies looked, and what they print shows neither side.",
}
_OPEN: Mapping[VerdictWord, str] = MappingProxyType(
    {
        "insufficient": "Nobody knows yet: what was measured fits with yes and with no.",
        "inconsistent": "Studies contradict one another.",
        "untested": "Nobody has looked, as far as this ledger knows.",
        "untestable": "It cannot be tested: no result could speak against it.",
    }
)
_QUOTED: Mapping[str, str] = MappingProxyType(
    {
        "accurate": "Yes, the source says so.",
        "minor": "Yes, but for a detail that the source says otherwise.",
        "major": "No, the source does not say so.",
    }
)
#: Certainty for people.
CERTAINTY_WORDS: Mapping[Level, str] = MappingProxyType(
    {
        "high": "We are confident of this.",
        "moderate": "It is likely to be so; a new study could shift it.",
        "low": "It may be different; a new study could well change it.",
        "very low": "We are very unsure; a new study will probably change it.",
    }
)
_UNITS = {"standardised mean difference": "of the usual spread between people"}
# How a size was computed that counts in the spread of a change within people, and what it is then called.
_OF_A_CHANGE, _SPREAD_OF_CHANGE = "Hedges' g of a change", "of the usual spread of the change"


@dataclass(frozen=True)
class PlainAnswer:
    """The four parts of the answer, a sentence each; `number` and `certainty` are empty where there is none."""

    sentence: str
    number: str
    certainty: str
    would_change: str


def answer_plainly(
    claim: Claim, verdict: ClaimVerdict, summary: EvidenceSummary, stability: Stability | None = None
) -> PlainAnswer:
    """Say a verdict plainly."""
    return PlainAnswer(
        _lead(claim, verdict),
        _number(summary, verdict),
        CERTAINTY_WORDS[verdict.certainty] if verdict.certainty else "",
        _would_change(claim, verdict, summary, stability),
    )


def _lead(claim: Claim, verdict: ClaimVerdict) -> str:
    if verdict.basis == "quotation" and claim.quotation is not None:
        return _QUOTED[claim.quotation.judgement]
    if verdict.basis in _NOT_KNOWN:
        return _NOT_KNOWN[verdict.basis]
    if verdict.verdict in _OPEN:
        return _OPEN[verdict.verdict]
    lead = LEADS[verdict.verdict, verdict.certainty or "very low"]
    equivalence = claim.estimand is not None and claim.estimand.form == "equivalence"
    if equivalence and verdict.verdict == "supported":
        return f"{lead} No difference that would matter was found."
    if verdict.basis == "model":
        return f"{lead} Only a computer model says so; nobody measured it in people."
    return lead


def _number(summary: EvidenceSummary, verdict: ClaimVerdict) -> str:
    main = summary.main
    if verdict.basis == "size" and main is not None and main.estimate is not None and main.axis is not None:
        estimate = main.estimate
        low, high = sorted((estimate.low, estimate.high))
        unit = _UNITS.get(main.measure, main.units if main.units != "1" else "")
        counted = [p for p, row in zip(main.points, main.rows, strict=True) if not row.left_out]
        if all(p.effect.computed_from.startswith(_OF_A_CHANGE) for p in counted):
            unit = _SPREAD_OF_CHANGE
        k, people = _behind(main)
        who = f"{k} {'study' if k == 1 else 'studies'}" + (f" with {people} people" if people else "")
        edge = "" if main.axis.reference else f"; {main.axis.stated.value:g} or more would matter"
        name = main.measure if main.measure not in _UNITS and main.measure != "mean difference" else "difference"
        number = f"{who}: {name} {_number_words(estimate.value)} {unit}".rstrip()
        return f"{number} (between {_number_words(low)} and {_number_words(high)}){edge}."
    if verdict.basis == "direction" and summary.directions is not None and summary.directions.signs is not None:
        signs = summary.directions.signs
        if signs.total == 1:
            way = "that way" if signs.towards else "the other way"
            return f"The one study with a direction points {way}; how large it is was not printed."
        return f"{signs.towards} of {signs.total} studies point that way; how large it is was not printed."
    return ""


def _number_words(value: float) -> str:
    """Write a number with two digits, without powers of ten."""
    return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"


def _behind(main: Synthesis) -> tuple[int, int]:
    """Return how many studies an estimate rests on, and how many people, 0 where that is not known of all."""
    held = {p.study.key: p.study for p, row in zip(main.points, main.rows, strict=True) if not row.left_out}
    people = [count_people(study) for study in held.values()]
    return len(held), 0 if any(n is None for n in people) else sum(n for n in people if n is not None)


def _would_change(claim: Claim, verdict: ClaimVerdict, summary: EvidenceSummary, stability: Stability | None) -> str:
    if verdict.verdict == "untestable":
        return "Nothing could; it would have to be said in a form that a result can speak against."
    if verdict.basis == "quotation":
        return "Another reading of the source."
    what = (
        f"{claim.estimand.outcome} in {claim.estimand.population}"
        if claim.estimand is not None
        else "what the claim says"
    )
    if verdict.verdict == "untested":
        return f"Any study that measures {what}."
    main = summary.main
    if verdict.basis != "size" or main is None or main.axis is None:
        return f"A study that prints how large the difference is, with its interval: {what}."
    words = []
    if verdict.verdict in ("insufficient", "inconsistent"):
        low, _, high = towards_interval(main)
        times = ((high - low) / 2 / main.axis.band) ** 2
        if times > 1:
            _, people = _behind(main)
            so_far = f" (so far {people})" if people else ""
            words.append(f"About {_number_words(times)} times as many people{so_far}, measured in the same way.")
        else:
            words.append(f"One more study of {what}.")
    if stability is not None and stability.without:
        names = {line.study.key: line.study.name for line in summary.lines}
        told = [
            f"without {names.get(key, key)} it would be {_word(word)}"
            for key, word in list(stability.without.items())[:3]
        ]
        words.append(_sentence("; ".join(told)))
    elif stability is not None and stability.studies > 1:
        words.append("No single study changes it.")
    return " ".join(words) or f"A larger study of {what} that finds otherwise."


def _word(word: VerdictWord) -> str:
    return "too small to matter" if word == "too-small" else word


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def estimate_json(summary: EvidenceSummary) -> dict[str, Any] | None:
    """Return the number behind a verdict as plain data; None where no size could be judged."""
    main = summary.main
    if main is None or main.estimate is None or main.axis is None:
        return None
    low, high = sorted((main.estimate.low, main.estimate.high))
    return {
        "value": main.estimate.value,
        "low": low,
        "high": high,
        "unit": main.units or main.measure,
        "measure": main.measure,
        "bound": main.axis.stated.value,
        "reference": main.axis.shown(0.0),
        "studies": _behind(main)[0],
    }
