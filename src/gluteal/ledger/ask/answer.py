"""From a question to the claims, tasks, pages and commands nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gluteal.errors import InputError
from gluteal.ledger.ask.known import Kind, Known, load_known
from gluteal.ledger.ask.search import Asked, Index
from gluteal.ledger.ask.words import Words, load_words

#: Least share of a question, by how rare its words are, that must be known, where it names the body and where it does
#: not; below, nothing was found: own choice, on the questions of the tests.
LEAST_KNOWN_OF_BODY, LEAST_KNOWN = 0.3, 0.6
#: How many of each are told: own choice; three claims can be read at a glance.
MOST: Mapping[Kind, int] = {"claim": 3, "task": 2, "command": 2}
#: Least score beside the best of all, for a claim and for what else is offered: own choice, on the questions of the tests.
LEAST_OF_BEST: Mapping[Kind, float] = {"claim": 0.5, "task": 0.5, "command": 0.5}
#: How much more the title counts than other words: own choice.
TITLE_TIMES = 2
#: Longest question, characters: own choice.
LONGEST = 1000


@dataclass(frozen=True)
class Hit:
    """Something near to the question, and its score."""

    known: Known
    score: float


@dataclass(frozen=True)
class Answers:
    """What was found: the nearest first, nothing where too little of the question is known."""

    question: str
    asked: Asked
    hits: tuple[Hit, ...]
    topics: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether anything was found."""
        return bool(self.hits)

    def of(self, kind: Kind) -> tuple[Hit, ...]:
        """Return what was found of a kind."""
        return tuple(hit for hit in self.hits if hit.known.kind == kind)

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain data."""
        return {
            "question": self.question,
            "found": self.found,
            "understood": [word.removeprefix("=") for word in self.asked.words],
            "not_understood": list(self.asked.unknown),
            "claims": [
                {
                    "id": hit.known.name,
                    "statement": hit.known.title,
                    **hit.known.answer,
                    "score": hit.score,
                    "command": claim_command(hit.known),
                }
                for hit in self.of("claim")
            ],
            "tasks": [
                {"name": h.known.name, "title": h.known.title, "score": h.score, "command": task_command(h.known)}
                for h in self.of("task")
            ],
            "commands": [
                {"name": h.known.name, "title": h.known.title, "score": h.score, "command": f"gluteal {h.known.name}"}
                for h in self.of("command")
            ],
            "could_ask": list(self.topics) if not self.found else [],
        }


def answer_question(question: str, commands: Sequence[Known] = ()) -> Answers:
    """Find what is nearest to a question in anybody's words.

    Parameters
    ----------
    question : str
    commands : sequence of Known, optional
        Commands to offer as well, of kind "command".

    Raises
    ------
    InputError
        Where the question is empty or longer than a page.
    """
    if not question.strip():
        raise InputError('The question is empty; ask in quotes, for example: gluteal ask "do my glutes matter?".')
    if len(question) > LONGEST:
        raise InputError(f"The question has {len(question)} characters; ask in one or two sentences (at most {LONGEST}).")
    known, words = (*load_known(), *commands), load_words()
    index = Index.of(
        words.read(" ".join([*[one.title] * TITLE_TIMES, one.text, words.claims.get(one.name, "")])) for one in known
    )
    asked = index.understand(words.read(question))
    ranked = [Hit(known[i], score) for i, score in index.rank(asked.words)] if _enough(asked, words) else []
    best = ranked[0].score if ranked else 0.0
    near = [hit for hit in ranked if hit.score >= LEAST_OF_BEST[hit.known.kind] * best]
    hits = tuple(hit for kind, most in MOST.items() for hit in [h for h in near if h.known.kind == kind][:most])
    return Answers(question, asked, hits, EXAMPLES)


def _enough(asked: Asked, words: Words) -> bool:
    """Whether enough of the question is known to answer it."""
    return asked.known >= (LEAST_KNOWN if words.body.isdisjoint(asked.words) else LEAST_KNOWN_OF_BODY)


#: Questions to start from, said where nothing was found: one of each topic.
EXAMPLES = (
    "do my glutes matter when I walk?",
    "do weak glutes cause back pain?",
    "is gluteal amnesia real?",
    "can a therapist feel what is wrong?",
    "does hip training help a sore knee?",
)


def claim_command(claim: Known) -> str:
    """Return the command that shows a claim whole."""
    return f"gluteal claims {claim.name}"


def task_command(task: Known) -> str:
    """Return the command that tries a movement on the body."""
    return f"gluteal see {task.name} --out {task.name}.html"
