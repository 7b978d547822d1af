"""How certain a line of evidence is, by stated rules after GRADE: a starting level and the reasons it falls.

GRADE (Guyatt et al. 2008, BMJ 336:924-926, doi 10.1136/bmj.39489.470347.AD; from memory, not read at source) starts at
the design and rates down. Kept from it: four levels, design, imprecision, inconsistency, indirectness. Added: how far
the study was read. Left out: risk of bias and publication bias, which abstracts do not show, and rating up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gluteal.ledger.evidence.records import Claim, Study, StudyFinding
from gluteal.ledger.evidence.rule import LEVELS, ClaimRule, DesignClass, Level, lowered

# Words of a design -> its class; the first that is found decides.
DESIGN_WORDS: tuple[tuple[DesignClass, str], ...] = (
    ("narrative", r"narrative|calculation|^review\b"),
    ("observational review", r"(systematic review|meta-analysis).*(case-control|observational)"),
    ("randomised review", r"(systematic review|meta-analysis).*random"),
    ("review", r"systematic review|meta-analysis"),
    ("comparison", r"not random|non-random|retrospective|at screening"),
    ("randomised trial", r"random"),
    ("simulation", r"simulation|emg-driven model"),
    ("case", r"single case|case series|case report"),
    ("qualitative", r"qualitative|focus groups?|interviews?"),
    ("reliability", r"reliability|agreement|diagnostic accuracy"),
    ("comparison", r"case-control|cross-sectional|correlational|controlled emg|comparison"),
    ("cohort", r"cohort|prospective|follow-up"),
    ("experiment", r"within-subject|controlled before/after|crossover|repeated measures|induced|restriction"),
    ("experiment", r"in vivo|cadaver|rest vs|speeds|emg and kinematics"),
    ("before and after", r"before/|before and after"),
)
# Designs in which each person, model or specimen is its own control.
ONE_GROUP: frozenset[DesignClass] = frozenset({"experiment", "before and after", "reliability", "qualitative", "case"})
# Words of a key in `n` whose count is not of people, or of people that other keys count too.
_NOT_PEOPLE = frozenset(
    {"studies", "cohorts", "prospective", "limbs", "hips", "cadavers", "injuries", "sprains", "modelled"}
)


@dataclass(frozen=True)
class Downgrade:
    """One reason why a line of evidence is less certain, and by how many levels."""

    kind: str
    levels: int
    reason: str


@dataclass(frozen=True)
class Rating:
    """The level of a line of evidence, where it started and why it fell."""

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
            "downgrades": [{"kind": d.kind, "levels": d.levels, "reason": d.reason} for d in self.downgrades],
        }


def classify_design(design: str) -> DesignClass:
    """Return the class of a study's design; "unknown" where no word of it is in `DESIGN_WORDS`.

    Examples
    --------
    >>> classify_design("within-subject before/after, superior gluteal nerve block")
    'experiment'
    >>> classify_design("an unheard-of design")
    'unknown'
    """
    # What stands in brackets explains ("not a systematic review") and does not name the design.
    words = re.sub(r"\([^)]*\)", "", design).lower()
    return next((name for name, pattern in DESIGN_WORDS if re.search(pattern, words)), "unknown")


def count_people(study: Study) -> int | None:
    """Return how many people a study is about; None where it is not known.

    `total` if there is one; else the sum over the keys of `n` that count people (docs/evidence.md has the words).
    """
    if "total" in study.n:
        return study.n["total"]
    # Whole words: "uninjured" and "internships" count people, whatever they contain.
    counts = {k: v for k, v in study.n.items() if _NOT_PEOPLE.isdisjoint(re.split(r"[\W_]+", k.lower()))}
    known = [v for v in counts.values() if v is not None]
    if not known or len(known) < len(counts):
        return None
    # Of a review that counts its people by outcome, the largest count holds the others.
    return max(known) if all(k.endswith("_n") for k in counts) else sum(known)


def rate_study(
    study: Study, claim: Claim, findings: Iterable[StudyFinding], *, rule: ClaimRule | None = None
) -> Rating:
    """Return the certainty of what a study says of a claim by some of its findings."""
    rule = rule or ClaimRule()
    design = classify_design(study.design)
    start = rule.start[design]
    downs = [*_reading(study, rule), *_imprecision(count_people(study), design, rule)]
    if design == "unknown":
        downs.append(Downgrade("design", 0, f"the design ({study.design}) is not in the table of designs"))
    downs.extend(_indirectness(claim, design, findings))
    return _rating(start, design, downs)


def rate_pooled(
    ratings: Sequence[Rating], people: Sequence[int | None], i2: float, *, rule: ClaimRule | None = None
) -> Rating:
    """Return the certainty of pooled studies: that of the best one with all their people, less for inconsistency."""
    rule = rule or ClaimRule()
    first = min(ratings, key=lambda rating: LEVELS.index(rating.level))
    kept = [d for d in first.downgrades if d.kind != "imprecision"]
    total = None if any(n is None for n in people) else sum(n for n in people if n is not None)
    kept.extend(_imprecision(total, first.design, rule))
    if i2 > rule.inconsistency_i2:
        kept.append(Downgrade("inconsistency", 1, f"I² is {i2:.0%}: the pooled studies differ by more than chance"))
    return _rating(first.start, first.design, kept)


def _rating(start: Level, design: DesignClass, downs: Iterable[Downgrade]) -> Rating:
    kept = tuple(downs)
    return Rating(lowered(start, sum(d.levels for d in kept)), start, design, kept)


def _reading(study: Study, rule: ClaimRule) -> list[Downgrade]:
    steps = rule.read_down[study.read]
    words = {
        "abstract": "read as an abstract or a table only",
        "secondary": "not read at source, only as others report it",
        "none": "not read",
    }
    return [Downgrade("reading", steps, words.get(study.read, study.read))] if steps else []


def _imprecision(people: int | None, design: DesignClass, rule: ClaimRule) -> list[Downgrade]:
    if design in ("simulation", "narrative"):
        return []
    if people is None:
        return [Downgrade("imprecision", 1, "the number of people is not known")]
    least = rule.people_one_group if design in ONE_GROUP else rule.people_two_groups
    if people >= least:
        return []
    who = f"{people} person" if people == 1 else f"{people} people"
    return [Downgrade("imprecision", 1, f"{who}; with fewer than {least} even a large difference is often missed")]


def _indirectness(claim: Claim, design: DesignClass, findings: Iterable[StudyFinding]) -> list[Downgrade]:
    reasons = [f.indirect[claim.id] for f in findings if claim.id in f.indirect]
    if reasons:
        return [Downgrade("indirectness", 1, reasons[0])]
    if design == "simulation" and "simulation" not in (claim.test, *claim.also):
        return [Downgrade("indirectness", 1, "a model, where the claim is about what people do or feel")]
    return []
