"""Laws of adapting a walk, on the embedded body; and for each a fault that it catches."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import gluteal
from gluteal.cli import main
from gluteal.cli.schemas import OUTPUTS
from gluteal.engines import measure_motions, measure_segments
from gluteal.errors import InputError, Unsolved
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import carry_on_feet
from gluteal.nerves.condition import Condition
from gluteal.simulate.adapt.cycle import Walking, adapt_walk, can_adapt_walk, walk_usually
from gluteal.simulate.adapt.cycle_cost import CycleEffort
from gluteal.simulate.adapt.cycle_search import COEFFICIENT_SCALES, CycleSearch, differentiate
from gluteal.simulate.adapt.footsteps import measure_walk
from gluteal.simulate.adapt.legs import CYCLE_QUANTITIES, WalkingLimbs
from gluteal.simulate.adapt.quantities import posture_quantity
from gluteal.simulate.adapt.record import Adaptation
from gluteal.testing import failing_solver
from gluteal.vocabulary import Side

#: More than the walk can do held exactly as it is.
LOSS = 0.9
HABIT = 1.6
EVERY = np.ones(len(CYCLE_QUANTITIES), bool)
#: Coefficients: a mean and two harmonics of each quantity, one number of the step width.
COUNT = 41


@pytest.fixture(scope="module")
def body() -> Body:
    return gluteal.load_body("myo")


@cache
def walking(toward: Side = "r") -> Walking:
    """Return the usual walk, prepared."""
    body = gluteal.load_body("myo")
    return walk_usually(body, gluteal.load_task("walk", body), toward=toward)


def block(loss: float, side: Side = "r") -> Condition:
    """Block the superior gluteal nerve."""
    return Condition.block("superior gluteal", loss=loss, side=side)


def search(loss: float, side: Side = "r") -> CycleSearch:
    """Return the outer problem of a loss with everything free."""
    return walking(side).search(block(loss, side), HABIT, EVERY)


def somewhere(seed: int = 0, size: float = 0.2) -> np.ndarray:
    """Return coefficients of some other walk."""
    return size * np.random.default_rng(seed).standard_normal(COUNT)


@pytest.fixture(scope="module")
def adapted(body: Body) -> Adaptation:
    return gluteal.adapt(body, gluteal.load_task("walk", body), condition=block(LOSS), band=False)


def test_no_condition_changes_nothing(body: Body) -> None:
    found = gluteal.adapt(body, gluteal.load_task("walk", body), band=False)
    assert found.change["value"].abs().max() < 1e-9
    assert found.cost[1] == found.cost[0]
    assert found.verdict == "unchanged"
    # Least effort alone would go another way: without the undisturbed slope the usual walk is no least.
    assert np.abs(walking().offset).max() > 0.1


def test_the_slope_is_the_central_difference() -> None:
    """dV/dq, dV/dv and dV/da of every frame along random curves, in another walk than the usual one."""
    outer = search(LOSS)
    q, v, a, _ = outer.move_by(somewhere())
    effort = outer.effort
    shared = effort.share(q, v, a)
    slopes = effort.slope(shared)
    rng = np.random.default_rng(1)
    moves = np.abs(outer.reference[0]).max(axis=0) > 0.0
    for order, step in enumerate((1e-6, 1e-5, 1e-4)):
        along = rng.standard_normal(q.shape) * moves
        ends = []
        for sign in (1.0, -1.0):
            curves = [q, v, a]
            curves[order] = curves[order] + sign * step * along
            ends.append(effort.share(*curves, shared.start).cost)
        difference = (ends[0] - ends[1]) / (2.0 * step)
        ours = (slopes[order] * along).sum(axis=1)
        # In a frame where a force under a foot is at the point of starting, the slope is bent within the step.
        off = np.sort(np.abs(ours - difference) / (1.0 + np.abs(difference)))
        assert off[-3] < 1e-5, ("q", "v", "a")[order]
        assert np.median(off) < 1e-6


@pytest.mark.slow
def test_the_gradient_is_the_central_difference() -> None:
    """In the usual walk and in others; far off a bundle of gluteus minimus is no gradient of its length, see below."""
    outer = search(LOSS)
    for u in (np.zeros(COUNT), somewhere(7), somewhere(9)):
        assert outer.check_gradient(u) < 1e-5
    # There the engine's moment arms of that one path are not symmetric in the coordinates; nothing else is off.
    assert outer.check_gradient(somewhere(2)) < 1e-3


def test_the_check_of_the_gradient_sees_loose_feet() -> None:
    """Poses met to 1e-6 only: accelerations, and with them the cost, jump from one walk to the next."""
    outer = search(LOSS)
    u = somewhere(3)
    loose = replace(outer, limbs=WalkingLimbs(outer.limbs.body, outer.limbs.reference, "r", found=1e-6))
    assert outer.check_gradient(u) < 1e-5 < 1e-3 < loose.check_gradient(u)


def test_the_check_of_the_gradient_sees_frozen_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forces under the feet that are held, where they answer."""
    outer = search(LOSS)
    monkeypatch.setattr(
        CycleEffort,
        "_feet",
        lambda self, shared: (np.zeros_like(shared.q), np.zeros_like(shared.q), np.zeros_like(shared.push)),
    )
    assert outer.check_gradient(somewhere(7)) > 1e-3


