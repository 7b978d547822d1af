"""How strongly a person keeps to the usual posture: one fitted number, and the band in which it is shown."""

from __future__ import annotations

import numpy as np

from gluteal.errors import InputError
from gluteal.simulate.adapt.quantities import POSTURE_QUANTITIES
from gluteal.simulate.adapt.record import Habit

#: Weight of a squared deviation from the usual posture; a muscle at full activation counts 1. Fitted, not measured: the
#: smallest weight, to a tenth, with which single-leg stance of the embedded body with 52 % less hip abduction strength
#: leans less than 3 degrees and lists less than 2, as Kendall et al. 2013 saw no change in people (abstract).
HABIT_WEIGHT = 1.6
#: The band of the weight is from the weight over this to the weight times this: own choice, half a decade.
HABIT_BAND = 3.0
#: What Kendall et al. 2013 is read as: less strength by this share, and lean and list below these, deg. The limits are
#: an own reading of "no change" at what two-dimensional video can see.
KENDALL_LOSS, KENDALL_LEAN, KENDALL_LIST = 0.52, 3.0, 2.0
#: Where the default weight comes from.
FITTED = (
    "fitted, not measured: the smallest weight with which 52 % less hip abduction strength moves single-leg stance by "
    "less than 3 degrees of lean and 2 of list (Kendall 2013, n 9, abstract)"
)


def make_habit(weight: float | None = None) -> Habit:
    """Return the habit of a weight, None: the fitted one; raises InputError where it is not above 0."""
    if weight is not None and not (np.isfinite(weight) and weight > 0.0):
        raise InputError(
            f"The habit's weight is {weight:g}; give a number above 0, such as {HABIT_WEIGHT:g} (large: the posture "
            "hardly moves; small: it moves as soon as that saves effort)."
        )
    chosen = HABIT_WEIGHT if weight is None else weight
    return Habit(
        weight=chosen,
        band=(chosen / HABIT_BAND, chosen * HABIT_BAND),
        sigmas={name: q.sigma for name, q in POSTURE_QUANTITIES.items()},
        source=FITTED if weight is None else "given",
        fitted=weight is None,
    )
