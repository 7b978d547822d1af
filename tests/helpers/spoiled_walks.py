"""A recorded walk with one thing made wrong on purpose, and the words that its cause has to have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gluteal.sto import load_table, save_table
from tests.helpers.packages import needs
from tests.helpers.spoiled_tables import count_time, lean_forward

MODEL, COORDINATES, FORCES, LOADS = "subject_walk_scaled.osim", "coordinates.sto", "grf_walk.mot", "grf_walk.xml"
Change = Callable[[Path], None]


def columns(file: str, pattern: str, change: Callable[[np.ndarray], Any]) -> Change:
    """Change the columns whose names match."""

    def spoil(folder: Path) -> None:
        table = load_table(folder / file)
        values = table.values.copy()
        chosen = [i for i, name in enumerate(table.columns) if re.search(pattern, name)]
        assert chosen, pattern
        for i in chosen:
            values[:, i] = change(values[:, i])
        save_table(folder / file, table.time, table.columns, values, in_degrees=bool(table.in_degrees))

    return spoil


def clock(file: str, seconds: float) -> Change:
    """Move a table in time; its first or last rows are repeated, so that all is covered."""

    def spoil(folder: Path) -> None:
        table = load_table(folder / file)
        moved = np.stack([np.interp(table.time - seconds, table.time, column) for column in table.values.T], axis=1)
        save_table(folder / file, table.time, table.columns, moved, in_degrees=bool(table.in_degrees))

    return spoil


def stretch(file: str, share: float) -> Change:
    """Let the clock of a table run at another rate, right where it starts."""

    def spoil(folder: Path) -> None:
        table = load_table(folder / file)
        time = table.time[0] + (table.time - table.time[0]) * (1.0 + share)
        save_table(folder / file, time, table.columns, table.values, in_degrees=bool(table.in_degrees))

    return spoil


def rename(file: str, swap: Callable[[str], str]) -> Change:
    """Give the columns of a table other names."""

    def spoil(folder: Path) -> None:
        table = load_table(folder / file)
        names = tuple(swap(name) for name in table.columns)
        save_table(folder / file, table.time, names, table.values, in_degrees=bool(table.in_degrees))

    return spoil


def text(file: str, *pairs: tuple[str, str]) -> Change:
    """Replace words in a file; the places of all are found before any is changed."""

    def spoil(folder: Path) -> None:
        content = (folder / file).read_text()
        for old, _ in pairs:
            assert old in content, old
        found = dict(pairs)
        content = re.sub("|".join(map(re.escape, found)), lambda match: found[match.group()], content)
        (folder / file).write_text(content)

    return spoil


def option(line: str) -> Change:
    """Say something in the trial's file."""

    def spoil(folder: Path) -> None:
        with (folder / "trial.toml").open("a") as file:
            file.write(line + "\n")

    return spoil


def model(change: Callable[[Any, Any], None]) -> Change:
    """Change the model."""

    def spoil(folder: Path) -> None:
        osim = needs("opensim")
        opened = osim.Model(str(folder / MODEL))
        change(osim, opened)
        opened.finalizeConnections()
        opened.printToXML(str(folder / MODEL))

    return spoil


def scale_mass(factor: float) -> Change:
    """Scale the mass and the inertia of every segment."""

    def change(osim: Any, opened: Any) -> None:
        bodies = opened.updBodySet()
        for i in range(bodies.getSize()):
            body = bodies.get(i)
            body.scaleMass(factor)

    return model(change)


def scale_muscles(fibre: float, tendon: float, only: str = "") -> Change:
    """Scale optimal fibre and tendon slack lengths."""

    def change(osim: Any, opened: Any) -> None:
        muscles = opened.updMuscles()
        for i in range(muscles.getSize()):
            muscle = muscles.get(i)
            if muscle.getName().startswith(only):
                muscle.set_optimal_fiber_length(fibre * muscle.get_optimal_fiber_length())
                muscle.set_tendon_slack_length(tendon * muscle.get_tendon_slack_length())

    return model(change)


def scale_size(factor: float) -> Change:
    """Scale all segments and muscles as OpenSim does, the mass as it is: the model of a smaller or taller person."""

    def change(osim: Any, opened: Any) -> None:
        state = opened.initSystem()
        scales = osim.ScaleSet()
        for name in [body.getName() for body in opened.getBodyList()]:
            scale = osim.Scale()
            scale.setSegmentName(name)
            scale.setScaleFactors(osim.Vec3(factor))
            scale.setApply(True)
            scales.cloneAndAppend(scale)
        assert opened.scale(state, scales, True, opened.getTotalMass(state))

    return model(change)


