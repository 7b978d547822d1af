"""How certain a body of evidence is, after GRADE: a start by design and the reasons it falls, all from fields.

GRADE (Guyatt et al. 2008, BMJ 336:924-926, doi 10.1136/bmj.39489.470347.AD; and for its partially contextualised
form, in which imprecision is counted against the edges of a band, Schünemann et al. 2022, J Clin Epidemiol
150:225-242; both from memory) rates a body of evidence on one outcome. Kept: four levels and five reasons. Left out:
rating up. Different: experiments in which the same people are measured under changed conditions start high, because
most claims are about what muscles do, and comparisons of groups start moderate where nothing about causes is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gluteal.ledger.evidence.causal_weight import classify_study
from gluteal.ledger.evidence.points import ClaimPoint
from gluteal.ledger.evidence.position import count_edges, place_interval
from gluteal.ledger.evidence.records import Claim, Study, count_people
from gluteal.ledger.evidence.rule import LEVELS, ClaimRule, DesignClass, Level, lowered
from gluteal.ledger.evidence.synthesis import Synthesis, egger_p, prediction_towards, towards_interval

GradeReason = Literal["risk of bias", "imprecision", "inconsistency", "indirectness", "publication bias"]
#: Studies from which on a prediction interval says something: with three its t has one degree of freedom.
LEAST_FOR_PREDICTION = 4
#: Reasons in the order in which they are looked for.
REASONS: tuple[GradeReason, ...] = ("risk of bias", "imprecision", "inconsistency", "indirectness", "publication bias")


@dataclass(frozen=True)
class Downgrade:
    """One reason why a body of evidence is less certain, and by how many levels (0: looked for and not found)."""

    kind: GradeReason
    levels: int
    reason: str


@dataclass(frozen=True)
class Rating:
    """The level of a body of evidence, where it started and why it fell; all five reasons are there."""

    level: Level
    start: Level
    design: DesignClass
    downgrades: tuple[Downgrade, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return level, start, class of design and downgrades as plain data."""
        return {
            "level": self.level,
            "start": self.start,
            "design": self.design,
            "downgrades": [
                {"kind": d.kind, "levels": d.levels, "reason": d.reason} for d in self.downgrades if d.levels
            ],
        }


def rate_study(study: Study, claim: Claim, *, rule: ClaimRule | None = None) -> Rating:
    """Return where a study's own evidence on a claim stands: the start of its design, less for its risk of bias."""
    rule = rule or ClaimRule()
    design = classify_study(study)
    start = _start(design, claim, rule)
    bias = _study_bias(study)
    downs = (Downgrade("risk of bias", 1, f"{bias}{_worst_domain(study)}"),) if bias else ()
    return Rating(lowered(start, len(downs)), start, design, downs)


def rate_sizes(synthesis: Synthesis, claim: Claim, *, rule: ClaimRule | None = None) -> Rating:
    """Return the certainty of a synthesis on a claim's axis."""
    rule = rule or ClaimRule()
    weights = _weights(synthesis)
    counted = [p for p in synthesis.points if p.effect.id in weights]
    design = _main_design(counted, weights)
    start = _start(design, claim, rule)
    downs = (
        _bias(counted, weights),
        _imprecision(synthesis, claim),
        _inconsistency(synthesis, claim, rule),
        _indirectness(counted, weights, rule),
        _publication(counted, rule),
    )
    return _rated(start, design, downs, counted, weights)


def rate_directions(points: Sequence[ClaimPoint], claim: Claim, *, rule: ClaimRule | None = None) -> Rating:
    """Return the certainty of directions without sizes: two levels less for imprecision, because no size is known."""
    rule = rule or ClaimRule()
    weights = {p.effect.id: float(count_people(p.study) or 1) for p in points}
    total = sum(weights.values())
    weights = {key: value / total for key, value in weights.items()}
    design = _main_design(points, weights)
    start = _start(design, claim, rule)
    for_it, against = (any(p.says == way for p in points) for way in (1, -1))
    differ = for_it and against
    downs = (
        _bias(points, weights),
        Downgrade("imprecision", 2, "no size is printed, so that it may be too small to matter"),
        Downgrade("inconsistency", int(differ), "studies point both ways" if differ else "none point the other way"),
        _indirectness(points, weights, rule),
        Downgrade("publication bias", 0, "cannot be looked for without sizes"),
    )
    return _rated(start, design, downs, points, weights)


def _rated(
    start: Level,
    design: DesignClass,
    downs: tuple[Downgrade, ...],
    points: Sequence[ClaimPoint],
    weights: dict[str, float],
) -> Rating:
    """Put a rating together; what is nowhere lowered is high only where most of the weight was judged low."""
    level = lowered(start, sum(d.levels for d in downs))
    judged = {p.effect.id: p.study.risk_of_bias for p in points}
    low = sum(weights[key] for key, bias in judged.items() if bias is not None and bias.overall == "low")
    if level == LEVELS[0] and low <= 0.5:
        some = Downgrade("risk of bias", 1, f"some concerns ({1 - low:.0%} of the weight), so that it is not high")
        downs = (some, *(d for d in downs if d.kind != "risk of bias"))
        level = lowered(level, 1)
    return Rating(level, start, design, downs)


def _start(design: DesignClass, claim: Claim, rule: ClaimRule) -> Level:
    return (rule.start_causal if claim.kind == "causal" else rule.start)[design]


