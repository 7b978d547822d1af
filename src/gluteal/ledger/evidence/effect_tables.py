"""Tables of effects of metafor, RevMan and Covidence, as studies with effects."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from gluteal.errors import InputError
from gluteal.ledger.evidence.effect_sizes import from_scale
from gluteal.ledger.evidence.effects import Measure
from gluteal.ledger.evidence.records import Study
from gluteal.schema import validate

#: metafor's names of measures (its function escalc) -> ours.
METAFOR_MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "MD": "mean difference",
        "SMD": "standardised mean difference",
        "OR": "odds ratio",
        "RR": "risk ratio",
        "RD": "risk difference",
        "ZCOR": "correlation",
        "MN": "mean",
        "PR": "proportion",
    }
)
#: Columns of a table of effects, metafor's where it has a name.
COLUMNS = (
    "study", "author", "year", "doi", "pmid", "claim", "sense", "indirect", "outcome", "contrast", "units", "measure",
    "yi", "vi", "sei", "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i", "ai", "ci", "estimate", "ci_low", "ci_high", "p",
    "kind", "overlap", "read", "design", "timing", "allocation", "risk_of_bias", "contradiction",
)  # fmt: skip
# Headings of other programs (lower case, signs left out) -> column here: metafor, RevMan's data, Covidence's export.
_HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in COLUMNS},
        "slab": "study", "study id": "study", "study name": "study", "trial": "study", "id": "study",
        "authors": "author", "publication year": "year", "outcome name": "outcome", "comparison": "contrast",
        "se": "sei", "standard error": "sei", "variance": "vi", "effect": "yi", "effect size": "yi",
        "mean 1": "m1i", "sd 1": "sd1i", "total 1": "n1i", "n 1": "n1i", "events 1": "ai",
        "mean 2": "m2i", "sd 2": "sd2i", "total 2": "n2i", "n 2": "n2i", "events 2": "ci",
        "experimental mean": "m1i", "experimental sd": "sd1i", "experimental total": "n1i", "experimental cases": "ai",
        "experimental events": "ai", "control mean": "m2i", "control sd": "sd2i", "control total": "n2i",
        "control cases": "ci", "control events": "ci", "intervention mean": "m1i", "intervention sd": "sd1i",
        "intervention total": "n1i", "intervention n": "n1i", "control n": "n2i", "data type": "measure",
        "unit": "units", "lower": "ci_low", "upper": "ci_high", "cilb": "ci_low", "ciub": "ci_high",
    }
)  # fmt: skip


def read_effects(text: str, name: str) -> tuple[Study, ...]:
    """Read a table of effects of metafor, RevMan or Covidence as studies with effects.

    A row needs `study` and one of: `yi` with `vi` or `sei`; means, deviations and sizes of both groups; events and
    sizes of both groups. `measure` is one of metafor's names (MD, SMD, OR, RR, RD, ZCOR, MN, PR) and, where it is left
    out, that of the numbers (MD, or OR for events). `claim` and `sense` tie a row to a claim; without them it is kept
    and bears on none.

    Raises
    ------
    InputError
        Where a column or a number is missing; one sentence with the row.
    """
    reader = csv.DictReader(io.StringIO(text))
    heads = {
        head: _HEADINGS.get(re.sub(r"[\s._\[\]()]+", " ", head).strip().casefold()) for head in reader.fieldnames or ()
    }
    heads = {h: to or _HEADINGS.get(h.strip().casefold()) for h, to in heads.items()}
    if "study" not in heads.values():
        raise InputError(f"{name}: no column names the study; call it 'study' (or 'slab', 'Study ID').")
    studies: dict[str, dict[str, Any]] = {}
    for number, raw in enumerate(reader, 2):
        row = {to: (raw.get(head) or "").strip() for head, to in heads.items() if to}
        row = {key: "" if value.upper() == "NA" else value for key, value in row.items()}
        label = row.get("study", "")
        if not label:
            raise InputError(f"{name}, line {number}: the study has no name; fill in its first column.")
        key = re.sub(r"[^a-z0-9]+", "-", label.casefold()).strip("-") or "study"
        study = studies.setdefault(key, _study(key, label, row))
        study["effects"].append(_effect(row, f"{name}, line {number}"))
    if not studies:
        raise InputError(f"{name}: there is no row under the heading.")
    return tuple(validate(study, Study, f"{name}, study {key!r}") for key, study in studies.items())


def _study(key: str, label: str, row: Mapping[str, str]) -> dict[str, Any]:
    year = re.search(r"\b(1[5-9]|20|21)\d\d\b", row.get("year", "") or label)
    timing, allocation = row.get("timing", ""), row.get("allocation", "")
    return {
        "key": key,
        "authors": row.get("author") or None,
        "year": int(year.group()) if year else None,
        "title": label,
        "journal": None,
        "doi": row.get("doi") or None,
        "pmid": int(row["pmid"]) if row.get("pmid", "").isdigit() else None,
        "design": row.get("design") or "not stated",
        "n": {},
        "population": "not stated",
        "read": "none",
        "effects": [],
        **({"timing": timing} if timing else {}),
        **({"allocation": allocation} if allocation else {}),
    }


def _effect(row: Mapping[str, str], where: str) -> dict[str, Any]:
    def number(column: str) -> float | None:
        if not row.get(column):
            return None
        try:
            return float(row[column])
        except ValueError:
            raise InputError(f"{where}: {column!r} is {row[column]!r}, not a number.") from None

    groups = {c: number(c) for c in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i", "ai", "ci")}
    given = row.get("measure", "")
    default = "OR" if groups["ai"] is not None else "MD"
    measure: str = METAFOR_MEASURES.get(given.upper(), given or METAFOR_MEASURES[default])
    yi, vi, sei = number("yi"), number("vi"), number("sei")
    se = sei if sei is not None else (None if vi is None else math.sqrt(vi))
    if yi is None:
        yi, se = _from_groups(groups, measure, where)
    if not (yi is None or math.isfinite(from_scale(measure, yi))):
        raise InputError(f"{where}: yi is {yi:g}; a {measure} is given on the scale on which one pools.")
    claim = row.get("claim", "")
    counts = {"n_1": groups["n1i"], "n_2": groups["n2i"], "count_1": groups["ai"], "count_2": groups["ci"]}
    return {
        "outcome": row.get("outcome") or "not stated",
        "contrast": row.get("contrast", ""),
        "measure": measure,
        "units": row.get("units", ""),
        "estimate": None if yi is None else from_scale(measure, yi),
        "se": se,
        **{key: None if value is None else int(value) for key, value in counts.items()},
        "mean_1": groups["m1i"],
        "sd_1": groups["sd1i"],
        "mean_2": groups["m2i"],
        "sd_2": groups["sd2i"],
        "p": row.get("p", ""),
        "kind": "printed" if yi is not None else ("p-only" if row.get("p") else "gap"),
        "overlap": row.get("overlap", ""),
        "contradiction": row.get("contradiction", ""),
        "read": "none",
        "claims": [{"claim": claim, "sense": int(row.get("sense") or 1), "indirect": row.get("indirect", "")}]
        if claim
        else [],
    }


def _from_groups(groups: Mapping[str, float | None], measure: str, where: str) -> tuple[float | None, float | None]:
    """Return effect and error on the pooling scale, from means or events of both groups."""
    m1, s1, n1, m2, s2, n2 = (groups[c] for c in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"))
    a, c = groups["ai"], groups["ci"]
    if None not in (m1, s1, n1, m2, s2, n2) and measure in ("mean difference", "standardised mean difference"):
        assert m1 is not None and s1 and n1 and m2 is not None and s2 and n2
        if measure == "mean difference":
            return m1 - m2, math.sqrt(s1**2 / n1 + s2**2 / n2)
        df = n1 + n2 - 2
        pooled = math.sqrt(((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df)
        g = (1 - 3 / (4 * df - 1)) * (m1 - m2) / pooled
        return g, math.sqrt((n1 + n2) / (n1 * n2) + g * g / (2 * (n1 + n2)))
    if a is not None and c is not None and n1 and n2 and measure in ("odds ratio", "risk ratio"):
        if min(a, c, n1 - a, n2 - c) <= 0:
            raise InputError(f"{where}: a group with no events, or only events, needs yi and vi instead.")
        if measure == "odds ratio":
            return math.log(a * (n2 - c) / (c * (n1 - a))), math.sqrt(1 / a + 1 / (n1 - a) + 1 / c + 1 / (n2 - c))
        return math.log(a / n1 / (c / n2)), math.sqrt(1 / a - 1 / n1 + 1 / c - 1 / n2)
    return None, None
