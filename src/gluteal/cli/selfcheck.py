"""What is installed, and whether it computes what it should."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from gluteal.mechanics.body import Body
from gluteal.movements.tasks import load_task
from gluteal.nerves.condition import Condition
from gluteal.simulate.experiment import simulate

#: Engines, and the packages that results depend on.
ENGINES = ("mujoco", "opensim")
PACKAGES = ("gluteal", "numpy", "scipy", "numba", "xarray", "h5netcdf", "myo-sim", "matplotlib")


def installed(name: str) -> str | None:
    """Return a package's version, None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def self_check(body: Body) -> dict[str, Any]:
    """Return versions, a summary of the body, and the acceptance checks of quiet standing solved now.

    A person who stands needs little: the checks recompute the balance of moments and the conditions of
    least effort from the activations, whatever the solver says about itself.
    """
    outcome = simulate(body, load_task("quiet-standing", body), condition=Condition())
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "engines": {name: installed(name) for name in ENGINES},
        "packages": {name: installed(name) for name in PACKAGES},
        "body": {
            "name": body.name,
            "engine": body.engine,
            "muscles": len(body.muscle_names),
            "coordinates": len(body.coordinates),
            "mass_kg": body.mass,
            "source": body.source,
            "notes": list(body.notes),
        },
        "self_check": {
            "task": outcome.mechanics.movement.name,
            "verdict": outcome.verdict,
            "checks": [c.to_json() for c in outcome.checks],
            "passed": outcome.verdict == "unchanged" and all(c.passed for c in outcome.checks),
            "mechanics_s": outcome.mechanics.seconds,
            "solve_s": outcome.baseline.seconds,
        },
    }
