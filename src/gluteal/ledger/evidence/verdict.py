"""The verdict on a claim from evidence and experiments together, by the one rule of `gluteal.ledger.evidence.rule`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gluteal.ledger.evidence.causal_weight import classify_study
from gluteal.ledger.evidence.certainty import Rating, rate_directions, rate_sizes
from gluteal.ledger.evidence.directions import SignTest
from gluteal.ledger.evidence.position import place_interval
from gluteal.ledger.evidence.records import Answer, Claim
from gluteal.ledger.evidence.rule import ClaimRule, Level
from gluteal.ledger.evidence.summary import (
    Directions,
    EvidenceSummary,
    put_directions_together,
)
from gluteal.ledger.evidence.synthesis import Synthesis, towards_interval

VerdictWord = Literal[
    "supported", "contradicted", "too-small", "insufficient", "inconsistent", "untested", "untestable"
]
#: What decided: sizes against the band, directions without a size, a quotation, the model; or why nothing could: no
#: study has a design that can tell, only stand-ins were measured, neither size nor direction is printed, no study.
Basis = Literal["size", "direction", "quotation", "model", "no design", "stand-ins", "no result", "nothing"]


@dataclass(frozen=True)
class ClaimVerdict:
    """What is to be made of a claim.

    Attributes
    ----------
    verdict : str
    certainty : str or None
        Level of the body of evidence behind it; None where there is none, or where it is a fact in a text.
    sentence : str
        The verdict's reason in one sentence.
    steps : tuple of str
        How the rule came to it, a sentence a step.
    basis : str
    rating : Rating or None
        How the certainty came about.
    """

    verdict: VerdictWord
    certainty: Level | None
    sentence: str
    steps: tuple[str, ...]
    basis: Basis = "nothing"
    rating: Rating | None = None


def judge_claim(
    claim: Claim,
    summary: EvidenceSummary,
    answers: Sequence[Answer] = (),
    *,
    rule: ClaimRule | None = None,
) -> ClaimVerdict:
    """Judge a claim by the rule (`CLAIM_RULE`).

    Parameters
    ----------
    summary : EvidenceSummary
        From `summarise_evidence`.
    answers : sequence of Answer
        What those experiments said that passed their checks against people; empty where none was run or none passed.
    rule : ClaimRule, optional
        Other numbers than the published ones.

    Examples
    --------
    >>> from gluteal.ledger.evidence.load import load_evidence
    >>> from gluteal.ledger.evidence.summary import summarise_evidence
    >>> evidence = load_evidence()
    >>> claim = evidence.claim("excess-glute-tone-means-fighting-gravity")
    >>> judge_claim(claim, summarise_evidence(evidence, claim)).verdict
    'untestable'
    """
    rule = rule or ClaimRule()
    if claim.kind == "documentary" and claim.quotation is not None:
        return _judge_quotation(claim)
    if claim.test == "none":
        return _verdict("untestable", None, "no test could settle this claim", "nothing")
    found = judge_people(claim, summary, rule)
    return _with_model(claim, summary, found, answers)


def _judge_quotation(claim: Claim) -> ClaimVerdict:
    quotation = claim.quotation
    assert quotation is not None
    word: VerdictWord = "contradicted" if quotation.judgement == "major" else "supported"
    what = {"accurate": "accurate", "minor": "right but for a minor error", "major": "a major error"}
    why = f": {quotation.why.rstrip('.')}" if quotation.why else ""
    return _verdict(
        word, None, f"held against its source, what is said is {what[quotation.judgement]}{why}", "quotation"
    )


def judge_people(claim: Claim, summary: EvidenceSummary, rule: ClaimRule | None = None) -> ClaimVerdict:
    """Judge a claim by studies of people alone."""
    rule = rule or ClaimRule()
    by_size = _judge_size(claim, summary, rule)
    if by_size is not None and by_size.verdict != "insufficient":
        return by_size
    if by_size is None:
        return _judge_directions(claim, summary, rule)
    # Sizes that leave it open give way only to directions of other studies, and only where these are more.
    sized = {p.study.key for p in summary.main.points if p.towards is not None} if summary.main else set()
    others = put_directions_together([p for p in summary.points if p.study.key not in sized and not p.indirect])
    if others is not None and others.signs is not None and others.signs.total > len(sized):
        found = _judge_directions(claim, replace(summary, directions=others), rule)
        if found.verdict in ("supported", "contradicted"):
            return replace(found, steps=(*by_size.steps, *found.steps))
    return by_size


def _judge_size(claim: Claim, summary: EvidenceSummary, rule: ClaimRule) -> ClaimVerdict | None:
    main, estimand = summary.main, claim.estimand
    if main is None or main.axis is None or estimand is None:
        return None
    low, value, high = towards_interval(main)
    word: VerdictWord = place_interval(low, value, high, band=main.axis.band, form=estimand.form)
    rating = rate_sizes(main, claim, rule=rule)
    if word == "insufficient" and _beyond_both(main):
        word = "inconsistent"
    k = main.pooled.k if main.pooled is not None else 1
    behind = f"{k} {'study' if k == 1 else 'studies'}"
    said = f"{_size_words(main)} ({behind}); {_edge_words(word, main, estimand.form)}"
    return _verdict(word, rating, said, "size")


def _beyond_both(main: Synthesis) -> bool:
    """Whether studies lie beyond the band on both sides by intervals of their own that exclude no effect."""
    axis = main.axis
    if axis is None:
        return False
    held = [p for p, row in zip(main.points, main.rows, strict=True) if not row.left_out and p.towards is not None]
    sides: dict[str, set[int]] = {}
    for p in held:
        if p.towards is not None and abs(p.towards.value) >= axis.band:
            sides.setdefault(p.study.key, set()).add(p.says)
    # A study that says both itself is not one against another.
    one_way = [said - {0} for said in sides.values() if len(said - {0}) == 1]
    return {1, -1} <= {way for said in one_way for way in said}


def _size_words(main: Synthesis) -> str:
    estimate = main.estimate
    assert estimate is not None
    units = f" {main.units}" if main.units not in ("", "1") else ""
    low, high = sorted((estimate.low, estimate.high))
    return f"{main.measure} {estimate.value:.3g}{units}, 95 % interval {low:.3g} to {high:.3g}"


def _edge_words(word: str, main: Synthesis, form: str) -> str:
    assert main.axis is not None
    units = f" {main.units}" if main.units not in ("", "1") else ""
    if form == "level":
        edge = f"the level the claim speaks of is {main.axis.shown(0.0):.3g}{units}"
    else:
        edge = f"the smallest difference that matters is {main.axis.stated.value:.3g}{units}"
    return {
        "insufficient": f"{edge}, and the interval is compatible with too much",
        "inconsistent": f"{edge}, and studies lie beyond it on both sides",
    }.get(word, edge)


def _judge_directions(claim: Claim, summary: EvidenceSummary, rule: ClaimRule) -> ClaimVerdict:
    found = summary.directions
    direct = any(not p.indirect for p in summary.points)
    if found is None or not direct:
        if not summary.lines:
            return _verdict("untested", None, "no study says anything for or against it", "nothing")
        if not summary.points:
            return _verdict(
                "insufficient", None, "no study of it has a design that can tell what causes what", "no design"
            )
        if not direct:
            return _verdict(
                "insufficient",
                None,
                "what was measured stands in for what the claim says, and no size fits it",
                "stand-ins",
            )
        return _verdict("insufficient", None, "the studies print neither a size nor a direction", "no result")
    rating = rate_directions([p for p in summary.points if p.study.key in found.studies], claim, rule=rule)
    words = _direction_words(found)
    single = {p.says for p in summary.points if p.study.key in found.studies and not p.indirect}
    towards = _seen(found.p_for, found.signs, 1, rule)
    against = _seen(found.p_against, found.signs, -1, rule)
    if claim.estimand is not None and claim.estimand.form == "equivalence":
        # That no difference matters cannot be shown without a size; that there is one can speak against it.
        towards = False
    if (towards and against) or (not towards and not against and {1, -1} <= single):
        return _verdict("inconsistent", rating, f"{words}: they contradict one another", "direction")
    if towards or against:
        return _verdict("supported" if towards else "contradicted", rating, f"{words}; no size is printed", "direction")
    return _verdict("insufficient", rating, f"{words}: neither side is shown", "direction")


def _seen(p: float | None, signs: SignTest | None, way: int, rule: ClaimRule) -> bool:
    if p is not None and p <= rule.chance / 2:
        return True
    return signs is not None and signs.p <= rule.chance and (signs.share > 0.5) == (way > 0)


def _direction_words(found: Directions) -> str:
    words = []
    if found.p_for is not None and found.p_against is not None:
        p, side = min((found.p_for, "for"), (found.p_against, "against"))
        words.append(f"what is printed as p values speaks {side} it most, one-sided p {_p_words(p)} put together")
    signs = found.signs
    if signs is not None and signs.total > 1:
        chance = _p_words(signs.p)
        words.append(f"{signs.towards} of {signs.total} studies point towards it (sign test p {chance})")
    elif signs is not None:
        words.append(f"the one study with a direction points {'towards' if signs.towards else 'away from'} it")
    return " and ".join(words)


def _p_words(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def _with_model(
    claim: Claim, summary: EvidenceSummary, people: ClaimVerdict, answers: Sequence[Answer]
) -> ClaimVerdict:
    """Let credible experiments decide what people leave open, where no direct experiment on people is there."""
    decided = set(answers) - {"undecided"}
    if not decided or people.verdict not in ("untested", "insufficient"):
        return people
    experiments = [line for line in summary.lines if classify_study(line.study) in ("experiment", "random trial")]
    if any(not p.indirect for line in experiments for p in line.points):
        return replace(
            people, steps=(*people.steps, "An experiment on people bears on it; the model does not outrank it.")
        )
    if len(decided) == 2 or "mixed" in decided:
        return replace(people, steps=(*people.steps, "The experiments on the model speak both ways."))
    word: VerdictWord = "supported" if "supports" in decided else "contradicted"
    why = people.sentence.split(": ", 1)[-1].rstrip(".")
    said = f"studies leave it open ({why}); the model, which passed its checks, decides"
    return _verdict(word, "very low", said, "model")


def _verdict(word: VerdictWord, rated: Rating | Level | None, said: str, basis: Basis) -> ClaimVerdict:
    rating = rated if isinstance(rated, Rating) else None
    level = rated.level if isinstance(rated, Rating) else rated
    certainty = f", certainty {level}" if level else ""
    name = word.replace("too-small", "too small to matter")
    steps = [f"{said[0].upper()}{said[1:]}."]
    if rating is not None:
        falls = (
            "; ".join(f"{d.kind} ({d.levels}): {d.reason}" for d in rating.downgrades if d.levels)
            or "nothing lowers it"
        )
        steps.append(f"Certainty starts at {rating.start} ({rating.design}): {falls}.")
    return ClaimVerdict(word, level, f"{name[0].upper()}{name[1:]}{certainty}: {said}.", tuple(steps), basis, rating)
