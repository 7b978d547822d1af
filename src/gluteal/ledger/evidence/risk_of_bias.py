"""What in a study's conduct could have bent its results: the domains of the tool that fits its design, each judged."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from gluteal.schema import Record

#: Tools by the design they fit: trials, experiments without random allocation, cohorts, reviews, accuracy of a test,
#: agreement between examiners, comparisons at one time, what people say.
BiasTool = Literal[
    "RoB 2",
    "ROBINS-I",
    "ROBINS-E",
    "AMSTAR 2",
    "QUADAS-2",
    "QAREL",
    "JBI analytical cross-sectional",
    "JBI qualitative",
    "none fits",
]
#: What is said of a domain; "no information" is about the text that was read, not about the study.
DomainJudgement = Literal["low", "some concerns", "high", "no information"]
#: What the domains come to together.
OverallBias = Literal["low", "some concerns", "high", "not judged"]

#: The domains of each tool, in our words; of AMSTAR 2 its seven critical ones. Names and order from memory.
BIAS_DOMAINS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "RoB 2": ("randomisation", "deviations", "missing data", "measurement", "selective reporting"),
        "ROBINS-I": (
            "confounding", "selection", "classification", "deviations", "missing data", "measurement",
            "selective reporting",
        ),
        "ROBINS-E": (
            "confounding", "exposure", "selection", "later interventions", "missing data", "measurement",
            "selective reporting",
        ),
        "AMSTAR 2": (
            "protocol", "search", "exclusions listed", "bias assessed", "pooling method", "bias in conclusions",
            "publication bias",
        ),
        "QUADAS-2": ("people", "index test", "reference standard", "flow and timing"),
        "QAREL": ("people", "examiners", "blinded to each other", "order varied", "interval", "statistics"),
        "JBI analytical cross-sectional": (
            "inclusion criteria", "people and setting", "exposure", "condition", "confounders named",
            "confounders handled", "outcome", "statistics",
        ),
        "JBI qualitative": ("method", "researcher's place", "voices", "ethics", "conclusions"),
    }
)  # fmt: skip
#: The domain of each tool without which nothing can be said of the whole.
KEY_DOMAIN: Mapping[str, str] = MappingProxyType(
    {
        "RoB 2": "randomisation",
        "ROBINS-I": "confounding",
        "ROBINS-E": "confounding",
        "AMSTAR 2": "bias assessed",
        "QUADAS-2": "people",
        "QAREL": "blinded to each other",
        "JBI analytical cross-sectional": "confounders handled",
        "JBI qualitative": "voices",
    }
)


class BiasDomain(Record):
    """One domain: the judgement, and what in the text that was read it rests on."""

    judgement: DomainJudgement
    reason: str = ""


class RiskOfBias(Record):
    """A judgement of what in a study's conduct could have bent its results.

    `tool` is the one that fits the design; `domains` its domains with a judgement and its reason each (a bare judgement
    is read as one without a reason); `overall` follows from them by `conclude_bias`, and may be left out. `basis` says
    what was read.
    """

    tool: BiasTool
    domains: dict[str, BiasDomain] = Field(default_factory=dict)
    overall: OverallBias = "not judged"
    basis: str = Field(default="", description="what the judgement rests on")

    @field_validator("domains", mode="before")
    @classmethod
    def _bare_judgements(cls, domains: Any) -> Any:
        if not isinstance(domains, dict):
            return domains
        return {name: {"judgement": held} if isinstance(held, str) else held for name, held in domains.items()}

    @model_validator(mode="after")
    def _follows_from_its_domains(self) -> RiskOfBias:
        if self.overall != "not judged" and not self.domains:
            raise ValueError("an overall judgement needs the domains it rests on")
        follows = conclude_bias(self.tool, {name: domain.judgement for name, domain in self.domains.items()})
        if "overall" not in self.model_fields_set:
            object.__setattr__(self, "overall", follows)
        elif self.overall != follows:
            raise ValueError(f"overall is {self.overall!r}, but the domains come to {follows!r}; leave 'overall' out")
        return self


def conclude_bias(tool: str, domains: Mapping[str, DomainJudgement]) -> OverallBias:
    """Return what the domains of a tool come to.

    One that is high makes the whole high. Where the text says nothing of the tool's key domain, or of more than half of
    the domains, the whole is not judged: silence is never read as sound conduct. Else it is low where all are low.

    Examples
    --------
    >>> conclude_bias("RoB 2", {"randomisation": "some concerns", "measurement": "low"})
    'some concerns'
    >>> conclude_bias("RoB 2", {"randomisation": "no information", "measurement": "low"})
    'not judged'
    """
    judged = list(domains.values())
    if "high" in judged:
        return "high"
    silent = judged.count("no information")
    if not judged or 2 * silent > len(judged) or domains.get(KEY_DOMAIN.get(tool, "")) == "no information":
        return "not judged"
    return "some concerns" if silent or "some concerns" in judged else "low"
