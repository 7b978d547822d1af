"""Activation dynamics: how fast a muscle can come and go.

In: activation at one time, seconds. Out: the least and the most that it can be then.

First order in excitation e, 0 <= e <= 1: da/dt = (e - a) / tau, with tau = `RISE` while activation grows and `FALL`
while it fades. What no excitation can leave is then two linear bounds, exact for any step:

    a e^(-dt / FALL)  <=  a(t + dt)  <=  1 - (1 - a) e^(-dt / RISE)

(De Groote et al. 2016, Ann Biomed Eng 44:2922-2936, impose the same two as da/dt + a / tau_d >= 0 and da/dt + a / tau_a
<= 1 / tau_a). A tendon is rigid here, so the time from electrical signal to force is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

#: Time constant with which activation grows at full excitation, s (degroote2016).
RISE = 0.015
#: Time constant with which activation fades without excitation, s (degroote2016).
FALL = 0.060


def fade(activation: np.ndarray, seconds: np.ndarray | float, *, fall: float = FALL) -> np.ndarray:
    """Return what is left of an activation after so long without excitation, 1.

    >>> import numpy as np
    >>> fade(np.array(0.5), 0.06).round(3)
    np.float64(0.184)
    """
    import numpy as np

    return np.asarray(activation * np.exp(-np.asarray(seconds) / fall))


def build_up(activation: np.ndarray, seconds: np.ndarray | float, *, rise: float = RISE) -> np.ndarray:
    """Return the most that an activation can become after so long, at full excitation, 1.

    >>> import numpy as np
    >>> build_up(np.array(0.0), 0.015).round(3)
    np.float64(0.632)
    """
    import numpy as np

    return np.asarray(1.0 - (1.0 - activation) * np.exp(-np.asarray(seconds) / rise))


def start_before(activation: np.ndarray, seconds: np.ndarray | float, *, rise: float = RISE) -> np.ndarray:
    """Return the least that a muscle must have been so long before, to come to an activation at all, 1.

    >>> import numpy as np
    >>> start_before(np.array(0.9), 0.015).round(3)
    np.float64(0.728)
    """
    import numpy as np

    return np.asarray(np.maximum(0.0, 1.0 - (1.0 - activation) * np.exp(np.asarray(seconds) / rise)))


def leave_before(activation: np.ndarray, seconds: np.ndarray | float, *, fall: float = FALL) -> np.ndarray:
    """Return the most that a muscle may have been so long before, to have faded to an activation, 1."""
    import numpy as np

    return np.asarray(np.minimum(1.0, activation * np.exp(np.asarray(seconds) / fall)))
