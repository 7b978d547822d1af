"""The command `gluteal delays`."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from gluteal.cli import CANNOT_JUDGE, DONE, app
from gluteal.cli.inputs import find_movement
from gluteal.cli.options import BodyName, HipName, Json, MeasuredSide, MovementName, Out, Settings
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

_PICTURES = (".png", ".svg", ".pdf")


@app.command(name="delays", help_epilogue="Example: gluteal delays prone-leg-lift glmax hamstrings --by 0.05 0.1")
def delays_command(
    movement: MovementName,
    /,
    *targets: Annotated[
        str, Parameter(help="Muscles or groups that start late; gluteus maximus, hamstrings, erector spinae if none.")
    ],
    by: Annotated[
        list[float] | None,
        Parameter(name="--by", consume_multiple=True, help="Delays, seconds; 0.05 0.1 0.15 0.3 if none."),
    ] = None,
    body: BodyName = None,
    hip: HipName = None,
    settings: Settings = None,
    side: MeasuredSide = "r",
    json_: Json = False,
    out: Out = None,
) -> int:
    """Let muscles start late, each and two together, and see what it costs beside healthy scatter.

    The movement has to begin at rest, as prone-leg-lift does. Besides .html, .csv and .nc, --out writes a picture
    (.png, .svg or .pdf). Exits with 4 where the movement itself cannot be judged.
    """
    check_targets(out, (*REPORT_ENDINGS, *_PICTURES))
    with show_progress("Loading the body and the movement"):
        who, what = find_movement(movement, body, settings, hip)
    for name in targets:
        who.resolve(name, side=side)  # names are checked before any work is done
    with show_progress("Letting muscles start late"):
        from gluteal.anatomy import group_words
        from gluteal.engines import compute_mechanics
        from gluteal.simulate.delays import DELAYS, compute_late_starts

        found = compute_late_starts(compute_mechanics(who, what), *targets, delays=by or DELAYS, side=side)
    result = found.to_json()
    rows: list[dict[str, Any]] = [
        {
            "late": row.name,
            "delay_s": row.seconds,
            "verdict": row.verdict,
            "effort_ratio": row.effort_ratio,
            "early_hip_bw": row.early_hip_bw,
            "peak_hip_bw": row.peak_hip_bw,
            "missing_nm": row.missing,
            "coordinate": row.coordinate if row.verdict == "impossible" else "",
            "jumps in": ", ".join(group_words(name) for name, _ in row.helpers),
        }
        for row in found.rows
    ]
    pictures = [p for p in out or [] if p.suffix.lower() in _PICTURES]
    for path in out or []:
        from gluteal.show.pages.delays import save_delay_picture, save_delays

        if path in pictures:
            save_delay_picture(path, found)
        elif path.suffix.lower() == ".html":
            save_delays(path, found, body=f"{who.name}, {who.source}", command=command_line())
        else:
            write_rows([path], rows, f"Late starts: {what.title}")
    if json_:
        print_json(result)
    else:
        from gluteal.show.terminal.outcome import show_rows

        show_rows(
            standard_output(),
            [
                {
                    "late": row["late"],
                    "ms": f"{1000 * row['delay_s']:.0f}",
                    "effort": f"{100 * (row['effort_ratio'] - 1):+.1f} %",
                    "early hip, BW": f"{row['early_hip_bw']:.2f}",
                    "missing": f"{row['missing_nm']:.1f} N·m" if row["verdict"] == "impossible" else "-",
                    "jumps in": row["jumps in"].split(", ")[0] or "-",
                }
                for row in rows
            ],
        )
        for sentence in (found.sentence, *found.refused.values()):
            standard_output().print(sentence, highlight=False)
    say_written(out)
    return CANNOT_JUDGE if any(row.verdict == "cannot-be-judged" for row in found.rows) else DONE
