"""A movement as the live page needs it, in one container of bytes."""

from __future__ import annotations

import gluteal
from gluteal.engines import compute_moving_picture
from gluteal.mechanics.build import Mechanics
from gluteal.nerves.condition import Condition
from gluteal.sharing.solution import solve_sharing
from gluteal.show.live.container import pack_container
from gluteal.show.live.scene_numbers import GRAIN, describe_joints, describe_supports, picture_arrays, problem_arrays
from gluteal.show.live.scene_terms import term_arrays
from gluteal.show.live.scene_words import describe_scene

#: Raised whenever an older page could no longer read what is written here; the page refuses others.
SCHEMA = 2


def pack_scene(mechanics: Mechanics, *, condition: Condition | None = None) -> bytes:
    """Return a movement for the live page: the undisturbed problem, what to draw, and all words.

    Parameters
    ----------
    condition : Condition or None
        What the page opens with; a ``strength-loss`` must have been settled.

    Raises
    ------
    Unsolved
        Where the undisturbed movement is not solved.

    Examples
    --------
    >>> import gluteal
    >>> body = gluteal.load_body("myo")
    >>> stance = gluteal.compute_mechanics(body, gluteal.load_task("single-leg-stance", body))
    >>> b"Single-leg stance" in pack_scene(stance)
    True
    """
    baseline = solve_sharing(mechanics)
    picture = compute_moving_picture(mechanics.body, mechanics.movement)
    joints, joint_arrays = describe_joints(mechanics)
    supports, support_arrays = describe_supports(mechanics, picture)
    header = {
        "schema": SCHEMA,
        "version": gluteal.__version__,
        **describe_scene(baseline.problem, baseline, condition or Condition()),
        "joints": joints,
        "supports": supports,
        "bones": [bone.name for bone in picture.bones],
        "grain": GRAIN,
    }
    arrays = {
        **problem_arrays(baseline.problem),
        **term_arrays(baseline.problem),
        **joint_arrays,
        **support_arrays,
        **picture_arrays(picture),
    }
    return pack_container(header, arrays)
