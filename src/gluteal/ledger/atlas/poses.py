"""How exercises look: the posture of the built-in task that does them, at its hardest moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gluteal.engines import compute_picture
from gluteal.ledger.atlas.build import Atlas
from gluteal.ledger.bench import Bench
from gluteal.mechanics.movement import View
from gluteal.mechanics.picture import Picture


@dataclass(frozen=True)
class Pose:
    """A posture to draw: `picture`, from where it is seen, and activation of every muscle, 1."""

    picture: Picture
    view: View
    activation: Mapping[str, float]


def take_poses(bench: Bench, atlas: Atlas) -> dict[str, Pose]:
    """Return the posture of every task of the atlas at its moment of most effort, by the task's name."""
    tasks = dict.fromkeys(e.exercise.task for e in atlas.entries if e.exercise.task)
    return {task: _pose(bench, task) for task in tasks}


def _pose(bench: Bench, task: str) -> Pose:
    done, movement = bench.recruitment(task), bench.movement(task)
    frame = int(np.argmax(done.dataset["effort"].to_numpy()))
    muscles = [str(name) for name in done.activation["muscle"].values]
    activation = done.activation.isel(time=frame).to_numpy()
    return Pose(
        compute_picture(bench.body, movement, frame),
        movement.view,
        dict(zip(muscles, activation.tolist(), strict=True)),
    )
