"""Which muscle a channel is, read from its label; what cannot be read stays None instead of being guessed.

One data table (``labels.csv``) knows what people call the muscles in recordings, with a source per
row. A label is written without case, separators, side words, numbers and words that say nothing ("EMG",
"Voltage") before it is looked up, so that "Voltage.R Tib Ant", "RTIBANT" and "tib_ant_r" are the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from gluteal.anatomy import row_of
from gluteal.errors import UnknownName
from gluteal.files import read_rows, read_table_text
from gluteal.vocabulary import Side

_SIDE_WORDS: dict[str, Side] = {
    **dict.fromkeys(("r", "rt", "right", "rechts", "droit", "droite", "dx", "derecho", "derecha"), "r"),
    **dict.fromkeys(("l", "lt", "left", "links", "gauche", "sx", "izq", "izquierdo", "izquierda"), "l"),
}
#: Words of a label that say nothing about the muscle.
_EMPTY = """
    emg semg iemg im ch chan channel sensor trigno avanti duo quattro mini noraxon ultium delsys myon cometa
    analog voltage electric potential raw filt filtered rms env envelope activation excitation act muscle musc
    m mv uv µv μv v volts avg signal nr no the of side leg
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())
#: Kinds of signal that sit beside EMG in the same file.
_OTHER = """
    force moment torque cop acc accel acceleration accelerometer accx accy accz gyro gyroscope gyrx gyry gyrz
    mag magnetometer imu quat orientation pitch roll yaw gonio goniometer angle footswitch fsr switch sync
    synch trigger trig ttl marker stim ecg ekg eog eeg pulse temperature temp pressure time timestamp frame
    sample nseq status battery digital dig io event events velocity displacement position load loadcell
    dynamometer
"""
_OTHER_WORDS = frozenset(_OTHER.split())
_PLATE = re.compile(r"^(?:[fmp]\d*[xyz]\d*(?:[+-]?)|fz\d+|[cap]op?[xyz]?\d*|grf[xyz]\d*|plate\d*|fp\d+)$")


@dataclass(frozen=True)
class Label:
    """What a channel's label says: muscle and side, None where it does not; `note` says what is in doubt."""

    muscle: str | None
    side: Side | None
    note: str | None = None

    def means(self, muscle: str | None, side: Side | None) -> bool:
        """Whether a muscle of a side is meant; of either side where the label states none."""
        return self.muscle == muscle and self.side in (None, side)


@dataclass(frozen=True)
class _Row:
    muscle: str
    beside: tuple[str, ...]


@cache
def _table() -> dict[str, _Row]:
    table: dict[str, _Row] = {}
    for row in read_rows(read_table_text(__package__, "labels.csv")):
        beside = tuple(p for p in row["beside"].split("|") if p)
        for alias in row["aliases"].split("|"):
            table[alias] = _Row(row["muscle"], beside)
    return table


def muscle_names() -> tuple[str, ...]:
    """Return every standard muscle name that labels are read as."""
    return tuple(dict.fromkeys(row.muscle for row in _table().values()))


def _words(label: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    spaced = re.sub(r"\([^)]*\d{3,}[^)]*\)", " ", spaced)  # serial numbers of sensors
    return re.sub(r"[^0-9a-zµμà-ÿ]+", " ", spaced.lower()).split()


def is_other(label: str) -> bool:
    """Return whether a label names something else than EMG (a force plate, an accelerometer, a switch).

    >>> is_other("Force.Fx1"), is_other("ACC X"), is_other("f1y"), is_other("R Glut Max")
    (True, True, True, False)
    """
    words = _words(label)
    bare = [w.rstrip("0123456789") for w in words]
    return any(_PLATE.match(w) for w in words) or any(b in _OTHER_WORDS for b in bare)


def _reduce(label: str) -> tuple[list[str], Side | None]:
    """Return the words that may name a muscle, and the side a word of its own states."""
    words = [w for w in _words(label) if not w.isdigit() and not re.fullmatch(r"[tl]\d+", w)]
    sides = {_SIDE_WORDS[w] for w in words if w in _SIDE_WORDS}
    rest = [w for w in words if w not in _SIDE_WORDS]
    telling = [w for w in rest if w.rstrip("0123456789") not in _EMPTY_WORDS]
    return telling, (sides.pop() if len(sides) == 1 else None)


def _look_up(key: str, others: Sequence[str]) -> str | None:
    row = _table().get(key)
    if row is None:
        return None
    if row.beside and not any(fnmatchcase(o, p) for o in others for p in row.beside):
        return None
    return row.muscle


def read_labels(labels: Sequence[str]) -> tuple[Label, ...]:
    """Read the labels of one recording together: "LHAMS" is lateral beside "MHAMS", left beside "RHAMS".

    Parameters
    ----------
    labels : sequence of str
        As the file calls its channels.

    Returns
    -------
    tuple of Label
        One per label, in their order.

    Examples
    --------
    >>> [(x.muscle, x.side) for x in read_labels(["MHAMS", "LHAMS"])]
    [('medial hamstrings', None), ('lateral hamstrings', None)]
    >>> [(x.muscle, x.side) for x in read_labels(["RHAMS", "LHAMS"])]
    [('hamstrings', 'r'), ('hamstrings', 'l')]
    """
    reduced = [_reduce(label) for label in labels]
    keys = ["".join(words) for words, _ in reduced]
    return tuple(_read(words, side, keys[:i] + keys[i + 1 :]) for i, (words, side) in enumerate(reduced))


def read_label(label: str) -> Label:
    """Read one label on its own, see `read_labels`.

    >>> read_label("R Glut Max"), read_label("spare 3").muscle
    (Label(muscle='gluteus maximus', side='r', note=None), None)
    """
    return read_labels([label])[0]


def _read(words: Sequence[str], side: Side | None, others: Sequence[str]) -> Label:
    key = "".join(words)
    if not key:
        return Label(None, side)
    whole = _look_up(key, others)
    initial: Side | None = {"r": "r", "l": "l"}.get(key[0])  # type: ignore[assignment]
    rest = _look_up(key[1:], others) if side is None and initial else None
    if whole and rest and whole != rest:
        # "l" may be left or lateral (or lumbar): what stands beside it decides.
        opposite = {"l": "r", "r": "l"}[key[0]]
        if opposite + key[1:] in others:
            return Label(rest, initial)
        if any(o in ("m" + key[1:], "med" + key[1:]) for o in others):
            return Label(whole, None)
        return Label(rest, None, f"may be {whole}, or {rest} of the left side")
    if whole:
        return Label(whole, side)
    if rest:
        return Label(rest, initial)
    final: Side | None = {"r": "r", "l": "l"}.get(key[-1])  # type: ignore[assignment]
    if side is None and final and (last := _look_up(key[:-1], others)):
        return Label(last, final)
    if (row := row_of("_".join(words))) is not None:
        return Label(row.name, side)
    return Label(None, side)


def muscle_of(text: str) -> Label:
    """Return the muscle and side that a person named; any spelling that a label may have is understood.

    Raises
    ------
    UnknownName
        Where no muscle is called so; the message gives close names.

    Examples
    --------
    >>> muscle_of("gluteus medius left")
    Label(muscle='gluteus medius', side='l', note=None)
    """
    label = read_label(text)
    if label.muscle is None:
        raise UnknownName("muscle", text, muscle_names(), "gluteal.emg.labels.muscle_names()")
    return label
