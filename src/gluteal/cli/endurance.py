"""The command `gluteal endurance`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.condition import AnyTerms, read_condition
from gluteal.cli.inputs import find_movement, is_built_in, read_criterion, read_settings
from gluteal.cli.options import (
    AskAll,
    BodyName,
    ConditionSide,
    CriterionName,
    HipName,
    Json,
    MovementName,
    Out,
    Settings,
)
from gluteal.cli.output import (
    check_targets,
    command_line,
    print_json,
    say_written,
    show_progress,
    standard_output,
    write_rows,
)
from gluteal.errors import InputError

if TYPE_CHECKING:
    from gluteal.simulate.endurance import Hold
    from gluteal.simulate.endurance_band import HoldBand


@app.command(name="endurance", help_epilogue="Example: gluteal endurance single-leg-bridge")
def endurance_command(
    movement: MovementName,
    /,
    *,
    body: BodyName = None,
    hip: HipName = None,
    settings: Settings = None,
    criterion: CriterionName = None,
    terms: AnyTerms = None,
    side: ConditionSide = "both",
    rest: Annotated[
        float | None, Parameter(help="Hold it again after so many seconds of rest, and say how long then.")
    ] = None,
    ensemble: AskAll = None,
    json_: Json = False,
    out: Out = None,
) -> int:
    """Hold a posture, or repeat a movement, until the muscles give out: when, where, and who takes over.

    Built-in postures are held on every published body, too, and stand beside how long people hold them. Exits with 4
    where the movement itself cannot be judged.
    """
    check_targets(out)
    if rest is not None and not 0.0 <= rest <= 1e6:
        raise InputError(f"--rest {rest:g} is no time; give seconds of 0 or more, such as 180.")
    condition = read_condition(terms, side)
    asked = read_criterion(criterion, None)
    if isinstance(asked, str):
        raise InputError("--criterion emg follows a recording; endurance needs effort, size, joint-sparing or a .toml.")
    with show_progress("Loading the body and the movement"):
        who, what = find_movement(movement, body, settings, hip)
    with show_progress("Holding it until it fails"):
        from gluteal.engines import compute_mechanics
        from gluteal.simulate.endurance import compute_endurance

        mechanics = compute_mechanics(who, what)
        held = compute_endurance(who, what, condition=condition, criterion=asked, mechanics=mechanics)
    result: dict[str, Any] = {
        "task": what.name,
        "body": who.name,
        "condition": {"name": condition.name, "effects": [e.to_json() for e in condition.effects]},
        "criterion": asked.name,
        **held.to_json(),
        "sentence": held.sentence,
        "groups": held.groups.astype(object).where(held.groups.notna(), None).to_dict("records"),
    }
    sentences = [held.sentence]
    again: tuple[float, Hold] | None = None
    told: list[str] = []
    band: HoldBand | None = None
    if rest is not None:
        later = compute_endurance(
            who, what, condition=condition, criterion=asked, mechanics=mechanics, rested=held, rest=rest
        )
        again = rest, later
        result["again"] = {"rest_s": rest, **later.to_json()}
        sentences.append(f"After {rest:g} s of rest: {later.sentence}")
    if is_built_in(movement) and body is None and hip is None and not held.period:
        from gluteal.simulate.endurance_band import compute_hold_band, list_holding_times
        from gluteal.sources.bibliography import READ_DEPTH_WORDS, cite

        people = list_holding_times(what.name)
        result["people"] = people
        told = [
            f"{row['group'][0].upper()}{row['group'][1:]} hold it for {row['holding_s']:.0f} s (standard deviation "
            f"{row['sd_s']:.0f}, n = {row['n']}; {cite(row['source'])}, {READ_DEPTH_WORDS[row['read']]})."
            for row in people
        ]
        sentences += told
        if ensemble is not False:
            with show_progress("Asking the published bodies"):
                band = compute_hold_band(what.name, condition=condition, criterion=asked, **read_settings(settings))
            result["ensemble"] = band.to_json()
            sentences.append(band.sentence)
    for path in out or []:
        if path.suffix.lower() == ".html":
            from gluteal.show.pages.endurance import save_endurance

            save_endurance(path, held, people=told, band=band, again=again, command=command_line())
        else:
            write_rows([path], result["groups"], f"Endurance: {what.title}")
    if json_:
        print_json(result)
    else:
        from gluteal.anatomy import group_words
        from gluteal.show.terminal.outcome import show_rows
        from gluteal.words import SIDES

        shown = [
            {
                "group": f"{SIDES[row['side']]}{group_words(row['name'])}",
                "fresh": f"{100 * row['fresh']:.0f} %",
                "at the end": f"{100 * row['tired']:.0f} %",
                "fatigued": f"{100 * row['fatigued']:.0f} %",
            }
            for row in result["groups"][:8]
        ]
        show_rows(standard_output(), shown)
        for sentence in sentences:
            standard_output().print(sentence, highlight=False)
    say_written(out)
    return DONE
