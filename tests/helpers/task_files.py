"""A task's file as short as it can be, and the words with which a spoilt one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluteal.errors import InputError
from gluteal.mechanics.body import Body
from gluteal.movements.tasks import load_task

STANDING = """
name = "mine"
title = "Mine"
description = "A copy of quiet standing"

[[keyframe]]
hip_flexion_r = 0

[solve]
free = ["pelvis_ty"]

[[support]]
points = ["heel_medial_r", "heel_medial_l"]
"""


def task_refusal(body: Body, path: Path, text: str) -> str:
    """Return the message with which a task of this text is refused."""
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        load_task(path, body)
    return str(caught.value)
