"""Carrying while a posture or a walk adapts: laws, signs beside people's, and a fault that each check catches."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import gluteal
from gluteal.cli import main
from gluteal.cli.schemas import OUTPUTS
from gluteal.engines import fix_masses, measure_motions, segment_points
from gluteal.errors import InputError, UnknownName
from gluteal.mechanics.body import Body
from gluteal.nerves.condition import Condition
from gluteal.outcome.supports import compute_support_force
from gluteal.simulate.adapt import carried as carried_module
from gluteal.simulate.adapt.carried import PACK_PLACE, carry_along, hang_masses
from gluteal.simulate.adapt.cycle import Walking, walk_usually
from gluteal.simulate.adapt.legs import CYCLE_QUANTITIES
from gluteal.simulate.adapt.posture import Standing, stand
from gluteal.simulate.adapt.record import Adaptation
from gluteal.vocabulary import STANDARD_GRAVITY

#: A quarter of the body's mass, as in Bergmann et al. 1997 (abstract).
QUARTER = 0.25
HABIT = 1.6


@pytest.fixture(scope="module")
def walking(body: Body) -> Walking:
    return walk_usually(body, gluteal.load_task("walk", body))


def one_hand(body: Body, hand: str, side: str = "r") -> Adaptation:
    """Carry a quarter of body mass in one hand, standing on one leg."""
    stance = gluteal.load_task("single-leg-stance", body, side=side)
    return gluteal.adapt(body, stance, carry={hand: QUARTER * body.mass}, band=False)


def medius(found: Adaptation, side: str = "r") -> tuple[float, float, float]:
    """Return gluteus medius undisturbed, held and adapted."""
    fixed, adapted = (o.groups.set_index(["name", "side"]).loc[("glmed", side)] for o in (found.fixed, found.adapted))
    return float(fixed["baseline_peak"]), float(fixed["peak"]), float(adapted["peak"])


def hip(found: Adaptation, side: str = "r") -> tuple[float, float, float]:
    """Return the hip's force undisturbed, held and adapted, body weights."""
    return next((a, b, c) for joint, s, a, b, c in found.bought.joint_loads if (joint, s) == ("hip", side))


def test_a_fixed_mass_asks_for_its_weight_and_inertia(body: Body) -> None:
    """J' m (acceleration + g) of the point, by differences along a curve."""
    rng = np.random.default_rng(0)
    q, v, a = (scale * rng.standard_normal((1, len(body.coordinate_names))) for scale in (0.2, 1.0, 1.0))
    mass, point = 10.0, (-0.05, 0.36, 0.17)

    def place(posture: np.ndarray) -> np.ndarray:
        return segment_points(body, posture, [("torso", point)])[0]

    def along(t: float) -> np.ndarray:
        return place(q[0] + v[0] * t + 0.5 * a[0] * t * t)

    h = 1e-4
    acceleration = (along(h) - 2.0 * along(0.0) + along(-h)) / h**2
    moved = [(place(q[0] + 1e-6 * e) - place(q[0] - 1e-6 * e)) / 2e-6 for e in np.eye(q.shape[1])]
    expected = np.array(moved) @ (mass * (acceleration + np.array([0.0, STANDARD_GRAVITY, 0.0])))
    laden = fix_masses(body, [("torso", point, mass)])
    ours = [measure_motions(b, q, v, a, (), muscles=False).joint_moment[0] for b in (laden, body)]
    # Second differences of a curve of metres at 1e-4 s keep six digits.
    np.testing.assert_allclose(ours[0] - ours[1], expected, atol=1e-5 * np.abs(expected).max())
    assert laden.mass == pytest.approx(body.mass + mass)
    assert body.mass == gluteal.load_body("myo").mass


