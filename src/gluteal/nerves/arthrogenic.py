"""Arthrogenic inhibition: how much of a muscle's drive a swollen or sore joint holds back, by dose.

A dose gives each muscle around the joint a share D of its drive that is held back, 0..1. Fluid E and pain P do not add
up (Palmieri-Smith and others 2013): D = max(D_E, D_P), with

    D_E = REFLEX_TO_DRIVE most min(1, max(0, (E - from) / (to - from))),   D_P = most P / 10,

from ``arthrogenic.csv``, whose rows say at which joint the number was measured; what was measured at the knee and is
used at the hip is an assumption. What a held-back muscle does is said in `gluteal.nerves.hold_back`; how D comes and
goes, in `gluteal.nerves.pain_time`. Left out: that soleus is driven more (Hopkins 2001), and what people do to avoid
pain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from gluteal.errors import InputError, UnknownName
from gluteal.sources.tables import read_number_table

if TYPE_CHECKING:
    import numpy as np

#: Share of a loss of H-reflex that is lost in voluntary drive: own choice. Knees that hold fluid gain 14 % of strength
#: when it is drawn off and 8 % when they are numbed (Fahrer 1988), where reflexes fall by 31 to 44 %; 0.3 to 0.5 is as
#: good.
REFLEX_TO_DRIVE = 0.4
#: Most pain, points: the scale of people's own ratings.
MOST_POINTS = 10.0
#: Most fluid in a joint, ml: what was injected at most (Spencer 1984).
MOST_ML = 60.0

_TABLE = "nerves/arthrogenic.csv"
_JOINT_WORDS = {"low back": "lumbar", "back": "lumbar", "lumbar spine": "lumbar"}


@dataclass(frozen=True)
class Dose:
    """One row of ``arthrogenic.csv``: what one cause at one joint does to one group.

    Attributes
    ----------
    cause : str
        ``"effusion"`` (ml) or ``"pain"`` (points of 10).
    joint, group : str
    start, end : float
        Dose up to which nothing is held back, and from which no more is.
    most : float
        Share held back there, as it was measured (of the reflex for fluid, of strength for pain), 0..1.
    low, high : float
        Ends of what is as good a reading of `most`.
    measured_at : str
        The joint at which that was.
    transferred : bool
        Whether it is used elsewhere than it was measured: an assumption.
    source, note : str
    """

    cause: str
    joint: str
    group: str
    start: float
    end: float
    most: float
    low: float
    high: float
    measured_at: str
    transferred: bool
    source: str
    note: str

    def inhibition(self, dose: float | np.ndarray) -> np.ndarray:
        """Return the share of drive held back by a dose, 0..1, of its shape."""
        import numpy as np  # terms know this module, and asking for help takes no NumPy

        whole = np.clip((np.asarray(dose, float) - self.start) / (self.end - self.start), 0.0, 1.0)
        return np.asarray(self.most * (REFLEX_TO_DRIVE if self.cause == "effusion" else 1.0) * whole)


@cache
def list_doses(cause: str | None = None, joint: str | None = None) -> tuple[Dose, ...]:
    """Return the rows of the table, of one cause or joint where asked.

    >>> [dose.group for dose in list_doses("pain", "hip")]
    ['glmax', 'glmed', 'glmin']
    """
    rows = [
        Dose(
            row["cause"],
            row["joint"],
            row["group"],
            float(row["from"]),
            float(row["to"]),
            float(row["most"]),
            float(row["low"]),
            float(row["high"]),
            row["measured_at"],
            row["transferred"] == "yes",
            row["source"],
            row["note"],
        )
        for row in read_number_table(_TABLE)
    ]
    return tuple(d for d in rows if cause in (None, d.cause) and joint in (None, d.joint))


def find_joint(name: str, cause: str | None = None) -> str:
    """Return a joint's name as the table has it; raises UnknownName, or InputError where the cause is not in the table.

    >>> find_joint("Low back"), find_joint("hip")
    ('lumbar', 'hip')
    """
    plain = " ".join(name.lower().replace("-", " ").replace("_", " ").split()).removesuffix(" joint")
    joint = _JOINT_WORDS.get(plain, plain)
    known = tuple(dict.fromkeys(d.joint for d in list_doses()))
    if joint not in known:
        raise UnknownName("joint", name, known, "gluteal sources nerves/arthrogenic")
    if cause and not list_doses(cause, joint):
        others = ", ".join(dict.fromkeys(d.joint for d in list_doses(cause)))
        raise InputError(f"Nothing published says what {cause} in the {joint} joint holds back; give {others}.")
    return joint


def measure_inhibition(joint: str, *, pain: float = 0.0, effusion: float = 0.0) -> dict[str, float]:
    """Return the share of drive that a joint holds back in each group around it: the larger of both causes.

    Parameters
    ----------
    pain : float
        0 (none) to 10.
    effusion : float
        Fluid in the joint, ml, 0 to 60.

    Raises
    ------
    UnknownName, InputError
        For a joint that the table has not, or a dose out of range.

    Examples
    --------
    >>> {group: round(float(share), 3) for group, share in measure_inhibition("hip", pain=5.0).items()}
    {'glmax': 0.09, 'glmed': 0.09, 'glmin': 0.09}
    """
    found = combine_doses(find_joint(joint), pain, effusion)
    return {group: float(share) for group, share in found.items()}


def combine_doses(joint: str, pain: float | np.ndarray, effusion: float | np.ndarray) -> dict[str, np.ndarray]:
    """Return the share of drive held back in each group, of the doses' shape; raises InputError out of range."""
    import numpy as np

    doses = {"pain": np.asarray(pain, float), "effusion": np.asarray(effusion, float)}
    for what, most, words in (("pain", MOST_POINTS, "points from 0 to 10"), ("effusion", MOST_ML, "ml from 0 to 60")):
        bad = doses[what][~((doses[what] >= 0.0) & (doses[what] <= most))]
        if bad.size:
            raise InputError(f"The {what} is {bad.flat[0]:g}; give {words}.")
    found: dict[str, np.ndarray] = {}
    for row in list_doses(joint=joint):
        found[row.group] = np.maximum(found.get(row.group, np.zeros(())), row.inhibition(doses[row.cause]))
    return found
