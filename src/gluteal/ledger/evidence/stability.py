"""What a verdict hangs on: it is judged again without each study, and with other numbers in the rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from gluteal.ledger.evidence.points import ClaimPoint
from gluteal.ledger.evidence.records import Claim
from gluteal.ledger.evidence.rule import ClaimRule
from gluteal.ledger.evidence.summary import EvidenceSummary, summarise_points
from gluteal.ledger.evidence.synthesis import without_study
from gluteal.ledger.evidence.verdict import VerdictWord, judge_people

_STATED = ClaimRule()
#: The rule with one number changed at a time, in words -> rule: half and twice of what was chosen, own choice.
PERTURBED: Mapping[str, ClaimRule] = MappingProxyType(
    {
        "half the smallest difference": replace(_STATED, band_factor=0.5),
        "twice the smallest difference": replace(_STATED, band_factor=2.0),
        "effects of the same people correlated by 0.3": replace(_STATED, correlation=0.3),
        "effects of the same people correlated by 0.9": replace(_STATED, correlation=0.9),
        "half the heterogeneity expected of few studies": replace(_STATED, tau_factor=0.5),
        "twice the heterogeneity expected of few studies": replace(_STATED, tau_factor=2.0),
        "directions seen at p 0.01": replace(_STATED, chance=0.01),
        "directions seen at p 0.1": replace(_STATED, chance=0.1),
    }
)


@dataclass(frozen=True)
class Stability:
    """Changes of a verdict's word.

    Attributes
    ----------
    without : mapping of study's key -> word
        The verdict without that study, where it is another one.
    studies : int
        How many studies were left out in turn.
    perturbed : mapping of words -> word
        The verdict under another number of the rule, where it is another one.
    rules : int
        How many rules were tried.
    """

    without: Mapping[str, VerdictWord]
    studies: int
    perturbed: Mapping[str, VerdictWord]
    rules: int

    def to_json(self) -> dict[str, Any]:
        """Return both as plain data."""
        return {
            "without_study": dict(self.without),
            "studies": self.studies,
            "other_rule": dict(self.perturbed),
            "rules": self.rules,
        }


def measure_stability(claim: Claim, points: tuple[ClaimPoint, ...]) -> Stability:
    """Judge a claim again without each study, and under every rule of `PERTURBED`; by studies of people alone.

    Parameters
    ----------
    points : tuple of ClaimPoint
        All effects that bear on the claim, from `collect_points`.
    """

    def word(held: tuple[ClaimPoint, ...], rule: ClaimRule) -> VerdictWord:
        summary: EvidenceSummary = summarise_points(claim, held, rule=rule)
        return judge_people(claim, summary, rule).verdict

    stated = word(points, _STATED)
    studies = tuple(dict.fromkeys(p.study.key for p in points))
    without = {key: word(without_study(points, key), _STATED) for key in studies}
    perturbed = {words: word(points, rule) for words, rule in PERTURBED.items()}
    return Stability(
        {key: found for key, found in without.items() if found != stated},
        len(studies),
        {words: found for words, found in perturbed.items() if found != stated},
        len(PERTURBED),
    )
