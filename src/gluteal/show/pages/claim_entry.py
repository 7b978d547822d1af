"""One claim of the ledger's page: the plain answer first, what it rests on below."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from gluteal.ledger.evidence.certainty import Rating
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.summary import StudyLine
from gluteal.ledger.evidence.synthesis import Synthesis
from gluteal.ledger.experiments.recorded.recordings import RECORDINGS_NEEDED
from gluteal.ledger.prediction import value_words
from gluteal.ledger.run import Entry, Tested
from gluteal.ledger.words import READ_WORDS, bias_words, design_words, effect_words, near_optimal_words, published_words
from gluteal.show.figures.forest import forest_size, plot_forest
from gluteal.show.pages.page import inline_axes
from gluteal.sources.bibliography import cite, find_reference, split_keys

#: The words on the chip of a verdict.
VERDICT_WORDS = {
    "supported": "supported",
    "contradicted": "contradicted",
    "too-small": "too small to matter",
    "insufficient": "not known yet",
    "inconsistent": "studies disagree",
    "untested": "not tested",
    "untestable": "cannot be tested",
}
_SAYS = {"supports": "for", "contradicts": "against", "mixed": "both ways", "neutral": "leaves it open"}
_NEEDED = "What would settle it is a recording the ledger has not: {}. gluteal emg reads yours."
_NOT_RUN = "There is an experiment for this claim; it was not run for this page."
# What a check of the model is of, for links from a reading to its study.
_JUDGEMENT = {"accurate": "accurate", "minor": "a minor error", "major": "a major error"}


def describe_entry(entry: Entry, evidence: Evidence) -> dict[str, Any]:
    """Return what the page shows of a claim."""
    claim, found, verdict = entry.claim, entry.evidence, entry.verdict
    stances = [f"{key}:{stance}" for key, stance in claim.articles.items()]
    if {"asserts", "denies"} <= set(claim.articles.values()):
        stances.append("disputed")
    return {
        "claim": claim,
        "verdict": verdict,
        "word": VERDICT_WORDS[verdict.verdict],
        "plain": entry.plain,
        "stances": " ".join(stances),
        "line": _line(entry),
        "grade": None if verdict.rating is None else _grade(verdict.rating),
        "stability": stability_words(entry, evidence),
        "estimand": claim.estimand,
        "bands": [] if claim.estimand is None else [_band(b, evidence) for b in claim.estimand.bands],
        "quotation": claim.quotation,
        "judgement": "" if claim.quotation is None else _JUDGEMENT[claim.quotation.judgement],
        "articles": [
            (f"{evidence.article(key).title} ({evidence.article(key).author})", stance, key in claim.implied)
            for key, stance in claim.articles.items()
        ],
        "tests": [_test(t, evidence) for t in entry.tested],
        "waiting": _waiting(entry),
        "forests": [_forest(s) for s in found.syntheses if s.rows and s.main],
        "beside": [_forest(s) for s in found.syntheses if s.rows and not s.main],
        "studies": [_study(line) for line in found.lines],
    }


def _line(entry: Entry) -> str:
    found = entry.evidence
    counts = ((len(found.keys("supports")), "for"), (len(found.keys("contradicts")), "against"))
    open_ = len(found.keys("neutral")) + len(found.keys("mixed"))
    parts = [
        entry.claim.topic.replace("-", " "),
        f"certainty {entry.verdict.certainty}" if entry.verdict.certainty else "",
        f"{len(found.lines)} {'study' if len(found.lines) == 1 else 'studies'}: "
        + ", ".join(f"{n} {word}" for n, word in counts)
        + f", {open_} open"
        if found.lines
        else "",
        "experiment" + ("" if any(t.credible for t in entry.tested) else " without weight") if entry.tested else "",
    ]
    return " · ".join(filter(None, parts))


def _grade(rating: Rating) -> list[tuple[str, str, str]]:
    """Return the rows of the table of certainty: reason, levels, why."""
    return [
        ("start", rating.start, f"most of the weight comes from: {rating.design}"),
        *((d.kind, f"− {d.levels}" if d.levels else "0", d.reason) for d in rating.downgrades),
        ("certainty", rating.level, ""),
    ]


def stability_words(entry: Entry, evidence: Evidence) -> str:
    """Say what the verdict of the studies hangs on."""
    found = entry.stability
    if not found.studies:
        return ""
    told = [
        f"Left out one at a time, {len(found.without)} of {found.studies} "
        f"{'study changes' if found.studies == 1 else 'studies change'} the word"
        + _changes({evidence.study(key).name: word for key, word in found.without.items()}),
        f"with another number in the rule it changes in {len(found.perturbed)} of {found.rules} cases"
        + _changes(dict(found.perturbed)),
    ]
    return "; ".join(told) + "."


def _changes(changed: dict[str, Any], most: int = 4) -> str:
    if not changed:
        return ""
    told = [f"{name}: {VERDICT_WORDS[word]}" for name, word in list(changed.items())[:most]]
    return f" ({'; '.join(told)}{' …' if len(changed) > most else ''})"


def _band(band: Any, evidence: Evidence) -> str:
    units = f" {band.units}" if band.units and band.units != "1" else ""
    return f"{band.measure} {band.value:g}{units} ({cite(band.source)}{'; ' + band.note if band.note else ''})"


def _waiting(entry: Entry) -> str:
    """Say why no experiment stands at a claim, or what more it would take."""
    if entry.foretold and not entry.tested:
        return _NOT_RUN
    needed = RECORDINGS_NEEDED.get(entry.claim.id)
    return _NEEDED.format(needed[0].lower() + needed[1:]) if needed else ""


def _study(line: StudyLine) -> dict[str, Any]:
    study = line.study
    return {
        "name": study.name,
        "link": study.link,
        "read": READ_WORDS[study.read],
        "design": design_words(study),
        "findings": [effect_words(p.effect) for p in line.points],
        "indirect": "; ".join(dict.fromkeys(p.indirect for p in line.points if p.indirect)),
        "direction": line.says,
        "says": _SAYS[line.says],
        "why_no_weight": line.why_no_weight,
        "bias": bias_words(line.study),
    }


def _test(tested: Tested, evidence: Evidence) -> dict[str, Any]:
    data = tested.to_json()
    criteria = [
        {
            **c,
            "value_words": value_words(float("nan") if c["value"] is None else c["value"], c["unit"]),
            "near_words": near_optimal_words(c["near_optimal"]),
        }
        for c in data["criteria"]
    ]
    readings = []
    for reading in tested.result.readings:
        published = reading.published
        readings.append(
            {
                "label": reading.label,
                "value_words": value_words(reading.value, reading.unit),
                "band_words": ""
                if (band := tested.result.bands.get(reading.key)) is None
                else band.words(reading.unit),
                "published_words": published_words(published, reading.unit) if published else "",
                **source_of(published.source if published else None, evidence),
                "note": reading.note,
            }
        )
    return {
        **data,
        "title": data["title"] if data["title"].endswith("?") else f"{data['title']}.",
        "method": tested.result.experiment.method,
        "answer_words": f"{tested.answer} the claim" if tested.answer.endswith("s") else tested.answer,
        "criteria": criteria,
        "readings": readings,
        "checks": [(check.sentence, check.passed) for check in tested.result.credibility.checks],
    }


def _forest(synthesis: Synthesis) -> tuple[Markup, str]:
    pooled, estimate = synthesis.pooled, synthesis.estimate
    words = f"{synthesis.why_not[:1].upper()}{synthesis.why_not[1:]}." if synthesis.why_not else ""
    if pooled is not None and estimate is not None:
        low, high = sorted((estimate.low, estimate.high))
        words = (
            f"{pooled.k} studies put together ({pooled.method}): {estimate.value:.3g} {synthesis.units} (95 % interval "
            f"{low:.3g} to {high:.3g}; I² {pooled.i2:.0%})."
        )
    left = [f"{row.name}: {row.left_out}" for row in synthesis.rows if row.left_out and synthesis.main]
    if left:
        words = f"{words} Not counted: {'; '.join(dict.fromkeys(left))}."
    if synthesis.axis is not None:
        words = f"{words} The band is what is too small to matter."
    return inline_axes(lambda ax: plot_forest(synthesis, ax=ax), size=forest_size(synthesis)), words.strip()


def source_of(key: str | None, evidence: Evidence) -> dict[str, Any]:
    """Return a source's name and link for people; both None without a key.

    A number that people showed may be of a study of the ledger, or of references that no claim rests on.
    """
    if key is None:
        return {"source": None, "link": None}
    if any(study.key == key for study in evidence.studies):
        study = evidence.study(key)
        return {"source": study.name, "link": study.link}
    return {"source": cite(key), "link": find_reference(split_keys(key)[0]).link}
