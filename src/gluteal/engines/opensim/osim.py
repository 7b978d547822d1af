"""The opensim package itself, silent; MissingEngine where it is not installed, InputError where it cannot load."""

from __future__ import annotations

import sys
from typing import Any

from gluteal.errors import InputError, MissingEngine
from gluteal.files import in_a_line

#: Address space that loading OpenSim takes, bytes: with 680 MB it did not end, with 900 MB it did; own measurement.
LEAST_MEMORY = 900 * 2**20

if sys.platform != "win32":
    import resource

    _may_have = resource.getrlimit(resource.RLIMIT_AS)[0]
    if _may_have != resource.RLIM_INFINITY and _may_have < LEAST_MEMORY:
        raise InputError(
            f"OpenSim needs {LEAST_MEMORY >> 20} MB of memory to be loaded, and this process may have "
            f"{_may_have >> 20} MB; allow it more (ulimit -v)."
        )
try:
    import opensim as osim
except ModuleNotFoundError as error:
    raise MissingEngine("OpenSim", "opensim") from error
except ImportError as error:
    raise InputError(
        f"OpenSim is installed, but cannot be loaded ({in_a_line(error)}); install what it lacks, or itself again."
    ) from error

osim.Logger.setLevelString("off")  # the engine's chatter is not ours to print; exceptions carry its errors
osim.Logger.removeFileSink()  # or it writes opensim.log into the user's folder

__all__ = ["list_parts", "osim"]


def list_parts(model: Any) -> list[Any]:
    """Return every component of a model, however deep; OpenSim's own iterator must not be left before its end."""
    return list(model.getComponentsList())
