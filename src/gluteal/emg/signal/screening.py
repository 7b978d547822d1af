"""Quality of all channels of a recording: which may be timed, which not and why, which two are one signal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from gluteal.emg.parallel import count_workers, map_threads
from gluteal.emg.recording import Channel
from gluteal.emg.signal.crosstalk import SAME, Crosstalk, find_crosstalk
from gluteal.emg.signal.faults import Fault, Quality
from gluteal.emg.signal.quality import assess_quality
from gluteal.emg.signal.quality_limits import Limits

#: Muscles beside the heart, by a word in their anatomical name.
TRUNK_WORDS = (
    "erector spinae",
    "longissimus",
    "iliocostalis",
    "multifidus",
    "quadratus lumborum",
    "abdominis",
    "oblique",
    "latissimus",
    "trapezius",
    "pectoralis",
    "serratus",
    "intercostal",
)


@dataclass(frozen=True)
class Screening:
    """Quality of every channel.

    Attributes
    ----------
    by_channel : dict of str to Quality
        By the channel's name in the file, in its order.
    crosstalk : tuple of Crosstalk
        Pairs that share a signal: a hint. Of two that are one signal the later in the file is not usable, so that
        no statistic counts it twice.
    """

    by_channel: dict[str, Quality]
    crosstalk: tuple[Crosstalk, ...] = ()
    trunk: frozenset[str] = field(default_factory=frozenset)

    @property
    def usable(self) -> tuple[str, ...]:
        """Names of the channels that may be timed."""
        return tuple(name for name, q in self.by_channel.items() if q.usable)

    @property
    def excluded(self) -> tuple[str, ...]:
        """Names of the channels that may not."""
        return tuple(name for name, q in self.by_channel.items() if not q.usable)


def screen_channels(
    channels: Sequence[Channel],
    *,
    mains_hz: tuple[float, ...] = (50.0, 60.0),
    trunk: Collection[str] | None = None,
    steady: bool = False,
    limits: Limits | None = None,
    progress: Callable[[str], None] | None = None,
    workers: int | None = None,
) -> Screening:
    """Assess every channel and look for pairs that are one signal.

    Parameters
    ----------
    channels : sequence of Channel
        EMG channels; force plates and other signals have no muscle's quality.
    mains_hz, steady, limits
        As `assess_quality`.
    trunk : collection of str, optional
        Names of the channels to search for heart beats; by default those whose muscle is of the trunk.
    progress : callable, optional
        Called with the name of each channel before it is read.
    workers : int, optional
        As `gluteal.emg.parallel.count_workers`.
    """
    if trunk is None:
        trunk = {c.name for c in channels if c.muscle and any(w in c.muscle.lower() for w in TRUNK_WORDS)}
    threads = count_workers(channels, workers)

    def assess(channel: Channel) -> Quality:
        if progress is not None:
            progress(channel.name)
        return assess_quality(
            channel.read(),
            channel.rate,
            unit=channel.unit,
            mains_hz=mains_hz,
            trunk=channel.name in trunk,
            steady=steady,
            limits=limits,
        )

    found = {c.name: q for c, q in zip(channels, map_threads(assess, channels, threads), strict=True)}
    # Dead and saturated channels share hum or rails, which is no muscle's crosstalk.
    alike: dict[tuple[float, float, int], list[Channel]] = {}
    for channel in channels:
        if found[channel.name].usable:
            alike.setdefault((channel.rate, channel.start, channel.length), []).append(channel)
    pairs = [
        pair
        for (rate, _, _), group in alike.items()
        if len(group) > 1
        for pair in find_crosstalk({c.name: c.read for c in group}, rate, mains_hz=mains_hz, workers=threads)
    ]
    for pair in pairs:
        first, second = sorted((pair.first, pair.second), key=list(found).index)
        if pair.correlation >= SAME and found[first].usable and found[second].usable:
            words = f"It is one signal with {first} (r = {pair.correlation:.2f}): it counts once, there."
            found[second] = found[second].with_fault(Fault("copy", "fail", pair.correlation, "1", words))
    return Screening(found, tuple(pairs), frozenset(trunk))
