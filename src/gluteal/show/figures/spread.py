"""Figures of a spread: bands around every number, with the statistic named on the axis."""

from __future__ import annotations

from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from gluteal.anatomy import group_words
from gluteal.show.figures.outcome import BASELINE, CONDITION
from gluteal.simulate.spread import PERCENTILES, Spread
from gluteal.vocabulary import side_of, unsided
from gluteal.words import SIDES


def plot_spread(
    spread: Spread,
    *,
    quantity: Literal["force", "activation"] = "force",
    most: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Plot who compensates, or how active groups are, with bands over people and criteria.

    Wide bands are the 5th to 95th percentile over all runs, dots their median; the narrow dark bar runs from
    the least to the largest value over criteria with the body itself, the stroke is the body under the first
    criterion.

    Parameters
    ----------
    quantity : "force" or "activation"
        Change of the mean force of whole muscles (N), or peak activation of groups, undisturbed and under
        the condition (1).
    most : int
        How many rows: those with the largest band or median.
    """
    ax = ax or plt.figure(figsize=(6.4, 0.9 + 0.42 * most)).add_subplot()
    if quantity == "force":
        table = _largest(spread.compensation, most)
        _bands(ax, table, "", CONDITION, 0.0, 0.6)
        ax.set_yticks(range(len(table)), table["muscle"])
        ax.axvline(0.0, color="0.5", linewidth=0.8)
        label = "change of mean force (N)"
    else:
        table = spread.groups.copy()
        order = (table["median"] - table["baseline_median"]).abs() + (table["high"] - table["low"]) / 10.0
        table = table.loc[order.sort_values(ascending=False, kind="stable").index[:most]].iloc[::-1]
        _bands(ax, table, "baseline_", BASELINE, 0.2, 0.34)
        _bands(ax, table, "", CONDITION, -0.2, 0.34)
        ax.set_yticks(range(len(table)), [SIDES[side_of(n)] + group_words(unsided(n)) for n in table["name"]])
        ax.set_xlim(0.0, 1.02)
        label = "peak activation of the group (1)"
        handles = [Patch(color=c, alpha=0.35, label=n) for c, n in _NAMES]
        ax.legend(handles=handles, frameon=False, fontsize="small", loc="lower right")
    low, _, high = PERCENTILES
    ax.set_xlabel(
        f"{label}\nband: {low:.0f}th to {high:.0f}th percentile, dot: median, over {spread.who};\n"
        "dark bar: the body itself over criteria, stroke: under the first",
        fontsize="small",
    )
    for edge in ("top", "right"):
        ax.spines[edge].set_visible(False)
    ax.grid(axis="x", color="0.9")
    ax.set_axisbelow(True)
    return ax


_NAMES = ((BASELINE, "undisturbed"), (CONDITION, "condition"))


def _largest(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """Rows with the largest median or body's own change, in the table's order from bottom to top."""
    size = table[["median", "nominal"]].abs().max(axis=1)
    kept = size.sort_values(ascending=False, kind="stable").index[:most]
    return table.loc[sorted(kept)].iloc[::-1]


def _bands(ax: Axes, table: pd.DataFrame, prefix: str, colour: str, shift: float, height: float) -> None:
    y = np.arange(len(table)) + shift
    column = {name: table[f"{prefix}{name}"].to_numpy(float) for name in _COLUMNS}
    ax.barh(y, column["high"] - column["low"], left=column["low"], height=height, color=colour, alpha=0.35)
    width = column["criteria_high"] - column["criteria_low"]
    ax.barh(y, width, left=column["criteria_low"], height=height / 4, color=colour, alpha=0.8)
    ax.scatter(column["median"], y, color=colour, s=26, zorder=3)
    ax.scatter(column["nominal"], y, marker="|", color="0.2", s=300 * height, zorder=4)


_COLUMNS = ("nominal", "median", "low", "high", "criteria_low", "criteria_high")
