"""What a study found: how many people can still do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from gluteal.show.figures.outcome import BASELINE, CONDITION

# Verdict's column -> colour and heading: blue to red-brown by lightness, told apart without red and green.
_SHADES = (("unchanged", "#c9d3dc"), ("compensated", BASELINE), ("impossible", CONDITION))


def plot_verdicts(rows: Sequence[Mapping[str, Any]], *, ax: Axes | None = None) -> Axes:
    """Plot shares of verdicts (%), a bar a row.

    Parameters
    ----------
    rows : sequence of mapping
        ``name``, ``unchanged``, ``compensated`` and ``impossible`` (shares, 1), as of `gluteal.summarize_study`.
    """
    if ax is None:
        ax = plt.subplots(figsize=(7.6, 1.0 + 0.34 * len(rows)), layout="constrained")[1]
    start = np.zeros(len(rows))
    for key, colour in _SHADES:
        share = 100.0 * np.array([row[key] for row in rows])
        ax.barh(np.arange(len(rows)), share, left=start, height=0.72, color=colour, label=key)
        start += share
    ax.set_yticks(np.arange(len(rows)), [row["name"] for row in rows], fontsize="small")
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0.0, 100.0)
    ax.set_xlabel("people (%)")
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, fontsize="small")
    for edge in ("top", "right", "left"):
        ax.spines[edge].set_visible(False)
    ax.tick_params(length=0)
    return ax
