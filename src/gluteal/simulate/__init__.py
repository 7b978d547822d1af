"""Simulate: the verbs a user calls on a body and a movement: experiment, dynamometer, people, spread, study.

In: calls that tie movements, conditions and load sharing together. Out: engines by name, figures, claims.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gluteal.outcome.record import Outcome


class _Room(ModuleType):
    """A room that is also its first verb.

    Python sets `gluteal.simulate` to this room as soon as anything in it is imported, so `gluteal.simulate(...)` would
    work or not depending on what was imported before.
    """

    def __call__(self, *arguments: Any, **options: Any) -> Outcome:
        from gluteal.simulate.experiment import simulate

        return simulate(*arguments, **options)


sys.modules[__name__].__class__ = _Room
