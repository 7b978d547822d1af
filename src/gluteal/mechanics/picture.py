"""What there is to draw of a body, in one frame or over a movement: world frame (X forward, Y up, Z right), metres."""

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
        The muscle's path from origin to insertion, over wrapping surfaces; of a broad one, its first line.
    supports : mapping of support -> (3,)
        Where the body touches the world.
    further : mapping of muscle -> tuple of (P, 3)
        The other lines of broad muscles.
    """

    bones: tuple[tuple[np.ndarray, np.ndarray], ...]
    sticks: np.ndarray
    muscles: Mapping[str, np.ndarray]
    supports: Mapping[str, np.ndarray] = field(default_factory=dict)
    further: Mapping[str, tuple[np.ndarray, ...]] = field(default_factory=dict)

    def lines(self, muscle: str) -> tuple[np.ndarray, ...]:
        """Return every line of a muscle, each (P, 3); none where its path is a fitted function without points."""
        return tuple(line for line in (self.muscles[muscle], *self.further.get(muscle, ())) if len(line))


@dataclass(frozen=True)
class BoneSurface:
    """A rigid surface in its own frame: `vertices` (V, 3) m, `faces` (F, 3) int."""

    name: str
    vertices: np.ndarray
    faces: np.ndarray


@dataclass(frozen=True)
class MovingPicture:
    """Geometry over a movement of T frames.

    Attributes
    ----------
    bones : tuple of BoneSurface
        B rigid surfaces; empty where the engine has none.
    position : (T, B, 3)
    rotation : (T, B, 3, 3)
        Columns are the axes of a bone's frame in the world.
    sticks : (T, N, 2, 3)
        Segments between joint centres, for bodies without bone surfaces.
    paths : tuple of T tuples of L (P, 3)
        The lines of all muscles, in the body's order; the number of points changes as they wrap.
    muscle : (L,) int
        Which muscle of the body each line belongs to.
    supports : mapping of support -> (T, 3)
    """

    bones: tuple[BoneSurface, ...]
    position: np.ndarray
    rotation: np.ndarray
    sticks: np.ndarray
    paths: tuple[tuple[np.ndarray, ...], ...]
    muscle: np.ndarray
    supports: Mapping[str, np.ndarray] = field(default_factory=dict)
