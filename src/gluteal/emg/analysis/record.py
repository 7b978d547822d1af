"""What was found in a session: one frozen record, as JSON and as a tidy table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gluteal.emg.analysis.export import (
    antagonists_json,
    channel_json,
    curves_json,
    order_json,
    recording_json,
    synergies_json,
    tidy_rows,
)
from gluteal.emg.analysis.groups import SynergyAnalysis
from gluteal.emg.analysis.pairs import AntagonistPair, Asymmetry, CurvePair
from gluteal.emg.measure.amplitude import Amplitude, Reference
from gluteal.emg.measure.curves import CurveAverage
from gluteal.emg.measure.endurance import Endurance
from gluteal.emg.measure.healthy_onsets import FalseCall, OnsetComparison, compute_false_calls
from gluteal.emg.measure.order import Agreement, Orders, RelativeOnset
from gluteal.emg.onset import Bursts, save_bursts
from gluteal.emg.recording import Event, LeftOut
from gluteal.emg.session.file import Role, Subject
from gluteal.emg.signal.crosstalk import Crosstalk
from gluteal.emg.signal.faults import Quality
from gluteal.errors import InputError
from gluteal.files import csv_text, plain, write_text
from gluteal.vocabulary import Side
from gluteal.words import SIDES

if TYPE_CHECKING:
    import pandas as pd

#: Values of a course per second.
COURSE_RATE = 50.0

FindingKind = Literal["recording", "timing", "order", "sides", "amplitude", "endurance", "crosstalk"]
#: Answers of a finding. "left out" and "seen" state what is; the others answer a question.
FindingAnswer = Literal[
    "left out", "seen", "as among healthy people", "earlier", "later", "within measurement error",
    "beyond measurement error", "cannot tell",
]  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing that may be said, in words a patient may read."""

    kind: FindingKind
    answer: FindingAnswer
    sentence: str
    muscle: str | None = None
    side: Side | None = None
    recording: str | None = None


@dataclass(frozen=True)
class Trace:
    """A signal thinned for a picture: least and greatest value of each bin, in the channel's unit.

    `time` (bins,) is the centre of each bin, s on the recording's clock.
    """

    time: np.ndarray = field(repr=False)
    low: np.ndarray = field(repr=False)
    high: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Course:
    """The envelope of a channel, thinned on the clock that all channels of a recording share.

    Value i is at (first + i) / `COURSE_RATE` s of the recording, in the unit of the channel's amplitude; a low-passed
    envelope holds nothing faster.
    """

    first: int
    values: np.ndarray = field(repr=False)

    def overlap(self, other: Course) -> tuple[np.ndarray, np.ndarray]:
        """Return the values of both where both have one, (n,) each."""
        start = max(self.first, other.first)
        stop = min(self.first + self.values.size, other.first + other.values.size)
        a, b = (c.values[start - c.first : max(start, stop) - c.first] for c in (self, other))
        known = np.isfinite(a) & np.isfinite(b)
        if not known.any():
            raise InputError("The two channels were never recorded at one time; give channels of one recording.")
        return a[known], b[known]


@dataclass(frozen=True)
class ChannelAnalysis:
    """One channel of one trial.

    Attributes
    ----------
    key : str
        Name for corrections: the channel's, with the recording in front where there are several.
    recording, channel : str
    muscle, side, unit, rate, start, duration
        As `gluteal.emg.recording.Channel`.
    quality : Quality
    bursts : Bursts or None
        None where the channel was not timed.
    why_not : str
        Why it was not.
    amplitude : Amplitude or None
        Of the whole trial.
    burst_amplitudes : tuple of Amplitude
        Of every burst with a known beginning and end.
    cycles : CurveAverage or None
        Mean course between foot strikes of its side.
    endurance : Endurance or None
    settings : dict
        Of the conditioning.
    notes : tuple of str
    trace : Trace
    course : Course or None
        Of the whole trial, where there is an amplitude.
    true_onsets_s : tuple of float or None
        Where the signal is synthetic and its onsets are known.
    """

    key: str
    recording: str
    channel: str
    muscle: str | None
    side: Side | None
    unit: str
    rate: float
    start: float
    duration: float
    quality: Quality
    bursts: Bursts | None
    why_not: str
    amplitude: Amplitude | None
    burst_amplitudes: tuple[Amplitude, ...]
    cycles: CurveAverage | None
    endurance: Endurance | None
    settings: dict[str, Any]
    notes: tuple[str, ...]
    trace: Trace
    course: Course | None = None
    true_onsets_s: tuple[float, ...] | None = None

    @property
    def words(self) -> str:
        """Side and muscle in words; the channel's name where no muscle was read from it."""
        return f"{SIDES[self.side]}{self.muscle}" if self.muscle else f"channel {self.channel}"

    @property
    def onsets(self) -> tuple[tuple[float, float], ...]:
        """Onset and its standard deviation (nan: not stated), s, of every burst that began in the recording."""
        return tuple((b.onset_s, b.onset_sd_s) for b in self.bursts or () if math.isfinite(b.onset_s))


