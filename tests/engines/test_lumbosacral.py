"""The lumbosacral joint of OpenSim models with a spine, and what makes the forward hip force of a weak hip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from tests.helpers.packages import needs

from gluteal.engines import compute_lines, compute_mechanics, load_body
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.movement import Movement
from gluteal.movements.tasks import load_task
from gluteal.movements.trials import load_trial
from gluteal.nerves.condition import Condition
from gluteal.outcome.joint_loads import compute_joint_loads
from gluteal.sharing.solution import solve_sharing
from gluteal.vocabulary import STANDARD_GRAVITY

#: Models with a lumbar spine.
SPINES = ("model_fbls_gluteal_plus_lumbar/FBLSmodel.osim", "lift_squat5kg_backmodel/lumbarModel_scaled.osim")


def hang(body: Body) -> Mechanics:
    """The model in its default posture, at rest, touching nothing."""
    values = np.array([[c.default for c in body.coordinates]])
    coords = {"time": [0.0], "coordinate": list(body.coordinate_names)}
    position = xr.DataArray(values, dims=("time", "coordinate"), coords=coords)
    still = xr.zeros_like(position)
    return compute_mechanics(body, Movement("default", "default posture", "task", position, still, still))


def masses(body: Body) -> dict[str, float]:
    """Mass of every segment, from the model itself."""
    bodies = body.model.model.getBodySet()
    return {bodies.get(i).getName(): bodies.get(i).getMass() for i in range(bodies.getSize())}


def attached(body: Body) -> list[set[str]]:
    """Segments on which the path points of each muscle lie, from the model itself."""
    import opensim

    found = []
    for path in body.model.paths:
        points = opensim.GeometryPath.safeDownCast(path).getPathPointSet()
        found.append({points.get(i).getParentFrame().findBaseFrame().getName() for i in range(points.getSize())})
    return found


@pytest.fixture(scope="module", params=SPINES)
def spine(request: pytest.FixtureRequest, data: Path) -> tuple[Body, Mechanics]:
    needs("opensim")
    body = load_body(data / request.param)
    return body, hang(body)


def test_the_joint_carries_what_is_above_it(spine: tuple[Body, Mechanics]) -> None:
    """Spine, ribs, head and arms are beyond the cut, legs and pelvis are not; at rest they need m g, no more."""
    body, mechanics = spine
    lines, mass = mechanics.lines, masses(body)
    j = [cut.joint for cut in lines.cuts].index("lumbosacral")
    beyond = set(lines.cuts[j].beyond)
    assert beyond.isdisjoint({"pelvis", "sacrum", "femur_r", "femur_l"})
    assert {"lumbar5", "lumbar1"} <= beyond and len(beyond) == 14  # five vertebrae, thorax and abdomen, arms
    weight = -sum(mass[name] for name in beyond) * body.model.model.getGravity().to_numpy()
    np.testing.assert_allclose(lines.needed_force[0, j], weight, rtol=1e-9, atol=1e-6)
    crossing = np.array([bool(on & beyond) and bool(on - beyond) for on in attached(body)])
    # 1e-9 of the tension: a path inside the trunk leaves the rounding of its own sum.
    np.testing.assert_array_equal(np.abs(lines.muscle_force[0, j]).max(axis=0) > 1e-9, crossing)


def test_both_sides_of_the_joint_agree(spine: tuple[Body, Mechanics]) -> None:
    """The forces on the two sides, summed apart, add up to what nothing supports: the whole weight."""
    body, mechanics = spine
    solved = solve_sharing(mechanics)
    tension = solved.dataset["muscle_force"].values
    lines = mechanics.lines
    j = [cut.joint for cut in lines.cuts].index("lumbosacral")
    cut = lines.cuts[j]
    rest = replace(cut, beyond=tuple(name for name in masses(body) if name not in cut.beyond))
    other = compute_lines(body, mechanics.movement, [rest])

    def supplied(needed: np.ndarray, pull: np.ndarray) -> np.ndarray:
        return needed - np.einsum("am,m->a", pull, tension[0])

    here = supplied(lines.needed_force[0, j], lines.muscle_force[0, j])
    there = supplied(other.needed_force[0, 0], other.muscle_force[0, 0])
    gravity = body.model.model.getGravity().to_numpy()
    np.testing.assert_allclose(here + there, -sum(masses(body).values()) * gravity, atol=1e-7)
    load = compute_joint_loads(solved)["joint_load"].sel(joint="lumbosacral").item()
    assert load == pytest.approx(np.linalg.norm(here), rel=1e-12)


@pytest.mark.opensim
def test_a_recorded_lift(data: Path) -> None:
    """The load presses the spine onto the pelvis in every frame, harder than the weight above it alone."""
    trial = load_trial(data / "lift_squat5kg_backmodel")
    mechanics = compute_mechanics(trial.body, trial.movement.take(slice(None, None, 200)))
    loads = compute_joint_loads(solve_sharing(mechanics))
    assert loads["joint"].values.tolist() == ["lumbosacral"]  # no legs
    force = loads["world_force"].sel(joint="lumbosacral").values
    above = mechanics.lines.needed_force[:, 0, 1]
    assert np.all(force[:, 1] < -above)
    size = loads["joint_load"].values[:, 0] / loads.attrs["body_weight_N"]
    assert 2.6 < size.min() < 3.2 and 10.0 < size.max() < 12.0  # docs/joint-loads.md


# --- forward hip force -----------------------------------------------------------------------------------


def forward_shares(extension: float, loss: float) -> dict[str, float]:
    """What each right muscle adds to the forward force of the thigh on the pelvis, body weights."""
    body = load_body("myo")
    mechanics = compute_mechanics(body, load_task("prone-hip-extension", body, extension=extension))
    condition = Condition.weaken("glmax", "glmed", "glmin", loss=loss, side="r")
    tension = solve_sharing(mechanics, condition=condition).dataset["muscle_force"].values[0]
    lines = mechanics.lines
    j = [(cut.joint, cut.side) for cut in lines.cuts].index(("hip", "r"))
    forward = lines.rotation[0, j][:, 0] @ lines.muscle_force[0, j]
    return dict(zip(body.muscle_names, forward * tension / (body.mass * STANDARD_GRAVITY), strict=True))


def test_near_neutral_the_hamstrings_cannot_press_forward() -> None:
    """Why 90 % of the gluteals lost leave the forward force as it was at 2 degrees of extension, and not at 12.

    The hamstrings that take over pull along the thigh: only an extended thigh turns that forward. At 2 degrees
    what is lost of the anterior gluteus medius (forward) equals what is lost of gluteus maximus (backward).
    """
    changes = []
    for extension in (2.0, 12.0):
        before, after = forward_shares(extension, 0.0), forward_shares(extension, 0.9)
        change = {m: after[m] - before[m] for m in before}
        groups = {
            "hamstrings": ("semimem_r", "semiten_r", "bflh_r"),
            "gluteus maximus": ("glmax1_r", "glmax2_r", "glmax3_r"),
            "abductors": ("glmed1_r", "glmed2_r", "glmed3_r", "glmin1_r", "glmin2_r", "glmin3_r"),
            "tfl": ("tfl_r",),
            "piriformis": ("piri_r",),
        }
        changes.append({name: sum(change[m] for m in members) for name, members in groups.items()})
        changes[-1]["all"] = sum(change.values())
    neutral, extended = changes
    assert abs(neutral["all"]) < 0.02 < 0.3 < extended["all"]
    assert abs(neutral["hamstrings"]) < 0.02 and extended["hamstrings"] > 0.25
    assert neutral["gluteus maximus"] == pytest.approx(0.11, abs=0.01)
    assert neutral["abductors"] == pytest.approx(-0.10, abs=0.015)
    assert neutral["tfl"] + neutral["piriformis"] == pytest.approx(0.0, abs=0.015)
