"""Words of a question: what is left out, what means the same, and stems."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property

from gluteal.files import read_table_text

# Endings that are taken off, the longest first, and the fewest letters that must be left: they bring "weakness" and
# "weaker" to "weak" and part nothing that the claims tell apart.
_ENDINGS = ("ness", "ings", "ing", "ies", "ed", "er", "es", "ly", "s")
_LEAST_STEM = 3
#: Least likeness of a word that nobody knows and one that is known, to be taken for a slip of the pen, and the fewest
#: letters of it: own choice.
LEAST_LIKE, LEAST_LETTERS = 0.8, 5


@dataclass(frozen=True)
class Words:
    """The table of words, with phrases as stems.

    Attributes
    ----------
    left_out : frozenset of str
        Stems that say nothing of what is asked.
    phrases : mapping
        Stems of a phrase -> what it means.
    longest : int
        Stems of the longest phrase.
    body : frozenset of str
        Meanings that are parts or states of the body.
    asked : mapping
        Claim or command -> further words in which people ask for it.
    """

    left_out: frozenset[str]
    phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    longest: int
    body: frozenset[str]
    asked: Mapping[str, str]

    def read(self, text: str, known: Collection[str] = ()) -> tuple[str, ...]:
        """Return what a text is about: meanings (marked by "="), and stems of words that have none.

        Where it is said what is known, a word that is not is taken for the known one it is like.

        >>> load_words().read("Does my bum matter when I am walking?")
        ('=glute', '=matter', '=walk')
        """
        found: list[str] = []
        stems, i = [self._mend(stem, known) for stem in _stems(text)], 0
        while i < len(stems):
            for n in range(min(self.longest, len(stems) - i), 0, -1):
                meanings = self.phrases.get(tuple(stems[i : i + n]))
                if meanings is not None:
                    found += meanings
                    i += n
                    break
            else:
                if stems[i] not in self.left_out:
                    found.append(stems[i])
                i += 1
        return tuple(found)

    def _mend(self, stem: str, known: Collection[str]) -> str:
        if not known or len(stem) < LEAST_LETTERS or stem in known or stem in self.left_out or stem in self._single:
            return stem
        return next(iter(get_close_matches(stem, [*self._single, *known], n=1, cutoff=LEAST_LIKE)), stem)

    @cached_property
    def _single(self) -> frozenset[str]:
        return frozenset(stem for phrase in self.phrases for stem in phrase)


@cache
def load_words() -> Words:
    """Return the table of words that comes with the package."""
    table = tomllib.loads(read_table_text(__package__, "words.toml"))
    phrases = {
        tuple(_stems(word)): tuple(f"={meaning}" for meaning in (row["means"], *row.get("also", ())))
        for row in table["meaning"]
        for word in row["words"]
    }
    body = frozenset(f"={row['means']}" for row in table["meaning"] if row.get("body"))
    return Words(frozenset(_stems(table["left_out"])), phrases, max(map(len, phrases)), body, table["asked"])


def _stems(text: str) -> list[str]:
    """Return the stems of a text's words, accents off; numbers stay."""
    flat = (
        unicodedata.normalize("NFKD", text.replace("’", "'").replace("ß", "ss"))
        .encode("ascii", "ignore")
        .decode()
        .lower()
    )
    return [_stem(word) for word in re.findall(r"[a-z0-9]+", re.sub(r"'(s|t|re|m|ve|ll|d)\b", "", flat))]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            word = word.removesuffix(ending)
            # running -> run, but not falling -> fal
            word = word[:-1] if len(word) > _LEAST_STEM and word[-1] == word[-2] and word[-1] not in "ls" else word
            break
    # squeeze and squeezing, but not care and car
    return word.removesuffix("e") if len(word) > _LEAST_STEM + 1 else word
