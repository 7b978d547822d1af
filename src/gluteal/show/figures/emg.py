"""Figures of an EMG analysis. Every function takes what it shows first and returns the axes; none opens a window.

Colours: grey-blue is what was measured, orange-red an onset and its 95 % interval, green a true onset of a synthetic
signal or a simulation, pale what was left out.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gluteal.emg.analysis.pairs import CurvePair
from gluteal.emg.analysis.record import Analysis, ChannelAnalysis, OrderAnalysis, RecordingSummary
from gluteal.emg.analysis.sequence import published_name
from gluteal.emg.measure.amplitude import OWN_MAXIMUM, Reference
from gluteal.emg.measure.healthy_onsets import FalseCall
from gluteal.emg.measure.repetitions import FARTHEST, is_strike
from gluteal.held_against.emg import Beside, above_rest
from gluteal.show.figures.outcome import BASELINE, CONDITION
from gluteal.words import SIDES

TRUE = "#2e7d5b"
#: Share of a row's height that a trace fills, and the quantile of it that counts as full.
_FILL, _FULL = 0.46, 0.998
#: Events of a longer list are drawn without their names.
_MOST_NAMED = 14
#: Bursts of a row that are drawn as lines; more become part of the picture, so that a page stays small.
_MOST_DRAWN = 200


def plot_traces(analysis: Analysis, recording: RecordingSummary, *, figure: Figure | None = None) -> Axes:
    """Plot every channel of a trial, one row each, with bursts, onsets with their 95 % interval, and events.

    Each row is scaled by itself; a channel left out is pale. A tick under a row is a true onset.
    """
    rows = [c for c in analysis.channels if c.recording == recording.name]
    figure = figure or plt.figure(layout="constrained")
    figure.set_size_inches(9.6, 1.0 + 0.5 * len(rows))
    ax = figure.subplots()
    for i, channel in enumerate(reversed(rows)):
        _row(ax, i, channel)
    ax.set_yticks(range(len(rows)), [_row_label(c) for c in reversed(rows)])
    ax.set_ylim(-0.6, len(rows) - 0.4)
    start = min(c.start for c in rows)
    ax.set_xlim(start, max(c.start + c.duration for c in rows))
    ax.set_xlabel("time (s)")
    _mark_events(ax, recording)
    return _clean(ax)


def _row(ax: Axes, y: float, channel: ChannelAnalysis) -> None:
    trace, timed = channel.trace, channel.bursts is not None
    size = np.fmax(np.abs(trace.low), np.abs(trace.high))
    known = size[np.isfinite(size)]
    full = float(np.quantile(known, _FULL)) if known.size else 0.0
    scale = _FILL / full if full > 0.0 else 0.0
    low, high = (np.clip(scale * v, -_FILL, _FILL) + y for v in (trace.low, trace.high))
    colour, alpha = (BASELINE, 0.75) if timed else ("0.6", 0.5)
    ax.fill_between(trace.time, low, high, color=colour, alpha=alpha, linewidth=0.3, rasterized=True)
    if not timed or channel.bursts is None:
        return
    end = channel.start + channel.duration
    spans = [
        (b.onset_s if np.isfinite(b.onset_s) else channel.start, b.offset_s if np.isfinite(b.offset_s) else end)
        for b in channel.bursts
    ]
    many = len(spans) > _MOST_DRAWN
    place: dict[str, Any] = {"yrange": (y - _FILL, 2 * _FILL), "color": CONDITION, "linewidth": 0, "rasterized": many}
    ax.broken_barh([(a, b - a) for a, b in spans], alpha=0.13, **place)
    intervals = [b.onset_interval_s for b in channel.bursts if np.isfinite(b.onset_interval_s).all()]
    ax.broken_barh([(a, b - a) for a, b in intervals], alpha=0.35, **place)
    onsets = [t for t, _ in channel.onsets]
    ax.vlines(onsets, y - _FILL, y + _FILL, color=CONDITION, linewidth=0.5 if many else 1.2, rasterized=many)
    if channel.true_onsets_s:
        ax.plot(channel.true_onsets_s, np.full(len(channel.true_onsets_s), y - 0.5), "^", color=TRUE, markersize=4)


def _row_label(channel: ChannelAnalysis) -> str:
    return channel.words if channel.bursts is not None else f"{channel.words}\n(left out)"


def _mark_events(ax: Axes, recording: RecordingSummary) -> None:
    for start in recording.movement_starts_s:
        ax.axvline(start, color="0.45", linewidth=0.9, linestyle=(0, (1, 2)), zorder=0)
    named = len(recording.events) <= _MOST_NAMED
    for event in recording.events:
        ax.axvline(event.time, color="0.45", linewidth=0.9, linestyle="--" if is_strike(event) else ":", zorder=0)
        if named:
            ax.annotate(
                f"{SIDES[event.side]}{event.name.lower()}",
                (event.time, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(0, 3),
                textcoords="offset points",
                rotation=35,
                fontsize="x-small",
                color="0.45",
            )


def plot_relative_onsets(order: OrderAnalysis, *, ax: Axes | None = None) -> Axes:
    """Plot each muscle's onset relative to the reference: every repetition, mean with 95 % interval.

    Where the task was studied, the band is where 95 % of healthy people are expected, one per published condition.
    """
    ax = _axes(ax, 0.42 * len(order.relative) + 1.4)
    shown = order.relative[::-1]
    for y, one in enumerate(shown):
        bands = [c for c in order.comparisons if c.published.muscle == published_name(one.muscle)]
        for i, band in enumerate(b for b in bands if np.isfinite(b.low_s)):
            height = 0.8 / len(bands)
            bottom = y - 0.4 + i * height
            label = "95 % of healthy people, by study condition" if y == 0 and i == 0 else None
            ax.barh(
                bottom + height / 2, 1000 * (band.high_s - band.low_s), left=1000 * band.low_s, height=0.82 * height,
                color=TRUE, alpha=0.16, linewidth=0, label=label,
            )  # fmt: skip
        ax.plot(1000 * one.mean_s, y, "o", color=CONDITION, markersize=6, zorder=3)
        if np.isfinite(one.low_s):
            ax.plot([1000 * one.low_s, 1000 * one.high_s], [y, y], color=CONDITION, linewidth=2.2, zorder=3)
    ax.axvline(0.0, color="0.45", linewidth=1.0)
    # No onset farther away belongs to a repetition; the interval of two or three may reach beyond.
    left, right = ax.get_xlim()
    ax.set_xlim(max(left, -1000 * FARTHEST), min(right, 1000 * FARTHEST))
    ax.set_yticks(range(len(shown)), [f"{r.muscle} (n = {r.repetitions})" for r in shown])
    ax.set_xlabel(f"onset after the {order.reference} (ms), mean and its 95 % interval")
    if order.comparisons:
        ax.legend(*_one_of_each(ax), frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return _clean(ax, grid="x")


def plot_orders(order: OrderAnalysis, *, most: int = 6, ax: Axes | None = None) -> Axes:
    """Plot how probable each order is in a repetition, with its 95 % interval; the most probable ones."""
    shares = order.orders.orders[:most][::-1] if order.orders else ()
    ax = _axes(ax, 0.62 * len(shares) + 1.0)
    for y, one in enumerate(shares):
        ax.barh(y, 100 * one.probability, color=BASELINE, height=0.6)
        ax.plot([100 * one.low, 100 * one.high], [y, y], color=CONDITION, linewidth=2.0)
        ax.annotate(
            f"seen {one.observed}×", (100 * one.high, y), xytext=(5, 0), textcoords="offset points", va="center",
            fontsize="small", color="0.45",
        )  # fmt: skip
    labels = [_folded(" → ".join(m.replace(" ", "\u00a0") for m in one.order), 52) for one in shares]
    ax.set_yticks(range(len(shares)), labels, fontsize="small")
    ax.set_xlim(0.0, 112.0)
    ax.set_xlabel("probability in a repetition (%), bar: mean, line: 95 % interval")
    return _clean(ax, grid="x")


def plot_false_calls(calls: Sequence[FalseCall], *, ax: Axes | None = None) -> Axes:
    """Plot how often each rule calls healthy people abnormal: a dot per study condition, line: 95 % range."""
    rules = list(dict.fromkeys(c.statement for c in calls))[::-1]
    groups = list(dict.fromkeys((c.group, c.condition) for c in calls))
    ax = _axes(ax, 0.62 * len(rules) + 1.6)
    colours = [BASELINE, "#9aa9b8", CONDITION, "#e3935f", "#b9855f"]
    for i, group in enumerate(groups):
        mine = [c for c in calls if (c.group, c.condition) == group]
        y = [rules.index(c.statement) + 0.3 - 0.6 * i / max(1, len(groups) - 1) for c in mine]
        colour = colours[i % len(colours)]
        ax.hlines(y, [100 * c.low for c in mine], [100 * c.high for c in mine], color=colour, linewidth=1.6, alpha=0.6)
        ax.plot([100 * c.share for c in mine], y, "o", color=colour, markersize=5, label=", ".join(group))
    ax.set_yticks(range(len(rules)), [_folded(r.rstrip(".")) for r in rules], fontsize="small")
    ax.set_xlim(-2.0, 102.0)
    ax.set_xlabel("healthy people called abnormal by this rule (%)")
    ax.legend(frameon=False, fontsize="x-small", loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    return _clean(ax, grid="x")


def plot_amplitudes(channels: Sequence[ChannelAnalysis], *, ax: Axes | None = None) -> Axes:
    """Plot peak and mean amplitude of channels that share one unit."""
    shown = [c for c in channels if c.amplitude is not None][::-1]
    ax = _axes(ax, 0.36 * len(shown) + 1.2)
    for y, channel in enumerate(shown):
        if channel.amplitude is not None:
            # Of its own maximum the peak is 100 % by definition and says nothing.
            if channel.amplitude.unit != OWN_MAXIMUM:
                ax.barh(y, channel.amplitude.peak, color=BASELINE, alpha=0.4, height=0.7, label="peak of the envelope")
            ax.barh(y, channel.amplitude.mean, color=BASELINE, height=0.7, label="mean")
    ax.set_yticks(range(len(shown)), [c.words for c in shown])
    ax.set_xlabel(shown[0].amplitude.unit if shown and shown[0].amplitude else "")
    ax.legend(*_one_of_each(ax), frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    return _clean(ax, grid="x")


def plot_cycles(channels: Sequence[ChannelAnalysis], *, columns: int = 4, figure: Figure | None = None) -> np.ndarray:
    """Plot the mean course of each muscle over a gait cycle with its band; returns the axes."""
    shown = [c for c in channels if c.cycles is not None]
    rows = max(1, -(-len(shown) // columns))
    figure = figure or plt.figure(layout="constrained")
    figure.set_size_inches(2.5 * columns, 1.9 * rows)
    axes = figure.subplots(rows, columns, sharex=True, squeeze=False).ravel()
    for i, ax in enumerate(axes):
        if i >= len(shown) or (cycles := shown[i].cycles) is None:
            ax.set_axis_off()
            continue
        ax.plot(cycles.percent, cycles.mean, color=BASELINE, linewidth=1.6)
        ax.fill_between(cycles.percent, cycles.low, cycles.high, color=BASELINE, alpha=0.25, linewidth=0)
        ax.set_title(shown[i].words, loc="left", fontsize="small")
        ax.set_ylim(bottom=0.0)
        last = i + columns >= len(shown)
        ax.tick_params(labelbottom=last)
        ax.set_xlabel("cycle from foot strike (%)" if last else "", fontsize="small")
        _clean(ax)
    return axes[: len(shown)]


def plot_curve_pair(pair: CurvePair, *, ax: Axes | None = None) -> Axes:
    """Plot two mean courses over the gait cycle with bands of ± 1 SD of cycles; grey: where they differ."""
    ax = _axes(ax, 3.0)
    percent = np.linspace(0.0, 100.0, pair.cycles[0].shape[1])
    for cycles, name, colour in zip(pair.cycles, (pair.first, pair.second), (BASELINE, CONDITION), strict=True):
        mean, sd = cycles.mean(axis=0), cycles.std(axis=0, ddof=1)
        ax.plot(percent, mean, color=colour, linewidth=1.8, label=f"{name}, {len(cycles)} cycles")
        ax.fill_between(percent, mean - sd, mean + sd, color=colour, alpha=0.18, linewidth=0)
    for part in pair.comparison.differences if pair.comparison else ():
        ax.axvspan(part.start_percent, part.end_percent, color="0.5", alpha=0.16, linewidth=0)
    ax.set_xlabel("cycle from foot strike (%)")
    ax.set_ylabel(_folded(pair.unit, 26))
    ax.set_ylim(bottom=0.0)
    ax.set_title(f"{SIDES[pair.side]}{pair.muscle}", loc="left", fontsize="medium")
    ax.legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    return _clean(ax, grid="y")


def plot_endurance(channel: ChannelAnalysis, *, ax: Axes | None = None) -> Axes:
    """Plot the median frequency of the active windows over time and the line through it."""
    ax = _axes(ax, 3.2)
    if (endurance := channel.endurance) is None:
        return ax
    trend, time = endurance.median_trend, endurance.time + channel.start
    ax.plot(time, endurance.median_frequency, "o", color=BASELINE, markersize=3.5, alpha=0.7, label="active windows")
    label = f"{trend.slope:.3f} Hz/s (95 % interval {trend.low:.3f} to {trend.high:.3f})"
    ax.plot([time[0], time[-1]], [trend.start, trend.end], color=CONDITION, linewidth=2.0, label=label)
    ax.set_xlabel("time (s)")
    ax.set_ylabel("median frequency (Hz)")
    ax.set_title(channel.words, loc="left", fontsize="medium")
    ax.legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return _clean(ax, grid="y")


def plot_reference(muscle: str, reference: Reference, *, ax: Axes | None = None) -> Axes:
    """Plot the envelope of a maximal contraction, the window that is 100 %, and what was left out as no contraction."""
    ax = _axes(ax, 3.2)
    time, level = (np.array(values) for values in reference.course)
    ax.plot(time, level, color=BASELINE, linewidth=1.0)
    if np.isfinite(reference.start_s):
        end = reference.start_s + reference.window_s
        ax.plot([reference.start_s, end], [reference.value] * 2, color=CONDITION, linewidth=3.0, label="100 %")
    for i, (first, last) in enumerate(reference.excluded_s):
        ax.axvspan(first, last, color=CONDITION, alpha=0.25, linewidth=0, label="left out" if i == 0 else None)
    ax.set_xlabel(f"time in {reference.recording} (s)")
    ax.set_ylabel(f"envelope ({reference.unit})")
    ax.set_title(muscle, loc="left", fontsize="medium")
    ax.legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1.0, 1.0))
    return _clean(ax, grid="y")


def plot_beside(beside: Beside, *, columns: int = 3, figure: Figure | None = None) -> np.ndarray:
    """Plot measured envelope and simulated activation of each muscle, each in % of its own way from rest to largest.

    The thin line is the threshold above which a muscle counts as on. Returns the axes.
    """
    rows = -(-len(beside.muscles) // columns)
    figure = figure or plt.figure(layout="constrained")
    figure.set_size_inches(3.2 * columns, 1.95 * rows)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    time = beside.dataset["time"].to_numpy()
    for i, ax in enumerate(axes):
        if i >= len(beside.muscles):
            ax.set_axis_off()
            continue
        one = beside.muscles[i]
        for name, colour, label in (
            ("envelope", BASELINE, "EMG envelope"),
            ("activation", TRUE, "simulated activation"),
        ):
            course = 100 * above_rest(beside.dataset[name].to_numpy()[i])
            ax.plot(time, course, color=colour, linewidth=1.6, label=label)
        ax.axhline(100 * beside.settings["threshold"], color="0.5", linewidth=0.6)
        title = f"{one.muscle}: overlap {100 * one.overlap:.0f} %, r = {one.correlation:.2f}"
        ax.set_title(title, loc="left", fontsize="small")
        last = i + columns >= len(beside.muscles)
        ax.tick_params(labelbottom=last)
        ax.set_xlabel("time (s)" if last else "")
        ax.set_ylabel("% of range" if i % columns == 0 else "")
        _clean(ax)
    handles, labels = _one_of_each(axes[0])
    figure.legend(handles, labels, frameon=False, fontsize="small", ncols=2, loc="outside upper right")
    return axes[: len(beside.muscles)]


def _folded(words: str, width: int = 46) -> str:
    return textwrap.fill(words, width, break_long_words=False, break_on_hyphens=False)


def _one_of_each(ax: Axes) -> tuple[list[Any], list[str]]:
    handles, labels = ax.get_legend_handles_labels()
    first = {label: handle for handle, label in reversed(list(zip(handles, labels, strict=True)))}
    return list(first.values()), list(first)


def _axes(ax: Axes | None, height: float) -> Axes:
    if ax is None:
        return plt.subplots(figsize=(6.8, height), layout="constrained")[1]
    figure = ax.get_figure(root=True)
    if figure is not None:
        figure.set_size_inches(6.8, height)
    return ax


def _clean(ax: Axes, grid: Literal["x", "y"] = "x") -> Axes:
    for edge in ("top", "right", "left"):
        ax.spines[edge].set_visible(False)
    ax.grid(axis=grid, color="0.5", alpha=0.18, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", length=0)
    return ax
