"""Passive tissue across the hip: the ligaments of its capsule, and the iliotibial band, with lines of action.

What they pull turns the joint and presses it, so both are added: their moment is taken off what muscles have to supply,
and their tension off what the joint's contact is left with, exactly as a muscle's is (`gluteal.outcome.joint_loads`).
The bodies of this project have none of their own, and `gluteal.simulate` adds none unless asked: docs/load-sharing.md
says why.

Each element is a string over two or three points (``passive_tissue.csv``, from one cadaver, brought to the body's
size), linear in strain above its slack length. Nobody published slack lengths with these points; an element is taken to
be just taut in upright posture, all joints at zero. A stiffness in tension is the elastic modulus times the cross
section, as measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from gluteal.engines import hip_sources, segment_points
from gluteal.errors import InputError, UnknownName
from gluteal.files import read_rows, read_table_text
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics, alter_mechanics
from gluteal.mechanics.geometry import Lines
from gluteal.vocabulary import Side

#: Elastic modulus of the capsule's ligaments, N/mm^2, and their cross sections, mm^2: iliofemoral, ischiofemoral,
#: pubofemoral. Schleifenbaum et al. 2016, abstract.
ILIOFEMORAL_MODULUS, ISCHIOFEMORAL_MODULUS, PUBOFEMORAL_MODULUS = 48.8, 37.5, 49.0
ILIOFEMORAL_AREA, ISCHIOFEMORAL_AREA, PUBOFEMORAL_AREA = 53.5, 19.2, 15.2
#: Young's modulus of the iliotibial band over the thigh of cadavers, N/mm^2: Otsuka et al. 2020, abstract (338 to 363).
BAND_MODULUS = 350.0
#: Cross section of the band, mm^2: own choice, 40 mm wide and 1 mm thick.
BAND_AREA = 40.0
#: Step of a posture for a moment arm by central difference, rad.
STEP = 1e-4

# The two arms of the iliofemoral ligament share its cross section.
_STIFFNESS = {
    "iliofemoral-medial": 0.5 * ILIOFEMORAL_MODULUS * ILIOFEMORAL_AREA,
    "iliofemoral-lateral": 0.5 * ILIOFEMORAL_MODULUS * ILIOFEMORAL_AREA,
    "ischiofemoral": ISCHIOFEMORAL_MODULUS * ISCHIOFEMORAL_AREA,
    "pubofemoral": PUBOFEMORAL_MODULUS * PUBOFEMORAL_AREA,
    "iliotibial-band": BAND_MODULUS * BAND_AREA,
}
#: Whose pelvis the points were measured on, of `gluteal.engines.hip_sources`.
_MEASURED_ON = "tlem2"
_SIDES: tuple[Side, Side] = ("r", "l")
_CROSSED = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle")


@dataclass(frozen=True)
class PassiveElement:
    """One string of passive tissue on one side.

    Attributes
    ----------
    name, tissue : str
    side : "r" | "l"
    points : tuple of (segment, (3,) position in its frame, m)
    stiffness : float
        Tension per strain, N.
    slack_length : float
        m.
    """

    name: str
    tissue: str
    side: Side
    points: tuple[tuple[str, tuple[float, float, float]], ...]
    stiffness: float
    slack_length: float

    def tension(self, length: np.ndarray) -> np.ndarray:
        """Return the tension at lengths, N: linear in strain, none when slack."""
        return self.stiffness * np.maximum(length / self.slack_length - 1.0, 0.0)


@cache
def _measured() -> Mapping[str, tuple[str, tuple[tuple[str, np.ndarray], ...]]]:
    """Return element -> tissue, and its points (segment, from the joint's centre, m), right side, as measured."""
    found: dict[str, tuple[str, list[tuple[str, np.ndarray]]]] = {}
    for row in read_rows(read_table_text(__package__, "passive_tissue.csv")):
        point = np.array([float(row[k]) for k in ("x_m", "y_m", "z_m")])
        found.setdefault(row["element"], (row["tissue"], []))[1].append((row["segment"], point))
    return MappingProxyType({name: (tissue, tuple(points)) for name, (tissue, points) in found.items()})


def passive_tissues() -> tuple[str, ...]:
    """Return the names of the tissues that can be added.

    >>> passive_tissues()
    ('hip-capsule', 'iliotibial-band')
    """
    return tuple(dict.fromkeys(tissue for tissue, _ in _measured().values()))


def list_passive_elements(body: Body, tissues: Sequence[str]) -> tuple[PassiveElement, ...]:
    """Return the elements of some tissues on a body, both sides.

    Raises
    ------
    UnknownName
        For a tissue that is not among `passive_tissues`.
    InputError
        For a body without pelvis, femur and tibia of those names.
    """
    for tissue in tissues:
        if tissue not in passive_tissues():
            raise UnknownName("passive tissue", tissue, passive_tissues(), "gluteal simulate --help")
    upright = np.zeros(len(body.coordinate_names))
    found = []
    for side in _SIDES:
        for name, (tissue, measured) in _measured().items():
            if tissue in tissues:
                points = tuple(_place(body, segment, point, side) for segment, point in measured)
                length = float(_length(body, upright, points))
                found.append(PassiveElement(name, tissue, side, points, _STIFFNESS[name], length))
    return tuple(found)


def _place(body: Body, segment: str, point: np.ndarray, side: Side) -> tuple[str, tuple[float, float, float]]:
    """Bring a measured point to a segment of the body: size, tilt of the pelvis, side, and where its joint is."""
    frame = hip_sources()[_MEASURED_ON]
    moved = frame.scale * point
    if segment == "pelvis":
        cosine, sine = np.cos(frame.turn), np.sin(frame.turn)
        moved = np.array([cosine * moved[0] - sine * moved[1], sine * moved[0] + cosine * moved[1], moved[2]])
        moved = moved * [1.0, 1.0, 1.0 if side == "r" else -1.0] + _hip_in_pelvis(body, side)
        return "pelvis", tuple(moved.tolist())
    moved = moved * [1.0, 1.0, 1.0 if side == "r" else -1.0]
    return f"{segment}_{side}", tuple(moved.tolist())


def _hip_in_pelvis(body: Body, side: Side) -> np.ndarray:
    """Return the hip's centre in the pelvis's frame, m."""
    unit = [tuple(row) for row in np.vstack([np.zeros(3), np.eye(3)]).tolist()]
    upright = np.zeros(len(body.coordinate_names))
    here = segment_points(body, upright, [*(("pelvis", point) for point in unit), (f"femur_{side}", (0.0, 0.0, 0.0))])
    axes = here[1:4] - here[0]
    return np.asarray(axes @ (here[4] - here[0]))


def _length(body: Body, posture: np.ndarray, points: Sequence[tuple[str, tuple[float, float, float]]]) -> np.ndarray:
    path = segment_points(body, posture, points)
    return np.linalg.norm(np.diff(path, axis=0), axis=1).sum()


def add_passive_tissue(mechanics: Mechanics, *tissues: str) -> Mechanics:
    """Return the mechanics of a body that has some passive tissue, too.

    What the tissue supplies is taken off ``joint_moment`` and added to ``spring_moment``; its pull across the hip and
    knee is taken off what the joints' contact must supply (`Lines.needed_force`).

    Raises
    ------
    UnknownName, InputError
        As `list_passive_elements`; InputError also for many people at once.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
    >>> held = add_passive_tissue(stance, "iliotibial-band")
    >>> moment = held.dataset["spring_moment"] - stance.dataset["spring_moment"]
    >>> bool(moment.sel(coordinate="hip_adduction_r").item() <= 0.0)
    True
    """
    if "person" in mechanics.dataset.dims:
        raise InputError("Passive tissue is added to one body at a time; add it before people are drawn.")
    body = mechanics.body
    elements = list_passive_elements(body, tissues)
    names = body.coordinate_names
    postures = mechanics.dataset["coordinate_value"].values
    moment = np.zeros_like(postures)
    pulls = []
    for element in elements:
        length = np.array([_length(body, q, element.points) for q in postures])
        tension = element.tension(length)
        taut = np.flatnonzero(tension > 0.0)
        for coordinate in (f"{name}_{element.side}" for name in _CROSSED):
            if coordinate in names and (column := names.index(coordinate)) >= 0:
                for t in taut:
                    ahead, behind = postures[t].copy(), postures[t].copy()
                    ahead[column] += STEP
                    behind[column] -= STEP
                    change = _length(body, ahead, element.points) - _length(body, behind, element.points)
                    moment[t, column] -= tension[t] * change / (2.0 * STEP)
        pulls.append((element, tension))
    changed = alter_mechanics(mechanics, joint_moment=mechanics.dataset["joint_moment"].values - moment)
    spring = changed.dataset["spring_moment"] + moment
    dataset = changed.dataset.assign(spring_moment=spring.assign_attrs(changed.dataset["spring_moment"].attrs))

    def find_lines(*_: object) -> Lines:
        """Return the body's lines, less what passive tissue pulls on the segments beyond each cut."""
        lines = mechanics.lines
        needed = lines.needed_force.copy()
        for element, tension in pulls:
            for j, cut in enumerate(lines.cuts):
                needed[:, j] -= _pull_beyond(body, element, tension, postures, cut.beyond)
        return replace(lines, needed_force=needed)

    return replace(changed, dataset=dataset, find_lines=find_lines)


def _pull_beyond(
    body: Body, element: PassiveElement, tension: np.ndarray, postures: np.ndarray, beyond: Sequence[str]
) -> np.ndarray:
    """Return the force of an element on the segments beyond a cut, (time, 3) N, in the world."""
    force = np.zeros((len(postures), 3))
    outside = [segment in beyond for segment, _ in element.points]
    for t in np.flatnonzero(tension > 0.0) if any(outside) and not all(outside) else ():
        path = segment_points(body, postures[t], element.points)
        for i, (here, there) in enumerate(pairwise(outside)):
            if here != there:
                along = (path[i + 1] - path[i]) / np.linalg.norm(path[i + 1] - path[i])
                force[t] += tension[t] * (along if here else -along)
    return force
