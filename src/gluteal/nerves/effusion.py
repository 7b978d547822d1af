"""Fluid in a joint: it holds back the muscles around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from gluteal.nerves.arthrogenic import MOST_ML
from gluteal.nerves.joint_term import JointTerm
from gluteal.nerves.term import TermOption, ValueRange


@final
@dataclass(frozen=True)
class Effusion(JointTerm):
    """A joint holds so many ml of fluid, and holds back the muscles around it, whether or not it hurts.

    >>> Effusion("knee", 40.0, "l").describe()
    '40 ml of fluid in the left knee'
    """

    kind = "effusion"
    cause = "effusion"
    sentence = "{value} ml of fluid in the {where}"
    sentence_at_zero = "no fluid in the {where}"
    value_range = ValueRange(0.0, MOST_ML, "fluid", "between 0 and 60 ml")
    option = TermOption("effusion", "JOINT=ML", "fluid in hip or knee holds back the muscles around it.", "knee=40")
