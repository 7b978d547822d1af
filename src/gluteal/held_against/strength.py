"""How the virtual dynamometer's readings compare with published strength, and where their size comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import scipy

from gluteal.engines import compute_mechanics, segment_points
from gluteal.files import read_rows, read_table_text
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import CROSSES
from gluteal.simulate.dynamometer import (
    Strength,
    compute_strength,
    direction_of,
    hold_posture,
    strength_movement,
    strength_movements,
)
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY, Side, side_of

#: Quantity -> how people read it, and what turns a published number into it.
QUANTITIES: Mapping[str, tuple[str, float]] = {
    "moment_nm_per_kg": ("N·m/kg", 1.0),
    "force_bw": ("× body weight", 0.01),
    "force_n_per_kg": ("N/kg", 1.0),
}
#: Specific tension of the quadriceps in people, N/m^2: 250 (Narici et al. 1992, Eur J Appl Physiol 65:438-444) and
#: 300 kPa (Erskine et al. 2009, Eur J Appl Physiol); abstracts read. Models:
#: `gluteal.outcome.metabolics.SPECIFIC_TENSION`.
MEASURED_TENSION = (0.25e6, 0.30e6)


@dataclass(frozen=True)
class PublishedStrength:
    """Isometric strength of a group of people.

    `low` to `high` in the unit of `quantity` (the same number where one was published), `sd` or None; `movement`
    is the dynamometer's; `above_knee` how far above the knee the pad sat, m, where that is known; `source` is the
    key of the publication, `note` what it says beside the number.
    """

    movement: str
    group: str
    quantity: str
    low: float
    high: float
    sd: float | None
    n: int | None
    above_knee: float | None
    note: str
    source: str


@dataclass(frozen=True)
class StrengthCauses:
    """What a reading of the dynamometer is made of; moments in N m.

    Attributes
    ----------
    peak_forces : float
        Every helping muscle at its max_isometric_force: sum(force * moment arm).
    strapped : float
        What the dynamometer reads: the same with force-length and pennation, straps carrying all else.
    pure : float
        The largest moment with none left over about any other coordinate of the leg (or the trunk), as without
        straps; found by a linear program.
    body_mass : float, kg
    """

    peak_forces: float
    strapped: float
    pure: float
    body_mass: float


@cache
def published_strengths() -> tuple[PublishedStrength, ...]:
    """Return the comparable rows of ``hip_abduction_strength.csv`` and ``knee_strength.csv``.

    >>> row = published_strengths()[0]
    >>> row.movement, row.low, row.source
    ('hip-abduction', 0.357, 'powers2017')
    """
    found = []
    for name in ("hip_abduction_strength.csv", "knee_strength.csv"):
        text = read_table_text("gluteal.sources.published", name)
        for row in read_rows(text):
            if row["quantity"]:
                factor = QUANTITIES[row["quantity"]][1]
                ends = (row["value"], row["value"]) if "value" in row else (row["low"], row["high"])
                low, high = (round(factor * float(end), 6) for end in ends)
                found.append(
                    PublishedStrength(
                        movement=row["movement"],
                        group=row["group"],
                        quantity=row["quantity"],
                        low=low,
                        high=high,
                        sd=factor * float(row["sd"]) if row.get("sd") else None,
                        n=int(row["n"]) if row["n"] else None,
                        above_knee=float(row["above_knee_m"]) if row.get("above_knee_m") else None,
                        note=row["note"],
                        source=row["source"],
                    )
                )
    return tuple(found)


def compare_strength(reading: Strength, body: Body) -> list[dict[str, Any]]:
    """Set everything published about a movement beside one reading of it on `body`.

    A force depends on where the pad sits: the computed one is the force at the place of the publication where that
    is known, else at the reading's own pad. Published postures are those of each study, the reading's is its own.

    Returns
    -------
    list of dict
        ``group``, ``source``, ``note``, ``n``, ``quantity`` (moment_nm_per_kg, force_bw or force_n_per_kg),
        ``unit``, ``published_low``, ``published_high``, ``sd``, ``computed`` in that unit, ``lever_arm_m`` (None for
        moments), ``pad_known``, and ``ratio``, computed over the middle of what was published. Empty where nothing
        was published that compares.
    """
    rows = []
    for row in published_strengths():
        if row.movement == reading.movement.name:
            lever = None
            computed = reading.moment_per_mass
            if row.quantity != "moment_nm_per_kg":
                lever = reading.lever_arm
                if row.above_knee is not None:
                    lever = _thigh_length(body, reading.side or "r") - row.above_knee
                computed /= lever if row.quantity == "force_n_per_kg" else lever * STANDARD_GRAVITY
            rows.append(
                {
                    "group": row.group,
                    "source": row.source,
                    "note": row.note,
                    "n": row.n,
                    "quantity": row.quantity,
                    "unit": QUANTITIES[row.quantity][0],
                    "published_low": row.low,
                    "published_high": row.high,
                    "sd": row.sd,
                    "computed": computed,
                    "lever_arm_m": lever,
                    "pad_known": row.quantity == "moment_nm_per_kg" or row.above_knee is not None,
                    "ratio": 2.0 * computed / (row.low + row.high),
                }
            )
    return rows


def _thigh_length(body: Body, side: Side) -> float:
    """Distance from the hip to the knee, m, all coordinates at their defaults."""
    ends = [(f"{name}_{side}", (0.0, 0.0, 0.0)) for name in ("femur", "tibia")]
    hip, knee = segment_points(body, np.array([c.default for c in body.coordinates]), ends)
    return float(np.linalg.norm(knee - hip))


def find_causes(body: Body, movement: str, *, side: Side = "r") -> StrengthCauses:
    """Take a reading apart: peak forces, force-length, and what the straps carry.

    Parameters
    ----------
    movement : str
        As in `gluteal.simulate.dynamometer.compute_strength`, in the movement's own posture.

    Raises
    ------
    UnknownName
        For a movement or coordinate that does not exist.
    """
    row = strength_movement(movement)
    reading = compute_strength(body, movement, side=side)
    data = compute_mechanics(body, hold_posture(body, row.posture)).dataset
    own = f"{row.coordinate}_{side}" if row.sided else row.coordinate
    arm = data["moment_arm"].values[0]
    moment = arm * data["active_capacity"].values[0]
    names = list(body.coordinate_names)
    at = names.index(own)
    others = [
        i
        for i, name in enumerate(names)
        if i != at
        and name not in ROOT_COORDINATES
        and side_of(name) == side_of(own)
        and np.abs(arm[i]).max() > CROSSES
        and not body.coordinate(name).locked
    ]
    none = np.zeros(len(others))
    sign = row.sign * direction_of(body, own)
    best = scipy.optimize.linprog(-sign * moment[at], A_eq=moment[others], b_eq=none, bounds=(0.0, 1.0), method="highs")
    peak = sign * arm[at] * body.muscles["max_isometric_force"].values
    return StrengthCauses(float(np.maximum(peak, 0.0).sum()), reading.moment, float(-best.fun), body.mass)


def summarize_published(compared: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Put the rows of `compare_strength` together by publication, in words.

    ``source``, ``published`` (range and unit), ``here`` (computed), ``ratio`` (computed over published), ``pad``
    (for forces: where the computed one acts, and whether theirs is known).
    """
    rows = []
    for source, quantity in dict.fromkeys((c["source"], c["quantity"]) for c in compared):
        here = [c for c in compared if (c["source"], c["quantity"]) == (source, quantity)]
        low, high = min(c["published_low"] for c in here), max(c["published_high"] for c in here)
        computed, lever, unit = here[0]["computed"], here[0]["lever_arm_m"], here[0]["unit"]
        pad = "" if lever is None else f"pad at {100 * lever:.0f} cm"
        rows.append(
            {
                "source": source,
                "published": f"{span_words(low, high)} {unit}",
                "here": f"{computed:.2f}",
                "ratio": span_words(computed / high, computed / low, digits=1),
                "pad": pad if here[0]["pad_known"] else f"{pad}, theirs unknown",
            }
        )
    return rows


