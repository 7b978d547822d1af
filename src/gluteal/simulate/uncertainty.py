"""How much an outcome depends on the criterion of load sharing and on who does the movement.

One call runs a family of criteria (exponents, volume weighting) with random people and returns every number
with its spread; who compensates is only worth telling where it survives that.
"""

from __future__ import annotations

import time as clock
from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from gluteal.errors import InputError
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.outcome import Outcome
from gluteal.simulate.dynamometer import settle_strength_loss
from gluteal.simulate.people import Scatter, draw_from, same_people
from gluteal.simulate.people_solver import batch_size, list_criteria, solve_people
from gluteal.simulate.spread import Spread

#: Exponents of the effort in the default family of criteria, each with and without weighting by volume.
EXPONENTS = (2.0, 3.0, 4.0, 5.0)
#: Seed of the random people where a command draws them: the same command gives the same people.
SEED = 1


def compute_spread(
    mechanics: Mechanics,
    condition: Condition,
    *,
    people: int = 100,
    exponents: Sequence[float] = EXPONENTS,
    volume_weighting: Sequence[bool] = (False, True),
    scatter: Scatter | None = None,
    rng: np.random.Generator,
) -> Spread:
    """Run a family of criteria with random people; report every number with its spread.

    Every criterion meets the same people, and the body itself.

    Parameters
    ----------
    people : int
        Random people; 0 gives the spread over criteria alone.
    exponents, volume_weighting : sequences
        All combinations are run.
    scatter : Scatter or None
        How much people differ; None is the sourced default (`gluteal.simulate.people.SCATTER`).

    Raises
    ------
    InputError, UnknownName
        Where a number is out of range, or the condition names what the body has not.

    Examples
    --------
    >>> import gluteal, numpy as np
    >>> body = gluteal.load_body("myo")
    >>> stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
    >>> block = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
    >>> spread = compute_spread(stance, block, people=4, exponents=(2,), rng=np.random.default_rng(1))
    >>> dict(spread.dataset.sizes)["person"], spread.nominal_verdict
    (4, 'compensated')
    """
    if people < 0:
        raise InputError(f"{people} people cannot be drawn; ask for zero or more.")
    scatter = scatter or Scatter()
    criteria = list_criteria(exponents, volume_weighting)
    condition = settle_strength_loss(condition, mechanics.body)
    condition.affected(mechanics.body)
    start = clock.perf_counter()
    streams = rng.spawn(people)
    step = batch_size(mechanics)
    runs: list[list[xr.Dataset]] = [[] for _ in criteria]
    for first in range(0, people, step):
        batch = draw_from(mechanics.body, streams[first : first + step], scatter=scatter)
        for run, criterion in zip(runs, criteria, strict=True):
            run += solve_people(mechanics, batch, conditions=[condition], criterion=criterion)
    same = same_people(mechanics.body)
    alone = [solve_people(mechanics, same, conditions=[condition], criterion=c)[0] for c in criteria]
    names = pd.Index([c.name for c in criteria], name="criterion")
    nominal = xr.concat(alone, names, join="exact").isel(person=0)
    empty = alone[0].isel(person=slice(0))
    drawn = [xr.concat(run or [empty], "person", join="exact") for run in runs]
    return Spread(
        mechanics=mechanics,
        condition=condition,
        scatter=scatter,
        dataset=xr.concat(drawn, names, join="exact"),
        nominal=nominal,
        seconds=clock.perf_counter() - start,
    )


def repeat_outcome(outcome: Outcome, *, people: int, seed: int = SEED) -> Spread:
    """Repeat an outcome's experiment over the default family of criteria, its own first, and random people.

    Parameters
    ----------
    people : int
        Random people; 0 gives the spread over criteria alone.
    seed : int
        The same seed draws the same people.
    """
    own = outcome.changed.exponent
    exponents = (own, *(p for p in EXPONENTS if p != own))
    rng = np.random.default_rng(seed)
    return compute_spread(outcome.mechanics, outcome.condition, people=people, exponents=exponents, rng=rng)
