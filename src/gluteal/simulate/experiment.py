"""A body, a movement, a condition: the virtual experiment."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from gluteal.engines import compute_mechanics
from gluteal.errors import NotJudged, Unsolved
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.movement import Movement
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.sharing.criterion import Criterion
from gluteal.simulate.criteria import EMG, find_criterion
from gluteal.simulate.dynamometer import settle_strength_loss
from gluteal.simulate.emg_tracking import track_emg
from gluteal.simulate.endurance import solve_settled
from gluteal.simulate.passive_tissue import add_passive_tissue

_log = logging.getLogger(__name__)


def simulate(
    body: Body,
    movement: Movement,
    *,
    condition: Condition | None = None,
    exponent: float | None = None,
    criterion: Criterion | str | Path | None = None,
    passive: Sequence[str] = (),
    mechanics: Mechanics | None = None,
) -> Outcome:
    """Solve a movement undisturbed and under a condition, and compare.

    Parameters
    ----------
    condition : Condition or None
        None compares the movement with itself.
    exponent : float or None
        Exponent p >= 2 of the effort, sum(activation^p); None is the criterion's own, 2 for sums.
    criterion : Criterion, str, Path or None
        What load sharing makes least: ``"effort"`` (also None), ``"size"``, ``"joint-sparing"``, ``"emg"`` (a trial
        with EMG) or a TOML file (`gluteal.simulate.criteria`).
    passive : sequence of str
        Passive tissue that the body has beside its muscles (`gluteal.simulate.passive_tissue`).
    mechanics : Mechanics or None
        From `compute_mechanics(body, movement)`, to save doing it again for the next condition.

    Raises
    ------
    UnknownName, InputError
        Where the condition names what the body has not, or cannot be met.
    NotJudged
        Where a frame is not solved, and what was found in the movement says why.
    Unsolved
        Where a frame is not solved; the error carries what was found.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> stance = gluteal.load_task("single-leg-stance", body)
    >>> block = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
    >>> gluteal.simulate(body, stance, condition=block).verdict
    'compensated'
    """
    condition = settle_strength_loss(condition or Condition(), body)
    condition.affected(body)  # names are checked before any work is done
    mechanics = mechanics or compute_mechanics(body, movement)
    if passive:
        mechanics = add_passive_tissue(mechanics, *passive)
    chosen = choose_criterion(criterion, mechanics, exponent)
    try:
        baseline, changed = solve_settled(mechanics, [condition], criterion=chosen)[0]
    except Unsolved as error:
        if mechanics.findings:  # they say why, better than the solver can
            raise NotJudged(mechanics.findings[0].sentence, mechanics.findings[0]) from error
        raise
    _log.info("load of %d frames shared in %.3f s", len(mechanics.time), baseline.seconds + changed.seconds)
    return Outcome(baseline, changed)


def choose_criterion(
    criterion: Criterion | str | Path | None, mechanics: Mechanics, exponent: float | None = None
) -> Criterion:
    """Return a criterion for a movement; errors as `find_criterion` and `track_emg`."""
    if isinstance(criterion, str) and criterion.strip().lower() == EMG:
        return track_emg(mechanics, criterion=find_criterion(None, exponent)).criterion
    return find_criterion(criterion, exponent)


def load_movement(name: str | Path, body: Body | None = None, **parameters: float) -> tuple[Body, Movement]:
    """Load a task by name or file, or a trial by folder or file, with the body that does it.

    Parameters
    ----------
    body : Body or None
        Who does a task (default: the embedded body). A trial brings its own.
    """
    from gluteal.movements.tasks import is_task, load_task
    from gluteal.movements.trials import load_trial

    if is_task(name):
        from gluteal.engines import load_body

        body = body or load_body("myo")
        return body, load_task(name, body, **parameters)
    trial = load_trial(name, body=body)
    return trial.body, trial.movement
