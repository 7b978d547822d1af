"""What muscles, groups and settings are called on a page: no name of the program's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from gluteal.anatomy import group_words
from gluteal.movements.trials.file import TrialFile
from gluteal.outcome.record import Outcome
from gluteal.show.parts import say_name, say_part, say_shortened
from gluteal.vocabulary import Side, Sides
from gluteal.words import SIDES

#: Key of an outcome's provenance -> what it is called on a page; what is not here is said elsewhere on it.
_SETTINGS = {
    "program": "program",
    "body": "body",
    "body_source": "source of the body",
    "engine": "engine",
    "movement": "movement",
    "condition": "condition",
    "criterion": "criterion",
    "exponent": "exponent of the effort",
    "reserve_cost": "cost of a missing moment",
    "reserve_worth": "worth of a missing moment (1)",
    "support_cost": "cost of contact forces",
}


#: A name of the program's or of a model's; a file's name is nobody's but the user's and stays.
_NAME = re.compile(r"(?<![\w./\\])[A-Za-z]+\d*(?:_[A-Za-z0-9]+)+\b(?![/\\]|\.\w)")
#: What people type into a trial's file; a sentence that tells them to keeps it as it is typed.
_KEYS = frozenset(key for key in TrialFile.model_fields if "_" in key)
#: A large number written with a power of ten.
_POWER = re.compile(r"\b\d(?:\.\d+)?e\+\d+\b")
#: A number of a setting below this is what computing rounds.
_ROUNDING = 1e-6
#: Unit that ends the key of a setting -> how it is written.
_UNITS = {"_s": "s", "_hz": "Hz", "_kg": "kg", "_m": "m", "_m_per_s": "m/s"}


def say_within(text: str, labels: Mapping[str, str]) -> str:
    """Return a sentence with every name of the model's said in words: muscles by `labels`, all else by its parts.

    >>> say_within("glmed1_r presses talus_r.", {"glmed1_r": "right gluteus medius"})
    'right gluteus medius presses right talus.'

    What a bracket would only say again is left out; the name of a file and a key of a trial's file stay; a large number
    is written out:

    >>> say_within("right soleus (soleus_r) in id_walk.sto: 1.9e+02 %, give a higher filter_hz", {})
    'right soleus in id_walk.sto: 190 %, give a higher filter_hz'
    """
    said = {name: labels.get(name) or say_part(name) for name in _NAME.findall(text) if name not in _KEYS}
    text = _NAME.sub(lambda found: said.get(found[0], found[0]), text)
    for words in said.values():
        for again in {words, words.split(",")[0]}:
            text = text.replace(f"{words} ({again})", words)
    return say_shortened(_POWER.sub(lambda found: f"{float(found[0]):,.0f}", text))


def mark_keys(text: str) -> Markup:
    """Set what people type into a trial's file as such, within a sentence for a page.

    >>> mark_keys("give a higher filter_hz")
    Markup('give a higher <code>filter_hz</code>')
    """
    if isinstance(text, Markup):
        return text
    typed = Markup("<code>{}</code>")
    return Markup("").join(typed.format(part) if part in _KEYS else escape(part) for part in re.split(r"\b", text))


def label_group(name: str, side: Side | Sides | None = None) -> str:
    """Say a group, nerve or muscle with its side.

    >>> label_group("glmed", "r"), label_group("hip-abductors", "both")
    ('right gluteus medius', 'hip abductors')
    """
    return SIDES.get(None if side == "both" else side, "") + say_name(group_words(name))


def say_settings(outcome: Outcome) -> Mapping[str, str]:
    """Return what made an outcome's numbers, in words."""
    provenance = outcome.provenance
    told = {words: _say(provenance[key]) for key, words in _SETTINGS.items()}
    told["movement"] = outcome.mechanics.movement.title
    for key, value in provenance["movement_settings"].items():
        say = {"loads": _say_loads, "side": lambda side: SIDES[side].strip()}.get(str(key), _say)
        told[f"movement: {say_setting(str(key))}"] = say(value)
    told["frames"] = str(len(outcome.mechanics.time))
    return told


def say_setting(key: str) -> str:
    """Say the key of a setting in words, its unit behind it.

    >>> say_setting("window_s"), say_setting("speed_m_per_s"), say_setting("coordinates_file")
    ('window (s)', 'speed (m/s)', 'coordinates file')
    """
    ending = max((end for end in _UNITS if key.endswith(end)), key=len, default="")
    return say_name(key.removesuffix(ending)) + (f" ({_UNITS[ending]})" if ending else "")


def _say_loads(loads: Mapping[str, str]) -> str:
    return ", ".join(f"{say_part(force)} on {say_part(segment)}" for force, segment in loads.items()) or "none"


def _say(value: Any) -> str:
    """Say a value of a setting: lists with commas, numbers short, names in words, files as they are called."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:.4g}" if abs(value) >= _ROUNDING else "0"
    if isinstance(value, Mapping):
        return ", ".join(f"{say_setting(str(k))} {_say(v)}" for k, v in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_say, value)) or "none"
    return "none" if value is None else say_within(str(value), {})
