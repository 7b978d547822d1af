"""The plan of a study in one HTML file: how many people, what they can show, and what the answer rests on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes

from gluteal.ledger.evidence.causes import CAUSAL_DESIGNS, CauseDesigns
from gluteal.ledger.evidence.planning import StudyPlan
from gluteal.show.figures.causes import plot_cause_designs
from gluteal.show.figures.inline import inline_axes, own_style
from gluteal.show.figures.planning import plot_power
from gluteal.show.pages.report import Grid, Report, ReportHead, write_report

_PERSON = (
    "This says how many people a study has to ask before its answer means something. Studies that are too small often "
    "find nothing, or too much.",
)
_LIMITS = (
    "A plan is as good as the spread, the error and the difference that it was given; take them from measurements of "
    "people like those you will ask.",
    "It counts people who finish. Add those who will drop out, and those whose recordings will not be usable.",
    "A chance of 80 % still misses a true difference in one study of five.",
)
_CAUSE_LIMITS = (
    "The studies are simulated in worlds made up for the purpose; their equations, numbers and sources are in "
    "docs/causes.md. Real people may live in none of them.",
    "Chances are those of the hardest world, so most studies do better than told here, none is told better than it is.",
    "Finding what is true is not the same as knowing how large it is.",
)
_FOOTER = "This is a calculation about studies, not about a person."


def save_plan(path: str | Path, plan: StudyPlan, *, command: str | None = None) -> None:
    """Write the page of a plan; errors as `gluteal.files.written_whole`."""
    write_report(path, report_plan(plan, command=command))


def save_cause_designs(path: str | Path, designs: CauseDesigns, *, command: str | None = None) -> None:
    """Write the page on which designs can tell causes apart; errors as `gluteal.files.written_whole`."""
    write_report(path, report_cause_designs(designs, command=command))


def report_plan(plan: StudyPlan, *, command: str | None = None) -> Report:
    """Return the report on a plan.

    Parameters
    ----------
    plan : StudyPlan
        From `gluteal.ledger.evidence.planning`.
    command : str, optional
        The command line that repeats it.
    """
    d = plan.design
    first, second = d.split(plan.people)
    kind = {
        "two groups": f"two groups: {first} and {second} people",
        "paired": f"{first} people, each measured twice",
        "cohort": f"{plan.people} people followed, {first} of whom have the event",
    }[d.kind]
    rows: list[tuple[object, ...]] = [
        ("how it compares", kind),
        ("true difference to be seen", f"{abs(plan.effect):.3g} {d.unit}"),
        ("chance to see it", f"{100 * plan.power:.0f} %"),
        ("chance to see one that is not there", f"{100 * d.alpha:g} %"),
        ("how people differ (standard deviation of true values)", f"{d.spread:.3g} {d.unit}"),
        ("error of measurement of one trial", f"{d.sem:.3g} {d.unit}"),
        ("trials of each person", str(d.trials)),
        ("spread that the study meets, error included", f"{d.met_spread:.3g} {d.unit}"),
        ("share of that spread which is true", f"{100 * d.reliability:.0f} %"),
    ]
    if d.kind == "paired":
        rows.append(("correlation of the two occasions", f"{d.correlation:g} (assumed unless measured)"))
    with own_style():
        curve = inline_axes(lambda ax: plot_power(plan, ax=ax), size=(6.4, 3.4))
    return Report(
        answer=ReportHead(
            over="Plan of a study",
            title=f"Can {plan.people} people show a difference of {abs(plan.effect):.3g} {d.unit}?",
            sentence=plan.sentence,
            number=f"{plan.people} people",
            number_words=f"in all: {kind}",
            certainty=f"Exact for the numbers given: the power of the t test at {100 * d.alpha:g} %. What is uncertain "
            "is the spread and the error that were put in.",
            badge=f"{100 * plan.power:.0f} % chance to see it",
            tone="unchanged" if plan.power >= 0.8 else "compensated",
            person=_PERSON,
        ),
        figures=[(curve, "The chance to see the difference, by the number of people; the dot is this plan.")],
        grids=(Grid(title="What was assumed", columns=("what", "how much"), rows=rows),),
        limits=_LIMITS,
        command=command,
        footer=_FOOTER,
    )


def report_cause_designs(designs: CauseDesigns, *, command: str | None = None) -> Report:
    """Return the report on which designs can tell weakness before pain from weakness after it.

    Parameters
    ----------
    designs : CauseDesigns
        From `gluteal.ledger.evidence.causes.compute_cause_designs`.
    command : str, optional
        The command line that repeats it.
    """

    def of_size(people: int) -> Callable[[Axes], Axes]:
        return lambda ax: plot_cause_designs(designs, people=people, ax=ax)

    found = designs.discriminations()
    best, worst = max(found, key=lambda d: d.right), min(found, key=lambda d: d.right)
    size = (8.6, 1.4 + 0.52 * len(CAUSAL_DESIGNS))
    with own_style():
        figures = [
            (
                inline_axes(of_size(people), size=size),
                "A dot a world: filled where what the design looks for is true there. A design that tells worlds apart "
                "has its filled dots at the right and its rings at the left.",
            )
            for people in designs.people
        ]
    rows = [
        (
            d.design.name,
            d.design.arrow,
            d.people,
            f"{100 * d.power:.0f} %",
            f"{100 * d.false:.0f} %",
            f"{100 * d.right:.0f} %",
        )
        for d in found
    ]
    return Report(
        answer=ReportHead(
            over="Plan of a study",
            title="Which studies can tell weakness before pain from weakness after it?",
            sentence=f"The best of them here, {best.design.name} with {best.people} people, is right in "
            f"{100 * best.right:.0f} % of cases; {worst.design.name} with {worst.people} people is right in "
            f"{100 * worst.right:.0f} %. A coin would be right in 50 %.",
            number=f"{100 * best.right:.0f} %",
            number_words=f"right conclusions by {best.design.name}, {best.people} people",
            certainty=f"{designs.studies} studies were simulated in each world, and the hardest world counts.",
            person=_PERSON,
        ),
        figures=figures,
        grids=(
            Grid(
                title="Every design",
                columns=("design", "asks whether", "people", "found if true", "found if not", "right"),
                rows=rows,
                note="Right: a right conclusion, if the hardest world with and without the cause are equally probable.",
            ),
        ),
        limits=_CAUSE_LIMITS,
        settings={"simulated studies a world": str(designs.studies), "error allowed": f"{100 * designs.alpha:g} %"},
        command=command,
        footer=_FOOTER,
    )
