"""What a trial's TOML file may say."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field, field_validator

from gluteal.mechanics.movement import View
from gluteal.movements.trials.loads import Carrier, LengthUnit, LoadColumns
from gluteal.schema import Flag, Number, Record, Text

#: Low-pass cut-off of coordinates (Winter 2009, section 3.4.4: 4-6 Hz for walking), Hz.
FILTER_HZ = 6.0
#: Frames of the movement per second.
RATE_HZ = 100.0

_VECTOR = "[x, y, z] in metres in the segment's frame, within 10 of its origin"
_NAMES = "a list of coordinates"
_COLUMNS = 'names of three columns, such as ["Fx1", "Fy1", "Fz1"]'
_LENGTHS = '"m" or "mm"'
_CARRIED = (
    "how the names of the segment's force columns begin, a list of such, or the columns themselves as "
    '{force = ["Fx1", "Fy1", "Fz1"], point = [...], torque = [...]}'
)
# A point of a segment in m: bodies are no larger.
Near = Annotated[Number, Field(ge=-10, le=10, description=_VECTOR)]
ThreeNames = tuple[Text, Text, Text]


class VectorColumns(Record):
    """One force of a table by its columns: x, y, z each; upward is y, as in OpenSim."""

    force: ThreeNames = Field(description=_COLUMNS)
    point: ThreeNames = Field(description=_COLUMNS)
    torque: ThreeNames | None = Field(default=None, description=_COLUMNS)


Carried = Annotated[Text | tuple[Text, ...] | VectorColumns, Field(description=_CARRIED)]


class ForceColumns(Record, extra="allow"):
    """A table of measured forces: its file, and for each segment which of the columns act on it."""

    __pydantic_extra__: dict[str, Carried] = Field(init=False)
    file: Text = Field(
        description='the table beside the prefix of each segment: forces = {file = "grf.mot", '
        'calcn_r = "ground_force_r", calcn_l = "ground_force_l"}'
    )

    @property
    def carriers(self) -> tuple[Carrier, ...]:
        """What acts on which segment."""
        found: list[Carrier] = []
        for segment, carried in (self.__pydantic_extra__ or {}).items():
            if isinstance(carried, VectorColumns):
                name = f"force on {segment}"
                columns = LoadColumns(name, segment, carried.force, carried.point, carried.torque)
                found.append(Carrier(segment, columns=columns))
            else:
                prefixes = (carried,) if isinstance(carried, str) else carried
                found += [Carrier(segment, prefix) for prefix in prefixes]
        return tuple(found)


class UnmeasuredSupport(Record):
    """Where the body touches the world without being measured, see `gluteal.mechanics.movement.Support`."""

    name: Text = Field(description="a name, like 'chair'")
    segment: Text = Field(description="a segment of the body, like 'pelvis'")
    point: tuple[Near, Near, Near] = Field(description=_VECTOR)
    normal: tuple[Number, Number, Number] = Field(default=(0.0, 1.0, 0.0), description="a vector like [0, 1, 0]")
    friction: Number = Field(default=0.8, ge=0, le=100, description="a coefficient of friction, 0 to 100")

    @field_validator("normal")
    @classmethod
    def _has_direction(cls, normal: tuple[float, float, float]) -> tuple[float, float, float]:
        if not 1e-6 < math.hypot(*normal) < 1e6:
            raise ValueError(f"is {list(normal)}, which points nowhere; give a vector like [0, 1, 0].")
        return normal


class TrialFile(Record):
    """What a trial's TOML file may say; `docs/trials.md` explains the keys."""

    name: Text | None = Field(default=None, description="a name in quotes")
    title: Text | None = Field(default=None, description="a title in quotes")
    view: View = Field(default="side", description="one of side, front, back, top")
    model: Text | None = Field(default=None, description="the path of an OpenSim model, from the file's folder")
    coordinates: Text | None = Field(default=None, description="the path of a table of coordinates (.mot, .sto)")
    external_loads: Text | None = Field(default=None, description='the path of an external-loads file, or "none"')
    forces: ForceColumns | None = Field(
        default=None, description='a table such as {file = "grf.mot", calcn_r = "ground_force_r"}'
    )
    emg: Text | None = Field(default=None, description='the path of a table of EMG, or "none"')
    window: tuple[Number, Number] | None = Field(default=None, description="two times in seconds, [start, end]")
    filter_hz: Number = Field(default=FILTER_HZ, gt=0, description="a frequency in Hz, above 0")
    force_filter_hz: Number | None = Field(default=None, gt=0, description="a frequency in Hz, above 0")
    rate_hz: Number = Field(default=RATE_HZ, gt=0, le=10_000, description="frames per second, above 0, at most 10000")
    degrees: Flag | None = Field(default=None, description="true (degrees) or false (radians)")
    coordinate_lengths: LengthUnit | None = Field(default=None, description=_LENGTHS)
    force_lengths: LengthUnit | None = Field(default=None, description=_LENGTHS)
    exclude: tuple[Text, ...] = Field(default=(), description=_NAMES)
    hold: tuple[Text, ...] = Field(default=(), description=_NAMES)
    mass_kg: Number | None = Field(default=None, gt=0, description="the measured body mass in kg, above 0")
    supports: tuple[UnmeasuredSupport, ...] = Field(
        default=(), description='a list such as [{name = "chair", segment = "pelvis", point = [0, -0.1, 0]}]'
    )

    @field_validator("window")
    @classmethod
    def _forward(cls, window: tuple[float, float] | None) -> tuple[float, float] | None:
        if window is not None and not window[0] < window[1]:
            raise ValueError(f"is [{window[0]:g}, {window[1]:g}]; give two times in seconds, [start, end].")
        return window
