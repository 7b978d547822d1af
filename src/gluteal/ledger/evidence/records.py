"""What a claim, a study and a finding are; files are validated against these models when they are loaded."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gluteal.schema import Flag, Number, Record, Text, Whole
from gluteal.sources.bibliography import link_to, name_source

Stance = Literal["asserts", "denies", "doubts"]
#: What a finding, or an experiment's reading, says about a claim.
Direction = Literal["supports", "contradicts", "neutral"]
#: What an experiment says of a claim; mixed where some of its readings support it and others contradict it.
Answer = Literal["supports", "contradicts", "mixed", "undecided"]
ExperimentKind = Literal["simulation", "emg", "literature", "none"]
#: How far a study was read when its numbers were taken down.
Read = Literal["fulltext", "abstract", "secondary", "none"]
#: What an effect is: the first group minus the second, a ratio of the first to the second, or one group's value.
Measure = Literal[
    "mean difference",
    "standardised mean difference",
    "odds ratio",
    "risk ratio",
    "correlation",
    "kappa",
    "mean",
    "proportion",
]

Count = Annotated[Whole, Field(ge=0)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", description="lower-case words joined by '-' or '_'")]
Address = Annotated[
    str, Field(pattern=r"^https?://\S+$", description="a web address that begins with http:// or https://")
]


class Article(Record):
    """A text for lay people that makes claims."""

    key: Key
    title: Text
    author: str = Field(description="the author's profession")
    position: str = Field(description="where it stands, in a few words")


class Claim(Record):
    """One statement that somebody makes, in our words.

    `articles` maps article -> stance; `implied` are the articles whose stance follows from their argument but
    is not said in so many words. `test` is the kind of test that could settle it, `also` the kinds that help.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="lower-case words joined by '-'")
    topic: Text
    statement: Text
    articles: dict[str, Stance] = Field(default_factory=dict)
    implied: tuple[str, ...] = ()
    test: ExperimentKind
    also: tuple[ExperimentKind, ...] = ()
    experiment: str | None = Field(default=None, description="the shape of a runnable check, in words")

    @model_validator(mode="after")
    def _implied_are_listed(self) -> Claim:
        if extra := [a for a in self.implied if a not in self.articles]:
            raise ValueError(f"implied names {extra[0]!r}, which has no stance under articles")
        return self


class Where(Record):
    """Where a number was read."""

    url: Address | None = None
    section: Text


class Effect(Record):
    """A result in a form that can be pooled with others of the same `outcome`, `contrast`, `measure` and `units`.

    `value` with either `se`, or `ci_low` and `ci_high` (95 % unless `level` says otherwise); without both it is
    kept but cannot be pooled. Ratios, correlations and proportions are given as they are printed; ratios are
    pooled on the logarithmic scale (and `se` is on it), correlations by Fisher's z (from `n` where there is no error).
    """

    outcome: Text
    contrast: Text = Field(description="what is compared with what; a positive value is the first minus the second")
    measure: Measure
    units: Text
    value: Number
    se: Annotated[Number, Field(gt=0)] | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    level: Annotated[Number, Field(gt=0.5, lt=1.0)] = 0.95
    n: Annotated[Count, Field(gt=0)] | None = None
    population: str = ""
    timepoint: str = ""
    derived: str = Field(default="", description="how value or error were computed, where they are not printed")

    @model_validator(mode="after")
    def _error_is_whole(self) -> Effect:
        if (self.ci_low is None) != (self.ci_high is None):
            raise ValueError("a confidence interval needs both ci_low and ci_high")
        if self.ci_low is not None and self.ci_high is not None and not self.ci_low <= self.value <= self.ci_high:
            raise ValueError(f"the value {self.value:g} lies outside its interval {self.ci_low:g} to {self.ci_high:g}")
        if self.measure in ("odds ratio", "risk ratio") and min(self.value, self.ci_low or self.value) <= 0:
            raise ValueError(f"an {self.measure} and its interval are above 0".replace("an risk", "a risk"))
        if self.measure == "correlation" and not -1 < self.value < 1:
            raise ValueError("a correlation lies between -1 and 1")
        return self


class StudyFinding(Record):
    """One result of a study and what it says about claims (`bears_on`: claim -> direction).

    `indirect` says, for a claim, what was measured in place of what the claim says (claim -> reason).
    """

    bears_on: dict[str, Direction]
    outcome: Text
    units: Text
    numbers: dict[str, Any]
    where: Where
    note: str | None = None
    effects: tuple[Effect, ...] = ()
    indirect: dict[str, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _indirect_bears(self) -> StudyFinding:
        if extra := [c for c in self.indirect if c not in self.bears_on]:
            raise ValueError(f"indirect names {extra[0]!r}, which is not under bears_on")
        return self


class Replay(Record):
    """How a study's experiment could be repeated on a body model, with what was published."""

    task: Text
    muscles: tuple[str, ...] = ()
    reduction_pct: Number | str | tuple[Number, ...] | None = None
    reduction_source: str | None = None
    readout: str
    published: str


class Study(Record):
    """A published study, with its findings.

    `from_memory` names bibliographic details that were not on the page read; `read` says how far it was read.
    `contains` lists the studies of the ledger that a review is known to contain, `contains_all` says that these are all
    it contains of it: without that a review is never pooled with other studies, which it may contain.
    """

    key: Key
    cited_by: tuple[str, ...] = Field(default=(), description="articles that cite it")
    authors: str | None
    year: Annotated[Whole, Field(ge=1500, le=2200)] | None
    title: Text
    journal: str | None
    doi: str | None = Field(
        default=None,
        pattern=r"^10\.\d{4,9}/\S+$",
        description="a bare DOI such as 10.1016/j.clinbiomech.2012.11.014",
    )
    pmid: Annotated[Count, Field(gt=0)] | None = None
    pmcid: str | None = Field(default=None, pattern=r"^PMC\d+$", description="a PMC id such as PMC4560003")
    design: Text
    n: dict[str, Count | None]
    population: str
    intervention: str | None = None
    read: Read
    from_memory: tuple[str, ...] = ()
    findings: tuple[StudyFinding, ...] = ()
    simulate: Replay | None = None
    contains: tuple[str, ...] = Field(default=(), description="keys of the studies a review is known to contain")
    contains_all: Flag = Field(default=False, description="no other study here is in the review")

    @property
    def link(self) -> str | None:
        """Address of the study by its DOI, PMID or PMCID, in this order."""
        return link_to(self.doi, self.pmid, self.pmcid)

    @property
    def name(self) -> str:
        """First author and year for people ("Pohl 2015"), else the beginning of the title."""
        return name_source(self.key, self.authors, self.year, self.title)


class CitationCheck(Record):
    """What an article says its source shows, beside what the source shows."""

    article: str
    about: Text
    problem: Text
    study: str