@dataclass(frozen=True)
class RecordingSummary:
    """One recording of the session and what was noticed about it as a whole."""

    name: str
    role: Role
    format: str
    task: str | None
    channels: int
    duration: float
    events: tuple[Event, ...]
    movement_starts_s: tuple[float, ...]
    crosstalk: tuple[Crosstalk, ...]
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class OrderAnalysis:
    """Who started when, relative to one reference, over repetitions of one task.

    Attributes
    ----------
    reference : str
        "movement start", "right foot strike", or a muscle.
    side : "r" | "l" | None
        Of the limb.
    task : str or None
    recordings : tuple of str
    repetitions : int
    cyclic : bool
        The movement goes round: there is no first muscle, and no order is counted.
    relative : tuple of RelativeOnset
    onsets_s : mapping of muscle -> (repetitions,)
        s on the recording's clock; nan where none was found.
    orders : Orders or None
    agreement : Agreement or None
    comparisons : tuple of Comparison
        Beside published onsets; empty unless the task is prone hip extension.
    sentence : str
    """

    reference: str
    side: Side | None
    task: str | None
    recordings: tuple[str, ...]
    repetitions: int
    cyclic: bool
    relative: tuple[RelativeOnset, ...]
    onsets_s: Mapping[str, np.ndarray] = field(repr=False)
    orders: Orders | None
    agreement: Agreement | None
    comparisons: tuple[OnsetComparison, ...]
    sentence: str


@dataclass(frozen=True)
class Analysis:
    """Everything that was found in a session.

    Attributes
    ----------
    name : str
    subject : Subject
    synthetic : bool
        The signals were made by a program, with known onsets.
    recordings : tuple of RecordingSummary
    channels : tuple of ChannelAnalysis
        Of the trials.
    order : tuple of OrderAnalysis
    findings : tuple of Finding
    notes : tuple of str
    settings : dict
    asymmetries : tuple of Asymmetry
        Of every muscle recorded on both sides.
    antagonists : tuple of AntagonistPair
        Co-contraction of opposing muscles.
    curves : tuple of CurvePair
        Courses over the gait cycle, side against side and condition against condition.
    synergies : tuple of SynergyAnalysis
        Groups of muscles of one side that rise and fall together.
    references : mapping of str to Reference
        What 100 % is, by side and muscle in words.
    """

    name: str
    subject: Subject
    synthetic: bool
    recordings: tuple[RecordingSummary, ...]
    channels: tuple[ChannelAnalysis, ...]
    order: tuple[OrderAnalysis, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    settings: dict[str, Any]
    asymmetries: tuple[Asymmetry, ...] = ()
    antagonists: tuple[AntagonistPair, ...] = ()
    curves: tuple[CurvePair, ...] = ()
    synergies: tuple[SynergyAnalysis, ...] = ()
    references: Mapping[str, Reference] = field(default_factory=dict)

    @cached_property
    def false_calls(self) -> tuple[FalseCall, ...]:
        """How often rules call healthy people abnormal in prone hip extension; empty without glutes and back."""
        told = any(c.muscle == "gluteus maximus" or "erector" in (c.muscle or "") for c in self.channels)
        return compute_false_calls() if told else ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, missing ones as None."""
        return plain(
            {
                "session": self.name,
                "synthetic": self.synthetic,
                "subject": self.subject.model_dump(),
                "recordings": [recording_json(r) for r in self.recordings],
                "channels": [channel_json(c) for c in self.channels],
                "order": [order_json(o) for o in self.order],
                "findings": [asdict(f) for f in self.findings],
                "asymmetry": [asdict(a) for a in self.asymmetries],
                "co_contraction": [antagonists_json(a) for a in self.antagonists],
                "synergies": [synergies_json(s) for s in self.synergies],
                "curve_comparison": [curves_json(c) for c in self.curves],
                "left_out": [
                    {"recording": r.name, "channel": o.channel, "why": o.why}
                    for r in self.recordings
                    for o in r.left_out
                ],
                "notes": list(self.notes),
                "settings": self.settings,
            }
        )

    def to_table(self) -> pd.DataFrame:
        """Return one number per row: recording, channel, muscle, side, measure, item, value, unit, sd, low, high."""
        import pandas as pd  # takes longer to load than most analyses to make

        return pd.DataFrame(tidy_rows(self))

    def to_csv(self, path: str | Path) -> None:
        """Write `to_table` as CSV, whole or not at all."""
        write_text(path, csv_text(self.to_table()))

    def save_onsets(self, path: str | Path) -> None:
        """Write the bursts of every timed channel to a CSV that can be corrected by hand and given back."""
        save_bursts(path, {c.key: c.bursts for c in self.channels if c.bursts is not None})
