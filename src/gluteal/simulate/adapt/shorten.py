"""Short muscles: the same body with shorter fibres, which pull sooner when they are stretched."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from gluteal.anatomy import group_words
from gluteal.engines import compute_mechanics
from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import alter_mechanics
from gluteal.simulate.dynamometer import hold_posture

#: Fibres are shortened to, and lengthened to, no more than this share of their length; own choice: far beyond what any
#: contracture leaves, and what forces are still numbers for.
SHORTEST, LONGEST = 0.1, 2.0


def shorten_muscles(body: Body, shares: Mapping[str, float]) -> xr.Dataset:
    """Return the body's table of muscles with shorter (or longer) fibres on both sides.

    Parameters
    ----------
    shares : mapping of muscle, group or anatomical name -> share of the optimal fibre length, `SHORTEST` to `LONGEST`

    Raises
    ------
    UnknownName
        For a name the body lacks.
    InputError
        For a share out of range.
    """
    length = body.muscles["optimal_fiber_length"].copy(deep=True)
    for name, share in shares.items():
        if not SHORTEST <= share <= LONGEST:
            raise InputError(
                f"The fibres of {name!r} are to be {share:g} of their length; give a share from {SHORTEST:g} to "
                f"{LONGEST:g}, such as 0.9 for fibres a tenth shorter."
            )
        for muscle in body.resolve(name, side="both"):
            length.loc[{"muscle": muscle}] *= share
    return body.muscles.assign(optimal_fiber_length=length)


def say_shorter(shares: Mapping[str, float]) -> str:
    """Say what is shorter.

    >>> say_shorter({"iliopsoas": 0.9})
    'iliopsoas fibres at 90 % of their length'
    """
    words = [f"{group_words(name)} fibres at {100 * share:.3g} % of their length" for name, share in shares.items()]
    return " and ".join(words)


def passive_hip_moment(body: Body, hip_flexion: float, *, muscles: xr.Dataset | None = None) -> float:
    """Return what muscles' passive forces turn the right hip with, N m, flexion positive, standing otherwise straight.

    Parameters
    ----------
    hip_flexion : float
        deg; negative is extension.
    muscles : xr.Dataset or None
        Another table of muscles, as `shorten_muscles` makes it.
    """
    mechanics = compute_mechanics(body, hold_posture(body, {"hip_flexion": hip_flexion}))
    if muscles is not None:
        mechanics = alter_mechanics(mechanics, muscles=muscles)
    arm = mechanics.dataset["moment_arm"].sel(coordinate="hip_flexion_r")
    return float((arm * mechanics.dataset["passive_force"]).sum())
