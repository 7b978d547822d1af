"""The experiments, a module a topic: each lists `EXPERIMENTS`, and the `PREDICTIONS` of claims about them.

In: readings from simulations and recordings, and bounds stated beforehand. Out: verdicts, engines by name, solvers.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from gluteal.ledger.prediction import Experiment, Prediction

MODULES = (
    "walking.nerve_block",
    "walking.adaptation",
    "walking.weakness",
    "walking.everyday",
    "walking.ground",
    "walking.effort",
    "walking.posture",
    "walking.hip",
    "dynamometer",
    "postures.adaptation",
    "postures.stance",
    "postures.bending",
    "postures.bridging",
    "postures.prone",
    "postures.delay",
    "postures.endurance",
    "postures.squatting",
    "postures.pain",
    "postures.strategy",
    "recorded.observers",
    "recorded.recordings",
)


@cache
def all_experiments() -> dict[str, Experiment]:
    """Return every experiment by its key."""
    return {e.key: e for m in MODULES for e in import_module(f"{__name__}.{m}").EXPERIMENTS}


@cache
def all_predictions() -> dict[str, tuple[Prediction, ...]]:
    """Return the predictions of every claim that an experiment is made for."""
    made = [p for m in MODULES for p in import_module(f"{__name__}.{m}").PREDICTIONS]
    return {claim: tuple(p for p in made if p.claim == claim) for claim in dict.fromkeys(p.claim for p in made)}


@cache
def missing_replays() -> dict[str, str]:
    """Return what is missing to repeat the published experiments that cannot be: study's key -> a sentence."""
    return {key: words for m in MODULES for key, words in import_module(f"{__name__}.{m}").MISSING.items()}
