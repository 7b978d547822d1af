"""The virtual dynamometer: the largest isometric moment about a coordinate in a posture.

The limb is held by straps, so other coordinates carry whatever falls to them; passive moments and gravity are
tared, as dynamometers do. What is left is load sharing with one row, asked for more than anybody has, by somebody to
whom effort is nothing: every muscle that helps works at its ceiling, every other at its floor, and what is not missing
is the strength.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np
import xarray as xr
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from gluteal.engines import compute_mechanics, segment_points
from gluteal.errors import InputError, NotJudged, UnknownName
from gluteal.files import read_table_text
from gluteal.mechanics.body import Body
from gluteal.mechanics.build import Mechanics
from gluteal.mechanics.movement import Movement
from gluteal.mechanics.posture import find_posture_fault
from gluteal.nerves.condition import Condition
from gluteal.nerves.fatigue import tiring_of
from gluteal.nerves.registry import find_term
from gluteal.nerves.strength_loss import StrengthLoss
from gluteal.nerves.term import Term
from gluteal.nerves.tiring import Fatigue, Tired
from gluteal.schema import Flag, Number, Record, Text, validate
from gluteal.sharing.solution import solve_sharing
from gluteal.sources.bibliography import cite
from gluteal.vocabulary import STANDARD_GRAVITY, Side, Sides, unsided

#: Joints turn by less than this, degrees.
MOST_DEGREES = 180.0
#: What is asked of the muscles, N m: beyond anybody's strength about any joint, a hundred times over.
OUT_OF_REACH = 1e5
#: What full activation counts on the dynamometer, 1: as good as nothing. Muscles that would add less than this times a
#: newton-metre are left at rest.
ALL_OUT = 1e-6


class StrengthMovement(Record):
    """One row of ``dynamometer.toml``, whose header explains the keys; posture in degrees."""

    name: SkipJsonSchema[Text]
    coordinate: Text = Field(description="the coordinate whose moment is measured, without its side")
    sign: Literal[-1, 1] = Field(description="1 along the coordinate, -1 against it")
    sided: Flag = Field(description="true where there is a right and a left one")
    posture: dict[str, Number] = Field(description="degrees of the coordinates that are not zero")
    block: Text = Field(description="the nerve or group that does the movement")
    pad: tuple[Text, Text] = Field(
        description="two segments: the moment turns about the one, the pad sits at the other"
    )
    source: Text = Field(description="keys of the bibliography, parted by ;")
    locator: Text | None = Field(default=None, description="where in the source")
    note: Text = Field(description="what is from there, and what is our choice")

    @property
    def cited(self) -> str:
        """Where posture and block come from, in words."""
        return f"{cite(self.source)}: {self.note}"


@dataclass(frozen=True)
class Strength:
    """What the dynamometer reads.

    Attributes
    ----------
    moment : float
        N m, along the movement's direction.
    lever_arm : float
        Distance from the joint to the pad, m.
    by_muscle : mapping of muscle -> float
        Contributions, N m, largest first.
    """

    movement: StrengthMovement
    side: Side | None
    condition: Condition
    moment: float
    lever_arm: float
    body_mass: float
    by_muscle: Mapping[str, float]

    @property
    def notes(self) -> tuple[str, ...]:
        """What of the condition changes nothing that a dynamometer reads, and why."""
        return tuple(dict.fromkeys(t.idle_on_dynamometer for t in self.condition.effects if t.idle_on_dynamometer))

    @property
    def moment_per_mass(self) -> float:
        """Moment per body mass, N m/kg."""
        return self.moment / self.body_mass

    @property
    def force_body_weights(self) -> float:
        """Force at the pad in body weights, 1."""
        return self.moment / self.lever_arm / (self.body_mass * STANDARD_GRAVITY)

    def to_json(self) -> dict[str, object]:
        """Return the reading as plain data."""
        return {
            "movement": self.movement.name,
            "side": self.side,
            "condition": self.condition.name,
            "moment_nm": self.moment,
            "moment_nm_per_kg": self.moment_per_mass,
            "force_bw": self.force_body_weights,
            "lever_arm_m": self.lever_arm,
            "muscles": [{"name": m, "moment_nm": v} for m, v in self.by_muscle.items()],
            "notes": list(self.notes),
        }


@cache
def strength_movements() -> Mapping[str, StrengthMovement]:
    """Return the movements the dynamometer knows, by name."""
    text = read_table_text(__package__, "dynamometer.toml")
    return {
        name: validate({"name": name, **row}, StrengthMovement, f"Table dynamometer.toml, {name}")
        for name, row in tomllib.loads(text).items()
    }


def strength_movement(name: str) -> StrengthMovement:
    """Return one movement by name; blank, ``-`` and ``_`` are alike. Raises UnknownName."""
    known = strength_movements()
    key = name.strip().lower().replace(" ", "-").replace("_", "-")
    if key not in known:
        raise UnknownName("movement", name, list(known), "gluteal list movements")
    return known[key]


def compute_strength(
    body: Body,
    movement: str,
    *,
    side: Side = "r",
    condition: Condition | None = None,
    posture: Mapping[str, float] | None = None,
) -> Strength:
    """Measure a movement's isometric strength.

    Parameters
    ----------
    movement : str
        Such as ``"hip abduction"``; see `strength_movements`.
    side : "r" | "l"
        Ignored for trunk movements.
    condition : Condition or None
        Its ``fatigue`` (``hold``) is that of the same pull: so many seconds with all one's strength, before the
        reading. A delay or a strategy changes nothing here (`Strength.notes`).
    posture : mapping of coordinate -> degrees, or None
        Replaces the movement's own posture; a coordinate without side applies to both.

    Raises
    ------
    UnknownName
        For a movement, coordinate or muscle that does not exist.
    InputError
        For fatigue after repetitions, of which a held posture has none.
    NotJudged
        For a posture far outside the ranges of the body.
    Unsolved
        Where the load sharing was not solved.
    """
    row = strength_movement(movement)
    coordinate = f"{row.coordinate}_{side}" if row.sided else row.coordinate
    body.coordinate(coordinate)
    condition = settle_strength_loss(condition or Condition(), body)
    held = hold_posture(body, row.posture if posture is None else posture)
    if fault := find_posture_fault(body, held.coordinates):
        raise NotJudged(fault.sentence, fault)
    sign = row.sign * direction_of(body, coordinate)
    strapped = strap_limb(compute_mechanics(body, held), coordinate, sign)
    counts = np.full(len(body.muscle_names), ALL_OUT)
    solution = solve_sharing(strapped, condition=_tire(condition, strapped, counts), weight=counts)
    each = strapped.dataset["moment_arm"].sel(coordinate=coordinate) * solution.dataset["muscle_force"]
    moments = sign * each.values[0]
    ranked = sorted(zip(body.muscle_names, moments, strict=True), key=lambda item: -item[1])
    ends = [(f"{s}_{side}" if row.sided and s != "head" else s, (0.0, 0.0, 0.0)) for s in row.pad]
    joint, pad = segment_points(body, held.coordinates.values[0], ends)
    return Strength(
        movement=row,
        side=side if row.sided else None,
        condition=condition,
        moment=float(moments.sum()),
        lever_arm=float(np.linalg.norm(pad - joint)),
        body_mass=body.mass,
        by_muscle={m: float(v) for m, v in ranked if v != 0.0},
    )


def _tire(condition: Condition, strapped: Mechanics, counts: np.ndarray) -> Condition:
    """Return what of the condition bears on a reading, with fatigue as the state that the same pull leaves."""
    bearing = tuple(t for t in condition.effects if not t.idle_on_dynamometer)
    others = Condition(tuple(t for t in bearing if not isinstance(t, Fatigue)))
    if len(others.effects) == len(bearing):
        return others
    fresh = solve_sharing(strapped, condition=others, weight=counts).activation.values[0]

    def settled(term: Term) -> Term:
        if not isinstance(term, Fatigue):
            return term
        if term.target != "hold":
            raise InputError(f"{term.describe()}: a dynamometer holds still; give hold=SECONDS, such as hold=60.")
        spent = tiring_of(strapped.body.muscle_names).spent(fresh, term.value)
        return Tired(term.target, term.value, term.side, ceiling=1.0 - spent[None])

    return Condition(tuple(settled(t) for t in bearing))


def strap_limb(mechanics: Mechanics, coordinate: str, sign: float) -> Mechanics:
    """Return a posture in which muscles are asked for a moment out of reach about one coordinate, and nothing else."""
    data = mechanics.dataset
    asked = data["coordinate"] == coordinate
    moment = xr.where(asked, sign * OUT_OF_REACH, 0.0 * data["joint_moment"])
    return replace(
        mechanics,
        dataset=data.assign(
            recruited=asked,
            joint_moment=moment.transpose("time", "coordinate"),
            passive_force=0.0 * data["passive_force"],
        ),
    )


def settle_strength_loss(condition: Condition, body: Body) -> Condition:
    """Turn every ``strength-loss`` into the nerve block (or weakness) that causes just that loss.

    Strength is linear in the depth of the block, so the depth is loss * strength / (strength of the
    blocked muscles).

    Raises
    ------
    InputError
        Where even a complete block takes less away, with the number.
    """
    return Condition(tuple(_settled(t, body) if isinstance(t, StrengthLoss) else t for t in condition.effects))


def _settled(lost: StrengthLoss, body: Body) -> Term:
    row = strength_movement(lost.target)
    kind = "block" if row.block.endswith("nerve") else "weaken"
    depths = [_block_depth(lost, row, body, side) for side in _sides(lost.side if row.sided else "r")]
    return find_term(kind)(row.block, float(np.mean(depths)), lost.side if row.sided else "both")


def _block_depth(lost: StrengthLoss, row: StrengthMovement, body: Body, side: Side) -> float:
    reading = compute_strength(body, row.name, side=side)
    blocked = set(body.resolve(row.block, side=side if row.sided else "both"))
    share = sum(v for m, v in reading.by_muscle.items() if m in blocked) / reading.moment
    if lost.value > share:
        raise InputError(
            f"A loss of {100 * lost.value:.3g} % of {row.name.replace('-', ' ')} strength is out of "
            f"reach: a complete block of the {row.block} takes {100 * share:.3g} % on this body. Ask for "
            "less, or weaken the muscles by name."
        )
    return lost.value / share


def _sides(side: Sides) -> tuple[Side, ...]:
    return ("r", "l") if side == "both" else (side,)


def direction_of(body: Body, coordinate: str) -> float:
    """Return -1 for the knee of a body that flexes it to the negative (gait2392 and its kin), else 1."""
    low, high = body.coordinate(coordinate).range
    return -1.0 if unsided(coordinate) == "knee_angle" and abs(low) > abs(high) else 1.0


def hold_posture(body: Body, degrees: Mapping[str, float]) -> Movement:
    """Hold the body still in a posture given in degrees, flexion of the knee positive on every body."""
    values = np.array([[c.default for c in body.coordinates]])
    names = body.coordinate_names
    for name, angle in degrees.items():
        matches = [i for i, n in enumerate(names) if n in (name, f"{name}_r", f"{name}_l")]
        if not matches:
            body.coordinate(name)  # raises with the close names
        if not abs(angle) <= MOST_DEGREES:
            raise InputError(
                f"The posture asks for {name} at {angle:g} degrees; give an angle from -{MOST_DEGREES:g} to "
                f"{MOST_DEGREES:g}, for example {name}=30."
            )
        values[0, matches] = [direction_of(body, names[i]) * np.deg2rad(angle) for i in matches]
    coords = {"time": [0.0], "coordinate": list(names)}
    position = xr.DataArray(values, dims=("time", "coordinate"), coords=coords)
    still = xr.zeros_like(position)
    return Movement("posture", "posture on the dynamometer", "task", position, still, still)
