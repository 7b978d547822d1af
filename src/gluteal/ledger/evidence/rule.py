"""The one rule by which evidence and experiments become a verdict: its numbers, and its words made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Level = Literal["high", "moderate", "low", "very low"]
LEVELS: tuple[Level, ...] = ("high", "moderate", "low", "very low")

DesignClass = Literal[
    "randomised review",
    "randomised trial",
    "review",
    "observational review",
    "experiment",
    "cohort",
    "reliability",
    "comparison",
    "before and after",
    "simulation",
    "qualitative",
    "case",
    "narrative",
    "unknown",
]

_START: dict[str, Level] = {
    "randomised review": "high",
    "randomised trial": "high",
    "review": "moderate",
    "experiment": "moderate",
    "cohort": "moderate",
    "reliability": "moderate",
    "observational review": "low",
    "comparison": "low",
    "before and after": "low",
    "simulation": "low",
    "qualitative": "low",
    "case": "very low",
    "narrative": "very low",
    "unknown": "very low",
}


@dataclass(frozen=True)
class ClaimRule:
    """Every number of the rule; a rule with other numbers gives other verdicts.

    Attributes
    ----------
    start : mapping of class of design -> level
        Where a line of evidence starts.
    read_down : mapping of how far read -> levels
        By how many levels it falls for how far the study was read.
    people_two_groups, people_one_group : int
        With fewer people a large difference (Cohen's d 0.8) is missed more often than in one case of five.
    inconsistency_i2 : float
        Share of the variance between pooled studies that is not chance (I²) above which they disagree.
    agreement : float
        Share of the deciding lines that must be exceeded by those that point one way.
    direct_level, indirect_level : Level
        Level of an experiment where it is the claim's own test of choice (simulation or EMG), and where it is not.
    direct_unsettles, indirect_unsettles : Level
        The highest level of evidence that such an experiment can turn into "mixed" by saying the opposite.
    """

    start: Mapping[str, Level] = field(default_factory=lambda: MappingProxyType(dict(_START)))
    read_down: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({"fulltext": 0, "abstract": 1, "secondary": 2, "none": 3})
    )
    people_two_groups: int = 52
    people_one_group: int = 15
    inconsistency_i2: float = 0.5
    agreement: float = 0.75
    direct_level: Level = "low"
    indirect_level: Level = "very low"
    direct_unsettles: Level = "high"
    indirect_unsettles: Level = "low"


def lowered(level: Level, steps: int) -> Level:
    """Return the level so many steps down, at worst the lowest."""
    return LEVELS[min(LEVELS.index(level) + steps, len(LEVELS) - 1)]


def best(*levels: Level) -> Level:
    """Return the highest of some levels."""
    return min(levels, key=LEVELS.index)


def _reach(level: Level) -> str:
    return "against evidence of any level" if level == "high" else f"against evidence up to {level}"


def rule_text(rule: ClaimRule) -> str:
    """Return the rule in words, with its numbers; one paragraph a step."""
    starts = "; ".join(
        f"{level}: {', '.join(name for name, start in rule.start.items() if start == level)}"
        for level in LEVELS
        if level in rule.start.values()
    )
    down = ", ".join(f"{steps} for {read}" for read, steps in rule.read_down.items() if steps)
    return "\n\n".join(
        (
            "1. Every study that says something for or against a claim is one line of evidence. Its direction is that "
            "of its findings: of those that measured what the claim says where there are any, else of the indirect "
            "ones; findings both ways make it mixed, neutral findings decide nothing. Where effects of several studies "
            "may be pooled and the pooled interval (random effects, Hartung-Knapp) excludes no effect, they are one "
            "line instead; a study that is known to be part of a review does not speak beside it.",
            f"2. A line starts at the level of its design ({starts}) and falls, never below very low: for how far the "
            f"study was read ({down}); one level for imprecision with fewer than {rule.people_two_groups} people in "
            f"comparisons and trials or {rule.people_one_group} in designs where each person is their own control, or "
            "where their number is not known; one for indirectness where it measured something else than the claim "
            "says, or only modelled what the claim says of people; one for inconsistency where pooled studies differ "
            f"by more than chance (I² above {rule.inconsistency_i2:.0%}).",
            "3. The lines of the highest level decide, however many there are below. If more than "
            f"{rule.agreement:.0%} of them point one way, the evidence supports or contradicts the claim (one level "
            "lower where any of them disagrees); otherwise it is mixed. Numbers of studies are never added up across "
            "levels, and a majority alone decides nothing.",
            "4. An experiment run here is a line of its own kind. Where it is the claim's own test of choice (a "
            "simulation for a claim about mechanics, EMG for one about activity) "
            f"its level is {rule.direct_level}, otherwise {rule.indirect_level}; where there are both, only the former "
            "count, and experiments that only recompute published studies never do. Where no study speaks it "
            "decides alone. Where it says the opposite of the evidence, or speaks both ways, the verdict is mixed: "
            f"{_reach(rule.direct_unsettles)} where it is the test of choice, {_reach(rule.indirect_unsettles)} where "
            "it is not; stronger evidence stands. Where the evidence is mixed and of a lower level than the "
            "experiment, the experiment decides, one level lower; otherwise mixed evidence stays mixed. An undecided "
            "experiment changes nothing.",
            "5. A claim that no test could settle is untestable; one on which nothing speaks is untested. The "
            "certainty of a verdict is the level of what decided it.",
        )
    )


#: The rule in words.
CLAIM_RULE = rule_text(ClaimRule())
