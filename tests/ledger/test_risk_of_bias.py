"""The risk of bias of studies: what domains come to, that silence is not soundness, and that certainty follows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from gluteal.ledger.evidence.load import Evidence, load_evidence
from gluteal.ledger.evidence.risk_of_bias import BIAS_DOMAINS, KEY_DOMAIN, RiskOfBias, conclude_bias
from gluteal.ledger.evidence.rule import LEVELS
from gluteal.ledger.evidence.summary import summarise_evidence
from gluteal.ledger.evidence.verdict import ClaimVerdict, judge_claim
from gluteal.ledger.words import bias_words


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return load_evidence()


def judge(evidence: Evidence, claim: str) -> ClaimVerdict:
    return judge_claim(evidence.claim(claim), summarise_evidence(evidence, claim))


def with_bias(evidence: Evidence, claim: str, bias: RiskOfBias) -> Evidence:
    """All studies on a claim judged so."""
    keys = {study.key for study, _, _ in evidence.effects_on(claim)}
    studies = tuple(s.model_copy(update={"risk_of_bias": bias}) if s.key in keys else s for s in evidence.studies)
    return replace(evidence, studies=studies)


@pytest.mark.parametrize("tool", sorted(BIAS_DOMAINS))
def test_what_the_domains_come_to(tool: str) -> None:
    domains = dict.fromkeys(BIAS_DOMAINS[tool], "low")
    assert conclude_bias(tool, domains) == "low"
    other = next(name for name in domains if name != KEY_DOMAIN[tool])
    assert conclude_bias(tool, {**domains, other: "some concerns"}) == "some concerns"
    assert conclude_bias(tool, {**domains, other: "no information"}) == "some concerns"
    assert conclude_bias(tool, {**domains, KEY_DOMAIN[tool]: "no information"}) == "not judged"
    assert conclude_bias(tool, {**domains, other: "high"}) == "high"
    assert conclude_bias(tool, dict.fromkeys(domains, "no information")) == "not judged"


def test_the_whole_follows_and_cannot_be_typed_against_its_domains() -> None:
    assert RiskOfBias(tool="RoB 2", domains={"randomisation": "high"}).overall == "high"
    with pytest.raises(ValidationError, match="overall is 'low', but the domains come to 'high'; leave 'overall' out"):
        RiskOfBias(tool="RoB 2", domains={"randomisation": "high"}, overall="low")
    with pytest.raises(ValidationError, match="an overall judgement needs the domains it rests on"):
        RiskOfBias(tool="RoB 2", overall="low")


def test_every_judged_study_has_all_domains_of_its_tool_each_with_a_reason(evidence: Evidence) -> None:
    judged = [s for s in evidence.studies if s.risk_of_bias is not None and s.risk_of_bias.domains]
    assert len(judged) >= 97
    for study in judged:
        bias = study.risk_of_bias
        assert tuple(bias.domains) == BIAS_DOMAINS[bias.tool], study.key
        assert all(domain.reason for domain in bias.domains.values()), study.key


def test_every_study_that_carries_a_verdict_is_judged(evidence: Evidence) -> None:
    for claim in evidence.claims:
        summary = summarise_evidence(evidence, claim)
        verdict = judge_claim(claim, summary)
        carry: set[str] = set()
        if verdict.basis == "size" and summary.main is not None:
            rows = zip(summary.main.points, summary.main.rows, strict=True)
            carry = {p.study.key for p, row in rows if not row.left_out and p.towards is not None}
        elif verdict.basis == "direction" and summary.directions is not None:
            carry = set(summary.directions.studies)
        for key in carry:
            bias = evidence.study(key).risk_of_bias
            assert bias is not None and bias.domains, (claim.id, key)


def test_nothing_is_rated_high_without_sound_conduct(evidence: Evidence) -> None:
    claim = "cues-change-glute-use"
    assert judge(evidence, claim).certainty == "moderate"
    low = RiskOfBias(tool="RoB 2", domains=dict.fromkeys(BIAS_DOMAINS["RoB 2"], "low"))
    some = RiskOfBias(tool="RoB 2", domains={"randomisation": "some concerns"})
    high = RiskOfBias(tool="RoB 2", domains={"randomisation": "high"})
    levels = [judge(with_bias(evidence, claim, bias), claim).certainty for bias in (low, some, high)]
    assert levels == ["high", "moderate", "moderate"]
    # Where something else lowers it as well, some concerns cost nothing more and high costs a level.
    claim = "core-alone-not-enough"
    levels = [judge(with_bias(evidence, claim, bias), claim).certainty for bias in (low, some, high)]
    assert LEVELS.index(levels[0]) == LEVELS.index(levels[1]) == LEVELS.index(levels[2]) - 1


def test_what_lowers_a_study_is_told(evidence: Evidence) -> None:
    summary = summarise_evidence(evidence, "knee-pain-inhibits-quadriceps")
    rice = next(line for line in summary.lines if line.study.key == "rice2015flexion")
    assert "before and after, no control; a steroid came with the aspiration" in rice.rating.downgrades[0].reason


def test_people_read_every_domain_its_reason_and_what_is_not_known(evidence: Evidence) -> None:
    said = bias_words(evidence.study("rice2015flexion"))
    assert said.startswith("risk of bias (ROBINS-I): high; confounding high (before and after, no control; a steroid")
    assert said.endswith("no information on selection, deviations, missing data, selective reporting")
    unjudged = evidence.study("rice2015flexion").model_copy(update={"risk_of_bias": None})
    assert bias_words(unjudged) == "risk of bias: not judged"
