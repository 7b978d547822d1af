"""The embedded body as it was assembled, kept: two seconds of compiling that depend on no user.

The compiled model without its bones' surfaces comes with the package (`gluteal.engines.cache.SHIPPED`), under a name
made of MuJoCo's and myo-sim's versions and the text and tables of the engines. Where that name does not fit any more,
or the file is spoilt, it is assembled as always and kept in the user's cache, where there is one.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

import mujoco
import numpy as np

from gluteal.engines.cache import Arrays, make_key, remember
from gluteal.engines.myo.assembly import assemble_body
from gluteal.mechanics.body import Coordinate
from gluteal.vocabulary import ROOT_COORDINATES, STANDARD_GRAVITY

Assembled = tuple[mujoco.MjModel, tuple[Coordinate, ...], np.ndarray, np.ndarray]
_NAME = "body.mjb"


def load_assembled() -> Assembled:
    """Return what `assemble_body` makes without bones, bit for bit, assembled only where it is not kept."""
    return _unpack(dict(remember(body_key(), _assemble)))


@cache
def load_with_bones() -> mujoco.MjModel:
    """Return the model with its bones' surfaces, for pictures; assembled once in a process."""
    return assemble_body()[0]


def body_key() -> str:
    """Return the name of the kept body: it differs where anything that makes the body does."""
    made_of = ("mujoco", mujoco.__version__, "myo-sim", version("myo-sim"), STANDARD_GRAVITY, ROOT_COORDINATES)
    return make_key([b"assembled body", repr(made_of).encode()])


def _assemble() -> Arrays:
    model, coordinates, follows, poly = assemble_body(bones=False)
    compiled = np.empty(mujoco.mj_sizeModel(model), np.uint8)
    mujoco.mj_saveModel(model, None, compiled)
    return {
        "model": compiled,
        "coordinate": np.array([c.name for c in coordinates]),
        "kind": np.array([c.kind for c in coordinates]),
        "range": np.array([c.range for c in coordinates]),
        "default": np.array([c.default for c in coordinates]),
        "locked": np.array([c.locked for c in coordinates]),
        "follows": follows,
        "poly": poly,
    }


def _unpack(kept: Arrays) -> Assembled:
    model = mujoco.MjModel.from_binary_path(_NAME, assets={_NAME: kept["model"].tobytes()})
    columns = (kept[name].tolist() for name in ("coordinate", "kind", "range", "default", "locked"))
    coordinates = tuple(
        Coordinate(name, kind, (low, high), default, locked)
        for name, kind, (low, high), default, locked in zip(*columns, strict=True)
    )
    return model, coordinates, kept["follows"], kept["poly"]
