"""The bench: bodies, tasks and their mechanics made once and shared by all experiments of a run."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr

from gluteal.engines import compute_mechanics, load_body
from gluteal.errors import NotJudged
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.movement import Movement
from gluteal.movements.tasks import load_task
from gluteal.nerves.condition import Condition
from gluteal.outcome.gate import collect_causes
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.outcome.record import Outcome
from gluteal.sharing.solution import Solution, solve_sharing
from gluteal.simulate.experiment import simulate

Setting = float | str


@dataclass(frozen=True)
class Bench:
    """What experiments work with: a body and everything computed of it so far.

    `walker` is the built-in recorded walk that stands for "walk"; `kept` holds what was computed. Random numbers of an
    experiment are those of `rng`, by its key, so that its result does not depend on which others were run before.
    """

    body: Body = field(default_factory=lambda: load_body("myo"))
    seed: int = 0
    walker: str = "walk"
    kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def walked(self) -> bool:
        """Whether anything was computed of the walk so far."""
        return any(key[1] == "walk" for key in self.kept)

    def rng(self, key: str) -> np.random.Generator:
        """Return the random numbers of one experiment."""
        return np.random.default_rng([self.seed, zlib.crc32(key.encode())])

    def movement(self, task: str, **settings: Setting) -> Movement:
        """Return a built-in task with its settings."""
        return self._keep(
            ("movement", task, _key(settings)), lambda: load_task(self._done_as(task), self.body, **settings)
        )

    def mechanics(self, task: str, **settings: Setting) -> Mechanics:
        """Return the mechanics of a built-in task."""
        return self._keep(
            ("mechanics", task, _key(settings)),
            lambda: compute_mechanics(self.body, self.movement(task, **settings)),
        )

    def recruitment(self, task: str, **settings: Setting) -> Solution:
        """Return the undisturbed load sharing of a built-in task."""
        return self._keep(
            ("recruitment", task, _key(settings)), lambda: solve_sharing(self.mechanics(task, **settings))
        )

    def loads(self, task: str, **settings: Setting) -> xr.Dataset:
        """Return the joint loads of the undisturbed task."""
        return self._keep(
            ("loads", task, _key(settings)), lambda: compute_joint_loads(self.recruitment(task, **settings))
        )

    def outcome(self, task: str, condition: Condition, **settings: Setting) -> Outcome:
        """Do a built-in task undisturbed and under a condition."""
        return self._keep(
            ("outcome", task, condition, _key(settings)),
            lambda: simulate(
                self.body,
                self.movement(task, **settings),
                condition=condition,
                mechanics=self.mechanics(task, **settings),
            ),
        )

    def _done_as(self, task: str) -> str:
        """Return the task that stands for another: the walk is that of the bench's walker."""
        return self.walker if task == "walk" else task

    def _keep(self, key: Any, make: Any) -> Any:
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]


def need_ground(baseline: Solution) -> Solution:
    """Pass an undisturbed load sharing on; raises NotJudged where something speaks against judging it.

    A search over postures may well meet some that nobody could hold; what is concluded from may not be one of them.
    """
    for cause in collect_causes(baseline):
        raise NotJudged(f"{baseline.mechanics.movement.title}: {cause.sentence}", cause)
    return baseline


def is_impossible(outcome: Outcome) -> bool:
    """Whether the verdict is that the movement is impossible; raises NotJudged where there is no verdict."""
    need_ground(outcome.baseline)
    return outcome.verdict == "impossible"


def _key(settings: dict[str, Setting]) -> tuple[tuple[str, Setting], ...]:
    return tuple(sorted(settings.items()))
