"""The nearest documents to a question, by the words that they share (BM25), with nothing to fetch and nothing to learn."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

#: BM25: how soon a word that comes again stops to count, and how far a long text is held back; the usual range is 1.2
#: to 2 and 0.75, own choice within it.
SATURATION, LENGTH_SHARE = 1.2, 0.5
#: Least likeness of a word that nobody knows and one that is known, to be taken for a slip of the pen, and the fewest
#: letters of it: own choice.
LEAST_LIKE, LEAST_LETTERS = 0.84, 5


@dataclass(frozen=True)
class Asked:
    """A question as it was understood.

    Attributes
    ----------
    words : tuple of str
        Known words, slips of the pen mended.
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
        known, unknown = [], []
        for word in dict.fromkeys(words):
            mended = word if word in self.rarity else self._mend(word)
            (known if mended else unknown).append(mended or word)
        weight = sum(self.rarity[word] for word in known)
        whole = weight + unseen * len(unknown)
        return Asked(tuple(dict.fromkeys(known)), tuple(unknown), weight / whole if whole else 0.0)

    def _mend(self, word: str) -> str | None:
        if len(word) < LEAST_LETTERS:
            return None
        return next(iter(get_close_matches(word, self.rarity, n=1, cutoff=LEAST_LIKE)), None)

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
