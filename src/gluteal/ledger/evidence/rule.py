"""The one rule by which evidence becomes a verdict: its numbers, and its words made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Level = Literal["high", "moderate", "low", "very low"]
LEVELS: tuple[Level, ...] = ("high", "moderate", "low", "very low")

DesignClass = Literal[
    "random trial",
    "experiment",
    "prospective",
    "comparison",
    "before and after",
    "retrospective",
    "qualitative",
    "model",
    "narrative",
    "not stated",
]

_START: dict[DesignClass, Level] = {
    "random trial": "high",
    "experiment": "high",
    "prospective": "high",
    "comparison": "moderate",
    "before and after": "low",
    "retrospective": "low",
    "qualitative": "low",
    "model": "very low",
    "narrative": "very low",
    "not stated": "very low",
}
_START_CAUSAL: dict[DesignClass, Level] = {
    **_START,
    "prospective": "low",
    "comparison": "very low",
    "before and after": "very low",
    "retrospective": "very low",
}


@dataclass(frozen=True)
class ClaimRule:
    """Every number of the rule; a rule with other numbers gives other verdicts.

    Attributes
    ----------
    start, start_causal : mapping of class of design -> level
        Where a body of evidence starts; the second for claims that one thing brings about another.
    band_factor : float
        The smallest difference that matters, as a multiple of what the claim states.
    correlation : float
        Of errors of effects measured on the same people.
    tau_factor : float
        Scale of the prior on the heterogeneity of few studies, as a multiple of the usual one.
    chance : float
        Two-sided p value up to which a direction without a size counts as seen.
    inconsistency_i2, inconsistency_p : float
        From this share of variance that is not chance, and this p value of Cochran's Q on, studies differ.
    indirect_share : float
        Share of the weight from indirect studies above which the body is indirect.
    least_right : float
        Chance of a right conclusion about what causes what below which a design cannot tell (a coin has 0.5).
    publication_studies : int
        Studies from which on small-study effects are looked for.
    """

    start: Mapping[DesignClass, Level] = field(default_factory=lambda: MappingProxyType(dict(_START)))
    start_causal: Mapping[DesignClass, Level] = field(default_factory=lambda: MappingProxyType(dict(_START_CAUSAL)))
    band_factor: float = 1.0
    correlation: float = 0.6
    tau_factor: float = 1.0
    chance: float = 0.05
    inconsistency_i2: float = 0.5
    inconsistency_p: float = 0.1
    indirect_share: float = 0.5
    least_right: float = 0.6
    publication_studies: int = 10


def lowered(level: Level, steps: int) -> Level:
    """Return the level so many steps down, at worst the lowest."""
    return LEVELS[min(LEVELS.index(level) + steps, len(LEVELS) - 1)]


def worst(*levels: Level) -> Level:
    """Return the lowest of some levels."""
    return max(levels, key=LEVELS.index)


def rule_text(rule: ClaimRule) -> str:
    """Return the rule in words, with its numbers; one paragraph a step."""

    def starts(of: Mapping[DesignClass, Level]) -> str:
        return "; ".join(
            f"{level}: {', '.join(name for name, start in of.items() if start == level)}"
            for level in LEVELS
            if level in of.values()
        )

    return "\n\n".join(
        (
            "1. A claim about a number states it beforehand: population, contrast, outcome, unit, and the smallest "
            "difference that matters, with its source. Every effect is turned so that a positive one speaks for the "
            "claim. Effects of one measure are pooled: five studies or more by random effects (restricted maximum "
            "likelihood, Hartung-Knapp), with three levels and a cluster-robust error where studies give several "
            f"effects of the same people (errors correlated by {rule.correlation:g}); two to four studies with a "
            "half-normal prior on what they differ by; one study stands for itself. A review and studies it may "
            "contain are never pooled together, nor two effects of the same people that are marked so, nor a result "
            "whose printed numbers contradict one another. Indirect effects count only where there is no direct one.",
            "2. The verdict is where the 95 % interval lies. Within the band on both sides: too small to matter. Above "
            "no effect, with the estimate beyond the band: supported. Below no effect, and not within the band: "
            "contradicted. Anything else is compatible with too much: insufficient. For a claim of no difference, "
            "within the band supports, an interval that excludes no effect with an estimate beyond the band "
            "contradicts. For a claim about a level, the interval on one side of that level decides. A result that is "
            "not significant is no direction: only its interval speaks. Inconsistent: the pooled interval decides "
            "nothing, and studies lie beyond the band on both sides by intervals of their own.",
            "3. Where no size is printed, directions are put together: p values by Fisher's method (one-sided, both "
            f"ways, p up to {rule.chance / 2:g}), and the number that point each way by a sign test. Both can support "
            "or contradict, never show that an effect is too small; studies that contradict one another each with a "
            "p value of its own are inconsistent. Where sizes are printed they decide; directions of other studies "
            "only where sizes leave it open and these studies are more.",
            "4. A claim that one thing brings about another counts only studies whose design can tell: a design that "
            "is right about the direction of causes, in simulated studies in which the truth is known, in less than "
            f"{rule.least_right:.0%} of cases has no weight.",
            "5. Certainty is rated for the body of evidence, as in GRADE, from fields alone. It starts at the design "
            f"that most of the weight comes from ({starts(rule.start)}; for claims about causes "
            f"{starts(rule.start_causal)}) and falls by a level for each: risk of bias, where most of the weight comes "
            "from studies judged high or not judged, or read second-hand, and where nothing else lowers it and most of "
            "the weight is not judged low; imprecision, where the interval reaches "
            "across the edge of the band that the verdict rests on (two levels for both edges, and two where there is "
            "no size); inconsistency, where a further study could lie across it, or two studies differ by more than "
            f"chance; indirectness, where more than {rule.indirect_share:.0%} of the weight is indirect; publication "
            f"bias, where small studies of {rule.publication_studies} or more show more (Egger's test, p < 0.1).",
            "6. An experiment on the model speaks only where the model passes, for that quantity and task, its checks "
            "against people; otherwise it is shown with the check it failed and has no weight. It decides only where "
            "no experiment on people bears on the claim directly and studies leave it open, and then at very low "
            "certainty; a published result that the model misses is a failed check, never evidence; an answer that "
            "could not have come out otherwise counts for nothing.",
            "7. A claim about what a text says is judged as a quotation: accurate, or with a minor or a major error. A "
            "claim that no test could settle is untestable; one on which nothing speaks is untested.",
        )
    )


#: The rule in words.
CLAIM_RULE = rule_text(ClaimRule())