def weak(factor: float) -> Change:
    """Scale the strength of every muscle: newtons read as kilograms and the like."""

    def change(osim: Any, opened: Any) -> None:
        muscles = opened.updMuscles()
        for i in range(muscles.getSize()):
            muscles.get(i).set_max_isometric_force(factor * muscles.get(i).get_max_isometric_force())

    return model(change)


def stiff_spring(osim: Any, opened: Any) -> None:
    """A spring about the right knee whose stiffness was meant per degree."""
    spring = osim.SpringGeneralizedForce("knee_angle_r")
    spring.setName("brace")
    spring.setStiffness(2000.0)
    spring.setRestLength(0.0)
    spring.setViscosity(0.0)
    opened.addForce(spring)


def other_side(name: str) -> str:
    """Exchange right and left in the name of a coordinate."""
    return re.sub(r"_(r|l)(?=/|$)", lambda m: "_l" if m.group(1) == "r" else "_r", name)


def exchange(first: str, second: str, of: str = "") -> Change:
    """Exchange two axes of every vector of the force table, or of those whose names end as said before the axis."""
    letters = {first: second, second: first}
    return rename(
        FORCES, lambda name: name[:-1] + (letters.get(name[-1], name[-1]) if name[:-1].endswith(of) else name[-1])
    )


def without_load(name: str) -> Change:
    """Leave one external force out."""

    def spoil(folder: Path) -> None:
        content = (folder / LOADS).read_text()
        left, count = re.subn(rf'<ExternalForce name="{name}">.*?</ExternalForce>', "", content, flags=re.DOTALL)
        assert count == 1
        (folder / LOADS).write_text(left)

    return spoil


def off_the_plate(folder: Path) -> None:
    """Nothing is measured any more from 1.2 s on, as of somebody who has left the plates."""
    table = load_table(folder / FORCES)
    values = table.values.copy()
    forces = [i for i, name in enumerate(table.columns) if "_v" in name or "torque" in name]
    values[np.ix_(table.time > 1.2, forces)] = 0.0
    save_table(folder / FORCES, table.time, table.columns, values)


def on_one_belt(folder: Path) -> None:
    """Both feet on the plate that is said to be the right one's; nothing on the left."""
    table = load_table(folder / FORCES)
    values, at = table.values.copy(), table.columns.index
    parts = {
        side: [
            [at(f"ground_{word}{a}") for a in "xyz"]
            for word in (f"force_{side}_v", f"force_{side}_p", f"torque_{side}_")
        ]
        for side in "rl"
    }
    force, moment = np.zeros((len(values), 3)), np.zeros((len(values), 3))
    for f, p, t in parts.values():
        on = np.linalg.norm(values[:, f], axis=1, keepdims=True) > 20.0
        force += np.where(on, values[:, f], 0.0)
        moment += np.where(on, np.cross(values[:, p], values[:, f]) + values[:, t], 0.0)
    up = np.where(force[:, 1] > 20.0, force[:, 1], np.inf)
    point = np.stack([moment[:, 2] / up, np.zeros(len(up)), -moment[:, 0] / up], axis=1)
    for columns_, new in zip(
        parts["r"], (force, point, (moment - np.cross(point, force)) * [0.0, 1.0, 0.0]), strict=True
    ):
        values[:, columns_] = new
    for columns_ in (parts["l"][0], parts["l"][2]):
        values[:, columns_] = 0.0
    save_table(folder / FORCES, table.time, table.columns, values)


def stepped_on_by_the_other(folder: Path) -> None:
    """From 1.4 s on each plate is under the other foot: it was stepped on twice."""
    table = load_table(folder / FORCES)
    values = table.values.copy()
    late = table.time > 1.4
    for i, name in enumerate(table.columns):
        other = table.columns.index(name.replace("_r_", "_L_").replace("_l_", "_r_").replace("_L_", "_l_"))
        values[late, i] = table.values[late, other]
    save_table(folder / FORCES, table.time, table.columns, values)


def quiet_degrees(folder: Path) -> None:
    """Quiet standing, in degrees, in a file that says radians: every number is small."""
    table = load_table(folder / COORDINATES)
    values, names = table.values.copy(), table.columns
    for i, name in enumerate(names):
        if "pelvis_t" in name and "tilt" not in name:
            values[:, i] = values[0, i]
        else:
            values[:, i] = 5.0 if "knee" in name else 2.0
    save_table(folder / COORDINATES, table.time, names, values, in_degrees=False)
    option('external_loads = "none"')(folder)


