"""Walking: which muscle pushes the body up, forward or back, found by taking the ground force apart.

Whole-body motion, M a = muscles - weight - velocity terms + J' contact, is linear in its sources. Each of them, acting
alone on a body whose contact points may not accelerate, has a ground force of its own; together they make up the
whole ground force, exactly. (Induced accelerations: Zajac and Gordon 1989, Anderson and Pandy 2003, the first
cited from memory.) The answer depends on how a foot touches the ground, so two kinds of contact are compared:

- `standing`: every contact point that carries load stands fast; the foot is part of the floor;
- `rolling`: each foot is pinned at its centre of pressure only, and free to turn about it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
import xarray as xr

from gluteal.engines import compute_geometry, compute_mechanics
from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments.walking.common import STANDING, right_single_support, right_stance
from gluteal.ledger.measures import body_weight
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, ReadingBand, Threshold
from gluteal.ledger.reading_bands import FrameEnds, pull_ends
from gluteal.mechanics.build import Mechanics
from gluteal.movements.tasks import free_feet
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.vocabulary import ROOT_COORDINATES, side_of

FootContact = Literal["standing", "rolling"]
AXES = ["forward", "up", "right"]
#: Singular values below this share of the largest are no constraint of their own: a rigid foot on four points
#: has six degrees of freedom, not twelve.
RANK = 1e-9
#: Every n-th frame is taken apart.
EVERY = 2
#: Muscle groups of the right leg that the published analysis names, by plain words.
GROUPS = {
    "gluteus maximus": ("glmax",),
    "gluteus medius and minimus": ("glmed", "glmin"),
    "vasti": ("vasti",),
    "plantarflexors": ("plantarflexors",),
}


def split_ground_force(
    solved: Solution, frames: np.ndarray, contact: FootContact, *, tension: np.ndarray | None = None
) -> xr.DataArray:
    """Take the ground force of some frames apart by its sources.

    Parameters
    ----------
    tension : (time, muscle) or None
        Muscle forces in place of the solved ones, N.

    Returns
    -------
    xr.DataArray (time, source, axis)
        N; ``source`` is every muscle of the body, then "weight" (what the unmuscled skeleton would rest on the
        ground), "motion" (velocity terms, and how contact points really move), "reserves", and "rest" (contact
        forces that the kind of contact does not let react); axes forward, up, right. Their sum is the force of the
        ground on both feet.
    """
    mechanics = solved.mechanics
    inertia, weight = _inertia_and_weight(mechanics, frames)
    data = mechanics.dataset.isel(time=frames)
    names = list(mechanics.body.coordinate_names)
    acceleration = mechanics.movement.acceleration.sel(coordinate=names).values[frames]
    tension = solved.dataset["muscle_force"].values[frames] if tension is None else tension
    # Reserves; where nothing is asked of muscles (the excluded toes), whatever muscles and contacts leave open.
    pushed = np.einsum("tqr,tr->tq", data["support_arm"].values, solved.dataset["support_force"].values[frames])
    moved = np.einsum("tqm,tm->tq", data["moment_arm"].values, tension)
    reserve = data["joint_moment"].values - moved - pushed
    reserve[:, data["recruited"].values] = solved.dataset["reserve_moment"].values[frames]
    force = np.empty((len(frames), tension.shape[1] + 4, 3))
    for t in range(len(frames)):
        ground = _contacts(solved, int(frames[t]), contact)
        velocity = data["joint_moment"].values[t] - inertia[t] @ acceleration[t] - weight[t]
        sources = (data["moment_arm"].values[t] * tension[t], -weight[t], -velocity, reserve[t], ground.rest)
        freely = ground.arm.T @ np.linalg.solve(inertia[t], np.column_stack(sources))
        freely[:, -3] -= ground.arm.T @ acceleration[t]
        yielding = ground.arm.T @ np.linalg.solve(inertia[t], ground.arm)
        reaction = -np.linalg.pinv(yielding, rcond=RANK, hermitian=True) @ freely
        force[t] = reaction.T.reshape(len(reaction.T), -1, 3).sum(axis=1)
        force[t, -1] += ground.rest_force
    source = [*mechanics.body.muscle_names, "weight", "motion", "reserves", "rest"]
    coords = {"time": mechanics.time[frames], "source": source, "axis": AXES}
    return xr.DataArray(force, dims=("time", "source", "axis"), coords=coords, attrs={"units": "N"})


class _Ground(NamedTuple):
    """Points that stand fast, `arm` (Q, 3 K); forces that act beside them, `rest` (Q,) and their sum (3,) N."""

    arm: np.ndarray
    rest: np.ndarray
    rest_force: np.ndarray


def _contacts(solved: Solution, frame: int, contact: FootContact) -> _Ground:
    """Return where the feet are held in one frame, and the contact forces that are not part of that."""
    data = solved.mechanics.dataset
    rays = data["support_arm"].values[frame]
    push = solved.dataset["support_force"].values[frame]
    translation = [data.indexes["coordinate"].get_loc(name) for name in ROOT_COORDINATES[3:]]
    points, forces, sides = [], [], []
    for first in range(0, rays.shape[1], 4):
        part = slice(first, first + 4)
        directions = rays[translation, part]  # what a newton along each ray does on the pelvis's translations
        if directions.any():
            points.append(rays[:, part] @ np.linalg.pinv(directions))
            forces.append(directions @ push[part])
            sides.append(side_of(str(data["ray_support"].values[first])))
    arms, force = np.array(points), np.array(forces)
    if contact == "standing":
        held = [
            i for i in range(len(arms)) if np.linalg.norm(force[i]) >= STANDING * body_weight(solved.mechanics.body)
        ]
        fast, carried = list(arms[held]), force[held]
    else:
        feet = [np.array([s == side for s in sides]) & (force[:, 1] > 0.0) for side in ("r", "l")]
        feet = [foot for foot in feet if foot.any()]
        fast = [np.average(arms[foot], axis=0, weights=force[foot, 1]) for foot in feet]
        carried = np.array([force[foot].sum(axis=0) for foot in feet])
    arm = np.concatenate(fast, axis=1)
    rest = np.einsum("kqa,ka->q", arms, force) - arm @ carried.ravel()
    return _Ground(arm, rest, force.sum(axis=0) - carried.sum(axis=0))


def _inertia_and_weight(mechanics: Mechanics, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mass matrix (T, Q, Q) and the generalised force that holds the weight, (T, Q).

    Inverse dynamics of a body at rest is linear in its acceleration: one unit acceleration at a time gives the
    columns.
    """
    movement = mechanics.movement
    names = list(mechanics.body.coordinate_names)
    count = len(names)
    posture = np.repeat(movement.coordinates.sel(coordinate=names).values[frames], count + 1, axis=0)
    units = np.tile(np.vstack([np.zeros(count), np.eye(count)]), (len(frames), 1))
    coords = {"time": np.arange(len(posture), dtype=float), "coordinate": names}
    position, rest, pulled = (
        xr.DataArray(array, dims=("time", "coordinate"), coords=coords)
        for array in (posture, np.zeros_like(posture), units)
    )
    probe = replace(movement, coordinates=position, speed=rest, acceleration=pulled, supports=(), loads=())
    moment = compute_geometry(mechanics.body, probe).joint_moment.reshape(len(frames), count + 1, count)
    return np.swapaxes(moment[:, 1:] - moment[:, :1], 1, 2), moment[:, 0]


