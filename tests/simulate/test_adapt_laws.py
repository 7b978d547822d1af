"""Laws of adapting a posture, on the embedded body in single-leg stance; and for each a fault that it catches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gluteal
from gluteal.engines import measure_segments
from gluteal.errors import InputError, Unsolved
from gluteal.mechanics.body import Body
from gluteal.mechanics.movement import mirror
from gluteal.nerves.condition import Condition
from gluteal.simulate.adapt.effort import PostureEffort
from gluteal.simulate.adapt.posture import Standing, stand
from gluteal.simulate.adapt.record import Adaptation
from gluteal.simulate.adapt.search import PostureSearch
from gluteal.simulate.adapt.stance import can_adapt, say_posture
from gluteal.simulate.passive_tissue import add_passive_tissue
from gluteal.testing import failing_solver
from gluteal.vocabulary import ROOT_COORDINATES

#: More than single-leg stance can do held exactly as it is.
LOSS = 0.8
HABIT = 1.6


def block(loss: float, side: str = "r") -> Condition:
    """Block the superior gluteal nerve."""
    return Condition.block("superior gluteal", loss=loss, side="l" if side == "l" else "r")


def search(standing: Standing, loss: float, habit: float = HABIT) -> PostureSearch:
    """Return the outer problem of a loss with everything free."""
    return standing.search(block(loss), habit, np.ones(len(standing.stance.quantities), bool))


@pytest.fixture(scope="module")
def adapted(body: Body) -> Adaptation:
    return gluteal.adapt(body, gluteal.load_task("single-leg-stance", body), condition=block(LOSS))


def test_bare_mechanics_equal_the_labelled_ones(standing: Standing) -> None:
    """A, S and b of a posture beside those of `gluteal.build_sharing`, in another posture than the task's."""
    rng = np.random.default_rng(0)
    stance = standing.stance
    posture, _ = stance.find(stance.start + stance.sigma * rng.standard_normal(len(stance.sigma)))
    labelled = gluteal.build_sharing(standing.mechanics_at(posture), condition=block(LOSS))
    problem = gluteal.build_sharing(standing.mechanics, condition=block(LOSS))
    bare = PostureEffort(problem, standing.mechanics.movement.supports).balance(posture)
    for ours, theirs in zip(bare, (labelled.A, labelled.S, labelled.b), strict=True):
        np.testing.assert_allclose(ours, theirs[0], rtol=0.0, atol=1e-12 * np.abs(theirs).max())


def test_bare_passive_tissue_equals_the_labelled_one(body: Body) -> None:
    """Analytic moments of the iliotibial band, taut as the pelvis is dropped, beside differences of length."""
    tissues = ("iliotibial-band", "hip-capsule")
    own = stand(body, gluteal.load_task("single-leg-stance", body), passive=tissues)
    stance = own.stance
    dropped = stance.start.copy()
    dropped[stance.quantities.index("pelvic_list")] -= np.deg2rad(8.0)
    posture, _ = stance.find(dropped)
    labelled = own.mechanics_at(posture).dataset["joint_moment"].values[0]
    _, _, bare = own.effort.geometry(posture[None])
    alone = replace(own, passive=()).mechanics_at(posture).dataset["joint_moment"].values[0]
    assert np.abs(labelled - alone).max() > 10.0, "the band pulls"
    # The labelled path differentiates lengths with a step of 1e-4 rad: 1e-8 of stiffness times moment arm.
    np.testing.assert_allclose(bare[0], labelled, atol=1e-3)


def test_quantities_and_posture_are_inverse(standing: Standing) -> None:
    stance = standing.stance
    rng = np.random.default_rng(1)
    for _ in range(5):
        asked = stance.start + 0.7 * stance.sigma * rng.standard_normal(len(stance.sigma))
        asked = np.clip(asked, *stance.bounds)
        posture, slopes = stance.find(asked)
        np.testing.assert_allclose(stance.measure(posture), asked, atol=1e-11)
        moved = asked + 1e-6 * np.eye(len(asked))
        differences = np.array([(stance.find(m)[0] - posture) / 1e-6 for m in moved]).T
        np.testing.assert_allclose(slopes, differences, atol=1e-5)


def test_the_standing_foot_does_not_move(standing: Standing, adapted: Adaptation) -> None:
    body = standing.stance.body
    order = list(body.coordinate_names)
    feet = [
        measure_segments(body, m.coordinates.sel(coordinate=order).values[0], ["calcn_r"])
        for m in (adapted.movement, adapted.adapted_movement)
    ]
    assert np.abs(feet[0].position - feet[1].position).max() < 1e-9
    assert np.abs(feet[0].rotation - feet[1].rotation).max() < 1e-9
    moved = measure_segments(body, adapted.movement.coordinates.sel(coordinate=order).values[0] + 1e-6, ["calcn_r"])
    assert np.abs(moved.position - feet[0].position).max() > 1e-9, "a millionth of a radian is seen"


