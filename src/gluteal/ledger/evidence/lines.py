"""Lines of evidence: what each study, or several pooled, says of a claim, and how certain that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from gluteal.ledger.evidence.certainty import Rating, count_people, rate_pooled, rate_study
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Claim, Study, StudyFinding
from gluteal.ledger.evidence.rule import LEVELS, ClaimRule
from gluteal.ledger.evidence.synthesis import Synthesis, pooled_direction

Says = Literal["supports", "contradicts", "mixed", "neutral"]


@dataclass(frozen=True)
class Line:
    """One line of evidence on a claim.

    Attributes
    ----------
    name : str
        The study's name, or what was pooled.
    studies : tuple of str
        Keys of the studies behind it.
    says : str
        "supports", "contradicts", "mixed" (findings both ways) or "neutral" (decides nothing).
    rating : Rating
    findings : tuple of str
        Outcomes of the findings that say it.
    part_of : str
        The review or the pool that speaks for it, whose people it shares; such a line decides nothing.
    """

    name: str
    studies: tuple[str, ...]
    says: Says
    rating: Rating
    findings: tuple[str, ...]
    part_of: str = ""

    @property
    def speaks(self) -> bool:
        """Whether it can decide anything."""
        return self.says != "neutral" and not self.part_of

    def to_json(self) -> dict[str, Any]:
        """Return the line as plain data."""
        return {
            "name": self.name,
            "studies": list(self.studies),
            "says": self.says,
            "certainty": self.rating.to_json(),
            "findings": list(self.findings),
            "part_of": self.part_of,
        }


def lines_of_evidence(
    evidence: Evidence, claim: Claim, syntheses: Iterable[Synthesis], *, rule: ClaimRule | None = None
) -> tuple[Line, ...]:
    """Return the lines of evidence on a claim: those that speak first, the most certain of them in front.

    Studies that are pooled to a result, or that a review is known to contain, are part of that line and do not speak
    beside it, so that no people count twice.
    """
    rule = rule or ClaimRule()
    by_study: dict[str, tuple[Study, list[StudyFinding]]] = {}
    for study, finding in evidence.findings_on(claim):
        by_study.setdefault(study.key, (study, []))[1].append(finding)
    own = {key: _study_line(study, claim, findings, rule) for key, (study, findings) in by_study.items()}
    pooled: list[Line] = []
    within: dict[str, str] = {}
    for synthesis in syntheses:
        line = _pooled_line(synthesis, own, by_study, rule)
        # Of two outcomes measured on the same people the first decides.
        if line is not None and within.keys().isdisjoint(line.studies):
            pooled.append(line)
            within.update(dict.fromkeys(line.studies, line.name))
    for key, (study, _) in by_study.items():
        if own[key].says != "neutral" and key not in within:
            within.update({inside: study.name for inside in study.contains if inside not in within})
    lines = [*pooled, *(replace(line, part_of=within.get(key, "")) for key, line in own.items())]
    return tuple(sorted(lines, key=lambda line: (not line.speaks, LEVELS.index(line.rating.level))))


def _study_line(study: Study, claim: Claim, findings: Sequence[StudyFinding], rule: ClaimRule) -> Line:
    speaking = [f for f in findings if f.bears_on[claim.id] != "neutral"] or list(findings)
    # Findings that measured what the claim says go before those that did not.
    speaking = [f for f in speaking if claim.id not in f.indirect] or speaking
    said = {f.bears_on[claim.id] for f in speaking}
    return Line(
        study.name,
        (study.key,),
        "mixed" if len(said) == 2 else said.pop(),
        rate_study(study, claim, speaking, rule=rule),
        tuple(f.outcome for f in speaking),
    )


def _pooled_line(
    synthesis: Synthesis, own: dict[str, Line], by_study: dict[str, tuple[Study, list[StudyFinding]]], rule: ClaimRule
) -> Line | None:
    direction = pooled_direction(synthesis)
    if synthesis.pooled is None or direction == "neutral":
        return None
    keys = tuple(row.study for row in synthesis.rows if row.weight is not None)
    rating = rate_pooled(
        [own[key].rating for key in keys],
        [count_people(by_study[key][0]) for key in keys],
        synthesis.pooled.i2,
        rule=rule,
    )
    names = ", ".join(own[key].name for key in keys)
    return Line(f"{names}, pooled", keys, direction, rating, (synthesis.title,))
