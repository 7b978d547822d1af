"""An analysis as plain values: what JSON holds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from gluteal.emg.measure.amplitude import MVIC

if TYPE_CHECKING:
    from gluteal.emg.analysis.record import ChannelAnalysis, OrderAnalysis, RecordingSummary
    from gluteal.emg.measure.curves import CurveAverage
    from gluteal.emg.measure.endurance import Endurance


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: NumPy and tuples gone, numbers that are none as None.

    >>> plain({"a": (np.float64(1.5), float("nan")), "b": np.arange(2)})
    {'a': [1.5, None], 'b': [0, 1]}
    """
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple | frozenset | set):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


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
