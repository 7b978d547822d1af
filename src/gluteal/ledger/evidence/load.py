"""Claims and studies from YAML files: the built-in ones and the user's own; every fault said in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field

from gluteal.errors import GlutealError, InputError, UnknownName, close_names
from gluteal.ledger.evidence.arithmetic import check_effect, check_shares
from gluteal.ledger.evidence.doubles import KnownStudies, find_doubles
from gluteal.ledger.evidence.effect_tables import read_effects
from gluteal.ledger.evidence.effects import ClaimLink, Effect
from gluteal.ledger.evidence.parsed import read_texts
from gluteal.ledger.evidence.records import Article, CitationCheck, Claim, Study
from gluteal.ledger.evidence.references import REFERENCE_ENDINGS, read_references
from gluteal.ledger.evidence.yaml_text import decoded, read_bytes, read_yaml
from gluteal.schema import Record, refusal, unknown_key, validate
from gluteal.sources.bibliography import find_reference, split_keys


class EvidenceFile(Record):
    """What a file of evidence may hold; every section may be left out."""

    schema_version: Literal[1] = Field(default=1, alias="schema", description="the version of this form")
    compiled: str | None = Field(default=None, description="when it was put together")
    articles: tuple[Article, ...] = ()
    claims: tuple[Claim, ...] = ()
    studies: tuple[Study, ...] = ()
    citation_checks: tuple[CitationCheck, ...] = ()


# Section -> its record, what one entry is called, and the field that names it.
SECTIONS: Mapping[str, tuple[type[Record], str, str | None]] = MappingProxyType(
    {
        "articles": (Article, "article", "key"),
        "claims": (Claim, "claim", "id"),
        "studies": (Study, "study", "key"),
        "citation_checks": (CitationCheck, "citation check", None),
    }
)


@dataclass(frozen=True)
class Evidence:
    """Claims and what is known of them, in the order of the files."""

    claims: tuple[Claim, ...]
    studies: tuple[Study, ...]
    articles: tuple[Article, ...]
    citation_checks: tuple[CitationCheck, ...] = ()

    def claim(self, id: str) -> Claim:
        """Return a claim; `UnknownName` with the close ids where there is none."""
        return _found(id, self._claims, "claim", "gluteal list claims")

    def study(self, key: str) -> Study:
        """Return a study; `UnknownName` with the close keys where there is none."""
        return _found(key, self._studies, "study", "load_evidence().studies")

    def article(self, key: str) -> Article:
        """Return an article; `UnknownName` with the close keys where there is none."""
        return _found(key, {a.key: a for a in self.articles}, "article", "load_evidence().articles")

    def effects_on(self, claim: Claim | str) -> tuple[tuple[Study, Effect, ClaimLink], ...]:
        """Return the effects that have to do with a claim, each with its study and link, in the order of the files."""
        return self._on_claim.get(self.claim(claim if isinstance(claim, str) else claim.id).id, ())

    def parts_of(self, claim: Claim | str) -> tuple[Claim, ...]:
        """Return the claims that were taken out of a larger one, in the order of the files."""
        name = self.claim(claim if isinstance(claim, str) else claim.id).id
        return tuple(part for part in self.claims if name in part.was)

    @cached_property
    def known(self) -> KnownStudies:
        """The studies by what a reference says of them."""
        return KnownStudies(self.studies)

    @cached_property
    def _claims(self) -> dict[str, Claim]:
        return {c.id: c for c in self.claims}

    @cached_property
    def _studies(self) -> dict[str, Study]:
        return {s.key: s for s in self.studies}

    @cached_property
    def _on_claim(self) -> dict[str, tuple[tuple[Study, Effect, ClaimLink], ...]]:
        found: dict[str, list[tuple[Study, Effect, ClaimLink]]] = {}
        for study in self.studies:
            for effect in study.effects:
                for link in effect.claims:
                    found.setdefault(link.claim, []).append((study, effect, link))
        return {claim: tuple(triples) for claim, triples in found.items()}


def _found(name: str, known: Mapping[str, Any], kind: str, listing: str) -> Any:
    if name not in known:
        raise UnknownName(kind, name, known, listing)
    return known[name]


def load_evidence(*paths: str | Path) -> Evidence:
    """Load the built-in evidence and, after it, the user's own files.

    Parameters
    ----------
    *paths : str or Path
        YAML files with any of the sections `articles`, `claims`, `studies`, `citation_checks`; what they name
        (claims, studies, articles) may be in any of the files or built in. Or references without results:
        RIS (`.ris`), PubMed (`.nbib`), BibTeX (`.bib`) or CSL-JSON (`.json`). Or a table of effects (`.csv`).

    Raises
    ------
    InputError
        Where a file cannot be read, is not in this form (`EvidenceFile`), repeats an id or names one that does not
        exist; one sentence with file, entry and field.

    Examples
    --------
    >>> evidence = load_evidence()
    >>> evidence.claim("abductor-block-no-trendelenburg").test
    'simulation'
    >>> [study.key for study, _, _ in evidence.effects_on("sitting-cuts-gluteal-blood-flow")]
    ['kurosawa2021', 'levine1990']
    """
    return _gather([_built_in(), *(_read(Path(path)) for path in paths)]) if paths else _built_in_evidence()


# One file's entries: (section, where it stands in words, the record).
Entries = list[tuple[str, str, Any]]


@cache
def _built_in() -> Entries:
    entries: Entries = []
    for name, content in read_texts():
        entries += _entries({"studies": [_cited(content)]} if "key" in content else content, name)
    return entries


def _cited(study: dict[str, Any]) -> dict[str, Any]:
    """Add to a built-in study what the bibliography says of it; a user's own files say it themselves."""
    entry = find_reference(study["key"])
    study |= {name: getattr(entry, name) for name in ("authors", "year", "doi", "pmid", "pmcid")}
    # Of a part of the full text a table or a section was read; a whole text is another thing.
    read = "table" if entry.read == "part" else entry.read
    return study | {"title": entry.called, "journal": entry.container, "read": read, "from_memory": entry.from_memory}


