"""How much a movement can do without, in one HTML file: the answer, the body at the loss it just bears, the ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from gluteal.errors import GlutealError
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.outcome.sentences import title_first, title_within
from gluteal.sharing.tolerance import Ranking, Tolerance, compute_loss_curve
from gluteal.show.figures.inline import inline_axes, own_style
from gluteal.show.figures.tolerance import plot_loss_curve, plot_tolerance
from gluteal.show.live.embed import LiveBlock, live_block
from gluteal.show.pages.body_pictures import draw_state
from gluteal.show.pages.names import label_group
from gluteal.show.pages.report import KIND_WORDS, Grid, Report, ReportHead, list_people_facts, write_report
from gluteal.show.parts import say_part
from gluteal.simulate.ensemble_range import EnsembleRange
from gluteal.simulate.experiment import simulate
from gluteal.words import FIXED, list_words

#: Curves of more targets would make a page nobody scrolls through; the ranking has them all.
MOST_CURVES = 6
_ONE_BODY = (
    "This is one body. Published anatomies of the hip differ; name the muscles you mean, and every published body is "
    "asked, too."
)
_LIMITS = (
    FIXED,
    "Tolerated means: the joint moments can still be produced at every instant, whatever effort it costs. A muscle "
    "that works at its limit tires within seconds, so nobody should take this for what is comfortable or safe.",
    "Whatever else helps does so at once and without limit of habit, pain or caution. People stop, lean or slow down "
    "long before.",
    "A body that is stronger than people tolerates more than they do; “gluteal strength” says beside every reading how "
    "far this body is from people who were measured.",
)


@dataclass(frozen=True)
class _Told:
    """One tolerance in words."""

    where: str
    share: str
    sentence: str


def save_tolerance(
    path: str | Path,
    ranking: Ranking,
    mechanics: Mechanics,
    *,
    ranges: Mapping[str, EnsembleRange] | None = None,
    condition: Condition | None = None,
    command: str | None = None,
) -> None:
    """Write the page; parameters as `report_tolerance`, errors as `gluteal.files.written_whole`."""
    report, live = report_tolerance(ranking, mechanics, ranges=ranges, condition=condition, command=command)
    write_report(path, report, live=live)


def report_tolerance(
    ranking: Ranking,
    mechanics: Mechanics,
    *,
    ranges: Mapping[str, EnsembleRange] | None = None,
    condition: Condition | None = None,
    command: str | None = None,
) -> tuple[Report, LiveBlock | None]:
    """Return the report on a ranking, and the live page that opens at the loss which is just tolerated.

    Parameters
    ----------
    ranking : Ranking
        From `gluteal.rank_tolerance` on `mechanics`.
    ranges : mapping of target -> EnsembleRange, optional
        The same tolerance on every published body.
    condition : Condition or None
        Under which it was ranked.
    command : str, optional
        The command line that repeats it.
    """
    ranges = ranges or {}
    first = ranking.tolerances[0]
    outcome = None if ranking.refused else _at_the_limit(first, mechanics, condition or Condition())
    report = Report(
        answer=_answer(ranking, mechanics, ranges),
        figures=_figures(ranking, mechanics, outcome, condition),
        grids=(_grid(ranking, ranges),),
        limits=_LIMITS + (() if ranges else (_ONE_BODY,)),
        settings={
            "body": f"{mechanics.body.name}, {mechanics.body.source}",
            "movement": mechanics.movement.title,
            "frames": str(len(mechanics.time)),
            **({"condition": condition.name} if condition else {}),
        },
        command=command,
    )
    return report, None if outcome is None else _live(outcome)


def _answer(ranking: Ranking, mechanics: Mechanics, ranges: Mapping[str, EnsembleRange]) -> ReportHead:
    movement, first = mechanics.movement, ranking.tolerances[0]
    over = f"{movement.title} · body “{mechanics.body.name}”"
    if ranking.refused:
        return ReportHead(
            over=over,
            title=f"{title_first(movement.title)}: no tolerance can be told",
            sentence=_sentence(ranking.refused),
            certainty="Nothing follows: a tolerance would measure the model’s own lack, not the muscle.",
            badge="Cannot be judged yet",
            tone="cannot-be-judged",
            person=("The calculation could not be made, so there is nothing to tell yet.", *KIND_WORDS),
        )
    told = _tell(first)
    certainty = _ONE_BODY
    if first.name in ranges:
        certainty = ranges[first.name].say(lambda loss: f"{100 * loss:.0f} %")
    elif ranges:
        certainty = next(iter(ranges.values())).say(lambda loss: f"{100 * loss:.0f} %")
    more = len(ranking.tolerances) - 1
    return ReportHead(
        over=over,
        title=f"How much of the {told.where} can {title_within(movement.title)} do without?"
        if not more
        else f"What can {title_within(movement.title)} do without?",
        sentence=told.sentence if not more else f"Least of all it can do without the {told.where}. {told.sentence}",
        number=told.share,
        number_words=f"of the {told.where} may be lost before a moment is missing",
        certainty=certainty,
        tone="unchanged",
        people=list_people_facts(movement.name, Condition.weaken(first.name, loss=0.5)),
        person=(
            f"The body can do {title_within(movement.title)} with much less than its full strength, because muscles "
            "share the work."
            if first.critical_loss is None or first.critical_loss > 0.2
            else f"{title_first(movement.title)}, done exactly like this, uses most of the {told.where}. People who "
            "have less simply do it a little differently.",
            *KIND_WORDS,
        ),
    )


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}" + ("" if words.endswith(".") else ".")


def _tell(one: Tolerance) -> _Told:
    """Say one tolerance by anatomical names."""
    where = label_group(one.name, one.side)
    if one.refused:
        return _Told(where, "–", _sentence(one.refused))
    if one.critical_loss is None:
        return _Told(where, "100 %", f"Even without any of the {where} this movement remains possible.")
    lacks = say_part(str(one.limiting_coordinate))
    return _Told(
        where,
        f"{100 * one.critical_loss:.0f} %",
        f"Up to {100 * one.critical_loss:.0f} % of the {where} can be lost; beyond that a moment is missing first for "
        f"{lacks}, at {one.limiting_time:.2f} s.",
    )


def _grid(ranking: Ranking, ranges: Mapping[str, EnsembleRange]) -> Grid:
    limited = [t for t in ranking.tolerances if t.critical_loss is not None or t.refused]
    whole = [label_group(t.name, t.side) for t in ranking.tolerances if t not in limited]
    columns = ("lost", "tolerated loss (%)", "what is missing first", "at (s)")
    rows: list[tuple[object, ...]] = []
    for one in limited or ranking.tolerances:
        loss = None if one.refused else 100.0 if one.critical_loss is None else 100.0 * one.critical_loss
        lacks = say_part(one.limiting_coordinate) if one.limiting_coordinate else None
        row: tuple[object, ...] = (label_group(one.name, one.side), loss, lacks, one.limiting_time)
        if ranges:
            found = ranges.get(one.name)
            row += (None if found is None else f"{100 * found.low:.0f} to {100 * found.high:.0f}",)
        rows.append(row)
    return Grid(
        title="Everything asked, the smallest tolerance first",
        columns=(*columns, "published bodies (%)") if ranges else columns,
        rows=rows,
        note=f"Even a complete loss is tolerated of: {list_words(whole)}." if whole and limited else "",
    )


def _figures(
    ranking: Ranking, mechanics: Mechanics, outcome: Outcome | None, condition: Condition | None
) -> list[tuple[Markup, str]]:
    """Draw the body at the limit, the ranking, and for the smallest tolerances what grows as more is lost."""

    def curve_of(one: Tolerance) -> Callable[[Axes], Axes]:
        curve = compute_loss_curve(mechanics, one.name, side=one.side, condition=condition)
        return lambda ax: plot_loss_curve(curve, critical_loss=one.critical_loss, ax=ax)

    if ranking.refused:
        return []
    figures = []
    first = ranking.tolerances[0]
    limited = [t for t in ranking.tolerances if t.critical_loss is not None]
    if outcome is not None:
        time = first.limiting_time
        frame = 0 if time is None else int(np.argmin(np.abs(mechanics.time - time)))
        when = f", at {mechanics.time[frame]:.2f} s, where a moment is missing first" if limited else ""
        told = _tell(first)
        picture = draw_state(outcome, frame, alt=f"The body with {told.share} of the {told.where} lost")
        figures.append((picture, f"The body with {told.share} of the {told.where} lost{when}. Redder works harder."))
    with own_style():
        if len(ranking.tolerances) > 1:
            height = 1.0 + 0.3 * max(min(len(ranking.tolerances), 20), 4)
            bars = inline_axes(lambda ax: plot_tolerance(ranking, ax=ax), size=(7.2, height))
            figures.append((bars, "Largest tolerated loss of each by itself; pale: even a complete loss."))
        caption = (
            "As more is lost. Left axis: the largest moment that is missing at any joint and time. Right axis: the "
            "effort of all muscles, relative to no loss. Dashed: the largest loss at which nothing is missing."
        )
        figures += [(inline_axes(curve_of(one)), caption) for one in limited[:MOST_CURVES]]
    return figures


def _at_the_limit(first: Tolerance, mechanics: Mechanics, beside: Condition) -> Outcome | None:
    """Return the movement at the loss which is just tolerated, to two digits; None where it cannot be simulated."""
    loss = 1.0 if first.critical_loss is None else np.floor(100.0 * first.critical_loss) / 100.0
    condition = beside & Condition.weaken(first.name, loss=float(loss), side=first.side)
    try:
        return simulate(mechanics.body, mechanics.movement, condition=condition, mechanics=mechanics)
    except GlutealError:
        return None


def _live(outcome: Outcome) -> LiveBlock | None:
    try:
        return live_block(outcome)
    except GlutealError:  # an engine that draws no body
        return None
