"""The command `gluteal strength`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.condition import AnyTerms, read_condition
from gluteal.cli.inputs import find_body, read_pair
from gluteal.cli.options import AskAll, BodyName, HipName, Json, MeasuredSide, Out
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
    from gluteal.simulate.ensemble_range import EnsembleRange


@app.command(
    name="strength",
    help_epilogue='Example: gluteal strength "hip abduction" --nerve "superior gluteal"=0.52 --side r',
)
def strength_command(
    movement: Annotated[str, Parameter(help='Such as "hip abduction"; see gluteal list movements.')],
    /,
    *,
    body: BodyName = None,
    hip: HipName = None,
    posture: Annotated[
        list[str] | None, Parameter(help="COORDINATE=DEGREES: replaces the movement's own posture.")
    ] = None,
    terms: AnyTerms = None,
    side: MeasuredSide = "r",
    ensemble: AskAll = None,
    json_: Json = False,
    out: Out = None,
) -> int:
    """Measure a movement's isometric strength on the virtual dynamometer."""
    check_targets(out)
    condition = read_condition(terms, side)
    held = dict(read_pair("posture", text, "hip_flexion=30") for text in posture or []) or None
    with show_progress("Measuring"):
        from gluteal.held_against.strength import compare_strength, summarize_published
        from gluteal.simulate.dynamometer import compute_strength

        who = find_body(body, hip)
        reading = compute_strength(who, movement, side=side, condition=condition, posture=held)
        published = compare_strength(reading, who)
    result = {**reading.to_json(), "published": published}
    over: EnsembleRange | None = None
    if ensemble is not False and body is None and hip is None:
        from gluteal.simulate.ensemble_range import measure_ensemble

        with show_progress("Asking the published bodies"):
            over = measure_ensemble(movement, side=side, condition=condition, posture=held)
        moments = [row for row in published if row["quantity"] == "moment_nm_per_kg"]
        low = min((row["published_low"] for row in moments), default=float("nan"))
        high = max((row["published_high"] for row in moments), default=float("nan"))
        result["ensemble"] = over.to_json(lambda moment: low <= moment <= high)
    for path in out or []:
        if path.suffix.lower() == ".html":
            from gluteal.show.pages.strength import save_strength

            save_strength(path, reading, published, over=over, command=command_line())
        else:
            write_rows([path], reading.to_json()["muscles"], f"Strength: {movement}")
    if json_:
        print_json(result)
    else:
        from gluteal.show.terminal.outcome import show_strength

        show_strength(standard_output(), reading, summarize_published(published))
        if over is not None:
            standard_output().print(over.say(lambda moment: f"{moment:.2f} N·m/kg"), highlight=False)
    say_written(out)
    return DONE