@cache
def _built_in_evidence() -> Evidence:
    return _gather([_built_in()])


def _read(path: Path) -> Entries:
    content = read_bytes(path)
    if path.suffix.lower() in REFERENCE_ENDINGS:
        studies = read_references(content, str(path), path.suffix.lower())
        return [("references", f"{path}, reference {study.key!r}", study) for study in studies]
    if path.suffix.lower() == ".csv":
        read = read_effects(decoded(content, str(path)), str(path))
        return [("studies", f"{path}, study {study.key!r}", study) for study in read]
    return _entries(read_yaml(content, str(path)), str(path))


def _entries(content: Any, name: str) -> Entries:
    """Validate what a file holds, entry by entry, so that a fault can name its entry."""
    if not isinstance(content, dict):
        raise InputError(
            f"{name}: the file must hold sections ({', '.join(SECTIONS)}), each with a list under it; "
            f"it holds {'nothing' if content is None else 'a ' + type(content).__name__}."
        )
    # A file of one study, as the built-in ones are, holds it without a section.
    if "key" in content and content.keys().isdisjoint(SECTIONS):
        content = {"studies": [content]}
    head = {key: value for key, value in content.items() if key not in SECTIONS}
    for key in head:
        if key not in ("schema", "compiled"):
            raise refusal(name, str(key), unknown_key(str(key), tuple(SECTIONS)))
    if "compiled" in head:
        head["compiled"] = str(head["compiled"])
    _validated(EvidenceFile, head, f"{name}, head")
    entries: Entries = []
    for section, (model, word, naming) in SECTIONS.items():
        listed = content.get(section)
        if listed is None:
            continue
        if not isinstance(listed, list):
            raise InputError(f"{name}: section {section!r} must be a list of entries, each beginning with '- '.")
        for number, raw in enumerate(listed, 1):
            label = raw.get(naming) if isinstance(raw, dict) and naming else None
            where = f"{name}, {word} {label!r}" if isinstance(label, str) else f"{name}, {word} number {number}"
            entries.append((section, where, _validated(model, raw, where)))
    return entries


def _validated(model: type[Record], raw: Any, where: str) -> Record:
    if not isinstance(raw, dict):
        raise InputError(f"{where}: an entry must be a list of fields with values, not {raw!r:.60}.")
    return validate(raw, model, where)


def _gather(groups: Iterable[Entries]) -> Evidence:
    kept: dict[str, dict[str, tuple[Any, str]]] = {"articles": {}, "claims": {}, "studies": {}}
    checks: list[tuple[CitationCheck, str]] = []
    references: list[tuple[Study, str]] = []
    for section, where, record in (entry for entries in groups for entry in entries):
        if section == "references":
            references.append((record, where))
            continue
        if section == "citation_checks":
            checks.append((record, where))
            continue
        name = getattr(record, SECTIONS[section][2] or "")
        if name in kept[section]:
            raise InputError(
                f"{where}: this {SECTIONS[section][1]} exists already ({kept[section][name][1]}); choose another name."
            )
        kept[section][name] = (record, where)
    _add_references(kept["studies"], references)
    _check_names(kept, checks)
    _check_doubles(kept["studies"])
    tables = {section: tuple(record for record, _ in table.values()) for section, table in kept.items()}
    return Evidence(**tables, citation_checks=tuple(check for check, _ in checks))