def _weights(synthesis: Synthesis) -> dict[str, float]:
    left_out = {p.effect.id for p, row in zip(synthesis.points, synthesis.rows, strict=True) if row.left_out}
    counted = {p.effect.id: row.weight for p, row in zip(synthesis.points, synthesis.rows, strict=True)}
    kept = {key: weight for key, weight in counted.items() if key not in left_out}
    return {key: (weight if weight is not None else 1.0 / len(kept)) for key, weight in kept.items()}


def _main_design(points: Sequence[ClaimPoint], weights: dict[str, float]) -> DesignClass:
    """Return the design that half of the weight or more is at least as good as."""
    order = sorted(points, key=lambda p: LEVELS.index(ClaimRule().start[classify_study(p.study)]))
    total = 0.0
    for point in order:
        total += weights[point.effect.id]
        if total >= 0.5 - 1e-9:
            return classify_study(point.study)
    return "not stated"


def _study_bias(study: Study) -> str:
    judged = study.risk_of_bias
    if judged is not None and judged.overall in ("low", "some concerns"):
        return ""
    if judged is not None and judged.overall == "high":
        return "risk of bias is high"
    if study.read in ("secondary", "none"):
        return "not read at source, so that its risk of bias is not known"
    return "risk of bias is not known from what was read"


def _worst_domain(study: Study) -> str:
    """Return the domains that make a study's risk high, in brackets; empty where it is not high."""
    judged = study.risk_of_bias
    domains = {} if judged is None else judged.domains
    high = [f"{name}: {d.reason}" if d.reason else name for name, d in domains.items() if d.judgement == "high"]
    return f" ({'; '.join(high)})" if high else ""


def _bias(points: Sequence[ClaimPoint], weights: dict[str, float]) -> Downgrade:
    reasons: dict[str, float] = {}
    for point in points:
        if reason := _study_bias(point.study):
            reasons[reason] = reasons.get(reason, 0.0) + weights[point.effect.id]
    share = sum(reasons.values())
    if share <= 0.5:
        return Downgrade("risk of bias", 0, "most of the weight comes from studies whose conduct was judged sound")
    main = max(reasons, key=lambda reason: reasons[reason])
    return Downgrade("risk of bias", 1, f"{main} ({share:.0%} of the weight)")


def _imprecision(synthesis: Synthesis, claim: Claim) -> Downgrade:
    axis, estimand = synthesis.axis, claim.estimand
    if axis is None or estimand is None:
        raise ValueError("imprecision is measured against the claim's own band")
    edges = count_edges(*towards_interval(synthesis), band=axis.band, form=estimand.form)
    words = (
        "the interval stays on one side of what the verdict rests on",
        "the interval reaches across the smallest difference that matters",
        "the interval holds effects that matter on both sides, or none",
    )[edges]
    return Downgrade("imprecision", edges, words)


def _inconsistency(synthesis: Synthesis, claim: Claim, rule: ClaimRule) -> Downgrade:
    pooled, axis, estimand = synthesis.pooled, synthesis.axis, claim.estimand
    if pooled is None or axis is None or estimand is None:
        return Downgrade("inconsistency", 0, "one study only")
    low, value, high = towards_interval(synthesis)
    further = prediction_towards(synthesis)
    if further is None or pooled.k < LEAST_FOR_PREDICTION:
        differ = pooled.q_p < rule.inconsistency_p
        words = f"the {pooled.k} studies {'differ by more than chance' if differ else 'agree within chance'}"
        return Downgrade("inconsistency", int(differ), words)
    word = place_interval(low, value, high, band=axis.band, form=estimand.form)
    turned = _further_says_otherwise(word, further, axis.band, estimand.form, pooled.i2 > rule.inconsistency_i2)
    words = "a further study could well say otherwise" if turned else "a further study would say the same"
    return Downgrade("inconsistency", int(turned), f"{words} (I² {pooled.i2:.0%})")


def _further_says_otherwise(word: str, further: tuple[float, float], band: float, form: str, differ: bool) -> bool:
    """Whether a further study could lie beyond what the word rests on."""
    low, high = further
    if word == "insufficient":
        return differ
    if word == "too-small" or (word == "supported" and form == "equivalence"):
        return low < -band or high > band
    if word == "supported":
        return low < (-band if form == "no worse" else 0.0)
    return low < band and high > -band if form == "equivalence" else high > 0.0


def _indirectness(points: Sequence[ClaimPoint], weights: dict[str, float], rule: ClaimRule) -> Downgrade:
    share = sum(weights[p.effect.id] for p in points if p.indirect)
    if share > rule.indirect_share:
        return Downgrade("indirectness", 1, next(p.indirect for p in points if p.indirect))
    modelled = sum(weights[p.effect.id] for p in points if classify_study(p.study) == "model")
    if modelled > rule.indirect_share:
        return Downgrade("indirectness", 1, "a model, where the claim is about people")
    return Downgrade("indirectness", 0, "what the claim says was measured")


def _publication(points: Sequence[ClaimPoint], rule: ClaimRule) -> Downgrade:
    studies = len({p.study.key for p in points})
    if studies < rule.publication_studies:
        return Downgrade("publication bias", 0, f"{studies} studies: too few to look for it")
    p = egger_p(points)
    found = p < 0.1
    return Downgrade(
        "publication bias", int(found), f"{'small studies show more' if found else 'none seen'} (Egger p {p:.2g})"
    )
