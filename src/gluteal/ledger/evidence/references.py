"""References from RIS, PubMed, BibTeX and CSL-JSON files, as studies without effects (read: none)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gluteal.errors import InputError
from gluteal.ledger.evidence.records import Study
from gluteal.ledger.evidence.yaml_text import decoded, read_bytes
from gluteal.schema import validate

if TYPE_CHECKING:
    from pybtex.database.input.bibtex import Parser

REFERENCE_ENDINGS = (".ris", ".nbib", ".bib", ".json")
# Letters that the @string texts of a BibTeX file make where they are put in. Own choice: 200,000 long journal names.
MOST_JOINED = 10 * 2**20


def load_references(path: str | Path) -> tuple[Study, ...]:
    """Read references from a file, by its ending: `.ris`, `.nbib` (PubMed), `.bib` (BibTeX) or `.json` (CSL-JSON).

    Each becomes a `Study` with `read` "none", no effects and an empty `n`; its key is the citation key, or the first
    author's name with the year. Design and population are to be filled in by whoever reads it.

    Raises
    ------
    InputError
        Where the file cannot be read, has another ending or form, or a reference has no title; one sentence.
    """
    return tuple(study for study, _ in load_with_abstracts(path))


def load_with_abstracts(path: str | Path) -> tuple[tuple[Study, str], ...]:
    """Read references as `load_references` does, each with its abstract; empty where there is none."""
    path = Path(path)
    if path.suffix.lower() not in REFERENCE_ENDINGS:
        raise InputError(f"{path}: references are read from {', '.join(REFERENCE_ENDINGS)}, not {path.suffix!r}.")
    return _read(read_bytes(path), str(path), path.suffix.lower())


def read_references(content: bytes, name: str, ending: str) -> tuple[Study, ...]:
    """Read references from a file's content; `ending` says its form; errors as `load_references`."""
    return tuple(study for study, _ in _read(content, name, ending))


def _read(content: bytes, name: str, ending: str) -> tuple[tuple[Study, str], ...]:
    read: Mapping[str, Callable[[str, str], list[dict[str, Any]]]] = {
        ".ris": _ris,
        ".nbib": _pubmed,
        ".bib": _bibtex,
        ".json": _csl,
    }
    taken: dict[str, int] = {}
    studies = []
    for number, fields in enumerate(read[ending](decoded(content, name), name), 1):
        where = f"{name}, reference number {number}"
        if not fields["title"]:
            raise InputError(f"{where}: the reference has no title; add it.")
        given, abstract = fields.pop("key"), fields.pop("abstract")
        # Zotero's ids are addresses, which name nothing to a reader.
        named = given if given and "/" not in given else f"{_first_author(fields['authors'])}{fields['year'] or ''}"
        key = _plain_key(named)
        taken[key] = taken.get(key, 0) + 1
        if taken[key] > 1:
            key = f"{key}-{taken[key]}"
        entry = {"key": key, "design": "not read", "n": {}, "population": "not read", "read": "none", **fields}
        studies.append((validate(entry, Study, f"{where} ({key})"), abstract))
    if not studies:
        raise InputError(f"{name}: there is no reference in the file.")
    return tuple(studies)


def _ris(text: str, name: str) -> list[dict[str, Any]]:
    import rispy

    try:
        entries = rispy.loads(text, skip_unknown_tags=True)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(f"{name}: not readable as RIS: {_reason(error)}.") from error
    return [
        _fields(
            key=entry.get("id"),
            authors=[str(a) for a in entry.get("authors") or entry.get("first_authors") or ()],
            year=entry.get("year") or entry.get("publication_year") or entry.get("date"),
            title=entry.get("title") or entry.get("primary_title"),
            journal=entry.get("journal_name")
            or entry.get("secondary_title")
            or entry.get("alternate_title3")
            or entry.get("alternate_title1"),
            volume=entry.get("volume"),
            issue=entry.get("number"),
            pages="-".join(str(p) for p in (entry.get("start_page"), entry.get("end_page")) if p),
            doi=entry.get("doi"),
            pmid=entry.get("accession_number"),
            abstract=entry.get("abstract") or entry.get("notes_abstract"),
        )
        for entry in entries
    ]


