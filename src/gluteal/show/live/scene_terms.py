"""What a page knows of terms: their words, where their sliders end, and the numbers behind them.

Pain and fluid come with their doses, strategies with how much each muscle bears on what is spared, delays with how fast
muscles come and go between two frames, fatigue with the rates of every muscle.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gluteal.errors import GlutealError
from gluteal.kernels.sharing import SoftRows
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import ROUNDING_PULL, Mechanics
from gluteal.nerves import arthrogenic, delay, dynamics, fatigue, hold_back, strategy, tiring, wish
from gluteal.nerves.joint_term import JointTerm
from gluteal.nerves.pain import Pain
from gluteal.nerves.registry import TERMS, find_term
from gluteal.nerves.term import Term
from gluteal.outcome.wishes import WISH_SENTENCE
from gluteal.sharing import sweep
from gluteal.sharing.problem import SharingProblem
from gluteal.simulate import endurance
from gluteal.vocabulary import Sides

_SIDES: tuple[Sides, ...] = ("r", "l", "both")
# What a person reads in the list of changes.
_KIND_WORDS = {
    "weaken": "strength gone",
    "block": "nerve blocked",
    "inhibit": "held at a limit",
    "squeeze": "squeezed on purpose",
    "delay": "late",
    "strength-loss": "strength lost on a dynamometer",
    "fatigue": "tired",
    "pain": "pain in a joint",
    "effusion": "fluid in a joint",
    "hold-back": "drive held back",
    "wish": "wished to work",
    "strategy": "shared another way",
}
# Where a slider ends, its step and where it begins; a term's own range may be wider.
_SLIDERS = {
    "delay": (0.3, 0.005, 0.05),
    "fatigue": (600.0, 5.0, 60.0),
    "pain": (10.0, 0.5, 5.0),
    "effusion": (60.0, 1.0, 40.0),
    "strategy": (16.0, 0.5, 4.0),
    "wish": (1.0, 0.01, 0.3),
}
_SLIDER = (1.0, 0.01, 0.5)
# How a value is read: a share, milliseconds, or a number with its unit.
_UNITS = {"delay": "ms", "fatigue": "", "pain": " of 10", "effusion": " ml", "strategy": " times"}
#: Soft rows whose perturbation a scene carries (`Solution.sensitivity`): five joints with three axes, and three wishes.
SOFT_ROWS = 18


def describe_terms() -> list[dict[str, Any]]:
    """Return what the page says of every kind of term."""
    found = []
    for kind in TERMS:
        term = find_term(kind)
        allowed = term.value_range
        high, step, begins = _SLIDERS.get(kind, _SLIDER)
        found.append(
            {
                "kind": kind,
                "words": _KIND_WORDS[kind],
                "does": term.option.does,
                "sentence": getattr(term, "sentence", ""),
                "sentence_at_zero": term.sentence_at_zero,
                "low": allowed.low,
                "high": allowed.high,
                "value": allowed.name,
                "unit": _UNITS.get(kind, "%"),
                "slider": {"high": high, "step": step, "begins": begins},
                "remark": term.remark,
                "takes_capacity": term.takes_capacity,
                "names_muscles": term.names_muscles,
                "needs_undisturbed": term.needs_undisturbed,
            }
        )
    return found


def describe_effects(mechanics: Mechanics) -> dict[str, Any]:
    """Return the numbers behind terms, as plain data; `term_arrays` has those of every muscle or frame."""
    return {
        "joints": _list_joints(mechanics.body),
        "readings": {name: hold_back.say_reading(f"it:{name}" if name else "it") for name in ("", *hold_back.READINGS)},
        "strategies": _list_strategies(),
        "wish": {"price": wish.WISH_PRICE, "sentence": WISH_SENTENCE},
        "joint_price": {"price": strategy.JOINT_PRICE, "usual": strategy.USUAL_STRENGTH, "rounding": ROUNDING_PULL},
        "late": {
            "started": delay.STARTED,
            "rise": dynamics.RISE,
            "fall": dynamics.FALL,
            "lacking": sweep.LACKING,
            "passes": sweep.MOST_PASSES,
            "laps": sweep.MOST_LAPS,
            "closed": sweep.CLOSED,
        },
        "tiring": {
            "targets": tiring.TARGETS,
            "words": {"hold": "time held", "cycles": "repetitions"},
            "resting": fatigue.RESTING,
            "step": endurance.STEP,
            "longest": endurance.LONGEST,
            "halvings": endurance.HALVINGS,
            "sentences": endurance.HOLD_SENTENCES,
        },
    }


def plain_term(term: Term) -> dict[str, Any]:
    """Return a term as plain data, its target by the name that the page knows."""
    said = term.to_json()
    if isinstance(term, JointTerm):
        said["target"] = ":".join(filter(None, (term.joint, hold_back.split_reading(term.target)[1])))
    elif isinstance(term, strategy.Strategy):
        said["target"] = strategy.find_strategy(term.target)
    return said


def _list_joints(body: Body) -> list[dict[str, Any]]:
    """Return the joints that hold drive back, what of it by which dose, and from which muscles."""
    found = []
    for joint in dict.fromkeys(dose.joint for dose in arthrogenic.list_doses()):
        doses = []
        for dose in arthrogenic.list_doses(joint=joint):
            if dose.group not in body.groups:
                continue
            rows: dict[str, list[int]] = {}
            for side in _SIDES:
                try:
                    rows[side] = [body.muscle_places[m] for m in body.resolve(dose.group, side=side)]
                except GlutealError:
                    rows[side] = []
            most = float(dose.inhibition(dose.end))
            doses.append({"cause": dose.cause, "start": dose.start, "end": dose.end, "most": most, "rows": rows})
        if doses:
            found.append({"name": joint, "words": Pain(joint, 0.0).where, "doses": doses})
    return found


def _list_strategies() -> list[dict[str, Any]]:
    """Return strategies with their words by side; ``{value}`` stands for how many times the work counts."""
    usual = f"{strategy.USUAL_STRENGTH:g}"
    return [
        {
            "name": name,
            "words": {
                side: strategy.Strategy(name, strategy.USUAL_STRENGTH, side).where.replace(f"x {usual}", "x {value}")
                for side in _SIDES
            },
            "spares_joints": list(strategy.Strategy(name, strategy.USUAL_STRENGTH).joint_prices),
        }
        for name in strategy.STRATEGIES
    ]


def term_arrays(problem: SharingProblem) -> dict[str, np.ndarray]:
    """Return what terms need of every muscle and frame.

    ``concern`` (strategy x side, M), as `describe_effects` lists them; ``leg`` (M,); ``tiring`` (3, M): tiring,
    recovery (1/s) and how much faster rest recovers; ``pace`` (4, T - 1): what is left of an activation, and of what is
    missing to the whole, from one frame to the next, and the inverses; ``sign_P``: see `SOFT_ROWS`.
    """
    mechanics = problem.mechanics
    concern = [
        np.broadcast_to(strategy.Strategy(name, 2.0, side).concern(mechanics), (problem.A.shape[-1],))
        for name in strategy.STRATEGIES
        for side in _SIDES
    ]
    rates = fatigue.tiring_of(mechanics.body.muscle_names)
    one, steps = np.ones(()), np.diff(mechanics.time)
    pace = [
        [float(dynamics.fade(one, dt)) for dt in steps],
        [float(np.exp(-np.asarray(dt) / dynamics.RISE)) for dt in steps],
        [float(np.exp(np.asarray(dt) / dynamics.RISE)) for dt in steps],
        [float(np.exp(np.asarray(dt) / dynamics.FALL)) for dt in steps],
    ]
    return {
        "concern": np.array(concern, float),
        "leg": mechanics.leg_muscles.astype(np.uint8),
        "tiring": np.array([rates.fatigue, rates.recovery, rates.rest], float),
        "pace": np.array(pace, float).reshape(4, -1),
        "sign_P": _soft_signs(problem),
    }


def _soft_signs(problem: SharingProblem) -> np.ndarray:
    """Return which way numbers of soft rows go when all are put off by chance, one after the other, as bits."""
    frames, _, muscles = problem.A.shape
    count = frames * SOFT_ROWS * (muscles + problem.S.shape[-1] + 1)
    ones = {name: np.ones_like(getattr(problem, name)) for name in ("A", "S", "W", "b")}
    rows = SoftRows(np.ones(count), np.ones(0), np.ones(0), np.zeros(0, bool))
    off = replace(problem, **ones, priced=rows).perturbed(0.5).priced
    assert off is not None
    return np.packbits(off.A > 1.0)
