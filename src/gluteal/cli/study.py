"""The command ``gluteal study``: run a plan, show progress, print who can still do what."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from gluteal.cli import DONE, app
from gluteal.cli.options import OUTPUT, Json
from gluteal.cli.output import check_targets, command_line, print_json, say_written, standard_output
from gluteal.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console


@app.command(name="study", help_epilogue="Example: gluteal study plan.toml --out block.nc")
def study_command(
    plan: Annotated[Path, Parameter(help="TOML file: bodies, movements, conditions, people (docs/studies.md).")],
    /,
    *,
    scheduler: Annotated[
        str | None, Parameter(help="Address of a Dask scheduler; without it processes of this machine.")
    ] = None,
    workers: Annotated[
        int | None,
        Parameter(help="Processes of this machine (default: one per core; 0: this process)."),
    ] = None,
    resume: Annotated[bool, Parameter(help="Go on where a killed run of the same plan ended.")] = False,
    out: Annotated[
        list[Path] | None,
        Parameter(
            group=OUTPUT,
            help="Result, .nc or .zarr (default: the plan's name with .nc, here); a page besides, .html. Repeatable.",
        ),
    ] = None,
    json_: Json = False,
) -> int:
    """Run bodies or trials x movements x conditions x random people, restartable, on many machines."""
    from gluteal.simulate.study import load_plan, run_study, summarize_study

    checked = load_plan(plan)
    target, pages = _targets(plan, out or [])
    with _bar(checked.name) as progress:
        result = run_study(checked, out=target, scheduler=scheduler, workers=workers, resume=resume, progress=progress)
    rows = _rows(summarize_study(result))
    if json_:
        print_json(
            {
                "study": checked.name,
                "out": str(target),
                "people": checked.people,
                "seed": checked.seed,
                "statistic": "median, low and high: 50th, 5th and 95th percentile over random people",
                "certificate": float(result["certificate"].max(skipna=False)),
                "rows": rows,
            }
        )
    else:
        _show(standard_output(), rows)
    for page in pages:
        from gluteal.show.pages.study import save_study

        save_study(page, result, checked, command=command_line())
    say_written([target, *pages])
    return DONE


def _targets(plan: Path, out: Sequence[Path]) -> tuple[Path, list[Path]]:
    """Return where the result goes, and the pages about it, checked before any work is done."""
    pages = [path for path in out if path.suffix.lower() == ".html"]
    results = [path for path in out if path not in pages]
    if len(results) > 1:
        raise InputError(f"A study is written to one file; given {results[0]} and {results[1]}. Name one .nc or .zarr.")
    check_targets(pages, (".html",))
    return (results[0] if results else Path(f"{plan.stem}.nc")), pages


def _show(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a table for every case and condition, one line per criterion; it fits into 80 columns."""
    from rich.table import Table
    from rich.text import Text

    from gluteal.simulate.spread import PERCENTILES

    low, _, high = PERCENTILES
    headings = dict(_HEADINGS)
    if not any(row["cannot_be_judged"] for row in rows):  # a column of noughts says nothing
        del headings["cannot_be_judged"]
    for case, condition in dict.fromkeys((row["case"], row["condition"]) for row in rows):
        console.print(Text(f"{case}: {condition}", style="bold"))
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column("criterion", no_wrap=True)
        for name in (*headings.values(), f"effort, {low:.0f}-{high:.0f} %"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("itself", no_wrap=True)
        for row in rows:
            if (row["case"], row["condition"]) == (case, condition):
                effort = [f"{row[k]:.3g}" if row[k] is not None else "-" for k in _EFFORT]
                shares = [f"{100 * row[v]:.0f} %" for v in headings]
                middle = effort[0] if len(set(effort)) == 1 else f"{effort[0]} ({effort[1]}-{effort[2]})"
                table.add_row(row["criterion"], *shares, middle, row["nominal_verdict"])
        console.print(table)
    people = rows[0]["people"]
    who = "the body itself" if people == 1 else f"{people} random people"
    console.print(
        f"Shares of verdicts and effort against undisturbed (median, {low:.0f}th to {high:.0f}th percentile) over "
        f"{who}; last column: the body itself.",
        highlight=False,
    )


#: Column of the summary -> its heading, short enough for 80 columns.
_HEADINGS = {
    "unchanged": "unchanged",
    "compensated": "compensated",
    "impossible": "impossible",
    "cannot_be_judged": "not judged",
}
_EFFORT = ("effort_ratio", "effort_ratio_low", "effort_ratio_high")


def _rows(table: Any) -> list[dict[str, Any]]:
    """Return the summary as plain data; null is "no number"."""
    plain = table.astype(object).where(table.notna(), None)
    return [dict(zip(table.columns, row, strict=True)) for row in plain.to_numpy().tolist()]


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show units done, elapsed and remaining time, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
