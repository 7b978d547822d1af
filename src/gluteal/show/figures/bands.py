"""Near-optimal bands as a picture: what groups of muscles may do undisturbed, and what under the condition."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from gluteal import anatomy
from gluteal.outcome.bands import OutcomeBands
from gluteal.show.figures.outcome import BASELINE, CONDITION
from gluteal.words import SIDES

_HEIGHT = 0.34


def plot_bands(bands: OutcomeBands, *, ax: Axes | None = None) -> Axes:
    """Plot the peak activation of groups: bars what sharings near the least effort do, thin lines the wide slack."""
    table = bands.groups.iloc[::-1].reset_index(drop=True)
    if ax is None:
        ax = plt.subplots(figsize=(6.0, 0.6 + 0.34 * len(table)), layout="constrained")[1]
    narrow, wide = bands.slacks
    for prefix, colour, shift, name in (
        ("baseline_", BASELINE, 0.5 * _HEIGHT, "undisturbed"),
        ("", CONDITION, -0.5 * _HEIGHT, "condition"),
    ):
        places = table.index.to_numpy() + shift
        low, high = (table[f"{prefix}{end}"].to_numpy() for end in ("low", "high"))
        ax.barh(places, high - low, left=low, height=_HEIGHT, color=colour, label=name, zorder=2)
        ax.hlines(
            places, table[f"wide_{prefix}low"], table[f"wide_{prefix}high"], color=colour, linewidth=1.0, zorder=1
        )
    ax.set_yticks(
        table.index.to_numpy(),
        [f"{SIDES[s]}{anatomy.group_words(n)}: {w}" for n, s, w in table[["name", "side", "word"]].to_numpy()],
    )
    ax.set_xlim(0.0, 1.02)
    ax.set_xlabel(f"peak activation (effort up to {100 * narrow:.0f} % above the least; lines: {100 * wide:.0f} %)")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False)
    for spine in ("top", "right", "left"):
        ax.spines[spine].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", alpha=0.3)
    return ax
