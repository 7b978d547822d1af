"""Where the force of the ground is under the sole: on it, under the part that is down, moving on, gone in the air."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gluteal.engines import segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.cause import Cause, say_time
from gluteal.mechanics.movement import ExternalLoad
from gluteal.movements.trials.feet import Foot
from gluteal.movements.trials.loads import CARRYING, FORCE_THRESHOLD
from gluteal.vocabulary import Side
from gluteal.words import SIDES

#: Heel and ball in the frame of a foot that starts at the heel, m.
SOLE = ((0.0, 0.0, 0.0), (0.17, 0.0, 0.0))
#: A sole reaches this far behind the heel, before it, and to each side, m, and this share of the frames in which a load
#: carries may be beyond. Own choice: in sound recordings of six people the centre of pressure is between 0.06 behind
#: and 0.23 before the heel, within 0.05 of the middle, in 97 of 100 frames and more.
BEHIND_HEEL, BEFORE_HEEL, BESIDE_SOLE, OFF_SHARE = 0.06, 0.25, 0.06, 0.2
#: A foot pitched by more than this stands on its toes or its heel, rad; further before the heel than the first is the
#: forefoot, than the second no heel, m; in this share of the frames, and so many, both may contradict. Own choice: 0
#: in sound recordings.
PITCHED, FOREFOOT, NO_HEEL, PITCH_SHARE, LEAST_PITCH = 0.175, 0.11, 0.13, 0.05, 3
#: While the pelvis passes over a foot by this much, the centre of pressure moves by at least that, m. Own choice: in
#: sound recordings by 0.09 in walking and by 0.04 in a sprint on the forefoot.
PASSES, ROLLS = 0.4, 0.02
#: A foot whose sole is higher than where it stands by this is in the air, m, in at least this many frames, unless it
#: carries within this time, s: toes leave the floor late. Own choice: between steps the middle of all forces is 0 N.
IN_AIR, LEAST_AIR, LEAVES = 0.05, 3, 0.1


@dataclass(frozen=True)
class _Under:
    """Where a load is under a foot, (T,): before the heel and to its side in m, height in m.

    `pitch` is from the floor to the sole, toes up, rad.
    """

    ahead: np.ndarray
    aside: np.ndarray
    pitch: np.ndarray
    height: np.ndarray
    passed: np.ndarray  # (T, 2) the pelvis from the heel, level
    on: np.ndarray  # bool: it carries


def _measure(load: ExternalLoad, foot: Foot, body: Body, coordinates: xr.DataArray) -> _Under:
    wanted = [(foot.segment, point) for point in SOLE]
    heel, ball = np.array([segment_points(body, posture, wanted) for posture in coordinates.values]).transpose(1, 0, 2)
    level = [coordinates.sel(coordinate=n).values for n in ("pelvis_tx", "pelvis_tz") if n in body.coordinate_names]
    pelvis = np.stack([*level, *[np.zeros(len(heel))] * (2 - len(level))], axis=1)
    axis = (ball - heel)[:, [0, 2]]
    axis = axis / np.maximum(np.linalg.norm(axis, axis=1), 1e-6)[:, None]
    away = (load.centre_of_pressure - heel)[:, [0, 2]]
    size = np.linalg.norm(load.force, axis=1)
    on = size > CARRYING * size.max(initial=0.0)
    slope = _measure_slope(load.centre_of_pressure, axis, on)
    return _Under(
        ahead=(away * axis).sum(axis=1),
        aside=(away[:, 1] * axis[:, 0] - away[:, 0] * axis[:, 1]) * ("pelvis_tz" in body.coordinate_names),
        pitch=np.arcsin(np.clip((ball - heel)[:, 1] / (SOLE[1][0] - SOLE[0][0]), -1.0, 1.0)) - slope,
        height=np.minimum(heel[:, 1], ball[:, 1]),
        passed=pelvis - heel[:, [0, 2]],
        on=on,
    )


def _steps(on: np.ndarray) -> Iterator[slice]:
    """Yield the frames of each step: where a load carries without a break."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(int)))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        yield slice(int(first), int(end))


def _measure_slope(point: np.ndarray, axis: np.ndarray, on: np.ndarray) -> float:
    """Return by how much the floor rises towards the toes, rad: along the way of the point within each step.

    Between the steps of a stair it rises, too, but not under a foot.
    """
    way, rise = [0.0], [0.0]
    for step in _steps(on):
        away = point[step] - point[step].mean(axis=0)
        way.extend(away[:, [0, 2]] @ axis[step].mean(axis=0))
        rise.extend(away[:, 1])
    length = float(np.dot(way, way))
    return float(np.arctan(np.dot(way, rise) / length)) if length > 0.0 else 0.0


