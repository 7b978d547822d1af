"""Anatomical contact points: the names by which tasks say where a body touches the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from gluteal.files import read_rows, read_table_text


@dataclass(frozen=True)
class ContactPoint:
    """A point on the skin, fixed in a segment.

    Attributes
    ----------
    name : str
        With its side ("heel_medial_r"); middle points have none.
    segment : str
        Body segment by OpenSim's names.
    point : (x, y, z)
        In the segment's frame, m.
    description : str
    """

    name: str
    segment: str
    point: tuple[float, float, float]
    description: str


@cache
def contact_points() -> Mapping[str, ContactPoint]:
    """Return the table of contact points of both sides by name.

    Source: ``contact_points.csv``, whose header says how each was obtained.

    >>> contact_points()["heel_medial_l"].segment
    'calcn_l'
    """
    table: dict[str, ContactPoint] = {}
    for row in read_rows(read_table_text(__package__, "contact_points.csv")):
        x, y = float(row["x"]), float(row["y"])
        if row["z"] == "middle":
            table[row["point"]] = ContactPoint(row["point"], row["segment"], (x, y, 0.0), row["description"])
            continue
        for side, sign in (("r", 1.0), ("l", -1.0)):
            name = f"{row['point']}_{side}"
            segment = row["segment"][:-2] + f"_{side}" if row["segment"].endswith("_r") else row["segment"]
            table[name] = ContactPoint(name, segment, (x, y, sign * float(row["z"])), row["description"])
    return table
