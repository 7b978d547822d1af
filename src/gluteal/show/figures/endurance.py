"""Figures of endurance: what groups do while a posture is held, and the model beside people's holding times."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from gluteal.anatomy import group_words
from gluteal.nerves.fatigue import find_fatigue_rates, hold_time, people_hold
from gluteal.simulate.endurance import Hold
from gluteal.words import SIDES

#: How many groups are drawn: more lines than that nobody tells apart.
MOST_LINES = 8


def plot_hold(hold: Hold, *, ax: Axes | None = None) -> Axes:
    """Plot the mean activation of the groups that change most, over the time of the hold."""
    ax = ax if ax is not None else plt.subplots(figsize=(6.4, 4.0), layout="constrained")[1]
    body = hold.mechanics.body
    force = body.muscles["max_isometric_force"].values
    rows = {(g.group, g.side): list(g.rows) for g in body.sided_groups}
    for name, side in hold.groups[["name", "side"]].head(MOST_LINES).itertuples(index=False, name=None):
        at = rows[name, side]
        course = np.average(hold.activation[:, at], axis=1, weights=np.maximum(force[at], 1e-12))
        ax.plot(hold.time, course, linewidth=1.6, label=f"{SIDES[side]}{group_words(name)}")
    ax.set_xlabel("time (s)")
    ax.set_ylabel("activation (1), mean of the group")
    ax.set_ylim(0.0, 1.0)
    ax.legend(frameon=False, fontsize="small", ncols=2, loc="upper left", bbox_to_anchor=(0.0, -0.15))
    ax.set_title(hold.mechanics.movement.title, loc="left", fontsize="medium")
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    return ax


def plot_hold_time(region: str = "general", *, ax: Axes | None = None) -> Axes:
    """Plot how long one muscle gives a share of its strength: the model, and people (Frey Law and Avin 2010)."""
    ax = ax if ax is not None else plt.subplots(figsize=(6.4, 4.0), layout="constrained")[1]
    rates, load = find_fatigue_rates(region), np.linspace(0.1, 0.95, 86)
    ax.semilogy(100 * load, hold_time(load, rates), linewidth=1.8, color="#d9541e", label="three compartments")
    ax.semilogy(100 * load, people_hold(load, rates), linewidth=1.8, color="#6b8299", label="people, pooled law")
    # Plain numbers: a page draws text as it stands, and no formula of powers.
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel("load (% of strength)")
    ax.set_ylabel("holding time (s)")
    ax.legend(frameon=False, fontsize="small")
    ax.set_title(f"{region}: rates of the model beside people's holding times", loc="left", fontsize="medium")
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    return ax
