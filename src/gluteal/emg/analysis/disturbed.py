"""What was told from a muscle in its channel, and what was done about it, in plain words."""

from __future__ import annotations

from gluteal.emg.analysis.hidden import HIDING
from gluteal.emg.analysis.record import Analysis, ChannelAnalysis, Finding
from gluteal.emg.onset.above import ABOVE
from gluteal.words import list_words

#: What the checks for movement changed, and how it is said of so many.
_MOVED = (
    ("left_out", "{n} of what looked like bursts {were} left out: a slow wave or a spike, and no muscle"),
    ("retimed", "{n} {edges} {were} timed in the band from {hz:g} Hz, because a slow wave or a spike stood before"),
)
_ALONE = "{n} of what looked like bursts {were} left out: {who}"
_OVER = "{n} {edges} {were} hidden by {who}, and {their} interval reaches over it"
_SHARED = "{n} {edges} may be of {who}, whose signal this channel shows there, and {their} interval holds both times"
_OPEN = "{n} {edges} may lie at either of two times, and {their} interval holds both"


def find_slow_bands(analysis: Analysis, several: bool) -> list[Finding]:
    """Channels in which the detector saw waves that no muscle makes, by recording and the high-pass it took."""
    alike: dict[tuple[str, float], list[ChannelAnalysis]] = {}
    for c in analysis.channels:
        if c.bursts is not None and c.bursts.settings.get("slow_waves", 0) > 0:
            alike.setdefault((c.recording, float(c.bursts.settings["high_pass_used"])), []).append(c)
    found = []
    for (recording, corner), channels in alike.items():
        words = (
            f"Heart beats or electrode movement seen in {list_words([where_words(c, several) for c in channels])}; "
            f"bursts there were timed in the band from {corner:g} Hz."
        )
        muscle, side = (channels[0].muscle, channels[0].side) if len(channels) == 1 else (None, None)
        found.append(Finding("recording", "seen", words, muscle, side, recording))
    return found


def find_disturbed(analysis: Analysis, several: bool) -> list[Finding]:
    """Channels in which electrode or cable movement was told from the muscle, and what was done about it."""
    found = []
    for c in analysis.channels:
        if c.bursts is None:
            continue
        changed = c.bursts.settings
        said = [_told(words, int(changed[name])) for name, words in _MOVED if changed.get(name, 0)]
        heads = ["electrode or cable movement was seen beside the muscle"] if said else []
        if changed.get("opened", 0):
            said.append(_told(_OPEN, int(changed["opened"])))
        for what, who in HIDING.items():
            for words, name in ((_ALONE, "left_out"), (_OVER, "opened")):
                if changed.get(f"{what}_{name}", 0):
                    said.append(_told(words, int(changed[f"{what}_{name}"]), who=who))
        if changed.get("shared_opened", 0):
            said.append(_told(_SHARED, int(changed["shared_opened"]), who=list_words(changed["shared_with"])))
        if said:
            text = f"{where_words(c, several)}: {'; '.join([*heads, *said])}."
            found.append(Finding("recording", "seen", as_sentence(text), c.muscle, c.side, c.recording))
    return found


def _told(words: str, count: int, who: str = "") -> str:
    one = count == 1
    return words.format(
        n=count,
        who=who,
        hz=ABOVE,
        edges="edge of a burst" if one else "edges of bursts",
        were="was" if one else "were",
        their="its" if one else "their",
    )


def where_words(channel: ChannelAnalysis, several: bool) -> str:
    """Return a channel in words, with its recording where there are several."""
    return f"{channel.words} ({channel.recording})" if several else channel.words


def as_sentence(words: str) -> str:
    """Return words that begin with a capital letter."""
    return words[0].upper() + words[1:]
