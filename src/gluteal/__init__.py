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
    from gluteal.emg.measure.curves import compare_curves as compare_curves
    from gluteal.emg.measure.repeated import measure_reliability as measure_reliability
    from gluteal.emg.measure.repeated_file import load_repeated as load_repeated
    from gluteal.emg.onset import detect_bursts as detect_bursts
    from gluteal.emg.read import load_recording as load_recording
    from gluteal.emg.session.file import load_session as load_session
    from gluteal.emg.session.file import session_of as session_of
    from gluteal.engines import compute_mechanics as compute_mechanics
    from gluteal.engines import load_bodies as load_bodies
    from gluteal.engines import load_body as load_body
    from gluteal.errors import GlutealError as GlutealError
    from gluteal.errors import NotJudged as NotJudged
    from gluteal.errors import Unsolved as Unsolved
    from gluteal.held_against.emg import compare_with_trial as compare_with_trial
    from gluteal.held_against.overview import hold_against_nature as hold_against_nature
    from gluteal.held_against.recorded import compare_recorded as compare_recorded
    from gluteal.ledger.evidence.load import load_evidence as load_evidence
    from gluteal.ledger.evidence.planning import StudyDesign as StudyDesign
    from gluteal.ledger.evidence.planning import plan_study as plan_study
    from gluteal.ledger.evidence.planning import sem_from_icc as sem_from_icc
    from gluteal.ledger.evidence.planning import true_spread as true_spread
    from gluteal.ledger.evidence.references import load_references as load_references
    from gluteal.ledger.run import compile_ledger as compile_ledger
    from gluteal.ledger.run import run_experiments as run_experiments
    from gluteal.mechanics.body import Body as Body
    from gluteal.mechanics.build import Mechanics as Mechanics
    from gluteal.mechanics.movement import Movement as Movement
    from gluteal.mechanics.movement import mirror as mirror
    from gluteal.movements.tasks import list_tasks as list_tasks
    from gluteal.movements.tasks import load_task as load_task
    from gluteal.movements.trials import load_trial as load_trial
    from gluteal.movements.trials.description import describe_trial as describe_trial
    from gluteal.nerves import pain_time as pain  # noqa: F401
    from gluteal.nerves.condition import Condition as Condition
    from gluteal.outcome.joint_loads import compute_joint_loads as compute_joint_loads
    from gluteal.outcome.metabolics import compute_metabolic_power as compute_metabolic_power
    from gluteal.outcome.record import Outcome as Outcome
    from gluteal.sharing.bands import solve_bands as solve_bands
    from gluteal.sharing.criterion import Criterion as Criterion
    from gluteal.sharing.least_force import solve_least_force as solve_least_force
    from gluteal.sharing.problem import SharingProblem as SharingProblem
    from gluteal.sharing.problem import build_sharing as build_sharing
    from gluteal.sharing.solution import Solution as Solution
    from gluteal.sharing.solution import solve_problem as solve_problem
    from gluteal.sharing.solution import solve_sharing as solve_sharing
    from gluteal.sharing.sweep import solve_swept as solve_swept
    from gluteal.sharing.tolerance import rank_tolerance as rank_tolerance
    from gluteal.sharing.tolerance import solve_tolerance as solve_tolerance
    from gluteal.show.figures.pain import plot_time_course as plot_time_course
    from gluteal.show.live.page import save_live as save_live
    from gluteal.show.pages.adapt import save_adaptation as save_adaptation
    from gluteal.show.pages.outcome import save_page as save_page
    from gluteal.simulate.adapt.curve import adapt_curve as adapt_curve
    from gluteal.simulate.adapt.posture import adapt as adapt
    from gluteal.simulate.criteria import find_criterion as find_criterion
    from gluteal.simulate.delays import compute_late_starts as compute_late_starts
    from gluteal.simulate.dynamometer import compute_strength as compute_strength
    from gluteal.simulate.dynamometer import settle_strength_loss as settle_strength_loss
    from gluteal.simulate.emg_tracking import track_emg as track_emg
    from gluteal.simulate.endurance import compute_endurance as compute_endurance
    from gluteal.simulate.endurance import settle_fatigue as settle_fatigue
    from gluteal.simulate.endurance_band import compute_hold_band as compute_hold_band
    from gluteal.simulate.endurance_shift import compute_shifting_hold as compute_shifting_hold
    from gluteal.simulate.ensemble import simulate_ensemble as simulate_ensemble
    from gluteal.simulate.experiment import load_movement as load_movement
    from gluteal.simulate.experiment import simulate as simulate
    from gluteal.simulate.passive_tissue import add_passive_tissue as add_passive_tissue
    from gluteal.simulate.spread import compute_spread as compute_spread
    from gluteal.simulate.study import load_study as load_study
    from gluteal.simulate.study import run_study as run_study
    from gluteal.sources.bibliography import find_reference as find_reference
    from gluteal.sources.listing import list_sources as list_sources
    from gluteal.sto import save_table as save_table

