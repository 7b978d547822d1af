"""Do the files of a trial fit together: feet and forces, mass and weight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from gluteal.engines import segment_points
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.cause import Cause
from gluteal.mechanics.ground import MASS_LIMIT
from gluteal.mechanics.movement import ExternalLoad
from gluteal.mechanics.posture import find_posture_fault
from gluteal.movements.trials.feet import Foot, find_feet, find_other_size, measure_level, side_under
from gluteal.movements.trials.footing import (
    UNDER_FOOT,
    find_floating,
    find_shared,
    find_unloaded,
)
from gluteal.movements.trials.loads import CARRYING
from gluteal.movements.trials.soles import find_loaded_in_air, find_off_sole
from gluteal.vocabulary import PLANAR_ROOT, ROOT_COORDINATES, Side, is_foot, side_of, unsided
from gluteal.words import coordinate_words

#: A filter that changes a joint by more than this (root mean square) takes the movement away, rad.
SMOOTHED_AWAY = 0.1
#: A filter that changes the forces by more than this share (root mean square) takes them away, 1. Own choice: 6 Hz, as
#: of the coordinates, takes 0.02 to 0.04 of those of a walk, 10 Hz 0.18 of those of a sprint, 1 Hz 0.35 of a walk's.
WEAKENED = 0.2
#: Feet count as exchanged where the other assignment leaves less than this share of the distance, 1, and the one given
#: is off by more than this, m.
SWAPPED, MISPLACED = 0.5, 0.12
#: A coordinate that moves by more than this is not fixed, rad or m; by more than that it is free, rad.
FIXED, FREE = 0.02, 0.1
#: A pelvis that moves by less than this during a movement of the legs was not measured, m.
STILL = 1e-4
#: Joints whose moment somebody must carry.
FIXED_JOINTS = ("hip_", "knee_angle", "ankle_angle", "lumbar_")
#: A centre of pressure this far from the middle of its own foot, on average while it carries, lies beside it, m.
BESIDE_FOOT = 0.17
#: A centre of pressure higher or lower than the lower heel by more than this is off the floor, m.
OFF_FLOOR = 0.15
#: A centre of pressure further from a foot than any room is wide is in another unit, m.
OTHER_UNIT = 20.0
_SIDES: tuple[Side, ...] = ("r", "l")
#: Frames at which centres of pressure and feet are compared.
SAMPLES = 15


def find_toe_joints(body: Body, segments: Sequence[str | None]) -> Mapping[str, str]:
    """Return the toe joints that no muscle can be held to account for: coordinate -> reason.

    A ground force on the whole foot, applied to the calcaneus, leaves out what the toes carry.
    """
    if any(str(s).startswith("toes") for s in segments):
        return {}
    reason = "the ground force is applied to the whole foot, so the share of the toes is not known"
    return {n: reason for n in body.coordinate_names if n.startswith("mtp_angle")}


def assign_feet(
    loads: Sequence[ExternalLoad], body: Body, coordinates: xr.DataArray, path: Path, warnings: list[str]
) -> tuple[ExternalLoad, ...]:
    """Give each load without a segment to the foot whose middle is nearest to its centre of pressure."""
    done = []
    feet = find_feet(body) if not all(load.segment for load in loads) else {}
    for load in loads:
        if load.segment:
            done.append(load)
            continue
        if len(feet) < len(_SIDES):
            raise InputError(
                f"It cannot be told under which foot {load.name!r} of {path.name} was measured, because the body "
                f"{body.name!r} has not both ankles (ankle_angle_r, ankle_angle_l). Say so in a TOML file: forces = "
                f'{{file = "{path.name}", SEGMENT = "..."}}.'
            )
        far = {foot.segment: distance(load, foot, body, coordinates) for foot in feet.values()}
        foot, other = sorted(far, key=lambda f: far[f])
        told = ", ".join(f"{100 * d:.0f} cm from {f}" for f, d in far.items())
        if not far[foot] < UNDER_FOOT or far[other] < 1.3 * far[foot]:
            raise InputError(
                f"It cannot be told under which foot {load.name!r} of {path.name} was measured: its centre "
                f'of pressure is on average {told}. Say so in a TOML file: forces = {{file = "{path.name}", '
                f'{feet["r"].segment} = "...", {feet["l"].segment} = "..."}}.'
            )
        warnings.append(
            f"{path.name} does not say on what its forces act: {load.name!r} was given to {foot}, as its "
            f"centre of pressure is on average {told}."
        )
        done.append(replace(load, segment=foot))
    return tuple(done)


def warn_unbalanced(loads: Sequence[ExternalLoad], body: Body, warnings: list[str]) -> None:
    """Tell where the forces of the ground cannot be held against the way of the whole body."""
    missing = [name for name in PLANAR_ROOT if name not in body.coordinate_names]
    if missing and any(is_foot(load.segment) for load in loads):
        warnings.append(
            f"The body {body.name!r} has no {', '.join(missing)}: whether the measured forces carry it was not checked."
        )


def find_misplaced(loads: Sequence[ExternalLoad], body: Body, coordinates: xr.DataArray) -> Iterator[Cause]:
    """Yield what speaks against where the forces of the ground act: exchanged feet, another body, another unit."""
    feet = find_feet(body)
    if len(feet) < len(_SIDES):
        return
    if size := find_other_size(body, feet):
        yield size
        return
    sides = {x.name: side_under(x.segment, feet) for x in loads}
    places = {load.name: measure_places(load, feet, body, coordinates) for load in loads if np.any(load.force)}
    on_feet = [x for x in loads if x.name in places and sides[x.name]]
    own = {x.name: places[x.name][sides[x.name] or ""] for x in on_feet}
    other = {x.name: places[x.name]["l" if sides[x.name] == "r" else "r"] for x in on_feet}
    both = {sides[x.name] for x in on_feet} == {"r", "l"}
    if both and np.mean([*own.values()]) > MISPLACED and sum(other.values()) < SWAPPED * sum(own.values()):
        told = " and ".join(
            f"{name!r} acts {_far(own[name])} from the foot it is given to and {_far(other[name])} from the other"
            for name in own
        )
        yield Cause(
            "feet",
            "the forces of the two feet are exchanged, or left and right of the coordinates are",
            told,
            "exchange the bodies that the loads are applied to (applied_to_body), or correct the names of the sides",
        )
        return
    for load in loads:
        side, found = sides[load.name], []
        if side and load in on_feet and places[load.name]["own"] <= OTHER_UNIT:
            shared = list(find_shared(load, side, feet, body, coordinates))
            found = shared or list(find_unloaded(load, feet, body, coordinates))
            found = found or list(find_loaded_in_air(load, side, feet[side], body, coordinates))
            yield from found
            if not shared and places[load.name]["height"] <= OFF_FLOOR:
                yield from find_floating(load, side, feet[side], body, coordinates)
            if shared:
                continue
        if load.name in places:
            wrong = list(_misplaced(load, places[load.name], feet, side if load in on_feet else None))
            if not wrong and not found and side:
                wrong = list(find_off_sole(load, side, feet[side], body, coordinates))
            yield from wrong


def _misplaced(
    load: ExternalLoad, far: Mapping[str, float], feet: Mapping[Side, Foot], side: Side | None
) -> Iterator[Cause]:
    """Yield why one load, on the foot of a `side` or on another segment, does not act where it is said to."""
    nearest: Side = "r" if far["r"] <= far["l"] else "l"
    best, near = feet[nearest].segment, far[nearest]
    if side is not None:
        mine = far[side]
        if mine <= UNDER_FOOT and far["height"] > OFF_FLOOR:
            yield Cause(
                "place",
                f"load {load.name!r} acts {_far(far['height'])} above or below the foot that it is applied to",
                "on average while it carries",
                "check the height of the laboratory's floor in the coordinates and in the points of application",
            )
        if mine <= BESIDE_FOOT:
            return
        if mine > OTHER_UNIT:
            yield Cause(
                "units",
                f"the centre of pressure of load {load.name!r} is {mine:.0f} m away from {load.segment}: its unit is "
                "another one, such as millimetres",
                "on average while it carries",
                "write points of application in metres and torques in N·m",
            )
            return
        nearer = near <= UNDER_FOOT and near < mine
        fits = f"; it is {_far(near)} from {best}" if nearer else ""
        yield Cause(
            "place",
            f"load {load.name!r} is applied to {load.segment}, but acts {_far(mine)} away from that foot{fits}",
            "on average while it carries",
            f"apply it to {best}" if fits else "check the points of application, their unit and the laboratory frame",
        )
    elif near <= UNDER_FOOT and far["height"] < UNDER_FOOT and near < far["own"]:
        yield Cause(
            "place",
            f"load {load.name!r} is applied to {load.segment}, but acts on the floor, {_far(near)} from {best}",
            f"on average {_far(far['own'])} from {load.segment}",
            f"apply it to {best} (applied_to_body in the external loads, or forces in trial.toml)",
        )


def measure_places(
    load: ExternalLoad, feet: Mapping[Side, Foot], body: Body, coordinates: xr.DataArray
) -> Mapping[str, float]:
    """Return mean distances (m) of a load while it carries.

    ``r`` and ``l``: horizontally from the middle of each foot; ``own``: from the origin of its own segment;
    ``height``: above the lower heel. Raises InputError where the body has no such segment.
    """
    size = np.linalg.norm(load.force, axis=1)
    frames = np.flatnonzero(size > CARRYING * size.max())
    frames = frames[np.linspace(0, len(frames) - 1, min(SAMPLES, len(frames))).astype(int)]
    wanted = [*((feet[s].segment, feet[s].middle) for s in _SIDES), (load.segment, (0.0, 0.0, 0.0))]
    at = np.array([segment_points(body, coordinates.values[t], wanted) for t in frames])
    away = load.centre_of_pressure[frames][:, None] - at
    level = measure_level(body, away).mean(axis=0)
    return {
        "r": float(level[0]),
        "l": float(level[1]),
        "own": float(np.linalg.norm(away[:, 2], axis=1).mean()),
        "height": float(np.abs(away[:, :2, 1]).min(axis=1).mean()),
    }


def _far(metres: float) -> str:
    return f"{100 * metres:.0f} cm" if metres < 1.0 else f"{metres:.3g} m"


def check_postures(body: Body, coordinates: xr.DataArray, path: Path) -> None:
    """Raise InputError where legs or trunk are where no joint goes, or the pelvis is where nobody stands."""
    if fault := find_posture_fault(body, coordinates):
        raise InputError(f"{path.name}: {fault.sentence}")


def distance(load: ExternalLoad, foot: Foot, body: Body, coordinates: xr.DataArray) -> float:
    """Return the mean horizontal distance (m) of a load from the middle of a foot while it carries; NaN if never."""
    size = np.linalg.norm(load.force, axis=1)
    if size.max() == 0.0:
        return float("nan")
    frames = np.flatnonzero(size > CARRYING * size.max())
    frames = frames[np.linspace(0, len(frames) - 1, min(SAMPLES, len(frames))).astype(int)]
    at = [segment_points(body, coordinates.values[t], [(foot.segment, foot.middle)])[0] for t in frames]
    away = np.array(at) - load.centre_of_pressure[frames]
    return float(measure_level(body, away).mean())


def find_locked(body: Body, coordinates: xr.DataArray, path: Path, warnings: list[str]) -> Iterator[Cause]:
    """Yield the finding of a joint that the model fixes and the file moves; what moves a little is a warning.

    The moment of a fixed joint is not asked of the muscles, so a knee that is fixed by mistake costs nothing.
    """
    for c in (c for c in body.coordinates if c.locked):
        value = coordinates.sel(coordinate=c.name).values
        moved = float(np.ptp(value))
        if moved <= FIXED:
            continue
        size = f"{np.rad2deg(moved):.0f} degrees" if c.kind == "rotation" else f"{moved:.2g} m"
        what = f"the model locks or prescribes {c.name}, but it moves by {size} in {path.name}"
        if c.kind == "rotation" and moved > FREE and unsided(c.name).startswith(FIXED_JOINTS):
            yield Cause(
                "posture",
                what,
                "its moment would be asked of no muscle",
                f"unlock {c.name} in the model, or keep it where the model has it with hold in trial.toml",
            )
        else:
            warnings.append(f"{what[0].upper()}{what[1:]}: it was moved, and its moment is asked of no muscle.")


def find_locked_unmeasured(body: Body, held: Sequence[str], named: Sequence[str], path: Path) -> Iterator[Cause]:
    """Yield the finding of a joint of one leg that the model locks and the file lacks, unless the trial file holds it.

    Models lock both toe joints, and nobody misses them; a knee that only one leg lacks was locked by mistake, or on
    purpose.
    """
    for c in (c for c in body.coordinates if c.locked and c.name in held and c.name not in named):
        other = {"r": "l", "l": "r"}.get(side_of(c.name) or "")
        twin = f"{unsided(c.name)}_{other}"
        free = any(x.name == twin and not x.locked and x.name not in held for x in body.coordinates)
        if free and unsided(c.name).startswith(FIXED_JOINTS):
            yield Cause(
                "posture",
                f"the model locks {c.name}, which {path.name} has no column for, while {twin} moves",
                "its moment would be asked of no muscle",
                f'unlock {c.name} and add its column, or say that it is stiff with hold = ["{c.name}"] in trial.toml',
            )


def find_still(body: Body, coordinates: xr.DataArray) -> Iterator[Cause]:
    """Yield the finding of a pelvis that stays where it is while the legs move: nobody measured where it was."""
    names = set(body.coordinate_names)
    if not names.issuperset(("pelvis_tx", "pelvis_ty", "pelvis_tz")):
        return
    place = coordinates.sel(coordinate=["pelvis_tx", "pelvis_ty", "pelvis_tz"]).values
    legs = [n for n in body.coordinate_names if n.startswith(("hip_flexion", "knee_angle"))]
    if np.ptp(place, axis=0).max() > STILL or not legs:
        return
    if np.ptp(coordinates.sel(coordinate=legs).values, axis=0).max() > FREE:
        told = ", ".join(f"{x:.3g}" for x in place[0])
        yield Cause(
            "posture",
            f"the pelvis does not move while the legs do: pelvis_tx, pelvis_ty and pelvis_tz stay at {told} m",
            "in all frames, as in tables of sensors that measure angles alone",
            "give the pelvis the way it took: without it no force of the ground fits the movement",
        )


def find_oversmoothing(
    body: Body, names: Sequence[str], raw: np.ndarray, smooth: np.ndarray, how: str
) -> Iterator[Cause]:
    """Yield the finding of a filter that took the movement away; `raw` and `smooth` (T, N) rad or m."""
    legs = [i for i, n in enumerate(names) if body.coordinate(n).kind == "rotation" and n not in ROOT_COORDINATES]
    if not legs:
        return
    lost = np.sqrt(((raw - smooth)[:, legs] ** 2).mean(axis=0))
    most = int(lost.argmax())
    if lost[most] > SMOOTHED_AWAY:
        yield Cause(
            "filter",
            f"the filter of the coordinates takes {np.rad2deg(lost[most]):.0f} degrees (root mean square) of "
            f"{coordinate_words(names[legs[most]])} away",
            how,
            "give a higher filter_hz in trial.toml, or none of its own (6 Hz is usual for walking)",
        )


def find_weakened(filtered: Sequence[ExternalLoad], measured: Sequence[ExternalLoad], how: str) -> Iterator[Cause]:
    """Yield the finding of a filter that took the forces away."""
    lost = sum(float(((a.force - b.force) ** 2).sum()) for a, b in zip(filtered, measured, strict=True))
    whole = sum(float((load.force**2).sum()) for load in measured)
    if lost > WEAKENED**2 * whole:
        yield Cause(
            "filter",
            f"the filter of the forces takes {100 * np.sqrt(lost / whole):.0f} % of them away (root mean square)",
            how,
            "give a higher force_filter_hz in trial.toml, or none of its own (the forces are then as measured)",
        )


def find_weighed(body: Body, weighed: float | None) -> Iterator[Cause]:
    """Yield the finding of a model whose mass is not the one that was weighed, kg."""
    if weighed is not None and abs(body.mass / weighed - 1.0) > MASS_LIMIT:
        yield Cause(
            "weighed",
            f"the model has a mass of {body.mass:.1f} kg, but {weighed:.1f} kg were weighed",
            "mass_kg in trial.toml",
            f"scale the model to {weighed:.1f} kg, or correct mass_kg",
        )
