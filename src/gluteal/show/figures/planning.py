"""The chance of a planned study to see a difference, over how many people take part."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from gluteal.ledger.evidence.planning import StudyPlan, compute_power
from gluteal.show.figures.outcome import CONDITION

#: Points of the curve.
_POINTS = 60
# The curve goes from a few people to this many times the planned ones.
_BEYOND = 2.0


def plot_power(plan: StudyPlan, *, ax: Axes | None = None) -> Axes:
    """Plot the chance (%) to see the plan's difference over people in all, the plan marked."""
    ax = ax if ax is not None else plt.subplots(figsize=(6.4, 3.4), layout="constrained")[1]
    least = next(n for n in range(4, plan.people + 1) if min(_groups(plan, n)) >= 2)
    people = np.unique(np.linspace(least, max(_BEYOND * plan.people, least + 1), _POINTS).astype(int))
    chance = [100.0 * compute_power(plan.design, plan.effect, int(n)).power for n in people]
    ax.plot(people, chance, color=CONDITION, linewidth=1.8)
    ax.plot([plan.people], [100.0 * plan.power], "o", color=CONDITION, markersize=8)
    ax.annotate(
        f"{plan.people} people: {100 * plan.power:.0f} %",
        (plan.people, 100.0 * plan.power),
        xytext=(8, -14),
        textcoords="offset points",
        fontsize="small",
    )
    ax.set_xlabel("people in all")
    ax.set_ylabel("chance to see it (%)")
    ax.set_ylim(0.0, 101.0)
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    return ax


def _groups(plan: StudyPlan, people: int) -> tuple[int, ...]:
    """Return the sizes of the groups that are compared."""
    first, second = plan.design.split(people)
    return (first,) if plan.design.kind == "paired" else (first, second)