def in_degrees(folder: Path) -> None:
    """Angles turned into degrees, in a file that still says radians."""
    table = load_table(folder / COORDINATES)
    angles = ["pelvis_t" not in n or "tilt" in n for n in table.columns]
    values = np.where(angles, np.rad2deg(table.values), table.values)
    save_table(folder / COORDINATES, table.time, table.columns, values, in_degrees=False)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and the words or the kind that its cause has to have."""

    change: Change
    kind: str
    words: str


RIGHT, LEFT = "calcn_r", "calcn_l"
FAULTS: dict[str, Fault] = {
    "centre of pressure in mm": Fault(columns(FORCES, "_p[xyz]$", lambda v: 1000 * v), "units|refused", "millimetres"),
    "centre of pressure in mm, torque in N mm": Fault(
        columns(FORCES, "_p[xyz]$|torque", lambda v: 1000 * v), "units|refused", "millimetres|N·mm"
    ),
    "torque in N mm": Fault(columns(FORCES, "torque", lambda v: 1000 * v), "units", "free torque"),
    "pelvis in mm": Fault(
        lambda folder: (
            columns(COORDINATES, "pelvis_t[xyz]", lambda v: 1000 * v)(folder),
            option(f'coordinates = "{COORDINATES}"')(folder),
        )[0],
        "posture",
        "pelvis_ty at 975.* no height in metres.* millimetres",
    ),
    "degrees read as radians": Fault(in_degrees, "refused", "they are probably degrees"),
    "small degrees read as radians": Fault(
        quiet_degrees, "posture", "knee_angle_[rl] reaches 5, .* they are probably degrees"
    ),
    "radians read as degrees": Fault(
        text(COORDINATES, ("inDegrees=no", "inDegrees=yes")), "refused", "they are probably radians"
    ),
    "knees of the other sign": Fault(
        columns(COORDINATES, "knee_angle_[rl]/value|knee_angle_[rl]$", lambda v: -v),
        "posture",
        "knee is at .* outside the model's range .* sign of this coordinate",
    ),
    "feet exchanged": Fault(text(LOADS, (RIGHT, LEFT), (LEFT, RIGHT)), "feet", "two feet are exchanged"),
    "left and right of the movement exchanged": Fault(rename(COORDINATES, other_side), "feet", "exchanged"),
    "both loads on the right foot": Fault(text(LOADS, (LEFT, RIGHT)), "place", "it is .* from calcn_l"),
    "a load on the shank": Fault(text(LOADS, (RIGHT, "tibia_r")), "place", "applied to tibia_r, but acts on the floor"),
    "a load on the pelvis": Fault(text(LOADS, (LEFT, "pelvis")), "place", "applied to pelvis, but acts on the floor"),
    "plates half a metre away": Fault(columns(FORCES, "_pz$", lambda v: v + 0.5), "place", "away from that foot"),
    "plates that were not set to zero": Fault(
        columns(FORCES, "_vy$", lambda v: v + 60.0), "place", "N under no foot: its plate was not set to zero"
    ),
    "plates 20 cm too far forward": Fault(columns(FORCES, "_px$", lambda v: v + 0.2), "place", "away from that foot"),
    "vertical force of the other sign": Fault(columns(FORCES, "_vy$", lambda v: -v), "sign", "pull the body down"),
    "z is up": Fault(exchange("y", "z"), "axes", "pushes mostly along z"),
    "forces in kN": Fault(columns(FORCES, "_v[xyz]$", lambda v: v / 1000), "refused", "carries nobody.*kN"),
    "forces in percent of body weight": Fault(
        columns(FORCES, "_v[xyz]$|torque", lambda v: v / 8.36), "units", "the course that the movement needs"
    ),
    "both feet on one belt": Fault(on_one_belt, "place", "under the left foot or between the feet"),
    "plates stepped on by the other foot": Fault(
        stepped_on_by_the_other, "place", "for a part of the time it acts under"
    ),
    "forces in pounds": Fault(columns(FORCES, "_v[xyz]$", lambda v: v / 4.448), "mass", "the ground forces carry 19"),
    "forces a quarter too large": Fault(
        columns(FORCES, "_v[xyz]$", lambda v: 1.25 * v), "mass", "the ground forces carry 10"
    ),
    "a model a tenth too small": Fault(
        scale_size(0.9), "place", "stands (9|10) cm above .* slides by .* legs of the model are too short"
    ),
    "a model a tenth too large": Fault(
        scale_size(1.1), "place", "stands (9|10|11) cm below .* slides by .* legs of the model are too long"
    ),
    "half the mass": Fault(scale_mass(0.5), "mass", "has a mass of 42.6 kg, but the ground forces carry 8"),
    "twice the mass": Fault(scale_mass(2.0), "mass", "has a mass of 170.5 kg, but the ground forces carry 8"),
    "another mass was weighed": Fault(option("mass_kg = 60"), "weighed", "but 60.0 kg were weighed"),
    "forces 0.1 s late": Fault(clock(FORCES, 0.1), "time", "0.10 s too late"),
    "forces 0.05 s late": Fault(clock(FORCES, 0.05), "time", "0.0[456] s too late"),
    "forces 0.4 s late": Fault(clock(FORCES, 0.4), "time", "0.40 s too late"),
    "forces by a clock that is 3 % slow": Fault(stretch(FORCES, 0.03), "time", r"made [234]\.\d % slower|s too late"),
    "forces by a clock that is 3 % fast": Fault(stretch(FORCES, -0.03), "time", r"made [234]\.\d % faster|s too early"),
    "floor 20 cm too low": Fault(columns(COORDINATES, "pelvis_ty", lambda v: v + 0.2), "place", "20 cm above or below"),
    "forward force of the other sign": Fault(columns(FORCES, "_vx$", lambda v: -v), "axes", "other sign along x"),
    "sideways force of the other sign": Fault(columns(FORCES, "_vz$", lambda v: -v), "axes", "other sign along z"),
    "plates turned by a right angle": Fault(
        lambda folder: (columns(FORCES, "_vx$", lambda v: -v)(folder), exchange("x", "z", "_v")(folder))[1],
        "axes",
        "turned by 90 degrees about the vertical",
    ),
    "one plate with another gain": Fault(
        columns(FORCES, "_l_v[xyz]$", lambda v: 0.8 * v), "units", "under calcn_l is 0.80 times what .* calcn_r fits"
    ),
    "forces filtered away": Fault(option("force_filter_hz = 1"), "filter", "the filter of the forces takes"),
    "noise that was not filtered": Fault(
        lambda folder: (
            columns(COORDINATES, "hip|knee|ankle", lambda v: v + np.random.default_rng(0).normal(0.0, 0.02, len(v)))(
                folder
            ),
            option("filter_hz = 60")(folder),
        )[0],
        "residual",
        "do not balance",
    ),
    "forces 0.2 s early": Fault(clock(FORCES, -0.2), "time", "0.20 s too early"),
    "one foot was not measured": Fault(without_load("Left_GRF"), "support", "nothing that was measured"),
    "walking off the plates": Fault(off_the_plate, "support", "nothing that was measured carries the body"),
    "standing on nothing": Fault(option('external_loads = "none"'), "support", "no force of the ground is given"),
    "everything filtered away": Fault(option("filter_hz = 1.5"), "filter", "the filter of the coordinates takes"),
    "fibres and tendons of a child": Fault(scale_muscles(0.7, 0.7), "muscle", "of its optimal"),
    "no fibre left in soleus": Fault(
        scale_muscles(1.0, 1.35, "soleus_r"), "muscle", "right soleus has nothing to work with"
    ),
    "soleus without a tendon": Fault(scale_muscles(1.0, 0.0, "soleus_r"), "muscle|refused", "soleus"),
    "strength in another unit": Fault(weak(0.1), "deficit", "more than this model can do"),
    "strength in millinewtons": Fault(weak(1000.0), "muscle", "soleus can pull with .* its unit is another one"),
    "a model in millimetres": Fault(scale_size(1000.0), "refused", "mass centre of pelvis is .* model in millimetres"),
    "plates 8 cm too far back": Fault(
        columns(FORCES, "_px$", lambda v: v - 0.08), "place", "too far towards -x to bal"
    ),
    "plates that lean": Fault(lambda f: lean_forward(f / FORCES), "axes", r"lean by 5 degrees towards \+x"),
    "a movement counted a fifth too slow": Fault(
        lambda f: count_time(f, 1.2, COORDINATES, FORCES), "time", "takes 0.8[2-6] times as long"
    ),
    "a movement counted twice too fast": Fault(
        lambda f: count_time(f, 0.5, COORDINATES, FORCES), "time", r"takes (2|1.[89]) times as long"
    ),
    "a spring per degree": Fault(model(stiff_spring), "deficit", "springs or ligaments of the model pull"),
    "a window beyond the file": Fault(option("window = [1.0, 9.0]"), "refused", "is not covered by the files"),
    "forces of another clock": Fault(
        lambda folder: save_table(
            folder / FORCES,
            load_table(folder / FORCES).time + 30.0,
            load_table(folder / FORCES).columns,
            load_table(folder / FORCES).values,
        ),
        "refused",
        "do not overlap in time",
    ),
}
