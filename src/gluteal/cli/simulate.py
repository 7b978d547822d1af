"""The command `gluteal simulate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from gluteal.cli import CANNOT_JUDGE, DONE, SCIENTIFIC_NO, app
from gluteal.cli.condition import AnyTerms, read_condition
from gluteal.cli.inputs import find_movement, is_built_in, read_criterion, read_settings
from gluteal.cli.instead import say_offer
from gluteal.cli.options import (
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
    ARGUMENTS,
    check_targets,
    command_line,
    print_json,
    say_written,
    show_progress,
    standard_output,
)
from gluteal.errors import InputError

if TYPE_CHECKING:
    from gluteal.nerves.condition import Condition
    from gluteal.sharing.criterion import Criterion
    from gluteal.simulate.ensemble import Ensemble


@app.command(name="simulate")
def simulate_command(
    movement: MovementName,
    /,
    *,
    body: BodyName = None,
    hip: HipName = None,
    settings: Settings = None,
    criterion: CriterionName = None,
    exponent: Annotated[float | None, Parameter(help="Exponent of the effort, 2 or more.")] = None,
    hold_out: Annotated[
        list[str] | None, Parameter(help="With --criterion emg: a channel that is not followed. May be repeated.")
    ] = None,
    passive: Annotated[
        list[str] | None,
        Parameter(help="Passive tissue of the hips: hip-capsule or iliotibial-band. May be repeated."),
    ] = None,
    spread: Annotated[
        int | None,
        Parameter(help="Bands over so many random people (0: none) and a family of criteria."),
    ] = None,
    ensemble: Annotated[
        bool,
        Parameter(
            negative="--no-ensemble",
            help="Ask all published bodies and walkers, too (built-in tasks on the default body, without --passive).",
        ),
    ] = True,
    adapt: Annotated[
        bool, Parameter(help="Let the person move otherwise, too, as gluteal adapt does, and say what it buys.")
    ] = False,
    terms: AnyTerms = None,
    side: ConditionSide = "both",
    json_: Json = False,
    out: Out = None,
) -> int:
    """Do a movement undisturbed and under a condition, and compare.

    Exits with 3 where it is impossible, with 4 where it cannot be judged. Where published anatomies or walkers
    disagree, the verdict is "disputed".
    """
    check_targets(out)
    if spread is not None and spread < 0:
        raise InputError(f"--spread {spread} is below 0; give a number of people, or 0 for criteria alone.")
    from gluteal.simulate.criteria import EMG, find_criterion

    condition = read_condition(terms, side)
    asked = read_criterion(criterion, exponent)  # a wrong name is told before any work is done
    with show_progress("Loading the body and the movement"):
        who, what = find_movement(movement, body, settings, hip)
    if hold_out and asked != EMG:
        raise InputError("--hold-out keeps channels of a recording aside; it goes with --criterion emg.")
    with show_progress("Computing mechanics and recruitment"):
        from gluteal.simulate.experiment import simulate

        mechanics, tracked, tissues = None, None, tuple(passive or ())
        if isinstance(asked, str):  # what is followed is estimated first, on the body as it is asked for
            from gluteal.engines import compute_mechanics
            from gluteal.simulate.emg_tracking import track_emg
            from gluteal.simulate.passive_tissue import add_passive_tissue

            mechanics, tissues = add_passive_tissue(compute_mechanics(who, what), *tissues), ()
            tracked = track_emg(mechanics, criterion=find_criterion(None, exponent), held_out=hold_out or ())
            asked = tracked.criterion
        from gluteal.simulate.endurance import hold_until_failure

        outcome = simulate(who, what, condition=condition, criterion=asked, passive=tissues, mechanics=mechanics)
        held = hold_until_failure(outcome, condition, asked)
    told = None
    if ensemble and condition and body is None and hip is None and not passive:
        told = _ask_all(movement, condition, asked, settings)
    bands = None
    if spread is not None:
        with show_progress(f"Repeating it with {spread} random people under all criteria"):
            from gluteal.simulate.spread import repeat_outcome

            bands = repeat_outcome(outcome, people=spread)
    instead = None
    if adapt:
        with show_progress("Looking for the least costly way"):
            from gluteal.simulate.adapt.posture import adapt as adapt_posture

            instead = adapt_posture(who, what, condition=condition, criterion=asked, passive=tissues)
    for path in out or []:
        with show_progress(f"Writing {path.name}"):
            match path.suffix.lower():
                case ".html":
                    from gluteal.show.pages.outcome import save_page

                    part = None
                    if instead is not None:
                        from gluteal.show.pages.adapt import render_instead

                        part = render_instead(instead)
                    save_page(outcome, path, command=command_line(), spread=bands, ensemble=told, instead=part)
                case ".csv":
                    outcome.to_csv(path)
                case _:
                    outcome.to_netcdf(path)
    if json_:
        from gluteal.simulate.spread import SEED

        added: dict[str, Any] = {} if bands is None else {"spread": {**bands.to_json(), "seed": SEED}}
        if told is not None:
            added |= {"ensemble": told.to_json(), "verdict": told.join(outcome.verdict)}
        if instead is not None:
            added["adapt"] = instead.to_json(outcomes=False)
        if tracked is not None:
            added["emg_tracking"] = tracked.to_json()
        if held is not None:
            added["endurance"] = held.to_json()
        from gluteal.held_against.joint_moments import say_moments_outside

        print_json(outcome.to_json() | {"outside_published": list(say_moments_outside(outcome.baseline))} | added)
    else:
        from gluteal.show.terminal.outcome import show_outcome

        show_outcome(standard_output(), outcome, ensemble=told)
        if tracked is not None:
            standard_output().print(tracked.sentence, highlight=False)
        if bands is not None:
            standard_output().print(bands.sentence, highlight=False)
        if held is not None:
            standard_output().print(held.sentence, highlight=False)
    verdict = outcome.verdict if told is None else told.join(outcome.verdict)
    if instead is not None and not json_:
        from gluteal.show.terminal.adapt import show_adaptation

        show_adaptation(standard_output(), instead)
    elif verdict in ("impossible", "disputed") and not json_:
        from gluteal.simulate.adapt.cycle import can_adapt_walk
        from gluteal.simulate.adapt.stance import can_adapt

        if can_adapt(what) or can_adapt_walk(what):
            standard_output().print(say_offer(ARGUMENTS), highlight=False)
    say_written(out)
    return {"impossible": SCIENTIFIC_NO, "cannot-be-judged": CANNOT_JUDGE}.get(verdict, DONE)


def _ask_all(
    name: str,
    condition: Condition,
    criterion: Criterion,
    settings: list[str] | None,
) -> Ensemble | None:
    """Let every published body do a built-in task; a task of the user's own is done by the default body alone."""
    from gluteal.simulate.ensemble import simulate_ensemble

    if not is_built_in(name):
        return None
    task = name.strip().lower().replace("_", "-").replace(" ", "-")
    with show_progress("Asking the published bodies and walkers"):
        return simulate_ensemble(task, condition=condition, criterion=criterion, **read_settings(settings))
