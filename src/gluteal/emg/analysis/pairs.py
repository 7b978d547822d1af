"""What belongs together in a session, beside each other: right and left, a muscle and its antagonist, conditions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import TYPE_CHECKING, Literal

import numpy as np

from gluteal.anatomy import muscle_rows
from gluteal.emg.measure.amplitude import MVIC, OWN_MAXIMUM, CoContraction, measure_asymmetry, measure_co_contraction
from gluteal.emg.measure.curves import CurveComparison, compare_curves
from gluteal.emg.session.file import SessionRecording
from gluteal.errors import GlutealError
from gluteal.vocabulary import Side
from gluteal.words import SIDES

if TYPE_CHECKING:
    from gluteal.emg.analysis.record import ChannelAnalysis

#: Groups of the anatomy (`gluteal.anatomy`) that oppose each other. A muscle of two joints has other antagonists at
#: the other one; these are the pairs whose co-contraction is usually asked for.
ANTAGONISTS = (
    ("quadriceps", "hamstrings"),
    ("dorsiflexors", "plantarflexors"),
    ("hip-abductors", "hip-adductors"),
    ("trunk-flexors", "trunk-extensors"),
)
#: What recordings call whole groups, or a muscle of which the anatomy knows the heads only.
_GROUP_LABELS = {
    "quadriceps": ("quadriceps",),
    "biceps femoris": ("hamstrings",),
    "medial hamstrings": ("hamstrings",),
    "lateral hamstrings": ("hamstrings",),
    "adductors": ("hip-adductors",),
}
#: Error rate of all comparisons of curves of a session together.
ALPHA = 0.05
#: Fewer cycles of one muscle have no spread.
FEWEST_CYCLES = 2


@dataclass(frozen=True)
class Asymmetry:
    """Mean amplitude of a muscle, right beside left, in one recording.

    `index_percent` is nan, and `right` and `left` are in units that do not compare, where a side has no maximal
    contraction; `sentence` says so.
    """

    recording: str
    muscle: str
    right: float
    left: float
    unit: str
    index_percent: float
    source: str
    sentence: str

    @property
    def comparable(self) -> bool:
        """Whether there is an index."""
        return math.isfinite(self.index_percent)


@dataclass(frozen=True)
class AntagonistPair:
    """Two opposing muscles of one side in one recording.

    Attributes
    ----------
    recording, first, second : str
    side : "r" | "l" | None
    groups : tuple of str
        That oppose each other.
    span : "gait cycles" | "whole recording"
        What the indices are of; of gait cycles they are means over cycles.
    cycles : int
        How many; 0 for the whole recording.
    common : CoContraction
        Falconer & Winter 1985: share that is common, blind to how strong both are.
    common_sd : float
        Over cycles, nan for fewer than two.
    strength : CoContraction
        Rudolph et al. 2000: grows with the strength of both.
    sentence : str
    """

    recording: str
    first: str
    second: str
    side: Side | None
    groups: tuple[str, str]
    span: Literal["gait cycles", "whole recording"]
    cycles: int
    common: CoContraction
    common_sd: float
    strength: CoContraction
    sentence: str


@dataclass(frozen=True)
class CurvePair:
    """Courses over the gait cycle of one muscle, two sides or two conditions.

    `cycles` are those of the first and of the second, (cycles, points) each, in `unit`; `comparison` is None where it
    could not be made, and `sentence` says why.
    """

    kind: Literal["sides", "conditions"]
    muscle: str
    side: Side | None
    first: str
    second: str
    recordings: tuple[str, ...]
    cycles: tuple[np.ndarray, np.ndarray] = field(repr=False)
    unit: str
    comparison: CurveComparison | None
    sentence: str


def compare_sides(channels: Sequence[ChannelAnalysis]) -> tuple[Asymmetry, ...]:
    """Set right beside left amplitude of every muscle that was recorded on both sides."""
    found = []
    for right, left in _both_sides(channels):
        if right.amplitude is None or left.amplitude is None:
            continue
        unit = right.amplitude.unit
        index = float("nan")
        peaks = {"right": right.amplitude, "left": left.amplitude}
        beyond = {side: a.peak for side, a in peaks.items() if a.unit == MVIC and a.peak > 100.0}
        why = "because not both are in % of a maximal contraction; record one of each side."
        if beyond:
            what = " and ".join(f"the {side} one ({peak:.0f} %)" for side, peak in beyond.items())
            why = f"because {what} went beyond what was recorded as its maximal contraction; record that again."
        words = f"{right.muscle}: amplitudes of the two sides cannot be compared, {why}"
        if not beyond and unit == left.amplitude.unit == MVIC and right.amplitude.mean + left.amplitude.mean > 0.0:
            index = measure_asymmetry(right.amplitude.mean, left.amplitude.mean)
            more = f"{abs(index):.0f} % more on the {'right' if index > 0 else 'left'}" if index else "no difference"
            words = (
                f"{right.muscle}: {right.amplitude.mean:.3g} {unit} right, {left.amplitude.mean:.3g} {unit} left on "
                f"average, {more} (of the mean of both). What is usual from day to day is not known from one session."
            )
        found.append(
            Asymmetry(
                recording=right.recording,
                muscle=str(right.muscle),
                right=right.amplitude.mean,
                left=left.amplitude.mean,
                unit=unit if unit == left.amplitude.unit else f"{unit} and {left.amplitude.unit}",
                index_percent=index,
                source="symmetry index, Robinson et al. 1987",
                sentence=words[0].upper() + words[1:],
            )
        )
    return tuple(found)


def compare_antagonists(channels: Sequence[ChannelAnalysis]) -> tuple[AntagonistPair, ...]:
    """Measure the co-contraction of every pair of `ANTAGONISTS` that was recorded on one side."""
    found = []
    able = [c for c in channels if c.quality.usable and c.course is not None and c.amplitude is not None]
    for recording, side in dict.fromkeys((c.recording, c.side) for c in able):
        here = [c for c in able if (c.recording, c.side) == (recording, side)]
        for groups in ANTAGONISTS:
            firsts, seconds = ([c for c in here if group in _groups(c.muscle)] for group in groups)
            for first, second in product(firsts, seconds):
                if (pair := _co_contraction(first, second, groups)) is not None:
                    found.append(pair)
    return tuple(found)


def compare_courses(
    channels: Sequence[ChannelAnalysis], trials: Sequence[SessionRecording] = ()
) -> tuple[CurvePair, ...]:
    """Compare mean courses over the gait cycle: right and left of one recording, and conditions of one task.

    Each is a permutation test over cycles of the largest cluster (`gluteal.compare_curves`), all of them together
    with an error rate of `ALPHA` (Bonferroni). Cycles of one person speak for that person only.
    """
    wanted = [*_sides_to_compare(channels), *_conditions_to_compare(channels, trials)]
    return tuple(_compare_curves_of(*w, alpha=ALPHA / len(wanted)) for w in wanted)


_Curves = tuple[Literal["sides", "conditions"], str, str, tuple["ChannelAnalysis", ...], tuple["ChannelAnalysis", ...]]


def _sides_to_compare(channels: Sequence[ChannelAnalysis]) -> Iterator[_Curves]:
    for right, left in _both_sides(channels):
        if _enough_cycles([right]) and _enough_cycles([left]):
            yield "sides", "right", "left", (right,), (left,)


def _conditions_to_compare(
    channels: Sequence[ChannelAnalysis], trials: Sequence[SessionRecording]
) -> Iterator[_Curves]:
    words = {t.name: (t.words.get("task"), t.words.get("condition")) for t in trials}
    groups: dict[tuple[str | None, str, Side | None], dict[str, list[ChannelAnalysis]]] = {}
    for c in channels:
        task, condition = words.get(c.recording, (None, None))
        if c.muscle is not None and condition is not None:
            groups.setdefault((task, c.muscle, c.side), {}).setdefault(condition, []).append(c)
    for by_condition in groups.values():
        for (first, ones), (second, others) in combinations(by_condition.items(), 2):
            if _enough_cycles(ones) and _enough_cycles(others):
                yield "conditions", first, second, tuple(ones), tuple(others)


def _enough_cycles(channels: Sequence[ChannelAnalysis]) -> bool:
    return sum(len(c.cycles.cycles) for c in channels if c.quality.usable and c.cycles is not None) >= FEWEST_CYCLES


def _compare_curves_of(
    kind: Literal["sides", "conditions"],
    first: str,
    second: str,
    ones: tuple[ChannelAnalysis, ...],
    others: tuple[ChannelAnalysis, ...],
    *,
    alpha: float,
) -> CurvePair:
    able = [[c.cycles for c in group if c.quality.usable and c.cycles is not None] for group in (ones, others)]
    name = f"{ones[0].muscle}, {first} against {second}" if kind == "sides" else f"{ones[0].words}, {first} to {second}"
    a, b = (np.vstack([c.cycles for c in group]) for group in able)
    comparison: CurveComparison | None = None
    units = {c.unit for group in able for c in group}
    try:
        comparison = compare_curves(a, b, method="cluster", alpha=alpha)
        words = f"{name}: {comparison.sentence}"
        if units == {MVIC} or (kind == "conditions" and OWN_MAXIMUM not in units):
            words += " It holds for this person and session."
        else:
            words += " Each is in % of a maximum of its own, so only the shape was compared; it holds for this person."
    except GlutealError as error:
        words = f"{name}: not compared. {error}"
    return CurvePair(
        kind=kind,
        muscle=str(ones[0].muscle),
        side=ones[0].side if kind == "conditions" else None,
        first=first,
        second=second,
        recordings=tuple(dict.fromkeys(c.recording for c in (*ones, *others))),
        cycles=(a, b),
        unit=" and ".join(sorted(units)),
        comparison=comparison,
        sentence=words[0].upper() + words[1:],
    )


def _both_sides(channels: Sequence[ChannelAnalysis]) -> Iterator[tuple[ChannelAnalysis, ChannelAnalysis]]:
    """Right and left channel of every muscle of a recording; where one has several on a side, the first usable."""
    sides: dict[tuple[str, str], dict[Side, ChannelAnalysis]] = {}
    for c in sorted(channels, key=lambda c: not c.quality.usable):
        if c.muscle is not None and c.side is not None:
            sides.setdefault((c.recording, c.muscle), {}).setdefault(c.side, c)
    for _, pair in sorted(sides.items()):
        if len(pair) > 1:
            yield pair["r"], pair["l"]


def _groups(muscle: str | None) -> tuple[str, ...]:
    if muscle in _GROUP_LABELS:
        return _GROUP_LABELS[muscle]
    return next((row.groups for row in muscle_rows() if row.name == muscle), ())


def _co_contraction(first: ChannelAnalysis, second: ChannelAnalysis, groups: tuple[str, str]) -> AntagonistPair | None:
    assert first.course is not None and second.course is not None and first.amplitude is not None
    if second.amplitude is None or second.amplitude.unit != first.amplitude.unit:
        return None
    unit = first.amplitude.unit
    one, other = first.cycles, second.cycles
    try:
        # Both are cut at the same foot strikes; where samples are missing in a cycle, they no longer pair up.
        if one is not None and other is not None and not (one.skipped or other.skipped):
            pairs = list(zip(one.cycles, other.cycles, strict=True))
        else:
            one, pairs = None, [first.course.overlap(second.course)]
        common = [measure_co_contraction(a, b, unit=unit) for a, b in pairs]
        strength = [measure_co_contraction(a, b, unit=unit, method="rudolph") for a, b in pairs]
    except GlutealError:  # silent throughout, or never recorded at one time
        return None
    shares = [c.value for c in common]
    mean = float(np.mean(shares))
    span: Literal["gait cycles", "whole recording"] = "whole recording" if one is None else "gait cycles"
    words = (
        f"{SIDES[first.side]}{first.muscle} and {second.muscle}: {mean:.0f} % of their activity is common (Falconer & "
        f"Winter 1985; {span})"
    )
    words += ", each in % of its own maximum." if unit != MVIC else "."
    return AntagonistPair(
        recording=first.recording,
        first=str(first.muscle),
        second=str(second.muscle),
        side=first.side,
        groups=groups,
        span=span,
        cycles=0 if one is None else len(pairs),
        common=CoContraction(mean, common[0].unit, common[0].method, common[0].source),
        common_sd=float(np.std(shares, ddof=1)) if len(shares) > 1 else float("nan"),
        strength=CoContraction(float(np.mean([s.value for s in strength])), unit, "rudolph", strength[0].source),
        sentence=words[0].upper() + words[1:],
    )