def test_feet_keep_their_paths() -> None:
    """But for the step width, half of it for each foot; poses too."""
    outer = search(LOSS)
    u = somewhere(4)
    deviation = outer.deviate(u)
    q = outer.move(deviation)[0]
    body, width = outer.limbs.body, deviation[0, CYCLE_QUANTITIES.index("step_width")]
    assert abs(width) > 1e-4
    for t in range(0, len(q), 7):
        usual, here = (measure_segments(body, x[t], ["calcn_r", "calcn_l"]) for x in (outer.reference[0], q))
        apart = np.array([[0.0, 0.0, 0.5 * width], [0.0, 0.0, -0.5 * width]])
        assert np.abs(here.position - usual.position - apart).max() < 1e-10
        assert np.abs(here.rotation - usual.rotation).max() < 1e-10
    assert np.abs(q - outer.reference[0]).max() > 0.01, "the legs do something else"


def test_quantities_are_what_is_asked() -> None:
    outer = search(LOSS)
    deviation = outer.deviate(somewhere(5))
    walks = [measure_walk(outer.limbs, q) for q in (outer.reference[0], outer.move(deviation)[0])]
    for i, name in enumerate(CYCLE_QUANTITIES):
        if name == "step_width":
            moved = (walks[1]["foot r"] - walks[1]["foot l"]) - (walks[0]["foot r"] - walks[0]["foot l"])
        else:
            moved = walks[1][name] - walks[0][name]
        unit = 1000.0 if posture_quantity(name).unit == "mm" else np.rad2deg(1.0)
        np.testing.assert_allclose(moved, unit * deviation[:, i], atol=1e-6)


def test_speeds_are_those_of_the_curves() -> None:
    """A wave below the highest one is differentiated exactly, and the walk is its own derivative."""
    frames, period = 50, 1.1
    time = period * np.arange(frames) / frames
    wave = 2.0 * np.pi * 7.0 / period
    np.testing.assert_allclose(
        differentiate(frames, period, 1) @ np.sin(wave * time), wave * np.cos(wave * time), atol=1e-9
    )
    np.testing.assert_allclose(
        differentiate(frames, period, 2) @ np.sin(wave * time), -(wave**2) * np.sin(wave * time), atol=1e-7
    )