def _add_references(studies: dict[str, tuple[Any, str]], references: Iterable[tuple[Study, str]]) -> None:
    """Add imported references; one that is there already is left out, a key that is taken is numbered."""
    known = KnownStudies(study for study, _ in studies.values())
    for study, where in references:
        if known.key_of(study) is None:
            key, number = study.key, 1
            while key in studies:
                number += 1
                key = f"{study.key}-{number}"
            studies[key] = (study.model_copy(update={"key": key}), where)
            known.add(studies[key][0])


def _check_doubles(studies: Mapping[str, tuple[Any, str]]) -> None:
    """Refuse a study of the user's that looks like one that is there; the built-in ones are looked through by tests."""
    # A reference without results, imported, counts for nothing.
    own = [s for s, where in studies.values() if not where.startswith("built-in ") and (s.effects or s.read != "none")]
    for double in find_doubles(own, [study for study, _ in studies.values()] if own else ()):
        remedy = f"; if they are two, say how you know under distinct_from: {{{double.other}: ...}}"
        raise refusal(
            studies[double.study][1],
            "key",
            f"looks like {double.other!r} ({studies[double.other][1].split(',')[0]}): {double.why}. "
            f"The same people would count twice: leave one out{'' if double.certain else remedy}.",
        )


def _check_names(
    kept: Mapping[str, Mapping[str, tuple[Any, str]]], checks: Iterable[tuple[CitationCheck, str]]
) -> None:
    """Refuse a claim, study or article that is named but does not exist."""

    def known(section: str, name: str, where: str, key: str) -> None:
        if name not in kept[section]:
            word = SECTIONS[section][1]
            near = close_names(name, tuple(kept[section]), most=3)
            hint = f" Close names: {', '.join(near)}." if near else f" Add it under {section!r} first."
            raise refusal(where, key, f"there is no {word} {name!r}.{hint}")

    for claim, where in kept["claims"].values():
        _check_bands(claim, where)
        for article in claim.articles:
            known("articles", article, where, "articles")
        for earlier in claim.was:
            known("claims", earlier, where, "was")
        if claim.quotation is not None and claim.quotation.source:
            known("studies", claim.quotation.source, where, "quotation.source")
    for study, where in kept["studies"].values():
        _check_numbers(study, where)
        for article in study.cited_by:
            known("articles", article, where, "cited_by")
        for name in study.contains:
            known("studies", name, where, "contains")
        for name in study.distinct_from:
            known("studies", name, where, "distinct_from")
        for effect in study.effects:
            for link in effect.claims:
                known("claims", link.claim, where, f"effect {effect.id}.claims")
    for check, where in checks:
        known("articles", check.article, where, "article")
        known("studies", check.study, where, "study")


def _check_bands(claim: Claim, where: str) -> None:
    """Refuse a smallest difference whose source is not in the bibliography."""
    for number, band in enumerate(claim.estimand.bands if claim.estimand else (), 1):
        try:
            split_keys(band.source)
        except GlutealError as error:
            raise refusal(where, f"estimand.bands {number}.source", str(error)) from error


def _check_numbers(study: Study, where: str) -> None:
    """Refuse numbers of a study that contradict one another, unless a note says that they do so in print."""
    ids: set[str] = set()
    for effect in study.effects:
        if effect.study != study.key:
            raise refusal(where, f"effect {effect.id}", f"belongs to study {effect.study!r}; leave 'study' out.")
        if effect.id in ids:
            raise refusal(where, f"effect {effect.id}", "exists already; leave 'id' out, or choose another.")
        ids.add(effect.id)
        for found in () if effect.contradiction else check_effect(effect):
            raise refusal(where, f"effect {effect.id}.{found.field}", f"{found.problem}. {_KEEP_IT}")
    for found in check_shares(study.effects):
        raise refusal(where, f"effect {found.field}", f"{found.problem}. {_KEEP_IT}")


_KEEP_IT = "Correct the one that is wrong; if both stand so in print, say so under 'contradiction'."
