"""The opensim package itself, silent; raises MissingEngine where it is not installed."""

from __future__ import annotations

from gluteal.errors import MissingEngine

try:
    import opensim as osim
except ImportError as error:
    raise MissingEngine("OpenSim", "opensim") from error

osim.Logger.setLevelString("off")  # the engine's chatter is not ours to print; exceptions carry its errors
osim.Logger.removeFileSink()  # or it writes opensim.log into the user's folder

__all__ = ["osim"]
