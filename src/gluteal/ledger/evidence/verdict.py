"""The verdict on a claim from evidence and experiments together, by the one rule of `gluteal.ledger.evidence.rule`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gluteal.ledger.evidence.lines import Line, lines_of_evidence
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Answer, Claim
from gluteal.ledger.evidence.rule import CLAIM_RULE, LEVELS, ClaimRule, Level, best, lowered, rule_text
from gluteal.ledger.evidence.synthesis import Synthesis, synthesise

__all__ = [
    "CLAIM_RULE",
    "ClaimRule",
    "ClaimVerdict",
    "EvidenceSummary",
    "judge_claim",
    "rule_text",
    "summarise_evidence",
]

VerdictWord = Literal["supported", "contradicted", "mixed", "untested", "untestable"]
_VERDICT: dict[str, VerdictWord] = {"supports": "supported", "contradicts": "contradicted", "mixed": "mixed"}


@dataclass(frozen=True)
class ClaimVerdict:
    """What is to be made of a claim.

    Attributes
    ----------
    verdict : str
        "supported", "contradicted", "mixed", "untested" or "untestable".
    certainty : str or None
        Level of what decided it; None where nothing did.
    sentence : str
        The verdict's reason in one sentence.
    steps : tuple of str
        How the rule came to it, a sentence a step.
    """

    verdict: VerdictWord
    certainty: Level | None
    sentence: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class EvidenceSummary:
    """What the literature says of a claim: keys of studies for, against and neutral, syntheses and lines."""

    studies_for: tuple[str, ...]
    studies_against: tuple[str, ...]
    studies_mixed: tuple[str, ...]
    studies_neutral: tuple[str, ...]
    syntheses: tuple[Synthesis, ...]
    lines: tuple[Line, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain data."""
        return {
            "studies": {
                "for": list(self.studies_for),
                "against": list(self.studies_against),
                "mixed": list(self.studies_mixed),
                "neutral": list(self.studies_neutral),
            },
            "lines": [line.to_json() for line in self.lines],
            "syntheses": [synthesis.to_json() for synthesis in self.syntheses],
        }


@dataclass(frozen=True)
class _Said:
    """What one side says and at which level; `says` is None where it says nothing."""

    says: Literal["supports", "contradicts", "mixed"] | None
    level: Level | None
    words: str


def summarise_evidence(evidence: Evidence, claim: Claim | str, *, rule: ClaimRule | None = None) -> EvidenceSummary:
    """Return what the studies say of a claim.

    Raises
    ------
    UnknownName
        Where there is no such claim.
    """
    claim = evidence.claim(claim if isinstance(claim, str) else claim.id)
    said: dict[str, set[str]] = {}
    for study, finding in evidence.findings_on(claim):
        said.setdefault(study.key, set()).add(finding.bears_on[claim.id])

    def keys(wanted: set[str]) -> tuple[str, ...]:
        return tuple(key for key, directions in said.items() if directions - {"neutral"} == wanted)

    syntheses = synthesise(evidence, claim)
    return EvidenceSummary(
        studies_for=keys({"supports"}),
        studies_against=keys({"contradicts"}),
        studies_mixed=keys({"supports", "contradicts"}),
        studies_neutral=keys(set()),
        syntheses=syntheses,
        lines=lines_of_evidence(evidence, claim, syntheses, rule=rule),
    )


def judge_claim(
    claim: Claim,
    lines_of_evidence: Sequence[Line],
    answers: Sequence[Answer] = (),
    *,
    direct: bool | None = None,
    rule: ClaimRule | None = None,
) -> ClaimVerdict:
    """Judge a claim by the rule (`RULE`).

    Parameters
    ----------
    lines_of_evidence : sequence of Line
        From `summarise_evidence`.
    answers : sequence of Answer
        What the experiments on the claim said; empty where none was run.
    direct : bool, optional
        Whether the experiments are of the kind that is the claim's own test of choice; by default, whether that is
        simulation or EMG.
    rule : Rule, optional
        Other numbers than the published ones.

    Examples
    --------
    >>> from gluteal.ledger.evidence.load import load_evidence
    >>> evidence = load_evidence()
    >>> claim = evidence.claim("excess-glute-tone-means-fighting-gravity")
    >>> judge_claim(claim, summarise_evidence(evidence, claim).lines).verdict
    'untestable'
    """
    rule = rule or ClaimRule()
    if claim.test == "none":
        said = "no test could settle this claim"
        return ClaimVerdict("untestable", None, f"Untestable: {said}.", (_sentence(said),))
    studies = _literature(lines_of_evidence, rule)
    direct = claim.test in ("simulation", "emg") if direct is None else direct
    experiment = _experiment(answers, direct, rule)
    verdict, level, also = _together(studies, experiment, direct, rule)
    said = "; ".join(filter(None, (studies.words, experiment.words, also)))
    certainty = f", certainty {level}" if level else ""
    return ClaimVerdict(
        verdict,
        level,
        f"{verdict.capitalize()}{certainty}: {said}.",
        tuple(_sentence(step) for step in (studies.words, experiment.words, also, f"so it is {verdict}") if step),
    )


