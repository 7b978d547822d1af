"""An analysis for others to read: the values of its JSON, and the tidy table with one number per row."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gluteal.emg.measure.amplitude import MVIC

if TYPE_CHECKING:
    from gluteal.emg.analysis.record import Analysis, ChannelAnalysis, OrderAnalysis, RecordingSummary
    from gluteal.emg.measure.curves import CurveAverage
    from gluteal.emg.measure.endurance import Endurance


def recording_json(recording: RecordingSummary) -> dict[str, Any]:
    """Return one recording of `Analysis.to_json`."""
    found = asdict(recording)
    found["duration_s"] = found.pop("duration")
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


def tidy_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the rows; `low` and `high` are 95 % intervals, empty where none is known.

    Measures: usable, onset, offset, true onset, burst level, peak/mean/integrated amplitude (of the whole trial,
    item "whole", and of every burst), median frequency slope, relative onset, order probability, pair probability.
    """
    rows = [row for channel in analysis.channels for row in _of_channel(channel)]
    return rows + [row for order in analysis.order for row in _of_order(order)]


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
