"""Verdicts as ClaimReview, the form in which search engines and fact checkers read them (schema.org/ClaimReview)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.verdict import VerdictWord
from gluteal.ledger.run import Entry

#: Verdict -> rating from 1 (contradicted) to 5 (supported); what is not known has none.
RATINGS: Mapping[VerdictWord, int] = MappingProxyType({"supported": 5, "too-small": 2, "contradicted": 1})


def claim_reviews(entries: Iterable[Entry], evidence: Evidence) -> dict[str, Any]:
    """Return a JSON-LD graph of one ClaimReview a claim."""
    return {"@context": "https://schema.org", "@graph": [_review(entry, evidence) for entry in entries]}


def _review(entry: Entry, evidence: Evidence) -> dict[str, Any]:
    verdict, plain = entry.verdict, entry.plain
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": verdict.verdict, "bestRating": 5, "worstRating": 1}
    if verdict.verdict in RATINGS:
        rating["ratingValue"] = RATINGS[verdict.verdict]
    if verdict.certainty:
        rating["ratingExplanation"] = f"certainty {verdict.certainty}: {verdict.sentence}"
    links = [line.study.link for line in entry.evidence.lines if line.study.link]
    return {
        "@type": "ClaimReview",
        "@id": f"#{entry.claim.id}",
        "claimReviewed": entry.claim.statement,
        "reviewBody": " ".join(filter(None, [plain.sentence, plain.number, plain.certainty, plain.would_change])),
        "reviewRating": rating,
        "author": {"@type": "Organization", "name": "gluteal"},
        "itemReviewed": {
            "@type": "Claim",
            "name": entry.claim.statement,
            "appearance": [
                {
                    "@type": "CreativeWork",
                    "name": evidence.article(key).title,
                    "author": {"@type": "Person", "jobTitle": evidence.article(key).author},
                }
                for key in entry.claim.articles
            ],
        },
        "citation": list(dict.fromkeys(links)),
    }
