"""A body of six muscles and its solved movements, small enough to check by hand."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gluteal.errors import InputError
from gluteal.mechanics.body import Body, Coordinate, make_muscle_table
from gluteal.mechanics.build import Mechanics, build_mechanics
from gluteal.mechanics.geometry import Geometry
from gluteal.mechanics.movement import Movement, Support
from gluteal.mechanics.picture import Picture
from gluteal.nerves.condition import Condition
from gluteal.outcome.record import Outcome
from gluteal.sharing.criterion import Criterion
from gluteal.sharing.solution import solve_sharing

COORDINATES = (
    "pelvis_tx",
    "pelvis_ty",
    "pelvis_tz",
    "hip_adduction_r",
    "hip_adduction_l",
    "ankle_angle_r",
)
#: Muscle -> (largest force N, coordinate, moment arm m). Abductors turn against hip adduction.
MUSCLES = {
    "glmed1_r": (1000.0, "hip_adduction_r", -0.05),
    "tfl_r": (500.0, "hip_adduction_r", -0.04),
    "glmax1_r": (1000.0, "hip_adduction_r", -0.02),
    "glmed1_l": (1000.0, "hip_adduction_l", -0.05),
    "tfl_l": (500.0, "hip_adduction_l", -0.04),
    "soleus_r": (3000.0, "ankle_angle_r", -0.04),
}
WEIGHT = 600.0  # N, carried by one support straight below the pelvis


def make_body() -> Body:
    parameters = {
        "max_isometric_force": np.array([m[0] for m in MUSCLES.values()]),
        "optimal_fiber_length": np.full(len(MUSCLES), 0.1),
        "tendon_slack_length": np.full(len(MUSCLES), 0.2),
        "pennation_angle": np.zeros(len(MUSCLES)),
        "max_contraction_velocity": np.full(len(MUSCLES), 10.0),
        "passive_onset_strain": np.zeros(len(MUSCLES)),
        "passive_strain": np.full(len(MUSCLES), 0.6),
    }
    return Body(
        name="six muscles",
        engine="mujoco",
        mass=60.0,
        coordinates=tuple(
            Coordinate(c, "translation" if c.startswith("pelvis") else "rotation", (-3.0, 3.0)) for c in COORDINATES
        ),
        muscles=make_muscle_table(list(MUSCLES), parameters, ["made up"] * len(MUSCLES)),
        source="tests",
        notes=("This body exists in tests only.",),
    )


def make_mechanics(
    demand: float = 20.0, *, frames: int = 3, left: float = 10.0, supported: bool = True, rest: bool = False
) -> Mechanics:
    """Isometric hip abduction at optimal fibre lengths: `demand` N m right, `left` left, at first none if `rest`."""
    body = make_body()
    time = np.arange(frames) * 0.1
    still = xr.DataArray(
        np.zeros((frames, len(COORDINATES))),
        dims=("time", "coordinate"),
        coords={"time": time, "coordinate": list(COORDINATES)},
    )
    movement = Movement(
        name="held-abduction",
        title="Held abduction",
        kind="task",
        coordinates=still,
        speed=still,
        acceleration=still,
        supports=(Support("seat", "pelvis", (0.0, 0.0, 0.0)),) if supported else (),
        settings={"made_up": True},
        warnings=("The demand is made up.",),
    )
    arm = np.zeros((frames, len(COORDINATES), len(MUSCLES)))
    for m, (_, coordinate, value) in enumerate(MUSCLES.values()):
        arm[:, COORDINATES.index(coordinate), m] = value
    moment = np.zeros((frames, len(COORDINATES)))
    moment[:, 1] = WEIGHT
    # Most in the middle of the movement.
    course = 1.0 - 0.1 * np.abs(np.arange(frames) - frames // 2)
    course[: int(rest)] = 0.0
    moment[:, 3], moment[:, 4] = -demand * course, -left * course
    support_arm = np.zeros((frames, len(COORDINATES), 4 if supported else 0))
    if supported:
        support_arm[:, 1] = 1.0
    geometry = Geometry(
        mtu_length=np.full((frames, len(MUSCLES)), 0.3),
        moment_arm=arm,
        joint_moment=moment,
        support_arm=support_arm,
        ray_support=("seat",) * 4 if supported else (),
    )
    return build_mechanics(body, movement, geometry, seconds=0.01)


def make_outcome(
    condition: Condition | None = None, *, criterion: Criterion | None = None, **options: float
) -> Outcome:
    mechanics = make_mechanics(**options)  # type: ignore[arg-type]
    condition = condition or Condition()
    baseline = solve_sharing(mechanics, criterion=criterion)
    changed = solve_sharing(mechanics, condition=condition, criterion=criterion, undisturbed=baseline)
    return Outcome(baseline, changed)


def make_picture(*_: object) -> Picture:
    hip = np.array([0.0, 0.9, 0.1])
    sticks = np.array([[hip, [0.0, 0.5, 0.12]], [[0.0, 0.5, 0.12], [0.0, 0.05, 0.12]], [hip, [0.0, 1.5, 0.0]]])
    paths = {m: np.array([hip, [0.03, 0.7, 0.15], [0.0, 0.5, 0.12]]) for m in MUSCLES}
    return Picture((), sticks, paths, {"seat": np.array([0.0, 0.0, 0.1])})


def draw_no_live_page(*_: object, **__: object) -> None:
    """Stand in for `gluteal.show.live.embed.live_block`: no engine moves the body of this module."""
    raise InputError("This body exists in tests only and is drawn by no engine.")
