"""The report of an EMG session in one HTML file, for a clinician: faults first, errors beside every number."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gluteal.emg.analysis.record import Analysis, ChannelAnalysis, OrderAnalysis
from gluteal.emg.analysis.sequence import is_prone_hip_extension
from gluteal.emg.measure.amplitude import MVIC
from gluteal.emg.measure.healthy_onsets import load_published_onsets
from gluteal.emg.signal.conditioning import conditioning_sources
from gluteal.files import write_text
from gluteal.held_against.emg import Beside
from gluteal.show.figures import emg as plot
from gluteal.show.pages.page import STYLE, inline, inline_axes, own_style, render_page
from gluteal.show.pages.report import KIND_WORDS, ReportHead
from gluteal.words import SIDES

#: Pictures of more recordings, or of more tiring muscles, would make a page nobody scrolls through.
MOST_PICTURES = 8
#: Bursts that a page lists; more are in the table.
MOST_ROWS = 2000
#: A true onset counts as found where one was found no farther away, s.
TRUE_WITHIN = 0.1
#: How answers are shown: word and colour class.
_ANSWERS = {
    "left out": ("left out", "soft"),
    "seen": ("seen", "good"),
    "as among healthy people": ("as among healthy people", "good"),
    "earlier": ("unusual: earlier", "middle"),
    "later": ("unusual: later", "middle"),
    "within measurement error": ("no difference beyond error", "good"),
    "beyond measurement error": ("a difference beyond error", "middle"),
    "cannot tell": ("cannot tell", "soft"),
}
#: What the methods rest on; the docs say which number comes from where.
_SOURCES = (
    ("Onsets, default method", "likelihood under rises of any form; this project's own, see docs/emg-onsets.md"),
    ("Quality limits", "each with its source or reason in docs/emg-measures.md"),
    ("Order probabilities", "Perks 1947 (orders), Jeffreys (pairs); agreement: Kendall & Gibbons 1990"),
    ("Differences", "beyond 1.96 √2 standard errors of measurement (Weir 2005)"),
    ("Slope of the median frequency", "least squares, interval after Santer et al. 2000"),
)


_LIMITS = (
    "An onset is the first moment at which the muscle adds anything to the noise. It is electrical: force follows some "
    "tens of milliseconds later. Surface and fine-wire electrodes differ by tens of milliseconds, too.",
    "A muscle that starts later than another is not a weak muscle, and not a cause of pain: no order in which healthy "
    "people start their muscles was found that all of them share.",
    "A muscle without a burst was quiet for this electrode in this movement. It may not have been needed.",
    "From one session, nobody can know how much a number changes from day to day.",
)
_PERSON = (
    "Electrodes on the skin listened to the muscles while you moved. This page says when each was heard, as well as it "
    "can be told from the outside.",
    "Muscles start in different orders in people who are well, and in the same person from one repetition to the next. "
    "An order that differs is not a fault.",
)


def render_analysis(analysis: Analysis, *, beside: Beside | None = None, command: str | None = None) -> str:
    """Return the report on an EMG analysis as one HTML text.

    Parameters
    ----------
    analysis : Analysis
        From `gluteal.emg.analysis.run.analyse_session`.
    beside : Beside, optional
        From `gluteal.held_against.emg.compare_with_trial`.
    command : str, optional
        The command line that repeats it, shown as such.
    """
    trials = [r for r in analysis.recordings if r.role == "trial"]
    tasks = {r.task for r in trials}
    with own_style({**STYLE, "savefig.dpi": 130.0}):
        traces = [(r, _figure(partial(plot.plot_traces, analysis, r))) for r in trials[:MOST_PICTURES]]
        orders = [_order_figures(o) for o in analysis.order]
        calls = inline_axes(_on(plot.plot_false_calls, analysis.false_calls)) if analysis.false_calls else None
        cycles = [
            (r.name, _figure(partial(plot.plot_cycles, c)))
            for r in trials[:MOST_PICTURES]
            if (c := [x for x in analysis.channels if x.recording == r.name and x.cycles is not None])
        ]
        tired = [c for c in analysis.channels if c.endurance is not None]
        changed = [c for c in tired if c.endurance and c.endurance.median_trend.low * c.endurance.median_trend.high > 0]
        endurance = [inline_axes(_on(plot.plot_endurance, c)) for c in changed[:MOST_PICTURES]]
        amplitudes = _amplitude_figures(analysis)
        maxima = [
            inline_axes(_on(partial(plot.plot_reference, muscle), reference))
            for muscle, reference in list(analysis.references.items())[:MOST_PICTURES]
            if reference.course[0]
        ]
        curves = [inline_axes(_on(plot.plot_curve_pair, c)) for c in analysis.curves[:MOST_PICTURES]]
        compared = _figure(partial(plot.plot_beside, beside)) if beside is not None else None
    findings = [(f, *_ANSWERS[f.answer]) for f in analysis.findings]
    return render_page(
        "emg.html.j2",
        answer=_answer(analysis, trials),
        limits=_LIMITS,
        analysis=analysis,
        trials=trials,
        several=len(trials) > 1,
        findings=findings,
        usable=[c for c in analysis.channels if _is_timed(c)],
        onset_count=sum(len(c.onsets) for c in analysis.channels),
        most_rows=MOST_ROWS,
        traces=traces,
        more_traces=len(trials) - len(traces),
        errors=(errors := _true_errors(analysis)),
        true_within=TRUE_WITHIN,
        median_error=float(np.median([abs(e["error_ms"]) for e in errors if e["found"] is not None] or [np.nan])),
        orders=list(zip(analysis.order, orders, strict=True)),
        calls=calls,
        prone=any(is_prone_hip_extension(t) for t in tasks),
        task_known=None not in tasks,
        amplitudes=amplitudes,
        maxima=maxima,
        curves=curves,
        mvic=MVIC,
        sides=SIDES,
        cycles=cycles,
        tired=tired,
        endurance=endurance,
        beside=beside,
        compared=compared,
        settings=dict(_settings(analysis)),
        sources=(*_SOURCES, *((k.removesuffix("_hz").replace("_", " "), v) for k, v in conditioning_sources().items())),
        published=sorted({p.source for p in load_published_onsets()}),
        command=command,
    )


def _answer(analysis: Analysis, trials: list[Any]) -> ReportHead:
    """Return the head: the first finding, and how many channels carry it."""
    who = [w for w in ("Surface EMG", analysis.subject.id, analysis.subject.group) if w]
    usable = sum(_is_timed(c) for c in analysis.channels)
    repetitions = max((o.repetitions for o in analysis.order), default=0)
    heard = f"{usable} of {len(analysis.channels)} channels were good enough to be timed"
    often = f", over {repetitions} repetitions" if repetitions > 1 else ""
    # What was asked is who started when; without an answer to that comes what cannot be told, last what was noticed.
    told = [f for kind in ("timing", "order") for f in analysis.findings if f.kind == kind and f.answer == "seen"]
    first = next((f for f in (*told, *analysis.findings) if f in told or f.answer not in ("left out", "seen")), None)
    first = first or next(iter(analysis.findings), None)
    return ReportHead(
        over=" · ".join(who),
        title=analysis.name,
        sentence=f"{heard[0].upper()}{heard[1:]}." if first is None else first.sentence,
        number=f"{sum(len(c.onsets) for c in analysis.channels)} onsets",
        number_words=f"found in {len(trials)} {'recording' if len(trials) == 1 else 'recordings'}",
        certainty=f"{heard}{often}. Every number below stands with its own error where the method states one.",
        tone="plain",
        person=(*_PERSON, KIND_WORDS[1]),
    )


def _is_timed(channel: ChannelAnalysis) -> bool:
    """Whether a channel could be timed; one whose bursts were set by hand and that was left out is none."""
    return channel.quality.usable and channel.bursts is not None


def save_report(
    path: str | Path, analysis: Analysis, *, beside: Beside | None = None, command: str | None = None
) -> None:
    """Write the report, whole or not at all; errors as `gluteal.files.written_whole`."""
    write_text(path, render_analysis(analysis, beside=beside, command=command))


def _figure(draw: Callable[..., Any]) -> Markup:
    figure = Figure(layout="constrained")
    draw(figure=figure)
    return inline(figure)


def _on(draw: Callable[..., Axes], shown: object) -> Callable[[Axes], Axes]:
    return lambda ax: draw(shown, ax=ax)


def _order_figures(order: OrderAnalysis) -> dict[str, Markup | None]:
    return {
        "relative": inline_axes(_on(plot.plot_relative_onsets, order)) if order.relative else None,
        "orders": inline_axes(_on(plot.plot_orders, order)) if order.orders is not None else None,
    }


def _amplitude_figures(analysis: Analysis) -> list[tuple[str, Markup]]:
    """One picture per recording and unit: amplitudes in different units are never drawn on one axis."""
    groups: dict[tuple[str, str], list[ChannelAnalysis]] = {}
    for channel in analysis.channels:
        if channel.amplitude is not None:
            groups.setdefault((channel.recording, channel.amplitude.unit), []).append(channel)
    shown = list(groups.items())[:MOST_PICTURES]
    return [(name, inline_axes(_on(plot.plot_amplitudes, c))) for (name, _), c in shown]


def _settings(analysis: Analysis) -> list[tuple[str, str]]:
    """Settings in words; the conditioning of the first channel, which only notch and ECG high-pass vary from."""
    used = next((c.settings for c in analysis.channels if c.settings), None)
    rows = [("onset method", str(analysis.settings["onset_method"]))]
    if used is not None:
        low, high = used["band_hz"]
        ends = f"{low:g}-{high:g} Hz" if high is not None else f"from {low:g} Hz, as far up as the recording goes"
        rows.append(("band-pass", f"{ends}, Butterworth, order {used['order']} in effect, no delay"))
        rows.append(("envelope", f"rectified, {used['envelope_hz']:g} Hz low-pass, no delay"))
    for name, key in (("notch", "notch_hz"), ("ECG high-pass", "ecg_highpass_hz")):
        told = [f"{muscle} {hertz:g} Hz" for muscle, hertz in analysis.settings[key].items()]
        rows.append((name, ", ".join(told) or "none"))
    for muscle, of in analysis.settings["hundred_percent"].items():
        words = (
            f"{of['value']:.3g} {of['unit']}, largest mean over {of['window_s']:g} s ({of['of'].removeprefix('% ')})"
        )
        rows.append((f"100 % of {muscle}", words))
    return rows


def _true_errors(analysis: Analysis) -> list[dict[str, Any]]:
    """Found beside true onsets of a synthetic session, the nearest one found to each."""
    rows = []
    for channel in analysis.channels:
        found = np.array([t for t, _ in channel.onsets])
        spread = [b.onset_interval_s for b in channel.bursts or () if np.isfinite(b.onset_s)]
        for true in channel.true_onsets_s or ():
            nearest = int(np.argmin(np.abs(found - true))) if found.size else None
            error = float(found[nearest] - true) if nearest is not None else float("nan")
            if nearest is None or abs(error) > TRUE_WITHIN:
                rows.append({"muscle": channel.words, "true": true, "found": None, "inside": None})
                continue
            low, high = spread[nearest]
            rows.append(
                {
                    "muscle": channel.words,
                    "true": true,
                    "found": float(found[nearest]),
                    "error_ms": 1000 * error,
                    "low": low,
                    "high": high,
                    "inside": low <= true <= high if np.isfinite(low) else None,
                }
            )
    return rows
