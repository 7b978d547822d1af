"""Many people doing one movement, undisturbed and under conditions, by any criterion of load sharing.

Mechanics is computed once per movement; people change arrays only, and all of them go through the same problem,
solution and comparison as one body does, in batches along the dimension ``person``. Nobody's numbers depend on who else
is in the batch, not in the last bit: sums run along one axis, where NumPy's order does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from gluteal.mechanics.build import CROSSES, Mechanics, alter_mechanics
from gluteal.mechanics.geometry import Lines
from gluteal.nerves.condition import Condition
from gluteal.outcome.compare import compare_solutions
from gluteal.sharing.criterion import Criterion
from gluteal.simulate.endurance import solve_settled
from gluteal.simulate.people import People

#: Largest array of one batch, bytes.
BATCH_BYTES = 64e6


def run_people(
    mechanics: Mechanics,
    people: People,
    *,
    conditions: Sequence[Condition] = (),
    criterion: Criterion | None = None,
) -> list[xr.Dataset]:
    """Do a movement with many people, undisturbed and under each condition.

    Parameters
    ----------
    people : People
        See `gluteal.simulate.people`.
    conditions : sequence of Condition
        A ``strength-loss`` must have been settled.
    criterion : Criterion or None
        None is sum(a^2), as `gluteal.simulate`.

    Returns
    -------
    list of xr.Dataset
        One per condition, `gluteal.outcome.compare.compare_solutions` along ``person``.

    Raises
    ------
    InputError
        Where a condition cannot be met.
    Unsolved
        Where a frame of a person is not solved.
    """
    parts: list[list[xr.Dataset]] = [[] for _ in conditions]
    for batch in _batches(people, mechanics):
        theirs = vary_mechanics(mechanics, batch)
        pairs = solve_settled(theirs, conditions, criterion=criterion)
        for part, (baseline, changed) in zip(parts, pairs, strict=True):
            part.append(compare_solutions(baseline, changed))
    return [xr.concat(part, "person", data_vars="minimal", coords="minimal", join="exact") for part in parts]


def vary_mechanics(mechanics: Mechanics, people: People) -> Mechanics:
    """Return the mechanics of many people along ``person``.

    Joint moments go with a person's mass; capacity and passive force with strength and, through the muscle
    curves, with path length; moment arms are shifted where a muscle crosses a coordinate in any frame. The price of
    support forces stays measured in the body's own weight for everybody.
    """
    data, mass = mechanics.dataset, people.mass[:, None, None, None]
    arm = data["moment_arm"].values
    crosses = np.abs(arm).max(axis=0) > CROSSES
    theirs = alter_mechanics(
        mechanics,
        strength=people.strength,
        joint_moment=people.mass[:, None, None] * data["joint_moment"].values[None],
        moment_arm=arm[None] + np.where(crosses, people.moment_arm, 0.0)[:, None],
        mtu_length=data["mtu_length"].values[None] + people.path_length[:, None],
    )

    def find_lines(*_: object) -> Lines:
        """Return the body's own lines; what moves the segments beyond a joint goes with mass, as joint moments do."""
        return replace(mechanics.lines, needed_force=mass * mechanics.lines.needed_force)

    return replace(theirs, find_lines=find_lines)


def batch_size(mechanics: Mechanics) -> int:
    """Return how many people are best solved at once."""
    size = mechanics.dataset.sizes
    return max(1, int(BATCH_BYTES / (8 * size["time"] * size["coordinate"] * size["muscle"])))


def _batches(people: People, mechanics: Mechanics) -> Iterator[People]:
    step = batch_size(mechanics)
    for first in range(0, len(people), step):
        yield people[first : first + step]
