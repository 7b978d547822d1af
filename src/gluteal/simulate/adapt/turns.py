"""Where a segment is turned to, in the angles that pelvis and trunk are told in, and Newton steps to get it there."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

# Axes of the rotations that angles of pelvis and trunk are told in: tilt, list, rotation (OpenSim's order).
_ORDER = "ZXY"


def segment_angles(rotation: np.ndarray) -> np.ndarray:
    """Return tilt, list and rotation of a segment's axes in the world, (3,) rad."""
    return Rotation.from_matrix(rotation).as_euler(_ORDER)


def turned_segment(angles: np.ndarray) -> np.ndarray:
    """Return the axes (3, 3) of a segment at tilt, list and rotation (3,) rad, as columns."""
    (st, sl, sr), (ct, cl, cr) = np.sin(angles), np.cos(angles)
    return np.array(
        [
            [ct * cr - st * sl * sr, -st * cl, ct * sr + st * sl * cr],
            [st * cr + ct * sl * sr, ct * cl, st * sr - ct * sl * cr],
            [-cl * sr, sl, cl * cr],
        ]
    )


def turn_axes(angles: np.ndarray) -> np.ndarray:
    """Return the axes in the world (columns) about which tilt, list and rotation turn a segment."""
    (st, sl, _), (ct, cl, _) = np.sin(angles), np.cos(angles)
    return np.array([[0.0, ct, -st * cl], [0.0, st, ct * cl], [1.0, 0.0, sl]])


def solve_rows(rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Solve rows . x = asked; where a straight leg leaves it singular, with the least x."""
    try:
        return np.linalg.solve(rows, asked)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(rows, asked, rcond=None)[0]
