"""One unit of a study: some people of one case, under every condition and criterion. Runs in any process."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
import xarray as xr

from gluteal.engines import compute_mechanics, load_body
from gluteal.errors import GlutealError, InputError, Unsolved
from gluteal.mechanics.build import Mechanics
from gluteal.movements.tasks import load_task
from gluteal.movements.trials import load_trial
from gluteal.nerves.condition import Condition
from gluteal.simulate.dynamometer import settle_strength_loss
from gluteal.simulate.people import People, draw_from, same_people
from gluteal.simulate.runs import run_people
from gluteal.simulate.study.plan import Case, StudySpec

#: Packages whose version can change a number.
PACKAGES = ("gluteal", "numpy", "scipy", "mujoco", "myo-sim", "opensim")
#: Variables of a unit that the condition does not touch.
UNDISTURBED = ("baseline_ok", "baseline_peak", "baseline_force", "group_baseline_peak")
_PER_MUSCLE = ("baseline_peak", "baseline_force", "peak", "force")


@cache
def list_versions() -> dict[str, str]:
    """Return the versions of everything that makes numbers; absent packages are left out.

    ``gluteal source`` is a hash of this package's modules and data: between two releases, its version does
    not tell two states apart.
    """
    found = {"gluteal source": _hash_folder(files("gluteal"))}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _hash_folder(folder: Traversable) -> str:
    digest = hashlib.sha256()
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir() and entry.name != "__pycache__":
            digest.update(_hash_folder(entry).encode())
        elif entry.name.endswith((".py", ".csv", ".toml")):
            digest.update(entry.name.encode() + entry.read_bytes())
    return digest.hexdigest()


def solve_unit(plan: StudySpec, unit: tuple[int, int, int]) -> dict[str, Any]:
    """Solve a unit of `plan`.

    Returns
    -------
    dict
        ``versions``, and either ``error`` (a sentence) with ``unsolved`` (whether a solve failed), or ``arrays``:
        variables of `flatten` over (condition, criterion, person, ...), those of the undisturbed movement over
        (criterion, person, ...), and the names ``muscle``, ``group``, ``coordinate``.
        Errors come back as words: exceptions do not travel well between machines.
    """
    case, first, last = unit
    try:
        arrays = _solve(plan, plan.cases[case], first, last)
    except GlutealError as error:
        unsolved = isinstance(error, Unsolved)
        return {"versions": list_versions(), "error": f"{plan.cases[case].name}: {error}", "unsolved": unsolved}
    return {"versions": list_versions(), "arrays": arrays}


def flatten(compared: xr.Dataset) -> xr.Dataset:
    """Return a comparison by the names of a study's file, without its dimension ``condition``.

    Along ``person``: ``verdict``, ``effort_ratio``, ``deficit``, ``deficit_coordinate``, ``baseline_ok``,
    ``certificate``; with ``muscle``: ``baseline_peak``, ``peak`` (activation, 1), ``baseline_force``, ``force`` (mean
    over time, N); with ``group``: ``group_baseline_peak``, ``group_peak``. All as
    `gluteal.outcome.compare.compare_solutions`.
    """
    kept = ("verdict", "effort_ratio", "deficit", "deficit_coordinate", "baseline_ok", "certificate")
    before, after = (compared.isel(condition=i, drop=True) for i in (0, 1))
    variables = {name: compared[name] for name in kept}
    variables |= {name: after[name] for name in ("peak", "force", "group_peak")}
    variables |= {"baseline_peak": before["peak"], "baseline_force": before["force"]}
    variables["group_baseline_peak"] = before["group_peak"]
    return xr.Dataset(variables).assign_coords(coordinate=compared["coordinate"])


def check_case(plan: StudySpec, case: Case) -> None:
    """Find out whether the case can be loaded and the conditions fit its body; raises InputError.

    Of a trial only the files are looked for: reading hundreds of them is the workers' task.
    """
    try:
        if case.body is None:
            case.files()
            return
        body = load_body(case.body)
        load_task(case.movement, body, **case.settings)
        for _, condition in plan.conditions:
            settle_strength_loss(condition, body).affected(body)
    except GlutealError as error:
        raise InputError(f"Plan {plan.path.name}, movement {case.name!r}: {error}") from error


def people_of(plan: StudySpec, mechanics: Mechanics, first: int, last: int) -> People:
    """Return persons `first` to `last` - 1 of a plan on a body; person 0 is the body itself.

    Every person has a random stream of their own, spawned from the plan's seed by their number. So it does
    not matter how people are cut into chunks, nor who is solved where or when.
    """
    streams = [
        np.random.default_rng(np.random.SeedSequence(plan.seed, spawn_key=(person,)))
        for person in range(max(first, 1), last)
    ]
    drawn = draw_from(mechanics.body, streams, scatter=plan.scatter)
    if first > 0:
        return drawn
    own = same_people(mechanics.body)
    parts = [np.concatenate([getattr(p, name) for p in (own, drawn)]) for name in _PEOPLE]
    return People(*parts)


_PEOPLE = ("mass", "strength", "path_length", "moment_arm")


def _solve(plan: StudySpec, case: Case, first: int, last: int) -> dict[str, np.ndarray]:
    wanted = tuple(condition for _, condition in plan.conditions)
    mechanics, conditions = _load(case.body, case.movement, tuple(sorted(case.settings.items())), wanted)
    people = people_of(plan, mechanics, first, last)
    solved = [run_people(mechanics, people, conditions=conditions, criterion=criterion) for criterion in plan.criteria]
    rows = [xr.concat([flatten(c) for c in row], "condition", join="exact") for row in solved]
    grid = xr.concat(rows, "criterion", join="exact")
    arrays = {"mass": people.mass}
    for name, variable in grid.data_vars.items():
        ordered = variable.transpose("condition", "criterion", "person", ...).to_numpy()
        kept = ordered[0] if name in UNDISTURBED else ordered
        arrays[str(name)] = kept.astype(np.float32) if name in _PER_MUSCLE else kept
    if not plan.muscles:
        arrays = {name: a for name, a in arrays.items() if name not in _PER_MUSCLE}
    names = {name: grid[name].to_numpy().astype(str) for name in ("muscle", "group", "coordinate")}
    return arrays | names


@lru_cache(maxsize=2)
def _load(
    body: str | None,
    movement: str,
    settings: tuple[tuple[str, float | str], ...],
    conditions: tuple[Condition, ...],
) -> tuple[Mechanics, tuple[Condition, ...]]:
    """Load a case, do the engine's work and settle the conditions on its body, once per process."""
    if body is None:
        trial = load_trial(movement)
        mechanics = compute_mechanics(trial.body, trial.movement)
    else:
        loaded = load_body(body)
        mechanics = compute_mechanics(loaded, load_task(movement, loaded, **dict(settings)))
    settled = tuple(settle_strength_loss(c, mechanics.body) for c in conditions)
    for condition in settled:
        condition.affected(mechanics.body)
    return mechanics, settled
