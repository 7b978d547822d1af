"""What a claim, a study and a finding are; files are validated against these models when they are loaded."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gluteal.ledger.evidence.effects import (
    Address,
    Count,
    Effect,
    Estimand,
    Read,
    fill_effects,
)
from gluteal.ledger.evidence.risk_of_bias import RiskOfBias
from gluteal.schema import Flag, Number, Record, Text, Whole, fault
from gluteal.sources.bibliography import link_to, name_source

Stance = Literal["asserts", "denies", "doubts"]
#: What a finding, or an experiment's reading, says about a claim.
Direction = Literal["supports", "contradicts", "neutral"]
#: What an experiment says of a claim; mixed where some of its readings support it and others contradict it.
Answer = Literal["supports", "contradicts", "mixed", "undecided"]
ExperimentKind = Literal["simulation", "emg", "literature", "none"]
#: When a study looks: once, ahead, back, at what it changes itself; a review, a model, or words.
Timing = Literal[
    "cross-sectional",
    "prospective",
    "retrospective",
    "experiment",
    "review",
    "model",
    "narrative",
    "qualitative",
    "not stated",
]
#: What would settle a claim: a number, a number by a design that can tell causes, a text, or what people say.
ClaimKind = Literal["quantitative", "causal", "documentary", "qualitative"]
#: How faithfully a text says what its source shows.
QuoteJudgement = Literal["accurate", "minor", "major"]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", description="lower-case words joined by '-' or '_'")]


class Article(Record):
    """A text for lay people that makes claims."""

    key: Key
    title: Text
    author: str = Field(description="the author's profession")
    position: str = Field(description="where it stands, in a few words")


class Quotation(Record):
    """How faithfully a text says what its source shows.

    `judgement`: "accurate"; "minor" (a detail is wrong, the sense stays); "major" (the source does not show it).
    `said` is what the text says, `quote` the source's own words, `locator` where they stand, `address` the page.
    """

    judgement: QuoteJudgement
    said: str = ""
    source: str = Field(default="", description="the study's key")
    quote: str = ""
    locator: str = ""
    address: Address | None = None
    why: str = ""


class Claim(Record):
    """One statement that somebody makes, in our words.

    `articles` maps article -> stance; `implied` are the articles whose stance follows from their argument but
    is not said in so many words. `test` is the kind of test that could settle it, `also` the kinds that help.
    `kind`: "quantitative" (a number between people or occasions, with its `estimand`), "causal" (one thing brings
    about another: the same, and only designs that can tell count), "documentary" (what a text says: judged as a
    `quotation`), "qualitative" (what people say or mean). `was` names earlier ids whose meaning is here now.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="lower-case words joined by '-'")
    topic: Text
    statement: Text
    articles: dict[str, Stance] = Field(default_factory=dict)
    implied: tuple[str, ...] = ()
    test: ExperimentKind
    also: tuple[ExperimentKind, ...] = ()
    experiment: str | None = Field(default=None, description="the shape of a runnable check, in words")
    kind: ClaimKind = "quantitative"
    estimand: Estimand | None = None
    quotation: Quotation | None = None
    was: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _kind_fits(self) -> Claim:
        if self.estimand is not None and self.kind not in ("quantitative", "causal"):
            raise ValueError(f"a {self.kind} claim has no estimand; leave it out or write kind: quantitative")
        if self.quotation is not None and self.kind != "documentary":
            raise ValueError(f"a {self.kind} claim has no quotation; leave it out or write kind: documentary")
        return self

    @model_validator(mode="after")
    def _implied_are_listed(self) -> Claim:
        if extra := [a for a in self.implied if a not in self.articles]:
            raise ValueError(f"implied names {extra[0]!r}, which has no stance under articles")
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
    """A published study, with its results.

    `from_memory` names bibliographic details that were not on the page read; `read` says how far it was read.
    `contains` lists the studies of the ledger that a review is known to contain, `contains_all` says that these are all
    it contains of it: without that a review is never pooled with other studies, which it may contain. `distinct_from`
    names studies that look like the same one and are not, each with how one knows (`find_doubles` looks for them). The
    fields `allocation`, `comparison`, `timing`, `blinding`, `unit` (of analysis) and `review_of` say how it was done,
    `design` says it in words; "not stated" means not in the text that was read.
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
    simulate: Replay | None = None
    allocation: Literal["random", "not random", "none", "not stated"] = "not stated"
    comparison: Literal["between", "within", "one group", "none", "not stated"] = "not stated"
    timing: Timing = "not stated"
    blinding: str = "not stated"
    unit: Literal["person", "limb", "injury", "specimen", "model", "study", "text"] = "person"
    review_of: Literal["", "trials", "prospective studies", "cross-sectional studies", "mixed studies"] = ""
    risk_of_bias: RiskOfBias | None = None
    effects: tuple[Effect, ...] = ()
    contains: tuple[str, ...] = Field(default=(), description="keys of the studies a review is known to contain")
    contains_all: Flag = Field(default=False, description="no other study here is in the review")
    distinct_from: dict[str, Text] = Field(
        default_factory=dict, description="studies that look like this one and are not: key -> how one knows"
    )

    @model_validator(mode="before")
    @classmethod
    def _effects_know_their_study(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "findings" in raw:
            raise fault(
                "findings",
                "results stand under 'effects', each with its claims and the side that speaks for them "
                "(docs/evidence.md has the form); write them so.",
            )
        if isinstance(raw, dict) and "effects" in raw and isinstance(raw.get("key"), str):
            return {**raw, "effects": fill_effects(raw["key"], raw["effects"])}
        return raw

    @property
    def link(self) -> str | None:
        """Address of the study by its DOI, PMID or PMCID, in this order."""
        return link_to(self.doi, self.pmid, self.pmcid)

    @property
    def name(self) -> str:
        """First author and year for people ("Pohl 2015"), else the beginning of the title."""
        return name_source(self.key, self.authors, self.year, self.title)


# Words of a key in `n` whose count is not of people, or of people that other keys count too.
_NOT_PEOPLE = frozenset(
    {"studies", "cohorts", "prospective", "limbs", "hips", "cadavers", "injuries", "sprains", "modelled", "trials"}
)


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


class CitationCheck(Record):
    """What an article says its source shows, beside what the source shows."""

    article: str
    about: Text
    problem: Text
    study: str
    judgement: QuoteJudgement | None = None
    said: str = ""
    quote: str = ""
    locator: str = ""
    address: Address | None = None
