"""The command `gluteal simulate`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from gluteal.cli import CANNOT_JUDGE, DONE, SCIENTIFIC_NO, app
from gluteal.cli.condition import AnyTerms, read_condition
from gluteal.cli.inputs import find_movement
from gluteal.cli.options import BodyName, ConditionSide, Json, MovementName, Out, Settings, whole_number
from gluteal.cli.output import check_targets, command_line, print_json, say_written, show_progress, standard_output
from gluteal.errors import InputError


@app.command(name="simulate")
def simulate_command(
    movement: MovementName,
    /,
    *,
    body: BodyName = None,
    settings: Settings = None,
    exponent: Annotated[float, Parameter(help="Exponent of the effort, 2 or more.")] = 2.0,
    spread: Annotated[
        int | None,
        Parameter(converter=whole_number, help="Bands over so many random people (0: none) and a family of criteria."),
    ] = None,
    terms: AnyTerms = None,
    side: ConditionSide = "both",
    json_: Json = False,
    out: Out = None,
) -> int:
    """Do a movement undisturbed and under a condition, and compare.

    Exits with 3 where it is impossible, with 4 where it cannot be judged.
    """
    check_targets(out)
    if spread is not None and spread < 0:
        raise InputError(f"--spread {spread} is below 0; give a number of people, or 0 for criteria alone.")
    condition = read_condition(terms, side)
    with show_progress("Loading the body and the movement"):
        who, what = find_movement(movement, body, settings)
    with show_progress("Computing mechanics and recruitment"):
        from gluteal.simulate.experiment import simulate

        outcome = simulate(who, what, condition=condition, exponent=exponent)
    bands = None
    if spread is not None:
        with show_progress(f"Repeating it with {spread} random people under all criteria"):
            from gluteal.simulate.spread import repeat_outcome

            bands = repeat_outcome(outcome, people=spread)
    for path in out or []:
        with show_progress(f"Writing {path.name}"):
            match path.suffix.lower():
                case ".html":
                    outcome.to_html(path, command=command_line(), spread=bands)
                case ".csv":
                    outcome.to_csv(path)
                case _:
                    outcome.to_netcdf(path)
    if json_:
        from gluteal.simulate.spread import SEED

        added = {} if bands is None else {"spread": {**bands.to_json(), "seed": SEED}}
        print_json(outcome.to_json() | added)
    else:
        from gluteal.show.terminal.outcome import show_outcome

        show_outcome(standard_output(), outcome)
        if bands is not None:
            standard_output().print(bands.sentence, highlight=False)
    say_written(out)
    return {"impossible": SCIENTIFIC_NO, "cannot-be-judged": CANNOT_JUDGE}.get(outcome.verdict, DONE)
