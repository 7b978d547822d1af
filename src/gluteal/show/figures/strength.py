"""A dynamometer's reading beside the strength that was measured in people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from gluteal.show.figures.outcome import BASELINE, CONDITION


def plot_strength(
    computed: float,
    published: Sequence[Mapping[str, Any]],
    *,
    bodies: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Plot a reading (N m/kg) as a line, and as bars what each group of people measured.

    Parameters
    ----------
    published : sequence of mapping
        ``name`` (source and group in words), ``low`` and ``high`` (N m/kg; equal where one number was published).
    bodies : (low, high), optional
        Range of the reading over published bodies, N m/kg.
    """
    if ax is None:
        ax = plt.subplots(figsize=(7.2, 1.2 + 0.34 * max(len(published), 1)), layout="constrained")[1]
    for row, one in enumerate(published):
        ax.plot([one["low"], one["high"]], [row, row], color=BASELINE, linewidth=5.0, solid_capstyle="round")
    if bodies is not None:
        ax.axvspan(*bodies, color=CONDITION, alpha=0.15, linewidth=0.0, label="published bodies")
    ax.axvline(computed, color=CONDITION, linewidth=2.0, label="this body")
    ax.set_yticks(range(len(published)), [one["name"] for one in published], fontsize="small")
    ax.set_ylim(max(len(published), 1) - 0.4, -0.6)
    ax.set_xlim(left=0.0)
    ax.set_xlabel("strength (N·m/kg); grey-blue: measured in people")
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize="small")
    for edge in ("top", "right", "left"):
        ax.spines[edge].set_visible(False)
    ax.tick_params(length=0)
    return ax
