"""Friction cones as pyramids of unit rays."""

from __future__ import annotations

import numpy as np


def friction_rays(normal: np.ndarray, friction: float) -> np.ndarray:
    """Return the four edges of the friction pyramid about `normal`, (4, 3), unit vectors.

    The pyramid is inscribed in the cone: edges lie on it, so no force it allows would slip
    (Stewart and Trinkle 1996, doi 10.1002/(SICI)1097-0207(19960815)39:15<2673::AID-NME972>3.0.CO;2-I).

    >>> friction_rays(np.array([0.0, 1.0, 0.0]), 0.0).round(3)[0].tolist()
    [0.0, 1.0, 0.0]
    """
    n = np.asarray(normal, float)
    n = n / np.linalg.norm(n)
    helper = np.eye(3)[np.argmin(np.abs(n))]
    first = np.cross(n, helper)
    first /= np.linalg.norm(first)
    second = np.cross(n, first)
    edges = n + friction * np.array([first, -first, second, -second])
    return edges / np.linalg.norm(edges, axis=1, keepdims=True)
