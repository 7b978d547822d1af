"""The command `gluteal tolerance`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from gluteal.cli import (
    DONE,
    ENDINGS,
    SCIENTIFIC_NO,
    BodyName,
    Json,
    Out,
    Sides,
    _load_movement,
    _print_json,
    _progress,
    _save,
    _say_written,
    _stdout,
)

if TYPE_CHECKING:
    from gluteal.sharing.tolerance import Ranking

PICTURES = (".png", ".svg", ".pdf")


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(tolerance, help_epilogue="Example: gluteal tolerance walk glmed hip-extensors")


def tolerance(
    movement: Annotated[str, Parameter(help="Name of a task, or path of a trial (folder or .toml).")],
    /,
    *targets: Annotated[str, Parameter(help="Muscles, groups or nerves, each by itself; all groups if none.")],
    body: BodyName = None,
    set_: Annotated[
        list[str] | None, Parameter(name="--set", help="NAME=VALUE: parameter of the task. May be repeated.")
    ] = None,
    side: Annotated[Sides, Parameter(help="Side of every target whose name has none.")] = "r",
    json_: Json = False,
    out: Out = None,
) -> int:
    """Find the largest loss a movement tolerates. Exits with 3 where it needs reserves even without a loss.

    Besides .html, .csv and .nc, --out writes a picture (.png, .svg or .pdf).
    """
    from gluteal.files import check_target

    for path in out or []:
        check_target(path, (*ENDINGS, *PICTURES))
    with _progress("Loading the body and the movement"):
        who, what = _load_movement(movement, body, set_)
    for name in targets:
        who.resolve(name, side=side)  # names are checked before any work is done
    with _progress("Computing mechanics and tolerances"):
        from gluteal.engines import compute_mechanics
        from gluteal.sharing.tolerance import rank_tolerance

        mechanics = compute_mechanics(who, what)
        ranking = rank_tolerance(mechanics, *targets, side=side)
    result = ranking.to_json()
    pictures = [p for p in out or [] if p.suffix.lower() in PICTURES]
    sentence = ranking.refused or "The largest loss at which the movement, held exactly as it is, still works."
    listed = ranking.table().fillna({"limiting_coordinate": "", "limiting_time_s": float("nan")})
    rows = listed.to_dict("records")
    for path in out or []:
        if path.suffix.lower() == ".html":
            from gluteal.show.pages.table_figures import draw_tolerance

            with _progress("Drawing what grows as more is lost"):
                figures = draw_tolerance(ranking, mechanics)
            _save([path], rows, f"Tolerance: {ranking.movement}", sentence, figures=figures)
        elif path not in pictures:
            _save([path], rows, f"Tolerance: {ranking.movement}", sentence)
    for path in pictures:
        _draw(path, ranking)
    if json_:
        _print_json(result)
    elif len(ranking.tolerances) == 1 or ranking.refused:
        _stdout().print(ranking.tolerances[0].sentence, highlight=False)
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
            for t in limited
        ]
        if limited:
            show_rows(_stdout(), shown)
        whole = [group_words(t.name) for t in ranking.tolerances if t not in limited]
        if whole:
            _stdout().print(f"Even a complete loss is tolerated of: {', '.join(whole)}.", highlight=False)
    _say_written(out)
    return SCIENTIFIC_NO if ranking.refused else DONE


def _draw(path: Path, ranking: Ranking) -> None:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from gluteal.files import written_whole
    from gluteal.show.figures.tolerance import plot_tolerance

    with mpl.rc_context({"svg.fonttype": "none"}), written_whole(path) as temporary:
        plot_tolerance(ranking)
        plt.savefig(temporary, format=path.suffix[1:].lower(), dpi=150)
        plt.close()