def _walk(bench: Bench) -> tuple[Solution, np.ndarray]:
    """Return the walk, its feet on unknown contacts again (which point carries matters here), and right stance."""
    walk = solve_sharing(compute_mechanics(bench.body, free_feet(bench.movement("walk"))))
    return walk, np.flatnonzero(right_stance(walk)[:-1])[::EVERY]  # the last frame is the next heel strike


def _share_bands(bench: Bench, slack: float) -> dict[str, ReadingBand]:
    """Return the bands of the gluteals' shares; the feet stand on the points of the cheapest sharing."""
    walk, frames = _walk(bench)
    bands = {}
    muscles = len(bench.body.muscle_names)
    for contact in ("standing", "rolling"):
        gains = split_ground_force(walk, frames, contact, tension=np.ones((len(frames), muscles)))
        whole = split_ground_force(walk, frames, contact).sel(axis="up").sum()

        def ends(groups: tuple[str, ...], axis: str, gains: xr.DataArray = gains) -> FrameEnds:
            gain = np.zeros((len(walk.mechanics.time), muscles))
            rows = [bench.body.muscle_places[m] for g in groups for m in bench.body.resolve(g, side="r")]
            gain[frames[:, None], rows] = gains.sel(axis=axis).values[:, rows]
            low, high = pull_ends(walk, gain, slack=slack)
            return FrameEnds(low[frames], high[frames])

        for key, name in (("maximus", ("glmax",)), ("medius", ("glmed", "glmin"))):
            low, high = ends(name, "forward")
            bands[f"brake-{key}-{contact}"] = ReadingBand(_braking(high), _braking(low))
        bands[f"support-{contact}"] = ReadingBand(
            *(float(end.sum() / whole) for end in ends(("glmax", "glmed", "glmin"), "up"))
        )
    return bands


