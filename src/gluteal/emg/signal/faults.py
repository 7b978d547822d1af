"""What a quality check says of a channel: faults, how grave they are, and the numbers behind them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

Severity = Literal["fail", "amplitude", "caution"]
SEVERITIES = get_args(Severity)
FaultKind = Literal[
    "flat",
    "dropout",
    "saturation",
    "gain",
    "dead",
    "short",
    "envelope",
    "low_rate",
    "coarse",
    "low_snr",
    "hum",
    "movement_artefact",
    "spikes",
    "pulses",
    "ecg",
    "copy",
]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a channel.

    Attributes
    ----------
    kind : str
        One of `FaultKind`.
    severity : "fail" | "amplitude" | "caution"
    value, unit : float, str
        How much of it ("%", "dB", "Hz", "1/min").
    sentence : str
        For people: what it is and what to do.
    intervals_s : tuple of (start, end)
        Where in time, s from the first sample; empty where it is everywhere.
    """

    kind: FaultKind
    severity: Severity
    value: float
    unit: str
    sentence: str
    intervals_s: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Quality:
    """Whether a channel may be used for timing, and why not.

    Attributes
    ----------
    usable : bool
        False where any fault fails the channel.
    faults : tuple of Fault
        Failing ones first.
    measures : dict
        Every number the judgement rests on: name -> (value, unit).
    settings : dict
        Limits and arguments.
    """

    usable: bool
    faults: tuple[Fault, ...]
    measures: dict[str, tuple[float, str]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def has(self, kind: FaultKind) -> bool:
        """Whether a fault of this kind was found, of either severity."""
        return any(f.kind == kind for f in self.faults)

    def without_amplitude(self) -> Fault | None:
        """Return the fault that leaves the timing but not the amplitude; None where there is none."""
        return next((f for f in self.faults if f.severity == "amplitude"), None)

    def with_fault(self, fault: Fault) -> Quality:
        """Return the quality with one more fault, in its order."""
        faults = tuple(sorted((*self.faults, fault), key=lambda f: SEVERITIES.index(f.severity)))
        return replace(self, usable=self.usable and fault.severity != "fail", faults=faults)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "usable": self.usable,
            "faults": [asdict(f) for f in self.faults],
            "measures": {k: {"value": v, "unit": u} for k, (v, u) in self.measures.items()},
        }
