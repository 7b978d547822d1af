"""Figures of an outcome. Every function takes what it shows first, draws into `ax`, and returns the axes.

Colours: grey-blue is the undisturbed movement, orange-red the condition, everywhere. Nothing is smoothed or
averaged unless the axis says so. No function opens a window.
"""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gluteal import anatomy
from gluteal.errors import UnknownName
from gluteal.outcome.compare import pool_activation
from gluteal.outcome.record import Outcome
from gluteal.outcome.supports import compute_support_force
from gluteal.sharing.solution import Solution
from gluteal.show.figures.body import ACTIVITY, CHANGE, plot_body
from gluteal.show.parts import say_part
from gluteal.simulate.spread import PERCENTILES, Spread
from gluteal.vocabulary import Side, side_of
from gluteal.words import SIDES

__all__ = [
    "ACTIVITY",
    "BASELINE",
    "CHANGE",
    "CONDITION",
    "plot_activation",
    "plot_activations",
    "plot_body",
    "plot_compensation",
    "plot_deficit",
    "plot_joint_loads",
    "plot_levels",
    "plot_supports",
    "rank_groups",
]

BASELINE, CONDITION, LESS = "#6b8299", "#d9541e", "#2f76b5"
#: What tells courses of one colour apart.
_LINES = ("-", "--", "-.", ":")


def plot_activation(outcome: Outcome, group: str, *, side: Side | None = "r", ax: Axes | None = None) -> Axes:
    """Plot the activation of one group and side over time, undisturbed and under the condition.

    The line is the mean over the group's muscles weighted by max_isometric_force; a movement of one frame is
    a horizontal line. Raises UnknownName for a group the body lacks on that side.
    """
    ax = _axes(ax)
    rows = next((g.rows for g in outcome.mechanics.body.sided_groups if (g.group, g.side) == (group, side)), ())
    if not rows:
        raise UnknownName("group on that side", group, outcome.groups["name"].unique(), "outcome.groups")
    time, label = _time(outcome)
    for solution, colour, name in _pair(outcome):
        _line(ax, time, pool_activation(solution, solution.activation.values, rows), colour, name)
    ax.set_ylim(0.0, 1.02)
    ax.set_xlabel(label)
    ax.set_ylabel("activation (1)")
    ax.set_title(SIDES[side] + anatomy.group_words(group), loc="left", fontsize="medium")
    return _clean(ax)


