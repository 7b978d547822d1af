"""Options that several commands share: one place for their names and their help."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

from cyclopts import Group, Parameter, Token, convert

from gluteal.files import read_number
from gluteal.vocabulary import Side, Sides

#: No quantity of a body, a recording or a study has a larger number, whatever its unit.
LARGEST = 1e12
#: Most digits of a whole number: more people than there are.
MOST_DIGITS = 12
_WHOLE = re.compile(rf"\s*[+-]?[0-9]{{1,{MOST_DIGITS}}}\s*")

CONDITION = Group("Condition (each may be repeated)", sort_key=1)
OUTPUT = Group("Output", sort_key=2)

MovementName = Annotated[str, Parameter(help="Name of a task, or path of a trial (folder or .toml).")]
BodyName = Annotated[
    str | None, Parameter(name="--body", help='"myo" (default), a variant of it, or an OpenSim model (.osim).')
]
HipName = Annotated[
    str | None, Parameter(name="--hip", help="Hip muscles from one published table, such as dostal1981.")
]
AskAll = Annotated[
    bool | None,
    Parameter(name="--ensemble", negative="--no-ensemble", help="Ask every published body, too (on by default)."),
]
Settings = Annotated[
    list[str] | None, Parameter(name="--set", help="NAME=VALUE: parameter of the task. May be repeated.")
]
CriterionName = Annotated[
    str | None,
    Parameter(
        name="--criterion",
        help="What load sharing makes least: effort (default), size, joint-sparing[=PRICE], emg (of a trial), a .toml.",
    ),
]
ConditionSide = Annotated[
    Sides, Parameter(name="--side", group=CONDITION, help="Side of every condition whose name has none.")
]
TargetSide = Annotated[Sides, Parameter(name="--side", help="Side of every target and condition whose name has none.")]
MeasuredSide = Annotated[Side, Parameter(name="--side", help="Side measured, and of every condition.")]
ChannelSide = Annotated[Side | None, Parameter(name="--side", help="Side of channels whose label states none.")]
Json = Annotated[bool, Parameter(name="--json", group=OUTPUT, help="JSON on standard output.")]
Out = Annotated[
    list[Path] | None, Parameter(name="--out", group=OUTPUT, help="Write an .html, .csv or .nc file. Repeatable.")
]
ReportOut = Annotated[list[Path] | None, Parameter(name="--out", group=OUTPUT, help="Write an .html page. Repeatable.")]
Fresh = Annotated[
    bool,
    Parameter(
        name="--fresh",
        negative=(),
        help="Compute anew what came with the package or was computed before.",
    ),
]
Verbose = Annotated[
    bool,
    Parameter(
        name="--verbose",
        group=OUTPUT,
        negative=(),
        help="Say on standard error what is done and how long it takes.",
    ),
]


def as_written(hint: Any, tokens: Sequence[Token]) -> Any:
    """Convert what stands behind an option; numbers as people write them: decimal, finite, none that only Python reads.

    Raises
    ------
    ValueError
        For another number, one beyond `LARGEST`, and a whole one with decimals, which is not rounded.
    """
    kinds = (hint, *get_args(hint))
    for token in tokens if float in kinds or int in kinds else ():
        if int in kinds and not _WHOLE.fullmatch(token.value):
            raise ValueError(f"{token.value!r} is not a whole number of at most {MOST_DIGITS} digits.")
        try:
            usable = abs(read_number(token.value)) <= LARGEST
        except ValueError:
            raise ValueError(f"{token.value!r} is not a number.") from None
        if not usable:
            raise ValueError(f"{token.value!r} is not a number that anything here can have.")
    return convert(hint, tokens)