def test_bare_motions_equal_the_labelled_ones(body: Body) -> None:
    """With muscles and without, beside `gluteal.compute_mechanics`."""
    walk = walking()
    q, v, a = walk.reference
    whole = measure_motions(body, q, v, a, walk.effort.supports)
    bare = measure_motions(body, q, v, a, walk.effort.supports, muscles=False)
    np.testing.assert_allclose(bare.joint_moment, whole.joint_moment, atol=1e-9)
    np.testing.assert_allclose(bare.support_arm, whole.support_arm, atol=1e-12)
    shared = walk.effort.share(q, v, a)
    carried = whole.joint_moment - np.einsum("tqr,tr->tq", whole.support_arm, shared.push)
    # The loads of the built-in walk act on the heel bone, also those under the toes, whose joint is not asked for.
    asked = [i for i, name in enumerate(body.coordinate_names) if not name.startswith("mtp_angle")]
    labelled = walk.mechanics.dataset["joint_moment"].values[:-1]
    np.testing.assert_allclose(carried[:, asked], labelled[:, asked], atol=1e-5)


@pytest.mark.slow
def test_adapting_never_costs_more_and_nothing_is_missing(adapted: Adaptation) -> None:
    assert adapted.cost[1] < adapted.cost[0]
    assert adapted.fixed.verdict == "impossible"
    assert adapted.verdict == "compensated"
    assert adapted.bought.missing[0] > 10.0 and adapted.bought.missing[1] < 0.1
    assert adapted.bought.effort[2] < adapted.bought.effort[1]
    told = adapted.change.set_index(["quantity", "phase"])["value"]
    assert told["trunk_lean", "mean over right stance"] > 1.0
    assert told["hip_adduction", "mean over right stance"] < -1.0


@pytest.mark.slow
def test_the_ground_carries_the_adapted_walk(adapted: Adaptation) -> None:
    """As nearly as it carries the usual one: the limits of the built-in walks are 10 N and 10 N m."""
    left = adapted.adapted_movement.settings["largest_pelvis_residual"]
    assert left["force_n"] < 1.0 and left["moment_nm"] < 1.0


@pytest.mark.slow
def test_the_adapted_walk_is_periodic(adapted: Adaptation, body: Body) -> None:
    walk = adapted.adapted_movement
    first, last = (walk.coordinates.sel(coordinate=list(body.coordinate_names)).values[t] for t in (0, -1))
    stride = last - first
    ahead = body.coordinate_names.index("pelvis_tx")
    assert stride[ahead] > 1.0
    assert np.abs(np.delete(stride, ahead)).max() < 1e-12
    # And its own curves carry it: the loads are those that its curves ask for.
    again = carry_on_feet(body, walk)
    np.testing.assert_allclose(again.loads[0].force, walk.loads[0].force, atol=1e-6)


@pytest.mark.slow
def test_the_certificate_is_reported(adapted: Adaptation) -> None:
    assert adapted.certificate.inner < 1e-6
    assert adapted.certificate.gradient < 1e-3
    assert adapted.certificate.evaluations > 10
    assert "not in walking" in " ".join(adapted.notes) and "keep their paths" in " ".join(adapted.notes)


def test_a_mirrored_loss_is_the_same_half_a_cycle_later() -> None:
    """Cost and gradient of the mirrored walk; the built-in walk's left leg is its right one half a cycle later."""
    u = somewhere(6)
    later = u.copy()
    outer, other = search(LOSS), search(LOSS, "l")
    harmonic = np.array([0, 1, 1, 2, 2])
    for quantity in range(len(CYCLE_QUANTITIES)):
        own = outer.columns == quantity
        later[own] *= np.where(harmonic[: own.sum()] == 1, -1.0, 1.0)
    right, left = outer.measure(u), other.measure(later)
    # Both sides have the same paths to a thousandth of a millimetre.
    assert left[0] == pytest.approx(right[0], rel=1e-3)
    assert abs(other.measure(u)[0] / right[0] - 1.0) > 1e-2, "not half a cycle later it is another walk"
    scale = np.where(later == u, 1.0, -1.0)
    np.testing.assert_allclose(left[1] * scale, right[1], atol=2e-3 * np.abs(right[1]).max())


@pytest.mark.slow
def test_some_quantities_alone(body: Body) -> None:
    walk = gluteal.load_task("walk", body)
    found = gluteal.adapt(body, walk, condition=block(LOSS), free=["trunk lean", "step width"], band=False)
    assert found.free == ("step_width", "trunk_lean")
    largest = found.change.groupby("quantity")["value"].apply(lambda value: value.abs().max())
    assert largest["trunk_lean"] > 0.5
    assert largest["pelvic_list"] < 1e-9


