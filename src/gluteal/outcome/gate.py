"""The gate before the verdict: is the undisturbed movement a ground to judge a condition from?

What is known before any load is shared (the measurement, the ground, the lengths of muscles) comes with the mechanics;
here the undisturbed load sharing is added: what it lacks beyond `gluteal.outcome.verdict.limit_lacking`, and what is
behind that. The first of the causes explains most of the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gluteal.mechanics.cause import Cause, order_causes, say_time
from gluteal.mechanics.muscle_state import SCALE_LENGTHS
from gluteal.outcome.compare import compute_net_moment
from gluteal.outcome.tables import label_muscle
from gluteal.outcome.verdict import limit_lacking
from gluteal.sharing.solution import Solution
from gluteal.words import coordinate_words

#: What is behind a deficit explains at least this share of it.
BEHIND = 0.3
#: Fibres outside these normalised lengths have lost much of their force to their length, 1.
SHORT_FIBER, LONG_FIBER = 0.6, 1.4


def collect_causes(baseline: Solution) -> tuple[Cause, ...]:
    """Return everything that speaks against judging a movement, the cause first; empty where nothing does.

    Raises
    ------
    Unsolved
        Where the undisturbed movement is not solved.
    """
    mechanics = baseline.mechanics
    return order_causes([*mechanics.findings, *find_deficit_faults(baseline)], mechanics.time)


def find_deficit_faults(baseline: Solution) -> Iterator[Cause]:
    """Yield the largest deficit of the undisturbed movement for its limit, with what is behind it."""
    problem, data = baseline.problem, baseline.mechanics.dataset
    reserve = baseline.dataset["least_reserve"].values
    demand = np.abs(compute_net_moment(baseline)).max(axis=0)
    share = np.abs(reserve) / limit_lacking(baseline.mechanics.body, problem.coordinates, demand)
    frame, row = np.unravel_index(int(np.argmax(share)), share.shape)
    if share[frame, row] <= 1.0:
        return
    name = problem.coordinates[row]
    unit = baseline.mechanics.body.coordinate(name).unit.replace(" ", "·")
    why, remedy = _look_behind(baseline, int(frame), int(row))
    part = f" of the {demand[row]:,.0f} {unit} asked of it" if demand[row] > abs(reserve[frame, row]) else ""
    bad = (share > 1.0).any(axis=1)
    yield Cause(
        "deficit",
        f"{coordinate_words(name)} lacks {abs(reserve[frame, row]):,.0f} {unit}{part} without any loss, because {why}",
        f"{name} at {data['time'].values[frame]:.3g} s; {say_time(data['time'].values, bad)} too much is missing",
        remedy,
        ~bad,
    )


def _look_behind(baseline: Solution, frame: int, row: int) -> tuple[str, str]:
    """Return what is behind a deficit, and what to do about it."""
    data = baseline.mechanics.dataset.isel(time=frame)
    missing = float(baseline.dataset["least_reserve"].values[frame, row])
    sign, enough = np.sign(missing), BEHIND * abs(missing)
    q = int(baseline.problem.rows[row])
    toward = sign * data["moment_arm"].values[q]  # (M,) m, above 0 for muscles that help
    passive, fiber = data["passive_force"].values, data["fiber_length"].values
    names = data["muscle"].values
    rows = baseline.problem.rows
    spring, left = data["spring_moment"].values[rows], data["joint_moment"].values[rows]
    against = np.where(spring * left < 0.0, np.abs(spring), 0.0)  # what is left to do is to resist them
    worst = int(against.argmax())
    if against[worst] > enough:
        at = coordinate_words(baseline.problem.coordinates[worst])
        return (
            f"springs or ligaments of the model pull with {against[worst]:,.0f} N·m against the movement of {at}",
            "check the stiffness and the unit of the model's springs, ligaments and limit forces",
        )
    held = -toward * passive
    worst = int(held.argmax())
    if held[worst] > enough:
        return (
            f"{label_muscle(str(names[worst]))}, stretched to {fiber[worst]:.2f} of its optimal fibre length, pulls "
            f"{passive[worst]:,.0f} N passively",
            f"{SCALE_LENGTHS}; look at {names[worst]} first",
        )
    strength = data["max_isometric_force"].values
    lost = np.maximum(toward, 0.0) * (strength - data["active_capacity"].values)
    lost = np.where((fiber < SHORT_FIBER) | (fiber > LONG_FIBER), lost, 0.0)
    worst = int(lost.argmax())
    if lost[worst] > enough:
        how = "shortened" if fiber[worst] < 1.0 else "stretched"
        return (
            f"{label_muscle(str(names[worst]))}, {how} to {fiber[worst]:.2f} of its optimal fibre length, can give "
            f"{data['active_capacity'].values[worst]:,.0f} of its {strength[worst]:,.0f} N",
            f"{SCALE_LENGTHS}; look at {names[worst]} first",
        )
    off = [str(n) for n in names[(strength == 0.0) & (toward > 0.0)]]
    if off:
        return (
            f"muscles that would help are switched off in the model ({', '.join(off[:3])})",
            "switch them on (appliesForce), or say their loss as a condition",
        )
    return (
        "all muscles that help are at their limit: it is more than this model can do",
        "check mass, units and filter of the trial, and the strength of the model",
    )
