"""What `gluteal list WHAT --json` prints: an array of one of these rows."""

from __future__ import annotations

from pydantic import Field

from gluteal.cli.schemas.shared import Printed
from gluteal.vocabulary import Side


class TaskName(Printed):
    """A built-in task."""

    name: str
    title: str
    description: str


class ClaimName(Printed):
    """A claim."""

    name: str
    topic: str
    statement: str


class DynamometerName(Printed):
    """A movement of the dynamometer."""

    name: str
    coordinate: str
    posture_deg: list[str] = Field(description="coordinate and degrees")
    blocked_through: str
    source: str


class GroupName(Printed):
    """A group of muscles."""

    name: str
    muscles: list[str]


class NerveName(Printed):
    """A nerve and its muscles."""

    name: str
    muscles: list[str]
    roots: str
    source: str


class TermName(Printed):
    """A term: one thing that a condition may do."""

    name: str
    option: str = Field(description="as on the command line")
    value: str = Field(description="what the value means and where it may lie, in words")
    does: str


class MuscleName(Printed):
    """A muscle of the body, with its parameters in SI units."""

    name: str
    anatomical_name: str
    group: str | None
    side: Side | None
    nerves: list[str]
    max_isometric_force: float = Field(description="N")
    optimal_fiber_length: float = Field(description="m")
    tendon_slack_length: float = Field(description="m")
    pennation_angle: float = Field(description="rad")
    max_contraction_velocity: float = Field(description="optimal fibre lengths per second")
    passive_onset_strain: float
    passive_strain: float
    source: str
