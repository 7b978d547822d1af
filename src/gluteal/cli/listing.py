"""What names can be used, as rows of plain data."""

from __future__ import annotations

from typing import Any, Literal

from gluteal import anatomy
from gluteal.mechanics.body import MUSCLE_PARAMETERS, Body
from gluteal.sources.bibliography import cite
from gluteal.vocabulary import side_of


def list_names(
    what: Literal["tasks", "muscles", "groups", "nerves", "movements", "claims"], body: Body | None = None
) -> list[dict[str, Any]]:
    """Return rows with at least ``name``; muscles, groups and nerves are those of `body`."""
    if what == "tasks":
        from gluteal.movements.tasks import list_tasks

        return [{"name": t.name, "title": t.title, "description": t.description} for t in list_tasks()]
    if what == "claims":
        from gluteal.ledger.evidence.load import load_evidence

        return [{"name": c.id, "topic": c.topic, "statement": c.statement} for c in load_evidence().claims]
    if what == "movements":
        from gluteal.simulate.dynamometer import strength_movements

        return [
            {
                "name": m.name,
                "coordinate": m.coordinate,
                "posture_deg": [f"{c} {angle:g}" for c, angle in m.posture.items()],
                "blocked_through": m.block,
                "source": m.source,
            }
            for m in strength_movements().values()
        ]
    if body is None:
        raise TypeError(f"the {what} are those of a body; none was given")
    if what == "muscles":
        return _muscles(body)
    if what == "groups":
        return [{"name": g, "muscles": list(m)} for g, m in body.groups.items()]
    known = {n.name: n for n in anatomy.nerve_rows()}
    return [
        {"name": n, "muscles": list(m), "roots": known[n].roots, "source": cite(known[n].source)}
        for n, m in body.nerves.items()
    ]


def _muscles(body: Body) -> list[dict[str, Any]]:
    nerves: dict[str, list[str]] = {}
    for nerve, members in body.nerves.items():
        for muscle in members:
            nerves.setdefault(muscle, []).append(nerve)
    rows = []
    for i, name in enumerate(body.muscle_names):
        row: dict[str, Any] = {
            "name": name,
            "anatomical_name": anatomy.anatomical_name(name),
            "group": anatomy.group_of(name),
            "side": side_of(name),
            "nerves": nerves.get(name, []),
        }
        row |= {column: float(body.muscles[column][i]) for column in MUSCLE_PARAMETERS}
        rows.append({**row, "source": str(body.muscles["source"].values[i])})
    return rows
