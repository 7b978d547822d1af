"""The command `gluteal adapt`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gluteal.cli import DONE, SCIENTIFIC_NO, app
from gluteal.cli.condition import AnyTerms, read_condition
from gluteal.cli.inputs import find_movement, read_criterion, read_pair
from gluteal.cli.options import BodyName, ConditionSide, CriterionName, HipName, Json, MovementName, Out, Settings
from gluteal.cli.output import check_targets, command_line, print_json, say_written, show_progress, standard_output
from gluteal.errors import InputError

if TYPE_CHECKING:
    from gluteal.mechanics.body import Body
    from gluteal.simulate.adapt.curve import AdaptationCurve


@app.command(
    name="adapt",
    help_epilogue='Example: gluteal adapt single-leg-stance --nerve "superior gluteal"=0.8 --side r --out adapt.html',
)
def adapt_command(
    movement: MovementName,
    /,
    *,
    body: BodyName = None,
    hip: HipName = None,
    settings: Settings = None,
    free: Annotated[
        list[str] | None,
        Parameter(help="A quantity that may change, such as trunk_lean; all if none. May be repeated."),
    ] = None,
    demand: Annotated[
        list[str] | None,
        Parameter(help="QUANTITY=DEGREES (step_width=MM): a change that is asked for, the rest free. May be repeated."),
    ] = None,
    shorten: Annotated[
        list[str] | None,
        Parameter(help="M=SHARE: fibres that are this share of their length, such as iliopsoas=0.9. May be repeated."),
    ] = None,
    carry: Annotated[
        list[str] | None,
        Parameter(help="PLACE=KG: a load that is carried: right-hand, left-hand, both-hands or back. May be repeated."),
    ] = None,
    habit: Annotated[
        float | None, Parameter(help="What keeping to the usual way is worth; the fitted weight if not given.")
    ] = None,
    margin: Annotated[
        float | None, Parameter(help="Share of the foot, from its middle, that the centre of pressure may use.")
    ] = None,
    criterion: CriterionName = None,
    exponent: Annotated[float | None, Parameter(help="Exponent of the effort, 2 or more.")] = None,
    passive: Annotated[
        list[str] | None,
        Parameter(help="Passive tissue of the hips: hip-capsule or iliotibial-band. May be repeated."),
    ] = None,
    curve: Annotated[bool, Parameter(help="Follow the posture from no loss to the whole, in eleven steps.")] = False,
    ensemble: Annotated[bool, Parameter(help="With --curve: a band over all published bodies, too.")] = False,
    terms: AnyTerms = None,
    side: ConditionSide = "both",
    json_: Json = False,
    out: Out = None,
) -> int:
    """Let the person move otherwise: what costs least under a condition, and what it buys.

    Exits with 3 where even the adapted movement is impossible, with 4 where it cannot be judged.
    """
    check_targets(out)
    condition = read_condition(terms, side)
    asked = read_criterion(criterion, exponent)  # a wrong name is told before any work is done
    if isinstance(asked, str):
        raise InputError("A movement that adapts has no recording to follow; leave --criterion emg out.")
    if ensemble and not curve:
        raise InputError("--ensemble is a band around a curve; give --curve, too.")
    demands = dict(read_pair("demand", text, "pelvic_list=-5") for text in demand or [])
    shorter = dict(read_pair("shorten", text, "iliopsoas=0.9") for text in shorten or [])
    loads = dict(read_pair("carry", text, "left-hand=10") for text in carry or [])
    with show_progress("Loading the body and the movement"):
        who, what = find_movement(movement, body, settings, hip)
    from gluteal.simulate.adapt.posture import MARGIN, adapt

    share = MARGIN if margin is None else margin
    tissues = tuple(passive or ())
    with show_progress("Looking for the least costly way"):
        adaptation = adapt(
            who,
            what,
            condition=condition,
            free=free,
            demand=demands,
            habit=habit,
            margin=share,
            criterion=asked,
            passive=tissues,
            shorten=shorter,
            carry=loads,
        )
    followed: AdaptationCurve | None = None
    if curve:
        from gluteal.simulate.adapt.curve import adapt_curve

        with show_progress("Following it from no loss to the whole"):
            others: Sequence[Body] = ()
            if ensemble:
                from gluteal.engines import load_bodies

                others = load_bodies()
            followed = adapt_curve(
                who, what, condition, habit=habit, margin=share, passive=tissues, bodies=others, carry=loads
            )
    for path in out or []:
        with show_progress(f"Writing {path.name}"):
            match path.suffix.lower():
                case ".html":
                    adaptation.to_html(path, command=command_line(), curve=followed)
                case ".csv":
                    (followed or adaptation).to_csv(path)
                case _:
                    (followed or adaptation).to_netcdf(path)
    if json_:
        from gluteal.held_against.joint_moments import say_moments_outside

        result = adaptation.to_json()
        for name in ("fixed", "adapted"):
            result[name]["outside_published"] = list(say_moments_outside(adaptation.fixed.baseline))
        print_json(result | {"curve": None if followed is None else followed.to_json()})
    else:
        from gluteal.show.terminal.adapt import show_adaptation

        show_adaptation(standard_output(), adaptation, curve=followed)
    say_written(out)
    return SCIENTIFIC_NO if adaptation.verdict == "impossible" else DONE
