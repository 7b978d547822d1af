"""Whether what is to adapt is a ground to judge from, undisturbed."""

from __future__ import annotations

from gluteal.errors import NotJudged
from gluteal.mechanics.build import Mechanics
from gluteal.outcome.record import Outcome
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.solution import Solution, solve_sharing


def judge_ground(mechanics: Mechanics, criterion: Criterion) -> Solution:
    """Share the load of the undisturbed movement; raises NotJudged where it is no ground to judge from."""
    baseline = solve_sharing(mechanics, criterion=criterion)
    if (cause := Outcome(baseline, baseline).cause) is not None:
        raise NotJudged(cause.sentence, cause)
    return baseline