def _braking(forward: np.ndarray) -> float:
    """Return the braking part of a fore-aft impulse, 1; the more the force points back, the larger."""
    back, ahead = (float((sign * forward).clip(min=0.0).sum()) for sign in (-1.0, 1.0))
    return back / (back + ahead)


def _shares(bench: Bench) -> list[Reading]:
    walk, frames = _walk(bench)
    return [
        *_parts(bench, walk, frames, "standing", "feet standing fast"),
        *_parts(bench, walk, frames, "rolling", "feet rolling"),
    ]


def _parts(bench: Bench, walk: Solution, frames: np.ndarray, contact: FootContact, words: str) -> list[Reading]:
    force = split_ground_force(walk, frames, contact) / body_weight(bench.body)
    of = {name: _of(bench, force, groups) for name, groups in GROUPS.items()}
    readings = []
    for key, name in (("maximus", "gluteus maximus"), ("medius", "gluteus medius and minimus")):
        label = f"{name}, braking part of its fore-aft impulse, {words}"
        readings.append(Reading(f"brake-{key}-{contact}", label, _braking(of[name][:, 0]), "1"))
    gluteal = of["gluteus maximus"] + of["gluteus medius and minimus"]
    share = float(gluteal[:, 1].sum() / force.sel(axis="up").sum())
    label = f"right gluteals, share of the upward impulse of right stance, {words}"
    readings.append(Reading(f"support-{contact}", label, share, "1"))
    early = np.arange(len(frames)) < len(frames) / 3
    for key, phase, when, study in (
        ("early", early, "first third of stance", "gluteus maximus, vasti, back of medius and minimus"),
        ("alone", right_single_support(walk)[frames], "on one foot", "most from gluteus medius and minimus"),
    ):
        for name, each in of.items():
            published = Published("andersonpandy2003", words=f"main support: {study}")
            label = f"{name}, upward force, {when}, {words}"
            value = float(each[phase, 1].mean())
            readings.append(
                Reading(f"{key}-{name.replace(' ', '-')}-{contact}", label, value, "body weights", published)
            )
    published = Published("andersonpandy2003", high=0.5)
    bare = float(force.sel(source="weight", axis="up").max())
    readings.append(
        Reading(f"skeleton-{contact}", f"upward force without muscles, {words}", bare, "body weights", published)
    )
    return readings


def _of(bench: Bench, force: xr.DataArray, groups: tuple[str, ...]) -> np.ndarray:
    """Return the force (T, 3) of groups of the right leg."""
    muscles = [m for group in groups for m in bench.body.resolve(group, side="r")]
    return np.asarray(force.sel(source=muscles).sum("source").values)


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "walk-ground-force-shares",
        "Who holds the body up in walking, who drives it and who brakes",
        "The ground force of the walk is taken apart into what each muscle, the weight of the skeleton and the motion "
        "itself put into it, through right stance; the parts add up to the whole. Done twice: with loaded contact "
        "points that stand fast, and with feet that roll over their centres of pressure.",
        "simulation",
        ("andersonpandy2003",),
        "How a foot touches the ground decides much of the answer, so it is asked of two extremes; the study's feet, "
        "on springs (from memory), are nearer to standing fast. While both feet stand the split is the least certain. "
        "Muscle forces are those of least effort. Sizes of the published shares were not read.",
        _shares,
        bands=_share_bands,
    ),
)

_BRAKE_WHY = "mainly braking is at least twice as much braking as driving; mainly driving the reverse"
_BRAKES = tuple(
    Threshold(f"brake-{muscle}-{contact}", Bound(low=2.0 / 3.0), Bound(high=1.0 / 3.0), _BRAKE_WHY)
    for muscle in ("maximus", "medius")
    for contact in ("standing", "rolling")
)

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "glutes-mainly-brake-in-gait",
        "walk-ground-force-shares",
        _BRAKES,
        "The two kinds of contact are extremes between which real feet lie. Walking at one speed; the swing leg, which "
        "gluteus maximus also slows, is not part of it.",
    ),
    Prediction(
        "glutes-minor-in-daily-life",
        "walk-ground-force-shares",
        (
            Threshold(
                "support-standing",
                Bound(high=0.10),
                Bound(low=0.25),
                "the study names four groups that hold the body up, the gluteals two of them: a quarter is one group's "
                "equal share, a tenth is what OpenSim lets go missing; feet that stand fast are nearest to the study's",
            ),
        ),
        "Holding the body up in walking, no other task of the day.",
    ),
)

MISSING: dict[str, str] = {}
