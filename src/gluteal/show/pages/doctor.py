"""What is installed and whether it works, as a page; and one body beside another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from gluteal.held_against.body import TARGETS, Audit, AuditRow
from gluteal.held_against.strength import span_words
from gluteal.mechanics.body import Body
from gluteal.show.pages.body_pictures import draw_standing
from gluteal.show.pages.cells import plain_cell, type_cell
from gluteal.show.pages.names import say_within
from gluteal.show.pages.report import Grid, Report, ReportHead
from gluteal.show.parts import label_muscles, say_name
from gluteal.sources.bibliography import cite, load_bibliography
from gluteal.words import coordinate_words, list_words

_PERSON = (
    "This page is about a program on a computer: whether it was installed whole and computes what it should.",
    "It says nothing about a person.",
)
_WELL = "Quiet standing, solved just now, passes every check."
_LIMITS = (
    "The self-check shows that the program computes what it should on this machine. It does not show that the body is "
    "like a person; for that a body is held against measurements (“gluteal doctor --nature”).",
    "A package that is installed may still lack a part of its own; its version stands beside it.",
)
_AUDIT_LIMITS = (
    "A reference is another model, not a person. Where two models differ, either may be the one that is off.",
    "Bodies of another size differ in lengths; where that explains a difference, the last column says so.",
)
#: Unit in SI -> how it is told, and by how much larger.
_SHOWN = {"N": ("N", 1.0), "m": ("mm", 1000.0)}


def report_doctor(found: Mapping[str, Any], *, body: Body | None = None, command: str | None = None) -> Report:
    """Return the page of a check-up.

    Parameters
    ----------
    found : mapping
        As `gluteal doctor --json` prints it.
    body : Body, optional
        To be drawn.
    command : str, optional
        The command line that repeats it.
    """
    checks, extras = found["self_check"]["checks"], found["extras"]
    passed = sum(bool(check["passed"]) for check in checks)
    well = bool(found["self_check"]["passed"])
    absent = [extra["name"] for extra in extras if not extra["complete"] and not extra["developers"]]
    more = f" Not installed, and only needed for more: {list_words(absent)}." if absent else ""
    picture = (
        draw_standing(body, alt="The body of the self-check, standing, from behind") if body is not None else Markup("")
    )
    about = found["body"]
    labels = {} if body is None else label_muscles(body.muscle_names)
    return Report(
        answer=ReportHead(
            over="Check-up of the program",
            title="What is installed, and does it work?",
            sentence=(_WELL if well else "Something is wrong: see the self-check below.") + more,
            number=f"{passed} of {len(checks)}",
            number_words="checks of a solution made just now passed",
            certainty="The checks recompute the balance of moments and the conditions of least effort from the result "
            "alone, whatever the solver says about itself.",
            badge="It works" if well else "Something is wrong",
            tone="unchanged" if well else "impossible",
            person=_PERSON,
        ),
        figures=[(picture, f"The body of the self-check, “{about['name']}”, standing.")] if picture else [],
        grids=(
            Grid(
                title="Self-check: quiet standing, solved now",
                columns=("what was checked", "result"),
                rows=[(_say_check(c["sentence"], labels), "passed" if c["passed"] else "failed") for c in checks],
            ),
            Grid(
                title="Extras: what each would add",
                columns=("adds", "installed", "to install"),
                rows=[(plain_cell(e["adds"]), _state(e), type_cell(e["install"])) for e in extras],
            ),
            *_nature(found.get("nature")),
            Grid(
                title="Packages",
                columns=("package", "version"),
                rows=[(k, v or "not installed") for k, v in {**found["engines"], **found["packages"]}.items()],
                folded=True,
            ),
        ),
        limits=_LIMITS,
        settings={
            "Python": found["python"],
            "machine": plain_cell(found["platform"]),
            "body": f"{about['name']}, {about['source']}",
            "muscles": str(about["muscles"]),
            "mass": f"{about['mass_kg']:.1f} kg",
            **{f"note {i}": plain_cell(note) for i, note in enumerate(about["notes"], 1)},
        },
        command=command,
        footer="A check of the program on this machine.",
    )


def _say_check(sentence: str, labels: Mapping[str, str]) -> str:
    """Say a check by anatomical names; what stands in brackets behind a name says the same."""
    for name, label in labels.items():
        sentence = re.sub(rf"\b{re.escape(name)} \([^)]*\)", label, sentence)
    words = say_within(sentence, labels)
    return words[0].upper() + words[1:]


def _state(extra: Mapping[str, Any]) -> str:
    if extra["complete"]:
        return "yes"
    if extra["developers"]:
        return "no, and not needed to use the program"
    missing = [name for name, number in extra["packages"].items() if number is None]
    return f"no: lacks {list_words(missing)}"


def _nature(nature: Mapping[str, Any] | None) -> list[Grid]:
    """Return the tables of `gluteal.held_against.overview.hold_against_nature` that people ask for first."""
    if nature is None:
        return []
    force = [
        (plain_cell(r["task"]), r["published_bw"], r["computed_bw"], say_name(r["movement"]), _cite(r["source"]))
        for r in nature["hip_force"]
        if r["computed_bw"] is not None
    ]
    strength = [
        (
            row["movement"],
            span_words(p["published_low"], p["published_high"]),
            p["computed"],
            p["unit"],
            p["ratio"],
            _cite(p["source"]),
        )
        for row in nature["strength"]
        for p in row["published"]
    ]
    moments = [
        (
            say_name(r["movement"]),
            plain_cell(r["moment"]),
            r["computed_nm_per_kg"],
            r["low_nm_per_kg"],
            r["high_nm_per_kg"],
            "inside" if r["inside"] else "outside",
            _cite(r["source"]),
        )
        for r in nature["joint_moments"]
        if r["source"]
    ]
    arms = [
        (coordinate_words(r["coordinate"]), r["rms_mm"], r["worst_mm"], _muscle(r["muscle"]), _cite(r["source"]))
        for r in nature["hip_moment_arms"]
    ]
    grids = (
        Grid(
            title="Hip contact force, peak, beside people with an instrumented hip",
            columns=("measured in", "people (body weights)", "here (body weights)", "movement here", "source"),
            rows=force,
        ),
        Grid(
            title="Strength beside published strength",
            columns=("movement", "people", "here", "unit", "here / people", "source"),
            rows=strength,
        ),
        Grid(
            title="Joint moments beside published ranges",
            columns=("movement", "moment", "here (N·m/kg)", "from (N·m/kg)", "to (N·m/kg)", "lies", "source"),
            rows=moments,
        ),
        Grid(
            title="Moment arms of the hip beside two cadavers",
            columns=("axis", "difference (mm)", "largest (mm)", "of the muscle", "source"),
            rows=arms,
        ),
        Grid(title="What could not be done", columns=("note",), rows=[(plain_cell(n),) for n in nature["notes"]]),
    )
    return [grid for grid in grids if grid.rows]


def _cite(source: str) -> str:
    return cite(source) if source in load_bibliography() else source


def _muscle(name: str) -> str:
    return label_muscles([name])[name]


def report_audit(audit: Audit, *, command: str | None = None) -> Report:
    """Return the page of one body beside another, the largest difference first."""
    met = len(audit.rows) - len(audit.failed)
    missed = list(dict.fromkeys(label_muscles(row.muscle for row in audit.failed).values()))
    sentence = f"{met} of {len(audit.rows)} compared quantities of “{audit.body}” are as in “{audit.reference}”."
    if missed:
        sentence += f" The largest differences are at the {list_words(missed[:3])}."
    notes = []
    if audit.renamed:
        notes.append(f"{len(audit.renamed)} muscles were matched by anatomical name.")
    if audit.unmatched:
        unmatched = list(label_muscles(audit.unmatched).values())
        notes.append(f"Without counterpart in the reference: {list_words(unmatched)}.")
    labels = label_muscles(dict.fromkeys(row.muscle for row in audit.rows))
    return Report(
        answer=ReportHead(
            over=f"Body “{audit.body}” beside “{audit.reference}”",
            title="How does this body differ from the reference?",
            sentence=sentence,
            number=f"{met} of {len(audit.rows)}",
            number_words="quantities within what is accepted",
            certainty="Both were computed by the same muscle, so that only geometry and parameters can differ.",
            badge="As the reference" if not missed else "Differs",
            tone="unchanged" if not missed else "compensated",
            person=_PERSON,
        ),
        grids=(
            Grid(
                title="Muscle by muscle, the largest difference first",
                columns=(
                    "muscle",
                    "quantity",
                    "hip flexion (°)",
                    "here",
                    "reference",
                    "unit",
                    "here / reference",
                    "the same at equal size",
                    "accepted",
                ),
                rows=[_audit_row(row, labels) for row in audit.rows],
                note=" ".join(notes),
            ),
        ),
        limits=_AUDIT_LIMITS,
        settings={f"accepted difference, {say_name(name)}": f"{100 * share:.0f} %" for name, share in TARGETS.items()},
        command=command,
        footer="One model beside another.",
    )


def _audit_row(row: AuditRow, labels: Mapping[str, str]) -> tuple[Any, ...]:
    unit, factor = _SHOWN[row.units]
    axis = f", {coordinate_words(row.coordinate)}" if row.coordinate else ""
    accepted = "yes" if row.within_target else "at equal size" if row.within_target_sized else "no"
    here, there = (factor * value for value in (row.value, row.reference))
    words = (labels[row.muscle], f"{say_name(row.quantity)}{axis}", row.hip_flexion_deg, here, there, unit)
    return (*words, row.ratio, row.sized_ratio, accepted)
