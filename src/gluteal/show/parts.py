"""What muscles, bones, joints and forces are called, whatever a model calls them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from gluteal.anatomy import anatomical_name, row_of
from gluteal.vocabulary import side_of, unsided
from gluteal.words import SIDES

#: What OpenSim's models shorten in the names of bones, joints and forces -> in full.
_SHORT = {"calcn": "heel bone", "grf": "ground force", "mtp": "toe joint"}
_SHORTENED = re.compile(r"\b(?:calcn|mtp)\b")
#: What they shorten behind the name of a joint (first, it may be a muscle's: `ext_dig_r`) -> in full.
_MOTION = {
    "add": "adduction",
    "bend": "bending",
    "dev": "deviation",
    "ext": "extension",
    "flex": "flexion",
    "lat": "side",
    "rot": "rotation",
}
#: Names of which no part says what is meant.
_WHOLE = {
    "pelvis_tx": "pelvis forward",
    "pelvis_ty": "pelvis upward",
    "pelvis_tz": "pelvis to the right",
    "pro_sup": "forearm rotation",
    "knee_angle_beta": "kneecap",
    "lumbar_body": "lumbar spine",
    "lat_bending": "side bending",
}


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
        words = say_name(SIDES[side_of(name)] + anatomical_name(name))
        labels[name] = words + (f", {row.part}" if row is not None and row.part else "")
    alike, seen = Counter(labels.values()), Counter[str]()
    for name, label in labels.items():
        if alike[label] > 1:
            seen[label] += 1
            labels[name] = f"{label} ({seen[label]})"
    return labels


def say_shortened(text: str) -> str:
    """Say in full what a sentence took from a model in short.

    >>> say_shortened("what the movement asks of left mtp")
    'what the movement asks of left toe joint'
    """
    return _SHORTENED.sub(lambda found: _SHORT[found[0]], text)


def say_part(name: str) -> str:
    """Say a body part or coordinate with its side in words.

    >>> say_part("talus_r"), say_part("hip_flexion_l"), say_part("pelvis")
    ('right talus', 'left hip flexion', 'pelvis')
    >>> say_part("calcn_r"), say_part("mtp_angle_l"), say_part("Right_GRF"), say_part("pelvis_tx")
    ('right heel bone', 'left toe joint', 'Right ground force', 'pelvis forward')
    """
    bare = unsided(name)
    first, *others = (_SHORT.get(part.lower(), part) for part in re.split("[_-]", bare))
    words = _WHOLE.get(bare) or " ".join([first, *(_MOTION.get(part.lower(), part) for part in others)])
    return SIDES[side_of(name)] + words.removesuffix(" angle")