def _literature(lines: Sequence[Line], rule: ClaimRule) -> _Said:
    """Let the lines of the highest level decide."""
    speaking = [line for line in lines if line.speaks]
    if not speaking:
        return _Said(None, None, "no study says anything for or against it")
    level = best(*(line.rating.level for line in speaking))
    deciding = [line for line in speaking if line.rating.level == level]
    shares = {way: sum(line.says == way for line in deciding) / len(deciding) for way in ("supports", "contradicts")}
    one = len(deciding) == 1
    who = (
        f"the strongest {'study' if one else 'studies'} (certainty {level}: {_names([line.name for line in deciding])})"
    )
    below = len(speaking) - len(deciding)
    rest = f" ({below} of a lower level {'does' if below == 1 else 'do'} not decide)" if below else ""
    way = max(shares, key=lambda w: shares[w])
    if shares[way] <= rule.agreement:
        return _Said("mixed", level, f"{who} {'speaks both for and against it' if one else 'do not agree'}{rest}")
    said: Literal["supports", "contradicts"] = "supports" if way == "supports" else "contradicts"
    verb = said if one else said.removesuffix("s")
    if shares[way] == 1:
        return _Said(said, level, f"{who} {verb} it{rest}")
    return _Said(said, lowered(level, 1), f"{who} mostly {verb} it, which costs one level{rest}")


def _experiment(answers: Sequence[Answer], direct: bool, rule: ClaimRule) -> _Said:
    if not answers:
        return _Said(None, None, "no experiment counts")
    level = rule.direct_level if direct else rule.indirect_level
    who = f"the experiment (certainty {level}: {'' if direct else 'not '}the claim's own test of choice)"
    decided = set(answers) - {"undecided"}
    if not decided:
        return _Said(None, None, "the experiment came out undecided")
    if decided == {"supports"}:
        return _Said("supports", level, f"{who} supports it")
    if decided == {"contradicts"}:
        return _Said("contradicts", level, f"{who} contradicts it")
    return _Said("mixed", level, f"{who} speaks both for and against it")


def _together(
    studies: _Said, experiment: _Said, direct: bool, rule: ClaimRule
) -> tuple[VerdictWord, Level | None, str]:
    """Put both sides together: alone each decides, against each other they are mixed within the rule's reach."""
    if studies.says is None or studies.level is None:
        if experiment.says is None or experiment.level is None:
            return "untested", None, ""
        return _VERDICT[experiment.says], experiment.level, ""
    if experiment.says is None or experiment.level is None:
        return _VERDICT[studies.says], studies.level, ""
    if studies.says == "mixed":
        if experiment.says != "mixed" and LEVELS.index(experiment.level) < LEVELS.index(studies.level):
            level = lowered(experiment.level, 1)
            return (
                _VERDICT[experiment.says],
                level,
                "as its certainty is higher than theirs it decides, at one level less",
            )
        return "mixed", studies.level, "an experiment of no higher level does not make mixed evidence clear"
    if studies.says == experiment.says:
        return _VERDICT[studies.says], best(studies.level, experiment.level), ""
    reach = rule.direct_unsettles if direct else rule.indirect_unsettles
    if LEVELS.index(studies.level) < LEVELS.index(reach):
        return _VERDICT[studies.says], studies.level, f"it does not reach evidence above {reach}"
    return "mixed", best(studies.level, experiment.level), "they disagree"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _names(names: Sequence[str], most: int = 4) -> str:
    shown = list(dict.fromkeys(names))
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