def plot_activations(
    outcome: Outcome,
    *,
    groups: Sequence[tuple[str, Side | None]] | None = None,
    columns: int = 4,
    figure: Figure | None = None,
) -> np.ndarray:
    """Plot several (group, side), by default those that change most; returns their axes (N,)."""
    chosen = list(groups or rank_groups(outcome, most=8))
    rows = -(-len(chosen) // columns)
    figure = figure or plt.figure()
    figure.set_size_inches(2.7 * columns, 2.0 * rows)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    axes = grid.ravel()
    for i, ax in enumerate(axes):
        if i >= len(chosen):
            ax.set_axis_off()
            continue
        plot_activation(outcome, chosen[i][0], side=chosen[i][1], ax=ax)
        last = i + columns >= len(chosen)
        ax.tick_params(labelbottom=last)
        ax.set_xlabel(ax.get_xlabel() if last else "")
        ax.set_ylabel(ax.get_ylabel() if i % columns == 0 else "")
    axes[0].legend(frameon=False, fontsize="small", loc="upper right")
    figure.tight_layout()
    return axes[: len(chosen)]


def plot_levels(outcome: Outcome, *, most: int = 12, spread: Spread | None = None, ax: Axes | None = None) -> Axes:
    """Plot the peak activation of the groups that change most, from undisturbed to condition.

    With a spread, a band of each lies above and below the line: 5th to 95th percentile over its runs.
    """
    ax = _axes(ax)
    table = outcome.groups.set_index(["name", "side"])
    chosen = rank_groups(outcome, most=most)[::-1]
    keys = [(g, s if s else np.nan) for g, s in chosen]
    rows = [table.loc[[key]].iloc[0] for key in keys]
    before, after = (np.array([r[c] for r in rows]) for c in ("baseline_peak", "peak"))
    y = np.arange(len(rows))
    ax.hlines(y, before, after, color=np.where(after >= before, CONDITION, LESS), linewidth=2.5, alpha=0.45)
    ax.scatter(before, y, color=BASELINE, s=42, zorder=3, label="undisturbed")
    ax.scatter(after, y, color=CONDITION, s=42, zorder=3, label="condition")
    ax.set_yticks(y, [SIDES[s] + anatomy.group_words(g) for g, s in chosen])
    ax.set_xlim(-0.02, 1.02)
    ax.set_xlabel("peak activation of the group (1)")
    if spread is not None:
        bands = spread.groups.set_index("name").loc[[f"{g}_{s}" if s else g for g, s in chosen]]
        for prefix, shift, colour in (("baseline_", 0.2, BASELINE), ("", -0.2, CONDITION)):
            low, high = (bands[f"{prefix}{end}"].to_numpy(float) for end in ("low", "high"))
            ax.barh(y + shift, high - low, left=low, height=0.22, color=colour, alpha=0.35, linewidth=0.0)
        ax.set_xlabel(f"peak activation of the group (1)\n{_band_words(spread)}", fontsize="small")
    ax.legend(frameon=False, loc="lower right")
    return _clean(ax, grid="x")


def plot_compensation(outcome: Outcome, *, most: int = 8, spread: Spread | None = None, ax: Axes | None = None) -> Axes:
    """Plot who does more and who does less: change of the mean force of anatomical muscles, ranked.

    With a spread, a whisker runs from the 5th to the 95th percentile over its runs.
    """
    ax = _axes(ax)
    table = outcome.summary(most).iloc[::-1]
    change = table["change"].to_numpy(float)
    ends = change
    y = np.arange(len(table))
    ax.barh(y, change, color=np.where(change > 0, CONDITION, LESS), height=0.66)
    ax.set_yticks(y, table["muscle"])
    if spread is not None and len(table):
        bands = spread.compensation.set_index("muscle").loc[table["muscle"]]
        low, high = (bands[end].to_numpy(float) for end in ("low", "high"))
        ax.hlines(y, low, high, color="0.35", linewidth=1.6)
        ax.scatter([*low, *high], [*y, *y], marker="|", s=36, color="0.35", zorder=3)
        ends = np.where(change > 0, np.maximum(change, high), np.minimum(change, low))
    for row, (end, c) in enumerate(zip(ends, change, strict=True)):
        side, shift = ("left", 4) if c > 0 else ("right", -4)
        ax.annotate(
            f"{c:+.0f}",
            (end, row),
            (shift, 0),
            textcoords="offset points",
            va="center",
            ha=side,
            fontsize="small",
        )
    ax.axvline(0.0, color="0.5", linewidth=0.8)
    ax.margins(x=0.16)
    ax.set_xlabel("change of mean force (N)")
    if spread is not None:
        ax.set_xlabel(f"change of mean force (N)\n{_band_words(spread)}", fontsize="small")
    if not len(table):
        ax.text(0.5, 0.5, "no muscle changes its mean force by 1 N", transform=ax.transAxes, ha="center")
        ax.set_yticks([])
    return _clean(ax, grid="x")


def plot_deficit(outcome: Outcome, *, most: int = 4, ax: Axes | None = None) -> Axes:
    """Plot the reserves needed, with the limit above which the movement counts as impossible.

    A course over time for a movement of several frames, bars for one frame; the largest `most` moments.
    """
    ax = _axes(ax)
    shown = [d for d in outcome.deficits if d.unit == "N m"][:most]
    names = [d.coordinate for d in shown]
    words = [say_part(n) for n in names]
    solved = [s.dataset["least_reserve"].sel(coordinate=names) for s, _, _ in _pair(outcome)]
    size = [np.abs(reserve.to_numpy()) for reserve in solved]
    time, label = _time(outcome)
    if len(time) == 1:
        y = np.arange(len(names))[::-1]
        ax.barh(y + 0.19, size[0][0], height=0.36, color=BASELINE, label="undisturbed")
        ax.barh(y - 0.19, size[1][0], height=0.36, color=CONDITION, label="condition")
        ax.scatter([d.limit for d in shown], y, marker="|", s=420, color="0.45", label="limit", zorder=3)
        ax.set_yticks(y, words)
        ax.set_xlabel("reserve moment (N m)")
        ax.set_xlim(left=0.0)
        ax.legend(frameon=False, fontsize="small", loc="best")
        return _clean(ax, grid="x")
    for i, deficit in enumerate(shown):
        style = _LINES[i % len(_LINES)]
        name = f"{words[i]} (limit {deficit.limit:.3g} N m)"
        ax.plot(time, size[1][:, i], style, color=CONDITION, label=name)
        ax.plot(time, size[0][:, i], style, color=BASELINE, linewidth=1.0)
    ax.axhline(min(d.limit for d in shown), color="0.55", linewidth=1.0, linestyle=(0, (2, 3)))
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel(label)
    ax.set_ylabel("reserve moment (N m)")
    ax.legend(frameon=False, fontsize="small")
    return _clean(ax)


def plot_supports(outcome: Outcome, *, ax: Axes | None = None) -> Axes:
    """Plot the vertical force on every supported part of the body, undisturbed and under the condition."""
    ax = _axes(ax)
    both = [(compute_support_force(r).sel(axis="y"), colour, name) for r, colour, name in _pair(outcome)]
    time, label = _time(outcome)
    names = [say_part(str(n)) for n in both[0][0]["support"].to_numpy()]
    if len(time) == 1:
        y = np.arange(len(names))[::-1]
        for (force, colour, name), shift in zip(both, (0.19, -0.19), strict=True):
            ax.barh(y + shift, force.to_numpy()[0], height=0.36, color=colour, label=name)
        ax.set_yticks(y, names)
        ax.set_ylim(-1.0, max(len(names), 3) - 0.4)  # one part of the body is no reason for one huge bar
        ax.set_xlabel("vertical force (N)")
        ax.legend(frameon=False, fontsize="small")
        return _clean(ax, grid="x")
    measured = outcome.mechanics.movement.measured
    for force, colour, name in both[:1] if measured else both:
        for i, part in enumerate(names):
            style = _LINES[i % len(_LINES)]
            title = part if measured else f"{part}, {name}"
            ax.plot(time, force.to_numpy()[:, i], style, color="0.45" if measured else colour, label=title)
    if not measured:
        ax.set_ylim(bottom=0.0)
    ax.set_xlabel(label)
    ax.set_ylabel("vertical force (N)")
    ax.legend(frameon=False, fontsize="small")
    return _clean(ax)


def plot_joint_loads(outcome: Outcome, *, ax: Axes | None = None) -> Axes:
    """Plot the peak contact force of every joint, and of hips forward on the pelvis, in body weights."""
    ax = _axes(ax)
    bars = [(f"{SIDES[r['side']]}{r['joint']}", r["baseline_peak_bw"], r["peak_bw"]) for r in outcome.joint_loads]
    bars += [
        (f"{SIDES[r['side']]}hip, forward", r["baseline_anterior_peak_bw"], r["anterior_peak_bw"])
        for r in outcome.joint_loads
        if r["anterior_peak_bw"] is not None
    ]
    y = np.arange(len(bars))[::-1]
    for column, shift, (_, colour, name) in zip((1, 2), (0.19, -0.19), _pair(outcome), strict=True):
        ax.barh(y + shift, [bar[column] for bar in bars], height=0.36, color=colour, label=name)
    ax.axvline(0.0, color="0.5", linewidth=0.8)
    ax.set_yticks(y, [bar[0] for bar in bars])
    ax.set_xlabel("peak contact force over time (body weights)")
    ax.legend(frameon=False, fontsize="small")
    return _clean(ax, grid="x")


def rank_groups(outcome: Outcome, *, most: int) -> list[tuple[str, Side | None]]:
    """Return (group, side) of those whose activation changes most; the ones acted on come first.

    Only muscles' primary groups count, so that no muscle is shown twice.
    """
    acted_on = outcome.condition.affected(outcome.mechanics.body)
    primary = {anatomy.group_of(m) for m in outcome.mechanics.body.muscle_names}
    table = outcome.groups[outcome.groups["name"].isin(primary)].copy()
    sides: list[Side | None] = [s if s in ("r", "l") else None for s in table["side"]]
    change = (table["peak"] - table["baseline_peak"]).abs() + (table["mean"] - table["baseline_mean"]).abs()
    hit = {(anatomy.group_of(m), side_of(m)) for m in acted_on}
    first = [key in hit for key in zip(table["name"], sides, strict=True)]
    order = sorted(range(len(table)), key=lambda i: (not first[i], -change.iloc[i]))
    # A drug or block can act on dozens of groups; leave room for those that answer.
    own, others = [i for i in order if first[i]][: most // 2], [i for i in order if not first[i]]
    names = list(table["name"])
    return [(names[i], sides[i]) for i in (own + others)[:most]]


def _band_words(spread: Spread) -> str:
    low, _, high = PERCENTILES
    return f"bands: {low:.0f}th to {high:.0f}th percentile over\n{spread.who}"


def _pair(outcome: Outcome) -> list[tuple[Solution, str, str]]:
    return [(outcome.baseline, BASELINE, "undisturbed"), (outcome.changed, CONDITION, "condition")]


def _time(outcome: Outcome) -> tuple[np.ndarray, str]:
    """Return the horizontal axis: per cent of the cycle for cyclic movements, else seconds."""
    time = outcome.mechanics.time
    if outcome.mechanics.movement.settings.get("cyclic") and len(time) > 1:
        return 100.0 * (time - time[0]) / (time[-1] - time[0]), "cycle (%)"
    return time, "time (s)"


def _line(ax: Axes, time: np.ndarray, values: np.ndarray | xr.DataArray, colour: str, name: str) -> None:
    if len(time) == 1:
        ax.axhline(float(values[0]), color=colour, linewidth=2.0, label=name)
    else:
        ax.plot(time, values, color=colour, linewidth=1.8, label=name)


def _axes(ax: Axes | None) -> Axes:
    return ax if ax is not None else plt.subplots(figsize=(6.4, 4.0), layout="constrained")[1]


def _clean(ax: Axes, grid: str = "y") -> Axes:
    for edge in ("top", "right", *(["left"] if grid == "x" else [])):
        ax.spines[edge].set_visible(False)
    ax.grid(axis=grid, color="0.5", alpha=0.18, linewidth=0.8)  # type: ignore[arg-type]
    ax.set_axisbelow(True)
    ax.tick_params(length=0 if grid == "x" else 3)
    return ax
