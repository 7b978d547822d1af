"""Muscles in virtual experiments: is this muscle really not firing, and does it matter?

>>> import gluteal
>>> body = gluteal.load_body("myo")
>>> stance = gluteal.load_task("single-leg-stance", body)
>>> block = gluteal.Condition.block("superior gluteal", loss=0.52, side="r")
>>> gluteal.simulate(body, stance, condition=block).verdict
'compensated'
"""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gluteal.backends import compute_mechanics as compute_mechanics
    from gluteal.backends import load_body as load_body
    from gluteal.body import Body as Body
    from gluteal.condition import Condition as Condition
    from gluteal.emg.analyse import analyse_session as analyse_session
    from gluteal.emg.onset import detect_bursts as detect_bursts
    from gluteal.emg.readers import load_recording as load_recording
    from gluteal.emg.session import load_session as load_session
    from gluteal.emg_comparison import compare_with_trial as compare_with_trial
    from gluteal.errors import GlutealError as GlutealError
    from gluteal.evidence.load import load_evidence as load_evidence
    from gluteal.evidence.planning import StudyDesign as StudyDesign
    from gluteal.evidence.planning import plan_study as plan_study
    from gluteal.experiment import load_movement as load_movement
    from gluteal.experiment import simulate as simulate
    from gluteal.joint_loads import compute_joint_loads as compute_joint_loads
    from gluteal.ledger.run import compile_ledger as compile_ledger
    from gluteal.ledger.run import run_experiments as run_experiments
    from gluteal.mechanics import Mechanics as Mechanics
    from gluteal.metabolics import compute_metabolic_power as compute_metabolic_power
    from gluteal.movement import Movement as Movement
    from gluteal.movement import mirror as mirror
    from gluteal.outcome import Outcome as Outcome
    from gluteal.recruitment import Recruitment as Recruitment
    from gluteal.recruitment import solve_recruitment as solve_recruitment
    from gluteal.strength import compute_strength as compute_strength
    from gluteal.strength import settle_strength_loss as settle_strength_loss
    from gluteal.study import load_study as load_study
    from gluteal.study import run_study as run_study
    from gluteal.tasks import list_tasks as list_tasks
    from gluteal.tasks import load_task as load_task
    from gluteal.tolerance import rank_tolerance as rank_tolerance
    from gluteal.tolerance import solve_tolerance as solve_tolerance
    from gluteal.trials import load_trial as load_trial
    from gluteal.uncertainty import compute_spread as compute_spread

__version__ = version("gluteal")

# Names are imported when first used, so that asking the command line for help takes no engine.
_HOME = {
    "compute_mechanics": "backends",
    "load_body": "backends",
    "Body": "body",
    "Condition": "condition",
    "analyse_session": "emg.analyse",
    "detect_bursts": "emg.onset",
    "load_recording": "emg.readers",
    "load_session": "emg.session",
    "compare_with_trial": "emg_comparison",
    "GlutealError": "errors",
    "load_movement": "experiment",
    "simulate": "experiment",
    "Mechanics": "mechanics",
    "Movement": "movement",
    "mirror": "movement",
    "Outcome": "outcome",
    "Recruitment": "recruitment",
    "solve_recruitment": "recruitment",
    "compute_strength": "strength",
    "settle_strength_loss": "strength",
    "list_tasks": "tasks",
    "load_task": "tasks",
    "load_trial": "trials",
    "compute_spread": "uncertainty",
    "compute_joint_loads": "joint_loads",
    "compute_metabolic_power": "metabolics",
    "solve_tolerance": "tolerance",
    "rank_tolerance": "tolerance",
    "run_study": "study",
    "load_study": "study",
    "load_evidence": "evidence.load",
    "StudyDesign": "evidence.planning",
    "plan_study": "evidence.planning",
    "compile_ledger": "ledger.run",
    "run_experiments": "ledger.run",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'gluteal' has no attribute {name!r}")
    return getattr(importlib.import_module(f"gluteal.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
