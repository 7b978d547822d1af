"""Figures that stand above a table, each with its caption, for `gluteal.show.pages.outcome.write_table`."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes

from gluteal.ledger.evidence.causes import CAUSAL_DESIGNS, CauseDesigns
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.sharing.tolerance import Ranking, Tolerance, compute_loss_curve
from gluteal.show.figures.causes import plot_cause_designs
from gluteal.show.figures.tolerance import plot_loss_curve, plot_tolerance
from gluteal.show.pages.page import STYLE, inline_axes

#: Curves of more targets would make a page nobody scrolls through; the ranking has them all.
MOST_CURVES = 6


def draw_tolerance(
    ranking: Ranking, mechanics: Mechanics, condition: Condition | None = None
) -> list[tuple[Markup, str]]:
    """Draw a ranking, and for the smallest tolerances what is missing and what it costs as more is lost.

    Parameters
    ----------
    ranking : Ranking
        From `gluteal.rank_tolerance` on `mechanics`.
    condition : Condition or None
        Under which it was ranked.
    """

    def curve_of(one: Tolerance) -> Callable[[Axes], Axes]:
        curve = compute_loss_curve(mechanics, one.name, side=one.side, condition=condition)
        return lambda ax: plot_loss_curve(curve, critical_loss=one.critical_loss, ax=ax)

    if ranking.refused:
        return []
    limited = [t for t in ranking.tolerances if t.critical_loss is not None]
    height = 1.0 + 0.3 * max(min(len(ranking.tolerances), 20), 4)
    with mpl.rc_context(STYLE):
        bars = inline_axes(lambda ax: plot_tolerance(ranking, ax=ax), size=(7.2, height))
        curves = [inline_axes(curve_of(one)) for one in limited[:MOST_CURVES]]
    caption = (
        "As more is lost. Left axis: the largest moment that is missing at any joint and time. Right axis: the effort "
        "of all muscles, relative to no loss. Dashed: the largest loss at which nothing is missing."
    )
    return [(bars, "Largest tolerated loss of each target by itself."), *((curve, caption) for curve in curves)]


def draw_causes(designs: CauseDesigns) -> list[tuple[Markup, str]]:
    """Draw what every design finds in every world, a figure for each size of study."""

    def of_size(people: int) -> Callable[[Axes], Axes]:
        return lambda ax: plot_cause_designs(designs, people=people, ax=ax)

    size = (8.6, 1.4 + 0.52 * len(CAUSAL_DESIGNS))
    caption = (
        "A dot a world: filled where what the design looks for is true there. A design that tells worlds apart has "
    )
    caption += "its filled dots at the right and its rings at the left."
    with mpl.rc_context(STYLE):
        return [(inline_axes(of_size(people), size=size), caption) for people in designs.people]
