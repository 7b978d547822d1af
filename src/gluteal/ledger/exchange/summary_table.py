"""Summary of findings: a row a claim, with the columns of GRADEpro."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gluteal.ledger.evidence.certainty import REASONS
from gluteal.ledger.run import Entry


def summary_rows(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return for every claim how many studies, of what design, why certainty fell, the effect, and the verdict."""
    return [_row(entry) for entry in entries]


def _row(entry: Entry) -> dict[str, Any]:
    claim, verdict, main, rating = entry.claim, entry.verdict, entry.evidence.main, entry.verdict.rating
    lowered = {} if rating is None else {d.kind: d for d in rating.downgrades}
    estimate = None if main is None else main.estimate
    axis = None if main is None else main.axis
    counted = set() if main is None else {row.study for row in main.rows if not row.left_out}
    return {
        "claim": claim.id,
        "statement": claim.statement,
        "outcome": "" if claim.estimand is None else claim.estimand.outcome,
        "population": "" if claim.estimand is None else claim.estimand.population,
        "studies": len(counted) or len(entry.evidence.lines),
        "design": "" if rating is None else rating.design,
        **{reason: _degree(lowered.get(reason)) for reason in REASONS},
        "measure": "" if main is None else main.measure,
        "units": "" if main is None else main.units,
        "effect": None if estimate is None else estimate.value,
        "ci_low": None if estimate is None else min(estimate.low, estimate.high),
        "ci_high": None if estimate is None else max(estimate.low, estimate.high),
        "smallest_difference": None if axis is None else axis.stated.value,
        "certainty": verdict.certainty or "",
        "verdict": verdict.verdict,
        "plain": entry.plain.sentence,
    }


def _degree(lowered: Any) -> str:
    """Say GRADE's degree: not serious, serious (one level), very serious (two)."""
    return "" if lowered is None else ("not serious", "serious", "very serious")[min(lowered.levels, 2)]
