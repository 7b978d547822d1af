"""The tables of docs/strength.md; a test sees that they are today's."""

from __future__ import annotations

from collections.abc import Mapping

from gluteal.held_against.strength import (
    MEASURED_TENSION,
    find_causes,
    span_words,
    summarize_published,
    tabulate_strength,
)
from gluteal.mechanics.body import Body


def render_strength(body: Body) -> str:
    """Return `tabulate_strength` as two Markdown tables: readings, and what was published (docs/strength.md)."""
    rows = tabulate_strength(body)
    lines = [
        "| movement | posture (degrees) | N·m | N·m/kg | × body weight | pad at (cm) | pure, N·m/kg |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        numbers = (
            f"{row['moment_nm']:.0f} | {row['moment_nm_per_kg']:.2f} | {row['force_bw']:.2f} | "
            f"{100 * row['lever_arm_m']:.0f} | {row['pure_nm_per_kg']:.2f}"
        )
        lines.append(f"| {row['movement']} | {row['posture']} | {numbers} |")
    lines += ["", "| movement | publication | published | here | here / published | |", "|---|---|---|---:|---:|---|"]
    lines += [
        f"| {row['movement']} | {p['source']} | {p['published']} | {p['here']} | {p['ratio']} | {p['pad']} |"
        for row in rows
        for p in summarize_published(row["published"])
    ]
    return "\n".join(lines) + "\n"


def render_causes(bodies: Mapping[str, tuple[Body, float | None]], movement: str) -> str:
    """Return one movement's `StrengthCauses` on several bodies as a Markdown table, N m/kg.

    Parameters
    ----------
    bodies : mapping of label -> (body, specific tension of its muscles, N/m^2, or None where unknown)
    """
    lines = [
        "| body | kg | peak forces | read, with straps | pure | read, 25 to 30 N/cm² | pure, 25 to 30 N/cm² |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for label, (body, tension) in bodies.items():
        causes = find_causes(body, movement)
        peak, strapped, pure = (v / causes.body_mass for v in (causes.peak_forces, causes.strapped, causes.pure))
        scaled = ["", ""]
        if tension is not None:
            low, high = (measured / tension for measured in MEASURED_TENSION)
            scaled = [span_words(low * v, high * v) for v in (strapped, pure)]
        numbers = f"{peak:.2f} | {strapped:.2f} | {pure:.2f} | {' | '.join(scaled)}"
        lines.append(f"| {label} | {body.mass:.1f} | {numbers} |")
    return "\n".join(lines) + "\n"
