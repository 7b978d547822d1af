"""Which muscle a channel is, read from its label; what cannot be read stays None instead of being guessed.

One data table (``labels.csv``) knows what people call the muscles in recordings, with a source per
row. A label is written without case, separators, side words, numbers and words that say nothing ("EMG",
"Voltage") before it is looked up, so that "Voltage.R Tib Ant", "RTIBANT" and "tib_ant_r" are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

from gluteal.anatomy import row_of
from gluteal.errors import UnknownName
from gluteal.files import read_rows, read_table_text
from gluteal.vocabulary import Side

#: Words of the sides in English, German, Dutch and the North, the languages from Latin, Polish, Chinese and Japanese.
_RIGHT = """
    r rt right re rechts rechte rechter rechterseits droit droite dx dr destro destra derecho derecha der dcho dcha
    direito direita dir dext dextra prawy prawa hoger hogra hoyre hojre oikea 右
"""
_LEFT = """
    l lt left li links linke linker linkerseits gauche sx sn sinistro sinistra sinist sin izq izdo izda izquierdo
    izquierda esq esquerdo esquerda lewy lewa vanster vanstra venstre vasen 左
"""
_SIDE_WORDS: dict[str, Side] = {**dict.fromkeys(_RIGHT.split(), "r"), **dict.fromkeys(_LEFT.split(), "l")}
_SIDE_LETTERS: dict[str, Side] = {"d": "r", "g": "l", "i": "l"}
#: Words of a label that say nothing about the muscle.
_EMPTY = """
    emg semg iemg im ch chan channel sensor trigno avanti duo quattro mini noraxon ultium delsys myon cometa
    analog voltage electric potential raw filt filtered rms env envelope activation excitation act muscle musc
    cal bit bits in ai ain input exg kanal kanaal canal canale voie miesien musculus musculo
    m mv uv µv μv v volts millivolt millivolts microvolt microvolts micro milli avg signal nr no the of side leg seite
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())
#: Kinds of signal that sit beside EMG in the same file.
_OTHER = """
    force moment torque cop acc accel acceleration accelerometer accx accy accz gyro gyroscope gyrx gyry gyrz
    mag magnetometer imu quat orientation pitch roll yaw gonio goniometer angle footswitch fsw fsr switch sync
    synch trigger trig ttl marker stim ecg ekg eog eeg pulse temperature temp pressure time timestamp frame
    sample nseq status battery digital dig event events velocity displacement position load loadcell
    dynamometer platform amti kistler bertec treadmill respiration respiratory resp rsp rspec eda gsr ppg spo2 stimulus
    button ramp feedback speed cadence rpm hr heart heartrate humidity altitude microphone audio photodiode photocell
    potentiometer inclinometer strain straingauge heelswitch isokinetic grip elapsed counter requested performed
    flexion extension abduction adduction dorsiflexion plantarflexion inversion eversion rotation tilt obliquity
    subject participant trial repetition rep session condition class label exercise id phase contact valid temperatura
    aux spo sao restimulus glove q0 q1 q2 q3 qw qx qy qz
    fussschalter fersenschalter sohlenschalter contacteur podometre interruptor interruttore
    kraft drehmoment moment winkel goniometer beschleunigung ausloser atmung fuerza fuerzas angulo aceleracion disparo
    forza angolo accelerazione respiro couple angle declencheur kracht hoek versnelling forca kat sila
"""
_OTHER_WORDS = frozenset(_OTHER.split())
#: Regions of a muscle that are recorded apart, and the muscles called by them.
_REGIONS = frozenset(
    (
        *("upper", "lower", "superior", "inferior", "anterior", "posterior", "middle", "thoracic", "lumbar"),
        *("sup", "inf", "ant", "post", "mid"),
    )
)
_IN_REGIONS = frozenset(
    ("gluteus maximus", "gluteus medius", "gluteus minimus", "erector spinae", "longissimus thoracis", "multifidus")
)
_PLATE = re.compile(
    r"^(?:\d*[fmpt]\d*[xyz]\d*|[cap]op?[xyz]?\d*|grf[xyz]\d*|(?:force)?plate\d*|fp\d+[fmpt]?[xyz]?\d*)$"
)
#: Sites of the scalp in the 10-20 system; two of them name a channel of EEG, "C3" alone may be the third channel.
_SCALP = re.compile(r"^(?:fp|af|f|fc|ft|c|cp|p|po|o|t|tp|a|m)(?:z|\d{1,2})$")
#: A unit written behind a name, with or without a blank: "R Glut Max uV", "GMAX_mV".
_UNIT = re.compile(r"(?<=[\s_,;(\[])[mun\u00b5\u03bc]?[vV](?:olts?)?[)\]]?\s*$")


