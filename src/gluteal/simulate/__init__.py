"""Simulate: the verbs a user calls on a body and a movement: experiment, dynamometer, people, spread, study.

In: calls that tie movements, conditions and load sharing together. Out: engines by name, figures, claims.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """The room, which is also its first verb: importing it must not take `gluteal.simulate(...)` away."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from gluteal.simulate.experiment import simulate

        return simulate(*args, **kwargs)


sys.modules[__name__].__class__ = _Room