def tabulate_strength(body: Body) -> list[dict[str, Any]]:
    """Measure every movement of the dynamometer on one body, beside what was published.

    Returns
    -------
    list of dict
        ``movement``, ``posture`` (degrees), ``moment_nm``, ``moment_nm_per_kg``, ``force_bw``, ``lever_arm_m``,
        ``pure_nm_per_kg`` (`StrengthCauses.pure`), ``published`` (rows of `compare_strength`).
    """
    rows = []
    for name, movement in strength_movements().items():
        reading = compute_strength(body, name)
        rows.append(
            {
                "movement": name.replace("-", " "),
                "posture": ", ".join(f"{c} {a:g}" for c, a in movement.posture.items()) or "neutral",
                "moment_nm": reading.moment,
                "moment_nm_per_kg": reading.moment_per_mass,
                "force_bw": reading.force_body_weights,
                "lever_arm_m": reading.lever_arm,
                "pure_nm_per_kg": find_causes(body, name).pure / body.mass,
                "published": compare_strength(reading, body),
            }
        )
    return rows


def span_words(low: float, high: float, *, digits: int = 2) -> str:
    """Say a range, or the one number where both ends read alike.

    >>> span_words(1.1, 1.7), span_words(0.351, 0.349)
    ('1.10 to 1.70', '0.35')
    """
    first, last = f"{low:.{digits}f}", f"{high:.{digits}f}"
    return first if first == last else f"{first} to {last}"
