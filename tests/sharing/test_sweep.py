"""Load sharing under activation dynamics: near the least of the whole course, lawful, and late starts cost."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.helpers.synthetic import make_mechanics
from tests.helpers.whole_course import solve_whole_course

import gluteal
from gluteal import Condition
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.dynamics import FALL, RISE, build_up, fade, leave_before, start_before
from gluteal.sharing.problem import build_sharing
from gluteal.sharing.sweep import solve_pairs, sweep_problem, sweep_problems


@pytest.fixture(scope="module")
def lift() -> Mechanics:
    body = gluteal.load_body("myo")
    return gluteal.compute_mechanics(body, gluteal.load_task("prone-leg-lift", body))


def effort(problem: gluteal.SharingProblem, activation: np.ndarray) -> float:
    return float((problem.weight * activation**2).sum())


def test_bounds_are_the_exact_course() -> None:
    """Small Euler steps of da/dt = (e - a) / tau at e = 1 and e = 0 end where the bounds say; and back again."""
    up = down = 0.3
    steps = 20_000
    for _ in range(steps):
        up += (1.0 - up) / RISE * 0.02 / steps
        down += (0.0 - down) / FALL * 0.02 / steps
    assert build_up(np.array(0.3), 0.02) == pytest.approx(up, abs=1e-5)
    assert fade(np.array(0.3), 0.02) == pytest.approx(down, abs=1e-5)
    assert start_before(build_up(np.array(0.3), 0.02), 0.02) == pytest.approx(0.3)
    assert leave_before(fade(np.array(0.3), 0.02), 0.02) == pytest.approx(0.3)


@pytest.mark.slow
@pytest.mark.parametrize(
    "late",
    [
        Condition(),
        Condition.delay("glmax", seconds=0.1, side="r"),
        Condition.delay("hamstrings", seconds=0.05, side="r"),
    ],
    ids=lambda c: c.name,
)
def test_the_sweep_comes_within_a_hundredth_of_the_whole_course(lift: Mechanics, late: Condition) -> None:
    """Held out: Clarabel solves all frames as one problem. Nothing is cheaper, and the sweep hardly dearer."""
    undisturbed = gluteal.solve_swept(lift)
    problem = build_sharing(lift, condition=late, undisturbed=undisturbed)
    swept = sweep_problem(problem)
    least = effort(problem, solve_whole_course(problem))
    assert np.abs(swept.dataset["least_reserve"]).max() < 0.01  # nothing is missing in either
    assert 1.0 - 1e-6 <= effort(problem, swept.activation.values) / least < 1.01


def test_no_muscle_is_faster_than_its_dynamics(lift: Mechanics) -> None:
    """Neighbouring frames obey both bounds to the certificate's tolerance, and the fault would be seen without."""
    dt = np.diff(lift.time)[:, None]

    def worst(solution: gluteal.Solution) -> float:
        a = solution.activation.values
        return float(max((a[1:] - build_up(a[:-1], dt)).max(), (fade(a[:-1], dt) - a[1:]).max()))

    assert worst(gluteal.solve_swept(lift)) < 1e-6
    assert worst(gluteal.solve_sharing(lift)) > 0.01


def test_quick_muscles_are_independent_frames(lift: Mechanics) -> None:
    """Tau -> 0: activation is excitation."""
    problem = build_sharing(lift)
    quick = sweep_problem(problem, rise=1e-5, fall=1e-5)
    np.testing.assert_allclose(quick.activation, gluteal.solve_sharing(lift).activation, atol=1e-7)


def test_a_delay_of_nothing_is_the_baseline_with_dynamics(lift: Mechanics) -> None:
    baseline, changed = solve_pairs(lift, [Condition.delay("hamstrings", seconds=0.0, side="r")])[0]
    np.testing.assert_array_equal(baseline.activation, changed.activation)
    assert baseline.problem.swept and changed.problem.swept
    assert baseline.dataset["effort"].mean() > gluteal.solve_sharing(lift).dataset["effort"].mean()


