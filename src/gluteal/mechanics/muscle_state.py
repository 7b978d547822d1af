"""Do the muscles of a body fit a movement: fibre lengths, passive forces and what is left to work with.

The movement decides how long every muscle is. Where a muscle is stretched far beyond its optimal length, its passive
force works against the movement; where it is slack, it has nothing to give. Both mean parameters of another body.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from gluteal.anatomy import anatomical_name
from gluteal.mechanics.cause import Cause, say_time
from gluteal.mechanics.movement import Movement
from gluteal.vocabulary import STANDARD_GRAVITY, side_of
from gluteal.words import SIDES, coordinate_words

#: A muscle whose passive force exceeds this times its largest active force is stretched as no muscle is in life.
PASSIVE_LIMIT = 1.0
#: The same, from which nothing is judged: twice what its fibres bear at full activation.
UNBEARABLE = 2.0
#: A muscle has nothing to work with where its path leaves less than this for the fibre (its part along the tendon), or
#: where the fibre is longer than this; optimal fibre lengths, 1.
SHORTEST_FIBER, LONGEST_FIBER = 0.1, 1.8
#: Share of a direction's strength that belongs to muscles with nothing to work with from which nothing is judged.
LOST_DIRECTION = 0.3
#: Share of the frames in which a muscle has nothing to work with for it to count as lost.
MOST_FRAMES = 0.5
#: A coordinate about which all muscles together reach less than this is nobody's direction, N m or N.
SMALL_STRENGTH = 20.0
#: No muscle of a body with legs is stronger than this, body weights. Own choice: soleus of a model has 7 to 10.
STRONGEST = 40.0
#: What to do where lengths of muscles do not fit.
SCALE_LENGTHS = "scale the optimal fibre and tendon slack lengths of the model to this body"


@dataclass(frozen=True)
class MuscleExtreme:
    """The muscle that is furthest in some respect: `value` at `time` (s), with its fibre length then, 1."""

    muscle: str
    value: float
    time: float
    fiber_length: float

    @property
    def words(self) -> str:
        """Its side and anatomical name."""
        return SIDES[side_of(self.muscle)] + anatomical_name(self.muscle)


@dataclass(frozen=True)
class LostStrength:
    """Strength about a coordinate that belongs to muscles with nothing to work with; `share` of that direction, 1."""

    coordinate: str
    share: float
    muscle: MuscleExtreme
    bad: np.ndarray


def find_longest_fiber(dataset: xr.Dataset) -> MuscleExtreme:
    """Return the muscle with the largest normalised fibre length of all that carry anything."""
    return _extreme(dataset, dataset["fiber_length"].values)


def find_highest_passive(dataset: xr.Dataset) -> MuscleExtreme:
    """Return the muscle with the largest passive force / max_isometric_force, 1."""
    return _extreme(dataset, _passive_share(dataset))


def find_lost_strength(muscles: xr.Dataset, dataset: xr.Dataset) -> LostStrength:
    """Return the recruited coordinate and direction that loses most to muscles with nothing to work with.

    `muscles` is the body's table; at least one coordinate has to be recruited.
    """
    strength = dataset["max_isometric_force"].values
    fiber = dataset["fiber_length"].values
    optimal, slack = (muscles[n].values for n in ("optimal_fiber_length", "tendon_slack_length"))
    along = (dataset["mtu_length"].values - slack) / optimal
    nothing = (along < SHORTEST_FIBER) | (fiber > LONGEST_FIBER)  # (T, M)
    empty = np.where(strength > 0.0, nothing.mean(axis=0), 0.0) > MOST_FRAMES
    rows = np.flatnonzero(dataset["recruited"].values)
    pull = dataset["moment_arm"].values[:, rows].mean(axis=0) * strength  # (Q, M), N m
    toward = np.concatenate([np.maximum(pull, 0.0), np.maximum(-pull, 0.0)])  # both directions of every coordinate
    whole = toward.sum(axis=1)
    share = np.where(whole > SMALL_STRENGTH, (toward * empty).sum(axis=1) / np.maximum(whole, SMALL_STRENGTH), 0.0)
    most = int(share.argmax())
    muscle = int((toward[most] * empty).argmax())
    length = fiber[:, muscle]
    frame = int(np.abs(length - 1.0).argmax())
    extreme = MuscleExtreme(
        str(dataset["muscle"].values[muscle]),
        float(share[most]),
        float(dataset["time"].values[frame]),
        float(length[frame]),
    )
    name = str(dataset["coordinate"].values[rows[most % len(rows)]])
    return LostStrength(name, float(share[most]), extreme, nothing[:, muscle])


def find_muscle_faults(muscles: xr.Dataset, movement: Movement, dataset: xr.Dataset, mass: float) -> Iterator[Cause]:
    """Yield muscles whose lengths, or strength, do not fit a measured movement so far that nothing can be judged.

    Somebody did that movement, with muscles that could; of a posture that was made up nobody knows it.
    """
    if movement.kind != "trial":
        return
    if not len(dataset["muscle"]) or not dataset["recruited"].values.any():
        return
    strength = dataset["max_isometric_force"]
    legs = any(str(name).startswith("ankle_angle") for name in dataset["coordinate"].values)
    if legs and mass > 0.0 and float(strength.max()) > STRONGEST * mass * STANDARD_GRAVITY:
        name = str(dataset["muscle"].values[int(strength.argmax("muscle"))])
        yield Cause(
            "muscle",
            f"the {SIDES[side_of(name)]}{anatomical_name(name)} can pull with {float(strength.max()):,.0f} N, "
            f"{float(strength.max()) / (mass * STANDARD_GRAVITY):,.0f} times the weight of the model, which no muscle "
            "does: its unit is another one",
            f"max_isometric_force of {name}",
            "write the strength of the muscles in N and the masses in kg",
        )
        return
    passive = find_highest_passive(dataset)
    if passive.value > UNBEARABLE:
        share = _passive_share(dataset)
        others = int((share.max(axis=0) > UNBEARABLE).sum()) - 1
        force = passive.value * float(dataset["max_isometric_force"].sel(muscle=passive.muscle))
        yield Cause(
            "muscle",
            f"the {passive.words} is stretched to {passive.fiber_length:.2f} of its optimal fibre length and pulls "
            f"{force:,.0f} N passively, {passive.value:.1f} times what it can at full activation"
            + (f"; so do {others} other muscles" if others > 1 else ""),
            f"muscle {passive.muscle}, at {passive.time:.3g} s",
            f"{SCALE_LENGTHS}; look at {passive.muscle} first",
            np.all(share <= UNBEARABLE, axis=1),
        )
    lost = find_lost_strength(muscles, dataset)
    if lost.share > LOST_DIRECTION:
        yield Cause(
            "muscle",
            f"the {lost.muscle.words} has nothing to work with: its fibres are at {lost.muscle.fiber_length:.2f} of "
            f"their optimal length, and {100 * lost.share:.0f} % of the strength about "
            f"{coordinate_words(lost.coordinate)} is lost with muscles like it",
            f"muscle {lost.muscle.muscle}, {say_time(dataset['time'].values, lost.bad)}",
            f"{SCALE_LENGTHS}; look at {lost.muscle.muscle} first",
        )


def _passive_share(dataset: xr.Dataset) -> np.ndarray:
    """Return passive force / max_isometric_force, (T, M) 1; 0 for muscles that are switched off."""
    strength = dataset["max_isometric_force"].values
    return np.asarray(dataset["passive_force"].values / np.where(strength > 0.0, strength, np.inf))


def _extreme(dataset: xr.Dataset, values: np.ndarray) -> MuscleExtreme:
    """Return the largest of (T, M), among muscles that are not switched off."""
    kept = np.where(dataset["max_isometric_force"].values > 0.0, values, -np.inf)
    frame, muscle = np.unravel_index(int(kept.argmax()), kept.shape)
    return MuscleExtreme(
        str(dataset["muscle"].values[muscle]),
        float(values[frame, muscle]),
        float(dataset["time"].values[frame]),
        float(dataset["fiber_length"].values[frame, muscle]),
    )
