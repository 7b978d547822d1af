"""The bibliography: every source of a number or of a claim in this house, once, under a short key.

It is TOML (``bibliography.toml``), not CSL-JSON: people keep it by hand, authors and places in print are written as
they were found ("J Athl Train 50(4):385-391"), and splitting them into fields would add what nobody read. The ledger's
studies name themselves by the same keys, and take authors, year, title and how far they were read from here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from gluteal.errors import InputError, UnknownName
from gluteal.files import read_table_text

#: How far a source was read when a number was taken from it.
ReadDepth = Literal["fulltext", "part", "code", "abstract", "secondary", "memory", "none", "own"]
READ_DEPTHS: tuple[ReadDepth, ...] = get_args(ReadDepth)
#: The same for people.
READ_DEPTH_WORDS: Mapping[ReadDepth, str] = MappingProxyType(
    {
        "fulltext": "whole text read",
        "part": "part named read",
        "code": "program or data file read",
        "abstract": "abstract read",
        "secondary": "quoted elsewhere, not read",
        "memory": "from memory, not read",
        "none": "not read",
        "own": "own choice",
    }
)
#: Depths at which nobody saw the number at its source.
UNREAD: frozenset[ReadDepth] = frozenset({"secondary", "memory", "none"})
#: The key under which this project's own choices stand.
OWN = "gluteal"

_KEY = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_LISTING = "gluteal.sources.bibliography.load_bibliography()"


@dataclass(frozen=True, kw_only=True)
class BibliographyEntry:
    """One source.

    Attributes
    ----------
    key : str
        Lower-case words joined by ``-`` or ``_``.
    authors, container : str, optional
        As printed: "Lewis CL, Sahrmann SA", "J Athl Train 44(3):238-248"; absent where not known.
    year : int, optional
    title : str, optional
        As printed.
    about : str
        What it is, in our words, where the title was not noted.
    doi, pmid, pmcid, url : optional
        Where it can be found.
    read : ReadDepth
        How far it was read at most; a single number may have been read less far.
    from_memory : tuple of str
        Details that were not on the page read.
    note : str

    Raises
    ------
    InputError
        Where a field has not this form.
    """

    key: str
    read: ReadDepth
    authors: str | None = None
    year: int | None = None
    title: str | None = None
    about: str = ""
    container: str | None = None
    doi: str | None = None
    pmid: int | None = None
    pmcid: str | None = None
    url: str | None = None
    from_memory: tuple[str, ...] = field(default=())
    note: str = ""

    def __post_init__(self) -> None:
        """Check every field."""
        where = f"bibliography, {self.key!r}"
        if not _KEY.fullmatch(self.key):
            raise InputError(f"{where}: a key is lower-case words joined by '-' or '_', such as pohl2015.")
        if not self.called.strip():
            raise InputError(f"{where}: write the 'title' as printed, or say under 'about' what the source is.")
        if self.read not in READ_DEPTHS:
            raise InputError(f"{where}: 'read' is {self.read!r}; write one of {', '.join(READ_DEPTHS)}.")
        for name, pattern in (("doi", r"10\.\d{4,9}/\S+"), ("pmcid", r"PMC\d+"), ("url", r"https?://\S+")):
            value = getattr(self, name)
            if value is not None and not re.fullmatch(pattern, value):
                raise InputError(f"{where}: {value!r} is no {name}; write it bare, or leave it out.")

    @property
    def called(self) -> str:
        """The title, else what it is about."""
        return self.title or self.about

    @property
    def link(self) -> str | None:
        """Address by DOI, PMID, PMCID or URL, in this order."""
        return link_to(self.doi, self.pmid, self.pmcid) or self.url

    @property
    def name(self) -> str:
        """First author and year ("Lewis 2009"), else the beginning of the title."""
        return "own choice" if self.key == OWN else name_source(self.key, self.authors, self.year, self.called)

    @property
    def citation(self) -> str:
        """Authors, year and place in a line: "Lewis & Sahrmann 2009, J Athl Train 44(3):238-248"."""
        if not self.authors:
            head = self.called
        else:
            named = [_family(author) for author in self.authors.removesuffix(" and others").split(", ")]
            few = len(named) <= 2 and not self.authors.endswith(" and others")
            head = " & ".join(named) if few else f"{named[0]} et al."
        return ", ".join(filter(None, (f"{head} {self.year or ''}".strip(), self.container)))


def name_source(key: str, authors: str | None, year: int | None, title: str) -> str:
    """Return first author and year for people ("Pohl 2015"), else the beginning of the title.

    >>> name_source("pohl2015", "Pohl MB, Kendall KD", 2015, "Experimentally reduced hip-abductor muscle strength")
    'Pohl 2015'
    """
    first = re.split(r",| \(| and others", authors or "")[0]
    words = _family(first).split()
    if words and len(words) <= 5 and year:
        return f"{' '.join(words)} {year}"
    # A key is no author: that of a study of which only the university was known once was printed as one.
    words = title.split()
    return f'"{" ".join(words[:6])}{" ..." if len(words) > 6 else ""}"'


def link_to(doi: str | None, pmid: int | None, pmcid: str | None) -> str | None:
    """Return a source's address by its DOI, PMID or PMCID, in this order."""
    if doi:
        return f"https://doi.org/{doi}"
    if pmid:
        return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    return f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}/" if pmcid else None


def _family(author: str) -> str:
    """Return an author's name without initials: "van der Krogt MM" is "van der Krogt"."""
    return " ".join(word for word in author.split() if not (word.isupper() and len(word) <= 3))


@cache
def load_bibliography() -> Mapping[str, BibliographyEntry]:
    """Return every source by its key, in the order of the file.

    >>> load_bibliography()["pohl2015"].link
    'https://doi.org/10.4085/1062-6050-49.5.07'
    """
    found = {}
    known = {f.name for f in fields(BibliographyEntry)} - {"key"}
    for key, row in tomllib.loads(read_table_text(__package__, "bibliography.toml")).items():
        if extra := set(row) - known:
            raise InputError(f"bibliography, {key!r}: there is no field {min(extra)!r}; fields are {sorted(known)}.")
        found[key] = BibliographyEntry(key=key, **{**row, "from_memory": tuple(row.get("from_memory", ()))})
    return MappingProxyType(found)


def find_reference(key: str) -> BibliographyEntry:
    """Return one source by its key.

    Raises
    ------
    UnknownName
        Where the bibliography has no such key; the message names the close ones.
    """
    known = load_bibliography()
    if key not in known:
        raise UnknownName("source", key, known, _LISTING)
    return known[key]


def split_keys(source: str) -> tuple[str, ...]:
    """Return the keys in a cell such as ``raabe2016;christophy2012``, all of which the bibliography knows.

    Raises
    ------
    InputError
        Where the cell is empty or holds prose instead of keys.
    UnknownName
        Where a key is not in the bibliography.
    """
    keys = tuple(part.strip() for part in source.split(";"))
    for key in keys:
        if not _KEY.fullmatch(key):
            raise InputError(
                f"The source {source!r} is not one or more keys of the bibliography joined by ';'; write keys such as "
                "'raabe2016;christophy2012', and put words into 'note' and the place into 'locator'."
            )
        find_reference(key)
    return keys


def cite(source: str | Iterable[str]) -> str:
    """Return a cell of keys in words.

    >>> cite("raabe2016;christophy2012")
    'Raabe 2016; Christophy 2012'
    """
    keys = split_keys(source) if isinstance(source, str) else source
    return "; ".join(find_reference(key).name for key in keys)