def _pubmed(text: str, name: str) -> list[dict[str, Any]]:
    """Read PubMed's own form: a tag of up to four letters, "- ", a value; continued lines are indented."""
    entries: list[dict[str, list[str]]] = []
    tag = ""
    for line in text.splitlines():
        if not line.strip():
            tag = ""
            continue
        found = re.match(r"([A-Z]{2,4}) *- ?(.*)", line)
        if found:
            tag = found[1]
            if tag == "PMID" or not entries:
                entries.append({})
            entries[-1].setdefault(tag, []).append(found[2].strip())
        elif entries and tag and line.startswith(" "):
            entries[-1][tag][-1] += f" {line.strip()}"
        else:
            shown = line.strip()[:60]
            raise InputError(f"{name}: not readable as PubMed's format: {shown!r} has no tag such as 'TI  -'.")

    def one(entry: dict[str, list[str]], *tags: str) -> str | None:
        return next((entry[t][0] for t in tags if t in entry), None)

    return [
        _fields(
            key=None,
            authors=entry.get("FAU") or entry.get("AU") or [],
            year=one(entry, "DP", "DEP"),
            title=(one(entry, "TI", "BTI") or "").rstrip("."),
            journal=one(entry, "TA", "JT"),
            volume=one(entry, "VI"),
            issue=one(entry, "IP"),
            pages=one(entry, "PG"),
            doi=next((v for v in entry.get("LID", []) + entry.get("AID", []) if v.endswith("[doi]")), "").split(" ")[0],
            pmid=one(entry, "PMID"),
            abstract=one(entry, "AB"),
        )
        for entry in entries
    ]


def _bibtex(text: str, name: str) -> list[dict[str, Any]]:
    from pybtex.database import BibliographyDataError
    from pybtex.exceptions import PybtexError

    try:
        held = _bibtex_parser(name).parse_string(text)
    except BibliographyDataError as error:
        raise InputError(f"{name}: {_reason(error)}; give each reference a key of its own.") from error
    except (PybtexError, ValueError, RecursionError) as error:
        raise InputError(f"{name}: not readable as BibTeX: {_reason(error)}.") from error
    return [
        _fields(
            key=key,
            authors=[
                ", ".join(" ".join(part) for part in (p.prelast_names + p.last_names, p.first_names + p.middle_names))
                for p in entry.persons.get("author", ())
            ],
            year=entry.fields.get("year") or entry.fields.get("date"),
            title=entry.fields.get("title"),
            journal=entry.fields.get("journal") or entry.fields.get("journaltitle") or entry.fields.get("booktitle"),
            volume=entry.fields.get("volume"),
            issue=entry.fields.get("number"),
            pages=entry.fields.get("pages"),
            doi=entry.fields.get("doi"),
            pmid=entry.fields.get("pmid"),
            abstract=entry.fields.get("abstract"),
        )
        for key, entry in held.entries.items()
    ]


def _bibtex_parser(name: str) -> Parser:
    """A parser that refuses ``@string`` texts which, put into each other, grow without end."""
    from pybtex.database.input.bibtex import Parser
    from pybtex.utils import CaseInsensitiveDict

    class Texts(CaseInsensitiveDict):
        given = 0

        def __getitem__(self, key: str) -> str:
            text = str(super().__getitem__(key))
            self.given += len(text)
            if self.given > MOST_JOINED:
                raise InputError(
                    f"{name}: its @string texts, put in where they are named, make more than {MOST_JOINED >> 20} "
                    "million letters, which no list of references has; write the names of journals out."
                )
            return text

    parser = Parser()
    parser.macros = Texts(parser.macros)
    return parser


