"""What `gluteal ask --json` prints."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.ledger.evidence.rule import Level
from gluteal.ledger.evidence.verdict import VerdictWord

_SCORE = "how near it is, more is nearer; only to be compared within one question"


class AskedClaimJson(Printed):
    """A claim near to the question, with its plain answer."""

    id: str
    statement: str
    topic: str
    plain: str = Field(description="the answer to the claim as it is stated")
    number: str = Field(description="the number that carries it, in words; empty: none")
    certainty_words: str
    would_change: str
    verdict: VerdictWord
    certainty: Level | None
    score: float = Field(description=_SCORE)
    command: str = Field(description="shows the claim whole")


class AskedPageJson(Printed):
    """A page near to the question."""

    path: str = Field(description="place in the repository")
    title: str
    score: float = Field(description=_SCORE)


class AskedDoorJson(Printed):
    """A task or command near to the question."""

    name: str
    title: str
    score: float = Field(description=_SCORE)
    command: str = Field(description="to paste into a shell")


class AskJson(Printed):
    """Everything near to a question, the nearest first."""

    question: str
    found: bool
    understood: list[str] = Field(description="what the question is about, as it was understood")
    not_understood: list[str] = Field(description="words that nothing here has")
    claims: list[AskedClaimJson]
    pages: list[AskedPageJson]
    tasks: list[AskedDoorJson]
    commands: list[AskedDoorJson]
    could_ask: list[str] = Field(description="questions to start from; empty where something was found")
