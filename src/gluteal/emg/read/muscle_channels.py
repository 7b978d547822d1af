"""What a muscle channel is: one decision for every format, and the reason of each channel that is none.

In order: what a person says in a muscle map; what the format itself says (its table of channels, the inputs of its
force plates, its status line); a name that says an input was not used; a name, description or unit of another kind of
signal; a muscle in name or description; a unit that EMG can have.
"""

from __future__ import annotations

import re

from gluteal.emg.labels import Label, is_other, is_plate, label_words
from gluteal.emg.read.contents import EMG_UNITS, UNKNOWN_UNIT, Signal

#: Names of inputs to which nothing was connected, without blanks and marks. Own list, after names in recordings.
_NOTHING = """
    notused unused spare empty nc notconnected none nosignal reserved blank dummy rawpin pin free frei libre inutilise
    nichtbelegt unbelegt vide vacio noconectado
"""
_UNUSED = frozenset(_NOTHING.split())
#: Digital lines: "DI", "Digital IO 1", "IO_2". An internal oblique is never numbered so.
_DIGITAL = re.compile(r"^(?:(?:digital\s*)?d?(?:io|in|out)\s*\d+|di|do|gpio\s*\d*|ttl\s*\d*)$")


def why_no_muscle(signal: Signal, label: Label) -> str | None:
    """Return why a signal is no muscle's, for people; None where it is one.

    Parameters
    ----------
    signal : Signal
    label : Label
        As its name and description were read.
    """
    if signal.emg is not None:
        return None if signal.emg else signal.why or "the file says that it is another kind of signal"
    words = label_words(signal.name)
    stems = [w.rstrip("0123456789") or w for w in words if not w.isdigit()]
    bare = [w for w in stems if w not in ("l", "r", "voltage", "analog", "emg", "ch", "channel", "input", "sensor")]
    if "".join(bare).rstrip("0123456789") in _UNUSED:
        return "its name says that nothing was connected to this input"
    if _DIGITAL.match(" ".join(words)):
        return "its name is that of a digital line"
    described = label_words(signal.label or "")
    if is_plate(signal.name) or (label.muscle is None and is_plate(signal.label or "")):
        return "its name is that of a force plate's channel"
    if signal.unit not in EMG_UNITS and not (label.muscle and _is_odd_unit(signal.unit)):
        return f"its unit is {signal.unit}, which is not of EMG"
    if label.muscle is not None:
        return None
    if is_other(signal.name) or (described and is_other(signal.label or "")):
        return "its name is that of another kind of signal"
    return None


def _is_odd_unit(unit: str) -> bool:
    """Whether a unit is no known quantity at all, so that it cannot speak against a muscle's name."""
    return unit == UNKNOWN_UNIT or unit.lower() not in _QUANTITIES


#: Units of what stands beside EMG: forces, moments, angles, accelerations, times, temperatures.
_OTHER_UNITS = """
    n nm nmm n.m n*mm n*m kn lb lbs kg g mg m mm cm m/s mm/s m/s^2 m/s2 m/s² mm/s^2 mm/s/s deg ° deg/s °/s rad rad/s s
    ms sec min hz ut bpm c °c ohm kohm pa kpa mmhg w a ma us
"""
_QUANTITIES = frozenset(_OTHER_UNITS.split())
