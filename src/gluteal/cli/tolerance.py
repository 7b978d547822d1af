"""The command `gluteal tolerance`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gluteal.cli import CANNOT_JUDGE, DONE, app
from gluteal.cli.condition import AnyTerms, read_condition
from gluteal.cli.inputs import find_movement, is_built_in, read_settings
from gluteal.cli.options import AskAll, BodyName, HipName, Json, MovementName, Out, Settings, TargetSide
from gluteal.cli.output import (
    REPORT_ENDINGS,
    check_targets,
    command_line,
    print_json,
    say_written,
    show_progress,
    standard_output,
    write_rows,
)

if TYPE_CHECKING:
    from gluteal.sharing.tolerance import Ranking
    from gluteal.simulate.ensemble_range import EnsembleRange

_PICTURES = (".png", ".svg", ".pdf")


@app.command(name="tolerance", help_epilogue="Example: gluteal tolerance walk glmed hip-extensors")
def tolerance_command(
    movement: MovementName,
    /,
    *targets: Annotated[str, Parameter(help="Muscles, groups or nerves, each by itself; all groups if none.")],
    body: BodyName = None,
    hip: HipName = None,
    settings: Settings = None,
    terms: AnyTerms = None,
    side: TargetSide = "r",
    ensemble: AskAll = None,
    json_: Json = False,
    out: Out = None,
) -> int:
    """Find the largest loss a movement tolerates. Exits with 4 where the movement itself cannot be judged.

    Besides .html, .csv and .nc, --out writes a picture (.png, .svg or .pdf). Where targets are named, every published
    body is asked, too, how much of them a built-in task tolerates; all groups at once only with --ensemble. With a
    condition it is the loss that can be borne beside it.
    """
    check_targets(out, (*REPORT_ENDINGS, *_PICTURES))
    asked_for = read_condition(terms, side)
    with show_progress("Loading the body and the movement"):
        who, what = find_movement(movement, body, settings, hip)
    for name in targets:
        who.resolve(name, side=side)  # names are checked before any work is done
    with show_progress("Computing mechanics and tolerances"):
        from gluteal.engines import compute_mechanics
        from gluteal.sharing.tolerance import rank_tolerance
        from gluteal.simulate.dynamometer import settle_strength_loss
        from gluteal.simulate.endurance import settle_fatigue

        condition = settle_strength_loss(asked_for, who)
        condition.affected(who)
        mechanics = compute_mechanics(who, what)
        condition = settle_fatigue(condition, mechanics)
        ranking = rank_tolerance(mechanics, *targets, side=side, condition=condition)
    ranges: dict[str, EnsembleRange] = {}
    asked = bool(targets) if ensemble is None else ensemble
    if asked and body is None and hip is None and is_built_in(movement) and not ranking.refused:
        from gluteal.simulate.ensemble_range import rank_ensemble

        with show_progress("Asking the published bodies"):
            ranges = rank_ensemble(what.name, *targets, side=side, condition=asked_for, **read_settings(settings))
    result = ranking.to_json() | {"condition": condition.name}
    for row in result["targets"]:
        if row["name"] in ranges:
            row["ensemble"] = ranges[row["name"]].to_json(lambda loss: loss >= 1.0)
    pictures = [p for p in out or [] if p.suffix.lower() in _PICTURES]
    listed = ranking.table().fillna({"limiting_coordinate": "", "limiting_time_s": float("nan")})
    rows = listed.to_dict("records")
    for path in out or []:
        if path.suffix.lower() == ".html":
            from gluteal.show.pages.tolerance import save_tolerance

            with show_progress("Drawing what grows as more is lost"):
                save_tolerance(path, ranking, mechanics, ranges=ranges, condition=condition, command=command_line())
        elif path not in pictures:
            write_rows([path], rows, f"Tolerance: {ranking.movement}")
    for path in pictures:
        _draw(path, ranking)
    if json_:
        print_json(result)
    elif len(ranking.tolerances) == 1 or ranking.refused:
        standard_output().print(ranking.tolerances[0].sentence, highlight=False)
        for name in ranges:
            standard_output().print(ranges[name].say(lambda loss: f"{100 * loss:.0f} %"), highlight=False)
    else:
        from gluteal.anatomy import group_words
        from gluteal.show.terminal.outcome import show_rows
        from gluteal.words import coordinate_words

        limited = [t for t in ranking.tolerances if t.critical_loss is not None or t.refused]
        shown = [
            {
                "target": t.name,
                "tolerated loss": "refused" if t.refused else f"{100 * (t.critical_loss or 0.0):.1f} %",
                "lacks first": coordinate_words(t.limiting_coordinate) if t.limiting_coordinate else "-",
                "at (s)": "-" if t.limiting_time is None else f"{t.limiting_time:.2f}",
            }
            | ({"published bodies": _span(ranges[t.name])} if t.name in ranges else {})
            for t in limited
        ]
        if limited:
            show_rows(standard_output(), shown)
        whole = [group_words(t.name) for t in ranking.tolerances if t not in limited]
        if whole:
            standard_output().print(f"Even a complete loss is tolerated of: {', '.join(whole)}.", highlight=False)
    say_written(out)
    return CANNOT_JUDGE if ranking.refused else DONE


def _span(found: EnsembleRange) -> str:
    """Say the range over all bodies, in percent."""
    return f"{100 * found.low:.0f} to {100 * found.high:.0f} %"


def _draw(path: Path, ranking: Ranking) -> None:
    import matplotlib.pyplot as plt

    from gluteal.files import written_whole
    from gluteal.show.figures.inline import PICTURE, own_style
    from gluteal.show.figures.tolerance import plot_tolerance

    with own_style(PICTURE), written_whole(path) as file:
        plot_tolerance(ranking)
        plt.savefig(file, format=path.suffix[1:].lower(), dpi=150)
        plt.close()
