"""What may be said about a session, in plain words; "cannot tell" is an answer."""

from __future__ import annotations

from collections import Counter
from typing import get_args

import numpy as np
import scipy

from gluteal.emg.analysis.disturbed import as_sentence, find_disturbed, find_slow_bands, where_words
from gluteal.emg.analysis.record import Analysis, ChannelAnalysis, Finding, FindingAnswer, OrderAnalysis
from gluteal.emg.analysis.sequence import OFTEN
from gluteal.emg.labels import muscle_of
from gluteal.emg.measure.amplitude import MVIC
from gluteal.emg.measure.judgement import judge_difference
from gluteal.emg.measure.order import RelativeOnset
from gluteal.vocabulary import Side
from gluteal.words import SIDES, list_words

#: Rule by which a plain order is called abnormal, see `gluteal.emg.measure.healthy_onsets.RULES`.
_PLAIN_ORDER = "glute-after-hamstrings-0ms"
_GLUTE = "gluteus maximus"
#: Left-out channels that a sentence names, and pairs that share a signal that have a sentence; the JSON has all.
_MOST_NAMED = 6
_COPIES = "Each is one signal with another channel, as neighbours of a grid are: it counts once, there."


def gather_findings(analysis: Analysis) -> tuple[Finding, ...]:
    """Return the findings of an analysis, the ones about the recording itself first."""
    several = len({c.recording for c in analysis.channels}) > 1
    found = _recording(analysis, several)
    for order in analysis.order:
        found += _order(order, analysis)
    found += _sides(analysis)
    found += _amplitude(analysis)
    found += _endurance(analysis, several)
    return tuple(found)


def _recording(analysis: Analysis, several: bool) -> list[Finding]:
    found: list[Finding] = []
    alike: dict[tuple[str, str], list[ChannelAnalysis]] = {}
    copies = sum(c.quality.has("copy") for c in analysis.channels)
    for channel in analysis.channels:
        if not channel.quality.usable:
            by_hand = " Its bursts were set by hand." if channel.bursts is not None else ""
            why = channel.quality.faults[0]
            copy = why.kind == "copy" and copies > _MOST_NAMED
            words = f"left out of the timing: {_COPIES if copy else why.sentence}{by_hand}"
        elif channel.bursts is None:
            words = f"not timed: {channel.why_not}"
        elif not len(channel.bursts):
            words = (
                "recorded without a burst that stands out from rest. This says what the electrode saw in this "
                "recording, not what the muscle can do."
            )
        else:
            continue
        alike.setdefault((channel.recording, words), []).append(channel)
    for (recording, words), channels in alike.items():
        answer: FindingAnswer = "seen" if words.startswith("recorded") else "left out"
        counts = Counter(c.words for c in channels)
        who = list_words([word if n == 1 else f"{n} channels of {word}" for word, n in counts.items()])
        who += f" ({recording})" if several else ""
        text = f"{who} {'was' if len(channels) == 1 else 'were'} {words}"
        muscle, side = (channels[0].muscle, channels[0].side) if len(channels) == 1 else (None, None)
        found.append(Finding("recording", answer, as_sentence(text), muscle, side, recording))
    found += _no_muscles(analysis)
    found += find_slow_bands(analysis, several)
    found += find_disturbed(analysis, several)
    for recording_summary in analysis.recordings:
        pairs = recording_summary.crosstalk
        if len(pairs) > _MOST_NAMED:
            pairs = pairs[:_MOST_NAMED]
            more = (
                f"{len(recording_summary.crosstalk)} pairs of channels share their signal, as neighbours of a grid do; "
                f"the {_MOST_NAMED} that share most follow."
            )
            found.append(Finding("crosstalk", "seen", more, recording=recording_summary.name))
        found += [Finding("crosstalk", "seen", p.sentence, recording=recording_summary.name) for p in pairs]
    timed = [c for c in analysis.channels if c.onsets]
    if not analysis.order and len(timed) > 1:
        found.append(Finding("order", "cannot tell", _no_order(analysis)))
    elif not analysis.order and timed and len(analysis.channels) > 1:
        words = f"Only {where_words(timed[0], several)} has an onset, so who started first is not told."
        found.append(Finding("order", "cannot tell", words))
    elif analysis.settings.get("reference") is None:
        for side in _sides_without_order(analysis):
            head = f"{SIDES[side].capitalize()}side: "
            found.append(Finding("order", "cannot tell", head + _sentence_inside(_no_order(analysis)), side=side))
    return found


