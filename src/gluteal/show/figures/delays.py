"""Figure of late starts: what each delay costs, beside the scatter of healthy onsets."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from gluteal.simulate.delays import LateRow, LateStarts

#: One quantity a panel: what is read, its label.
PANELS: dict[str, tuple[Callable[[LateRow], float], str]] = {
    "effort": (lambda row: 100.0 * (row.effort_ratio - 1.0), "more effort (%)"),
    "hip": (lambda row: row.early_hip_bw, "hip force at first (body weights)"),
    "missing": (lambda row: row.missing, "missing moment (N m)"),
}


def plot_late_starts(late: LateStarts, panel: str = "effort", *, ax: Axes | None = None) -> Axes:
    """Plot one quantity over the delay, a line for each target, dashed for two together.

    The band is one standard deviation of healthy onsets of gluteus maximus. Rows that are impossible are rings.

    Parameters
    ----------
    panel : "effort" | "hip" | "missing"
    """
    read, label = PANELS[panel]
    ax = ax if ax is not None else plt.subplots(figsize=(6.4, 4.0), layout="constrained")[1]
    ax.axvspan(0.0, 1000.0 * late.scatter, color="0.92", zorder=0)
    names = list(dict.fromkeys(row.targets for row in late.rows))
    start = {"effort": 0.0, "hip": late.early_hip_bw, "missing": 0.0}[panel]
    for i, targets in enumerate(names):
        rows = [row for row in late.rows if row.targets == targets]
        x = np.array([0.0] + [1000.0 * row.seconds for row in rows])
        y = np.array([start] + [read(row) for row in rows])
        order = np.argsort(x)
        colour = f"C{i}"
        style = "-" if len(targets) == 1 else (0, (4, 2))
        ax.plot(x[order], y[order], color=colour, linestyle=style, linewidth=1.6, label=rows[0].name)
        for row in rows:
            fine = row.verdict != "impossible"
            ax.plot(1000.0 * row.seconds, read(row), "o", color=colour, markerfacecolor=colour if fine else "white")
    ax.set_xlabel("starts late by (ms); grey: standard deviation of healthy onsets")
    ax.set_ylabel(label)
    ax.set_xlim(left=0.0)
    ax.legend(frameon=False, fontsize="small")
    ax.set_title(late.title, loc="left", fontsize="medium")
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    return ax