def find_off_sole(load: ExternalLoad, side: Side, foot: Foot, body: Body, coordinates: xr.DataArray) -> Iterator[Cause]:
    """Yield what speaks against a force under the sole of a foot ("r" or "l"), where the frame of the foot shows it."""
    if not foot.from_heel or "pelvis_tx" not in body.coordinate_names:
        return
    under, time, name = _measure(load, foot, body, coordinates), coordinates["time"].values, SIDES[side]
    if not under.on.any():
        return
    back, front = under.ahead < -BEHIND_HEEL, under.ahead > BEFORE_HEEL
    bad = (back | front | (np.abs(under.aside) > BESIDE_SOLE)) & under.on
    if bad.sum() >= max(LEAST_PITCH, OFF_SHARE * under.on.sum()):
        ahead, aside = (float(np.median(x[bad])) for x in (under.ahead, under.aside))
        yield Cause(
            "place",
            f"load {load.name!r} acts beside the sole of the {name}foot, about {_cm(ahead)} {_before(ahead)} the heel "
            f"and {_cm(aside)} to the side of the line through heel and toes",
            say_time(time, bad),
            "check the place and the axes of that plate, and that coordinates and forces are of the same repetition",
        )
        return
    up = (under.pitch < -PITCHED) & (under.ahead < FOREFOOT) & under.on
    down = (under.pitch > PITCHED) & (under.ahead > NO_HEEL) & under.on
    for wrong, part, other in ((up, "toes", "heel"), (down, "heel", "toes")):
        if wrong.sum() >= max(LEAST_PITCH, PITCH_SHARE * under.on.sum()):
            angle = np.abs(np.rad2deg(np.median(under.pitch[wrong])))
            yield Cause(
                "place",
                f"the coordinates let the {name}foot stand on its {part}, pitched by {angle:.0f} degrees, while the "
                f"force acts nearer to its {other}",
                say_time(time, wrong),
                f"check sign and zero of ankle_angle_{side}, the markers of the foot, and the place of the plate",
            )
            return
    for step in _steps(under.on):
        passed = float(np.linalg.norm(under.passed[step][-1] - under.passed[step][0]))
        room = float(np.linalg.norm(np.ptp(load.centre_of_pressure[step][:, [0, 2]], axis=0)))
        moved = min(float(np.ptp(under.ahead[step])), room)
        if passed > PASSES and moved < ROLLS:
            yield Cause(
                "place",
                f"the point of load {load.name!r} stays where it is, within {1000 * moved:.0f} mm, while the body "
                f"passes over the {name}foot: it is no centre of pressure, which goes from heel to toes",
                f"between {time[step][0]:.3g} and {time[step][-1]:.3g} s",
                "give the centre of pressure, or the moments that the plate measured as torque about its point",
            )
            return


def find_loaded_in_air(
    load: ExternalLoad, side: Side, foot: Foot, body: Body, coordinates: xr.DataArray
) -> Iterator[Cause]:
    """Yield the finding of a plate or belt that shows a force while its foot is in the air: it was not set to zero."""
    size = np.linalg.norm(load.force, axis=1)
    if not foot.from_heel or "pelvis_tx" not in body.coordinate_names or size.max(initial=0.0) <= FORCE_THRESHOLD:
        return
    under = _measure(load, foot, body, coordinates)
    time = coordinates["time"].values
    near = round(LEAVES / (time[1] - time[0])) if len(time) > 1 else 0
    leaving = np.convolve(under.on, np.ones(2 * near + 1))[near : near + len(time)] > 0.0
    # A foot that carries may be higher, too: on the next step of a stair.
    air = (under.height > np.median(under.height[under.on]) + IN_AIR) & ~leaving
    if air.sum() < LEAST_AIR or np.median(size[air]) <= FORCE_THRESHOLD:
        return
    yield Cause(
        "place",
        f"load {load.name!r} shows {np.median(size[air]):.0f} N while the {SIDES[side]}foot is in the air: its plate "
        "was not set to zero, or it is another foot's",
        f"in the middle of {int(air.sum())} frames with the sole {_cm(IN_AIR)} and more above where it stands",
        "subtract what the plate shows without anybody on it, or set the force to 0 while the foot is in the air; a "
        "low force_filter_hz does it, too",
    )


def _cm(metres: float) -> str:
    return f"{abs(100 * metres):.0f} cm"


def _before(metres: float) -> str:
    return "before" if metres >= 0.0 else "behind"
