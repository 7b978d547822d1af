"""How many of each: bars."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from gluteal.show.figures.outcome import BASELINE


def plot_counts(counts: Mapping[str, int], *, ax: Axes | None = None, unit: str = "") -> Axes:
    """Plot how many there are of each, the first on top, the number at the end of its bar; `unit` on the axis."""
    ax = ax if ax is not None else plt.subplots(figsize=(6.4, 3.0), layout="constrained")[1]
    places = range(len(counts))
    ax.barh(places, list(counts.values()), color=BASELINE, height=0.62)
    for place, value in zip(places, counts.values(), strict=True):
        ax.annotate(str(value), (value, place), xytext=(4, 0), textcoords="offset points", va="center")
    ax.set_yticks(places, list(counts))
    ax.invert_yaxis()
    ax.margins(x=0.12)
    ax.set_xlabel(unit)
    for edge in ("top", "right", "left"):
        ax.spines[edge].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax
