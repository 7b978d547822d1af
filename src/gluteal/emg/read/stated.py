"""What the lines above an exported table state about all of its channels: the sampling rate and the unit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from gluteal.emg.read.contents import EMG_UNITS, UNKNOWN_UNIT, unit_of
from gluteal.emg.read.text_rows import number_of

# A minus is one where a blank, a colon or an equals sign stands before it, not in a name such as "sampling-rate-1000".
_NUMBER = r"((?:(?<=[\s:=])-)?[0-9][0-9.,]*(?:e[+-]?\d+)?)"
_RATE = re.compile(
    r"(?:(?:sampl\w*|abtast\w*|acquisition)[\s_-]*(?:rate|freq\w*)|abtast(?:rate|freq\w*)|fr[eé]q\w*|"
    r"frecuenc\w*|\bfs\b|\brate\b)[^0-9]*?" + _NUMBER + r"\s*(k?hz|/s|1/s|samples?)?",
    re.IGNORECASE,
)
#: Words of sampling without "rate": a number is one only with its unit behind it ("Sampling: 2 kHz", no "samples: 9").
_RATE_BY_UNIT = re.compile(
    r"(?:sampl\w*|abtast\w*|[eé]chantillon\w*|muestreo|campionamento|amostragem)[^0-9]*?"
    + _NUMBER
    + r"\s*(k?hz|/s|1/s|samples?/s\w*)",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    r"(?:sampl\w*|abtast)[\s_-]*(?:interval\w*|period\w*|time)\s*(?:[\[(]\s*(us|µs|ms|s)\s*[\])])?[^0-9]*?"
    + _NUMBER
    + r"\s*(us|µs|ms|s)?",
    re.IGNORECASE,
)
#: Rates that are not that of sampling, in a line that does not speak of samples.
_OTHER_RATES = re.compile(
    r"pass\b|cut|notch|filt|frame|heart|camera|video|marker|mains|line\b|power|baud|refresh|respir|stimul",
    re.IGNORECASE,
)
#: A line that gives the unit of all channels: "Measure unit: V", "Units = uV".
_UNIT_LINE = re.compile(
    r"^\W*(?:measure(?:ment)?\s+)?(?:units?|einheit(?:en)?|unit[eé]s?|unidad(?:es)?)\W+(\S+)\W*$", re.IGNORECASE
)


def stated_rate(lines: Sequence[str], decimal: str) -> float | None:
    """Return the sampling rate that a line of the header states, Hz, as a rate or as the time between samples.

    >>> stated_rate(["Number of samples: 600", "Low-pass frequency: 450 Hz", "Sampling interval: 0.5 ms"], ".")
    2000.0
    """
    for line in lines:
        text = line.replace('"', " ")
        sampling = re.search(r"sampl|abtast|acquisition", text, re.IGNORECASE) is not None
        if _OTHER_RATES.search(text) and not sampling:
            continue
        if (step := _INTERVAL.search(text)) is not None:
            value = _stated_number(step[2], decimal)
            unit = (step[1] or step[3] or "").lower()
            if value is not None and value > 0.0 and unit:
                return 1.0 / (value * {"s": 1.0, "ms": 1e-3}.get(unit, 1e-6))
            continue
        match = _RATE_BY_UNIT.search(text) or _RATE.search(text)
        if match is None:
            continue
        value = _stated_number(match[1], decimal)
        if value is not None and math.isfinite(value):
            return value * (1e3 if (match[2] or "").lower() == "khz" else 1.0)
    return None


def _stated_number(text: str, decimal: str) -> float | None:
    text = text.rstrip(".,")
    return number_of(text, "," if decimal == "," and "." not in text else ".")


def stated_unit(lines: Sequence[str]) -> str:
    """Return the unit of EMG that a line of the header states for all channels, unknown where none does.

    >>> stated_unit(["Measure unit:  V"]), stated_unit(["Unit of length: mm"])
    ('V', 'unknown')
    """
    for line in lines:
        match = _UNIT_LINE.match(line.replace('"', " ").strip())
        if match is not None and (unit := unit_of(match[1])) in EMG_UNITS and unit not in (UNKNOWN_UNIT, "1"):
            return unit
    return UNKNOWN_UNIT