def _csl(text: str, name: str) -> list[dict[str, Any]]:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name}: not readable as JSON: {_reason(error)}.") from error
    entries = held.get("items", [held]) if isinstance(held, dict) else held
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise InputError(f"{name}: CSL-JSON is a list of references, each with fields in braces.")
    return [_csl_fields(entry, f"{name}, reference number {i}") for i, entry in enumerate(entries, 1)]


def _csl_fields(entry: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        authors = [
            a.get("literal") or f"{a.get('non-dropping-particle', '')} {a.get('family', '')}, {a.get('given', '')}"
            for a in entry.get("author") or ()
        ]
        issued = entry.get("issued") or {}
        parts = issued.get("date-parts") or [[issued.get("raw") or issued.get("literal")]]
        year = parts[0][0] if parts[0] else None
    except (AttributeError, TypeError, IndexError, KeyError) as error:
        raise InputError(f"{where}: 'author' or 'issued' does not have the form of CSL-JSON.") from error
    return _fields(
        key=entry.get("citation-key") or entry.get("id"),
        authors=authors,
        year=year,
        title=entry.get("title"),
        journal=entry.get("container-title"),
        volume=entry.get("volume"),
        issue=entry.get("issue"),
        pages=entry.get("page"),
        doi=entry.get("DOI"),
        pmid=entry.get("PMID"),
        abstract=entry.get("abstract"),
    )


def _fields(
    *,
    key: Any,
    authors: list[str],
    year: Any,
    title: Any,
    journal: Any,
    volume: Any,
    issue: Any,
    pages: Any,
    doi: Any,
    pmid: Any,
    abstract: Any,
) -> dict[str, Any]:
    """Put what the three forms hold into a study's fields."""
    found_year = re.search(r"\b(1[5-9]|20|21)\d\d\b", str(year or ""))
    found_doi = re.search(r"10\.\d{4,9}/\S+", str(doi or ""))
    found_pmid = re.fullmatch(r"\D{0,6}(\d{1,9})", str(pmid or "").strip())
    place = _clean(journal)
    if place and volume:
        place += f" {_clean(volume)}" + (f"({_clean(issue)})" if issue else "")
        place += f":{_clean(pages).replace('--', '-')}" if pages else ""
    return {
        "key": str(key or ""),
        "authors": ", ".join(filter(None, (_short(a) for a in authors))) or None,
        "year": int(found_year.group()) if found_year else None,
        "title": _clean(title),
        "journal": place or None,
        "doi": found_doi.group().rstrip(".,;}") if found_doi else None,
        "pmid": int(found_pmid.group(1)) or None if found_pmid else None,
        "abstract": _clean(abstract),
    }


def _short(author: str) -> str:
    """Write an author as the family name and initials: "Pohl, Michael B." is "Pohl MB"."""
    family, _, given = _clean(author).partition(",")
    initials = "".join(part[0].upper() for part in re.split(r"[\s.\-]+", given) if part)
    return f"{family.strip()} {initials}".strip()


def _clean(text: Any) -> str:
    """Return a text in one line, without BibTeX's braces and accents written out."""
    if isinstance(text, list):
        text = text[0] if text else ""
    said = str(text or "")
    if "\\" in said:
        from pybtex.richtext import Text

        try:
            said = str(Text.from_latex(said))
        except Exception:  # the text is shown as it stands where it is not LaTeX
            said = said.replace("\\", "")
    return " ".join(re.sub(r"\\[a-zA-Z]+|[{}]|<[^<>]{1,20}>", "", said).split())


def _first_author(authors: str | None) -> str:
    return " ".join((authors or "anonymous").split(",")[0].split()[:-1]) or "anonymous"


def _plain_key(key: str) -> str:
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)) or "reference"


def _reason(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return said[0].rstrip(".") if said else type(error).__name__
