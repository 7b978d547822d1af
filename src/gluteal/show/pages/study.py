"""The result of a study in one HTML file: who can still do what, over random people, and the first movement live."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xarray as xr
from matplotlib.axes import Axes

from gluteal.engines import load_body
from gluteal.errors import GlutealError
from gluteal.movements.tasks import load_task
from gluteal.outcome.verdict import MOVEMENT_RULE
from gluteal.show.figures.inline import inline_axes, own_style
from gluteal.show.figures.study import plot_verdicts
from gluteal.show.live.embed import LiveBlock, live_block
from gluteal.show.pages.report import Grid, Report, ReportHead, list_people_facts, write_report
from gluteal.show.parts import say_name
from gluteal.simulate.experiment import load_movement, simulate
from gluteal.simulate.study import summarize_study
from gluteal.simulate.study.plan import StudySpec
from gluteal.words import FIXED

# Missing moments and forces below this are rounding, N m or N.
_NOTHING = 0.01
_LIMITS = (
    FIXED,
    "Random people differ in strength, mass and paths of muscles as the plan says. Posture, bones and muscle curves "
    "are the same for everybody: this is a statement about the model, not a survey of people.",
    f"The rule of the verdict: {MOVEMENT_RULE}",
)


def save_study(path: str | Path, result: xr.Dataset, plan: StudySpec, *, command: str | None = None) -> None:
    """Write the page; parameters as `report_study`, errors as `gluteal.files.written_whole`."""
    write_report(path, report_study(result, plan, command=command), live=_live(plan))


def report_study(result: xr.Dataset, plan: StudySpec, *, command: str | None = None) -> Report:
    """Return the report on a study.

    Parameters
    ----------
    result : xr.Dataset
        From `gluteal.run_study`.
    plan : StudySpec
        What was asked.
    command : str, optional
        The command line that repeats it.
    """
    rows = [{str(key): value for key, value in row.items()} for row in summarize_study(result).to_dict("records")]
    hardest = max(rows, key=lambda r: (r["impossible"], r["effort_ratio"]))
    people = int(rows[0]["people"])
    who = "the body itself" if people == 1 else f"{people} random people"
    can = 1.0 - hardest["impossible"] - hardest["cannot_be_judged"]
    sentence = (
        f"Hardest is {say_name(hardest['case'])} with {hardest['condition']} ({say_name(hardest['criterion'])}): "
        f"{100 * can:.0f} % of {who} can still do it."
        if people > 1
        else f"{len(rows)} experiments on the body itself; hardest is {say_name(hardest['case'])} with "
        f"{hardest['condition']}: {say_name(hardest['nominal_verdict'])}."
    )
    with own_style():
        figure = inline_axes(lambda ax: _plot(rows, ax), size=(7.6, 1.0 + 0.34 * len(rows)))
    first = plan.cases[0].movement
    return Report(
        answer=ReportHead(
            over=f"Study · {who}",
            title=f"{plan.name[0].upper()}{plan.name[1:]}",
            sentence=sentence,
            number=f"{100 * can:.0f} %",
            number_words="can still do the hardest of all that was asked, exactly as it is",
            certainty=f"Every one of {len(plan.cases)} × {len(plan.conditions)} × {len(plan.criteria)} experiments was "
            f"solved for the same {who}, and every solution passed its check.",
            tone="unchanged" if can >= 0.95 else "compensated",
            people=tuple(fact for _, condition in plan.conditions for fact in list_people_facts(first, condition)),
        ),
        figures=[(figure, "Share of people by what happens; the rest cannot be judged.")],
        grids=(_grid(rows),),
        limits=_LIMITS,
        settings={"people": who, "seed of the random people": str(plan.seed)},
        command=command,
    )


def _plot(rows: list[dict[str, Any]], ax: Axes) -> Axes:
    named = [{**r, "name": f"{say_name(r['case'])}: {r['condition']}, {say_name(r['criterion'])}"} for r in rows]
    return plot_verdicts(named, ax=ax)


def _grid(rows: list[dict[str, Any]]) -> Grid:
    def span(row: dict[str, Any], name: str) -> str:
        values = (row[key] for key in (name, f"{name}_low", f"{name}_high"))
        middle, low, high = ("0" if 0.0 <= value < _NOTHING else f"{value:.3g}" for value in values)
        return middle if low == high else f"{middle} ({low} to {high})"

    return Grid(
        title="Every experiment",
        columns=(
            "movement",
            "condition",
            "criterion",
            "unchanged, compensated, impossible (%)",
            "not judged (%)",
            "effort, × undisturbed",
            "missing (N·m or N)",
            "the body itself",
        ),
        rows=[
            (
                say_name(r["case"]),
                r["condition"],
                say_name(r["criterion"]),
                " · ".join(f"{100 * r[verdict]:.0f}" for verdict in ("unchanged", "compensated", "impossible")),
                f"{100 * r['cannot_be_judged']:.0f}",
                span(r, "effort_ratio"),
                span(r, "deficit"),
                say_name(r["nominal_verdict"]),
            )
            for r in rows
        ],
        note="Shares of people; effort and what is missing as median, in brackets the 5th to 95th percentile over "
        "people. p is the exponent of the effort.",
    )


def _live(plan: StudySpec) -> LiveBlock | None:
    """Return the live page of the first case under the first condition, on the body itself."""
    case = plan.cases[0]
    try:
        if case.body is None:
            who, movement = load_movement(case.movement)
        else:
            who = load_body(case.body)
            movement = load_task(case.movement, who, **case.settings)
        return live_block(simulate(who, movement, condition=plan.conditions[0][1] if plan.conditions else None))
    except GlutealError:  # what cannot be drawn, or is solved by another criterion, is in the tables
        return None
