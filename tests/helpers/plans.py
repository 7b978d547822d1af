"""Small studies that tests run."""

from __future__ import annotations


def stance_plan(*, people: int, settings: str = "") -> str:
    """Return the plan as TOML; `settings` are further lines of its head."""
    return f"""
name = "superior gluteal block"
seed = 1
people = {people}
{settings}
bodies = ["myo"]

[[movement]]
task = "single-leg-stance"

[[condition]]
name = "half block"
side = "r"
block = {{ "superior gluteal" = 0.52 }}
"""


#: Two postures under two conditions, by two criteria.
PLAN = """
name = "two postures"
seed = 7
people = 23
chunk = 2
muscles = true

[criteria]
exponents = [2, 3]

[[movement]]
task = "single-leg-stance"

[[movement]]
task = "quiet-standing"
name = "standing"

[[condition]]
name = "block"
side = "r"
block = { "superior gluteal" = 0.52 }

[[condition]]
name = "weaker abduction"
side = "r"
strength-loss = { "hip abduction" = 0.3 }
"""
