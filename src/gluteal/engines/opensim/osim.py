"""The opensim package itself, silent; raises MissingEngine where it is not installed."""

from __future__ import annotations

from typing import Any

from gluteal.errors import MissingEngine

try:
    import opensim as osim
except ImportError as error:
    raise MissingEngine("OpenSim", "opensim") from error

osim.Logger.setLevelString("off")  # the engine's chatter is not ours to print; exceptions carry its errors
osim.Logger.removeFileSink()  # or it writes opensim.log into the user's folder

__all__ = ["list_parts", "osim"]


def list_parts(model: Any) -> list[Any]:
    """Return every component of a model, however deep; OpenSim's own iterator must not be left before its end."""
    return list(model.getComponentsList())
