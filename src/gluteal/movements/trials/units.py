"""In which unit a table of coordinates has its angles and lengths: what it says, and whether a body can be that way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.movements.trials.file import TrialFile
from gluteal.movements.trials.loads import says_millimetres
from gluteal.movements.trials.tables import HIGHEST_PELVIS
from gluteal.sto import Table
from gluteal.vocabulary import ROOT_COORDINATES, unsided

#: Joint angles that all stay below this over a movement are not degrees; one above 2 pi is not radians.
SMALLEST_DEGREES, LARGEST_RADIANS = 3.2, 2 * np.pi
#: Angles this far beyond a joint's range that would lie within half of it as degrees are degrees, rad.
BEYOND_RANGE = 1.0
#: Hips and knees that move by more than the first and all stay below the second are in radians where others are in
#: degrees; from the third on angles are degrees, as numbers. Own choice: a walk has 0.3 to 1.2 rad, 20 to 70 degrees.
SMALLEST_MOVED, SMALLEST_BENT, LARGE_DEGREES = 0.1, 2.0, 20.0
#: Tilt and list of a pelvis never move by less than the first share of the way of the hips, nor half a turn and more
#: than the second. Own choice: by a tenth in walking and half in squats; other units are a factor of 57.
STILLEST, WILDEST = 0.01, 3.0
#: Who turns over goes at least this share of his way in one direction, 1. Own choice.
ONE_WAY = 0.9
_PELVIS = "pelvis_tilt or pelvis_list"


def find_angle_unit(
    table: Table,
    body: Body,
    names: Sequence[str],
    values: np.ndarray,
    said_degrees: bool | None,
    warnings: list[str],
) -> tuple[bool, str]:
    """Return whether the angles (T, N) are degrees, and what the file says of it.

    A motion file of the first kind (.mot without a version) that says nothing is in degrees for OpenSim. Scripts write
    radians into such files, too; so they are taken for degrees only where they can be no radians.

    Raises
    ------
    InputError
        Joint angles that cannot have the unit that the file says, unless the trial file said it (`said_degrees`).
    """
    said = {True: "degrees", False: "radians", None: "nothing, which means radians"}[table.in_degrees]
    if said_degrees is not None:
        return said_degrees, said
    in_degrees = bool(table.in_degrees)
    fault = find_angle_fault(table, body, names, values, in_degrees=in_degrees, said=said)
    if fault and table.in_degrees is None and table.is_first_motion:
        fault = find_angle_fault(table, body, names, values, in_degrees=True, said=said)
        in_degrees, said = True, "nothing, which in a motion file without a version means degrees"
        if not fault:
            warnings.append(
                f"{table.path.name} has neither a version nor inDegrees in its header; its angles were taken for "
                "degrees, as OpenSim does with such motion files."
            )
    if mixed := find_mixed_units(table, body, names, values, in_degrees=in_degrees):
        raise InputError(mixed)
    if fault:
        raise InputError(fault)
    return in_degrees, said


def find_angle_fault(
    table: Table, body: Body, names: Sequence[str], values: np.ndarray, *, in_degrees: bool, said: str
) -> str:
    """Say why the joint angles (T, N) cannot have the unit that the file says; empty where they can."""
    joints = [k for k, n in enumerate(names) if body.coordinate(n).kind == "rotation" and n not in ROOT_COORDINATES]
    if not joints:
        return ""
    sizes = np.nanmax(np.abs(values[:, joints]), axis=0)
    largest, where = float(sizes.max()), names[joints[int(sizes.argmax())]]
    if in_degrees and largest < SMALLEST_DEGREES:
        return (
            f"{table.path.name} says its angles are in degrees, but none exceeds {largest:.3g} "
            f"({where}): they are probably radians. Say degrees = false (or true, if right) in a TOML "
            "file."
        )
    if in_degrees:
        return ""
    if largest > LARGEST_RADIANS:
        return (
            f"{table.path.name} says {said} about its angles, but {where} reaches {largest:.3g}: they "
            "are probably degrees. Say degrees = true (or false, if right) in a TOML file."
        )
    low, high = np.array([body.coordinate(names[k]).range for k in joints]).T
    beyond = np.maximum(low - np.nanmin(values[:, joints], axis=0), np.nanmax(values[:, joints], axis=0) - high)
    turned = np.deg2rad(values[:, joints])
    as_degrees = np.maximum(low - np.nanmin(turned, axis=0), np.nanmax(turned, axis=0) - high)
    turned_round = np.maximum(low + np.nanmax(values[:, joints], axis=0), -np.nanmin(values[:, joints], axis=0) - high)
    worst = int(beyond.argmax())
    # One joint, or the two knees with the other sign, are no question of the unit: their posture is told elsewhere.
    several = int(((beyond > BEYOND_RANGE / 2) & (turned_round > BEYOND_RANGE / 2)).sum()) > 1
    if several and beyond[worst] > BEYOND_RANGE and as_degrees.max() < BEYOND_RANGE / 2:
        return (
            f"{table.path.name} says {said} about its angles, but {names[joints[worst]]} reaches {sizes[worst]:.3g}, "
            f"where the body {body.name!r} has {low[worst]:.3g} to {high[worst]:.3g} rad: they are probably degrees. "
            "Say degrees = true (or false, if right) in a TOML file."
        )
    return ""


def find_mixed_units(table: Table, body: Body, names: Sequence[str], values: np.ndarray, *, in_degrees: bool) -> str:
    """Say which angles (T, N) have another unit than the others of their file; empty where all have the same."""
    parts: dict[str, list[int]] = {}
    for k, name in enumerate(names):
        if body.coordinate(name).kind == "rotation":
            root = name in ("pelvis_tilt", "pelvis_list")
            parts.setdefault(_PELVIS if root else unsided(name), []).append(k)
    size = {part: float(np.nanmax(np.abs(values[:, ks]), initial=0.0)) for part, ks in parts.items()}
    moved = {part: float(np.ptp(values[:, ks], axis=0).max()) for part, ks in parts.items()}
    bent = [part for part in ("hip_flexion", "knee_angle") if part in parts]
    if not bent:
        return ""
    small: list[str] = [part for part in bent if moved[part] > SMALLEST_MOVED and size[part] < SMALLEST_BENT]
    large: list[str] = [part for part in bent if size[part] > (LARGE_DEGREES if in_degrees else LARGEST_RADIANS)]
    hips = moved.get("hip_flexion", 0.0)
    if _PELVIS in parts and in_degrees and hips > LARGE_DEGREES and 0.0 < moved[_PELVIS] / hips < STILLEST:
        small.append(_PELVIS)
    wild = _PELVIS in parts and not in_degrees and moved[_PELVIS] > max(np.pi, WILDEST * hips)
    if wild and not large:
        most = max(parts[_PELVIS], key=lambda k: float(np.ptp(values[:, k])))
        if abs(values[-1, most] - values[0, most]) < ONE_WAY * moved[_PELVIS]:  # else the body turns over
            large, small = [_PELVIS], [*bent]
    if not small or not large:
        return ""
    high, low = (f"the largest {part} is {size[part]:.3g}" for part in (large[0], small[0]))
    return (
        f"{table.path.name}: {high}, but {low}: the first is in degrees and the second in radians. Write all angles in "
        f"one unit, which the header says (inDegrees), or say degrees = {str(in_degrees).lower()} in a TOML file if "
        "all is right."
    )


def lengths_in_metres(
    table: Table, names: Sequence[str], values: np.ndarray, options: TrialFile, warnings: list[str]
) -> np.ndarray:
    """Return values (T, N) as metres where the trial file or the header says millimetres; refuses a pelvis too high."""
    header = table.header.get("units", "")
    unit = options.coordinate_lengths
    if unit == "mm" or (unit is None and says_millimetres(header)):
        reason = "the trial file says so" if unit else f"its header says units={header}"
        warnings.append(f"Lengths of {table.path.name} were converted from mm to m, because {reason}.")
        return values * 1e-3
    if unit is None and "pelvis_ty" in names:
        height = float(np.nanmedian(values[:, list(names).index("pelvis_ty")]))
        if abs(height) > HIGHEST_PELVIS:
            raise InputError(
                f"{table.path.name} has pelvis_ty at {height:.4g}, which is no height in metres. If its lengths are "
                'millimetres, say coordinate_lengths = "mm" (or "m", if right) in a TOML file; if it holds net moments '
                "and forces, give the table of coordinates."
            )
    return values
