"""Every result as a nanopublication: what was found, where it was read, and who says so (nanopub.net, TriG)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version

from gluteal.ledger.evidence.effects import ClaimLink, Effect
from gluteal.ledger.evidence.load import Evidence
from gluteal.ledger.evidence.records import Study

_PREFIXES = {
    "np": "http://www.nanopub.org/nschema#",
    "prov": "http://www.w3.org/ns/prov#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "g": "urn:gluteal:",
}


def render_nanopublications(evidence: Evidence, claims: Iterable[str]) -> str:
    """Return a TriG text: for every effect and claim head, assertion, provenance and who made it."""
    head = "".join(f"@prefix {name}: <{address}> .\n" for name, address in _PREFIXES.items())
    parts = [
        _one(study, effect, link, claim)
        for claim in claims
        for study, effect, link in evidence.effects_on(claim)
        if link.sense != 0
    ]
    return head + "".join(parts)


def _one(study: Study, effect: Effect, link: ClaimLink, claim: str) -> str:
    name = f"{effect.id}.{claim}"
    parts = ("pub", "effect", "head", "assertion", "provenance", "info")
    pub, found, head, assertion, provenance, info = (f"<urn:gluteal:{part}:{_safe(name)}>" for part in parts)
    source = f"<{study.link}>" if study.link else f"<urn:gluteal:study:{_safe(study.key)}>"
    facts = [
        "a g:Effect",
        f"dct:title {_text(effect.outcome)}",
        f"g:measure {_text(effect.measure)}",
        f"g:bearsOn <urn:gluteal:claim:{_safe(claim)}>",
        f'g:sense "{link.sense}"^^xsd:integer',
    ]
    for term, value in (("estimate", effect.estimate), ("low", effect.ci_low), ("high", effect.ci_high)):
        if value is not None:
            facts.append(f'g:{term} "{value:.10g}"^^xsd:double')
    if effect.contrast:
        facts.append(f"g:contrast {_text(effect.contrast)}")
    if effect.units:
        facts.append(f"g:units {_text(effect.units)}")
    if effect.p:
        facts.append(f"g:p {_text(effect.p)}")
    origin = [f"prov:wasDerivedFrom {source}", f"g:read {_text(effect.read)}"]
    if effect.quote:
        origin.append(f"prov:value {_text(effect.quote)}")
    if effect.locator:
        origin.append(f"g:locator {_text(effect.locator)}")
    maker = f"gluteal {version('gluteal')}"
    return (
        f"\n{head} {{\n  {pub} a np:Nanopublication ; np:hasAssertion {assertion} ; "
        f"np:hasProvenance {provenance} ; np:hasPublicationInfo {info} .\n}}\n"
        f"{assertion} {{\n  {found} {' ; '.join(facts)} .\n}}\n"
        f"{provenance} {{\n  {assertion} {' ; '.join(origin)} .\n}}\n"
        f"{info} {{\n  {pub} dct:creator {_text(maker)} .\n}}\n"
    )


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)


def _text(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return f'"{escaped}"'
