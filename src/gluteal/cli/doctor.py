"""The command `gluteal doctor`: what is installed, and whether it computes what it should."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from gluteal.cli import DONE, OUR_ERROR, app
from gluteal.cli.extras import installed_version, list_extras
from gluteal.cli.inputs import find_body
from gluteal.cli.options import BodyName, Json, Out
from gluteal.cli.output import (
    check_targets,
    command_line,
    print_json,
    say_written,
    show_progress,
    standard_output,
    write_rows,
)

if TYPE_CHECKING:
    from gluteal.mechanics.body import Body
    from gluteal.show.pages.report import Report

#: Engines, and the packages that results depend on.
_ENGINES = ("mujoco", "opensim")
_PACKAGES = (
    *("gluteal", "numpy", "scipy", "xarray", "pandas", "h5netcdf", "h5py", "myo-sim", "matplotlib", "jinja2"),
    *("cyclopts", "rich", "pydantic", "pyyaml", "statsmodels", "rispy", "pybtex"),
)


@app.command(name="doctor", help_epilogue="Example: gluteal doctor")
def doctor_command(
    *,
    body: BodyName = None,
    reference: Annotated[
        Path | None, Parameter(help="OpenSim model (.osim) to compare the body with, muscle by muscle.")
    ] = None,
    nature: Annotated[
        bool, Parameter(help="Also set hip force, ground force and strength beside measured ones (half a minute).")
    ] = False,
    json_: Json = False,
    out: Out = None,
) -> int:
    """Say what is installed, what each extra would add, and whether it works; or how the body differs from another."""
    check_targets(out)
    if reference is not None:
        return _audit(body, reference, json_, out)
    with show_progress("Checking the solver"):
        who = find_body(body)
        found = self_check(who)
    if nature:
        with show_progress("Solving the movements that were measured in people"):
            from gluteal.held_against.overview import hold_against_nature

            found["nature"] = hold_against_nature(who)

    def page() -> Report:
        from gluteal.show.pages.doctor import report_doctor

        return report_doctor(found, body=who, command=command_line())

    write_rows(out, found["self_check"]["checks"], "Self-check", report=page)
    if json_:
        print_json(found)
    else:
        from gluteal.show.terminal.outcome import show_doctor

        show_doctor(standard_output(), found)
    say_written(out)
    return DONE if found["self_check"]["passed"] else OUR_ERROR


def self_check(body: Body) -> dict[str, Any]:
    """Return versions, a summary of the body, and the acceptance checks of quiet standing solved now.

    A person who stands needs little: the checks recompute the balance of moments and the conditions of
    least effort from the activations, whatever the solver says about itself.
    """
    from gluteal.movements.tasks import load_task
    from gluteal.simulate.experiment import simulate

    outcome = simulate(body, load_task("quiet-standing", body))
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "engines": {name: installed_version(name) for name in _ENGINES},
        "packages": {name: installed_version(name) for name in _PACKAGES},
        "extras": list_extras(),
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


def _audit(body: str | None, reference: Path, json_: bool, out: list[Path] | None) -> int:
    from gluteal.engines import load_body
    from gluteal.held_against.body import audit_body, render_audit

    with show_progress("Comparing the bodies"):
        audit = audit_body(find_body(body), load_body(reference))

    def page() -> Report:
        from gluteal.show.pages.doctor import report_audit

        return report_audit(audit, command=command_line())

    rows = [row.as_dict() for row in audit.rows]
    write_rows(out, rows, f"{audit.body} against {audit.reference}", report=page)
    if json_:
        print_json(audit.as_dict())
    else:
        render_audit(audit, standard_output())
    say_written(out)
    return DONE