def test_no_condition_changes_nothing(body: Body, standing: Standing) -> None:
    found = gluteal.adapt(body, gluteal.load_task("single-leg-stance", body), band=False)
    assert found.change["value"].abs().max() < np.rad2deg(1e-4)
    assert found.cost[1] == pytest.approx(found.cost[0], abs=1e-9)
    assert found.verdict == "unchanged"
    # Least effort alone would move: without the undisturbed slope the same search leaves the usual posture.
    bare = search(standing, 0.0)
    bare.offset = np.zeros_like(bare.offset)
    assert np.abs(bare.solve(np.zeros(len(bare.free))).u).max() > 0.05


def test_adapting_never_costs_more(adapted: Adaptation, standing: Standing) -> None:
    assert adapted.cost[1] <= adapted.cost[0]
    for loss in (0.3, 0.6):
        outer = search(standing, loss)
        usual = np.zeros(len(outer.free))
        assert outer.solve(usual).cost <= outer.measure(usual)[0]


def test_cost_does_not_fall_as_more_is_lost(standing: Standing) -> None:
    """Of the usual posture (V) and of the least costly one (J): less can be done with less."""
    losses = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    held, least, start, near = [], [], np.zeros(len(standing.stance.quantities)), None
    for loss in losses:
        outer = search(standing, loss)
        held.append(outer.measure(np.zeros_like(start))[2].cost)
        found = outer.solve(start, near)
        start, near = found.u, found.shared
        least.append(found.cost)
    assert np.all(np.diff(held) > 0.0)
    assert np.all(np.diff(least) > 0.0)


def test_the_envelope_is_the_central_difference(standing: Standing) -> None:
    """dV/dq of every coordinate, in a posture that is not the task's, strong and weak."""
    stance = standing.stance
    for loss in (0.0, 0.6):
        effort = search(standing, loss).effort
        moved = stance.start.copy()
        moved[stance.quantities.index("trunk_lean")] += np.deg2rad(6.0)
        posture, _ = stance.find(moved)
        slope = effort.slope(effort.share(posture))
        step = 1e-5 * np.eye(len(posture))
        differences = [(effort.share(posture + s).cost - effort.share(posture - s).cost) / 2e-5 for s in step]
        np.testing.assert_allclose(slope, differences, atol=1e-6 * (1.0 + np.abs(slope).max()))


