"""Figures of repeated measurements."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from gluteal.emg.measure.repeated import PairAgreement, RepeatedMeasures
from gluteal.show.figures.outcome import BASELINE, CONDITION


def plot_bland_altman(measures: RepeatedMeasures, pair: PairAgreement, *, ax: Axes | None = None) -> Axes:
    """Plot differences of two sessions over their means, with bias and limits of agreement (Bland & Altman 1999).

    Bands are the 95 % intervals of the bias and of each limit.
    """
    ax = ax if ax is not None else plt.subplots(figsize=(6.4, 4.0), layout="constrained")[1]
    first, second = (measures.values[:, measures.sessions.index(name)] for name in (pair.first, pair.second))
    found = pair.limits
    for value, (low, high), colour, label in (
        (found.bias, (found.bias_low, found.bias_high), CONDITION, "bias"),
        (found.lower, found.lower_interval, BASELINE, "95 % limits of agreement"),
        (found.upper, found.upper_interval, BASELINE, None),
    ):
        ax.axhspan(low, high, color=colour, alpha=0.14, linewidth=0)
        ax.axhline(value, color=colour, linewidth=1.6, label=label)
    ax.axhline(0.0, color="0.5", linewidth=0.8, linestyle=(0, (3, 3)))
    ax.plot(np.mean([first, second], axis=0), second - first, "o", color="0.25", markersize=4.5, alpha=0.8)
    unit = f" ({found.unit})" if found.unit else ""
    ax.set_xlabel(f"mean of {pair.first} and {pair.second}{unit}")
    ax.set_ylabel(f"{pair.second} minus {pair.first}{unit}")
    ax.legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    return ax
