"""The nearest documents to a question, by the words that they share (BM25); nothing is fetched, nothing learnt."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: BM25: how soon a word that comes again stops to count, and how far a long text is held back; the usual range is 1.2
#: to 2 and 0.75, own choice within it.
SATURATION, LENGTH_SHARE = 1.2, 0.5


@dataclass(frozen=True)
class Asked:
    """A question as it was understood.

    Attributes
    ----------
    words : tuple of str
        Known words.
    unknown : tuple of str
        Words that no document has.
    known : float
        Share of the question that is known, by how rare its words are, 0-1.
    """

    words: tuple[str, ...]
    unknown: tuple[str, ...]
    known: float


@dataclass(frozen=True)
class Index:
    """Documents by their words.

    Attributes
    ----------
    documents : sequence of Counter
        Word -> how often, of each document.
    rarity : mapping
        Word -> how rare it is among the documents, > 0.
    length : float
        Words of a mean document.
    """

    documents: Sequence[Mapping[str, int]]
    rarity: Mapping[str, float]
    length: float

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]]) -> Index:
        """Count the words of documents."""
        documents = [Counter(words) for words in texts]
        holders = Counter(word for document in documents for word in document)
        n = len(documents)
        rarity = {word: math.log(1.0 + (n - held + 0.5) / (held + 0.5)) for word, held in holders.items()}
        return cls(documents, rarity, sum(map(len, documents)) / max(n, 1) or 1.0)

    def understand(self, words: Sequence[str]) -> Asked:
        """Say which words of a question are known; one that nobody knows counts as the rarest there is."""
        unseen = max(self.rarity.values(), default=1.0)
        known = tuple(word for word in dict.fromkeys(words) if word in self.rarity)
        unknown = tuple(word for word in dict.fromkeys(words) if word not in self.rarity)
        weight = sum(self.rarity[word] for word in known)
        whole = weight + unseen * len(unknown)
        return Asked(known, unknown, weight / whole if whole else 0.0)

    def covered(self, i: int, asked: Asked) -> float:
        """Return the share of a question that a document has, by how rare its words are, 0-1."""
        weight = sum(self.rarity[word] for word in asked.words)
        held = sum(self.rarity[word] for word in asked.words if word in self.documents[i])
        return asked.known * held / weight if weight else 0.0

    def rank(self, words: Sequence[str]) -> list[tuple[int, float]]:
        """Return the documents that share words with a question, the nearest first, each with its score (> 0)."""
        scores = [(i, self._score(document, words)) for i, document in enumerate(self.documents)]
        return sorted(((i, score) for i, score in scores if score > 0.0), key=lambda pair: (-pair[1], pair[0]))

    def _score(self, document: Mapping[str, int], words: Sequence[str]) -> float:
        held_back = 1.0 - LENGTH_SHARE + LENGTH_SHARE * sum(document.values()) / self.length
        total = 0.0
        for word in words:
            if count := document.get(word, 0):
                total += self.rarity[word] * count * (SATURATION + 1.0) / (count + SATURATION * held_back)
        return total
