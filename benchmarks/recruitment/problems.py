"""The problems that every solver gets: frames of a measured walk, and postures with unknown supports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

import gluteal
from gluteal.kernels.recruitment import RESERVE_COST, SUPPORT_COST
from gluteal.mechanics.build import Mechanics
from gluteal.sharing.problem import ROOT_ROW_SCALE
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY


@dataclass(frozen=True)
class Frames:
    """T problems as `gluteal.kernels.recruitment.solve_frames` takes them.

    minimise sum(a^2) + support_cost sum((s / support_scale)^2) + reserve_cost |r|^2
    subject to A a + S s + r = b, 0 <= a <= 1, s >= 0
    """

    name: str
    A: np.ndarray
    S: np.ndarray
    b: np.ndarray
    support_scale: float
    reserve_cost: float = RESERVE_COST
    support_cost: float = SUPPORT_COST

    def __len__(self) -> int:
        return len(self.b)

    def take(self, chosen: np.ndarray) -> Frames:
        """Return some of the frames."""
        return Frames(self.name, self.A[chosen], self.S[chosen], self.b[chosen], self.support_scale)

    def weakened(self, hit: np.ndarray, loss: float) -> Frames:
        """Return the frames with a share of the capacity of muscles `hit` (M,) gone."""
        A = self.A * np.where(hit, 1.0 - loss, 1.0)
        return Frames(self.name, A, self.S, self.b, self.support_scale)


def make_frames(name: str, mechanics: Mechanics) -> Frames:
    """Return the frames of a movement, as `gluteal.solve_sharing` first poses them: what is missing at the least."""
    data = mechanics.dataset
    rows = data["recruited"].values
    names = data["coordinate"].values[rows]
    scale = np.where(np.isin(names, ROOT_COORDINATES), ROOT_ROW_SCALE, 1.0)
    arm = data["moment_arm"].values[:, rows]
    passive = np.einsum("tqm,tm->tq", arm, data["passive_force"].values)
    return Frames(
        name,
        scale[:, None] * arm * data["active_capacity"].values[:, None],
        scale[:, None] * data["support_arm"].values[:, rows],
        scale * (data["joint_moment"].values[:, rows] - passive),
        mechanics.body.mass * STANDARD_GRAVITY,
    )


def vary(frames: Frames, count: int, rng: np.random.Generator) -> Frames:
    """Return `count` frames like these: between neighbours in time, strengths ± 10 %, moments ± 5 %."""
    at, share = rng.integers(0, max(len(frames) - 1, 1), count), rng.random(count)
    after = np.minimum(at + 1, len(frames) - 1)

    def between(values: np.ndarray) -> np.ndarray:
        s = share.reshape(-1, *[1] * (values.ndim - 1))
        return (1.0 - s) * values[at] + s * values[after]

    A = between(frames.A) * rng.lognormal(0.0, 0.1, (count, 1, frames.A.shape[2]))
    b = between(frames.b) * rng.lognormal(0.0, 0.05, (count, frames.b.shape[1]))
    return Frames(frames.name, A, between(frames.S), b, frames.support_scale)


def load_walk(data: Path) -> Mechanics:
    """Return the mechanics of the measured walk (80 muscles)."""
    body, movement = gluteal.load_movement(data / "walk_rajagopal2016")
    return gluteal.compute_mechanics(body, movement)
