"""A small study that several tests run: standing on one leg under half a block."""

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
