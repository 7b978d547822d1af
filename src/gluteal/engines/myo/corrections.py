"""Corrections of the embedded model: knee, muscle paths, muscle parameters, each with its source.

The legs of myo-sim 0.2.3 derive from Rajagopal et al. (2016, doi 10.1109/TBME.2016.2586891), but lost
some of it in conversion. Here they are brought to the current published revision of the same model,
RajagopalLaiUhlrich2023 (Lai et al. 2017, doi 10.1007/s10439-017-1920-7; Uhlrich et al. 2022, doi
10.1038/s41598-022-13386-9); the trunk's parameters become those of the lumbar model it derives from.
``docs/body-myo.md`` lists every correction with numbers before and after. All numbers in the tables are
for the right side; the left is its mirror image.
"""

from __future__ import annotations

import csv
from functools import cache

import mujoco
import numpy as np
import xarray as xr

from gluteal.engines.myo.knee import KNEE_AXIS, KNEE_TRANSLATION, TIBIA_ORIGIN
from gluteal.files import read_table_text
from gluteal.mechanics.body import MUSCLE_PARAMETERS, make_muscle_table
from gluteal.sources.bibliography import cite
from gluteal.vocabulary import Side

#: What stays different from the reference although corrected; part of every report.
NOTES = (
    "Legs follow RajagopalLaiUhlrich2023; against the older Rajagopal2016 the hip abductors' paths and the "
    "gluteus maximus' tendon lengths differ, as published (docs/body-myo.md).",
    "Trunk strength, fibre and tendon lengths follow the full-body lumbar model (Raabe and Chaudhari 2016); "
    "tendons of trunk muscles that would be stretched in upright standing are lengthened until they are not.",
    "Gastrocnemius, lateral head: no wrapping at the condyle; its knee moment arm is up to 16 mm larger than "
    "the reference's below 30 degrees of knee flexion.",
    "Psoas, iliacus and gluteus maximus change path abruptly beyond 35 degrees of hip abduction, 20 of "
    "adduction or 30 of external rotation.",
)

_SIDES: tuple[Side, Side] = ("r", "l")
_MIRROR = np.array([1.0, 1.0, -1.0])
#: How far outside a cylinder lies the site that tells MuJoCo on which side to wrap, in radii.
SIDE_SITE = 1.5


def correct_model(spec: mujoco.MjSpec) -> None:
    """Mend knee and muscle paths of myo-sim's ``myofullbody`` in place, before it is compiled.

    Must see the model's joint couplings: call it before they are taken out.
    """
    for side in _SIDES:
        _mend_knee(spec, side)
    _mirror_trunk(spec)
    for row in _table("paths.csv"):
        for side in _SIDES:
            if row["kind"] == "point":
                spec.site(f"{row['element']}_{side}").pos = _mirrored(_position(row), side)
            elif row["kind"] == "reshape":
                geom = spec.geom(f"{row['element']}_{side}")
                geom.type, geom.pos = mujoco.mjtGeom.mjGEOM_CYLINDER, _mirrored(_position(row), side)
                geom.size = [float(row["radius_m"]), 0.05, 0.0]
            else:
                _add_cylinder(spec, row, side)


def muscle_table(model: mujoco.MjModel) -> xr.Dataset:
    """Return the parameters of the compiled model's muscles, in actuator order.

    Along ``muscle``: `gluteal.mechanics.body.MUSCLE_PARAMETERS` and ``source``, from ``muscles.csv``.
    """
    names = [model.actuator(i).name for i in range(model.nu)]
    rows = {row["name"]: row for row in _table("muscles.csv")}
    missing = [name for name in names if name not in rows]
    if missing:
        raise RuntimeError(f"muscles.csv has no row for {', '.join(missing[:5])}")
    units = {"N": "N", "m": "m", "rad": "rad", "1/s": "per_s", "1": "1"}
    columns = {
        column: np.array([float(rows[name][f"{column}_{units[unit]}"]) for name in names])
        for column, unit in MUSCLE_PARAMETERS.items()
    }
    return make_muscle_table(names, columns, [_source(rows[name]) for name in names])


def published_strength() -> dict[str, float]:
    """Return muscle -> maximal isometric force, N, of the embedded body's table."""
    return {row["name"]: float(row["max_isometric_force_N"]) for row in _table("muscles.csv")}


