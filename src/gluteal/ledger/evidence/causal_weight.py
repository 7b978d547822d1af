"""Which designs can tell what causes what, as numbers from studies that were simulated where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gluteal.ledger.evidence.records import Study
from gluteal.ledger.evidence.rule import ClaimRule, DesignClass

#: Chance of a right conclusion about what causes what, by design, with the number of people (of 40, 200 and 1000) at
#: which it is largest; a coin has 0.5. From `gluteal.ledger.evidence.causes`, whose table a test compares: looking
#: once; following people who are well; a trial against other exercise; changing the cause itself.
CHANCE_RIGHT: Mapping[DesignClass, float] = MappingProxyType(
    {
        "comparison": 0.59,
        "retrospective": 0.59,
        "before and after": 0.59,
        "prospective": 0.64,
        "random trial": 0.98,
        "experiment": 0.99,
    }
)


def classify_study(study: Study) -> DesignClass:
    """Return the class of a study's design, from its fields; of a review, that of the studies in it."""
    if study.timing == "review":
        held: Mapping[str, DesignClass] = {
            "trials": "random trial",
            "prospective studies": "prospective",
            "cross-sectional studies": "comparison",
            "mixed studies": "comparison",
        }
        return held.get(study.review_of, "not stated")
    if study.timing == "model":
        return "model"
    if study.timing in ("narrative", "qualitative"):
        return "narrative" if study.timing == "narrative" else "qualitative"
    if study.allocation == "random":
        return "random trial"
    if study.timing == "experiment":
        return "before and after" if study.comparison == "one group" else "experiment"
    if study.timing == "prospective":
        return "prospective"
    if study.timing == "retrospective":
        return "retrospective"
    return "comparison" if study.timing == "cross-sectional" else "not stated"


def can_tell_cause(study: Study, rule: ClaimRule) -> bool:
    """Whether a study's design is right about the direction of causes often enough to have weight."""
    return CHANCE_RIGHT.get(classify_study(study), 0.5) >= rule.least_right
