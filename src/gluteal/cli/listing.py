"""The command `gluteal list`: what names can be used, as rows of plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.inputs import find_body
from gluteal.cli.options import BodyName, Json, Out
from gluteal.cli.output import (
    check_targets,
    command_line,
    print_json,
    say_written,
    show_progress,
    standard_output,
    write_rows,
)

if TYPE_CHECKING:
    from gluteal.mechanics.body import Body
    from gluteal.show.pages.report import Report

Listing = Literal["tasks", "muscles", "groups", "nerves", "movements", "claims", "terms"]
Rows = list[dict[str, Any]]

#: Columns of a listing that a terminal has no room for.
_ONLY_IN_FILES = (
    "source",
    "optimal_fiber_length",
    "tendon_slack_length",
    "pennation_angle",
    "max_contraction_velocity",
    "passive_onset_strain",
    "passive_strain",
)


@app.command(name="list", help_epilogue="Example: gluteal list tasks")
def list_command(
    what: Annotated[Listing, Parameter(help="What to list.")],
    /,
    *,
    body: BodyName = None,
    json_: Json = False,
    out: Out = None,
) -> int:
    """List what names can be used: tasks, muscles, groups, nerves, movements of the dynamometer, claims, or terms."""
    check_targets(out)
    with show_progress("Reading"):
        who = find_body(body) if what in _OF_A_BODY else None
        rows = _LISTED[what]() if who is None else _OF_A_BODY[what](who)

    def page() -> Report:
        from gluteal.show.pages.lists import report_list

        return report_list(what, rows, body=who, command=command_line())

    write_rows(out, rows, f"All {what}", report=page)
    if json_:
        print_json(rows)
    else:
        from gluteal.show.terminal.outcome import show_claim_names, show_rows

        if what == "claims":
            show_claim_names(standard_output(), rows)
        else:
            show_rows(standard_output(), rows, hide=_ONLY_IN_FILES)
    say_written(out)
    return DONE


def _tasks() -> Rows:
    from gluteal.movements.tasks import list_tasks

    return [{"name": t.name, "title": t.title, "description": t.description} for t in list_tasks()]


def _claims() -> Rows:
    from gluteal.ledger.evidence.load import load_evidence

    return [{"name": c.id, "topic": c.topic, "statement": c.statement} for c in load_evidence().claims]


def _movements() -> Rows:
    from gluteal.simulate.dynamometer import strength_movements

    return [
        {
            "name": m.name,
            "coordinate": m.coordinate,
            "posture_deg": [f"{c} {angle:g}" for c, angle in m.posture.items()],
            "blocked_through": m.block,
            "source": m.cited,
        }
        for m in strength_movements().values()
    ]


def _terms() -> Rows:
    from gluteal.nerves.registry import TERMS

    return [
        {
            "name": kind,
            "option": f"--{term.option.name} {term.option.metavar}",
            "value": f"{term.value_range.name} {term.value_range.words}",
            "does": term.option.does,
        }
        for kind, term in TERMS.items()
    ]


def _muscles(body: Body) -> Rows:
    from gluteal import anatomy
    from gluteal.mechanics.body import MUSCLE_PARAMETERS
    from gluteal.vocabulary import side_of

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


def _groups(body: Body) -> Rows:
    return [{"name": g, "muscles": list(m)} for g, m in body.groups.items()]


def _nerves(body: Body) -> Rows:
    from gluteal import anatomy
    from gluteal.sources.bibliography import cite

    known = {n.name: n for n in anatomy.nerve_rows()}
    return [
        {"name": n, "muscles": list(m), "roots": known[n].roots, "source": cite(known[n].source)}
        for n, m in body.nerves.items()
    ]


_LISTED: Mapping[str, Callable[[], Rows]] = {
    "tasks": _tasks,
    "movements": _movements,
    "claims": _claims,
    "terms": _terms,
}
_OF_A_BODY: Mapping[str, Callable[[Body], Rows]] = {"muscles": _muscles, "groups": _groups, "nerves": _nerves}
