"""Figure of what each kind of study finds in worlds whose causes are known."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gluteal.errors import InputError
from gluteal.ledger.evidence.causes import CAUSAL_DESIGNS, CauseDesigns
from gluteal.show.figures.outcome import BASELINE, CONDITION


def plot_cause_designs(designs: CauseDesigns, *, people: int | None = None, ax: Axes | None = None) -> Axes:
    """Plot the chance that each design finds what it looks for, a dot a world: filled where it is true there.

    A design that tells worlds apart has its filled dots at the right and its rings at the left.

    Parameters
    ----------
    designs : CauseDesigns
    people : int, optional
        Size of the studies; by default the middle one.
    ax : Axes, optional

    Raises
    ------
    InputError
        Where nothing was computed for this size.
    """
    sizes = designs.people
    size = sizes[len(sizes) // 2] if people is None else people
    if size not in sizes:
        raise InputError(f"There are no studies of {size} people; choose from {', '.join(map(str, sizes))}.")
    if ax is None:
        ax = plt.subplots(figsize=(8.6, 1.4 + 0.52 * len(CAUSAL_DESIGNS)), layout="constrained")[1]
    names = [d.name for d in CAUSAL_DESIGNS]
    worlds = [w.name for w in designs.assumptions.worlds()]
    # A step apart, so that dots at the same chance stay to be seen.
    offset = np.linspace(-0.26, 0.26, len(worlds))
    markers = dict(zip(worlds, "o^sDv", strict=True))
    for row in range(0, len(names), 2):
        ax.axhspan(row - 0.5, row + 0.5, color="0.96", zorder=0)
    for chance in designs.chances:
        if chance.people != size:
            continue
        color = CONDITION if chance.true else BASELINE
        ax.scatter(
            100.0 * chance.found,
            names.index(chance.design.name) + offset[worlds.index(chance.world.name)],
            marker=markers[chance.world.name],
            s=46,
            facecolor=color if chance.true else "white",
            edgecolor=color,
            linewidth=1.4,
            clip_on=False,
            zorder=3,
        )
    ax.axvline(100.0 * designs.alpha / 2.0, color="0.6", linewidth=1.0, linestyle=(0, (3, 3)), zorder=1)
    ax.set_yticks(range(len(names)), [f"{d.name}\n({d.arrow}?)" for d in CAUSAL_DESIGNS], fontsize="small")
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(-1.0, 101.0)
    ax.set_xlabel("studies that find it (%); filled: it is true there; dashed: chance alone")
    ax.set_title(f"what {size} people can show of causes", loc="left", fontsize="medium")
    keys = [
        Line2D([], [], linestyle="", marker=m, markerfacecolor="none", markeredgecolor="0.3", label=w)
        for w, m in markers.items()
    ]
    ax.legend(handles=keys, title="what is true", loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)
    for edge in ("top", "right", "left"):
        ax.spines[edge].set_visible(False)
    ax.tick_params(length=0)
    return ax