#: The one place of the version: the package is built with it.
__version__ = "0.1.0"

# Names are imported when first used, so that asking the command line for help takes no engine.
_HOME = {
    "compute_mechanics": "engines",
    "load_bodies": "engines",
    "load_body": "engines",
    "Body": "mechanics.body",
    "Condition": "nerves.condition",
    "analyse_session": "emg.analysis.run",
    "detect_bursts": "emg.onset",
    "compare_curves": "emg.measure.curves",
    "load_repeated": "emg.measure.repeated_file",
    "measure_reliability": "emg.measure.repeated",
    "load_recording": "emg.read",
    "load_session": "emg.session.file",
    "session_of": "emg.session.file",
    "compare_with_trial": "held_against.emg",
    "hold_against_nature": "held_against.overview",
    "GlutealError": "errors",
    "NotJudged": "errors",
    "Unsolved": "errors",
    "load_movement": "simulate.experiment",
    "simulate": "simulate.experiment",  # its own room, which can be called
    "Mechanics": "mechanics.build",
    "Movement": "mechanics.movement",
    "mirror": "mechanics.movement",
    "Outcome": "outcome.record",
    "Criterion": "sharing.criterion",
    "find_criterion": "simulate.criteria",
    "solve_bands": "sharing.bands",
    "solve_least_force": "sharing.least_force",
    "track_emg": "simulate.emg_tracking",
    "compare_recorded": "held_against.recorded",
    "add_passive_tissue": "simulate.passive_tissue",
    "SharingProblem": "sharing.problem",
    "build_sharing": "sharing.problem",
    "Solution": "sharing.solution",
    "solve_problem": "sharing.solution",
    "solve_sharing": "sharing.solution",
    "solve_swept": "sharing.sweep",
    "adapt": "simulate.adapt.posture",
    "adapt_curve": "simulate.adapt.curve",
    "compute_strength": "simulate.dynamometer",
    "settle_strength_loss": "simulate.dynamometer",
    "list_tasks": "movements.tasks",
    "load_task": "movements.tasks",
    "load_trial": "movements.trials",
    "describe_trial": "movements.trials.description",
    "compute_spread": "simulate.spread",
    "simulate_ensemble": "simulate.ensemble",
    "compute_endurance": "simulate.endurance",
    "compute_shifting_hold": "simulate.endurance_shift",
    "compute_hold_band": "simulate.endurance_band",
    "compute_late_starts": "simulate.delays",
    "settle_fatigue": "simulate.endurance",
    "compute_joint_loads": "outcome.joint_loads",
    "compute_metabolic_power": "outcome.metabolics",
    "solve_tolerance": "sharing.tolerance",
    "rank_tolerance": "sharing.tolerance",
    "run_study": "simulate.study",
    "load_study": "simulate.study",
    "load_evidence": "ledger.evidence.load",
    "StudyDesign": "ledger.evidence.planning",
    "plan_study": "ledger.evidence.planning",
    "sem_from_icc": "ledger.evidence.planning",
    "true_spread": "ledger.evidence.planning",
    "load_references": "ledger.evidence.references",
    "compile_ledger": "ledger.run",
    "save_table": "sto",
    "run_experiments": "ledger.run",
    "plot_time_course": "show.figures.pain",
    "save_live": "show.live.page",
    "save_adaptation": "show.pages.adapt",
    "save_page": "show.pages.outcome",
    "find_reference": "sources.bibliography",
    "list_sources": "sources.listing",
}

# Modules under a shorter name: what else belongs to a subject.
_ROOMS = {"pain": "nerves.pain_time"}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"gluteal.{_ROOMS[name]}")
    if name not in _HOME:
        raise AttributeError(f"module 'gluteal' has no attribute {name!r}")
    return getattr(importlib.import_module(f"gluteal.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
