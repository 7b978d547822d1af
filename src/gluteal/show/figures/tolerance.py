"""Figures of tolerances: ranked bars, and what grows as more is lost."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from gluteal.anatomy import group_words
from gluteal.sharing.tolerance import Ranking
from gluteal.show.figures.outcome import BASELINE, CONDITION
from gluteal.show.parts import say_part
from gluteal.words import SIDES


def plot_tolerance(ranking: Ranking, *, most: int = 20, ax: Axes | None = None) -> Axes:
    """Plot the largest tolerated loss of each target, ranked, with what fails first and when.

    Targets that tolerate a complete loss come last and are pale. `most` limits the bars.
    """
    shown = [t for t in ranking.tolerances if not t.refused][:most][::-1]
    if ax is None:
        ax = plt.subplots(figsize=(7.2, 1.0 + 0.3 * max(len(shown), 4)), layout="constrained")[1]
    loss = np.array([1.0 if t.critical_loss is None else t.critical_loss for t in shown])
    whole = np.array([t.critical_loss is None for t in shown], bool)
    names = [SIDES[None if t.side == "both" else t.side] + group_words(t.name) for t in shown]
    bars = ax.barh(np.arange(len(shown)), 100.0 * loss, height=0.7)
    for bar, pale, one in zip(bars, whole, shown, strict=True):
        bar.set_color(BASELINE if pale else CONDITION)
        bar.set_alpha(0.35 if pale else 0.9)
        text = "all" if pale else f"{say_part(str(one.limiting_coordinate))}, {one.limiting_time:.2f} s"
        ax.annotate(
            text,
            (bar.get_width(), bar.get_y() + bar.get_height() / 2),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )
    if not shown:
        ax.text(0.5, 0.5, ranking.refused, transform=ax.transAxes, ha="center", va="center", wrap=True)
    ax.set_yticks(np.arange(len(shown)), names)
    ax.set_ylim(-0.7, max(len(shown), 1) - 0.3)
    ax.set_xlim(0.0, 140.0)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel("largest tolerated loss (%); beside it what lacks a moment first")
    ax.set_title(ranking.movement.replace("-", " "), loc="left", fontsize="medium")
    for edge in ("top", "right", "left"):
        ax.spines[edge].set_visible(False)
    ax.tick_params(length=0)
    return ax


def plot_loss_curve(curve: xr.Dataset, *, critical_loss: float | None = None, ax: Axes | None = None) -> Axes:
    """Plot deficit (left axis) and effort relative to no loss (right axis) over loss.

    Parameters
    ----------
    curve : xr.Dataset
        From `gluteal.sharing.tolerance.compute_loss_curve`.
    critical_loss : float, optional
        Marked by a vertical line.
    """
    ax = ax if ax is not None else plt.subplots(figsize=(6.4, 4.0), layout="constrained")[1]
    loss = 100.0 * curve["loss"].values
    ax.plot(loss, curve["deficit"], color=CONDITION, linewidth=1.8)
    ax.set_xlabel("loss (%)")
    ax.set_ylabel("largest missing moment (N·m)", color=CONDITION)
    ax.set_ylim(bottom=0.0)
    other = ax.twinx()
    other.plot(loss, curve["effort"] / curve["effort"][0], color=BASELINE, linewidth=1.8)
    other.set_ylabel("effort, times that without loss", color=BASELINE)
    if critical_loss is not None:
        ax.axvline(100.0 * critical_loss, color="0.5", linewidth=1.0, linestyle=(0, (3, 3)))
    where = " and ".join(group_words(name) for name in curve.attrs["targets"].split(" + "))
    movement = curve.attrs["movement"].replace("-", " ")
    side = SIDES[None if curve.attrs["side"] == "both" else curve.attrs["side"]]
    ax.set_title(f"{side}{where}, {movement}", loc="left", fontsize="medium")
    for edge in (ax.spines["top"], other.spines["top"]):
        edge.set_visible(False)
    return ax
