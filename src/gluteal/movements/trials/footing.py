"""Under which foot a force acts, moment by moment: plates and belts are stepped on by both feet in turn, or at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import xarray as xr

from gluteal.engines import segment_points
from gluteal.mechanics.body import Body
from gluteal.mechanics.cause import Cause, say_time
from gluteal.mechanics.movement import ExternalLoad
from gluteal.movements.trials.feet import Foot, measure_level
from gluteal.movements.trials.loads import CARRYING, FORCE_THRESHOLD, LoadColumns, vector_columns
from gluteal.movements.trials.soles import SOLE
from gluteal.sto import Table
from gluteal.vocabulary import ROOT_COORDINATES, Side, is_foot
from gluteal.words import SIDES

#: A centre of pressure further than this from the middle of a foot is not under it (a foot is 0.3 m long), m.
UNDER_FOOT = 0.25
#: Share of the frames in which a load carries that it may be elsewhere: at the edges of contact it wanders.
ELSEWHERE = 0.15
#: Share of the frames in which a plate may show a force under nobody, and how far from both feet that is, m.
UNLOADED, FAR_FROM_FEET = 0.10, 1.0
#: In sound recordings the centre of pressure stays this near to the middle of the foot, m.
RIGHT_UNDER = 0.15
#: A force nearer than this to the other foot than to its own is not its own's where a plate carried both, m.
NEARER = 0.05
#: A foot whose heel and ball differ by less than this in height is flat, m. Own choice: pitched by 13 degrees.
FLAT = 0.04
#: The sole of a flat foot this far above or below where the ground pushes, in the middle of all frames in which it
#: carries, is told, m. Own choice: in five sound recordings it is 0.00 to 0.06; a tenth too small, 0.09 more.
OFF_SOLE = 0.10
#: As much is told of a foot that slides, too: by more than this share of the way of the pelvis, where that goes faster
#: than the third and slower than the last, m/s: who runs stands on the forefoot, too short for filtered coordinates.
#: Own choice: in a sound recording over ground it slides by 0.03 on the floor, on a model a tenth too small by 0.06 and
#: more above it; in a sprint by 0.05.
OFF_SLIDING, SLIDES, GOES, RUNS = 0.04, 0.04, 0.5, 2.5
#: Frames at which a standing foot is looked at, and how many of them have to be flat.
LOOKS, FLAT_LOOKS = 40, 5


def find_floating(load: ExternalLoad, side: Side, foot: Foot, body: Body, coordinates: xr.DataArray) -> Iterator[Cause]:
    """Yield the finding of a foot ("r" or "l") that carries above or below the floor: its leg has another length.

    Over ground a standing foot rests. Where the legs are too short for the angles and the way of the pelvis, it floats
    and slides forward; where they are too long, it sinks in and slides backward. On a treadmill it goes with the belt.
    """
    size = np.linalg.norm(load.force, axis=1)
    frames = np.flatnonzero(size > CARRYING * size.max(initial=0.0))
    frames = frames[(frames > 0) & (frames < len(size) - 1)]
    if not len(frames) or not foot.from_heel or not set(ROOT_COORDINATES) <= set(body.coordinate_names):
        return
    frames = frames[np.linspace(0, len(frames) - 1, min(LOOKS, len(frames))).astype(int)]
    time, ends = coordinates["time"].values, [(foot.segment, point) for point in SOLE]
    before, now, after = (
        np.array([segment_points(body, coordinates.values[t + k], ends) for t in frames]) for k in (-1, 0, 1)
    )
    flat = np.abs(now[:, 0, 1] - now[:, 1, 1]) < FLAT
    if flat.sum() < FLAT_LOOKS:
        return
    height = float(np.median((now[..., 1].mean(axis=1) - load.centre_of_pressure[frames, 1])[flat]))
    slide = (after - before).mean(axis=1) / (time[frames + 1] - time[frames - 1])[:, None]
    way = coordinates.sel(coordinate=["pelvis_tx", "pelvis_tz"]).values
    speed = (way[-1] - way[0]) / (time[-1] - time[0])
    pace = float(np.hypot(*speed))
    ahead = float(np.median((slide[:, [0, 2]] @ speed)[flat]) / pace**2) if GOES < pace < RUNS else 0.0
    sliding = abs(ahead) > SLIDES and np.sign(ahead) == np.sign(height) and abs(height) > OFF_SLIDING
    if not sliding and abs(height) <= OFF_SOLE:
        return
    slid = f" and slides by {100 * abs(ahead):.0f} % of the way of the pelvis" if sliding else ""
    yield Cause(
        "place",
        f"the {SIDES[side]}foot stands {100 * abs(height):.0f} cm {'above' if height > 0.0 else 'below'} where the "
        f"ground pushes on it{slid}: the legs of the model are too {'short' if height > 0.0 else 'long'}, or the floor "
        "of the laboratory is at another height",
        "in the middle of the frames in which it stands flat",
        "scale the model to the person and run inverse kinematics again, or check the height of the floor in the "
        "coordinates and in the points of application",
    )


def leave_out_idle(
    table: Table, columns: Sequence[LoadColumns], window: tuple[float, float], warnings: list[str]
) -> tuple[LoadColumns, ...]:
    """Return the loads without plates that carry nobody in a window (s), which `warnings` names: noise has no place.

    A small load that is no foot's and never exceeds `FORCE_THRESHOLD`, such as one in a hand, is kept; so are a torque
    alone, a plate that was never stepped on and shows nothing, and the loads of known feet where nothing carries, as in
    flight.
    """
    rows = (table.time >= window[0]) & (table.time <= window[1])
    nothing = np.zeros(len(table.time))
    sizes = [nothing if c.force is None else np.linalg.norm(vector_columns(table, c.force), axis=1) for c in columns]
    inside = [float(np.nanmax(size[rows], initial=0.0)) for size in sizes]
    flight = max(inside, default=0.0) <= FORCE_THRESHOLD
    kept = []
    for load, size, most in zip(columns, sizes, inside, strict=True):
        segment = load.segment or ""
        noisy = is_foot(segment) and most > 0.0
        plate = not segment or noisy or float(np.nanmax(size, initial=0.0)) > FORCE_THRESHOLD
        if load.force is None or most > FORCE_THRESHOLD or not plate or (flight and segment):
            kept.append(load)
        else:
            warnings.append(
                f"{table.path.name}: load {load.name!r} carries nobody from {window[0]:.6g} to {window[1]:.6g} s (at "
                f"most {most:.0f} N) and was left out."
            )
    return tuple(kept)


def measure_feet(
    load: ExternalLoad, feet: Mapping[Side, Foot], body: Body, coordinates: xr.DataArray, frames: np.ndarray
) -> np.ndarray:
    """Return how far (N, 2) m a load is, level, from the middle of right and left foot in some `frames` (N,)."""
    wanted = [(feet["r"].segment, feet["r"].middle), (feet["l"].segment, feet["l"].middle)]
    places = np.array([segment_points(body, coordinates.values[t], wanted) for t in frames])
    away = load.centre_of_pressure[frames][:, None] - places
    return measure_level(body, away)


def find_shared(
    load: ExternalLoad, side: Side, feet: Mapping[Side, Foot], body: Body, coordinates: xr.DataArray
) -> Iterator[Cause]:
    """Yield the finding of a force said to be of one foot ("r" or "l") that is the other's for a part of the time.

    While both feet stand on one plate its centre of pressure lies between them.
    """
    size = np.linalg.norm(load.force, axis=1)
    frames = np.flatnonzero(size > CARRYING * size.max(initial=0.0))
    if not len(frames) or size.max() == 0.0:
        return
    far = measure_feet(load, feet, body, coordinates, frames)
    own, other = (far[:, 0], far[:, 1]) if side == "r" else (far[:, 1], far[:, 0])
    nearer = other + NEARER < own
    wrong = nearer | ((own > UNDER_FOOT) & (other < 2.0 * own))
    if not ELSEWHERE < wrong.mean() < 1.0 - ELSEWHERE or not (nearer & (own > UNDER_FOOT)).any():
        return
    if max(np.median(own[~wrong]), np.median(other[nearer])) > RIGHT_UNDER:  # all of the plate is elsewhere
        return
    bad = np.zeros(len(size), bool)
    bad[frames[wrong]] = True
    name: Side = "l" if side == "r" else "r"
    yield Cause(
        "place",
        f"load {load.name!r} is applied to {load.segment}, but for a part of the time it acts under the "
        f"{SIDES[name]}foot or between the feet: one plate or belt carried both",
        f"{say_time(coordinates['time'].values, bad)} it is up to {100 * own[wrong].max():.0f} cm away from that foot",
        "give each foot its own force; what both feet did on one plate cannot be told apart",
        ~bad,
    )


def find_unloaded(
    load: ExternalLoad, feet: Mapping[Side, Foot], body: Body, coordinates: xr.DataArray
) -> Iterator[Cause]:
    """Yield the finding of a plate that shows a small force under nobody: it was not set to zero, or it is noisy."""
    size = np.linalg.norm(load.force, axis=1)
    frames = np.flatnonzero((size > FORCE_THRESHOLD) & (size <= CARRYING * size.max(initial=0.0)))
    if len(frames) <= UNLOADED * len(size):
        return
    nobody = measure_feet(load, feet, body, coordinates, frames).min(axis=1) > FAR_FROM_FEET
    if nobody.sum() <= UNLOADED * len(size):
        return
    bad = np.zeros(len(size), bool)
    bad[frames[nobody]] = True
    yield Cause(
        "place",
        f"load {load.name!r} shows up to {size[bad].max():.0f} N under no foot: its plate was not set to zero",
        f"{say_time(coordinates['time'].values, bad)} its centre of pressure is further than {FAR_FROM_FEET:g} m from "
        "both feet",
        "subtract what the plate shows without anybody on it, or set the force to 0 while the foot is in the air",
        ~bad,
    )
