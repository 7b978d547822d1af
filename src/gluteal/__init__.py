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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gluteal.emg.analysis.run import analyse_session as analyse_session
    from gluteal.emg.onset import detect_bursts as detect_bursts
    from gluteal.emg.read import load_recording as load_recording
    from gluteal.emg.session.file import load_session as load_session
    from gluteal.engines import compute_mechanics as compute_mechanics
    from gluteal.engines import load_body as load_body
    from gluteal.errors import GlutealError as GlutealError
    from gluteal.held_against.emg import compare_with_trial as compare_with_trial
    from gluteal.ledger.evidence.load import load_evidence as load_evidence
    from gluteal.ledger.evidence.planning import StudyDesign as StudyDesign
    from gluteal.ledger.evidence.planning import plan_study as plan_study
    from gluteal.ledger.run import compile_ledger as compile_ledger
    from gluteal.ledger.run import run_experiments as run_experiments
    from gluteal.mechanics.body import Body as Body
    from gluteal.mechanics.build import Mechanics as Mechanics
    from gluteal.mechanics.movement import Movement as Movement
    from gluteal.mechanics.movement import mirror as mirror
    from gluteal.movements.tasks import list_tasks as list_tasks
    from gluteal.movements.tasks import load_task as load_task
    from gluteal.movements.trials import load_trial as load_trial
    from gluteal.nerves.condition import Condition as Condition
    from gluteal.outcome import Outcome as Outcome
    from gluteal.outcome.joint_loads import compute_joint_loads as compute_joint_loads
    from gluteal.outcome.metabolics import compute_metabolic_power as compute_metabolic_power
    from gluteal.sharing.recruitment import Recruitment as Recruitment
    from gluteal.sharing.recruitment import solve_recruitment as solve_recruitment
    from gluteal.sharing.tolerance import rank_tolerance as rank_tolerance
    from gluteal.sharing.tolerance import solve_tolerance as solve_tolerance
    from gluteal.show.pages.outcome import save_page as save_page
    from gluteal.simulate.dynamometer import compute_strength as compute_strength
    from gluteal.simulate.dynamometer import settle_strength_loss as settle_strength_loss
    from gluteal.simulate.experiment import load_movement as load_movement
    from gluteal.simulate.experiment import simulate as simulate
    from gluteal.simulate.study import load_study as load_study
    from gluteal.simulate.study import run_study as run_study
    from gluteal.simulate.uncertainty import compute_spread as compute_spread

#: The one place of the version: the package is built with it.
__version__ = "0.1.0"

# Names are imported when first used, so that asking the command line for help takes no engine.
_HOME = {
    "compute_mechanics": "engines",
    "load_body": "engines",
    "Body": "mechanics.body",
    "Condition": "nerves.condition",
    "analyse_session": "emg.analysis.run",
    "detect_bursts": "emg.onset",
    "load_recording": "emg.read",
    "load_session": "emg.session.file",
    "compare_with_trial": "held_against.emg",
    "GlutealError": "errors",
    "load_movement": "simulate.experiment",
    "simulate": "simulate.experiment",
    "Mechanics": "mechanics.build",
    "Movement": "mechanics.movement",
    "mirror": "mechanics.movement",
    "Outcome": "outcome",
    "Recruitment": "sharing.recruitment",
    "solve_recruitment": "sharing.recruitment",
    "compute_strength": "simulate.dynamometer",
    "settle_strength_loss": "simulate.dynamometer",
    "list_tasks": "movements.tasks",
    "load_task": "movements.tasks",
    "load_trial": "movements.trials",
    "compute_spread": "simulate.uncertainty",
    "compute_joint_loads": "outcome.joint_loads",
    "compute_metabolic_power": "outcome.metabolics",
    "solve_tolerance": "sharing.tolerance",
    "rank_tolerance": "sharing.tolerance",
    "run_study": "simulate.study",
    "load_study": "simulate.study",
    "load_evidence": "ledger.evidence.load",
    "StudyDesign": "ledger.evidence.planning",
    "plan_study": "ledger.evidence.planning",
    "compile_ledger": "ledger.run",
    "run_experiments": "ledger.run",
    "save_page": "show.pages.outcome",
}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'gluteal' has no attribute {name!r}")
    return getattr(importlib.import_module(f"gluteal.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
