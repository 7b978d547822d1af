"""Forest plot: the effects of single studies with their intervals, and what they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gluteal.ledger.evidence.effect_sizes import RATIOS, no_effect
from gluteal.ledger.evidence.synthesis import Row, Synthesis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STUDY, LEFT_OUT, POOLED = "#1f4e79", "#9a9a9a", "#b5431f"


def plot_forest(synthesis: Synthesis, *, ax: Axes | None = None) -> Axes:
    """Draw a synthesis: a square a study (its area is the weight), a diamond the pooled effect, a bar the prediction.

    All intervals hold 95 %. Studies that are not pooled are grey; where nothing is pooled the reason stands below.

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

    pooled = synthesis.pooled
    if ax is None:
        _, ax = plt.subplots(figsize=forest_size(synthesis), layout="constrained")
    labels: list[str] = []
    for place, row in enumerate(synthesis.rows):
        _draw_row(ax, row, place, pooled is not None)
        labels.append(row.name)
    if pooled is not None:
        below = len(synthesis.rows)
        for estimate, name, at in (
            (pooled.random, f"random effects, I² {pooled.i2:.0%}", below),
            (pooled.fixed, "fixed effect", below + 1),
        ):
            _draw_diamond(ax, estimate.low, estimate.value, estimate.high, at, filled=at == below)
            labels.append(name)
        if pooled.prediction is not None:
            ax.plot(pooled.prediction, [below + 2] * 2, color=POOLED, linewidth=5, alpha=0.5, solid_capstyle="butt")
            labels.append("prediction for a further study")
        ax.axhline(below - 0.5, color="0.8", linewidth=0.8)
    nothing = no_effect(synthesis.measure)
    if nothing is not None:
        ax.axvline(nothing, color="0.3", linewidth=0.8, linestyle="--", zorder=0)
    if synthesis.measure in RATIOS:
        ax.set_xscale("log")
    units = "" if synthesis.units == "1" else f", {synthesis.units}"
    ax.set_xlabel(f"{synthesis.measure}{units} (95 % intervals)\n{synthesis.contrast}", fontsize=9)
    ax.set_yticks(range(len(labels)), labels, fontsize=9)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.set_title(synthesis.title, fontsize=10, loc="left")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    if synthesis.why_not:
        ax.annotate(
            _broken(synthesis.why_not),
            (0, 0),
            (0, -44),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            fontsize=8,
            color="0.35",
            annotation_clip=False,
        )
    return ax


def forest_size(synthesis: Synthesis) -> tuple[float, float]:
    """Return width and height of a figure with room for every line of the plot, inches."""
    pooled = synthesis.pooled
    lines = len(synthesis.rows) + (2 if pooled else 0) + (1 if pooled and pooled.prediction else 0)
    return 7.5, 1.4 + 0.42 * lines


def _draw_row(ax: Axes, row: Row, place: int, is_pooled: bool) -> None:
    colour = LEFT_OUT if is_pooled and row.weight is None else STUDY
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


def _broken(words: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(words[0].upper() + words[1:] + ".", 95))
