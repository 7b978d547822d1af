"""From a question to the claims, tasks, pages and commands nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gluteal.errors import InputError
from gluteal.ledger.ask.known import Known, KnownKind, load_known
from gluteal.ledger.ask.search import Asked, Index
from gluteal.ledger.ask.words import Words, load_words

#: Least share of a question, by how rare its words are, that must be known, where it names the body and where it does
#: not; below, nothing was found: own choice, on the questions of the tests.
LEAST_KNOWN_OF_BODY, LEAST_KNOWN = 0.3, 0.75
#: How many of each are told: own choice; three claims can be read at a glance.
MOST: Mapping[KnownKind, int] = {"claim": 3, "page": 2, "task": 2, "command": 2}
#: Least score beside the best of all: own choice, on the questions of the tests.
LEAST_OF_BEST = 0.5
#: Least share of a question that a page, task or command must have: own choice, on the same questions.
LEAST_COVERED = 0.5
#: How much more the title counts than other words: own choice.
TITLE_TIMES = 2
#: Longest question, characters: own choice.
LONGEST = 1000

#: Questions to start from, said where nothing was found: one of each topic.
EXAMPLES = (
    "do my glutes matter when I walk?",
    "do weak glutes cause back pain?",
    "is gluteal amnesia real?",
    "can a therapist feel what is wrong?",
    "does hip training help a sore knee?",
)


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

    @property
    def found(self) -> bool:
        """Whether anything was found."""
        return bool(self.hits)

    def of(self, kind: KnownKind) -> tuple[Hit, ...]:
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
            "pages": [{"path": h.known.name, "title": h.known.title, "score": h.score} for h in self.of("page")],
            "tasks": [
                {"name": h.known.name, "title": h.known.title, "score": h.score, "command": task_command(h.known)}
                for h in self.of("task")
            ],
            "commands": [
                {"name": h.known.name, "title": h.known.title, "score": h.score, "command": f"gluteal {h.known.name}"}
                for h in self.of("command")
            ],
            "could_ask": [] if self.found else list(EXAMPLES),
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
        raise InputError(
            f"The question has {len(question)} characters; ask in one or two sentences (at most {LONGEST})."
        )
    words = load_words()
    known = (*load_known(), *commands)
    claims = _Shelf.of([one for one in known if one.kind == "claim"], words)
    others = _Shelf.of([one for one in known if one.kind != "claim"], words)
    read = words.read(question, {*claims.index.rarity, *others.index.rarity})
    asked, near = claims.index.understand(read), []
    if _enough(asked, words):
        near = [hit for _, hit in claims.ranked(asked)]
        near = [hit for hit in near if hit.score >= LEAST_OF_BEST * near[0].score]
    asked_others = others.index.understand(read)
    near += [hit for i, hit in others.ranked(asked_others) if others.index.covered(i, asked_others) >= LEAST_COVERED]
    hits = [hit for kind, most in MOST.items() for hit in [h for h in near if h.known.kind == kind][:most]]
    return Answers(question, _together(asked, asked_others), tuple(hits))


@dataclass(frozen=True)
class _Shelf:
    """What can be found, and its index."""

    known: Sequence[Known]
    index: Index

    @classmethod
    def of(cls, known: Sequence[Known], words: Words) -> _Shelf:
        texts = (" ".join([*[one.title] * TITLE_TIMES, one.text, words.asked.get(one.name, "")]) for one in known)
        return cls(known, Index.of(map(words.read, texts)))

    def ranked(self, asked: Asked) -> list[tuple[int, Hit]]:
        return [(i, Hit(self.known[i], score)) for i, score in self.index.rank(asked.words)]


def _together(one: Asked, other: Asked) -> Asked:
    """Return what either index understood; not understood is what neither did."""
    return Asked(
        tuple(dict.fromkeys((*one.words, *other.words))),
        tuple(word for word in one.unknown if word in other.unknown),
        max(one.known, other.known),
    )


def _enough(asked: Asked, words: Words) -> bool:
    """Whether enough of the question is known to answer it."""
    return asked.known >= (LEAST_KNOWN if words.body.isdisjoint(asked.words) else LEAST_KNOWN_OF_BODY)


def claim_command(claim: Known) -> str:
    """Return the command that shows a claim whole."""
    return f"gluteal claims {claim.name}"


def task_command(task: Known) -> str:
    """Return the command that tries a movement on the body."""
    return f"gluteal see {task.name} --out {task.name}.html"
