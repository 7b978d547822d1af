"""A page on which a person corrects onsets, and drops a channel or a repetition, by mouse or keyboard.

One file: no request, no storage. What was corrected goes home as the CSV that `gluteal emg --corrections` reads.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from gluteal.emg.analysis.corrections import LEFT_OUT_HEAD
from gluteal.emg.analysis.record import Analysis, ChannelAnalysis
from gluteal.emg.onset.bursts import DETECTED, EDITED, HEAD
from gluteal.files import FORMULA, plain, read_table_text, write_text
from gluteal.show.pages.page import render_page
from gluteal.show.policy import script_hash


def render_correcting(analysis: Analysis, *, command: str | None = None) -> str:
    """Return the page as one HTML text; `command` is the line that made it."""
    script = read_table_text(__package__, "templates/correct.js")
    data = {
        "name": analysis.name,
        "head": HEAD,
        "left_out_head": LEFT_OUT_HEAD,
        "formula": FORMULA,
        "columns": [*EDITED, *DETECTED],
        "channels": [_channel(c) for c in analysis.channels],
    }
    # No "<" inside the element, so that no text of a file can end it.
    text = json.dumps(plain(data), ensure_ascii=False).replace("<", "\\u003c")
    return render_page(
        "correct.html.j2",
        analysis=analysis,
        data=Markup(text),
        script=Markup(script),
        policy=f"default-src 'none'; script-src {script_hash(script)}; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'",
        command=command,
    )


def save_correcting(path: str | Path, analysis: Analysis, *, command: str | None = None) -> None:
    """Write the page, whole or not at all; errors as `gluteal.files.written_whole`."""
    write_text(path, render_correcting(analysis, command=command))


def _channel(channel: ChannelAnalysis) -> dict[str, Any]:
    bursts = channel.bursts
    return {
        "key": channel.key,
        "words": f"{channel.recording}: {channel.words}" if channel.key != channel.channel else channel.words,
        "start": channel.start,
        "end": channel.start + channel.duration,
        "unit": channel.unit,
        "recording": channel.recording,
        "timed": bursts is not None,
        "why_not": channel.why_not,
        # Three significant digits: what a line on a screen can show.
        "time": np.round(channel.trace.time, 4),
        "low": _short(channel.trace.low),
        "high": _short(channel.trace.high),
        "method": bursts.method if bursts is not None else "by hand",
        "rate": channel.rate,
        "settings": dict(bursts.settings) if bursts is not None else {},
        "bursts": [_burst(b) for b in bursts or ()],
    }


def _burst(burst: Any) -> dict[str, Any]:
    detected = (
        math.nan if burst.onset_by_hand else burst.onset_s,
        burst.onset_sd_s,
        *burst.onset_interval_s,
        math.nan if burst.offset_by_hand else burst.offset_s,
        burst.offset_sd_s,
        *burst.offset_interval_s,
        burst.level_db,
    )
    return {"onset": burst.onset_s, "offset": burst.offset_s, "detected": detected}


def _short(values: np.ndarray) -> list[float | None]:
    return [float(f"{v:.3g}") if math.isfinite(v) else None for v in values]