def test_bare_mechanics_equal_the_labelled_ones(standing: Standing) -> None:
    """A, S and b of another posture under a load, beside those of `gluteal.build_sharing`."""
    laden = standing.carrying({"left-hand": 12.0, "back": 5.0})
    stance = laden.stance
    rng = np.random.default_rng(0)
    posture, _ = stance.find(stance.start + stance.sigma * rng.standard_normal(len(stance.sigma)))
    labelled = gluteal.build_sharing(laden.mechanics_at(posture))
    _, _, b = laden.effort.balance(posture)
    np.testing.assert_allclose(b, labelled.b[0], atol=1e-8)
    assert np.abs(b - standing.effort.balance(posture)[2]).max() > 10.0


def test_the_envelope_is_the_central_difference_under_a_load(standing: Standing) -> None:
    laden = standing.carrying({"left-hand": 12.0, "back": 5.0})
    outer = laden.search(Condition(), HABIT, np.ones(len(laden.stance.quantities), bool))
    u = 0.3 * np.random.default_rng(1).standard_normal(len(laden.stance.quantities))
    assert outer.check_gradient(u) < 1e-6


def test_the_ground_carries_body_and_load(body: Body) -> None:
    found = one_hand(body, "left-hand")
    push = compute_support_force(found.adapted.changed).sel(axis="y").sum("support").values
    assert push == pytest.approx((1.0 + QUARTER) * body.mass * STANDARD_GRAVITY, rel=1e-3)


def test_one_hand_loads_the_other_hip_and_relieves_its_own(body: Body) -> None:
    """As in people who walk (abstracts): abductors work more opposite the load, no more than before beside it.

    Neumann et al. 1994 and 1996, EMG; Bergmann et al. 1997: with a quarter of body weight in one hand the hip's force
    is two thirds larger opposite the load than beside it, where it stays or falls. Held or adapted, standing here.
    """
    beside, opposite = one_hand(body, "right-hand"), one_hand(body, "left-hand")
    for way in (1, 2):  # held, adapted
        assert medius(opposite)[way] > 1.2 * medius(opposite)[0]
        assert medius(beside)[way] < 0.9 * medius(beside)[0]
        assert hip(opposite)[way] > 1.3 * hip(beside)[way]
        assert hip(beside)[way] < hip(beside)[0] < hip(opposite)[way]
    assert opposite.verdict == "compensated" and not opposite.condition
    assert "19.2 kg in the left hand" in opposite.sentence