@pytest.mark.slow
def test_a_demanded_step_width_is_kept_and_the_rest_pays_less(body: Body) -> None:
    """The other quantities go where it costs least; what was asked for stays to the last digit."""
    walk = gluteal.load_task("walk", body)
    found = gluteal.adapt(body, walk, demand={"step_width": 80.0}, band=False)
    change = found.change.set_index("quantity")["value"]
    assert change["step_width"] == pytest.approx(80.0, abs=1e-6)
    assert found.demanded == ("step_width",) and "step_width" not in found.free
    assert found.cost[1] < found.cost[0]
    assert found.bought.effort[2] < found.bought.effort[1]
    held = gluteal.adapt(body, walk, demand={"step_width": 80.0}, free=[], band=False)
    assert held.cost == (found.cost[0], found.cost[0])


def test_what_adapts_and_what_not(body: Body) -> None:
    walk = gluteal.load_task("walk", body)
    assert can_adapt_walk(walk)
    assert not can_adapt_walk(gluteal.load_task("bridge", body))
    assert not can_adapt_walk(replace(walk, loads=(*walk.loads, replace(walk.loads[0], name="a bag"))))
    with pytest.raises(InputError, match="'bridge' is not one cycle of a built-in walk"):
        adapt_walk(body, gluteal.load_task("bridge", body))


def test_what_is_not_solved_gets_nowhere(body: Body) -> None:
    with failing_solver(), pytest.raises(Unsolved):
        gluteal.adapt(body, gluteal.load_task("walk", body), condition=block(0.5), band=False)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"habit": 0.0}, "The habit's weight is 0; give a number above 0"),
        ({"margin": 0.5}, "margin is for postures"),
        ({"demand": {"hip_flexion": 3.0}}, "hip_flexion is no quantity that is free in a walk"),
        ({"demand": {"step_width": 400.0}}, "give a change from -300 to 300 millimetres"),
        ({"free": ["knee_flexion"]}, "knee_flexion is no quantity that is free in a walk"),
        ({"criterion": "joint-sparing"}, "A walk adapts"),
        ({"condition": Condition.wish("glmax", level=0.3)}, "asks for more than that"),
    ],
)
def test_bad_input_is_told(body: Body, options: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        gluteal.adapt(body, gluteal.load_task("walk", body), **options)  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_command_prints_what_its_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    # A strong habit ends the search soon.
    assert main(["adapt", "walk", "--weaken", "tfl=0.2", "--side", "l", "--free", "trunk_lean", "--json"]) == 0
    text = capsys.readouterr().out
    OUTPUTS["adapt"].read(text)
    data = json.loads(text)
    assert data["toward"] == "l" and data["margin_mm"] is None
    assert {c["phase"] for c in data["change"] if c["quantity"] == "trunk_lean"} == {
        f"{what} {side} stance" for what in ("mean over", "largest in") for side in ("right", "left")
    }


def test_simulate_offers_it(capsys: pytest.CaptureFixture[str]) -> None:
    nerve = ("--nerve", f"superior gluteal={LOSS}", "--side", "r", "--no-ensemble")
    assert main(["simulate", "walk", *nerve]) == 3
    out = " ".join(capsys.readouterr().out.split())
    assert f"gluteal adapt walk --nerve 'superior gluteal={LOSS}' --side r" in out


def test_coefficients_are_scaled() -> None:
    """A unit of a coefficient is the stated share of one deviation of the habit."""
    outer = search(0.0)
    for i, scale in enumerate(COEFFICIENT_SCALES):
        u = np.zeros(COUNT)
        u[np.flatnonzero(outer.columns == CYCLE_QUANTITIES.index("pelvic_list"))[i]] = 1.0
        off = outer.deviate(u)[:, CYCLE_QUANTITIES.index("pelvic_list")]
        assert np.abs(off).max() == pytest.approx(scale * np.deg2rad(3.0), rel=2e-2)
