"""An analysis for others to read: the values of its JSON, and the tidy table with one number per row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gluteal.emg.measure.amplitude import MVIC

if TYPE_CHECKING:
    from gluteal.emg.analysis.groups import SynergyAnalysis
    from gluteal.emg.analysis.pairs import AntagonistPair, CurvePair
    from gluteal.emg.analysis.record import Analysis, ChannelAnalysis, OrderAnalysis, RecordingSummary
    from gluteal.emg.measure.curves import CurveAverage
    from gluteal.emg.measure.endurance import Endurance


def recording_json(recording: RecordingSummary) -> dict[str, Any]:
    """Return one recording of `Analysis.to_json`."""
    found = asdict(recording)
    found["duration_s"] = found.pop("duration")
    del found["left_out"]  # stands once, beside all recordings
    return found


def channel_json(channel: ChannelAnalysis) -> dict[str, Any]:
    """Return one channel of `Analysis.to_json`."""
    onsets, amplitude = channel.onsets, channel.amplitude
    normal = amplitude if amplitude is not None and amplitude.unit == MVIC else None
    return {
        "muscle": channel.muscle,
        "side": channel.side,
        "onsets_s": [t for t, _ in onsets],
        "onset_sd_s": [s for _, s in onsets],
        "peak_percent_mvic": normal.peak if normal else None,
        "mean_percent_mvic": normal.mean if normal else None,
        "quality": channel.quality.to_dict(),
        "recording": channel.recording,
        "channel": channel.channel,
        "key": channel.key,
        "unit": channel.unit,
        "rate_hz": channel.rate,
        "start_s": channel.start,
        "duration_s": channel.duration,
        "timed": channel.bursts is not None,
        "why_not_timed": channel.why_not,
        "onset_method": channel.bursts.method if channel.bursts is not None else None,
        "bursts": [asdict(b) for b in channel.bursts or ()],
        "true_onsets_s": channel.true_onsets_s,
        "amplitude": asdict(amplitude) if amplitude is not None else None,
        "cycles": _cycles_json(channel.cycles),
        "endurance": _endurance_json(channel.endurance),
        "conditioning": channel.settings,
        "notes": list(channel.notes),
    }


def _cycles_json(cycles: CurveAverage | None) -> dict[str, Any] | None:
    if cycles is None:
        return None
    return {
        "count": len(cycles.cycles),
        "unit": cycles.unit,
        "band": cycles.band,
        "percent": cycles.percent,
        "mean": cycles.mean,
        "low": cycles.low,
        "high": cycles.high,
    }


def _endurance_json(endurance: Endurance | None) -> dict[str, Any] | None:
    if endurance is None:
        return None
    return {
        "median_frequency": asdict(endurance.median_trend),
        "mean_frequency": asdict(endurance.mean_trend),
        "sentence": endurance.sentence,
        "settings": endurance.settings,
    }


def order_json(order: OrderAnalysis) -> dict[str, Any]:
    """Return one order of `Analysis.to_json`."""
    return {
        "reference": order.reference,
        "side": order.side,
        "task": order.task,
        "recordings": list(order.recordings),
        "repetitions": order.repetitions,
        "cyclic": order.cyclic,
        "sentence": order.sentence,
        "relative_onsets": [asdict(r) for r in order.relative],
        "onsets_s": dict(order.onsets_s),
        "orders": [asdict(o) for o in order.orders.orders] if order.orders else [],
        "pairs": [asdict(p) for p in order.orders.pairs] if order.orders else [],
        "agreement": asdict(order.agreement) if order.agreement else None,
        "published": [asdict(c) for c in order.comparisons],
    }


def antagonists_json(pair: AntagonistPair) -> dict[str, Any]:
    """Return one pair of antagonists of `Analysis.to_json`."""
    return {
        "recording": pair.recording,
        "side": pair.side,
        "first": pair.first,
        "second": pair.second,
        "groups": list(pair.groups),
        "span": pair.span,
        "cycles": pair.cycles,
        "falconer_winter_percent": pair.common.value,
        "falconer_winter_sd": pair.common_sd,
        "rudolph": pair.strength.value,
        "unit": pair.strength.unit,
        "sources": [pair.common.source, pair.strength.source],
        "sentence": pair.sentence,
    }


def synergies_json(found: SynergyAnalysis) -> dict[str, Any]:
    """Return the synergies of one side in one recording of `Analysis.to_json`."""
    s = found.synergies
    return {
        "recording": found.recording,
        "side": found.side,
        "muscles": list(s.muscles),
        "count": s.count,
        "weights": s.weights,
        "accounted_percent": s.accounted_percent,
        "by_muscle_percent": s.by_muscle_percent,
        "by_count_percent": list(s.by_count_percent),
        "sentence": found.sentence,
    }


def curves_json(pair: CurvePair) -> dict[str, Any]:
    """Return one comparison of curves of `Analysis.to_json`."""
    found = pair.comparison
    return {
        "kind": pair.kind,
        "muscle": pair.muscle,
        "side": pair.side,
        "first": pair.first,
        "second": pair.second,
        "recordings": list(pair.recordings),
        "p": found.p if found else None,
        "method": found.method if found else None,
        "differences": [asdict(d) for d in found.differences] if found else [],
        "settings": found.settings if found else {},
        "sentence": pair.sentence,
    }


def tidy_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the rows; `low` and `high` are 95 % intervals, empty where none is known.

    Measures: usable, onset, offset, true onset, burst level, peak/mean/integrated amplitude (of the whole trial,
    item "whole", and of every burst), median frequency slope, relative onset, order probability,
    pair probability; asymmetry, co-contraction, p of a difference of curves.
    """
    rows = [row for channel in analysis.channels for row in _of_channel(channel)]
    rows += [row for order in analysis.order for row in _of_order(order)]
    return rows + list(_of_pairs(analysis))