def test_a_load_on_the_wrong_side_is_seen(body: Body, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault: hands at each other's shoulders. Every sign of the test above turns round."""
    shoulder = carried_module._shoulder
    monkeypatch.setattr(carried_module, "_shoulder", lambda body, side: shoulder(body, "l" if side == "r" else "r"))
    opposite = one_hand(body, "left-hand")
    assert medius(opposite)[2] < medius(opposite)[0]
    assert hip(opposite)[2] < hip(opposite)[0]


def test_a_mirrored_load_mirrors(body: Body) -> None:
    right, left = one_hand(body, "left-hand"), one_hand(body, "right-hand", "l")
    np.testing.assert_allclose(medius(right), medius(left, "l"), rtol=1e-4)
    ours, other = (f.change.set_index("quantity")["value"] for f in (right, left))
    np.testing.assert_allclose(ours.values, other.values, atol=0.02)


def test_a_pack_leans_the_trunk_forward(body: Body) -> None:
    found = gluteal.adapt(body, gluteal.load_task("quiet-standing", body), carry={"back": 15.0}, band=False)
    assert found.change.set_index("quantity")["value"]["trunk_forward_lean"] > 0.2
    both = hang_masses(body, {"both hands": 10.0})
    assert [h.mass for h in both] == [5.0, 5.0] and both[0].point[2] == pytest.approx(-both[1].point[2])
    assert hang_masses(body, {"back": 10.0})[0].point == PACK_PLACE


def test_a_walk_carries_by_the_same_code(body: Body, walking: Walking) -> None:
    """Bare cycle and labelled walk agree; the sides of the load turn the sign; the slope is right under a load."""
    means = {}
    stance = walking.effort.balance.active[:, walking.effort.balance.foot == "r"].any(axis=1)
    usual = walking.baseline.activation.values[:-1][stance]
    places = [i for i, n in enumerate(body.muscle_names) if n.startswith("glmed") and n.endswith("_r")]
    for hand in ("right-hand", "left-hand"):
        laden = walking.carrying({hand: QUARTER * body.mass})
        solved = laden.solve_at(laden.walk_at(*laden.reference), Condition())
        means[hand] = solved.activation.values[:-1][stance][:, places].mean()
        bare = laden.effort.share(*laden.reference)
        asked = bare.geometry.joint_moment - np.einsum("tqr,tr->tq", bare.geometry.support_arm, bare.push)
        moment = solved.mechanics.dataset["joint_moment"].sel(coordinate=list(body.coordinate_names)).values[:-1]
        told = [*laden.effort.problem.rows, *laden.effort.balance.root]  # toes carry their own load, see docs/tasks.md
        np.testing.assert_allclose(asked[:, told], moment[:, told], atol=1e-4)
        assert (
            laden.search(Condition(), HABIT, np.ones(len(CYCLE_QUANTITIES), bool)).check_gradient(
                0.1 * np.random.default_rng(0).standard_normal(41)
            )
            < 1e-5
        )
    assert means["right-hand"] < usual[:, places].mean() < means["left-hand"]


def test_weights_of_a_task_file_go_along(body: Body, tmp_path: Path) -> None:
    """A posture that carries already adapts with its weights; a band's pull in another posture is not known."""
    library = Path(gluteal.__file__).parent / "movements" / "tasks" / "library"
    text = (library / "single-leg-stance.toml").read_text()
    weighted = tmp_path / "bag.toml"
    weighted.write_text(text + '\n[[weight]]\nname = "bag"\nmass = 8.0\npoints = ["shoulder_side_r"]\n')
    laden = stand(body, gluteal.load_task(weighted, body))
    stance = laden.stance
    posture, _ = stance.find(stance.start + 0.5 * stance.sigma)
    np.testing.assert_allclose(
        laden.effort.balance(posture)[2], gluteal.build_sharing(laden.mechanics_at(posture)).b[0], atol=1e-8
    )
    banded = tmp_path / "band.toml"
    banded.write_text(
        text + '\n[[band]]\nname = "band"\nforce = 20.0\nbetween = ["malleolus_lateral_r", "malleolus_lateral_l"]\n'
    )
    with pytest.raises(InputError, match="which is no weight"):
        stand(body, gluteal.load_task(banded, body))


def test_loads_of_a_movement_are_replaced_not_added(body: Body) -> None:
    stance = gluteal.load_task("single-leg-stance", body)
    hung = hang_masses(body, {"left-hand": 10.0})
    once = carry_along(body, stance, hung)
    assert len(carry_along(body, once, hung).loads) == len(once.loads) == 1
    np.testing.assert_allclose(once.loads[0].force, [[0.0, -10.0 * STANDARD_GRAVITY, 0.0]], atol=1e-6)


def test_bad_loads_are_told(body: Body) -> None:
    with pytest.raises(UnknownName, match="There are right-hand, left-hand, both-hands, back"):
        hang_masses(body, {"left hnd": 3.0})
    for mass in (0.0, -1.0, 500.0, float("nan")):
        with pytest.raises(InputError, match=r"give a mass above 0 and up to .* kg"):
            hang_masses(body, {"back": mass})


def test_the_command_carries(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adapt", "single-leg-stance", "--carry", "left-hand=10", "--json"]) == 0
    text = capsys.readouterr().out
    OUTPUTS["adapt"].read(text)
    data = json.loads(text)
    assert data["carried"] == [{"place": "left-hand", "mass_kg": 10.0}]
    assert data["alteration"] == "10 kg in the left hand"
    assert main(["adapt", "single-leg-stance", "--carry", "left-hand"]) == 2
    assert "write, for example, --carry left-hand=10" in capsys.readouterr().err
