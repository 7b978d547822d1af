"""How exercises look: the posture of the built-in task that does them, at its hardest moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gluteal.engines import compute_picture
from gluteal.ledger.atlas.build import Atlas
from gluteal.ledger.bench import Bench
from gluteal.ledger.exercises import EXERCISES, Drill
from gluteal.mechanics.movement import View
from gluteal.mechanics.picture import Picture


@dataclass(frozen=True)
class Pose:
    """A posture to draw: `picture`, from where it is seen, and activation of every muscle, 1."""

    picture: Picture
    view: View
    activation: Mapping[str, float]


def list_posed(atlas: Atlas) -> list[str]:
    """Return the tasks of the atlas that the body does, each once."""
    return list(dict.fromkeys(e.exercise.task for e in atlas.entries if e.exercise.task in EXERCISES))


def take_pose(bench: Bench, task: str, drill: Drill) -> Pose:
    """Return the posture of a task at its moment of most effort."""
    movement = bench.movement(task)
    names = drill.held["muscle"].to_numpy().astype(str).tolist()
    held = dict(zip(names, drill.held.to_numpy().tolist(), strict=True))
    return Pose(compute_picture(bench.body, movement, drill.hardest), movement.view, held)
