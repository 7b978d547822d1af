"""Onsets in real walks and a sprint beside foot strikes: `python -m benchmarks.onset.real` (needs GLUTEAL_DATA).

Nobody knows the true onset of a recorded burst. What is known is when a foot reached the ground, and when in the cycle
a muscle begins to work: hip and knee extensors and hamstrings in late swing to early stance, calves in stance. For
every strike the onset nearest to the middle of that stretch is taken; it is right where it lies within. Beside the time
of "rise" alone stands that of `gluteal emg`, with its checks for slow waves and short transients, and how many bursts a
muscle has a stride: a muscle with one phase has one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gluteal.emg.analysis.bursts import time_bursts
from gluteal.emg.onset import detect_bursts
from gluteal.emg.read import load_recording
from gluteal.emg.recording import Channel
from gluteal.emg.signal.conditioning import condition_signal
from gluteal.emg.signal.faults import Quality


@dataclass(frozen=True)
class Walk:
    """A recording, the foot strikes (s) of the sides whose muscles were recorded, and how they are known."""

    name: str
    file: str
    strikes: dict[str, tuple[float, ...]]
    known_from: str
    side: str | None = None


WALKS = (
    Walk("walk, Rajagopal 2016", "walk_rajagopal2016/emg_walk_raw.anc", {"r": (0.267, 1.412)},
         "vertical force over 20 N", "r"),
    Walk("sprint", "sprint_emg_ja1/JA1Gait35.c3d", {"r": (3.680, 4.140, 4.600)}, "events of the file", "r"),
    Walk("walk, BTK", "walk_emg_btk_gait/Gait.c3d", {"l": (2.58,), "r": (2.08,)}, "force plates"),
    Walk("walk of a child", "walk_c3d_partly_dead_emg/HC002D06.c3d", {"r": (1.83, 2.74, 3.64)}, "events of the file"),
)  # fmt: skip

#: When a muscle starts, in shares of a stride from its foot's strike: early and late bound. Own choice, wide on
#: purpose, after the phases that clinical gait analysis teaches: a time outside is a wrong one.
PHASES = {
    "gluteus maximus": (-0.25, 0.12), "gluteus medius": (-0.25, 0.12), "hamstrings": (-0.35, 0.05),
    "medial hamstrings": (-0.35, 0.05), "lateral hamstrings": (-0.35, 0.05), "biceps femoris": (-0.35, 0.05),
    "vastus lateralis": (-0.25, 0.08), "vastus medialis": (-0.25, 0.08), "soleus": (-0.15, 0.30),
    "gastrocnemius": (-0.15, 0.40), "gastrocnemius medial head": (-0.15, 0.40),
    "gastrocnemius lateral head": (-0.15, 0.40),
}  # fmt: skip
#: Stride of each recording, s, from strikes of one side or bursts that recur.
STRIDES = {"walk, Rajagopal 2016": 1.145, "sprint": 0.46, "walk, BTK": 0.99, "walk of a child": 0.91}


@dataclass(frozen=True)
class Row:
    """One muscle of a walk: strikes asked, onsets within the phase and bursts a stride, before and after the checks."""

    walk: str
    channel: str
    strikes: int
    within: tuple[int, int]
    bursts: tuple[float, float]
    from_strike_ms: tuple[float, float]


def measure(folder: Path) -> list[Row]:
    """Rows of every muscle with a known phase."""
    rows = []
    for walk in WALKS:
        for channel in load_recording(folder / walk.file).channels:
            strikes = walk.strikes.get(channel.side or walk.side or "", ())
            if channel.muscle in PHASES and strikes:
                rows.append(_row(walk, channel, strikes))
    return rows


def _row(walk: Walk, channel: Channel, strikes: Sequence[float]) -> Row:
    signal = condition_signal(channel.read(), channel.rate, unit=channel.unit)
    plain = detect_bursts(signal.filtered, channel.rate, zero_lag=signal.one_pass_hz).bursts
    checked = time_bursts(signal, start=0.0, quality=Quality(True, ())).bursts
    stride = STRIDES[walk.name]
    early, late = (stride * share for share in PHASES[str(channel.muscle)])
    within, times = [], []
    for bursts in (plain, checked):
        onsets = channel.start + np.array([b.onset_s for b in bursts if np.isfinite(b.onset_s)] or [np.inf])
        nearest = [onsets[np.argmin(np.abs(onsets - s - (early + late) / 2))] - s for s in strikes]
        within.append(sum(early <= t <= late for t in nearest))
        times.append(1e3 * float(np.median(nearest)))
    strides = channel.duration / stride
    return Row(
        walk.name,
        channel.name,
        len(strikes),
        (within[0], within[1]),
        (len(plain) / strides, len(checked) / strides),
        (times[0], times[1]),
    )


def main() -> None:
    """Print the table."""
    rows = measure(Path(os.environ["GLUTEAL_DATA"]))
    print("| recording | channel | strikes | onset within its phase | median from strike, ms | bursts a stride |")
    print("| --- | --- | --- | --- | --- | --- |")
    for r in rows:
        print(
            f"| {r.walk} | {r.channel} | {r.strikes} | {r.within[0]} / **{r.within[1]}** "
            f"| {r.from_strike_ms[0]:.0f} / **{r.from_strike_ms[1]:.0f}** | {r.bursts[0]:.1f} / **{r.bursts[1]:.1f}** |"
        )
    total = sum(r.strikes for r in rows)
    print(f"\nWithin their phase: {sum(r.within[0] for r in rows)} / {sum(r.within[1] for r in rows)} of {total}.")


if __name__ == "__main__":
    main()
