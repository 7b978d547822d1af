"""A made-up claim with made-up studies, for tests of how evidence is weighed."""

from __future__ import annotations

from typing import Any

from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Claim, Study
from gluteal.ledger.evidence.summary import EvidenceSummary, summarise_evidence
from gluteal.ledger.evidence.verdict import ClaimVerdict, judge_claim

ESTIMAND: dict[str, Any] = {
    "population": "adults with back pain",
    "contrast": "a minus b",
    "outcome": "pain",
    "orientation": "less pain with a",
    "bands": [{"measure": "mean difference", "units": "mm", "value": 10.0, "source": "cohen1988"}],
}


def make_claim(kind: str = "quantitative", **estimand: Any) -> Claim:
    """Return the claim that a lowers pain by 10 mm or more; other fields of its estimand as given."""
    return Claim.model_validate(
        {
            "id": "a-claim",
            "topic": "t",
            "statement": "a lowers pain.",
            "test": "literature",
            "kind": kind,
            "estimand": {**ESTIMAND, **estimand},
        }
    )


def make_effect(estimate: float | None = -20.0, se: float | None = 3.0, **given: Any) -> dict[str, Any]:
    """Return an effect on pain in mm; a negative one speaks for the claim."""
    return {
        "outcome": "pain",
        "contrast": "a minus b",
        "measure": "mean difference",
        "units": "mm",
        "estimate": estimate,
        "se": se,
        "kind": "printed" if estimate is not None else "direction-only",
        "claims": [{"claim": "a-claim", "sense": -1, "indirect": given.pop("indirect", "")}],
        **given,
    }


def make_study(key: str, *effects: dict[str, Any], **fields: Any) -> Study:
    """Return a trial of 100 people with sound conduct, and its effects."""
    return Study.model_validate(
        {
            "key": key,
            "authors": None,
            "year": 2020,
            "title": key,
            "journal": None,
            "design": "randomised trial",
            "allocation": "random",
            "comparison": "between",
            "timing": "experiment",
            "n": {"total": 100},
            "population": "p",
            "read": "fulltext",
            "risk_of_bias": {"tool": "RoB 2", "domains": {"all": "low"}, "overall": "low"},
            "effects": list(effects) or [make_effect()],
            **fields,
        }
    )


def weigh(*studies: Study, claim: Claim | None = None) -> tuple[ClaimVerdict, EvidenceSummary]:
    """Return the verdict on the claim, and the summary of these studies."""
    of = claim or make_claim()
    summary = summarise_evidence(Evidence((of,), studies, ()), of)
    return judge_claim(of, summary), summary
