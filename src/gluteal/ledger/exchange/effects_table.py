"""Effects as a table that metafor and RevMan read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from gluteal.ledger.evidence.effect_sizes import Scaled, scale_effect
from gluteal.ledger.evidence.effect_tables import COLUMNS, METAFOR_MEASURES
from gluteal.ledger.evidence.effects import Effect
from gluteal.ledger.evidence.load import Evidence


def effect_rows(evidence: Evidence, claims: Iterable[str]) -> list[dict[str, Any]]:
    """Return a row for every effect and claim it bears on; `yi`, `vi` and `sei` are on the scale on which one pools."""
    rows = []
    for claim in claims:
        for study, effect, link in evidence.effects_on(claim):
            scaled = scale_effect(effect)
            pooled = scaled if isinstance(scaled, Scaled) else None
            rows.append(
                {
                    "study": study.key,
                    "author": study.name,
                    "year": study.year,
                    "doi": study.doi,
                    "pmid": study.pmid,
                    "claim": claim,
                    "sense": link.sense,
                    "indirect": link.indirect,
                    "outcome": effect.outcome,
                    "contrast": effect.contrast,
                    "units": effect.units,
                    "measure": _metafor_name(effect.measure),
                    "yi": None if pooled is None else pooled.value,
                    "vi": None if pooled is None else pooled.se**2,
                    "sei": None if pooled is None else pooled.se,
                    **_groups(effect),
                    "estimate": effect.estimate,
                    "ci_low": effect.ci_low,
                    "ci_high": effect.ci_high,
                    "p": effect.p,
                    "kind": effect.kind,
                    "overlap": effect.overlap,
                    "read": effect.read,
                    "design": study.design,
                    "timing": study.timing,
                    "allocation": study.allocation,
                    "risk_of_bias": "not judged" if study.risk_of_bias is None else study.risk_of_bias.overall,
                    "contradiction": effect.contradiction,
                }
            )
    return rows


def _groups(effect: Effect) -> dict[str, Any]:
    return {
        "m1i": effect.mean_1,
        "sd1i": effect.sd_1,
        "n1i": effect.n_1,
        "m2i": effect.mean_2,
        "sd2i": effect.sd_2,
        "n2i": effect.n_2,
        "ai": effect.count_1,
        "ci": effect.count_2,
    }


def _metafor_name(measure: str) -> str:
    return next((name for name, ours in METAFOR_MEASURES.items() if ours == measure), measure)


def render_effects(evidence: Evidence, claims: Iterable[str]) -> str:
    """Return the rows of `effect_rows` as CSV; a missing number is NA, as R reads it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in effect_rows(evidence, claims):
        writer.writerow({name: _cell(row[name]) for name in COLUMNS})
    return text.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return "NA"
    return f"{value:.10g}" if isinstance(value, float) else value