#: Letters that are no base letter with an accent, in plain ones.
_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "đ": "d", "ı": "i"})
#: Abbreviations that laboratories use for different muscles: named, never guessed. Own list, after names in recordings.
_AMBIGUOUS = {
    "gm": "gluteus maximus, gluteus medius or the medial head of gastrocnemius",
    "gl": "the lateral head of gastrocnemius or a gluteal muscle",
    "glut": "any of the gluteal muscles",
    "glute": "any of the gluteal muscles",
    "gluteus": "any of the gluteal muscles",
    "gluteal": "any of the gluteal muscles",
    "glutaeus": "any of the gluteal muscles",
}


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


def label_words(label: str) -> list[str]:
    """Return the words of a label: small letters, without accents, serial numbers and a unit behind the name.

    >>> label_words("M. glutaeus medius li"), label_words("VasteExterne (µV)"), label_words("Glúteo-máximo 2")
    (['m', 'glutaeus', 'medius', 'li'], ['vaste', 'externe'], ['gluteo', 'maximo', '2'])
    """
    named = _UNIT.sub("", label)
    decomposed = unicodedata.normalize("NFKD", (named or label).translate(_LETTERS))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    # Serial numbers of sensors, and the inputs A to D of one that has several.
    spaced = re.sub(r"\([^)]*\d{3,}[^)]*\)|(?<=EMG)\.[A-D]\b", " ", spaced)
    return re.findall(r"[^\W_]+", re.sub("([左右])", r" \1 ", spaced.lower()))


def is_plate(label: str) -> bool:
    """Return whether a label is that of a force plate's channel.

    >>> is_plate("Force.Fx1"), is_plate("FP1_Fz"), is_plate("fx12"), is_plate("F_X_1"), is_plate("R Glut Max")
    (True, True, True, True, False)
    """
    words = label_words(label)
    joined = "".join(words)
    axis = len(words) > 1 and re.fullmatch(r"\d*[fm][xyz]\d*", joined) is not None
    return axis or any(_PLATE.match(w) for w in words)


def is_other(label: str) -> bool:
    """Return whether a label names something else than EMG (a force plate, an accelerometer, a switch).

    >>> is_other("Force.Fx1"), is_other("ACC X"), is_other("f1y"), is_other("R Glut Max")
    (True, True, True, False)
    """
    words = label_words(label)
    bare = [w.rstrip("0123456789") for w in (*words, "".join(words))]
    scalp = bool(words) and all(_SCALP.match(w) for w in words) and (len(words) > 1 or words[0][-1] == "z")
    return is_plate(label) or scalp or any(b in _OTHER_WORDS for b in (*bare, *words))


def _reduce(label: str) -> tuple[list[str], Side | None]:
    """Return the words that may name a muscle, and the side a word of its own states.

    A word of side may be part of a name ("droit antérieur", rectus femoris): where a muscle is called so, it is.
    """
    words = [w for w in label_words(label) if not w.isdigit() and not re.fullmatch(r"[tl]\d+", w)]
    telling = [w for w in words if w.rstrip("0123456789") not in _EMPTY_WORDS]
    at = [i for i, w in enumerate(telling) if w in _SIDE_WORDS]
    for i in at:
        rest = telling[:i] + telling[i + 1 :]
        if len(at) > 1 and "".join(rest) in _table():
            return rest, _SIDE_WORDS[telling[i]]
    if len(at) == 1 and "".join(telling) in _table() and len(telling[at[0]]) > 2:
        return telling, None
    # French writes D and G for the sides, Latin America D and I: letters that are sides only behind a muscle's name.
    if telling and telling[-1] in _SIDE_LETTERS and "".join(telling[:-1]) in _table():
        return telling[:-1], _SIDE_LETTERS[telling[-1]]
    sides = {_SIDE_WORDS[telling[i]] for i in at}
    rest = [w for i, w in enumerate(telling) if i not in at]
    return rest, (sides.pop() if len(sides) == 1 else None)


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
    parts = [w for w in words if w not in _REGIONS]
    if 0 < len(parts) < len(words) and (whole := _look_up("".join(parts), others)) in _IN_REGIONS:
        return Label(whole, side)
    if (row := row_of("_".join(words))) is not None:
        return Label(row.name, side)
    for k, s in ((key, side), *(((key[1:], initial), (key[:-1], final)) if side is None else ())):
        if k in _AMBIGUOUS and (k == key or s):
            return Label(None, s, f"may be {_AMBIGUOUS[k]}")
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
