"""One result of a study with its number, its error and where it was read; what it says of which claims."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from gluteal.schema import Number, Record, Text, Whole

#: What a number is: the first group minus the second, a ratio of the first to the second, or one group's value.
Measure = Literal[
    "mean difference",
    "standardised mean difference",
    "odds ratio",
    "risk ratio",
    "risk difference",
    "correlation",
    "kappa",
    "intraclass correlation",
    "mean",
    "median",
    "proportion",
    "percent change",
    "none",
]
#: How a number came about: printed; computed from what is printed; only a p value, or only words, are printed; or it
#: is in print but was not in the text that could be opened.
EffectKind = Literal["printed", "computed", "p-only", "direction-only", "gap"]
#: Which side a result lies on, as its authors say it; "none shown" is not the same as no difference.
Found = Literal["positive", "negative", "none shown", "unclear"]
#: How far a study was read when its numbers were taken down; a table is one that stands in the full text.
Read = Literal["fulltext", "table", "abstract", "secondary", "none"]

Count = Annotated[Whole, Field(ge=0)]
_Spread = Annotated[Number, Field(gt=0)]
Address = Annotated[
    str, Field(pattern=r"^https?://\S+$", description="a web address that begins with http:// or https://")
]
_P = re.compile(r"(?P<sign><=|>=|[<>])?\s*(?P<value>0?\.\d+|0|1(\.0+)?)")


class ClaimLink(Record):
    """What an effect has to do with a claim.

    `sense` +1: a positive estimate (a ratio above 1, a high level) speaks for the claim; -1: against it; 0: background
    that speaks neither way. `indirect` says what was measured in place of what the claim says; empty: just that.
    """

    claim: str
    sense: Literal[-1, 0, 1]
    indirect: str = ""


class Effect(Record):
    """One result of a study.

    Attributes
    ----------
    id : str
        The study's key and a number: "penney2014-2".
    study : str
        Key of the study.
    claims : tuple of ClaimLink
    outcome, muscle, contrast, condition, timepoint : str
        `contrast` says what is subtracted from (or divided by) what.
    measure, units : str
        Proportions are shares between 0 and 1, percent changes per cent of the first occasion.
    estimate, ci_low, ci_high : float or None
        As printed; the interval at `level` (95 % unless it says otherwise).
    se : float or None
        On the scale on which one pools: the logarithm of ratios, Fisher's z of correlations, else as printed.
    mean_1, sd_1, mean_2, sd_2, count_1, count_2, n_1, n_2, n_total
        What is printed of the groups; counts are of those with the outcome.
    p : str
        As printed: "0.03", "<0.001"; `p_range` reads it.
    found : Found
        The side of the result, for effects without a number as well; `direction` says it in words.
    kind : EffectKind
    computed_from : str
        The formula, where the estimate or its error is computed.
    locator, quote, read, address
        Where it was read, the words that hold the number, how far, and the page.
    overlap : str
        Effects with the same mark are of the same people or of one another: not to be pooled together.
    part_of : str
        A whole of which proportions with this mark are all the parts, so that they add to 1.
    contradiction : str
        A contradiction between printed numbers, in words. Such an effect is shown with it and is never pooled.
    """

    id: str = Field(default="", description="filled in where it is left out: the study's key and a number")
    study: str = Field(default="", description="filled in: the key of the study it stands in")
    claims: tuple[ClaimLink, ...] = ()
    outcome: Text
    muscle: str = ""
    contrast: str = ""
    condition: str = ""
    timepoint: str = ""
    measure: Measure
    units: str = ""
    estimate: Number | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    level: Annotated[Number, Field(gt=0.5, lt=1.0)] = 0.95
    se: _Spread | None = None
    mean_1: Number | None = None
    sd_1: _Spread | None = None
    mean_2: Number | None = None
    sd_2: _Spread | None = None
    count_1: Count | None = None
    count_2: Count | None = None
    n_1: Count | None = None
    n_2: Count | None = None
    n_total: Count | None = None
    p: str = ""
    found: Found = "unclear"
    direction: str = Field(default="", description="what was found, in words")
    kind: EffectKind
    computed_from: str = ""
    locator: str = ""
    quote: str = ""
    read: Read = "abstract"
    address: Address | None = None
    overlap: str = ""
    part_of: str = ""
    contradiction: str = ""
    note: str = ""

    @field_validator("p", mode="before")
    @classmethod
    def _p_may_be_a_number(cls, p: Any) -> Any:
        return f"{p:g}" if isinstance(p, float) else p

    @field_validator("p")
    @classmethod
    def _p_is_one(cls, p: str) -> str:
        if p and not _P.fullmatch(p):
            raise ValueError(f"{p!r} is no p value; write it as 0.03 or <0.001")
        return p

    @model_validator(mode="after")
    def _is_whole(self) -> Effect:
        if (self.ci_low is None) != (self.ci_high is None):
            raise ValueError("a confidence interval needs both ci_low and ci_high")
        if self.estimate is None:
            if self.kind in ("printed", "computed"):
                raise ValueError(
                    f"a result that is {self.kind} needs an estimate; without one it is 'p-only' or a 'gap'"
                )
            if self.ci_low is not None or self.se is not None:
                raise ValueError("an error without an estimate cannot be used; give the estimate too")
        if self.kind == "computed" and not self.computed_from:
            raise ValueError("a computed number needs computed_from, the formula in words")
        if self.kind == "p-only" and not self.p:
            raise ValueError("a result of kind p-only needs p")
        return self

    @property
    def p_range(self) -> tuple[float, float] | None:
        """Return the lowest and the highest p value that the printed one means, by its digits; None without one.

        >>> Effect(id="a-1", study="a", outcome="x", measure="none", kind="p-only", p="<0.05").p_range
        (0.0, 0.05)
        """
        read = _P.fullmatch(self.p) if self.p else None
        if read is None:
            return None
        value = float(read["value"])
        if read["sign"] in ("<", "<="):
            return 0.0, value
        if read["sign"] in (">", ">="):
            return value, 1.0
        digits = len(read["value"].partition(".")[2])
        half = 0.5 * 10.0**-digits
        return max(value - half, 0.0), min(value + half, 1.0)

    @property
    def has_error(self) -> bool:
        """Whether there is a number with an error, by which it could be pooled."""
        return self.estimate is not None and not self.contradiction and (self.se is not None or self.ci_low is not None)

    def link(self, claim: str) -> ClaimLink | None:
        """Return what it has to do with a claim; None where it has nothing to do with it."""
        return next((link for link in self.claims if link.claim == claim), None)


class MatteringBand(Record):
    """The smallest difference that matters, for one measure; `source` names bibliography keys, joined by ';'."""

    measure: Measure
    units: str = ""
    value: Annotated[Number, Field(gt=0)]
    source: Text
    note: str = ""


class Estimand(Record):
    """What number a claim is about.

    Attributes
    ----------
    population, contrast, outcome : str
    form : str
        "difference": the claim says that the effect lies beyond the band on the side that speaks for it;
        "equivalence": it says that the effect lies within the band, on neither side;
        "no worse": it says that the effect does not lie beyond the band on the side that speaks against it;
        "level": it says that the level lies on one side of `reference` (the sense of an effect says which).
    reference : float
        The value of no effect (0, or 1 for ratios), or the level that the claim speaks of.
    orientation : str
        What a positive effect, after turning each by its sense, means in words.
    bands : tuple of MatteringBand
        The smallest difference that matters for each measure in which the claim is studied; the first is the main one.
    """

    population: Text
    contrast: Text
    outcome: Text
    form: Literal["difference", "equivalence", "no worse", "level"] = "difference"
    reference: Number = 0.0
    orientation: Text
    bands: tuple[MatteringBand, ...] = Field(min_length=1)

    def band(self, measure: str, units: str = "") -> MatteringBand | None:
        """Return the band for a measure, that with the same units first; None where there is none."""
        fitting = [band for band in self.bands if band.measure == measure]
        same = [band for band in fitting if band.units.casefold() == units.casefold()]
        return next(iter(same or [band for band in fitting if not band.units]), None)

    @property
    def smallest_difference(self) -> Number:
        """The smallest difference that matters, in the main measure."""
        return self.bands[0].value


def fill_effects(study: str, listed: Any) -> Any:
    """Give the effects in a study's entry the study's key and, where they have none, a numbered id."""
    if not isinstance(listed, list | tuple):
        return listed
    return [
        {"id": f"{study}-{number}", "study": study, **effect} if isinstance(effect, dict) else effect
        for number, effect in enumerate(listed, 1)
    ]
