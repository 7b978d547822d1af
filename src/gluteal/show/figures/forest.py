"""Forest plot: the effects of single studies with their intervals, and what they add up to."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from gluteal.ledger.evidence.effect_sizes import RATIOS
from gluteal.ledger.evidence.synthesis import Row, Synthesis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, StrMethodFormatter

# Each can be told from a light and from a dark page.
STUDY, LEFT_OUT, POOLED, BAND = "#3c7fb8", "#9a9a9a", "#c8532b", "#c9a227"
_LABEL_WIDTH = 38


def plot_forest(synthesis: Synthesis, *, ax: Axes | None = None) -> Axes:
    """Draw a synthesis: a square an effect (its area is the weight), a diamond the pooled effect, a bar the prediction.

    All intervals hold 95 %. The band is what is too small to matter. Effects that are not pooled are grey; where
    nothing is pooled the reason stands below.

    Parameters
    ----------
    synthesis : Synthesis
        From `gluteal.ledger.evidence.synthesis.synthesise`.
    ax : matplotlib Axes, optional
        Where to draw; a new figure of fitting height otherwise.

    Returns
    -------
    Axes
    """
    import matplotlib.pyplot as plt

    if ax is None:
        _, ax = plt.subplots(figsize=forest_size(synthesis), layout="constrained")
    _draw_band(ax, synthesis)
    labels = [_label(row, synthesis) for row in synthesis.rows]
    for place, row in enumerate(synthesis.rows):
        _draw_row(ax, row, place, synthesis.pooled is not None)
    labels += _draw_sums(ax, synthesis, len(labels))
    if synthesis.measure in RATIOS:
        ax.set_xscale("log")
        # Plain numbers: a page draws text as it stands, and no formula of powers.
        ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
    units = "" if synthesis.units in ("", "1") else f", {synthesis.units}"
    side = _side_words(synthesis)
    ax.set_xlabel(f"{synthesis.measure}{units} (95 % intervals){side}", fontsize=9)
    ax.set_yticks(range(len(labels)), labels, fontsize=8.5)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_title("\n".join(textwrap.wrap(synthesis.title, 80)), fontsize=10, loc="left")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


def forest_size(synthesis: Synthesis) -> tuple[float, float]:
    """Return width and height of a figure with room for every line of the plot, inches."""
    pooled = synthesis.pooled
    lines = len(synthesis.rows) + (2 if pooled else 0) + (1 if pooled and pooled.prediction else 0)
    return 7.5, 1.1 + 0.3 * max(lines, 2)


def _label(row: Row, synthesis: Synthesis) -> str:
    several = sum(other.study == row.study for other in synthesis.rows) > 1
    words = f"{row.name}: {row.outcome}" if row.outcome and (several or not synthesis.main) else row.name
    return textwrap.shorten(words, _LABEL_WIDTH, placeholder=" …")


def _side_words(synthesis: Synthesis) -> str:
    axis = synthesis.axis
    if axis is None:
        return ""
    return "\nright speaks for the claim" if axis.turn > 0 else "\nleft speaks for the claim"


def _draw_band(ax: Axes, synthesis: Synthesis) -> None:
    axis, nothing = synthesis.axis, synthesis.nothing
    if nothing is None:
        return
    ax.axvline(nothing, color="0.5", linewidth=0.8, linestyle="--", zorder=0)
    if axis is not None:
        ends = sorted((axis.shown(-axis.band), axis.shown(axis.band)))
        ax.axvspan(*ends, color=BAND, alpha=0.16, linewidth=0, zorder=-1)


def _draw_sums(ax: Axes, synthesis: Synthesis, below: int) -> list[str]:
    pooled = synthesis.pooled
    if pooled is None:
        return []
    labels = []
    for estimate, name, at in (
        (pooled.random, f"{pooled.method}, I² {pooled.i2:.0%}", below),
        (pooled.fixed, "common effect", below + 1),
    ):
        _draw_diamond(ax, estimate.low, estimate.value, estimate.high, at, filled=at == below)
        labels.append(name)
    if pooled.prediction is not None:
        ax.plot(pooled.prediction, [below + 2] * 2, color=POOLED, linewidth=5, alpha=0.5, solid_capstyle="butt")
        labels.append("prediction for a further study")
    ax.axhline(below - 0.5, color="0.6", linewidth=0.8)
    return labels


def _draw_row(ax: Axes, row: Row, place: int, is_pooled: bool) -> None:
    colour = LEFT_OUT if row.left_out or (is_pooled and row.weight is None) else STUDY
    if row.low is not None and row.high is not None:
        ax.plot([row.low, row.high], [place, place], color=colour, linewidth=1.4)
    ax.scatter([row.value], [place], s=20 + 160 * (row.weight or 0.1), marker="s", color=colour, zorder=3)


def _draw_diamond(ax: Axes, low: float, value: float, high: float, place: int, *, filled: bool) -> None:
    ax.fill(
        [low, value, high, value],
        [place, place - 0.25, place, place + 0.25],
        facecolor=POOLED if filled else "none",
        edgecolor=POOLED,
        zorder=3,
    )