def _source(row: dict[str, str]) -> str:
    """Say where a row comes from ("Raabe 2016; Christophy 2012, FBLSmodel.osim")."""
    return f"{cite(row['source'])}, {row['locator']}"


def _mirror_trunk(spec: mujoco.MjSpec) -> None:
    """Make the trunk symmetric: its left path points are the mirror image of the right ones.

    One slip, LTpT_T12_l, ran on the right side, so both pulled to the right; the others differ in the sixth
    digit.
    """
    for site in spec.sites:
        if site.name.endswith("_l") and not site.parent.name.endswith("_l"):
            twin = spec.site(f"{site.name[:-2]}_r")
            if twin is not None and twin.parent.name == site.parent.name:
                site.pos = twin.pos * _MIRROR


def _mend_knee(spec: mujoco.MjSpec, side: Side) -> None:
    """Put the knee's axis back where it was published."""
    spec.body(f"tibia_{side}").pos = _mirrored(np.array(TIBIA_ORIGIN), side)
    for joint in ("knee_angle", "knee_angle_rotation2", "knee_angle_rotation3"):
        spec.joint(f"{joint}_{side}").pos = _mirrored(np.array(KNEE_AXIS), side)
    couplings = {coupling.name1: coupling for coupling in spec.equalities}
    for joint, polynomial in KNEE_TRANSLATION.items():
        data = np.array(couplings[f"{joint}_{side}"].data)
        data[: len(polynomial)] = polynomial
        couplings[f"{joint}_{side}"].data = data


def _add_cylinder(spec: mujoco.MjSpec, row: dict[str, str], side: Side) -> None:
    """Let a muscle wrap around a cylinder after its n-th path point.

    The published orientation is body-fixed x-y-z angles; the path runs on the side of `side_axis`.
    """
    radius, position = float(row["radius_m"]), _position(row)
    turn = _rotation(*(float(row[k]) for k in ("rx_rad", "ry_rad", "rz_rad")))
    sign = -1.0 if row["side_axis"].startswith("-") else 1.0
    outward = sign * turn[:, "xyz".index(row["side_axis"][-1])]
    if side == "l":
        turn = turn * np.outer(_MIRROR, _MIRROR)
    quaternion = np.empty(4)
    mujoco.mju_mat2Quat(quaternion, turn.ravel())
    body = spec.body(row["segment"] if row["segment"] == "pelvis" else f"{row['segment']}_{side}")
    name = f"{row['muscle']}_wrap_{side}"
    body.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_CYLINDER,
        pos=_mirrored(position, side),
        quat=quaternion,
        size=[radius, 0.05, 0.0],  # MuJoCo wraps around it as if it had no ends
        contype=0,
        conaffinity=0,
        mass=0.0,
        group=3,
    )
    beside = f"{row['muscle']}_wrap_side_{side}"
    body.add_site(name=beside, pos=_mirrored(position + SIDE_SITE * radius * outward, side))
    _reroute(spec, f"{row['muscle']}_{side}_tendon", name, beside, int(row["after"]))


def _reroute(spec: mujoco.MjSpec, tendon: str, geom: str, beside: str, after: int) -> None:
    """Rebuild a path of points with a wrapping surface after the n-th of them.

    A path cannot be changed in place; muscles find theirs by name, so the new one takes the old name.
    """
    points = [wrap.target.name for wrap in spec.tendon(tendon).path]
    spec.delete(spec.tendon(tendon))
    path = spec.add_tendon(name=tendon)
    for i, point in enumerate(points, start=1):
        path.wrap_site(point)
        if i == after:
            path.wrap_geom(geom, beside)


def _rotation(x: float, y: float, z: float) -> np.ndarray:
    """Return the rotation matrix of body-fixed x-y-z angles, rad."""
    cx, cy, cz, sx, sy, sz = *np.cos((x, y, z)), *np.sin((x, y, z))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_x @ about_y @ about_z


def _position(row: dict[str, str]) -> np.ndarray:
    return np.array([float(row[k]) for k in ("x_m", "y_m", "z_m")])


def _mirrored(vector: np.ndarray, side: Side) -> np.ndarray:
    return vector if side == "r" else vector * _MIRROR


@cache
def _table(name: str) -> tuple[dict[str, str], ...]:
    text = read_table_text(__package__, name)
    return tuple(csv.DictReader(text.splitlines()))
