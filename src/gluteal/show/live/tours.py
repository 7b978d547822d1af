"""What the live page tells beside the picture: guided tours, what people did, and what words mean; all in tables."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

from pydantic import Field

from gluteal.files import read_table_text
from gluteal.nerves.condition import Condition
from gluteal.outcome.verdict import MovementVerdict
from gluteal.schema import Record, Text, validate
from gluteal.sources.bibliography import cite
from gluteal.vocabulary import Sides


class Change(Record):
    """One term of a step: what happens, to what, on which side, how much."""

    kind: Text = Field(description="the kind of a term, of gluteal list terms")
    target: Text = Field(description="a muscle, group, nerve or movement")
    side: Sides = "r"
    value: float = Field(description="a number within the term's range")


class Quiet(Record):
    """A muscle that stays below an activation in this step."""

    muscle: Text
    below: float


class Busy(Record):
    """A muscle that goes above an activation in this step."""

    muscle: Text
    above: float


class Expectation(Record):
    """What a step's sentence says, for the test that holds it against the solved state."""

    verdict: MovementVerdict
    more: tuple[Text, ...] = Field(default=(), description="muscles that the sentence says do more")
    quiet: tuple[Quiet, ...] = ()
    busy: tuple[Busy, ...] = ()
    effort: tuple[float, float] | None = Field(default=None, description="least and largest ratio of effort")


class Step(Record):
    """A sentence with the state that shows it."""

    say: Text
    task: Text
    terms: tuple[Change, ...] = ()
    frame: int = 0
    look: Literal["activity", "change"] = "change"
    view: Literal["", "front", "back", "right", "left"] = ""
    expect: Expectation

    def condition(self) -> Condition:
        """Return the step's condition."""
        made = Condition()
        for change in self.terms:
            made = made & Condition.of(change.kind, change.target, change.value, side=change.side)
        return made


class Tour(Record):
    """A question people ask, answered in a few steps."""

    id: Text
    claim: Text = Field(description="the claim of the ledger it is about")
    title: Text
    steps: tuple[Step, ...] = Field(min_length=2)


class Fact(Record):
    """What people did in the experiment that a page shows."""

    task: Text
    target: Text
    say: Text
    source: Text = Field(description="a key of the bibliography")
    read: Literal["full", "part", "abstract", "memory"]


class GlossaryEntry(Record):
    """A word of the page and what it means."""

    word: Text
    means: Text
    also: tuple[Text, ...] = Field(default=(), description="other forms of the word, for hints on hover")


class _Table(Record):
    tour: tuple[Tour, ...]
    fact: tuple[Fact, ...]
    glossary: tuple[GlossaryEntry, ...]


@cache
def read_tours() -> _Table:
    """Return the table of tours, facts and words, checked."""
    return validate(tomllib.loads(read_table_text(__package__, "tours.toml")), _Table, "Table tours.toml")


def list_tours(tasks: Iterable[str]) -> list[dict[str, Any]]:
    """Return the tours that can be taken with these tasks, as plain data."""
    there = set(tasks)
    return [
        tour.model_dump(mode="json") for tour in read_tours().tour if all(step.task in there for step in tour.steps)
    ]


def list_facts() -> list[dict[str, str]]:
    """Return what people did, with the source in words and how far it was read."""
    far = {"full": "read in full", "part": "read in part", "abstract": "read as an abstract", "memory": "from memory"}
    return [
        {"task": f.task, "target": f.target, "say": f.say, "source": f"{cite(f.source)}, {far[f.read]}"}
        for f in read_tours().fact
    ]


def list_glossary() -> list[dict[str, Any]]:
    """Return words and what they mean."""
    return [entry.model_dump(mode="json") for entry in read_tours().glossary]
