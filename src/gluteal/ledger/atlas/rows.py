"""The atlas as plain data: one row an exercise, for JSON, tables and other programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gluteal.ledger.atlas.build import Atlas, AtlasEntry, SimulatedCheck
from gluteal.ledger.atlas.published import EmgRow, PublishedEmg
from gluteal.sources.bibliography import find_reference


def list_entries(atlas: Atlas) -> list[dict[str, Any]]:
    """Return a row for every exercise; one that was asked for by a muscle has that muscle's numbers, else by group."""
    if len(atlas.groups) > 1:
        return [_of_groups(atlas, entry) for entry in atlas.entries]
    group = next(iter(atlas.groups))
    return [_of_one(entry, group) for entry in atlas.entries]


def _of_one(entry: AtlasEntry, group: str) -> dict[str, Any]:
    published, check = entry.published[group], entry.check[group]
    return {
        **_common(entry),
        "published": _published(published),
        "simulated": _simulated(check),
        "credible": bool(check and check.credible),
        "check": _checked(check),
        "activation": check.peak if check else None,
        "emg": published.value if published else None,
        "fault": check.fault if check else "",
    }


def _of_groups(atlas: Atlas, entry: AtlasEntry) -> dict[str, Any]:
    row = _common(entry) | {
        "published": {g: _published(entry.published[g]) for g in atlas.groups},
        "simulated": {g: _simulated(entry.check[g]) for g in atlas.groups},
        "credible": {g: bool((c := entry.check[g]) and c.credible) for g in atlas.groups},
        "check": {g: _checked(entry.check[g]) for g in atlas.groups},
    }
    for group in atlas.groups:
        published, check = entry.published[group], entry.check[group]
        row[f"{group}_peak"] = check.peak if check else None
        row[f"{group}_mean"] = check.mean if check else None
        row[f"{group}_emg"] = published.value if published else None
    return row | {"fault": next((c.fault for c in entry.check.values() if c), "")}


def _common(entry: AtlasEntry) -> dict[str, Any]:
    exercise = entry.exercise
    return {
        "name": exercise.name,
        "title": exercise.title,
        "level": exercise.level,
        "position": exercise.position,
        "equipment": list(exercise.equipment),
        "legs": exercise.legs,
        "also": exercise.also,
        "how_to": exercise.how_to,
        "task": exercise.task,
        "match": exercise.match,
        "why": exercise.why,
        "hip_load": entry.hip_load,
        "hip_measured": asdict(exercise.hip_measured) if exercise.hip_measured else None,
        "knee_load": entry.knee_load,
        "back_load": entry.back_load,
    }


def _published(emg: PublishedEmg | None) -> dict[str, Any] | None:
    if emg is None:
        return None
    return {
        "value": emg.value,
        "basis": emg.basis,
        "low": emg.low,
        "high": emg.high,
        "studies": emg.studies,
        "reviews": emg.reviews,
        "rows": [_row(row) for row in emg.rows],
    }


def _row(row: EmgRow) -> dict[str, Any]:
    found = find_reference(row.source)
    return {
        "source": row.source,
        "name": found.name,
        "link": found.link,
        "statistic": row.statistic,
        "part": row.part,
        "value": _number(row.value),
        "sd": _number(row.sd),
        "low": _number(row.low),
        "high": _number(row.high),
        "n": row.n,
        "people": row.people,
        "equipment": row.equipment,
        "normalisation": row.normalisation,
        "read": row.read,
        "note": row.note,
    }


def _simulated(check: SimulatedCheck | None) -> dict[str, float] | None:
    """Return the simulated values where they may be shown."""
    return {"peak": check.peak, "mean": check.mean} if check and check.credible else None


def _checked(check: SimulatedCheck | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {
        "compared": check.compared,
        "low": check.low,
        "high": check.high,
        "inside": check.inside,
        "counted": check.counted,
        "sentence": check.sentence,
    }


def _number(value: float) -> float | None:
    return None if value != value else value
