"""The numbers of a scene: the problem of load sharing, joints, supports and the picture, as arrays without zeros.

The page solves the very problem that `gluteal.sharing` solves, with the same kernel, so what goes into it goes over as
float64. Which entries of a matrix are zero is the same in every frame: a muscle crosses few joints.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from gluteal.errors import InputError
from gluteal.kernels import recruitment
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.picture import MovingPicture
from gluteal.nerves.strategy import SPARED_JOINTS
from gluteal.outcome.joint_loads import joint_name
from gluteal.outcome.supports import body_part
from gluteal.sharing.problem import SharingProblem
from gluteal.vocabulary import ROOT_COORDINATES, side_of, unsided
from gluteal.words import SIDES

#: A path point's unit, m.
GRAIN = 1e-4

_JOINTS = {"lumbosacral": "lumbosacral joint"}

SceneArrays = dict[str, np.ndarray]


def problem_arrays(problem: SharingProblem) -> SceneArrays:
    """Return the undisturbed problem of T frames.

    A is ``arm`` (moment arm, m) times what is left of ``capacity`` (N), in this order; ``support`` and ``demand`` are S
    and b of the problem, with ``scale``; ``weak`` are its weak rows as the solver takes them.
    """
    mechanics = problem.mechanics
    data, balance = mechanics.dataset.variables, mechanics.balance
    at_root = np.isin(problem.coordinates, ROOT_COORDINATES)
    # What supports carry of a joint's moment; at the pelvis they carry all, see `compute_net_moment`.
    carried = np.where(at_root[:, None], 0.0, data["support_arm"].values[:, problem.rows])
    return {
        "demand": problem.b,
        "scale": problem.scale,
        "weight": np.broadcast_to(problem.weight, (len(problem.b), problem.A.shape[2])).astype(float),
        "capacity": data["active_capacity"].values,
        "passive": data["passive_force"].values,
        "strength": data["max_isometric_force"].values,
        "joint_moment": data["joint_moment"].values[:, problem.rows],
        **_sparse("arm", balance.moment_arm),
        **_sparse("support", problem.S),
        **_sparse("weak", problem.soft.S * (1.0 / np.sqrt(recruitment.RESERVE_COST))),
        **_sparse("carried", carried),
        **_signs(problem, balance.moment_arm),
    }


def _sparse(name: str, array: np.ndarray) -> SceneArrays:
    """Return the entries of (T, rows, columns) that are not zero in every frame, and where they stand, by row."""
    row, column = np.nonzero(np.any(array != 0.0, axis=0))
    return {
        f"{name}_row": row.astype(np.uint16),
        f"{name}_column": column.astype(np.uint16),
        f"{name}_value": np.ascontiguousarray(array[:, row, column], float),
    }


def _signs(problem: SharingProblem, arm: np.ndarray) -> SceneArrays:
    """Return which way each number goes when `Solution.sensitivity` puts all of them off, as bits."""
    ones = {name: np.ones_like(getattr(problem, name)) for name in ("A", "S", "W", "b")}
    off = replace(problem, **ones).perturbed(0.5)
    found = {}
    for name, array in {"A": arm, "S": problem.S, "W": problem.W}.items():
        row, column = np.nonzero(np.any(array != 0.0, axis=0))
        found[f"sign_{name}"] = np.packbits(getattr(off, name)[:, row, column] > 1.0)
    return found | {"sign_b": np.packbits(off.b > 1.0)}


def describe_joints(mechanics: Mechanics) -> tuple[list[dict[str, Any]], SceneArrays]:
    """Return the joints that muscles cross, and what their contact force is made of; nothing where lines are unknown.

    Force on the side beyond = ``needed`` (T, J, 3) - ``line`` (3 J, M) tension - ``push`` (3 J, R) support force, N.
    ``spared`` is ``needed`` without what passive muscles do.
    """
    try:
        lines = mechanics.lines
    except InputError:
        return [], {}
    crossed = np.abs(lines.muscle_force).max(axis=(0, 2, 3), initial=0.0) > 0.0
    if not crossed.any():
        return [], {}
    cuts = [cut for cut, keep in zip(lines.cuts, crossed, strict=True) if keep]
    rows = (len(mechanics.time), 3 * len(cuts), -1)
    arrays = {
        "needed": lines.needed_force[:, crossed],
        "spared": _without_passive(mechanics)[:, crossed],
        "joint_centre": lines.centre[:, crossed].astype(np.float32),
        **_sparse("line", lines.muscle_force[:, crossed].reshape(rows)),
        **_sparse("push", lines.support_force[:, crossed].reshape(*rows[:2], lines.support_force.shape[-1])),
    }
    named = [
        {
            "name": joint_name(cut),
            "words": f"{SIDES[cut.side]}{_JOINTS.get(cut.joint, cut.joint)}",
            "side": cut.side,
            "kind": cut.joint,
        }
        for cut in cuts
    ]
    return named, arrays


def _without_passive(mechanics: Mechanics) -> np.ndarray:
    """Return what active forces and supports have to make of the needed force of joints to spare, (T, J, 3) N."""
    lines, (pull, _) = mechanics.lines, mechanics.pulls
    left = lines.needed_force.copy()
    for kind in SPARED_JOINTS:  # together, as `gluteal.sharing.soft.force_rows` adds them up
        joints = [j for j, cut in enumerate(lines.cuts) if cut.joint == kind]
        if not joints:
            continue
        rows = pull[:, joints].reshape(len(pull), 3 * len(joints), -1)
        passive = np.matmul(rows, mechanics.dataset.variables["passive_force"].values[..., None])[..., 0]
        left[:, joints] -= passive.reshape(len(pull), len(joints), 3)
    return left


def describe_supports(mechanics: Mechanics, picture: MovingPicture) -> tuple[list[dict[str, str]], SceneArrays]:
    """Return the supported parts of the body, and the forces there: measured, or what rays make of them."""
    movement, data = mechanics.movement, mechanics.dataset
    if movement.loads:
        names = [load.name for load in movement.loads]
        point = np.stack([load.point for load in movement.loads], axis=1)
        return [{"name": name, "words": _support_words(name)} for name in names], {
            "load_force": np.stack([load.force for load in movement.loads], axis=1),
            "load_point": np.nan_to_num(point).astype(np.float32),
        }
    part = {s.name: body_part(s.segment) for s in movement.supports}
    names = list(dict.fromkeys(part.values()))
    of_ray = [str(name) for name in data["ray_support"].values]
    # A newton along a ray does on the pelvis's translations what the ray's direction says.
    direction = data["support_arm"].sel(coordinate=list(ROOT_COORDINATES[3:])).values if of_ray else np.zeros((0, 3, 0))
    places = list(picture.supports)
    return [{"name": name, "words": _support_words(name)} for name in names], {
        "ray_part": np.array([names.index(part[name]) for name in of_ray], np.uint16),
        "ray_place": np.array([places.index(name) for name in of_ray], np.uint16),
        "ray_direction": np.ascontiguousarray(np.swapaxes(direction, 1, 2)),
        "support_point": np.array([picture.supports[name] for name in places], np.float32).reshape(
            len(places), len(mechanics.time), 3
        ),
    }


def _support_words(name: str) -> str:
    """Say a supported part of the body, or a measured load, in words: "right foot"."""
    return SIDES[side_of(name)] + unsided(name).replace("_", " ")


def picture_arrays(picture: MovingPicture) -> SceneArrays:
    """Return where bones and paths are; points in `GRAIN`, ``path_length`` of them for each line and frame."""
    points = [path for frame in picture.paths for path in frame]
    rotation = picture.rotation.reshape(-1, 3, 3)
    quaternion = Rotation.from_matrix(rotation).as_quat() if len(rotation) else np.zeros((0, 4))
    return {
        "bone_position": picture.position.astype(np.float32),
        "bone_rotation": quaternion.reshape(*picture.position.shape[:2], 4).astype(np.float32),
        "sticks": picture.sticks.astype(np.float32),
        "path_muscle": picture.muscle.astype(np.uint16),
        "path_length": np.array([len(p) for p in points], np.uint16).reshape(len(picture.paths), -1),
        "path_point": np.round(np.concatenate(points) / GRAIN).clip(-32768, 32767).astype(np.int16),
    }
