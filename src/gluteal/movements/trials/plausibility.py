"""Do the files of a trial fit together: feet and forces, mass and weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from gluteal.engines import segment_points
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import ExternalLoad
from gluteal.vocabulary import STANDARD_GRAVITY, side_of

#: A centre of pressure further than this from the middle of a foot is not under it (a foot is 0.3 m long), m.
UNDER_FOOT = 0.25
#: Middle of a foot in the frame of the calcaneus, whose origin OpenSim's models put at the heel, m.
MIDFOOT = (0.1, 0.0, 0.0)
#: Difference between the model's mass and the measured weight that is worth a warning.
MASS_TOLERANCE = 0.05
#: Shortest full support by the plates from which a weight is told, s.
SHORTEST_SUPPORT = 0.5
#: Where a stretch of full support begins or ends within the movement, a step off the plates may still carry
#: a share for as long as both feet are down (0.1-0.2 s in walking), s.
DOUBLE_SUPPORT = 0.15
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
    for load in loads:
        if load.segment:
            done.append(load)
            continue
        far = {foot: distance(load, foot, body, coordinates) for foot in ("calcn_r", "calcn_l")}
        foot, other = sorted(far, key=lambda f: far[f])
        told = ", ".join(f"{100 * d:.0f} cm from {f}" for f, d in far.items())
        if not far[foot] < UNDER_FOOT or far[other] < 1.3 * far[foot]:
            raise InputError(
                f"It cannot be told under which foot {load.name!r} of {path.name} was measured: its centre "
                f'of pressure is on average {told}. Say so in a TOML file: forces = {{file = "{path.name}", '
                f'calcn_r = "...", calcn_l = "..."}}.'
            )
        warnings.append(
            f"{path.name} does not say on what its forces act: {load.name!r} was given to {foot}, as its "
            f"centre of pressure is on average {told}."
        )
        done.append(replace(load, segment=foot))
    return tuple(done)


def check_places(loads: Sequence[ExternalLoad], body: Body, coordinates: xr.DataArray) -> list[str]:
    """Return a warning for each force on a foot that acts elsewhere."""
    notes = []
    for load in loads:
        away = distance(load, load.segment, body, coordinates)
        if load.segment.startswith(("calcn", "talus", "toes")) and away > UNDER_FOOT:
            notes.append(
                f"Load {load.name!r} is applied to {load.segment}, but its centre of pressure is on average "
                f"{100 * away:.0f} cm away from that foot; check the external loads."
            )
    return notes


def distance(load: ExternalLoad, segment: str, body: Body, coordinates: xr.DataArray) -> float:
    """Return the mean horizontal distance (m) of a load from a foot while it carries; NaN if it never does.

    The distance to a segment that is no calcaneus is taken from its origin. Raises InputError where the body
    has no such segment.
    """
    size = np.linalg.norm(load.force, axis=1)
    frames = np.flatnonzero(size > 0.3 * size.max()) if size.max() > 0 else np.zeros(1, int)
    frames = frames[np.linspace(0, len(frames) - 1, min(SAMPLES, len(frames))).astype(int)]
    middle = MIDFOOT if segment.startswith("calcn") else (0.0, 0.0, 0.0)
    at = [segment_points(body, coordinates.values[t], [(segment, middle)])[0] for t in frames]
    if size.max() == 0:
        return float("nan")
    away = np.array(at) - load.point[frames]
    return float(np.hypot(away[:, 0], away[:, 2]).mean())


def check_mass(
    loads: Sequence[ExternalLoad], body: Body, acceleration: xr.DataArray, weighed: float | None
) -> list[str]:
    """Return a warning where the model's mass does not fit the measured weight, or the mass weighed.

    See `measured_mass`.
    """
    notes = []
    feet = [x for x in loads if side_of(x.segment) and x.segment.startswith(("calcn", "talus", "toes"))]
    mass = measured_mass(feet, acceleration) if feet else None
    for found, who in ((mass, "the ground forces carry"), (weighed, "the trial file says")):
        if found is not None and abs(body.mass / found - 1.0) > MASS_TOLERANCE:
            notes.append(
                f"The model {body.name!r} has a mass of {body.mass:.1f} kg, but {who} {found:.1f} kg: scale "
                "the model, or expect joint moments that are wrong by about that share."
            )
    return notes


def measured_mass(feet: Sequence[ExternalLoad], acceleration: xr.DataArray) -> float | None:
    """Return the mass (kg) that the plates carry, None where they do not carry the body for long enough.

    The mass is sum(F) / sum(g + a) over the longest stretch in which the vertical force F stays above half
    of its peak, with the vertical acceleration a of the pelvis for that of the centre of mass. Flight, steps
    off the plates and sitting on a chair end such a stretch; `DOUBLE_SUPPORT` is left out there.
    """
    force = np.sum([x.force[:, 1] for x in feet], axis=0)
    time = acceleration["time"].values
    if "pelvis_ty" not in acceleration["coordinate"].values:
        return None
    carried = force > 0.5 * force.max()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], carried, [False]]).astype(int)))
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    first, last = time[starts[longest]], time[ends[longest] - 1]
    first += DOUBLE_SUPPORT if first > time[0] else 0.0
    last -= DOUBLE_SUPPORT if last < time[-1] else 0.0
    if last - first < SHORTEST_SUPPORT:
        return None
    rows = (time >= first) & (time <= last)
    felt = STANDARD_GRAVITY + acceleration.sel(coordinate="pelvis_ty").values[rows]
    return float(force[rows].sum() / felt.sum())
