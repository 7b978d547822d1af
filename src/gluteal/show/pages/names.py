"""What muscles, groups and settings are called on a page: no name of the program's own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from gluteal.anatomy import group_words, row_of
from gluteal.outcome.record import Outcome
from gluteal.outcome.tables import label_muscle
from gluteal.vocabulary import Side, Sides, side_of, unsided
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


_NAME = re.compile(r"\b[A-Za-z]+\d*(?:_[A-Za-z0-9]+)+\b")


def say_name(name: str) -> str:
    """Say a name of the program's in words: its parts with blanks between them.

    >>> say_name("single-leg-stance"), say_name("made_up")
    ('single leg stance', 'made up')
    """
    return name.replace("_", " ").replace("-", " ")


def label_muscles(names: Iterable[str]) -> dict[str, str]:
    """Return muscle -> side, anatomical name and part; parts that would be called alike are numbered.

    >>> label_muscles(["glmed1_r", "soleus_r"])
    {'glmed1_r': 'right gluteus medius, anterior', 'soleus_r': 'right soleus'}
    """
    labels = {}
    for name in names:
        row = row_of(name)
        labels[name] = say_name(label_muscle(name)) + (f", {row.part}" if row is not None and row.part else "")
    alike, seen = Counter(labels.values()), Counter[str]()
    for name, label in labels.items():
        if alike[label] > 1:
            seen[label] += 1
            labels[name] = f"{label} ({seen[label]})"
    return labels


def say_within(text: str, labels: Mapping[str, str]) -> str:
    """Return a sentence with every name of the model's said in words: muscles by `labels`, all else by its parts.

    >>> say_within("glmed1_r presses talus_r.", {"glmed1_r": "right gluteus medius"})
    'right gluteus medius presses right talus.'
    """
    return _NAME.sub(lambda found: labels.get(found[0]) or say_part(found[0]), text)


def say_part(name: str) -> str:
    """Say a body part or coordinate with its side in words.

    >>> say_part("talus_r"), say_part("hip_flexion_l"), say_part("pelvis")
    ('right talus', 'left hip flexion', 'pelvis')
    """
    return SIDES[side_of(name)] + say_name(unsided(name))


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
        told[f"movement: {say_name(str(key))}"] = _say(value)
    told["frames"] = str(len(outcome.mechanics.time))
    return told


def _say(value: Any) -> str:
    """Say a value of a setting: lists with commas, numbers short, names in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{say_name(str(k))} {_say(v)}" for k, v in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_say, value)) or "none"
    return "none" if value is None else str(value).replace("_", " ")