def _of_channel(channel: ChannelAnalysis) -> list[dict[str, Any]]:
    head = {
        "recording": channel.recording,
        "channel": channel.channel,
        "muscle": channel.muscle or "",
        "side": channel.side or "",
    }
    rows = [_row(head, "usable", "", float(channel.quality.usable), "1")]
    for i, burst in enumerate(channel.bursts or (), 1):
        for name, time, sd, (low, high) in (
            ("onset", burst.onset_s, burst.onset_sd_s, burst.onset_interval_s),
            ("offset", burst.offset_s, burst.offset_sd_s, burst.offset_interval_s),
        ):
            rows.append(_row(head, name, f"burst {i}", time, "s", sd, low, high))
        rows.append(_row(head, "burst level", f"burst {i}", burst.level_db, "dB"))
    rows += [_row(head, "true onset", f"burst {i}", t, "s") for i, t in enumerate(channel.true_onsets_s or (), 1)]
    for amplitude in ([channel.amplitude] if channel.amplitude else []) + list(channel.burst_amplitudes):
        rows.append(_row(head, "peak amplitude", amplitude.name, amplitude.peak, amplitude.unit))
        rows.append(_row(head, "mean amplitude", amplitude.name, amplitude.mean, amplitude.unit))
        unit = amplitude.integrated_unit
        rows.append(_row(head, "integrated amplitude", amplitude.name, amplitude.integrated, unit))
    if channel.endurance is not None:
        for name, trend in (("median", channel.endurance.median_trend), ("mean", channel.endurance.mean_trend)):
            rows.append(
                _row(head, f"{name} frequency slope", "whole", trend.slope, trend.unit, None, trend.low, trend.high)
            )
    return rows


def _of_order(order: OrderAnalysis) -> list[dict[str, Any]]:
    head = {"recording": "; ".join(order.recordings), "channel": "", "muscle": "", "side": order.side or ""}
    rows = []
    for r in order.relative:
        muscle = {**head, "muscle": r.muscle}
        rows.append(_row(muscle, "relative onset", f"to {r.reference}", r.mean_s, "s", r.sd_s, r.low_s, r.high_s))
    if order.orders is None:
        return rows
    for share in order.orders.orders:
        item = " < ".join(share.order)
        rows.append(_row(head, "order probability", item, share.probability, "1", None, share.low, share.high))
    for pair in order.orders.pairs:
        item = f"{pair.first} < {pair.second}"
        rows.append(_row(head, "pair probability", item, pair.probability, "1", None, pair.low, pair.high))
    return rows


def _of_pairs(analysis: Analysis) -> Iterator[dict[str, Any]]:
    for a in analysis.asymmetries:
        head = {"recording": a.recording, "channel": "", "muscle": a.muscle, "side": ""}
        if a.comparable:
            yield _row(head, "asymmetry", "right - left", a.index_percent, "% of the mean of both")
    for p in analysis.antagonists:
        head = {"recording": p.recording, "channel": "", "muscle": f"{p.first} / {p.second}", "side": p.side or ""}
        yield _row(head, "co-contraction (Falconer-Winter)", p.span, p.common.value, "%", p.common_sd)
        yield _row(head, "co-contraction (Rudolph)", p.span, p.strength.value, p.strength.unit)
    for c in analysis.curves:
        head = {"recording": "; ".join(c.recordings), "channel": "", "muscle": c.muscle, "side": c.side or ""}
        if c.comparison is not None:
            yield _row(head, "difference of curves, p", f"{c.first} - {c.second}", c.comparison.p, "1")


def _row(
    head: dict[str, str],
    measure: str,
    item: str,
    value: float,
    unit: str,
    sd: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> dict[str, Any]:
    return {**head, "measure": measure, "item": item, "value": value, "unit": unit, "sd": sd, "low": low, "high": high}
