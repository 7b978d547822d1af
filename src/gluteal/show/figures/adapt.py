"""Figures of an adaptation: what moves, and how it grows with the loss."""

from __future__ import annotations

from typing import Literal

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from gluteal.show.figures.outcome import BASELINE, CONDITION, LESS
from gluteal.simulate.adapt.curve import AdaptationCurve
from gluteal.simulate.adapt.habit import KENDALL_LEAN, KENDALL_LIST, KENDALL_LOSS
from gluteal.simulate.adapt.record import Adaptation

#: What a person changes last: told by their own quantity instead.
_FOLLOWS = ("pelvic_shift",)
#: Below these nobody saw a change, deg.
_SEEN = {"trunk_lean": KENDALL_LEAN, "pelvic_list": KENDALL_LIST}
_LABELS = {
    "trunk_lean": "trunk lean over the standing leg (°)",
    "pelvic_list": "free side of the pelvis up (°)",
    "missing": "missing moment (N m)",
}


def plot_changes(adaptation: Adaptation, *, most: int = 12, ax: Axes | None = None) -> Axes:
    """Plot how far each angle moves, deg, the largest for its habit on top; lines span the band of the habit."""
    ax = ax or plt.subplots(figsize=(6.4, 4.0), layout="constrained")[1]
    angles = [c for c in adaptation.changes if c.unit == "deg" and c.quantity not in _FOLLOWS]
    shown = sorted(angles, key=lambda c: abs(c.sigma))[-most:]
    for y, change in enumerate(shown):
        ax.barh(y, change.value, height=0.6, color=CONDITION if change.value >= 0.0 else LESS, alpha=0.85)
        if change.low is not None and change.high is not None:
            ax.plot([change.low, change.high], [y, y], color="0.35", linewidth=1.4, solid_capstyle="butt")
    names = [c.quantity.replace("_", " ") + (f", {c.phase}" if c.phase else "") for c in shown]
    ax.set_yticks(range(len(shown)), names)
    ax.axvline(0.0, color="0.5", linewidth=0.8)
    ax.set_xlabel("change (°)")
    for edge in ("top", "right", "left"):
        ax.spines[edge].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


def plot_adaptation_curve(
    curve: AdaptationCurve, quantity: Literal["trunk_lean", "pelvic_list", "missing"], *, ax: Axes | None = None
) -> Axes:
    """Plot one quantity over the loss: the chosen habit, a band over its weight, and one over bodies where asked.

    Missing moments are told for the posture held fixed, too.
    """
    ax = ax or plt.subplots(figsize=(6.4, 4.0), layout="constrained")[1]
    loss, data = 100.0 * curve.losses, curve.dataset[quantity]
    if curve.bodies is not None and quantity in curve.bodies:
        each = curve.bodies[quantity].values
        label = f"{len(each)} published bodies, smallest to largest"
        ax.fill_between(loss, each.min(axis=0), each.max(axis=0), color=BASELINE, alpha=0.22, linewidth=0, label=label)
    ends = data.sel(habit=["low", "high"]).values
    label = f"weight of habit {curve.habit.band[0]:.2g} to {curve.habit.band[1]:.2g}"
    ax.fill_between(loss, ends.min(axis=0), ends.max(axis=0), color=CONDITION, alpha=0.3, linewidth=0, label=label)
    ax.plot(loss, data.sel(habit="chosen"), color=CONDITION, linewidth=2.0, label=f"weight {curve.habit.weight:g}")
    if quantity == "missing":
        held = curve.dataset["fixed_missing"].values
        ax.plot(loss, held, color=BASELINE, linewidth=2.0, label="held exactly as it was")
    if quantity in _SEEN:
        _mark_kendall(ax, curve, _SEEN[quantity])
    if curve.level_ends is not None:
        ax.axvline(100.0 * curve.level_ends, color="0.5", linewidth=1.0, linestyle=(0, (3, 3)))
        ax.annotate(
            "fixed posture ends",
            (100.0 * curve.level_ends, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-4, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize="small",
            color="0.4",
        )
    ax.set_xlabel("loss (% of the condition)")
    ax.set_ylabel(_LABELS[quantity])
    ax.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(0.0, 0.93))
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    return ax


def _mark_kendall(ax: Axes, curve: AdaptationCurve, limit: float) -> None:
    """Mark what people did with less strength: no change that video would see."""
    loss = curve.loss_of_strength(KENDALL_LOSS)
    if loss is None:
        return
    ax.plot([100.0 * loss] * 2, [-limit, limit], color="0.2", linewidth=3.0, alpha=0.7, solid_capstyle="butt")
    ax.annotate(
        f"people with {100 * KENDALL_LOSS:.0f} % less\nstrength (Kendall 2013)",
        (100.0 * loss, -limit),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize="small",
        color="0.3",
    )
