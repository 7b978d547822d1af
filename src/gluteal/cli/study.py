"""The command ``gluteal study``: run a plan, show progress, print who can still do what."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter


def register(app: App) -> None:
    """Add the command to the command line."""
    app.command(study)


def study(
    plan: Annotated[Path, Parameter(help="TOML file: bodies, movements, conditions, people (docs/studies.md).")],
    /,
    *,
    scheduler: Annotated[
        str | None, Parameter(help="Address of a Dask scheduler; without it processes of this machine.")
    ] = None,
    workers: Annotated[
        int | None, Parameter(help="Processes of this machine (default: one per core; 0: this process).")
    ] = None,
    resume: Annotated[bool, Parameter(help="Go on where a killed run of the same plan ended.")] = False,
    out: Annotated[
        Path | None, Parameter(help="Result, .nc or .zarr (default: the plan's name with .nc, here).")
    ] = None,
    json_: Annotated[bool, Parameter(name="--json", help="JSON on standard output.")] = False,
) -> int:
    """Run bodies or trials x movements x conditions x random people, restartable, on many machines."""
    from gluteal.cli import _print_json, _stdout
    from gluteal.study import load_plan, run_study, summarize_study

    checked = load_plan(plan)
    target = out if out is not None else Path(f"{plan.stem}.nc")
    with _bar(checked.name) as progress:
        result = run_study(checked, out=target, scheduler=scheduler, workers=workers, resume=resume, progress=progress)
    rows = _rows(summarize_study(result))
    if json_:
        _print_json(
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
        from gluteal.cli.show import show_rows

        show_rows(_stdout(), rows, hide=("people", "nominal_effort_ratio", "deficit", "deficit_low", "deficit_high"))
    print(f"Wrote {target}", file=sys.stderr)
    return 0


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
