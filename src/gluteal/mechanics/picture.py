"""What there is to draw of a body in one frame, in the world frame (X forward, Y up, Z right), metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Picture:
    """Geometry of one frame.

    Attributes
    ----------
    bones : tuple of (vertices (V, 3), faces (F, 3) int)
        Empty where the engine has no surfaces.
    sticks : (N, 2, 3)
        Segments between joint centres, for bodies without bone surfaces.
    muscles : mapping of muscle -> (P, 3)
        The muscle's path from origin to insertion, over wrapping surfaces.
    supports : mapping of support -> (3,)
        Where the body touches the world.
    """

    bones: tuple[tuple[np.ndarray, np.ndarray], ...]
    sticks: np.ndarray
    muscles: Mapping[str, np.ndarray]
    supports: Mapping[str, np.ndarray] = field(default_factory=dict)