def test_the_check_of_the_gradient_sees_a_fault(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    outer = search(standing, 0.6)
    u = np.full(len(outer.free), 0.3)
    assert outer.check_gradient(u) < 1e-6
    honest = PostureEffort.slope
    monkeypatch.setattr(PostureEffort, "slope", lambda self, shared: honest(self, shared) * 1.001)
    assert outer.check_gradient(u) > 1e-5


def test_where_the_body_stands_and_heads_costs_nothing(standing: Standing) -> None:
    """The root's translations move the whole body on the ground, and no slope comes of it."""
    effort = search(standing, LOSS).effort
    slope = effort.slope(effort.share(standing.stance.posture))
    names = standing.stance.body.coordinate_names
    still = [names.index(c) for c in ROOT_COORDINATES[3:]]
    assert np.abs(slope[still]).max() < 1e-5
    assert np.abs(slope).max() > 1.0, "others have one"


def test_a_mirrored_task_mirrors(body: Body, adapted: Adaptation) -> None:
    left = gluteal.adapt(body, mirror(adapted.movement), condition=block(LOSS, "l"))
    assert left.toward == "l"
    ours, theirs = (a.change.set_index("quantity")["value"] for a in (adapted, left))
    # Both sides have the same paths to a thousandth of a millimetre; the search stops at tenths of a degree.
    np.testing.assert_allclose(theirs[ours.index], ours, atol=0.2)
    assert abs(ours["trunk_lean"]) > 2.0


def test_a_strong_habit_holds_the_posture(standing: Standing) -> None:
    moved = [
        float(np.abs(search(standing, 0.6, habit).solve(np.zeros(len(standing.stance.quantities))).u).max())
        for habit in (0.1, 10.0, 1e4)
    ]
    assert moved[0] > moved[1] > moved[2]
    assert moved[2] < 1e-3


def test_all_starts_lead_to_one_posture_or_are_told(adapted: Adaptation) -> None:
    started = [name for basin in adapted.basins for name in basin.starts]
    assert len(started) == 4
    assert adapted.basins[0].cost == min(b.cost for b in adapted.basins)
    assert len(adapted.basins) == 1


def test_the_certificate_is_reported(adapted: Adaptation) -> None:
    assert adapted.certificate.inner < 1e-6
    assert adapted.certificate.outer < 0.05
    assert adapted.certificate.gradient < 1e-5
    assert adapted.certificate.converged
    assert adapted.margin_mm[1] > 5.0


def test_the_person_leans_and_nothing_is_missing(adapted: Adaptation) -> None:
    """The Duchenne pattern: trunk over the standing leg, free side up; hip adduction falls."""
    value = adapted.change.set_index("quantity")["value"]
    assert adapted.fixed.verdict == "impossible"
    assert adapted.verdict == "compensated"
    assert value["trunk_lean"] > 2.0
    assert value["pelvic_list"] > 0.5
    assert value["hip_adduction"] < -1.0
    assert adapted.bought.missing[1] < 0.1 < adapted.bought.missing[0]


def test_free_and_demanded_quantities(body: Body) -> None:
    task = gluteal.load_task("single-leg-stance", body)
    found = gluteal.adapt(body, task, free=["ankle dorsiflexion"], demand={"pelvic-list": -5.0}, band=False)
    value = found.change.set_index("quantity")["value"]
    assert value["pelvic_list"] == pytest.approx(-5.0, abs=1e-6)
    assert abs(value["ankle_dorsiflexion"]) > 0.01
    assert abs(value["pelvic_tilt"]) < 1e-6
    assert found.free == ("ankle_dorsiflexion",)


def test_two_feet_stay_where_they_are(body: Body) -> None:
    task = gluteal.load_task("forward-bend", body)
    found = gluteal.adapt(body, task, condition=Condition.weaken("erector-spinae", loss=0.7), band=False)
    order = list(body.coordinate_names)
    ends = [
        measure_segments(body, m.coordinates.sel(coordinate=order).values[0], ["calcn_r", "calcn_l"]).position
        for m in (found.movement, found.adapted_movement)
    ]
    assert np.abs(ends[0] - ends[1]).max() < 1e-9
    assert found.cost[1] < found.cost[0]


def test_passive_tissue_goes_through(body: Body) -> None:
    task = gluteal.load_task("single-leg-stance", body)
    own = stand(body, task, passive=["iliotibial-band"])
    assert own.search(block(0.6), HABIT, np.ones(13, bool)).check_gradient(np.full(13, -0.5)) < 1e-5
    assert add_passive_tissue(own.mechanics).body is own.stance.body


def test_what_is_not_solved_gets_nowhere(body: Body) -> None:
    task = gluteal.load_task("single-leg-stance", body)
    with failing_solver(), pytest.raises(Unsolved):
        gluteal.adapt(body, task, condition=block(LOSS))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"habit": 0.0}, "The habit's weight is 0; give a number above 0"),
        ({"margin": 1.5}, "The margin is 1.5; give a share above 0 and up to 1"),
        ({"free": ["step_width"]}, "step_width is no quantity that is free in this posture"),
        (
            {"demand": {"pelvic_list": float("nan")}},
            "The demand on pelvic_list is nan; give a change",
        ),
        ({"criterion": "joint-sparing"}, "A posture adapts under sums of powers of activation"),
    ],
)
def test_bad_input_is_told(body: Body, options: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told.replace("(", r"\(")):
        gluteal.adapt(body, gluteal.load_task("single-leg-stance", body), **options)  # type: ignore[arg-type]


def test_movements_that_do_not_adapt_are_told(body: Body) -> None:
    bridge = gluteal.load_task("bridge", body)
    assert not can_adapt(bridge)
    with pytest.raises(InputError, match="'bridge' is not one posture on one or both feet"):
        gluteal.adapt(body, bridge)


def test_quantities_have_their_signs(standing: Standing) -> None:
    """A change of each quantity is told with the sign that its meaning states, beside coordinates' own signs."""
    stance = standing.stance
    usual = say_posture(stance, stance.posture)
    lean = stance.start.copy()
    lean[stance.quantities.index("trunk_lean")] += 0.1
    posture, _ = stance.find(lean)
    assert say_posture(stance, posture)["trunk_lean"] - usual["trunk_lean"] == pytest.approx(np.rad2deg(0.1))
    torso = measure_segments(stance.body, posture, ["torso"]).rotation[0]
    assert torso[2, 1] > 0.1, "the trunk's axis points to the right, over the right leg"
