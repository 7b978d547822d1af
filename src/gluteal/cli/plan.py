"""The command `gluteal plan`."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Group, Parameter

from gluteal.cli import DONE, app
from gluteal.cli.options import Json, Out
from gluteal.cli.output import (
    check_targets,
    command_line,
    print_json,
    say_written,
    show_progress,
    standard_output,
    write_rows,
)
from gluteal.errors import InputError
from gluteal.words import list_words

if TYPE_CHECKING:
    from gluteal.ledger.evidence.causes import CauseDesigns
    from gluteal.ledger.evidence.planning import StudyPlan

_DESIGN = Group("How the study compares and measures", sort_key=1)
Kind = Literal["two-groups", "paired", "cohort"]


@app.command(name="plan", help_epilogue="Example: gluteal plan --effect 50 --spread 60 --sem 55 --trials 10")
def plan_command(
    *,
    effect: Annotated[
        float | None, Parameter(help="True difference to be seen, in the unit; answers: how many people?")
    ] = None,
    people: Annotated[
        int | None,
        Parameter(help="People in all; answers: what can be seen? With --effect: with what chance?"),
    ] = None,
    causes: Annotated[
        bool, Parameter(help="Instead: which designs can tell weakness before pain from weakness after it?")
    ] = False,
    spread: Annotated[
        float | None, Parameter(group=_DESIGN, help="Standard deviation of people's true values.")
    ] = None,
    unit: Annotated[str, Parameter(group=_DESIGN, help="Unit of effect, spread and error.")] = "ms",
    sem: Annotated[float, Parameter(group=_DESIGN, help="Standard error of measurement of one trial.")] = 0.0,
    trials: Annotated[int, Parameter(group=_DESIGN, help="Trials of which each person's value is the mean.")] = 1,
    kind: Annotated[Kind, Parameter(group=_DESIGN, help="What is compared with what.")] = "two-groups",
    correlation: Annotated[float, Parameter(group=_DESIGN, help="Paired: of true values of the two occasions.")] = 0.5,
    incidence: Annotated[float, Parameter(group=_DESIGN, help="Cohort: share of people who have the event.")] = 0.2,
    ratio: Annotated[float, Parameter(group=_DESIGN, help="Two groups: size of the second over the first.")] = 1.0,
    power: Annotated[float, Parameter(group=_DESIGN, help="Chance to see the difference.")] = 0.8,
    alpha: Annotated[float, Parameter(group=_DESIGN, help="Chance to see one that is not there.")] = 0.05,
    json_: Json = False,
    out: Out = None,
) -> int:
    """Plan a study: how many people to see a delay or a loss, or what so many people can show.

    Examples: gluteal plan --effect 50 --spread 60 --sem 55 --trials 10; gluteal plan --people 40 --spread 60;
    gluteal plan --causes.
    """
    check_targets(out)
    designs: CauseDesigns | None = None
    found: StudyPlan | None = None
    if causes:
        _refuse(
            effect=effect,
            spread=spread,
            unit=unit,
            sem=sem,
            trials=trials,
            kind=kind,
            correlation=correlation,
            incidence=incidence,
            ratio=ratio,
            power=power,
        )
        designs = _simulate_causes((40, 200, 1000) if people is None else (people,), alpha)
        rows, sentence = _tell_causes(designs)
    else:
        from gluteal.ledger.evidence.planning import StudyDesign, compute_power, find_detectable_effect, plan_study

        if spread is None or (effect is None and people is None):
            raise InputError(
                "A plan needs --spread and at least one of --effect and --people; for example: "
                "gluteal plan --effect 50 --spread 60 --unit ms."
            )
        design = StudyDesign(
            spread=spread,
            unit=unit,
            sem=sem,
            trials=trials,
            kind="two groups" if kind == "two-groups" else kind,
            ratio=ratio,
            correlation=correlation,
            incidence=incidence,
            alpha=alpha,
        )
        if people is None:
            found = plan_study(design, effect or 0.0, power=power)
        elif effect is None:
            found = find_detectable_effect(design, people, power=power)
        else:
            found = compute_power(design, effect, people)
        sentence = found.sentence
        rows = [
            {
                "people": found.people,
                "effect": found.effect,
                "unit": unit,
                "power": found.power,
                "spread": spread,
                "sem": sem,
                "trials": trials,
                "kind": kind,
                "alpha": alpha,
            }
        ]
    for path in out or []:
        if path.suffix.lower() != ".html":
            write_rows([path], rows, "Plan of a study")
            continue
        from gluteal.show.pages.plan import save_cause_designs, save_plan

        if designs is not None:
            save_cause_designs(path, designs, command=command_line())
        elif found is not None:
            save_plan(path, found, command=command_line())
    if json_:
        print_json(rows if causes else rows[0])
    else:
        from gluteal.show.terminal.outcome import show_rows

        for arrow in dict.fromkeys(row["looks for"] for row in rows) if causes else ():
            standard_output().print(f"Designs that ask whether {arrow}", style="bold")
            kept = [_in_percent(row) for row in rows if row["looks for"] == arrow]
            show_rows(standard_output(), kept, hide=("looks for",))
        standard_output().print(sentence, highlight=False)
    say_written(out)
    return DONE


def _refuse(**options: Any) -> None:
    """Refuse options that --causes would not use, where they are not left at their defaults."""
    defaults = inspect.signature(plan_command).parameters
    given = [f"--{name}" for name, value in options.items() if value != defaults[name].default]
    if given:
        raise InputError(
            f"--causes has worlds of its own and takes only --people and --alpha; leave {list_words(given)} out, "
            "or --causes."
        )


def _simulate_causes(people: tuple[int, ...], alpha: float) -> CauseDesigns:
    from gluteal.ledger.evidence.causes import compute_cause_designs

    with show_progress("Simulating studies in worlds whose causes are known"):
        return compute_cause_designs(people=people, alpha=alpha)


def _tell_causes(designs: CauseDesigns) -> tuple[list[dict[str, str | int | float]], str]:
    rows: list[dict[str, str | int | float]] = [
        {
            "design": d.design.name,
            "looks for": d.design.arrow,
            "people": d.people,
            "found if true": d.power,
            "found if not": d.false,
            "right": d.right,
        }
        for d in designs.discriminations()
    ]
    return rows, (
        "Chances in the hardest worlds; right: a right conclusion if the hardest world with and without the cause "
        "are equally probable (50 % is a coin). The worlds' equations and sources are in docs/causes.md."
    )


def _in_percent(row: Mapping[str, str | int | float]) -> dict[str, str | int]:
    return {k: f"{100 * v:.0f} %" if isinstance(v, float) else v for k, v in row.items()}