def test_conditions_without_a_delay_are_not_swept(lift: Mechanics) -> None:
    """What was published of other conditions stays: frames are independent, whoever else is in the list."""
    weak, late = Condition.weaken("glmax", loss=0.5, side="r"), Condition.delay("glmax", seconds=0.05, side="r")
    pairs = solve_pairs(lift, [weak, late])
    assert [p[0].problem.swept for p in pairs] == [False, True]
    np.testing.assert_array_equal(pairs[0][1].activation, gluteal.solve_sharing(lift, condition=weak).activation)


def test_later_is_never_cheaper_and_late_hamstrings_cost_more(lift: Mechanics) -> None:
    """Ceilings of a longer delay lie below those of a shorter one, so the least effort cannot fall.

    The sweep is within 1 % of it; in these courses it does not fall at all. Published: none; the order of the two
    muscles is what their moments about the hip say, and both late leave too little.
    """
    late = gluteal.compute_late_starts(lift, "glmax", "hamstrings", delays=[0.05, 0.15, 0.3])
    by = {targets: [r for r in late.rows if r.targets == targets] for targets in {r.targets for r in late.rows}}
    for rows in by.values():
        ratios = [r.effort_ratio for r in rows]
        assert ratios == sorted(ratios) and ratios[0] >= 1.0
    glmax, hamstrings = by["glmax",], by["hamstrings",]
    assert all(h.effort_ratio > g.effort_ratio + 0.1 for g, h in zip(glmax, hamstrings, strict=True))
    assert glmax[1].effort_ratio < 1.05 and glmax[1].verdict == "compensated"
    assert late.early_hip_bw < glmax[0].early_hip_bw <= glmax[1].early_hip_bw < 1.2 * late.early_hip_bw
    assert all(r.verdict == "impossible" and r.missing > 1.0 for r in by["glmax", "hamstrings"])
    assert late.scatter == pytest.approx(0.0819)


def test_a_cycle_meets_its_own_beginning() -> None:
    mechanics = make_mechanics(40.0, frames=6)
    data = mechanics.dataset.copy(deep=True)
    data["joint_moment"].values[2:4] *= 0.2
    walk = dataclasses.replace(mechanics.movement, settings={"cyclic": True})
    swept = gluteal.solve_swept(dataclasses.replace(mechanics, dataset=data, movement=walk))
    np.testing.assert_allclose(swept.activation[0], swept.activation[-1], atol=1e-3)


@pytest.mark.parametrize(
    ("task", "sentence"),
    [("single-leg-stance", "'single-leg-stance' is one posture"), ("walk", "'walk' is a cycle")],
)
def test_late_starts_need_a_start(task: str, sentence: str) -> None:
    body = gluteal.load_body("myo")
    mechanics = gluteal.compute_mechanics(body, gluteal.load_task(task, body))
    with pytest.raises(gluteal.GlutealError, match=sentence):
        gluteal.compute_late_starts(mechanics)


def test_what_works_already_cannot_start_late() -> None:
    body = gluteal.load_body("myo")
    rise = gluteal.compute_mechanics(body, gluteal.load_task("rise-from-chair", body))
    found = gluteal.compute_late_starts(rise, "glmax", "erector-spinae", delays=[0.05])
    assert set(found.refused) == {"erector-spinae"}
    assert "in the first frame of 'rise-from-chair' it already works" in found.refused["erector-spinae"]
    with pytest.raises(gluteal.GlutealError, match="give seconds above 0 and at most 10"):
        gluteal.compute_late_starts(rise, "glmax", delays=[0.0])


def test_side_by_side_is_alone_to_the_last_bit(lift: Mechanics) -> None:
    """Nobody's numbers depend on who else is swept, and a sweep that needs more passes than the others gets them."""
    late = [Condition.delay(name, seconds=0.1, side="r") for name in ("glmax", "hamstrings")]
    undisturbed = gluteal.solve_swept(lift)
    problems = [build_sharing(lift, condition=c, undisturbed=undisturbed) for c in late]
    for together, problem in zip(sweep_problems(problems), problems, strict=True):
        np.testing.assert_array_equal(together.activation, sweep_problem(problem).activation)