def _sides_without_order(analysis: Analysis) -> list[Side]:
    """Sides of which two muscles and more were timed and no order is stated, where one is of the other side."""
    there = {order.side for order in analysis.order}
    counts = {side: sum(bool(c.onsets) for c in analysis.channels if c.side == side) for side in get_args(Side)}
    return [side for side, count in counts.items() if count > 1 and there and None not in there and side not in there]


def _no_order(analysis: Analysis) -> str:
    reference = analysis.settings.get("reference")
    if reference is None:
        return (
            "Nothing in the recording says where one repetition ends and the next begins, so no order is stated; name "
            "a muscle that is active once in each (--reference), or a movement signal or events in a session file."
        )
    wanted = muscle_of(reference)
    timed = any(c.onsets for c in analysis.channels if wanted.means(c.muscle, c.side))
    why = "is the only muscle of its side that was timed" if timed else "has no onset to count from"
    return f"The reference ({reference}) {why}, so no order is stated."


def _no_muscles(analysis: Analysis) -> list[Finding]:
    """Channels that were not taken for a muscle's, by recording and reason."""
    alike: dict[tuple[str, str], list[str]] = {}
    for recording in analysis.recordings:
        for one in recording.left_out:
            alike.setdefault((recording.name, one.why), []).append(one.channel)
    found = []
    several = len(analysis.recordings) > 1
    for (recording_name, why), names in alike.items():
        shown = names[:_MOST_NAMED] + ([f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else [])
        where = f" of {recording_name}" if several else ""
        words = f"Not taken for a muscle{where}: {list_words(shown)} ({why})."
        found.append(Finding("recording", "left out", words, recording=recording_name))
    return found


def _order(order: OrderAnalysis, analysis: Analysis) -> list[Finding]:
    where = f"{SIDES[order.side].capitalize()}side" if order.side else "All muscles"
    head = f"{where}: " if order.side else ""
    # Where only the rhythm says that it goes round, nothing is known of an order; foot strikes are an answer.
    by_strikes = order.cyclic and order.reference.endswith("foot strike")
    established = order.orders is not None and order.orders.orders[0].low > 0.5
    found = [
        Finding("order", "seen" if established or by_strikes else "cannot tell", head + order.sentence, side=order.side)
    ]
    for one in order.relative:
        if one.muscle != _GLUTE:
            continue
        if one.repetitions < OFTEN * order.repetitions:
            words = (
                f"{head}gluteus maximus had an onset near the {_event(one.reference)} in {one.repetitions} of "
                f"{order.repetitions} repetitions only, so nothing is said about when it starts."
            )
            found.append(Finding("timing", "cannot tell", as_sentence(words), _GLUTE, order.side))
            continue
        when = f"{_ms(one.mean_s)} the {_event(one.reference)}"
        if not np.isfinite(one.low_s):
            words = (
                f"{head}gluteus maximus started {when} in one repetition; from one, nothing can be said about what is "
                "usual."
            )
            found.append(Finding("timing", "cannot tell", words, _GLUTE, order.side))
            continue
        several = f"{one.repetitions} {'repetition' if one.repetitions == 1 else 'repetitions'}"
        interval = f"95 % interval {1000 * one.low_s:+.0f} to {1000 * one.high_s:+.0f} ms; negative is before"
        if one.low_s < 0.0 < one.high_s:
            words = (
                f"{head}whether gluteus maximus starts before or after the {_event(one.reference)} cannot be told from "
                f"{several}: it started {_ms(one.mean_s)}, on average ({interval})."
            )
            found.append(Finding("timing", "cannot tell", as_sentence(words), _GLUTE, order.side))
            continue
        words = f"{head}gluteus maximus started {when}, on average of {several} ({interval})."
        found.append(Finding("timing", "seen", words, _GLUTE, order.side))
    found += _beside_healthy(order, analysis)
    return found


def _event(reference: str) -> str:
    return "start of the movement" if reference == "movement start" else reference


def _ms(seconds: float) -> str:
    return f"{abs(1000 * seconds):.0f} ms {'before' if seconds < 0 else 'after'}"


def _beside_healthy(order: OrderAnalysis, analysis: Analysis) -> list[Finding]:
    """Gluteus maximus beside published healthy onsets, where the task is theirs."""
    known = [c for c in order.comparisons if c.published.muscle == _GLUTE and c.position != "not known"]
    if not known:
        return []
    spans = list_words([f"{1000 * c.low_s:+.0f} to {1000 * c.high_s:+.0f} ms ({c.published.condition})" for c in known])
    among = [c for c in known if c.position == "among"]
    if among:
        answer: FindingAnswer = "as among healthy people"
        words = f"This is as among healthy people in prone hip extension: 95 % of them start at {spans}."
    elif len({c.position for c in known}) == 1:
        answer = "earlier" if known[0].position == "earlier" else "later"
        words = (
            f"This is {answer} than in the healthy people of the published studies ({spans}). They were few and young; "
            "an unusual time is a way of moving and does not show that something is wrong."
        )
    else:
        answer, words = "cannot tell", f"The published studies do not agree about it ({spans})."
    found = [Finding("timing", answer, words, _GLUTE, order.side)]
    rule = [f for f in analysis.false_calls if f.rule == _PLAIN_ORDER]
    if rule:
        low, high = min(f.share for f in rule), max(f.share for f in rule)
        words = (
            'By the rule "gluteus maximus starts after the hamstrings" between '
            f"{100 * low:.0f} and {100 * high:.0f} % of healthy people would be called abnormal, depending on how the "
            "leg lies; so the order alone tells no one that something is wrong."
        )
        found.append(Finding("order", "cannot tell", words, _GLUTE, order.side))
    return found


def _sides(analysis: Analysis) -> list[Finding]:
    """Right beside left onset of every muscle, relative to the same kind of reference; one error rate for all."""
    pairs: list[tuple[RelativeOnset, RelativeOnset]] = []
    for right in analysis.order:
        for left in analysis.order:
            if (right.side, left.side) != ("r", "l") or left.recordings != right.recordings:
                continue
            if left.reference.removeprefix("left ") != right.reference.removeprefix("right "):
                continue
            others = {r.muscle: r for r in right.relative if r.repetitions > 1}
            pairs += [
                (one, others[one.muscle]) for one in left.relative if one.repetitions > 1 and one.muscle in others
            ]
    found: list[Finding] = []
    for a, b in pairs:
        judged = judge_difference(
            1000 * a.mean_s,
            1000 * b.mean_s,
            mdc=1000 * (_half_width(a, b, comparisons=len(pairs)) + a.open_s + b.open_s),
            error="the spread between repetitions of this session",
            unit="ms",
            what=f"{a.muscle}: right minus left",
        )
        words = f"{judged.sentence} How much it changes from day to day is not known from one session."
        found.append(Finding("sides", judged.verdict, as_sentence(words), a.muscle))
    return found


def _half_width(a: RelativeOnset, b: RelativeOnset, *, comparisons: int) -> float:
    """Half the width of Welch's interval of the difference of two means, s.

    Few repetitions know their own spread badly: t instead of the normal distribution (Welch 1947, Biometrika 34:28).
    An interval of 95 % for all comparisons together (Bonferroni).
    """
    parts = np.array([a.sd_s**2 / a.repetitions, b.sd_s**2 / b.repetitions])
    total = float(parts.sum())
    if total == 0.0:
        return 0.0
    freedom = total**2 / float((parts**2 / np.array([a.repetitions - 1, b.repetitions - 1])).sum())
    return float(scipy.stats.t.ppf(1.0 - 0.025 / comparisons, freedom) * np.sqrt(total))


def _amplitude(analysis: Analysis) -> list[Finding]:
    measured = [c for c in analysis.channels if c.amplitude is not None]
    if not measured:
        return []
    if not any(c.amplitude is not None and c.amplitude.unit == MVIC for c in measured):
        recorded = any(r.role == "mvic" for r in analysis.recordings)
        what = "could be used (see the notes)" if recorded else "was recorded"
        words = (
            f"No maximal contraction {what}, so how strongly a muscle worked cannot be compared between muscles, "
            "sides, days or people."
        )
        return [Finding("amplitude", "cannot tell", words)]
    found: list[Finding] = _over_the_maximum(measured) + _without_maximum(measured)
    by_muscle: dict[tuple[str, str], dict[str, ChannelAnalysis]] = {}
    for c in measured:
        if c.muscle and c.side and c.amplitude is not None and c.amplitude.unit == MVIC:
            by_muscle.setdefault((c.recording, c.muscle), {})[c.side] = c
    for (recording, muscle), sides in by_muscle.items():
        if len(sides) < 2 or sides["l"].amplitude is None or sides["r"].amplitude is None:
            continue
        judged = judge_difference(
            sides["l"].amplitude.mean,
            sides["r"].amplitude.mean,
            sem=None,
            unit=MVIC,
            what=f"{muscle}: right minus left",
        )
        found.append(Finding("sides", judged.verdict, as_sentence(judged.sentence), muscle, recording=recording))
    return found


def _over_the_maximum(measured: list[ChannelAnalysis]) -> list[Finding]:
    """Muscles that were stronger in a trial than in what is called their maximal contraction."""
    several = len({c.recording for c in measured}) > 1
    found = []
    for c in measured:
        if c.amplitude is not None and c.amplitude.unit == MVIC and c.amplitude.peak > 100.0:
            words = (
                f"{where_words(c, several)} reached {c.amplitude.peak:.0f} % of its maximal contraction, so that was "
                "not the most this muscle can do; its percentages are too high to be compared with other muscles or "
                "people."
            )
            found.append(Finding("amplitude", "seen", as_sentence(words), c.muscle, c.side, c.recording))
    return found


def _without_maximum(measured: list[ChannelAnalysis]) -> list[Finding]:
    """Muscles without a maximal contraction, where others have one."""
    without = [c.words for c in measured if c.amplitude is not None and c.amplitude.unit != MVIC]
    if not without:
        return []
    words = (
        f"No maximal contraction of {list_words(list(dict.fromkeys(without)))} could be used, so how strongly "
        f"{'it' if len(set(without)) == 1 else 'they'} worked cannot be compared with others, other days or people."
    )
    return [Finding("amplitude", "cannot tell", words)]


def _endurance(analysis: Analysis, several: bool) -> list[Finding]:
    found: list[Finding] = []
    unchanged: list[str] = []
    for c in analysis.channels:
        if c.endurance is None:
            continue
        if c.endurance.median_trend.low <= 0.0 <= c.endurance.median_trend.high:
            unchanged.append(where_words(c, several))
            continue
        course = c.endurance.sentence
        words = f"{where_words(c, several)}: {course[0].lower()}{course[1:]} It tells of tiring only where the movement"
        words += " stayed the same."
        found.append(Finding("endurance", "seen", as_sentence(words), c.muscle, c.side, c.recording))
    if unchanged:
        words = f"No change of the median frequency beyond chance: {list_words(unchanged)}."
        found.append(Finding("endurance", "cannot tell", words))
    return found


def _sentence_inside(words: str) -> str:
    """The sentence after a colon."""
    return words[0].lower() + words[1:]
