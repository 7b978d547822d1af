"""Pain in a joint: it holds back the muscles around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from gluteal.nerves.arthrogenic import MOST_POINTS
from gluteal.nerves.joint_term import JointTerm
from gluteal.nerves.term import TermOption, ValueRange


@final
@dataclass(frozen=True)
class Pain(JointTerm):
    """A joint hurts, 0 (not at all) to 10, and holds back the muscles around it.

    >>> Pain("hip", 6.0, "r").describe(), Pain("hip:ceiling", 6.0).describe()
    ('pain of 6 out of 10 in the right hip', 'pain of 6 out of 10 in the hip (strongest drive only)')
    """

    kind = "pain"
    cause = "pain"
    sentence = "pain of {value} out of 10 in the {where}"
    sentence_at_zero = "no pain in the {where}"
    value_range = ValueRange(0.0, MOST_POINTS, "pain", "between 0 (none) and 10")
    option = TermOption("pain", "JOINT=0..10", "pain in hip, knee or lumbar holds back the muscles around it.", "hip=6")
