"""What can be asked: claims with their plain answers, tasks and pages, kept with the package to be quick.

`python docs/make_ask.py` writes what is kept. It is marked by the text that it came from: where that has changed, it is
never used, and everything is put together anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from gluteal.files import read_package_bytes, read_whole

#: What an answer is made of: its text decides whether what is kept still holds.
_MADE_OF = (
    "ledger/evidence",
    "ledger/plain.py",
    "ledger/run.py",
    "movements/tasks/library",
    "sources/bibliography.toml",
)
_TEXTS = (".py", ".yaml", ".toml")
KEPT = "known.jsonl"

#: In the order in which they are told.
KnownKind = Literal["claim", "page", "task", "command"]


@dataclass(frozen=True)
class Known:
    """One thing that a question can lead to.

    Attributes
    ----------
    kind : str
    name : str
        Id, name or path.
    title : str
        The claim as it is stated, or a title.
    text : str
        Further words by which it is found.
    answer : dict
        Of a claim: ``plain``, ``number``, ``certainty_words``, ``would_change``, ``verdict``, ``certainty``.
    """

    kind: KnownKind
    name: str
    title: str
    text: str = ""
    answer: dict[str, Any] = field(default_factory=dict)


def load_known() -> tuple[Known, ...]:
    """Return all that can be asked: as kept, or put together where the package has changed since."""
    mark, *lines = read_package_bytes(__package__, KEPT).decode("utf-8").splitlines()
    kept = tuple(Known(**json.loads(line)) for line in lines)
    if mark == json.dumps(known_mark()):
        return kept
    # Pages do not come with the package: those of its making are all there are.
    return (*gather_known(), *(one for one in kept if one.kind == "page"))


def known_mark() -> str:
    """Return the mark of the texts that answers are made of."""
    package, digest = Path(__file__).parents[2], hashlib.blake2b(digest_size=16)
    for part in _MADE_OF:
        place = package / part
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix in _TEXTS:
                digest.update(f"{path.relative_to(package).as_posix()} {path.stat().st_size} ".encode())
                digest.update(read_whole(path))
    return digest.hexdigest()


def gather_known() -> tuple[Known, ...]:
    """Put together claims and tasks from the ledger and the library."""
    from gluteal.ledger.evidence.load import load_evidence
    from gluteal.ledger.run import compile_ledger
    from gluteal.movements.tasks import list_tasks

    claims = [_claim(entry) for entry in compile_ledger(load_evidence()).entries]
    tasks = [Known("task", task.name, task.title, task.description) for task in list_tasks()]
    return (*claims, *tasks)


def _claim(entry: Any) -> Known:
    claim, plain, estimand = entry.claim, entry.plain, entry.claim.estimand
    words = [claim.id.replace("-", " ")]
    if estimand is not None:
        words += [estimand.population, estimand.outcome]
    return Known(
        "claim",
        claim.id,
        claim.statement,
        " ".join(words),
        {
            "topic": claim.topic,
            "plain": plain.sentence,
            "number": plain.number,
            "certainty_words": plain.certainty,
            "would_change": plain.would_change,
            "verdict": entry.verdict.verdict,
            "certainty": entry.verdict.certainty,
        },
    )
